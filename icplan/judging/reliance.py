"""Whether an outcome rests on what is known of the allocatable amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judging.box import UNKNOWN, Box, replaced
from icplan.judging.worlds import Holds, surely
from icplan.packing import Status, pack
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.fleet.model import Fleet
    from icplan.judging.move import JudgedMove
    from icplan.judging.step import Judged
    from icplan.packing import Budget


def relied_on(fleet: Fleet, judged: JudgedMove, box: Box, budget: Budget) -> Iterator[tuple[int, int]]:
    """The (pool, dimension) pairs whose interval the evidence needs: without it, it would prove nothing."""
    if budget.spent:
        return
    for number, side in enumerate(box.sides):
        kind = fleet.pools[number].type
        for dimension in UNKNOWN:
            nominal = (kind.vcpu * 1000, kind.memory_mib)[dimension]
            low = 0 if judged.outcome.fits else nominal
            top = max(side.high[dimension], low)
            other = attrs.evolve(
                side, low=replaced(side.low, dimension, low), high=replaced(side.high, dimension, top)
            )
            free = Box((*box.sides[:number], other, *box.sides[number + 1 :]))
            if any(_rests(fleet, step, free, budget) for step in judged.steps):
                yield number, dimension


def _rests(fleet: Fleet, judged: Judged, free: Box, budget: Budget) -> bool:
    """Whether the evidence of a step fails when the amount is free to be as unfavourable to it as can be."""
    if judged.outcome is Outcome.DOES_NOT_FIT and judged.example is not None:
        problem = judged.example.board.problem(judged.step, free.best)
        return pack(problem, budget).status is not Status.DOES_NOT_FIT
    extra = fleet.room() if judged.outcome is not Outcome.FITS else 0
    extra = min(extra, judged.extra) if judged.extra is not None else extra
    holds = isinstance(surely(fleet, judged.step, free, extra, budget, most_boxes=1), Holds)
    return holds is not judged.outcome.fits
