"""A step as a packing problem: instances as bins, copies as kinds of items."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.metric_classes import classes_of, measured_dimensions, measured_part
from icplan.packing.problem import Arrangement, Bin, Kind, Problem
from icplan.rollout.steps import Scope
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Demand, Fleet, InstanceContents
    from icplan.packing.problem import Pattern, Vector
    from icplan.rollout.steps import ExistingCopies, Step

NOT_PLACED = "not placed yet"


@frozen
class InstanceGroup:
    """Alike instances: of which pool, how many, what they are known to hold, and whether they are launched.

    ``pool`` is ``None`` for the place where copies that are not placed yet wait. At most so much as
    ``reserved`` says was reserved on each, of each dimension that metrics tell of.
    """

    pool: int | None
    count: int
    holds: Mapping[str, int] | None = None
    launched: bool = False
    reserved: Vector = ()


@frozen
class PackingModel:
    """The bins of a question, and which copies are fixed in them."""

    fleet: Fleet
    groups: tuple[InstanceGroup, ...]
    fixed: frozenset[str]

    @classmethod
    def of(
        cls, fleet: Fleet, existing: Sequence[ExistingCopies], launched: Mapping[int, int]
    ) -> PackingModel:
        """Lay the fleet out, with ``launched`` more instances per pool."""
        groups = [
            *_running(fleet),
            *(InstanceGroup(p, n, launched=True) for p, n in sorted(launched.items()) if n),
        ]
        if any(entry.where is Scope.MAYBE_PLACED for entry in existing):
            groups.append(InstanceGroup(None, 1))
        fixed = frozenset(_fixed(fleet, existing)) if fleet.contents is not None else frozenset()
        return cls(fleet, tuple(groups), fixed)

    def bins(self, box: AllocatableBox) -> tuple[Bin, ...]:
        """The instances, each with the most that the box gives it."""
        offered = self._capacities(box, low=False)
        return tuple(
            Bin(self._name(group), group.count, most, self._used(group))
            for group, most in zip(self.groups, offered, strict=True)
        )

    def problem(self, step: Step, box: AllocatableBox) -> Problem:
        """Whether all fits if everything could be held out at will. Copies not placed yet are left out."""
        existing = [entry for entry in step.existing if entry.where is not Scope.MAYBE_PLACED]
        kinds = [attrs.evolve(kind, count=kind.count - left) for kind, left, _ in self._kinds(existing)]
        target = Kind("to place", step.placed_before + step.copies, self._target(step.need))
        return Problem(self.bins(box), (*kinds, target))

    def bounded_problem(self, step: Step, box: AllocatableBox) -> Problem:
        """The same, where what ran when it was measured lies on each instance within the bounds of that."""
        dims, whole = self._measured, self.problem(step, box)
        entries = [entry for entry in step.existing if entry.where is not Scope.MAYBE_PLACED]
        ran = [counts for _, _, counts in self._kinds(entries)]
        kinds = zip(whole.kinds, (*ran, False), strict=True)
        bounded = tuple(_as_measured(kind, dims, counts=counts) for kind, counts in kinds)
        return Problem(self._with_bounds(whole.bins), bounded)

    def measured_problem(self, existing: Sequence[ExistingCopies], box: AllocatableBox) -> Problem:
        """Whether what runs can lie as metrics tell."""
        dims = self._measured
        kinds = (_as_measured(kind, dims, counts=ran) for kind, _, ran in self._kinds(existing))
        return Problem(self._with_bounds(self.bins(box)), tuple(kinds))

    def _with_bounds(self, bins: Sequence[Bin]) -> tuple[Bin, ...]:
        """The instances, each with the most that was reserved on it as one more thing that it has."""
        if not self._measured:
            return tuple(bins)
        added = zip(bins, self._bounds, strict=True)
        return tuple(attrs.evolve(one, capacity=one.capacity + more) if more else one for one, more in added)

    @cached_property
    def _measured(self) -> tuple[int, ...]:
        return measured_dimensions(self.fleet)

    @cached_property
    def _bounds(self) -> list[Vector]:
        nothing = (0,) * len(self._measured)
        return [group.reserved or nothing for group in self.groups]

    def existing_problem(self, box: AllocatableBox, apart: str | None = None) -> Problem:
        """Whether what runs for sure can run there; the component ``apart`` has kinds of its own."""
        kinds: list[Kind] = []
        for component in self.fleet.grouped(apart):
            if component.placed and component.name not in self.fixed:
                kinds.extend(self._split(component.name, component.need, component.placed, component.by_type))
        return Problem(self.bins(box), tuple(kinds))

    def arrangement(self, step: Step, box: AllocatableBox) -> Arrangement:
        """How much room the least favourable arrangement leaves, whatever the box's instances can allocate.

        Copies may lie as the box's high end allows; room is counted against its low end.
        """
        kinds = list(self._kinds(step.existing))
        dims, target, counted = self._measured, self._target(step.need), self._capacities(box, low=True)
        if dims:
            target = tuple(measured_part(one, dims, counts=False) for one in target)
            counted = tuple(least + more for least, more in zip(counted, self._bounds, strict=True))
        return Arrangement(
            bins=self._with_bounds(self.bins(box)),
            lying=tuple(_as_measured(kind, dims, counts=ran) for kind, _, ran in kinds),
            target=target,
            leaves=tuple(left for _, left, _ in kinds),
            counted=counted,
        )

    def _name(self, group: InstanceGroup) -> str:
        if group.pool is None:
            return NOT_PLACED
        name = self.fleet.pools[group.pool].type.name
        return f"{name} (launched)" if group.launched else name

    def _capacities(self, box: AllocatableBox, *, low: bool) -> tuple[Vector, ...]:
        """What an instance of each group offers, reckoned once for each pool."""
        offered = [
            self.fleet.capacity(pool, *(side.low if low else side.high))
            for pool, side in zip(self.fleet.pools, box.sides, strict=True)
        ]
        nothing = (0,) * len(self.fleet.dimensions)
        return tuple(nothing if group.pool is None else offered[group.pool] for group in self.groups)

    def _used(self, group: InstanceGroup) -> Vector | None:
        if group.pool is None or not group.holds or not self.fixed:
            return None
        return load(self.fleet, self.fleet.pools[group.pool].type.name, self.pinned(group))

    def pinned(self, group: InstanceGroup) -> dict[str, int]:
        """The copies that are known to lie on each of these instances, and stay there."""
        return {name: n for name, n in (group.holds or {}).items() if name in self.fixed}

    def _target(self, need: Demand) -> tuple[Vector | None, ...]:
        on = self._demands(need)
        return tuple(None if group.pool is None else on[group.pool] for group in self.groups)

    def _demands(self, need: Demand) -> list[Vector | None]:
        """What a copy takes on an instance of each pool."""
        return [self.fleet.demand(need, pool.type.name) for pool in self.fleet.pools]

    def _kinds(self, existing: Sequence[ExistingCopies]) -> Iterator[tuple[Kind, int, bool]]:
        """A kind per component (and type, where that is known), how many copies leave, and if they ran."""
        for number, entry in enumerate(existing):
            component = entry.component
            whole = entry.where is Scope.RUNNING and entry.copies == component.placed
            if whole and not entry.departed:
                if component.name not in self.fixed:
                    for kind in self._split(component.name, component.need, entry.copies, component.by_type):
                        yield kind, 0, True
                continue
            takes = self._demands(component.need)
            demands = tuple(self._lies(entry, group, takes) for group in self.groups)
            kind = Kind(f"{component.name} #{number}", entry.copies, demands)
            yield kind, entry.departed, entry.where is Scope.RUNNING

    def _lies(
        self, entry: ExistingCopies, group: InstanceGroup, takes: Sequence[Vector | None]
    ) -> Vector | None:
        if group.pool is None:
            return (0,) * len(self.fleet.dimensions) if entry.where is Scope.MAYBE_PLACED else None
        if group.launched and entry.where is Scope.RUNNING:
            return None
        known = self.fleet.contents is not None and entry.where is Scope.RUNNING and not group.launched
        if known and entry.component.name not in (group.holds or {}):
            return None
        return takes[group.pool]

    def _split(
        self, name: str, need: Demand, copies: int, by_type: Mapping[str, int] | None
    ) -> Iterator[Kind]:
        on = {None: copies} if by_type is None or len(self.fleet.pools) == 1 else dict(by_type)
        takes = self._demands(need)
        for kind, count in on.items():
            demands = tuple(
                takes[group.pool]
                if not group.launched and group.pool is not None and kind in (None, self._type(group.pool))
                else None
                for group in self.groups
            )
            yield Kind(name if kind is None else f"{name} on {kind}", count, demands)

    def overloaded(self, box: AllocatableBox) -> bool:
        """Whether some instance is known to hold more than the box's high end gives it."""
        used_by = map(self._used, self.groups)
        pairs = zip(used_by, self._capacities(box, low=False), strict=True)
        return any(used and any(u > c for u, c in zip(used, most, strict=True)) for used, most in pairs)

    def max_loads(self, arrangement: Arrangement, patterns: Sequence[Pattern]) -> tuple[tuple[int, int], ...]:
        """The most CPU and memory that lies on one instance of each pool."""
        most = [(0, 0)] * len(self.fleet.pools)
        held = [(bin_.used, group) for bin_, group in zip(arrangement.bins, self.groups, strict=True)]
        held += [
            (pattern_load(arrangement, pattern, pattern.copies), self.groups[pattern.bin])
            for pattern in patterns
        ]
        for taken, group in held:
            if taken and group.pool is not None:
                cpu, memory = most[group.pool]
                most[group.pool] = (max(cpu, taken[0]), max(memory, taken[1]))
        return tuple(most)

    def _type(self, pool: int) -> str:
        return self.fleet.pools[pool].type.name


