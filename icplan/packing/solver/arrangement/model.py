"""An arrangement question without duplicates, and what a pattern of it leaves for the target."""

from __future__ import annotations

from functools import cached_property
from math import gcd
from operator import mul
from typing import TYPE_CHECKING

import attrs

from icplan.packing.problem import Problem
from icplan.packing.solver.presolve import MergeKeys, ReducedProblem, normalise
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from icplan.packing.problem import Arrangement, Vector
    from icplan.packing.solver.patterns import Filling


@frozen
class ArrangementModel:
    """An arrangement without duplicates: staying and leaving copies as kinds of their own.

    ``rooms`` is what counts for the target per class (may be below zero), ``targets`` its demand.
    """

    problem: Problem
    core: ReducedProblem
    stays: tuple[bool, ...]
    rooms: tuple[Vector, ...]
    targets: tuple[Vector | None, ...]

    @property
    def question(self) -> Hashable:
        """All that the number of slots depends on."""
        core = self.core
        rooms = tuple(map(self._bounding, range(len(core.bins))))
        return (core.counts, core.bins, core.free, core.demands, self.stays, rooms)

    def _bounding(self, k: int) -> Hashable:
        """What bounds the target in a bin of class ``k``, alike for amounts that leave the same slots.

        What is less than copies are apart cannot be told, nor can what is more than they and the target fill.
        """
        target, room = self.targets[k], self.rooms[k]
        if target is None:
            return None
        most = min(max(0, r) // d for r, d in zip(room, target, strict=True) if d)
        rows = zip(self.core.demands[k], self.core.counts, self.stays, strict=True)
        staying = [(demand, n) for demand, n, stays in rows if stays and demand is not None]
        bounding: list[tuple[int, int] | None] = []
        for place, (r, d) in enumerate(zip(room, target, strict=True)):
            step = gcd(d, *(demand[place] for demand, _ in staying))
            enough = d * most + sum(n * demand[place] for demand, n in staying)
            bounding.append((min(r // step * step, enough), d) if d else None)
        return tuple(bounding)

    def slots(self, k: int, copies: tuple[int, ...]) -> int:
        """How many target copies have room beside these in a bin of class ``k``."""
        rows = self._rows[k]
        if not rows:
            return 0
        least: int = min([max(0, room - sum(map(mul, taken, copies))) // each for room, each, taken in rows])
        return least

    def slots_beside(self, k: int, fillings: Sequence[Filling]) -> list[int]:
        """`slots` for each of many fillings, by what it leaves of a bin of class ``k``."""
        target = [(place, each) for place, each in enumerate(self.targets[k] or ()) if each]
        if not target:
            return [0] * len(fillings)
        leaving = [t for t, stays in enumerate(self.stays) if not stays and self.core.demands[k][t]]
        found = []
        for place, each in target:
            more = self.rooms[k][place] - self.core.free[k][place]
            gone = [(t, amount) for t in leaving if (amount := (self.core.demands[k][t] or ())[place])]
            rooms = [left[place] + more for _, left in fillings]
            for t, amount in gone:
                rooms = [room + copies[t] * amount for room, (copies, _) in zip(rooms, fillings, strict=True)]
            found.append([room // each for room in rooms])
        return [max(0, min(slots)) for slots in zip(*found, strict=True)]

    @cached_property
    def _rows(self) -> tuple[tuple[tuple[int, int, Vector], ...], ...]:
        """For each class the dimensions in which the target takes something.

        Of each: the room that counts, what a target copy takes of it, and what a copy of each kind does.
        """
        return tuple(map(self._rows_of, range(len(self.core.bins))))

    def _rows_of(self, k: int) -> tuple[tuple[int, int, Vector], ...]:
        staying = [
            demand if stays else None for demand, stays in zip(self.core.demands[k], self.stays, strict=True)
        ]
        return tuple(
            (self.rooms[k][place], each, tuple(demand[place] if demand else 0 for demand in staying))
            for place, each in enumerate(self.targets[k] or ())
            if each
        )


def arrangement_model(arrangement: Arrangement) -> ArrangementModel:
    """The arrangement, normalised."""
    leaves = arrangement.leaves or (0,) * len(arrangement.lying)
    stay = [attrs.evolve(k, count=k.count - n) for k, n in zip(arrangement.lying, leaves, strict=True)]
    leave = [attrs.evolve(k, count=n) for k, n in zip(arrangement.lying, leaves, strict=True)]
    problem = Problem(arrangement.bins, (*stay, *leave))
    rooms = []
    for b, own in enumerate(arrangement.bins):
        counted = own.capacity if arrangement.counted is None else arrangement.counted[b]
        rooms.append(tuple(c - u for c, u in zip(counted, own.used or (0,) * len(counted), strict=True)))
    tags = MergeKeys(
        tuple(i < len(stay) for i in range(len(problem.kinds))),
        tuple(zip(rooms, arrangement.target, strict=True)),
    )
    core = normalise(problem, tags)
    return ArrangementModel(
        problem=problem,
        core=core,
        stays=tuple(group[0] < len(stay) for group in core.kinds),
        rooms=tuple(rooms[group[0]] for group in core.bin_origins),
        targets=tuple(arrangement.target[group[0]] for group in core.bin_origins),
    )
