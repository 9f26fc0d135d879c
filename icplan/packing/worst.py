"""The least and the most favourable arrangement of what already lies in the bins."""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING, Any

import attrs

from icplan.packing.budget import Budget
from icplan.packing.certificate import slots_proof
from icplan.packing.greedy import finish
from icplan.packing.normal import Core, Tags, normalise, restore
from icplan.packing.patterns import every_pattern
from icplan.packing.problem import Pattern, Problem, Slots
from icplan.packing.tree import Column, Program, Search, Tree

if TYPE_CHECKING:
    from icplan.packing.normal import Load
    from icplan.packing.problem import Arrangement, Vector

#: Up to so many patterns of all classes together, all of them are enumerated.
FEW_PATTERNS = 20_000


@attrs.frozen
class Room:
    """An arrangement without duplicates: staying and leaving copies as kinds of their own.

    ``rooms`` is what counts for the target per class (may be below zero), ``targets`` its demand.
    """

    problem: Problem
    core: Core
    stays: tuple[bool, ...]
    rooms: tuple[Vector, ...]
    targets: tuple[Vector | None, ...]

    def slots(self, k: int, copies: tuple[int, ...]) -> int:
        """How many target copies have room beside these in a bin of class ``k``."""
        target = self.targets[k]
        if target is None:
            return 0
        left = list(self.rooms[k])
        for demand, n, stays in zip(self.core.demands[k], copies, self.stays, strict=True):
            if n and stays and demand is not None:
                left = [f - n * d for f, d in zip(left, demand, strict=True)]
        return min([max(0, f) // d for f, d in zip(left, target, strict=True) if d])


def room_of(arrangement: Arrangement) -> Room:
    """The arrangement, normalised."""
    leaves = arrangement.leaves or (0,) * len(arrangement.lying)
    stay = [attrs.evolve(k, count=k.count - n) for k, n in zip(arrangement.lying, leaves, strict=True)]
    leave = [attrs.evolve(k, count=n) for k, n in zip(arrangement.lying, leaves, strict=True)]
    problem = Problem(arrangement.bins, (*stay, *leave))
    rooms = []
    for b, own in enumerate(arrangement.bins):
        counted = own.capacity if arrangement.counted is None else arrangement.counted[b]
        rooms.append(tuple(c - u for c, u in zip(counted, own.used or (0,) * len(counted), strict=True)))
    tags = Tags(
        tuple(i < len(stay) for i in range(len(problem.kinds))),
        tuple(zip(rooms, arrangement.target, strict=True)),
    )
    core = normalise(problem, tags)
    return Room(
        problem=problem,
        core=core,
        stays=tuple(group[0] < len(stay) for group in core.kinds),
        rooms=tuple(rooms[group[0]] for group in core.origins),
        targets=tuple(arrangement.target[group[0]] for group in core.origins),
    )


def fewest_slots(
    arrangement: Arrangement, *, enough: int | None = None, budget: Budget | None = None
) -> Slots:
    """The number of target copies that have room in the least favourable arrangement.

    With ``enough``, bounds may stay apart as soon as ``low >= enough`` or ``high < enough``.
    """
    return _extreme(room_of(arrangement), 1, enough, budget or Budget())


def most_slots(arrangement: Arrangement, *, enough: int | None = None, budget: Budget | None = None) -> Slots:
    """The number of target copies that have room in the most favourable arrangement."""
    return _extreme(room_of(arrangement), -1, enough, budget or Budget())


def _extreme(room: Room, sign: int, enough: int | None, budget: Budget) -> Slots:
    """``sign`` times the least of ``sign`` times slots."""
    core = room.core
    empty = sum(m * room.slots(k, (0,) * len(core.counts)) for k, m in enumerate(core.bins))
    columns = _columns(room, sign)
    if columns is None:
        return Slots(0, empty)
    surplus = tuple(sign < 0 or not stays for stays in room.stays)
    program = Program(core.bins, core.counts, columns, surplus)

    def complete(loads: list[Load], bins: list[int], counts: list[int]) -> list[Load] | None:
        return finish(core, loads, bins, counts)

    cutoff = None if enough is None else (enough if sign > 0 else 1 - enough)
    search = Search(program, budget, complete, cost_of=lambda k, c: sign * room.slots(k, c), enough=cutoff)
    root = search.root()
    found = search.run() if root.tree is None or not search.closed(root.tree) else root
    tree = found.tree or root.tree
    if tree is not None and tree.bound is None:
        nowhere = {**_written(room, tree, sign), "Sense": _SENSE[sign], "Bound": None}
        return Slots(0, 0, proof=nowhere, possible=False)
    bound = None if tree is None else tree.bound
    proof: dict[str, Any] | None = None
    if tree is not None and bound is not None:
        proof = {**_written(room, tree, sign), "Sense": _SENSE[sign], "Bound": sign * bound}
    placed = None if found.loads is None else _split(room, restore(room.problem, core, found.loads))
    low, high = (bound, found.cost) if sign > 0 else (found.cost, bound)
    if sign < 0:
        low, high = (None if low is None else -low), (None if high is None else -high)
    return Slots(max(0, low or 0), empty if high is None else high, placed, proof)


_SENSE = {1: "least", -1: "most"}


def _written(room: Room, tree: Tree, sign: int) -> dict[str, Any]:
    return slots_proof(room.core, tree, len(room.problem.bins), len(room.problem.kinds), sign)


def _columns(room: Room, sign: int) -> tuple[Column, ...] | None:
    core = room.core
    columns: list[Column] = []
    for k in range(len(core.bins)):
        fillings = every_pattern(core.free[k], core.demands[k], core.counts, FEW_PATTERNS - len(columns))
        if fillings is None:
            return None
        columns += [Column(k, copies, sign * room.slots(k, copies)) for copies, _ in fillings]
    return tuple(columns)


def _split(room: Room, placement: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """From staying and leaving copies as kinds of their own to lying copies, of which some leave."""
    half = len(room.problem.kinds) // 2
    split = []
    for p in placement:
        stay, leave = p.copies[:half], p.copies[half:]
        split.append(Pattern(p.bin, p.times, tuple(map(add, stay, leave)), leave))
    return tuple(split)
