"""Every world of a small fleet: how copies may lie, what instances may offer, what is on its way.

Amounts are ranges between two sums of what copies take: nothing differs within one.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.allocatable_box import AllocatableBox, Range
from icplan.feasibility.every_course.arrangements import arrangements
from icplan.feasibility.every_course.moves import Cap, Mover, Moves
from icplan.feasibility.every_course.state import State, TooMany
from icplan.fleet.fleet import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.fleet.fleet import Demand, Fleet, Limit
    from icplan.packing.budget import Budget

#: More than these are not tried with the usual effort: instances, copies, choices of amounts, moves.
MAX_INSTANCES, MAX_COPIES, MAX_AMOUNTS, MAX_MOVES = 10, 14, 60, 40_000

#: The same of copies where metrics tell how much instances hold: they may lie in fewer ways.
MAX_COPIES_MEASURED = 30

#: The rule that no MaxInstanceCount is set.
NO_MAXIMUM = "ICP507"


@attrs.frozen
class World:
    """The states that there may be where instances offer amounts of this box."""

    box: AllocatableBox
    states: frozenset[State]


@attrs.frozen
class Worlds:
    """All that may be between two changes. ``names`` has the kind of each component's copies.

    ``copies`` are the most that may be there of each kind; where it ``releases``, emptied instances may be
    given back at any time. They began with the amounts of a ``box``; where they ``follow`` another change, it
    has left them.
    """

    fleet: Fleet
    kinds: tuple[Demand, ...]
    movers: tuple[Mover, ...]
    names: Mapping[str, int]
    copies: tuple[int, ...]
    worlds: tuple[World, ...]
    box: AllocatableBox
    budget: Budget = attrs.field(eq=False, repr=False)
    releases: bool = False
    follow: bool = False

    def moves(self, box: AllocatableBox, limit: int) -> Moves:
        """What may be done on the amounts of a box, within which nothing differs."""
        pools = zip(self.fleet.pools, box.sides, strict=True)
        capacities = [self.fleet.capacity(pool, *side.low) for pool, side in pools]
        keeps = self.fleet.min_instances if self.releases else None
        return Moves(
            self.fleet, capacities, self.kinds, self.movers, caps(self.fleet), limit, self.budget, keeps
        )

    def with_kind(self, need: Demand, copies: int) -> Worlds:
        """The same with one more kind of copies, each world cut where it makes a difference."""
        kinds, counts = (*self.kinds, need), (*self.copies, copies)
        found = tuple(
            World(box, world.states)
            for world in self.worlds
            for box in _boxes(self.fleet, world.box, kinds, counts, self.budget)
        )
        if len(found) > self.budget.many(MAX_AMOUNTS):
            raise TooMany
        return attrs.evolve(self, kinds=kinds, copies=counts, worlds=found)


def worlds_of(fleet: Fleet, box: AllocatableBox, budget: Budget) -> Worlds:
    """Every world of a fleet; raises `TooMany` where they are too many."""
    components = [one for one in fleet.components if one.copies]
    most = MAX_COPIES_MEASURED if fleet.reserved else MAX_COPIES
    copies = sum(one.copies for one in components)
    if copies > budget.many(most) or fleet.instances > budget.many(MAX_INSTANCES):
        raise TooMany
    kinds = tuple(one.need for one in components)
    moving = [(kind, one) for kind, one in enumerate(components) if one.in_flight]
    start = Worlds(
        fleet,
        kinds,
        tuple(Mover(kind, one.status == "Updating") for kind, one in moving),
        {one.name: kind for kind, one in enumerate(components)},
        tuple(one.copies for one in components),
        (),
        box,
        budget,
    )
    motion = tuple((one.coming, one.in_flight - one.coming) for _, one in moving)
    found = []
    for part in _boxes(fleet, box, kinds, start.copies, budget):
        states = frozenset(
            State(instances, arriving, motion)
            for instances in arrangements(start.moves(part, budget.many(MAX_MOVES)), components)
            for arriving in _arrivals(fleet)
        )
        if states:
            found.append(World(part, states))
    return attrs.evolve(start, worlds=tuple(found))


def caps(fleet: Fleet) -> list[Cap]:
    """The limits of a fleet as counts of what may run: at least surely, and at most."""
    pools = range(len(fleet.pools))
    return [
        _cap(fleet, limit, [n for n in pools if limit.type in (None, fleet.pools[n].type.name)])
        for limit in (fleet.limits if fleet.scale_in is None else fleet.scale_in.limits)
    ]


def _cap(fleet: Fleet, limit: Limit, pools: Sequence[int]) -> Cap:
    there = sum(fleet.pools[n].instances for n in pools)
    most = float(there + limit.remaining - limit.over)
    # Where it is not told how far the fleet may grow, what is released may not come back.
    told = limit.rule != NO_MAXIMUM or limit.remaining == UNLIMITED
    sure = most - limit.contested if told else float("-inf")
    return Cap(frozenset(pools), sure, most)


def _arrivals(fleet: Fleet) -> Iterator[tuple[int, ...]]:
    return itertools.combinations_with_replacement(range(len(fleet.pools)), fleet.arriving)


# -- amounts ------------------------------------------------------------------------------------------------


def _boxes(
    fleet: Fleet, box: AllocatableBox, kinds: Sequence[Demand], counts: Sequence[int], budget: Budget
) -> list[AllocatableBox]:
    sides = []
    for pool, side in zip(fleet.pools, box.sides, strict=True):
        demands = [(fleet.demand(kind, pool.type.name), n) for kind, n in zip(kinds, counts, strict=True)]
        cpu, memory = (
            _ranges(side.low[which], side.high[which], [(d[which], n) for d, n in demands if d])
            for which in (0, 1)
        )
        sides.append([Range((c[0], m[0]), (c[1], m[1])) for c, m in itertools.product(cpu, memory)])
    most = budget.many(MAX_AMOUNTS)
    found = list(itertools.islice(itertools.product(*sides), most + 1))
    if len(found) > most:
        raise TooMany
    return [AllocatableBox(tuple(one)) for one in found]


def _ranges(low: int, high: int, demands: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The range cut wherever some copies together take so much."""
    sums = {0}
    if low < high:
        for amount, copies in demands:
            sums = {
                have + n * amount for have in sums for n in range(copies + 1) if have + n * amount <= high
            }
    starts = sorted({low, *(value for value in sums if low < value)})
    return [(start, end - 1) for start, end in itertools.pairwise([*starts, high + 1])]
