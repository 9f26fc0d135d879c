"""The exit code of a verdict: what a pipeline acts on."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection

    from icplan.verdict.verdict import Verdict


class FailOn(enum.StrEnum):
    """What a pipeline wants to fail on, besides what is known to fail."""

    DOES_NOT_FIT = "does-not-fit"
    SCALE_OUT = "scale-out"
    ROLLBACK = "rollback"
    UPDATE = "update"


class ExitCode(enum.IntEnum):
    """What `icplan` exits with."""

    OK = 0
    FAILS = 1
    ERROR = 2
    UNCERTAIN = 3


#: The rule that a component could not be updated later.
CANNOT_BE_UPDATED = "ICP606"
MAX_AGE, STRICT = "max-age", "strict"


@attrs.frozen
class Gate:
    """What a pipeline fails on: ``too_old`` is a snapshot past its --max-age, or of unknown age under one."""

    fail_on: Collection[FailOn] = ()
    strict: bool = False
    too_old: bool = False

    def failed_on(self, verdict: Verdict) -> tuple[str, ...]:
        """By what a verdict fails that would not, or not so, by its outcome."""
        if verdict.outcome.fails:
            return ()
        by = failed_on(verdict, self.fail_on)
        if self.strict and not verdict.outcome.fits:
            return (*by, STRICT)
        passes = not by and exit_code(verdict, self.fail_on) == ExitCode.OK
        return (*by, MAX_AGE) if self.too_old and passes else by

    def exit_code(self, verdict: Verdict) -> ExitCode:
        """0 fits, 1 fails, 3 may not fit or undecided, or fits by a snapshot that is too old."""
        by = self.failed_on(verdict)
        if by == (MAX_AGE,):
            return ExitCode.UNCERTAIN
        return ExitCode.FAILS if by else exit_code(verdict, self.fail_on)


def failed_on(verdict: Verdict, fail_on: Collection[FailOn]) -> tuple[str, ...]:
    """By which of ``fail_on`` a verdict fails that would not fail by its outcome."""
    if verdict.outcome.fails:
        return ()
    rollbacks = [c.rollback_outcome for c in verdict.changes if c.rollback_outcome is not None]
    met = {
        FailOn.SCALE_OUT: any(c.outcome is Outcome.FITS_AFTER_SCALE_OUT for c in verdict.changes),
        FailOn.ROLLBACK: not all(rollback.fits for rollback in rollbacks),
        FailOn.UPDATE: any(finding.rule == CANNOT_BE_UPDATED for finding in verdict.findings),
    }
    return tuple(str(choice) for choice, holds in met.items() if holds and choice in fail_on)


def exit_code(verdict: Verdict, fail_on: Collection[FailOn] = ()) -> ExitCode:
    """0 fits, 1 fails, 3 may not fit or undecided; ``fail_on`` makes that milder or stricter."""
    if verdict.outcome.fails or failed_on(verdict, fail_on):
        return ExitCode.FAILS
    return ExitCode.OK if verdict.outcome.fits or FailOn.DOES_NOT_FIT in fail_on else ExitCode.UNCERTAIN
