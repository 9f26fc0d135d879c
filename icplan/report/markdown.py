"""Markdown for the comment on a pull request, and for the summary of a step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from icplan.documents.safe_text import markdown_code, markdown_text, safe_markdown
from icplan.report import words
from icplan.report.declared import nothing_in, with_parameters
from icplan.report.overview import in_all
from icplan.report.style import outcome_words
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.documents.safe_text import SafeText
    from icplan.errors import InputProblem
    from icplan.report.model import Answer, Report, ReportedChange, ReportedFinding, Run

MAX_LENGTH: Final = 60_000
"""Characters. GitHub takes 65,536 of a comment, bytes that need several counted as several."""
_CUT: Final = "\n_The rest is left out here: the log has all of it._\n"
MAX_FIXES: Final = 3
"""Of one change; the text report has the others."""


def render(run: Run) -> SafeText:
    """A comment that begins with a mark, by which the one before it is found and replaced."""
    blocks = [_mark(run) + "\n" + f"### icplan: {markdown_text(in_all(run))}" + "\n"]
    for answer in run.answers:
        blocks += _answer(answer)
    if run.errors:
        blocks.append("\n**Not judged**\n\n" + "".join(f"- {_error(error)}\n" for error in run.errors))
    return safe_markdown(_within(blocks))


def _mark(run: Run) -> str:
    """The same from run to run: of a run on several endpoints, whichever of them are judged this time."""
    names = {re.sub(r"[^A-Za-z0-9._]+", "-", one.headline.endpoint) for one in run.reports}
    several = len(names) > 1 or (names and run.errors)
    return f"<!-- icplan:{'several' if several else next(iter(names), 'none')} -->"


def _within(blocks: Sequence[str]) -> str:
    """Whole blocks as long as there is room, so that no table and no fold is cut in two."""
    kept = ""
    for block in blocks:
        if len((kept + block + _CUT).encode()) > MAX_LENGTH:
            return kept + _CUT
        kept += block
    return kept


def _answer(answer: Answer) -> Iterator[str]:
    declared = answer.declared
    for report in answer.reports:
        yield from _report(report)
    if declared is not None and not answer.reports:
        yield f"\n{markdown_text(nothing_in(declared))}\n"
    if declared is not None and answer.reports and declared.parameters:
        yield f"\n{markdown_text(with_parameters(declared.parameters))}\n"
    if declared is not None and declared.notes:
        yield "\n" + "".join(f"- {markdown_text(note)}\n" for note in declared.notes)


def _report(report: Report) -> Iterator[str]:
    headline = report.headline
    taken = headline.taken
    new = ", judged as a new endpoint" if report.new else taken
    # Text for Markdown has no blank at its ends.
    blank = " " if new.startswith(" ") else ""
    yield f"\n{markdown_code(headline.endpoint)}{blank}{markdown_text(new)}\n"
    yield "\n| change | outcome | instances | line |\n|---|---|---|---|\n"
    yield from (_row(change) for change in report.changes)
    if (by := words.gate(report)) is not None:
        yield f"\n{markdown_text(by[0].upper() + by[1:])}.\n"
    for change in report.changes:
        if change.fixes:
            yield _fixes(change)
    for one in report.fixed or ():
        yield f"\nFixed since the baseline: {one.rule} of {markdown_code(one.component)}.\n"
    for change in report.changes:
        if change.findings:
            yield _findings(change)
    if rests := list(_rests_on(report)):
        yield _folded("What this rests on", rests)


def _row(change: ReportedChange) -> str:
    outcome = markdown_text(words.answered(change))
    told = outcome if change.outcome.fits else f"**{outcome}**"
    cause = next(iter(change.causes), None)
    why = "" if cause is None else f" \N{EN DASH} {markdown_text(_short(cause.finding.message))}"
    place = change.place.shown
    where = "" if place is None else markdown_code(place)
    verb, _, name = words.asked(change).partition(" ")
    return f"| {markdown_text(verb)} {markdown_code(name)} | {told}{why} | {_instances(change)} | {where} |\n"


def _short(message: str, most: int = 200) -> str:
    return message if len(message) <= most else f"{message[: most - 3]}..."


def _instances(change: ReportedChange) -> str:
    judged = change.judged
    now, peak = judged.instances_now, judged.peak_instances
    if now is None or peak is None:
        return "" if now is None else str(now)
    if peak == now:
        return str(now)
    return f"{now} → {peak} at the peak" if change.outcome.fits else f"{now}, {peak} needed"


def _fixes(change: ReportedChange) -> str:
    lines = [f"\n**Fix** {markdown_code(change.judged.inference_component_name)}\n\n"]
    lines += [
        f"{number}. {markdown_text(words.fix(one))}\n"
        for number, one in enumerate(change.fixes[:MAX_FIXES], 1)
    ]
    return "".join(lines)


def _findings(change: ReportedChange) -> str:
    found = [_finding(finding) for finding in change.findings]
    counts = [
        f"{number} {severity}{'' if number == 1 else 's'}"
        for severity in Severity
        if (number := sum(one.severity is severity for one in change.findings))
    ]
    return _folded(f"{words.asked(change)}: {', '.join(counts)}", found)


def _finding(finding: ReportedFinding) -> str:
    place = finding.place.shown
    where = f" {markdown_code(place)}" if place else ""
    known = " (known)" if finding.known else ""
    return f"{finding.severity} **{finding.rule.id}**{known} {markdown_text(words.told(finding))}{where}"


def _rests_on(report: Report) -> Iterator[str]:
    for use in report.rests_on:
        otherwise = [f"; {value}: {outcome_words(to)}" for value, to in use.otherwise.items()]
        otherwise += [f"; {use.threshold}"] if use.threshold else []
        yield markdown_text(f"{use.name} = {use.value} ({use.basis}{''.join(otherwise)})")
    for rule, reason in report.ignored.items():
        yield markdown_text(f"ignored: {rule}{f' ({reason})' if reason else ''}")
    for one in report.config.settings:
        if not one.setting.startswith("ignore."):
            loosens = ", loosens" if one.loosens else ""
            yield markdown_text(f"{one.setting} = {one.value} ({one.file or 'command line'}{loosens})")


def _folded(summary: str, items: Sequence[str]) -> str:
    lines = "".join(f"- {item}\n" for item in items)
    return f"\n<details><summary>{markdown_text(summary)}</summary>\n\n{lines}\n</details>\n"


def _error(error: InputProblem) -> str:
    return markdown_text(str(error))
