"""The exit code of a verdict: what a pipeline acts on."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection

    from icplan.verdict import Verdict


class FailOn(enum.StrEnum):
    """What a pipeline wants to fail on, besides what is known to fail."""

    DOES_NOT_FIT = "does-not-fit"
    SCALE_OUT = "scale-out"
    ROLLBACK = "rollback"


FITS, FAILS, CANNOT, DOUBT = 0, 1, 2, 3


def exit_code(verdict: Verdict, fail_on: Collection[FailOn] = ()) -> int:
    """0 fits, 1 fails, 3 may not fit or undecided; ``fail_on`` makes that milder or stricter."""
    outcome = verdict.outcome
    rollbacks = [c.rollback_outcome for c in verdict.changes if c.rollback_outcome is not None]
    if outcome.fails:
        return FAILS
    if FailOn.SCALE_OUT in fail_on and any(
        c.outcome is Outcome.FITS_AFTER_SCALE_OUT for c in verdict.changes
    ):
        return FAILS
    if FailOn.ROLLBACK in fail_on and not all(rollback.fits for rollback in rollbacks):
        return FAILS
    return FITS if outcome.fits or FailOn.DOES_NOT_FIT in fail_on else DOUBT
