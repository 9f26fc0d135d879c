"""What a run of several changes or endpoints comes to, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.report import words
from icplan.report.style import outcome_words, paragraph
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.report.model import Report, ReportedChange, Run

MAX_NAMED: Final = 12
"""Changes that do not surely fit which are named."""


def in_all(run: Run) -> str:
    """``1 of 10 changes may not fit; 1 file is not judged``: the worst outcome, and how many have it."""
    changes = [change for report in run.reports for change in report.changes]
    number = len(run.errors)
    errors = f"{number} {'file is' if number == 1 else 'files are'} not judged" if number else ""
    if not changes:
        return "not judged" if errors else "nothing to judge"
    outcome = Outcome.worst(change.outcome for change in changes)
    number = sum(change.outcome is outcome for change in changes)
    which = f"{number} of {len(changes)} changes" if len(changes) > 1 else words.asked(changes[0])
    told = _plural(outcome_words(outcome), number if len(changes) > 1 else 1)
    told += "".join(_more_that_fail(changes, outcome))
    known = all(report.passed_by or report.headline.outcome.fits for report in run.reports)
    passed = ", as the baseline knows" if known and not outcome.fits else ""
    late = words.out_of_time(*changes) if outcome.fits else ""
    return "; ".join(part for part in (f"{which} {told}{late}{passed}", errors) if part)


def _more_that_fail(changes: Sequence[ReportedChange], worst: Outcome) -> Iterator[str]:
    """``, 2 more do not fit``: of those that fail in another way than the worst."""
    for outcome in Outcome:
        number = sum(change.outcome is outcome for change in changes)
        if number and outcome.fails and outcome is not worst:
            yield f", {number} more {_plural(outcome_words(outcome), number)}"


def _plural(told: str, number: int) -> str:
    """``fits`` and ``does not fit``, of several."""
    if number == 1:
        return told if told.split(maxsplit=1)[0] in {"fits", "does", "may"} else f"is {told}"
    if told.startswith("fits"):
        return "fit" + told.removeprefix("fits")
    return (
        told.replace("does not", "do not") if told.split(maxsplit=1)[0] in {"does", "may"} else f"are {told}"
    )


def overview(run: Run) -> Iterator[str]:
    """The closing lines of a run on several endpoints: what it comes to, and each change that may not fit."""
    if len(run.reports) + len(run.errors) < 2 or not run.reports:  # noqa: PLR2004  (one speaks for itself)
        return
    yield from paragraph(f"IN ALL: {in_all(run)}", "", "  ")
    found = [
        (report, change) for report in run.reports for change in report.changes if not change.outcome.fits
    ]
    for report, change in found[:MAX_NAMED]:
        yield from paragraph(f"{outcome_words(change.outcome)}: {_named(report, change)}", "  ", "    ")
    if len(found) > MAX_NAMED:
        yield f"  and {len(found) - MAX_NAMED} more"


def _named(report: Report, change: ReportedChange) -> str:
    place = f" ({change.judged.file})" if change.judged.file else ""
    return f"{words.asked(change)} on {report.headline.endpoint}{place}"
