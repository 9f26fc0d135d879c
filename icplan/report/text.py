"""The verdict for a person: at 80 columns, with or without colour."""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING

import click

from icplan.report.printable import printable
from icplan.rules import RULES
from icplan.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from icplan.verdict import AssumptionUse, ChangeVerdict, Finding, Phase, Verdict

WIDTH = 80
_VERB = {
    "UpdateInferenceComponent": "update",
    "CreateInferenceComponent": "create",
    "UpdateInferenceComponentRuntimeConfig": "scale",
    "DeleteInferenceComponent": "delete",
}
_COLOUR = {
    Outcome.INVALID: "red",
    Outcome.BLOCKED: "red",
    Outcome.DOES_NOT_FIT: "red",
    Outcome.UNDECIDED: "yellow",
    Outcome.MAY_NOT_FIT: "yellow",
    Outcome.FITS_AFTER_SCALE_OUT: "green",
    Outcome.FITS: "green",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}


def render(verdict: Verdict) -> str:
    """The verdict as text. Colour is in it as ANSI codes, which ``click.echo`` takes out where unwanted."""
    parts = [_change(change, verdict.snapshot.endpoint_name) for change in verdict.changes]
    parts.append(_assumptions(verdict.assumptions))
    return "\n".join(line for part in parts for line in part) + "\n"


def _change(change: ChangeVerdict, endpoint: str) -> Iterator[str]:
    verb = _VERB.get(change.operation, change.operation)
    head = click.style(_words(change.outcome).upper(), fg=_COLOUR[change.outcome], bold=True)
    yield f"{head}: {verb} {printable(change.inference_component_name)} on {printable(endpoint)}"
    yield ""
    if change.fleet is not None:
        yield from _fields(_summary(change))
        yield ""
    if change.phases:
        yield from _phases(change.phases)
        yield ""
    for finding in change.findings:
        yield from _finding(finding)
        yield ""
    if change.remedies:
        yield click.style("What would work", bold=True)
        for remedy in change.remedies:
            yield from _item(f"{remedy.description}: {_words(remedy.outcome)}")
        yield ""


def _summary(change: ChangeVerdict) -> Iterator[tuple[str, str]]:
    yield "fleet", change.fleet or ""
    counts = [f"{change.instances_now} now"]
    if change.peak_instances is not None:
        would = "" if change.outcome.fits else "would be "
        counts.append(f"{would}{change.peak_instances} at the peak")
    if change.final_instances is not None:
        counts.append(f"likely {change.final_instances} at the end")
    yield "instances", ", ".join(counts)


def _fields(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in rows:
        yield from textwrap.wrap(f"  {name:<11}{printable(value)}", WIDTH, subsequent_indent=" " * 13)


def _phases(phases: Iterable[Phase]) -> Iterator[str]:
    """The timeline: a row per phase, alike ones in one row, with the copies before and after."""
    yield f"  {'phase':<24}{'old copies':>11}{'new copies':>11}{'instances':>10}  outcome"
    for row in _runs(phases):
        first, last = row[0], row[-1]
        name = first.name if first is last else _span(first.name, last.name)
        label = f"rollback: {name}" if first.kind == "rollback" else name
        needed = "-" if first.instances_needed is None else str(first.instances_needed)
        lines = textwrap.wrap(label, 23)
        outcome = click.style(_words(first.outcome), fg=_COLOUR[first.outcome])
        copies = f"{_arrow(first.old, last.old):>11}{_arrow(first.new, last.new):>11}"
        yield f"  {lines[0]:<24}{copies}{needed:>10}  {outcome}"
        for line in lines[1:]:
            yield f"    {line}"


def _arrow(first: tuple[int, int] | None, last: tuple[int, int] | None) -> str:
    if first is None or last is None or (first[0], last[1]) == (0, 0):
        return "-"
    return str(first[0]) if first[0] == last[1] else f"{first[0]} -> {last[1]}"


def _runs(phases: Iterable[Phase]) -> Iterator[list[Phase]]:
    """Phases with the same answer, one after another, are one row; those of a rollback are not in order."""

    def alike(phase: Phase) -> tuple[object, ...]:
        return phase.kind, phase.outcome, phase.instances_needed, phase.name.startswith("step ")

    for _, group in itertools.groupby(phases, key=alike):
        run = list(group)
        if run[0].kind == "rollback":
            yield from ([phase] for phase in run)
        else:
            yield run


def _span(first: str, last: str) -> str:
    """Names of a run of phases as one: ``steps 1 to 3 of 4``."""
    begin, end = (name.partition(":")[0] for name in (first, last))
    if begin.startswith("step ") and end.startswith("step "):
        return f"steps {begin.split()[1]} to {end.removeprefix('step ')}"
    return f"{first} ... {last}"


def _finding(finding: Finding) -> Iterator[str]:
    label = click.style(f"{finding.severity} {finding.rule}", fg=_COLOUR[finding.severity], bold=True)
    yield f"{label}  {RULES[finding.rule].title}"
    yield from _wrapped(f"{finding.message}.")
    figures = [
        f"{name} {_number(value)}"
        for name, value in (
            ("need", finding.need),
            ("have", finding.have),
            ("largest that works", finding.largest_that_works),
        )
        if value is not None
    ]
    if figures:
        yield from _wrapped(", ".join(figures))
    if finding.aws_error:
        yield from _wrapped(f'AWS would say: "{finding.aws_error}"')
    if finding.path:
        place = ":".join(str(p) for p in (finding.file, finding.line, finding.column) if p is not None)
        yield from _wrapped(f"at {place} {finding.path}" if place else f"at {finding.path}")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")


def _assumptions(assumptions: Iterable[AssumptionUse]) -> Iterator[str]:
    relied = [assumption for assumption in assumptions if assumption.relied_on]
    if relied:
        yield click.style("Relied on", bold=True)
        for assumption in relied:
            otherwise = [f"; {value}: {_words(outcome)}" for value, outcome in assumption.otherwise.items()]
            basis = f"{assumption.basis}{''.join(otherwise)}"
            yield from _item(f"{assumption.name} = {assumption.value} ({basis})")


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        printable(text), WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False
    )


def _item(text: str) -> Iterator[str]:
    yield from textwrap.wrap(printable(text), WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _words(outcome: Outcome) -> str:
    return str(outcome).replace("-", " ")
