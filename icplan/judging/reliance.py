"""Whether an outcome rests on what is known of the allocatable amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judging.box import UNKNOWN, Box, replaced
from icplan.judging.worlds import Holds, surely
from icplan.packing import Status, pack
from icplan.rollout import decisive
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from icplan.fleet.model import Fleet
    from icplan.judging.move import JudgedMove
    from icplan.judging.step import Judged
    from icplan.packing import Budget


@attrs.frozen
class Reliance:
    """That the outcome rests on an amount, and the amount at which it turns.

    ``dimension`` is 0 for CPU (``turns_at`` in thousandths of a core) and 1 for memory (MiB). A change that
    fits does so from ``turns_at`` on, whatever the other amounts are, and one that does not is known not to
    below it. ``None`` where no amount turns it.
    """

    pool: int
    dimension: int
    turns_at: int | None


def relied_on(fleet: Fleet, judged: JudgedMove, box: Box, budget: Budget) -> Iterator[Reliance]:
    """The amounts whose interval the evidence needs: without it, it would prove nothing."""
    steps = decisive(judged.move, tuple(one.step for one in judged.steps))
    deciding = [one for one in judged.steps if one.step in steps]
    for pool, side in enumerate(box.sides):
        kind = fleet.pools[pool].type
        for dimension in UNKNOWN:
            worst = 0 if judged.outcome.fits else (kind.vcpu * 1000, kind.memory_mib)[dimension]
            start = (side.high if judged.outcome is Outcome.DOES_NOT_FIT else side.low)[dimension]

            def breaks(value: int, pool: int = pool, dimension: int = dimension) -> Iterator[bool]:
                free = _free(box, pool, dimension, value, low=judged.outcome.fits)
                worst_ones = (one for one in deciding if one.outcome is judged.outcome)
                chosen = deciding if judged.outcome.fits else worst_ones
                return (_rests(fleet, one, free, budget) for one in chosen)

            if not budget.spent and any(breaks(worst)):
                yield Reliance(pool, dimension, _turn(judged, start, worst, breaks, budget))


def _turn(
    judged: JudgedMove, start: int, worst: int, breaks: Callable[[int], Iterable[bool]], budget: Budget
) -> int | None:
    """The amount between two at which the outcome turns: one step undoes a fit, a failure all of them."""
    turned = any if judged.outcome.fits else all
    if not turned(breaks(worst)):
        return None
    while abs(start - worst) > 1 and not budget.spent:
        middle = (start + worst) // 2
        start, worst = (start, middle) if turned(breaks(middle)) else (middle, worst)
    return start if judged.outcome.fits else worst


def _free(box: Box, pool: int, dimension: int, value: int, *, low: bool) -> Box:
    """The box were one of its amounts to begin at that value, or to end there."""
    side = box.sides[pool]
    bottom = value if low else max(side.low[dimension], value)
    other = attrs.evolve(
        side,
        low=replaced(side.low, dimension, bottom),
        high=replaced(side.high, dimension, max(side.high[dimension], bottom)),
    )
    return Box((*box.sides[:pool], other, *box.sides[pool + 1 :]))


def _rests(fleet: Fleet, judged: Judged, free: Box, budget: Budget) -> bool:
    """Whether the evidence of a step fails when the amount is free to be as unfavourable to it as can be."""
    if judged.outcome is Outcome.DOES_NOT_FIT and judged.example is not None:
        problem = judged.example.board.problem(judged.step, free.best)
        return pack(problem, budget).status is not Status.DOES_NOT_FIT
    extra = fleet.room() if judged.outcome is not Outcome.FITS else 0
    extra = min(extra, judged.extra) if judged.extra is not None else extra
    holds = isinstance(surely(fleet, judged.step, free, extra, budget, most_boxes=1), Holds)
    return holds is not judged.outcome.fits
