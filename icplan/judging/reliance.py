"""Whether an outcome would be another if more, or less, of the instances could be allocated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judging.box import UNKNOWN, Box, replaced
from icplan.judging.move import forward_outcome
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Fleet
    from icplan.judging.move import JudgedMove
    from icplan.packing import Budget


def relied_on(
    fleet: Fleet, judged: JudgedMove, box: Box, assumptions: Assumptions, budget: Budget
) -> Iterator[tuple[int, int]]:
    """The (pool, dimension) pairs whose interval decides: knowing nothing of it would change the outcome."""
    trial = attrs.evolve(assumptions, used=set())
    for number, side in enumerate(box.sides):
        kind = fleet.pools[number].type
        for dimension in UNKNOWN:
            nominal = (kind.vcpu * 1000, kind.memory_mib)[dimension]
            low, high = _other(judged.outcome, side.high[dimension], nominal)
            other = attrs.evolve(
                side, low=replaced(side.low, dimension, low), high=replaced(side.high, dimension, high)
            )
            sides = (*box.sides[:number], other, *box.sides[number + 1 :])
            if forward_outcome(fleet, judged.move, Box(sides), trial, budget) is not judged.outcome:
                yield number, dimension


def _other(outcome: Outcome, high: int, nominal: int) -> tuple[int, int]:
    """An interval that favours the opposite of the outcome."""
    if outcome.fits:
        return 0, high
    return (0, nominal) if outcome is Outcome.DOES_NOT_FIT else (nominal, nominal)
