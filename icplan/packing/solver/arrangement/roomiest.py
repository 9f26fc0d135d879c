"""A heuristic: copies laid out anew so that many more of a kind find room; quick, and not always the most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.packing.problem import Arrangement, Pattern
from icplan.packing.solver.arrangement.extremes import by_exchanges
from icplan.packing.solver.arrangement.model import arrangement_model
from icplan.packing.solver.presolve import most_copies, restore
from icplan.packing.solver.solve import decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.packing.budget import Budget
    from icplan.packing.problem import Problem


def roomiest(problem: Problem, kind: int, most: int, budget: Budget) -> tuple[int, tuple[Pattern, ...]]:
    """How many more copies of a kind, at most so many, have room in some layout, and that with them."""
    target = problem.kinds[kind].demands
    if any(demand is not None and not any(demand) for demand in target):
        return 0, ()
    there = [number for number, own in enumerate(problem.kinds) if own.count]
    arrangement = Arrangement(problem.bins, tuple(problem.kinds[number] for number in there), target)
    room = arrangement_model(arrangement)
    answer = decide(room.core, budget)
    if answer.loads is None:
        return 0, ()
    loads = by_exchanges(room, -1, answer.loads, None, budget).loads or ()
    placed = [
        Pattern(one.bin, one.times, _of_all(one.copies, there, len(problem.kinds)))
        for one in restore(room.problem, room.core, loads)
    ]
    layout = list(_with_more(problem, kind, most, placed))
    more = sum(one.times * one.copies[kind] for one in layout) - problem.kinds[kind].count
    return more, tuple(layout)


def _of_all(copies: Sequence[int], there: Sequence[int], kinds: int) -> tuple[int, ...]:
    """Copies of the kinds that lie, as copies of all kinds."""
    row = [0] * kinds
    for number, count in zip(there, copies, strict=False):
        row[number] = count
    return tuple(row)


def _with_more(problem: Problem, kind: int, most: int, placed: Sequence[Pattern]) -> Iterator[Pattern]:
    """The layout with as many more copies as have room, at most so many in all."""
    empty = [own.count for own in problem.bins]
    for one in placed:
        empty[one.bin] -= one.times
    nothing = (0,) * len(problem.kinds)
    every = [*placed, *(Pattern(b, count, nothing) for b, count in enumerate(empty) if count)]
    left = most
    for one in every:
        free = list(problem.bins[one.bin].free)
        for count, own in zip(one.copies, problem.kinds, strict=True):
            demand = own.demands[one.bin] if count else None
            free = [room - count * each for room, each in zip(free, demand, strict=True)] if demand else free
        slots = most_copies(free, problem.kinds[kind].demands[one.bin], most)
        full = min(one.times, left // slots) if slots else 0
        last = min(one.times - full, 1) if slots and left - full * slots else 0
        rest = one.times - full - last
        for times, more in ((full, slots), (last, min(slots, left - full * slots)), (rest, 0)):
            if times:
                yield Pattern(one.bin, times, _plus(one.copies, kind, more))
        left -= full * slots + last * min(slots, left - full * slots)


def _plus(copies: tuple[int, ...], kind: int, more: int) -> tuple[int, ...]:
    return (*copies[:kind], copies[kind] + more, *copies[kind + 1 :])
