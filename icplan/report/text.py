"""The verdict for a person: at 80 columns, with or without colour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from icplan.documents.safe_text import safe_text
from icplan.fleet.dimensions import singular
from icplan.report import declared
from icplan.report import timeline as phases
from icplan.report.diagnosis_text import blocked_lines
from icplan.report.model import outcomes
from icplan.report.remedy_commands import command_lines
from icplan.report.style import COLOUR, bullet, definition_list, outcome_words, paragraph
from icplan.requests.call import VERB
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.report.model import Answer, Report, ReportedChange, ReportedFinding, Run
    from icplan.verdict.verdict import AssumptionUse, ChangeVerdict, Finding, Pace

#: Changes of one outcome whose numbers the closing line of a change set lists.
MOST_NUMBERED = 12
SECONDS_AS_THEY_ARE = 120


def render(run: Run) -> SafeText:
    """The run as text, with what it fails by where its outcome does not.

    Colour is in it as ANSI codes, which ``click.echo`` takes out where unwanted.
    """
    return safe_text("\n\n".join(_blocks(run)) + "\n")


def _blocks(run: Run) -> Iterator[str]:
    for answer in run.answers:
        lines = _report_lines(answer) if answer.declared is None else declared.lines(answer, report_text)
        yield "\n".join(lines).rstrip("\n")
    for error in run.errors:
        yield "\n".join(paragraph(f"NOT JUDGED: {error}", "", "  "))


def _report_lines(answer: Answer) -> Iterator[str]:
    for report in answer.reports:
        yield from report_lines(report)


def report_text(report: Report) -> str:
    """One report, ended by a single end of line."""
    return "\n".join(report_lines(report)).rstrip("\n") + "\n"


def report_lines(report: Report) -> Iterator[str]:
    """One report, line by line."""
    headline, changes = report.headline, report.changes
    taken = f", as of {headline.taken_at}" if headline.taken_at else ""
    where = headline.endpoint
    several = len(changes) > 1
    for change in changes:
        judged = change.judged
        verb = VERB.get(judged.operation, judged.operation)
        turns = f"; it turns on {' and '.join(judged.turns_on)}" if judged.turns_on else ""
        on = f" on {where}" if judged.inference_component_name or judged.endpoint_config_name else ""
        on = "" if judged.endpoint_name else on
        what = f"{verb} {_subject(judged)}{on}{'' if several else taken}{turns}"
        yield from _headline([change], what, "its rollback", known=change.known)
        if several:
            yield from paragraph(f"change {change.number} of {change.of}{_place(judged)}")
        yield ""
        yield from _change(change, report.asked)
    yield from _assumptions(report.rests_on, f", by all {len(changes)} changes together" if several else "")
    if headline.new_endpoint:
        yield "no snapshot: judged as a new endpoint"
        yield ""
    elif not taken:
        yield "the snapshot does not say when it was taken (TakenAt)"
        yield ""
    yield from _ignored(report.ignored)
    yield from _config(report)
    yield from _gate(report)
    if several:
        yield from _all(report, where + taken)


def _gate(report: Report) -> Iterator[str]:
    """What makes it pass or fail where its outcome does not, and what was known and is no more."""
    for one in report.fixed or ():
        yield from paragraph(f"fixed since the baseline: {one.rule} of {one.component}", "", "  ")
    if report.fixed:
        yield ""
    if by := ", ".join(_options(report.failed_on)):
        yield click.style(f"fails here: {by}", fg=COLOUR[Severity.ERROR])
        yield ""
    if report.passed_by:
        yield click.style(f"passes here: --{report.passed_by} knows all of it", fg=COLOUR[Outcome.FITS])
        yield ""


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


def _headline(
    changes: Sequence[ReportedChange], what: str, a_rollback: str, *, known: bool = False
) -> list[str]:
    """The outcome of the worst; of what fits, too, whether going back is in doubt."""
    outcome, back = outcomes(changes)
    words = outcome_words(outcome).upper()
    verb = "is " if back is Outcome.UNDECIDED else ""
    doubt = f", but {a_rollback} {verb}{outcome_words(back)}" if outcome.fits and not back.fits else ""
    doubt += ", as the baseline knows" if known else ""
    first, *rest = paragraph(f"{words}{doubt}: {what}", "", "  ")
    return [click.style(words, fg=COLOUR[outcome], bold=True) + first.removeprefix(words), *rest]


def _place(change: ChangeVerdict) -> str:
    """Which of several changes it is: the file, and where in it if that holds more than one."""
    path = (change.path or "").removesuffix(".Request").removeprefix("$")
    path = f"${path}" if path else ""
    place = " ".join(part for part in (change.file, path) if part)
    return f": {place}" if place else ""


def _change(reported: ReportedChange, asked: str | None) -> Iterator[str]:
    change = reported.judged
    if change.fleet is not None:
        yield from definition_list(_summary(change))
        yield ""
    if change.diagnosis or change.at_rest:
        yield from blocked_lines(change)
        yield ""
    if change.inference_component_name and any(phase.kind != "steady" for phase in reported.phases):
        yield from phases.table(reported.phases)
        yield ""
    said: set[str] = set()
    for finding in reported.findings:
        yield from _finding(finding, said)
        yield ""
    if reported.fixes:
        yield click.style("What would work", bold=True)
        for remedy in reported.fixes:
            back = remedy.rollback_outcome
            doubt = "" if back is None or back.fits else f", but its rollback {outcome_words(back)}"
            yield from bullet(f"{remedy.description}: {outcome_words(remedy.outcome)}{doubt}")
            yield from paragraph(remedy.how or "", "    ", "    ")
            yield from command_lines(remedy, asked, whole=remedy is reported.fixes[0])
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


def _finding(reported: ReportedFinding, said: set[str]) -> Iterator[str]:
    """A finding; what AWS would say is printed once, however many findings of a change lead to it."""
    finding = reported.finding
    label = click.style(f"{finding.severity} {finding.rule}", fg=COLOUR[finding.severity], bold=True)
    yield f"{label}  {reported.rule.title}"
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


def _assumptions(relied: Sequence[AssumptionUse], by: str) -> Iterator[str]:
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


def _config(report: Report) -> Iterator[str]:
    """Every setting that is not icplan's own, since who wrote it may want another answer.

    A rule that was to be ignored, and was not met, has hidden nothing.
    """
    config, met = report.config, [f"ignore.{rule}" for rule in report.ignored]
    settings = [one for one in config.settings if one.setting in met or not one.setting.startswith("ignore.")]
    if settings or config.files:
        yield click.style("Settings in force", bold=True)
        for one in settings:
            loosens = ", loosens" if one.loosens else ""
            yield from bullet(f"{one.setting} = {one.value} ({one.file or 'command line'}{loosens})")
        for file in config.files:
            yield from bullet(f"{file.file}: SHA-256 {file.sha256}")
        yield ""


def _all(report: Report, where: str) -> list[str]:
    """The closing line of a change set: its outcome, and which changes have which."""
    changes = report.changes
    numbers: dict[Outcome, list[int]] = {outcome: [] for outcome in Outcome}
    for change in changes:
        numbers[change.outcome].append(change.number)
    each = [f"{_listed(of)}: {outcome_words(outcome)}" for outcome, of in numbers.items() if of]
    which = f" ({'; '.join(each)})" if len(each) > 1 else ""
    what = f"all {len(changes)} changes together on {where}{which}"
    return _headline(changes, what, "a rollback", known=report.passed_by is not None)


def _listed(numbers: Sequence[int]) -> str:
    noun = "change" if len(numbers) == 1 else "changes"
    more = f" and {len(numbers) - MOST_NUMBERED} more" if len(numbers) > MOST_NUMBERED else ""
    return f"{noun} {', '.join(map(str, numbers[:MOST_NUMBERED]))}{more}"
