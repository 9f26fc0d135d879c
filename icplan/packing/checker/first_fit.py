"""One quick try to lay copies out: what it lays out fits, and of what it does not nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icplan.packing.problem import Kind, Problem

#: Copies times bins past which it is not tried.
MAX_WORK = 200_000


def first_fit(problem: Problem) -> bool:
    """Whether all copies find a bin when the largest of them come first, each to the first bin with room."""
    bins = sum(one.count for one in problem.bins)
    if bins * sum(kind.count for kind in problem.kinds) > MAX_WORK:
        return False
    free = [(place, list(one.free)) for place, one in enumerate(problem.bins) for _ in range(one.count)]
    return all(_placed(kind, free) for kind in sorted(problem.kinds, key=lambda kind: _order(kind, problem)))


def _placed(kind: Kind, free: list[tuple[int, list[int]]]) -> bool:
    """Lay out the copies of a kind; whether all of them lie somewhere."""
    left = kind.count
    for place, room in free:
        demand = kind.demands[place]
        while left and demand is not None and all(d <= r for d, r in zip(demand, room, strict=True)):
            room[:] = (r - d for d, r in zip(demand, room, strict=True))
            left -= 1
    return not left


def _order(kind: Kind, problem: Problem) -> tuple[int, list[int]]:
    """Those that may lie on fewest bins come first, then those that take most of the last dimension."""
    pairs = zip(problem.bins, kind.demands, strict=True)
    taken = [(one.count, demand) for one, demand in pairs if demand is not None]
    largest = taken[0][1] if taken else ()
    return sum(count for count, _ in taken), [-amount for amount in reversed(largest)]