def _as_measured(kind: Kind, dimensions: Sequence[int], *, counts: bool) -> Kind:
    if not dimensions:
        return kind
    demands = tuple(measured_part(one, dimensions, counts=counts) for one in kind.demands)
    return attrs.evolve(kind, demands=demands)


def pattern_load(arrangement: Arrangement, pattern: Pattern, copies: Sequence[int]) -> Vector:
    """What lies in each bin of a pattern, were it to hold these copies."""
    total = list(arrangement.bins[pattern.bin].used or (0,) * len(arrangement.bins[pattern.bin].capacity))
    for kind, n in zip(arrangement.lying, copies, strict=True):
        for place, amount in enumerate(kind.demands[pattern.bin] or ()):
            total[place] += n * amount
    return tuple(total)


def load(fleet: Fleet, instance_type: str, copies: Mapping[str, int]) -> Vector:
    """What these copies reserve together on an instance of that type."""
    total = [0] * len(fleet.dimensions)
    for name, n in copies.items():
        component = fleet.component(name)
        demand = component and fleet.demand(component.need, instance_type)
        for place, amount in enumerate(demand or ()):
            total[place] += n * amount
    return tuple(total)


def _running(fleet: Fleet) -> Iterator[InstanceGroup]:
    if fleet.contents is None:
        for number, classes in enumerate(classes_of(fleet)):
            yield from (InstanceGroup(number, n, reserved=most) for most, n in classes.items())
        return
    places = {pool.type.name: number for number, pool in enumerate(fleet.pools)}
    yield from (_group(places, content) for content in fleet.contents)


def _group(places: Mapping[str, int], content: InstanceContents) -> InstanceGroup:
    return InstanceGroup(places[content.type], content.instances, content.copies)


def _fixed(fleet: Fleet, existing: Sequence[ExistingCopies]) -> Iterator[str]:
    """The components whose copies lie, all of them, where they are known to lie."""
    for entry in existing:
        whole = entry.where is Scope.RUNNING and entry.copies == entry.component.placed and not entry.departed
        if whole and fleet.component(entry.component.name) is entry.component:
            yield entry.component.name
