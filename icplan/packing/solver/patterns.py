"""All ways to fill one bin, where they are few."""

from __future__ import annotations

from operator import sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.problem import Vector

#: (copies per kind, what is left of the bin)
Filling = tuple[tuple[int, ...], tuple[int, ...]]


def units_of(fillings: Sequence[Filling] | None, limit: int) -> int:
    """What it took to list these, or to see that there are more than the limit."""
    return 20 + 8 * (limit if fillings is None else len(fillings))


def every_pattern(
    free: Vector, demands: Sequence[Vector | None], counts: Sequence[int], limit: int
) -> list[Filling] | None:
    """Every legal pattern, the empty one too, with what it leaves; ``None`` if more than ``limit``."""
    if free and min(free) < 0:
        counts = (0,) * len(counts)
    fillings: list[Filling] = [((), tuple(free))]
    for demand, count in zip(demands, counts, strict=True):
        if demand is None or not count:
            fillings = [((*copies, 0), left) for copies, left in fillings]
            continue
        takes = [(place, amount) for place, amount in enumerate(demand) if amount]
        longer: list[Filling] = []
        for copies, left in fillings:
            room = left
            longer.append(((*copies, 0), room))
            most = min([count, *[left[place] // amount for place, amount in takes]])
            for n in range(1, most + 1):
                room = tuple(map(sub, room, demand))
                longer.append(((*copies, n), room))
            if len(longer) > limit:
                return None
        fillings = longer
    return fillings


def maximal(
    fillings: Sequence[Filling], demands: Sequence[Vector | None], counts: Sequence[int]
) -> list[tuple[int, ...]]:
    """The patterns to which no further copy can be added."""
    present = [(t, d) for t, d in enumerate(demands) if d is not None]
    return [
        copies
        for copies, left in fillings
        if not any(
            copies[t] < counts[t] and all(a >= b for a, b in zip(left, d, strict=True)) for t, d in present
        )
    ]
