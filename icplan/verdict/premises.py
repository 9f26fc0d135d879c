"""What a phase's outcome stands on: instances, the copies there, and those to be placed.

A packing problem is a function of the premises, of the amounts and of what is launched: whoever has the
premises builds it again, and compares.
"""

from __future__ import annotations

import enum
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import attrs

from icplan.packing.problem import Arrangement, Bin, Kind, Problem
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from fractions import Fraction

    from icplan.packing.problem import Vector

#: Where copies wait that are not placed yet.
NOWHERE = "not placed yet"
#: CPU and memory come first in every vector; what an instance has of them is an interval.
UNCERTAIN = 2

#: The low and the high end of an amount.
Interval: TypeAlias = tuple[int, int]
#: The intervals of CPU and memory of each pool, one after another.
Box: TypeAlias = tuple[Interval, ...]


class Where(enum.StrEnum):
    """Where copies may lie while others are placed."""

    HELD = "held"
    AMONG_HELD = "among-held"
    RUNNING = "running"
    ANYWHERE = "anywhere"
    PERHAPS = "perhaps"


@frozen
class Held:
    """So many alike instances, and the copies that are known to lie on each."""

    instances: int
    copies: Mapping[str, int]


@frozen
class ReservedClass:
    """On so many instances no more was reserved, of each dimension that is measured."""

    instances: int
    most: Vector


@frozen
class PoolPremise:
    """Instances of one type: how many run, what each offers per dimension, and what may be launched.

    ``holds`` tells what lies on them where that is known; ``launchable`` how many more there may be, for sure
    and at most; ``reserved`` what metrics tell of all of them.
    """

    type: str
    count: int
    capacity: tuple[Interval, ...]
    holds: tuple[Held, ...] | None
    launchable: Interval
    reserved: tuple[ReservedClass, ...] = ()


@frozen
class ExistingPremise:
    """Copies that are there: what one takes on each type, how many leave, and where they may lie.

    Of those that may not be placed yet, an instance may have to be launched for ``coming``.
    """

    component: str
    demands: tuple[Vector | None, ...]
    copies: int
    leave: int
    where: Where
    coming: int = 0


@frozen
class TargetPremise:
    """The copies to be placed, and what one takes on each type."""

    demands: tuple[Vector | None, ...]
    copies: int


@frozen
class Group:
    """Alike instances of a problem: their type (``None``: where copies wait), number, holds, and bounds."""

    pool: int | None
    count: int
    launched: bool = False
    holds: Mapping[str, int] = attrs.field(factory=dict)
    reserved: Vector = ()


