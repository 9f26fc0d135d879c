"""The exit code of a verdict: what a pipeline acts on."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from icplan.values import frozen
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from icplan.verdict.baseline import Baseline
    from icplan.verdict.change_verdict import ChangeVerdict
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
#: The rule that a change turns on the value of a parameter.
BY_VALUE = "ICP329"
#: That changes may be under way together, and that autoscaling raises what is made: neither is in the phases.
AT_ONCE, RAISED = "ICP331", "ICP332"
#: That a variant is to start outside its bounds, and that the base of an adapter is not in service: whether
#: AWS takes that is not known, and no phase shows it.
OUT_OF_BOUNDS, BASE_NOT_IN_SERVICE = "ICP154", "ICP208"
MAX_AGE, STRICT, BASELINE = "max-age", "strict", "baseline"


@frozen
class Gate:
    """What a pipeline fails on: ``too_old`` is a snapshot past its --max-age, or of unknown age under one.

    What a ``baseline`` knows passes while it is no worse; what --fail-on stops, and an age, it does not let
    pass: no amount tells whether these got worse.
    """

    fail_on: Collection[FailOn] = ()
    strict: bool = False
    too_old: bool = False
    baseline: Baseline | None = None

    def failed_on(self, verdict: Verdict) -> tuple[str, ...]:
        """By what a verdict fails that would not, or not so, by its outcome."""
        if self._known(verdict):
            return (MAX_AGE,) if self.too_old else ()
        if verdict.outcome.fails:
            return ()
        by = failed_on(verdict, self.fail_on)
        if self.strict and not verdict.outcome.fits:
            return (*by, STRICT)
        passes = not by and exit_code(verdict, self.fail_on) == ExitCode.OK
        return (*by, MAX_AGE) if self.too_old and passes else by

    def passed_by(self, verdict: Verdict) -> str | None:
        """What lets a verdict pass that would not by its outcome."""
        return BASELINE if self._known(verdict) and not self.too_old else None

    def exit_code(self, verdict: Verdict) -> ExitCode:
        """0 fits, 1 fails, 3 may not fit or undecided, or fits by a snapshot that is too old."""
        by = self.failed_on(verdict)
        if by == (MAX_AGE,):
            return ExitCode.UNCERTAIN
        if self._known(verdict):
            return ExitCode.OK
        return ExitCode.FAILS if by else exit_code(verdict, self.fail_on)

    def failed_by(self, change: ChangeVerdict, endpoint: str) -> str | None:
        """What stops a pipeline at this change: its outcome or an option; ``None`` where nothing does."""
        if not change.outcome.fits:
            known = self.baseline is not None and self.baseline.knows(change, endpoint)
            let = not change.outcome.fails and FailOn.DOES_NOT_FIT in self.fail_on and not self.strict
            return None if known or let else str(change.outcome)
        by = _met([change], self.fail_on)
        return f"--fail-on {by[0]}" if by else None

    def _known(self, verdict: Verdict) -> bool:
        """Whether it would not pass, but for the baseline."""
        if self.baseline is None or _met(verdict.changes, self.fail_on):
            return False
        passes = exit_code(verdict, self.fail_on) == ExitCode.OK
        if verdict.outcome.fits or (passes and not self.strict):
            return False
        endpoint = verdict.snapshot.endpoint_name
        return all(one.outcome.fits or self.baseline.knows(one, endpoint) for one in verdict.changes)


def cannot_end_in_time(change: ChangeVerdict) -> bool:
    """Whether the waits of an update alone outlast its limit (ICP137)."""
    return change.duration is not None and change.duration.surely_too_long


def _met(changes: Iterable[ChangeVerdict], fail_on: Collection[FailOn]) -> tuple[str, ...]:
    changes = tuple(changes)
    rollbacks = [c.rollback_outcome for c in changes if c.rollback_outcome is not None]
    met = {
        FailOn.SCALE_OUT: any(c.outcome is Outcome.FITS_AFTER_SCALE_OUT for c in changes),
        FailOn.ROLLBACK: not all(rollback.fits for rollback in rollbacks),
        FailOn.UPDATE: any(
            cannot_end_in_time(change)
            or any(one.rule == CANNOT_BE_UPDATED for one in (*change.findings, *change.hidden))
            for change in changes
        ),
    }
    return tuple(str(choice) for choice, holds in met.items() if holds and choice in fail_on)


def fail_on_of(verdict: Verdict) -> list[FailOn]:
    """What the settings in force fail on beside the outcome."""
    return [FailOn(one.value) for one in verdict.config.settings if one.setting == "fail-on"]


def failed_on(verdict: Verdict, fail_on: Collection[FailOn]) -> tuple[str, ...]:
    """By which of ``fail_on`` a verdict fails that would not fail by its outcome."""
    return () if verdict.outcome.fails else _met(verdict.changes, fail_on)


def exit_code(verdict: Verdict, fail_on: Collection[FailOn] = ()) -> ExitCode:
    """0 fits, 1 fails, 3 may not fit or undecided; ``fail_on`` makes that milder or stricter."""
    if verdict.outcome.fails or failed_on(verdict, fail_on):
        return ExitCode.FAILS
    return ExitCode.OK if verdict.outcome.fits or FailOn.DOES_NOT_FIT in fail_on else ExitCode.UNCERTAIN


def exit_code_of(codes: Collection[ExitCode]) -> ExitCode:
    """The exit code of several questions: the first that holds of 2, 1, 3, 0."""
    order = (ExitCode.ERROR, ExitCode.FAILS, ExitCode.UNCERTAIN)
    return next((code for code in order if code in codes), ExitCode.OK)
