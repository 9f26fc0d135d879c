"""GitHub: annotations as workflow commands, after the text report; and the summary of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.documents.safe_text import SafeText, workflow_command
from icplan.report import text, words
from icplan.report.places import best_place, in_checkout
from icplan.verdict.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.errors import InputProblem
    from icplan.report.model import ReportedChange, ReportedFinding, Run

MAX_A_LEVEL: Final = 10
"""Annotations of one level that GitHub takes from one step; the rest it drops without a word."""
MAX_TITLE: Final = 255
MAX_MESSAGE: Final = 4000
_COMMAND: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(run: Run) -> SafeText:
    """The text report, and an annotation at each finding; what is known by a baseline is a notice."""
    levels: dict[str, list[SafeText]] = {command: [] for command in _COMMAND.values()}
    levels["error"] += [_problem(error) for error in run.errors]
    for _, change, finding in run.findings:
        level = "notice" if finding.known else _COMMAND[finding.severity]
        levels[level].append(_annotation(level, change, finding))
    lines = [line for level, found in levels.items() for line in _cut(level, found)]
    # An annotation is read at the start of a line only.
    return SafeText("".join((text.render(run), *(f"{line}\n" for line in lines))))


def _cut(level: str, found: Sequence[SafeText]) -> Iterator[SafeText]:
    """As many as GitHub takes; where there are more, the last says how many."""
    if len(found) <= MAX_A_LEVEL:
        yield from found
        return
    yield from found[: MAX_A_LEVEL - 1]
    more = len(found) - MAX_A_LEVEL + 1
    yield workflow_command(level, {"title": "icplan"}, f"and {more} more: the log of this step has them all")


def _annotation(level: str, change: ReportedChange, finding: ReportedFinding) -> SafeText:
    place = best_place(finding, change)
    title = f"{finding.rule.id} {finding.rule.title}"
    lines = [f"{words.asked(change)} {words.answered(change)}. {finding.finding.message}."]
    if finding is next(iter(change.causes), None):
        lines += [f"What would work: {words.fix(one)}" for one in change.fixes]
    return _command(level, place.file, place.line, place.column, title, "\n".join(lines))


def _problem(error: InputProblem) -> SafeText:
    return _command("error", error.file, error.line, error.column, "icplan could not judge", str(error))


def _command(
    level: str, file: str | None, line: int | None, column: int | None, title: str, message: str
) -> SafeText:
    properties: dict[str, str] = {}
    if (path := in_checkout(file)) is not None:
        properties["file"] = path
        if line is not None:
            properties["line"] = str(line)
            if column is not None:
                properties["col"] = str(column)
    properties["title"] = title[:MAX_TITLE]
    short = message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 3]}..."
    return workflow_command(level, properties, short)
