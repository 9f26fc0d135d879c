"""One variant of an endpoint: as it is configured, and what is told of the instances that it runs."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.fleet.fleet import InstanceCounts

Layouts = tuple[tuple[str, ...], ...]

#: What tells how many instances run where the changes before it launch or release some.
FORESEEN = "what the changes before it leave"


@frozen
class Reservation:
    """A capacity reservation, as far as it is told; ``shared``: of each EC2 reservation shared to it."""

    arn: str | None = None
    preference: str | None = None
    total: int | None = None
    available: int | None = None
    used: int | None = None
    shared: tuple[int | None, ...] | None = None
    launched: int = 0

    def over(self, other: Reservation) -> Reservation:
        """What this one tells, and of what it does not tell what the other does."""
        told = attrs.asdict(self, recurse=False, filter=lambda _, value: value is not None)
        return attrs.evolve(other, **told)


@frozen
class ConfiguredPool:
    """An instance type of a variant, its priority, and where in the configuration it stands."""

    type: str
    priority: int
    where: str


@frozen
class RunningVariant:
    """What DescribeEndpoint tells of a variant: its instances, per type in ``pools`` where it tells that.

    ``number`` is its place among the variants that are described. ``counted_by`` names what tells of its
    instances where they are not those that are described: changes leave or start them.
    """

    number: int
    current: int | None = None
    desired: int | None = None
    pools: Mapping[str, int] | None = None
    layouts: Layouts = ()
    scaling: Mapping[str, Any] | None = None
    reservation: Reservation = Reservation()
    counted_by: str | None = attrs.field(default=None, eq=False)

    @property
    def counts(self) -> list[int]:
        """How many instances it has, by what is told of all types together."""
        return [count for count in (self.current, self.desired) if count is not None]

    @property
    def started(self) -> bool:
        """Whether a change starts the instances, so that nothing can describe them yet."""
        return self.counted_by not in (None, FORESEEN)

    @property
    def arriving(self) -> int:
        """How many of its instances are on their way; they count against a quota already."""
        desired = self.desired or 0
        return max(0, desired - (desired if self.current is None else self.current))


@frozen
class VariantState:
    """One variant. ``running`` is None where DescribeEndpoint does not tell of it.

    ``number`` is its place in the configuration (-1: it is not there), which has one ``instance_type``, or
    several in ``pools``, in the order written there; ``initial`` are the instances it was made with.
    """

    name: str
    number: int = 0
    instance_type: str | None = None
    pools: tuple[ConfiguredPool, ...] = ()
    initial: int | None = None
    layouts: Layouts = ()
    configured_scaling: Mapping[str, Any] | None = None
    configured_reservation: Reservation = Reservation()
    hosts_model: bool = False
    running: RunningVariant | None = None

    @property
    def declared(self) -> bool:
        """Whether the configuration has it, and not only DescribeEndpoint."""
        return self.number >= 0

    @cached_property
    def types(self) -> frozenset[str]:
        """The instance types that it is configured for."""
        return frozenset([*(pool.type for pool in self.pools), *filter(None, [self.instance_type])])

    @cached_property
    def preferred_types(self) -> list[str]:
        """The same, the preferred one first."""
        if self.instance_type is not None:
            return [self.instance_type]
        return [pool.type for pool in sorted(self.pools, key=lambda pool: pool.priority)]

    @cached_property
    def told(self) -> RunningVariant:
        """What is told of it, which may be nothing."""
        return self.running or RunningVariant(0)

    @cached_property
    def scaling(self) -> Mapping[str, Any] | None:
        """The managed instance scaling in force, when it is enabled: the endpoint's own wins."""
        return scaling_in_force(self.told.scaling, self.configured_scaling)

    @property
    def most_instances(self) -> int | None:
        """MaxInstanceCount, if managed instance scaling sets one."""
        most = (self.scaling or {}).get("MaxInstanceCount")
        return None if most is None else int(most)

    @cached_property
    def reservation(self) -> Reservation:
        """The capacity reservation: as it is configured, and what the endpoint tells of it."""
        return self.told.reservation.over(self.configured_reservation)

    def without_growth(self) -> VariantState:
        """The variant as if it could have no more instances than it has."""
        if self.scaling is None:
            return self
        there = max(self.told.counts, default=self.initial or 0)
        scaling = {**self.scaling, "MaxInstanceCount": min(there, self.most_instances or there)}
        told = None if self.running is None else attrs.evolve(self.running, scaling=scaling)
        return attrs.evolve(self, configured_scaling=scaling, running=told)

    def started(self) -> VariantState:
        """The variant once its first instances run, which nobody describes yet."""
        told = None if self.running is None else attrs.evolve(self.running, counted_by="InitialInstanceCount")
        return attrs.evolve(self, running=told)

    @property
    def instances(self) -> int:
        """What runs and will stay; the configuration's initial count when the endpoint is not described.

        Instances that are on their way count as yet to be launched, those being taken away as gone.
        """
        return min(self.told.counts, default=self.initial or 0)

    @cached_property
    def used(self) -> Counter[str]:
        """Instances per type, those that run and those on their way."""
        used = Counter(self.told.pools or {})
        total = max(self.told.counts, default=0 if self.told.pools else self.initial or 0)
        kinds = self.preferred_types or list(used)
        if kinds and total > used.total():
            # Instances are provisioned in priority order, so the first type takes those no pool counts.
            used[kinds[0]] += total - used.total()
        return used

    def resized(self, counts: InstanceCounts, *, number: int, per_type: bool, alone: bool) -> VariantState:
        """The variant with so many instances; those on their way come first where instances are launched.

        ``number`` is the place of its description if there is none yet, ``per_type`` tells whether instances
        are counted per type, ``alone`` that it is the only variant.
        """
        told = self.running or RunningVariant(number)
        coming, delta = told.arriving, sum(counts.delta.values())
        return attrs.evolve(
            self,
            running=attrs.evolve(
                told,
                current=counts.instances,
                desired=counts.instances + max(0, coming - max(0, delta)),
                pools=dict(counts.pools) if per_type else told.pools,
                reservation=_drawn_on(told.reservation, counts, coming, alone=alone),
                counted_by=FORESEEN if any(counts.delta.values()) else told.counted_by,
            ),
        )


def _drawn_on(told: Reservation, counts: InstanceCounts, coming: int, *, alone: bool) -> Reservation:
    """The reservation less what was launched out of it, but for what it has granted already."""
    if told == Reservation():
        return told
    delta = sum(counts.delta.values())
    granted = max(0, (told.used or 0) - counts.fleet.instances) if alone else 0
    drawn = delta - max(0, min(coming, granted, delta))
    return attrs.evolve(told, launched=told.launched + drawn)


def scaling_in_force(
    told: Mapping[str, Any] | None, configured: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """Managed instance scaling, when it is enabled: what the endpoint tells of it wins."""
    settings = told or configured or {}
    return settings if settings.get("Status", "ENABLED" if settings else None) == "ENABLED" else None


def releases_idle(scaling: Mapping[str, Any] | None) -> bool:
    """Whether a sweeper moves copies at times, so that where they lay tells nothing for sure."""
    return ((scaling or {}).get("ScaleInPolicy") or {}).get("Strategy") == "CONSOLIDATION"
