"""A change on a fleet of which it is not told how many instances are of which type."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.judging.known import widest
from icplan.judging.move import JudgedMove
from icplan.judging.step import Judged, decide_step
from icplan.judging.worlds import slots_on_empty
from icplan.rollout import forward, rollback
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.packing import Budget
    from icplan.rollout import Move, Step


def judge_uncounted(fleet: Fleet, move: Move, assumptions: Assumptions, budget: Budget) -> JudgedMove:
    """Whatever has to be placed may fit or not, unless no split of the instances over the types takes it."""
    steps = tuple(_judged(fleet, step, budget) for step in forward(move, fleet, assumptions))
    reached = itertools.takewhile(lambda judged: judged.outcome is not Outcome.DOES_NOT_FIT, steps)
    back = rollback(move, fleet, assumptions, [judged.step for judged in reached])
    return JudgedMove(move, steps, None if back is None else tuple(_open(step) for step in back))


def favourable(fleet: Fleet, step: Step, box: Box) -> Fleet:
    """The fleet with its instances all of the type that takes most copies, and nothing on them.

    What finds no room there finds none on any split.
    """
    best = max(range(len(fleet.pools)), key=lambda n: slots_on_empty(fleet, step, box, n, low=False))
    pools = tuple(
        attrs.evolve(pool, instances=fleet.instances if number == best else 0)
        for number, pool in enumerate(fleet.pools)
    )
    return attrs.evolve(fleet, pools=pools, components=())


def _judged(fleet: Fleet, step: Step, budget: Budget) -> Judged:
    box, alone = widest(fleet), attrs.evolve(step, beside=())
    judged = decide_step(favourable(fleet, step, box), alone, box, budget)
    known = judged.outcome in (Outcome.DOES_NOT_FIT, Outcome.UNDECIDED)
    return judged if known else _open(step)


def _open(step: Step) -> Judged:
    return Judged(step, Outcome.MAY_NOT_FIT, None, None, None)
