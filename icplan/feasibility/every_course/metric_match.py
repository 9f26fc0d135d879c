"""Whether an arrangement is one on which the reservation metrics can have been measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.packing_model import pattern_load
from icplan.rollout.steps import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.feasibility.worst_case import Counterexample
    from icplan.fleet.fleet import Fleet
    from icplan.packing.problem import Vector
    from icplan.rollout.steps import Step


@attrs.frozen
class Measured:
    """What metrics tell: per dimension the ranks of instances, the least loaded first, by pool."""

    ranks: tuple[tuple[int, tuple[tuple[tuple[int, int], ...], ...]], ...]

    @classmethod
    def of(cls, fleet: Fleet, instances: int) -> Measured | None:
        """What is told of so many instances; ``None`` if nothing is, or of others."""
        if not fleet.reserved or not instances == fleet.instances == len(fleet.reserved[0].ranks):
            return None
        return cls(tuple((one.dimension, one.counted(fleet.cpu_unit)) for one in fleet.reserved))

    def explains(self, loads: Sequence[tuple[int, Vector]]) -> bool:
        """Whether instances, of a pool each and with what lies on them, can be put on the ranks.

        Which value of one metric goes with which of another is not told.
        """
        return all(_matched(ranks, dimension, loads) for dimension, ranks in self.ranks)

    def may_become(self, loads: Sequence[tuple[int, Vector]]) -> bool:
        """Whether nothing lies on the instances that is too much for the ranks, whatever comes besides."""
        for dimension, ranks in self.ranks:
            most = (max(high for _, high in rank) for rank in ranks)
            if any(
                x > high for x, high in zip(sorted(load[dimension] for _, load in loads), most, strict=True)
            ):
                return False
        return True


def explained(fleet: Fleet, step: Step, world: Counterexample) -> bool:
    """Whether a world has all that ran when the metrics were measured, and is as they say."""
    ran = sum(one.placed for one in fleet.components)
    beside = step.existing
    if any(one.where is not Scope.RUNNING for one in beside) or ran != sum(one.copies for one in beside):
        return False
    loads = []
    left = [group.count for group in world.model.groups]
    for pattern in world.patterns:
        left[pattern.bin] -= pattern.times
        load = pattern_load(world.arrangement, pattern, pattern.copies)
        loads += [(pattern.bin, load)] * pattern.times
    nothing = (0,) * len(fleet.dimensions)
    loads += [(place, nothing) for place, count in enumerate(left) for _ in range(count)]
    on_pools = ((world.model.groups[place], load) for place, load in loads)
    running = [(one.pool, load) for one, load in on_pools if one.pool is not None and not one.launched]
    measured = Measured.of(fleet, len(running))
    return measured is not None and measured.explains(running)


def _matched(
    ranks: Sequence[Sequence[tuple[int, int]]], dimension: int, loads: Sequence[tuple[int, Vector]]
) -> bool:
    """Whether each rank can have an instance of its own; those that an instance can have stand together."""
    able = []
    for pool, load in loads:
        mine = [n for n, rank in enumerate(ranks) if rank[pool][0] <= load[dimension] <= rank[pool][1]]
        if not mine:
            return False
        able.append((mine[0], mine[-1]))
    waiting = sorted(able)
    for rank in range(len(ranks)):
        open_ = [one for one in waiting if one[0] <= rank]
        if not open_:
            return False
        # The one that has the fewest ranks left goes first.
        chosen = min(open_, key=lambda one: one[1])
        if chosen[1] < rank:
            return False
        waiting.remove(chosen)
    return True