@frozen
class Premises:
    """What a phase stands on.

    CPU is counted in ``cpu_unit`` thousandths of a core. ``arriving`` instances are on their way, of any of
    the types; ``together`` may be launched of all types, for sure and at most. ``measured`` are the
    dimensions of which metrics tell how much was reserved by the copies that ran.
    """

    pools: tuple[PoolPremise, ...]
    existing: tuple[ExistingPremise, ...]
    target: TargetPremise
    cpu_unit: Fraction
    arriving: int
    together: Interval
    measured: tuple[int, ...] = ()

    @property
    def box(self) -> Box:
        """The intervals of what may be allocated."""
        return tuple(side for pool in self.pools for side in pool.capacity[:UNCERTAIN])

    @property
    def own(self) -> list[int]:
        """The types on whose instances a copy that is placed may lie."""
        return [number for number, demand in enumerate(self.target.demands) if demand is not None]

    @property
    def others(self) -> list[tuple[int, tuple[int, ...]]]:
        """Copies that may wait for an instance on which what is placed cannot lie, and its types."""
        found = []
        for one in self.existing:
            pools = tuple(n for n, d in enumerate(one.demands) if d is not None and n not in self.own)
            if one.where is Where.PERHAPS and pools and one.coming:
                found.append((one.coming, pools))
        return found

    @property
    def back(self) -> list[int]:
        """Types that what is placed cannot use, and that were perhaps launched for what is taken back."""
        loose = [one for one in self.existing if one.where is Where.ANYWHERE]
        able = {n for one in loose for n, demand in enumerate(one.demands) if demand is not None}
        return sorted(able.difference(self.own))

    @property
    def holds(self) -> list[dict[str, int]]:
        """The copies that lie on each group of running instances, and stay there."""
        return [self._pinned(group) for group in self._running()]

    def groups(self, launched: Mapping[int, int], elsewhere: Mapping[int, int] | None = None) -> list[Group]:
        """The instances, with so many launched of each type, and the place of what is not placed yet."""
        found = [*self._running(), *(Group(p, n, launched=True) for p, n in sorted(launched.items()) if n)]
        waits = any(one.where is Where.PERHAPS for one in self._without(elsewhere or {}))
        return [*found, Group(None, 1)] if waits else found

    def _without(self, elsewhere: Mapping[int, int]) -> list[ExistingPremise]:
        """What exists, without copies that lie where those to be placed cannot."""
        left = [(one, elsewhere.get(number, 0)) for number, one in enumerate(self.existing)]
        return [attrs.evolve(one, copies=one.copies - n) for one, n in left if not n or one.copies != n]

    def _running(self) -> list[Group]:
        pools = list(enumerate(self.pools))
        if self.measured:
            classes = ((n, one) for n, pool in pools for one in pool.reserved)
            return [Group(n, one.instances, reserved=one.most) for n, one in classes]
        if all(pool.holds is None for pool in self.pools):
            return [Group(number, pool.count) for number, pool in pools]
        pools.sort(key=lambda numbered: numbered[1].type)
        return [Group(n, one.instances, holds=one.copies) for n, pool in pools for one in pool.holds or ()]

    def bins(self, groups: Sequence[Group], box: Box) -> tuple[Bin, ...]:
        """The instances, each with the most that the box gives it."""
        return tuple(
            Bin(self.name(group), group.count, self.capacity(group, box, 1), self._load(group))
            for group in groups
        )

    def name(self, group: Group) -> str:
        """What a problem calls such instances."""
        if group.pool is None:
            return NOWHERE
        return f"{self.pools[group.pool].type}{' (launched)' if group.launched else ''}"

    def capacity(self, group: Group, box: Box, end: int) -> Vector:
        """What one of the instances offers at the low (0) or high (1) end of a box."""
        if group.pool is None:
            return (0,) * len(self.pools[0].capacity)
        own = box[UNCERTAIN * group.pool : UNCERTAIN * (group.pool + 1)]
        fixed = self.pools[group.pool].capacity[UNCERTAIN:]
        return tuple(side[end] for side in (*own, *fixed))

    def _pinned(self, group: Group) -> dict[str, int]:
        fixed = {one.component for one in self.existing if one.where is Where.HELD}
        return {name: n for name, n in group.holds.items() if name in fixed}

    def _load(self, group: Group) -> Vector:
        total = [0] * len(self.pools[0].capacity)
        for one in self.existing:
            if one.where is Where.HELD and group.pool is not None:
                n = group.holds.get(one.component, 0)
                for place, amount in enumerate(one.demands[group.pool] or ()):
                    total[place] += n * amount
        return tuple(total)

    def problem(self, launched: Mapping[int, int], box: Box) -> Problem:
        """Whether all fits if everything could be laid out at will; what is not placed yet is left out."""
        groups = self.groups(launched)
        kinds = [
            Kind(one.component, one.copies - one.leave, self._lies(one, groups))
            for one in self._free()
            if one.where is not Where.PERHAPS
        ]
        target = Kind("to place", self.target.copies, self._target(groups))
        return Problem(self.bins(groups, box), (*kinds, target))

    def bounded_problem(self, launched: Mapping[int, int], box: Box) -> Problem:
        """The same, where what ran when it was measured lies on each instance within the bounds of that."""
        groups, whole = self.groups(launched), self.problem(launched, box)
        free = [one for one in self._free() if one.where is not Where.PERHAPS]
        nothing = (0,) * len(self.measured)
        *running, target = whole.kinds
        kinds = [
            attrs.evolve(kind, demands=self._measured(one, groups))
            for kind, one in zip(running, free, strict=True)
        ]
        placed = tuple(None if one is None else one + nothing for one in target.demands)
        return Problem(self._bounded(whole.bins, groups), (*kinds, attrs.evolve(target, demands=placed)))

    def arrangement(
        self, launched: Mapping[int, int], box: Box, elsewhere: Mapping[int, int] | None = None
    ) -> Arrangement:
        """How much room the least favourable arrangement leaves, for any amounts of the box.

        ``elsewhere`` counts copies, by their place among those that exist, that lie on launched instances on
        which what is placed cannot lie.
        """
        return attrs.evolve(self, existing=tuple(self._without(elsewhere or {}))).question(launched, box)

    def question(self, launched: Mapping[int, int], box: Box) -> Arrangement:
        """The same with all that exists."""
        groups = self.groups(launched)
        lying = tuple(self._free())
        nothing = (0,) * len(self.measured)
        bounds = self._bounds(groups)
        least = [self.capacity(group, box, 0) for group in groups]
        return Arrangement(
            bins=self._bounded(self.bins(groups, box), groups),
            lying=tuple(Kind(one.component, one.copies, self._measured(one, groups)) for one in lying),
            target=tuple(None if one is None else one + nothing for one in self._target(groups)),
            leaves=tuple(one.leave for one in lying),
            counted=tuple(own + more for own, more in zip(least, bounds, strict=True)),
        )

    def _bounds(self, groups: Sequence[Group]) -> list[Vector]:
        nothing = (0,) * len(self.measured)
        return [group.reserved or nothing for group in groups]

    def _bounded(self, bins: Sequence[Bin], groups: Sequence[Group]) -> tuple[Bin, ...]:
        """The instances, each with the most that was reserved on it as one more thing that it has."""
        nothing = (0,) * len(self.measured)
        return tuple(
            attrs.evolve(one, capacity=one.capacity + more, used=one.used and one.used + nothing)
            for one, more in zip(bins, self._bounds(groups), strict=True)
        )

    def _measured(self, one: ExistingPremise, groups: Sequence[Group]) -> tuple[Vector | None, ...]:
        """What copies take of instances, and then of what was measured: those alone that ran then."""
        ran = one.where is Where.RUNNING
        return tuple(
            None if row is None else (*row, *(row[place] if ran else 0 for place in self.measured))
            for row in self._lies(one, groups)
        )

    def running(self, *, apart: bool) -> list[str]:
        """The components that the kinds of a problem stand for (``apart``: without what may not be there)."""
        return [one.component for one in self._free() if not apart or one.where is not Where.PERHAPS]

    def pinned(self, group: Group) -> Counter[str]:
        """The copies that are known to lie on each of these instances, and stay there."""
        return Counter(self._pinned(group))

    def _free(self) -> Iterator[ExistingPremise]:
        return (one for one in self.existing if one.where is not Where.HELD)

    def _target(self, groups: Sequence[Group]) -> tuple[Vector | None, ...]:
        return tuple(None if g.pool is None else self.target.demands[g.pool] for g in groups)

    def _lies(self, one: ExistingPremise, groups: Sequence[Group]) -> tuple[Vector | None, ...]:
        return tuple(self._demand(one, group) for group in groups)

    def _demand(self, one: ExistingPremise, group: Group) -> Vector | None:
        if group.pool is None:
            return (0,) * len(self.pools[0].capacity) if one.where is Where.PERHAPS else None
        if group.launched and one.where in (Where.RUNNING, Where.AMONG_HELD):
            return None
        if one.where is Where.AMONG_HELD and one.component not in group.holds:
            return None
        return one.demands[group.pool]
