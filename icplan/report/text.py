"""The verdict for a person: what comes of it, why, the picture, what would work, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.documents.safe_text import safe_text
from icplan.fleet.dimensions import counted
from icplan.report.findings_text import cause_at_rest, cause_lines, full, short
from icplan.report.fixes_text import fix_lines
from icplan.report.model import GUESS, outcomes
from icplan.report.picture_text import MAX_ROWS, caption, drawn, legend
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
from icplan.report.words import heading, out_of_time, subject_of, verbal
from icplan.requests.call import VERB
from icplan.verdict.finding import Severity
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.report.model import Answer, Report, ReportedChange, Run
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.verdict import AssumptionUse

# Who reads of one change that fits pays for no other part of a report.
# ruff: noqa: PLC0415

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
        yield "\n".join(_answer_lines(answer)).rstrip("\n")
    for error in run.errors:
        yield "\n".join(paragraph(f"NOT JUDGED: {error}", "", "  "))
    if run.several:
        from icplan.report.overview import overview

        if lines := list(overview(run)):
            yield "\n".join(lines)


def _answer_lines(answer: Answer) -> Iterator[str]:
    if answer.declared is not None:
        from icplan.report.declared import lines

        yield from lines(answer, report_text)
        return
    for report in answer.reports:
        yield from report_lines(report)


def report_text(report: Report) -> str:
    """One report, ended by a single end of line."""
    return "\n".join(report_lines(report)).rstrip("\n") + "\n"


def report_lines(report: Report) -> Iterator[str]:
    """One report, line by line; its parts end with an empty line, of which there is never more than one."""
    empty = True
    for line in _parts(report):
        if line or not empty:
            yield line
        empty = not line


def _parts(report: Report) -> Iterator[str]:
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
    yield from _foot(report, several=several)
    if several:
        yield from _all(report, where + taken)


def _foot(report: Report, *, several: bool) -> Iterator[str]:
    """What it rests on, the settings in force, what the gate makes of it, and where more is told."""
    by = f", by all {len(report.changes)} changes together" if several else ""
    rests = [*_assumptions(report, by), *_knowledge(report)]
    settings = [*_ignored(report.ignored), *_config(report), *_units(report), *_gate(report)]
    yield from rests
    if rests and settings:
        yield ""
    yield from settings
    yield from _tells_more(report)
    yield ""


def _knowledge(report: Report) -> Iterator[str]:
    """What is odd about the snapshot that was judged on."""
    if report.headline.new_endpoint:
        yield "no snapshot: judged as a new endpoint"
    elif not report.headline.taken_at:
        yield "the snapshot does not say when it was taken (TakenAt)"


def _tells_more(report: Report) -> Iterator[str]:
    """Where more is told: of the rule that says most, and of all of this."""
    rules = [one.main.rule.id for one in report.changes if one.main is not None]
    if rules:
        too = "" if look().verbose else ", and so does --verbose"
        yield f"icplan explain {rules[0]} tells more{too}."


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
    doubt += out_of_time(*changes) if outcome.fits else ""
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
    said: set[str] = set()
    if reported.outcome is Outcome.BLOCKED:
        yield from _blocked(reported, said)
    else:
        yield from _why(reported, said, drawn=look().verbose or alone or not reported.outcome.fits)
    yield from fix_lines(reported, asked)
    told = reported.outcome.fails or reported.fails_back  # and the finding says of which phase
    if (_differs(reported) and not told) or (look().verbose and _places(reported)):
        from icplan.report.timeline import table

        yield from table(reported.phases)
        yield ""
    if reported.outcome is not Outcome.BLOCKED:
        yield from _others(reported, said)


def _why(reported: ReportedChange, said: set[str], *, drawn: bool) -> Iterator[str]:
    """The cause, and what shows it right below."""
    cause = list(cause_lines(reported, said))
    pictures = list(_pictures(reported)) if drawn else []
    yield from cause[:-1] if pictures and not look().verbose else cause
    yield from pictures


def _blocked(reported: ReportedChange, said: set[str]) -> Iterator[str]:
    """What it meets now, and apart from that what comes of it once nothing is under way."""
    from icplan.report.diagnosis_text import at_rest_text, now_lines

    yield from cause_lines(reported, said)
    yield from now_lines(reported.judged)
    if rest := at_rest_text(reported.judged):
        yield from definition_list([("then", rest)])
        yield from cause_at_rest(reported)
        if look().verbose or (reported.judged.at_rest and not reported.judged.at_rest.outcome.fits):
            yield from _pictures(reported)
        else:
            yield ""
    yield from _others(reported, said)


def _others(reported: ReportedChange, said: set[str]) -> Iterator[str]:
    """What else was found, the first of it unless all is told."""
    others = reported.others
    if look().verbose:
        for finding in (*reported.follows, *others):
            yield from full(finding, said)
            yield ""
        return
    for finding in others[:MAX_FINDINGS]:
        yield from short(finding, reported.main)
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
    too_large = reported.cause is not None and not reported.cause.components
    if look().verbose and pictures.before is not None:
        yield from paragraph(caption(pictures.before, "Before"))
        yield from drawn(pictures.before, names)
        yield ""
    if tight is not None:
        for picture in tight.pictures:
            when = f"{'if it rolls back, ' if tight.phase.kind == 'rollback' else ''}{tight.phase.name}"
            yield from paragraph(caption(picture, heading(tight.phase, when)))
            yield from drawn(picture, names, most=1 if too_large and not picture.places_any else MAX_ROWS)
        yield from legend(tight.pictures)
        yield ""
    if look().verbose and pictures.after is not None:
        yield from paragraph(caption(pictures.after, "After"))
        yield from drawn(pictures.after, names)
        yield ""


def _assumptions(report: Report, by: str) -> Iterator[str]:
    """What the answer rests on: a line where it is one thing; the rules of AWS's own together."""
    told = list(_rests_on(report))
    if len(told) == 1:
        first, *rest = paragraph(f"Relied on{by}: {told[0]}", "", "  ")
        yield click.style(f"Relied on{by}", bold=True) + first.removeprefix(f"Relied on{by}")
        yield from rest
    elif told:
        yield click.style(f"Relied on{by}", bold=True)
        for text in told:
            yield from bullet(text)


def _rests_on(report: Report) -> Iterator[str]:
    uses = report.rests_on if look().verbose else [one for one in report.rests_on if not _told(one, report)]
    plain = [one for one in uses if one.basis == "documented" and not one.otherwise]
    folded = plain if len(plain) > 1 and not look().verbose else []
    if folded:
        values = ", ".join(f"{one.name} = {one.value}" for one in folded)
        yield f"{values} ({BASIS['documented']})"
    yield from (assumption_text(one) for one in uses if one not in folded)


def _told(use: AssumptionUse, report: Report) -> bool:
    """Whether a change says in its first finding that it turns on this, and what each value gives."""
    return any(
        use.name in one.judged.turns_on and one.main is not None and one.main.rule.id == GUESS
        for one in report.changes
    )


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


def _units(report: Report) -> Iterator[str]:
    """What it took, where all is told."""
    if look().verbose and report.verdict.units is not None:
        yield from paragraph(f"work: {report.verdict.units} units (--effort)", "", "  ")


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
