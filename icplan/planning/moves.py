"""How many copies go to other instances where fewer instances are to run, at least and at most."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from icplan.packing.problem import Bin, Kind, Problem, Status
from icplan.packing.solver.solve import pack
from icplan.verdict.consolidation import Moves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.fleet.fleet import Fleet, InstancePool
    from icplan.packing.budget import Budget

_Held = tuple[str, "Mapping[str, int]"]
"""An instance: its type, and the copies on it."""


def moves(fleet: Fleet, now: Counter[str], needed: Counter[str], budget: Budget) -> Moves:
    """Copies that leave instances which go: they start anew elsewhere, whoever moves them.

    Instances that hold little are emptied first, by their copies or by their room. Where what they held
    finds no room beside all that stays, or none in time, it is only known that moving all of the copies is
    enough.
    """
    copies = sum(one.placed for one in fleet.components)
    going = now - needed
    if not going:
        return Moves(0, 0, copies, fleet.contents is not None)
    if not now - going:
        return Moves(copies, copies, copies, True)
    if fleet.contents is None:
        return Moves(_sure_to_move(fleet, now, going), copies, copies)
    least = _emptied(fleet, going, _copies)[1].total()
    found = [copies]
    for order in (_copies, lambda held: _share(fleet, held)):
        kept, moved = _emptied(fleet, going, order)
        if not needed - now and _finds_room(fleet, kept, moved, budget):
            found.append(moved.total())
    return Moves(least, min(found), copies, True)


def _sure_to_move(fleet: Fleet, now: Counter[str], going: Counter[str]) -> int:
    """The copies on types that go as a whole, where AWS tells how many these are."""
    gone = {name for name, count in going.items() if count == now[name]}
    by_type = [one.by_type or {} for one in fleet.components]
    return sum(counts.get(name, 0) for counts in by_type for name in gone)


def _copies(held: _Held) -> Fraction:
    return Fraction(sum(held[1].values()))


def _share(fleet: Fleet, held: _Held) -> Fraction:
    """How much of an instance is taken, of the resource of which most is."""
    kind, copies = held
    taken = _taken(fleet, kind, copies)
    there = _capacity(fleet, _pool(fleet, kind))
    return max(
        (Fraction(amount, most) for amount, most in zip(taken, there, strict=True) if most),
        default=Fraction(0),
    )


def _emptied(
    fleet: Fleet, going: Counter[str], order: Callable[[_Held], Fraction]
) -> tuple[list[_Held], Counter[str]]:
    """The instances that stay, with what they hold, and the copies of those that come first."""
    each: list[_Held] = [
        (held.type, held.copies) for held in fleet.contents or () for _ in range(held.instances)
    ]
    kept: list[_Held] = []
    moved, left = Counter[str](), Counter(going)
    for kind, copies in sorted(each, key=lambda one: (order(one), one[0], sorted(one[1].items()))):
        if left[kind]:
            left[kind] -= 1
            moved.update(copies)
        else:
            kept.append((kind, copies))
    return kept, moved


def _finds_room(fleet: Fleet, kept: list[_Held], moved: Counter[str], budget: Budget) -> bool:
    """Whether the copies that move find room beside all that stays where it is, on what is surely there."""
    bins = []
    for number, (kind, copies) in enumerate(kept):
        there = _capacity(fleet, _pool(fleet, kind))
        free = tuple(
            max(0, most - taken) for most, taken in zip(there, _taken(fleet, kind, copies), strict=True)
        )
        bins.append(Bin(f"{kind} {number}", 1, free))
    kinds = tuple(
        Kind(one.name, moved[one.name], tuple(fleet.demand(one.need, kind) for kind, _ in kept))
        for one in fleet.components
    )
    return pack(Problem(tuple(bins), kinds), budget).status is Status.FITS


def _taken(fleet: Fleet, kind: str, copies: Mapping[str, int]) -> tuple[int, ...]:
    """What copies take of an instance, per dimension."""
    taken = [0] * len(fleet.dimensions)
    for one in fleet.components:
        for place, amount in enumerate(fleet.demand(one.need, kind) or ()):
            taken[place] += copies.get(one.name, 0) * amount
    return tuple(taken)


def _pool(fleet: Fleet, kind: str) -> InstancePool:
    return next(pool for pool in fleet.pools if pool.type.name == kind)


def _capacity(fleet: Fleet, pool: InstancePool) -> tuple[int, ...]:
    """What an instance surely offers."""
    partitions = (pool.partitions.get(name, 0) for name in fleet.dimensions[3:])
    allocatable = pool.allocatable
    return (fleet.cpu_units(allocatable.cpu.low), allocatable.memory.low, pool.accelerators, *partitions)
