"""Free and missing capacity of an arrangement, per group of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.feasibility.packing_model import pattern_load
from icplan.rules.capacity_reasons import FreeCapacity
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.feasibility.step import PackingResult
    from icplan.feasibility.worst_case import Counterexample
    from icplan.fleet.fleet import Fleet
    from icplan.packing.problem import Vector


def free_capacity(world: Counterexample) -> tuple[FreeCapacity, ...]:
    """The room of a world where copies of the target may lie, most useful instances first."""
    found: dict[tuple[str, Vector, int], int] = {}
    for name, free, slots, instances in _instances(world):
        found[name, free, slots] = found.get((name, free, slots), 0) + instances
    groups = [FreeCapacity(name, n, free, slots) for (name, free, slots), n in found.items() if n]
    return tuple(
        sorted(groups, key=lambda group: (-group.slots, [-f for f in group.free], group.instance_type))
    )


def _instances(world: Counterexample) -> Iterator[tuple[str, Vector, int, int]]:
    question = world.arrangement
    empty = [bin_.count for bin_ in question.bins]
    nothing = (0,) * len(question.lying)
    held = []
    for pattern in world.patterns:
        empty[pattern.bin] -= pattern.times
        gone = pattern.leaving or nothing
        stay = [n - left for n, left in zip(pattern.copies, gone, strict=True)]
        held.append((pattern.bin, pattern.times, pattern_load(question, pattern, stay)))
    held += [(n, times, question.bins[n].used or ()) for n, times in enumerate(empty)]
    for place, times, taken in held:
        group, demand = world.model.groups[place], question.target[place]
        if group.pool is None or demand is None:
            continue
        capacity = question.bins[place].capacity
        used = taken or (0,) * len(capacity)
        free = tuple(max(0, c - t) for c, t in zip(capacity, used, strict=True))
        slots = min((f // d for f, d in zip(free, demand, strict=True) if d), default=0)
        fleet = world.model.fleet
        yield question.bins[place].name, fleet.told(free[: len(fleet.dimensions)]), slots, times


@frozen
class Shortfall:
    """Less of a resource than all copies need: ``need`` for the new ones, ``have`` left for them."""

    dimension: str
    need: int
    have: int

    @classmethod
    def of(cls, fleet: Fleet, dimension: str, need: int, have: int) -> Shortfall:
        """Amounts of a fleet as people are told them."""
        return cls(dimension, fleet.thousandths(dimension, need), fleet.thousandths(dimension, have))


def instances_of(packed: PackingResult) -> tuple[int, int]:
    """On how many instances copies of the target may lie, and how many of these are yet to be launched."""
    demands = packed.problem.kinds[-1].demands
    rows = zip(packed.model.groups, packed.problem.bins, demands, strict=True)
    counts = [(bin_.count, group.launched) for group, bin_, demand in rows if demand is not None]
    return sum(n for n, _ in counts), sum(n for n, launched in counts if launched)


def short_by_totals(packed: PackingResult, already: int) -> tuple[Shortfall, ...]:
    """The resources whose sum over all instances where the target may lie does not suffice.

    ``already`` of its copies lie there.
    """
    *others, target = packed.problem.kinds
    here = [demand is not None for demand in target.demands]
    bins = [bin_ for bin_, counts in zip(packed.problem.bins, here, strict=True) if counts]
    # What may lie elsewhere takes nothing here for sure.
    others = [kind for kind in others if not _may_lie_outside(kind.demands, here)]
    found = []
    for place, name in enumerate(packed.model.fleet.dimensions):
        total = sum(bin_.count * bin_.free[place] for bin_ in bins)
        taken = sum(kind.count * _least(kind.demands, place) for kind in others)
        taken += already * _least(target.demands, place)
        need = (target.count - already) * _least(target.demands, place)
        if need > total - taken:
            found.append(Shortfall.of(packed.model.fleet, name, need, max(0, total - taken)))
    return tuple(found)


@frozen
class TooLarge(Shortfall):
    """One copy needs more than an empty instance of each of these ``types`` has: ``have`` at most."""

    types: tuple[str, ...]


def larger_than_empty(packed: PackingResult) -> tuple[TooLarge, ...]:
    """Of which resources one copy needs more than an empty instance has, where that is so on every type.

    What is so on all types alone is told, if there is any such resource; else what is on each.
    """
    fleet, over = packed.model.fleet, dict[tuple[str, int], dict[str, int]]()
    usable: set[str] = set()
    pairs = zip(packed.problem.kinds[-1].demands, packed.problem.bins, strict=True)
    for group, (demand, bin_) in zip(packed.model.groups, pairs, strict=True):
        if demand is None or group.pool is None:
            continue
        kind = fleet.pools[group.pool].type.name
        usable.add(kind)
        for name, need, have in zip(fleet.dimensions, demand, bin_.capacity, strict=True):
            if need > have:
                over.setdefault((name, need), {})[kind] = have
    if usable - {kind for there in over.values() for kind in there}:
        return ()
    everywhere = {key: there for key, there in over.items() if there.keys() == usable}
    return tuple(
        TooLarge(
            name,
            fleet.thousandths(name, need),
            fleet.thousandths(name, max(there.values())),
            tuple(pool.type.name for pool in fleet.pools if pool.type.name in there),
        )
        for (name, need), there in (everywhere or over).items()
    )


def _may_lie_outside(demands: Sequence[Vector | None], here: Sequence[bool]) -> bool:
    return any(demand is not None and not counts for demand, counts in zip(demands, here, strict=True))


def _least(demands: Sequence[Vector | None], place: int) -> int:
    return min((demand[place] for demand in demands if demand is not None), default=0)
