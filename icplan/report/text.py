"""The verdict for a person: what comes of it, why, the picture, what would work, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.documents.safe_text import safe_text
from icplan.fleet.dimensions import counted
from icplan.report import declared
from icplan.report import timeline as phases
from icplan.report.diagnosis_text import blocked_lines
from icplan.report.findings_text import cause_lines, full, short
from icplan.report.fixes_text import fix_lines
from icplan.report.model import outcomes
from icplan.report.picture_text import MAX_ROWS, caption, drawn
from icplan.report.style import (
    COLOUR,
    bullet,
    definition_list,
    look,
    looking,
    outcome_words,
    paragraph,
)
from icplan.report.summary_text import summary
from icplan.report.words import verbal
from icplan.requests.call import VERB
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.report.model import Answer, Report, ReportedChange, Run
    from icplan.verdict.verdict import AssumptionUse, ChangeVerdict

#: Changes of one outcome whose numbers the closing line of a change set lists.
MAX_NUMBERED = 12
#: Findings besides the main one that are told unless all are.
MAX_FINDINGS = 8
#: What an assumption rests on, in words.
BASIS = {"documented": "documented by AWS", "measured": "measured", "inferred": "not documented, assumed"}


def render(run: Run) -> SafeText:
    """The run as text, with what it fails by where its outcome does not.

    Colour is in it as ANSI codes, which ``click.echo`` takes out where unwanted.
    """
    with looking(run.look):
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
    taken = headline.taken
    where = headline.endpoint
    several = len(changes) > 1
    turned = [] if several else list(turning(report))
    for change in changes:
        judged = change.judged
        verb = VERB.get(judged.operation, judged.operation)
        turns = f"; it turns on {' and '.join(judged.turns_on)}" if judged.turns_on else ""
        turns = turns or "".join(f"; {text}" for text in turned)
        on = f" on {where}" if judged.inference_component_name or judged.endpoint_config_name else ""
        on = "" if judged.endpoint_name else on
        what = f"{verb} {subject_of(judged)}{on}{'' if several else taken}{turns}"
        yield from _headline([change], what, "its rollback", known=change.known)
        if several:
            yield from paragraph(f"change {change.number} of {change.of}{_place(judged)}")
        yield ""
        yield from _change(change, report.asked, alone=not several)
    yield from _assumptions(report, f", by all {len(changes)} changes together" if several else "")
    if headline.new_endpoint:
        yield "no snapshot: judged as a new endpoint"
        yield ""
    elif not headline.taken_at:
        yield "the snapshot does not say when it was taken (TakenAt)"
        yield ""
    yield from _ignored(report.ignored)
    yield from _config(report)
    yield from _gate(report)
    if mains := dict.fromkeys(one.rule.id for change in changes for one in change.causes):
        ids = list(mains)
        main = next((one.main.rule.id for one in changes if one.main), ids[0])
        yield f"icplan explain {main} tells more."
        yield ""
    if several:
        yield from _all(report, where + taken)


def turning(report: Report) -> Iterator[str]:
    """Assumptions of which another value gives an answer of another kind."""
    outcome = report.headline.outcome
    for use in report.rests_on:
        if use.basis == "documented":
            continue
        for value, other in use.otherwise.items():
            if (other.fails, other.fits) != (outcome.fails, outcome.fits):
                yield f"assumes {use.name} = {use.value}, with {value} it {verbal(other)}"


def _gate(report: Report) -> Iterator[str]:
    """What makes it pass or fail where its outcome does not, and what was known and is no more."""
    for one in report.fixed or ():
        yield from paragraph(f"fixed since the baseline: {one.rule} of {one.component}", "", "  ")
    if report.fixed:
        yield ""
    if by := ", ".join(options(report.failed_on)):
        yield click.style(f"fails here: {by}", fg=COLOUR[Severity.ERROR])
        yield ""
    if report.passed_by:
        yield click.style(f"passes here: --{report.passed_by} knows all of it", fg=COLOUR[Outcome.FITS])
        yield ""


def subject_of(change: ChangeVerdict) -> str:
    """What a change is of, after its verb."""
    if change.operation == "CreateEndpointConfig":
        return change.endpoint_config_name or "(no name)"
    return change.inference_component_name or f"endpoint {change.endpoint_name or '(no name)'}"


def options(failed_on: Sequence[str]) -> Iterator[str]:
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


def _change(reported: ReportedChange, asked: str | None, *, alone: bool) -> Iterator[str]:
    """What changes, why it is so, the picture, what would work, the way, and what else was found."""
    rows = list(summary(reported))
    if rows:
        yield from definition_list(rows)
        yield ""
    if reported.judged.diagnosis or reported.judged.at_rest:
        yield from blocked_lines(reported.judged)
        yield ""
    said: set[str] = set()
    yield from cause_lines(reported, said)
    rest = reported.judged.at_rest
    matters = rest is None or not rest.outcome.fits
    if look().verbose or (matters and (alone or not reported.outcome.fits)):
        yield from _pictures(reported)
    yield from fix_lines(reported, asked)
    if _differs(reported) or (look().verbose and _places(reported)):
        yield from phases.table(reported.phases)
        yield ""
    others = reported.others
    if look().verbose:
        for finding in (*reported.follows, *others):
            yield from full(finding, said)
            yield ""
        return
    for finding in others[:MAX_FINDINGS]:
        yield from short(finding)
    if (more := len(others) - MAX_FINDINGS) > 0:
        yield from paragraph(f"and {counted(more, 'more finding')} (--verbose)", "", "  ")
    if others:
        yield ""


def _places(reported: ReportedChange) -> bool:
    """Whether any copy has to be placed for it."""
    return bool(reported.judged.inference_component_name) and any(
        phase.kind != "steady" for phase in reported.phases
    )


def _differs(reported: ReportedChange) -> bool:
    """Whether not all phases come out alike."""
    if not reported.judged.inference_component_name:
        return False
    return len({phase.outcome for phase in reported.phases if phase.kind != "steady"}) > 1


def _pictures(reported: ReportedChange) -> Iterator[str]:
    """The instances at the tightest step; where all is told, before and after it as well."""
    pictures, names = reported.pictures, reported.judged.resources
    tight = reported.moment
    # Where not even an empty instance holds a copy, one says it.
    alike = reported.cause is not None and not reported.cause.components
    if look().verbose and pictures.before is not None:
        yield from paragraph(caption(pictures.before, "Before"))
        yield from drawn(pictures.before, names)
        yield ""
    if tight is not None:
        for picture in tight.pictures:
            when = f"{'if it rolls back, ' if tight.phase.kind == 'rollback' else ''}{tight.phase.name}"
            yield from paragraph(caption(picture, f"{when[0].upper()}{when[1:]}"))
            yield from drawn(picture, names, most=1 if alike else MAX_ROWS)
        yield ""
    if look().verbose and pictures.after is not None:
        yield from paragraph(caption(pictures.after, "After"))
        yield from drawn(pictures.after, names)
        yield ""


def _assumptions(report: Report, by: str) -> Iterator[str]:
    if report.rests_on:
        yield click.style(f"Relied on{by}", bold=True)
        for use in report.rests_on:
            yield from bullet(assumption_text(use))
        yield ""


def assumption_text(use: AssumptionUse) -> str:
    """An assumption with its value, what that rests on, and what other values would give."""
    otherwise = "".join(f"; with {value} it {verbal(to)}" for value, to in use.otherwise.items())
    threshold = f"; {use.threshold}" if use.threshold else ""
    return f"{use.name} = {use.value} ({BASIS.get(use.basis, use.basis)}{otherwise}{threshold})"


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
    turns = "".join(f"; {text}" for text in turning(report))
    what = f"all {len(changes)} changes together on {where}{which}{turns}"
    return _headline(changes, what, "a rollback", known=report.passed_by is not None)


def _listed(numbers: Sequence[int]) -> str:
    noun = "change" if len(numbers) == 1 else "changes"
    more = f" and {len(numbers) - MAX_NUMBERED} more" if len(numbers) > MAX_NUMBERED else ""
    return f"{noun} {', '.join(map(str, numbers[:MAX_NUMBERED]))}{more}"
