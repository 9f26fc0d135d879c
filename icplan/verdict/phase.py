"""The moments of a change at which copies must be placed, and how long they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.evidence import Evidence, Malformed
    from icplan.verdict.outcome import Outcome
    from icplan.verdict.premises import Premises
    from icplan.verdict.step_number import StepNumber


@frozen
class Pace:
    """Batches one after another: the seconds they wait in all, and those their copies are allowed to start.

    ``start_seconds`` is 0 where no StartupParameters tell it.
    """

    batches: int
    wait_seconds: int
    start_seconds: int

    @property
    def seconds(self) -> int:
        """Both together."""
        return self.wait_seconds + self.start_seconds


@frozen
class Duration:
    """How long a rolling update may take, and a rollback when all its old copies are gone.

    ``limit_seconds`` is MaximumExecutionTimeoutInSeconds, if it is given.
    """

    update: Pace
    rollback: Pace
    limit_seconds: int | None

    @property
    def surely_too_long(self) -> bool:
        """Whether the waits alone outlast the limit: each batch waits before old copies go (documented)."""
        return self.limit_seconds is not None and self.update.wait_seconds > self.limit_seconds


@frozen
class Phase:
    """One moment of a change, at which copies must be placed (or merely run).

    ``kind`` is ``steady``, ``place`` or ``rollback``. ``placement`` lists
    ``{"InstanceType", "Instances", "Running": {component: copies}, "Placed": {component: copies}}``.
    ``proof`` carries the packing problem it is about, so that it can be checked alone, and stands on
    ``premises``. ``old`` and ``new`` count the component's copies before the phase and after it; ``step``
    tells which of the steps it is (``None``: nothing is placed). Of a change of the endpoint it is that of a
    ``component`` on a ``variant``.
    """

    name: str
    kind: str
    outcome: Outcome
    instances_now: int
    instances_needed: int | None
    placement: tuple[Mapping[str, Any], ...] | None = None
    proof: Evidence | Malformed | None = None
    old: tuple[int, int] | None = None
    new: tuple[int, int] | None = None
    step: StepNumber | None = None
    premises: Premises | None = None
    component: str | None = None
    variant: str | None = None
