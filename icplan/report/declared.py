"""What files of a deployment declare, as text: beside each report, where its changes stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.report.style import bullet, paragraph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from icplan.inputs.deployment import Parameter
    from icplan.inputs.place import Place
    from icplan.report.model import Answer, Declared, Report, ReportedChange

_ORIGINS = {"default": " (default)", "tried": " (each of them)"}

#: Characters of a parameter's value past which it is not shown.
MAX_VALUE = 60


def lines(answer: Answer, report_text: Callable[[Report], str]) -> Iterator[str]:
    """The answer on a deployment, line by line."""
    declared = answer.declared
    if declared is None:
        return
    if not answer.reports:
        yield from paragraph(f"NOTHING TO JUDGE: {nothing_in(declared)}", "", "  ")
        if answer.failed_on:
            yield f"fails here: --{', --'.join(answer.failed_on)}"
        yield ""
    for report in answer.reports:
        yield report_text(report)
        yield from _places(report)
    if declared.parameters and answer.reports:
        yield from paragraph(with_parameters(declared.parameters), "", "  ")
    for note in declared.notes:
        yield from paragraph(f"note: {note}", "", "  ")


def nothing_in(declared: Declared) -> str:
    """That the files declare nothing to judge, with the parameters they were given."""
    declares = "declares" if len(declared.files) == 1 else "declare"
    told = f" ({with_parameters(declared.parameters)})" if declared.parameters else ""
    return f"{', '.join(declared.files)} {declares} no change of an inference component{told}"


def with_parameters(parameters: Mapping[str, Parameter]) -> str:
    """The parameters' values, and which of them are defaults."""
    shown = [
        f"{name}={one.value if len(one.value) <= MAX_VALUE else '...'}" + _ORIGINS.get(one.origin, "")
        for name, one in parameters.items()
    ]
    return f"with {', '.join(shown)}"


def _places(report: Report) -> Iterator[str]:
    """Where each change is declared, fitting ones too; a line where it is one."""
    title = "Declared" if report.new else "Declared (judged on what the snapshot says)"
    told = [f"{one.judged.subject}: {_where(one.place)}{_instances(one)}" for one in report.changes]
    if len(told) == 1:
        first, *rest = paragraph(f"{title}: {told[0]}", "", "  ")
        yield click.style(title, bold=True) + first.removeprefix(title)
        yield from rest
    else:
        yield click.style(title, bold=True)
        for one in told:
            yield from bullet(one)
    yield ""


def _where(place: Place) -> str:
    """The line and the names of what is declared, and what else tells where it comes from."""
    parts = [part for part in (place.shown, place.construct, place.address) if part]
    if place.source:
        parts.append(f"source {place.source.shown}")
    return ", ".join((*parts, *(f"{one.note}: {one.shown}" for one in place.related if one.note)))


def _instances(change: ReportedChange) -> str:
    """How many instances it takes, where it fits."""
    peak = change.judged.peak_instances
    if peak is None or not change.outcome.fits:
        return ""
    return f"; {peak} {'instance' if peak == 1 else 'instances'} at the peak"
