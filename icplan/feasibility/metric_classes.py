"""What reservation metrics tell of a fleet of any size: the most that was reserved on each of its instances.

Of one instance type, the values of the metric that tells most (devices before memory before CPU) make
classes. Which of the other metrics' values goes with which is not told, so of those the greatest holds
everywhere. Where all values are told, the classes hold exactly so much: in all they have room for no more.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.fleet.fleet import Fleet
    from icplan.packing.problem import Vector


def measured_dimensions(fleet: Fleet) -> tuple[int, ...]:
    """The dimensions of which anything is told of the instances that run."""
    if not fleet.reserved:
        return ()
    told = [one for one in fleet.reserved if len(one.ranks) == fleet.instances]
    return tuple(one.dimension for one in told) if len(told) == len(fleet.reserved) else ()


def classes_of(fleet: Fleet) -> list[Mapping[Vector, int]]:
    """Per pool how many instances have at most so much of each measured dimension reserved."""
    if not measured_dimensions(fleet):
        return [{(): pool.instances} for pool in fleet.pools]
    ranks = [one.counted(fleet.cpu_unit) for one in fleet.reserved]
    if len(fleet.pools) > 1:
        tops = [
            tuple(max(rank[number][1] for rank in each) for each in ranks)
            for number in range(len(fleet.pools))
        ]
        return [{top: pool.instances} for top, pool in zip(tops, fleet.pools, strict=True)]
    *others, leading = ranks
    greatest = [each[-1][0][1] for each in others]
    return [Counter((*greatest, rank[0][1]) for rank in leading)]


def measured_part(demand: Vector | None, dimensions: Sequence[int], *, counts: bool) -> Vector | None:
    """What a copy takes, and then what of that was reserved when it was measured, if it was there."""
    if demand is None:
        return None
    return (*demand, *(demand[place] if counts else 0 for place in dimensions))
