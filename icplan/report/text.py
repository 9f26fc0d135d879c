"""The verdict for a person: at 80 columns, with or without colour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from icplan.documents.safe_text import safe_text
from icplan.fleet.dimensions import singular
from icplan.report import timeline as phases
from icplan.report.style import COLOUR, bullet, definition_list, outcome_words, paragraph
from icplan.requests.call import VERB
from icplan.rules.registry import RULES
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.verdict import AssumptionUse, ChangeVerdict, Finding, Pace, Verdict

#: Changes of one outcome whose numbers the closing line of a change set lists.
MOST_NUMBERED = 12
SECONDS_AS_THEY_ARE = 120


def render(verdict: Verdict, failed_on: Sequence[str] = ()) -> SafeText:
    """The verdict as text, with what it fails by where its outcome does not.

    Colour is in it as ANSI codes, which ``click.echo`` takes out where unwanted.
    """
    return safe_text("\n".join(_lines(verdict, failed_on)).rstrip("\n") + "\n")


def _lines(verdict: Verdict, failed_on: Sequence[str]) -> Iterator[str]:
    taken = f", as of {verdict.snapshot.taken_at}" if verdict.snapshot.taken_at else ""
    where = verdict.snapshot.endpoint_name
    several = len(verdict.changes) > 1
    for number, change in enumerate(verdict.changes, start=1):
        verb = VERB.get(change.operation, change.operation)
        turns = f"; it turns on {' and '.join(change.turns_on)}" if change.turns_on else ""
        on = f" on {where}" if change.inference_component_name or change.endpoint_config_name else ""
        on = "" if change.endpoint_name else on
        what = f"{verb} {_subject(change)}{on}{'' if several else taken}{turns}"
        yield from _headline([change], what, "its rollback")
        if several:
            yield from paragraph(f"change {number} of {len(verdict.changes)}{_place(change)}")
        yield ""
        yield from _change(change)
    by = f", by all {len(verdict.changes)} changes together" if several else ""
    yield from _assumptions(verdict.assumptions, by)
    if verdict.snapshot.fingerprint is None:
        yield "no snapshot: judged as a new endpoint"
        yield ""
    elif not taken:
        yield "the snapshot does not say when it was taken (TakenAt)"
        yield ""
    yield from _ignored(verdict.ignored)
    yield from _config(verdict)
    if by := ", ".join(_options(failed_on)):
        yield click.style(f"fails here: {by}", fg=COLOUR[Severity.ERROR])
        yield ""
    if several:
        yield from _all(verdict.changes, where + taken)


def _subject(change: ChangeVerdict) -> str:
    """What a change is of, after its verb."""
    if change.operation == "CreateEndpointConfig":
        return change.endpoint_config_name or "(no name)"
    return change.inference_component_name or f"endpoint {change.endpoint_name or '(no name)'}"


def _options(failed_on: Sequence[str]) -> Iterator[str]:
    """What a verdict fails by, as the command line has it."""
    choices = [str(choice) for choice in FailOn]
    if gates := ", ".join(one for one in failed_on if one in choices):
        yield f"--fail-on {gates}"
    yield from (f"--{one}" for one in failed_on if one not in choices)


def _headline(changes: Sequence[ChangeVerdict], what: str, a_rollback: str) -> list[str]:
    """The outcome of the worst; of what fits, too, whether going back is in doubt."""
    outcome = Outcome.worst(change.outcome for change in changes)
    back = Outcome.worst(change.rollback_outcome for change in changes if change.rollback_outcome is not None)
    words = outcome_words(outcome).upper()
    verb = "is " if back is Outcome.UNDECIDED else ""
    doubt = f", but {a_rollback} {verb}{outcome_words(back)}" if outcome.fits and not back.fits else ""
    first, *rest = paragraph(f"{words}{doubt}: {what}", "", "  ")
    return [click.style(words, fg=COLOUR[outcome], bold=True) + first.removeprefix(words), *rest]


def _place(change: ChangeVerdict) -> str:
    """Which of several changes it is: the file, and where in it if that holds more than one."""
    path = (change.path or "").removesuffix(".Request").removeprefix("$")
    path = f"${path}" if path else ""
    place = " ".join(part for part in (change.file, path) if part)
    return f": {place}" if place else ""


def _change(change: ChangeVerdict) -> Iterator[str]:
    if change.fleet is not None:
        yield from definition_list(_summary(change))
        yield ""
    if any(phase.kind != "steady" for phase in change.phases):
        yield from phases.table(change.phases)
        yield ""
    said: set[str] = set()
    for finding in change.findings:
        yield from _finding(finding, said)
        yield ""
    if change.remedies:
        yield click.style("What would work", bold=True)
        for remedy in change.remedies:
            back = remedy.rollback_outcome
            doubt = "" if back is None or back.fits else f", but its rollback {outcome_words(back)}"
            yield from bullet(f"{remedy.description}: {outcome_words(remedy.outcome)}{doubt}")
            yield from paragraph(remedy.how or "", "    ", "    ")
        yield ""
    elif change.tried:
        yield click.style("What would work", bold=True)
        yield from paragraph(f"nothing icplan tried: {', '.join(change.tried)}")
        yield ""


def _summary(change: ChangeVerdict) -> Iterator[tuple[str, str]]:
    yield "fleet", change.fleet or ""
    if change.runs is not None:
        yield "runs", change.runs
    counts = [f"{change.instances_now} now"]
    if change.outcome is Outcome.BLOCKED:
        # How it would go, were it not for the state it meets, the timeline tells.
        yield "instances", counts[0]
        return
    if change.peak_instances is not None:
        would = "" if change.outcome.fits else "would be "
        counts.append(f"{would}{change.peak_instances} at the peak")
    if change.final_instances is not None:
        counts.append(f"likely {change.final_instances} at the end")
    yield "instances", ", ".join(counts)
    if change.duration is not None and not change.outcome.fails:
        limit = change.duration.limit_seconds
        yield "update", _pace(change.duration.update) + (f"; {_time(limit)} allowed" if limit else "")
        yield "rollback", _pace(change.duration.rollback)
    if change.inference_component_name and all(phase.kind == "steady" for phase in change.phases):
        yield "to place", "nothing: the change starts no copy"


def _pace(pace: Pace) -> str:
    batches = f"{pace.batches} batch{'' if pace.batches == 1 else 'es'}"
    start = f"up to {_time(pace.start_seconds)} to start" if pace.start_seconds else "start-up not limited"
    return f"{batches}: {_time(pace.wait_seconds)} of waiting, {start}"


def _time(seconds: int) -> str:
    """Seconds, or as many minutes as there are at most, where that is easier to grasp."""
    return f"{seconds} s" if seconds <= SECONDS_AS_THEY_ARE else f"{-(-seconds // 60)} min"


def _finding(finding: Finding, said: set[str]) -> Iterator[str]:
    """A finding; what AWS would say is printed once, however many findings of a change lead to it."""
    label = click.style(f"{finding.severity} {finding.rule}", fg=COLOUR[finding.severity], bold=True)
    yield f"{label}  {RULES[finding.rule].title}"
    yield from paragraph(finding.message if finding.message.endswith("?") else f"{finding.message}.")
    if figures := _figures(finding):
        yield from paragraph(figures)
    if finding.aws_error and finding.aws_error not in said:
        said.add(finding.aws_error)
        # An answer with quotation marks in it has none around it.
        answer = finding.aws_error if '"' in finding.aws_error else f'"{finding.aws_error}"'
        yield from paragraph(f"AWS would say: {answer}")
    if finding.path:
        place = ":".join(str(p) for p in (finding.file, finding.line, finding.column) if p is not None)
        yield from paragraph(f"at {place} {finding.path}" if place else f"at {finding.path}")


def _figures(finding: Finding) -> str:
    """Need and have, unless the message has said both, and the largest value that works."""
    pair = [
        (name, value) for name, value in (("need", finding.need), ("have", finding.have)) if value is not None
    ]
    parts = [f"{name} {_with_unit(value, finding.unit)}" for name, value in pair]
    if all(_says(finding.message, _number(value)) for _, value in pair):
        parts = []
    if finding.largest_that_works is not None:
        largest = _with_unit(finding.largest_that_works, finding.largest_unit)
        parts.append(f"largest that works: {largest}")
    return "; ".join(parts)


def _with_unit(value: float, unit: str | None) -> str:
    named = singular(unit) if unit and value == 1 else unit
    return f"{_number(value)} {named}" if named else _number(value)


def _says(message: str, number: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\.?\d)", message) is not None


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")


def _assumptions(assumptions: Iterable[AssumptionUse], by: str) -> Iterator[str]:
    relied = [assumption for assumption in assumptions if assumption.relied_on]
    if relied:
        yield click.style(f"Relied on{by}", bold=True)
        for assumption in relied:
            otherwise = [f"; {value}: {outcome_words(to)}" for value, to in assumption.otherwise.items()]
            otherwise += [f"; {assumption.threshold}"] if assumption.threshold else []
            basis = f"{assumption.basis}{''.join(otherwise)}"
            yield from bullet(f"{assumption.name} = {assumption.value} ({basis})")
        yield ""


def _ignored(ignored: Mapping[str, str]) -> Iterator[str]:
    """What was left out, so that nobody takes its absence for an answer."""
    if ignored:
        for rule, reason in ignored.items():
            yield from paragraph(f"ignored: {rule}{f' ({reason})' if reason else ''}", "", "  ")
        yield ""


def _config(verdict: Verdict) -> Iterator[str]:
    """Every setting that is not icplan's own, since who wrote it may want another answer.

    A rule that was to be ignored, and was not met, has hidden nothing.
    """
    config, met = verdict.config, [f"ignore.{rule}" for rule in verdict.ignored]
    settings = [one for one in config.settings if one.setting in met or not one.setting.startswith("ignore.")]
    if settings or config.files:
        yield click.style("Settings in force", bold=True)
        for one in settings:
            loosens = ", loosens" if one.loosens else ""
            yield from bullet(f"{one.setting} = {one.value} ({one.file or 'command line'}{loosens})")
        for file in config.files:
            yield from bullet(f"{file.file}: SHA-256 {file.sha256}")
        yield ""


def _all(changes: Sequence[ChangeVerdict], where: str) -> list[str]:
    """The closing line of a change set: its outcome, and which changes have which."""
    numbers: dict[Outcome, list[int]] = {outcome: [] for outcome in Outcome}
    for number, change in enumerate(changes, start=1):
        numbers[change.outcome].append(number)
    each = [f"{_listed(of)}: {outcome_words(outcome)}" for outcome, of in numbers.items() if of]
    which = f" ({'; '.join(each)})" if len(each) > 1 else ""
    return _headline(changes, f"all {len(changes)} changes together on {where}{which}", "a rollback")


def _listed(numbers: Sequence[int]) -> str:
    noun = "change" if len(numbers) == 1 else "changes"
    more = f" and {len(numbers) - MOST_NUMBERED} more" if len(numbers) > MOST_NUMBERED else ""
    return f"{noun} {', '.join(map(str, numbers[:MOST_NUMBERED]))}{more}"
