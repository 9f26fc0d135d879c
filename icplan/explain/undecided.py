"""What is said where the time limit was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.judging.worlds import Undecided
from icplan.verdict import Finding, Severity

if TYPE_CHECKING:
    from icplan.judging.step import StepResult

NO_TIME = "no time was left to look at"
ALLOW_MORE = "allow more time (--time-limit)"


def undecided_finding(worst: StepResult) -> Finding:
    """Say of a step whether the search for an answer did not end, or no time was left to begin it."""
    begun = not isinstance(worst.worst_case, Undecided) or worst.worst_case.begun
    message = ALLOW_MORE if begun else f"{NO_TIME} this step; {ALLOW_MORE}"
    return Finding("ICP309", Severity.WARNING, f"{worst.step.name}: {message}")


def not_judged_finding() -> Finding:
    """Say that nothing of a change but its request was looked at."""
    return Finding("ICP309", Severity.WARNING, f"{NO_TIME} what this change meets; {ALLOW_MORE}")


def no_forecast_finding() -> Finding:
    """Say that the run of a change was not followed to its end."""
    message = f"{NO_TIME} how many instances are likely to be there at the end; {ALLOW_MORE}"
    return Finding("ICP309", Severity.WARNING, message)
