"""Headroom as data: how many more copies fit, surely and at best, what binds, what is stranded, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.values import Answer
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.evidence import EveryWorld, FailingWorld, Layout, NoWorld
    from icplan.verdict.premises import Premises
    from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity


@attrs.frozen
class Range:
    """A number that lies between two ends; ``high`` is ``None`` where nothing tells one."""

    low: int
    high: int | None

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def __str__(self) -> str:
        """``2``, ``2 to 4``, ``2 or more``; ``not known`` where nothing is."""
        if self.high is None:
            return f"{self.low} or more" if self.low else "not known"
        return str(self.low) if self.exact else f"{self.low} to {self.high}"

    def reaches(self, number: int) -> bool | None:
        """Whether it is at least a number; ``None`` where that is not known."""
        if self.low >= number:
            return True
        return None if self.high is None or self.high >= number else False


@attrs.frozen
class RoomEvidence:
    """What proves the ends of `Room`: worlds where a claim is that there is one, proofs where there is none.

    ``every_world`` proves the low end of ``sure`` and ``failing_world`` its high end, on ``sure_premises``;
    ``layout`` proves the low end of ``best`` and ``no_world`` its high end, on ``best_premises``.
    """

    sure_premises: Premises
    best_premises: Premises
    every_world: EveryWorld | None = None
    failing_world: FailingWorld | None = None
    layout: Layout | None = None
    no_world: NoWorld | None = None


@attrs.frozen
class Room:
    """How many more copies fit: ``sure`` in every world, ``best`` in the most favourable one.

    ``launched`` more instances count for the first, and ``waiting`` copies that were asked for before come
    first in both.
    """

    sure: Range
    best: Range
    launched: int = 0
    waiting: int = 0
    evidence: RoomEvidence | None = None

    def holds(self, copies: int) -> bool | None:
        """Whether so many surely fit; false only where they do not even at best."""
        if self.sure.low >= copies:
            return True
        return False if self.best.reaches(copies) is False else None


@attrs.frozen
class LargestBatch:
    """The largest batch, in copies, with which a rolling update to copies as large as these is sure to go.

    ``update`` counts going forward alone; ``with_rollback`` also going back as SageMaker does where no
    RollbackMaximumBatchSize is given, ``with_equal_rollback`` where that is as large as the batch. 0: none.
    """

    update: int
    with_rollback: int
    with_equal_rollback: int


@attrs.frozen
class ComponentHeadroom:
    """How many more copies of one component fit.

    ``copies`` is how many it is to have, ``new`` tells that it is not there yet. ``binds`` names what ends
    its room now, and ``scattered`` the resources among them of which there is enough in all, but not on one
    instance. ``notes`` say what is to be known of it.
    """

    name: str
    variant: str
    copies: int
    now: Room | None
    max: Room | None
    autoscaling: Room | None
    binds: tuple[str, ...] = ()
    scattered: tuple[str, ...] = ()
    largest_batch: LargestBatch | None = None
    largest_batch_at_max: LargestBatch | None = None
    new: bool = False
    notes: tuple[str, ...] = ()

    def at(self, moment: str) -> Room | None:
        """The room ``now``, at ``max`` or with ``autoscaling``."""
        return {"now": self.now, "max": self.max, "autoscaling": self.autoscaling}[moment]


@attrs.frozen
class Stranded:
    """So much of a resource is free that no component there can use: surely, or as copies may lie.

    ``example`` shows how it may be spread: how many instances, and how much on each of them.
    """

    resource: str
    amount: Range
    sure: bool
    example: tuple[tuple[int, int], ...] = ()


@attrs.frozen
class FleetHeadroom:
    """The instances of one variant: how many run, and how many there may be, surely and at most.

    ``metrics`` names the reservation metrics that tell where copies may lie; ``resources`` are those of the
    amounts in evidence.
    """

    variant: str
    pools: Mapping[str, int]
    instances: int
    max_instances: Range
    limits: tuple[str, ...] = ()
    stranded: tuple[Stranded, ...] = ()
    notes: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


@attrs.frozen
class Wanted:
    """That a component is to have room for so many more copies at a moment, and whether it has.

    ``met`` is ``None`` where that is not known.
    """

    component: str
    copies: int
    at: str
    met: bool | None


@attrs.frozen
class Headroom(Answer):
    """How many more copies of each component fit, and what is left over."""

    snapshot: SnapshotIdentity
    components: Mapping[str, ComponentHeadroom]
    fleets: tuple[FleetHeadroom, ...]
    at: tuple[str, ...]
    at_least: tuple[Wanted, ...] = ()
    assumptions: tuple[AssumptionUse, ...] = ()

    def __repr__(self) -> str:
        at = ", ".join(self.at)
        return f"Headroom({self.snapshot.endpoint_name!r}, components={len(self.components)}, at={at!r})"

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data, as `icplan headroom --format json` writes it."""
        from icplan.verdict.headroom_codec import to_dict  # noqa: PLC0415  (few want it as data)

        return to_dict(self)

    @property
    def stranded(self) -> tuple[Stranded, ...]:
        """What no component there can use, on all variants."""
        return tuple(one for fleet in self.fleets for one in fleet.stranded)

    @property
    def exit_code(self) -> ExitCode:
        """0 where all that is asked for surely fits, 1 where some surely does not, 3 where it may not."""
        met = [one.met for one in self.at_least]
        if False in met:
            return ExitCode.FAILS
        return ExitCode.UNCERTAIN if None in met else ExitCode.OK
