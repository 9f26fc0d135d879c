"""A whole change judged: each step, and a rollback from the worst moment."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.judging.emptied import if_released, may_be_another
from icplan.judging.step import Judged, decide_step, judge_step, surely_fits
from icplan.rollout import decisive, forward, rollback
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.packing import Budget
    from icplan.rollout import Move


@attrs.frozen
class JudgedMove:
    """The steps in order, and those of a rollback (``None`` for a change that has none)."""

    move: Move
    steps: tuple[Judged, ...]
    rollback: tuple[Judged, ...] | None

    @property
    def outcome(self) -> Outcome:
        """That of the worst step."""
        return _worst(self.steps)

    @property
    def rollback_outcome(self) -> Outcome | None:
        """That of the worst step of a rollback."""
        return None if self.rollback is None else _worst(self.rollback)

    @property
    def worst_step(self) -> Judged | None:
        """The first of the worst steps."""
        return min(self.steps, key=lambda judged: judged.outcome.rank, default=None)

    @property
    def worst_rollback(self) -> Judged | None:
        """The first of the worst steps of a rollback."""
        return min(self.rollback or (), key=lambda judged: judged.outcome.rank, default=None)


def judge_move(
    fleet: Fleet, move: Move, box: Box, assumptions: Assumptions, budget: Budget, known: int
) -> JudgedMove:
    """Judge every step of a change on a fleet, and its rollback from every moment that can be reached.

    The first ``known`` steps are known to be done, one after another, in some world.
    """
    steps = tuple(
        if_released(fleet, judge_step(fleet, step, box, budget), box, assumptions)
        for step in forward(move, fleet, assumptions)
    )
    reached = tuple(itertools.takewhile(lambda judged: judged.outcome is not Outcome.DOES_NOT_FIT, steps))
    back = rollback(move, fleet, assumptions, [judged.step for judged in reached])
    if back is None:
        return JudgedMove(move, steps, None)
    # Instances launched on the way are there when it begins, and may hold what has to give way.
    launched = max(
        (fleet.room() if j.extra is None else min(j.extra, fleet.room()) for j in reached), default=0
    )
    judged = (judge_step(fleet, step, box, budget, launched=launched) for step in back)
    known_of = (if_released(fleet, one, box, assumptions) for one in judged)
    return JudgedMove(move, steps, tuple(_if_reached(one, reached, known) for one in known_of))


def _if_reached(judged: Judged, forward: tuple[Judged, ...], known: int) -> Judged:
    """A refusal stands only from a moment that some world reaches; of others nothing is known for sure.

    That a step works in some world says nothing of one before it, unless that works in all of them.
    """
    reached = judged.step.after <= known or all(j.outcome.fits for j in forward[1 : judged.step.after])
    if judged.outcome is not Outcome.DOES_NOT_FIT or reached:
        return judged
    return attrs.evolve(judged, outcome=Outcome.MAY_NOT_FIT, example=None)


def surely_fits_all(fleet: Fleet, move: Move, box: Box, assumptions: Assumptions, budget: Budget) -> bool:
    """Whether every step fits in every world; quicker than a whole judgement."""
    steps = forward(move, fleet, assumptions)
    if any(may_be_another(fleet, step, box, assumptions) for step in steps):
        return False
    return all(surely_fits(fleet, step, box, budget) for step in decisive(move, steps))


def launched_at_most(
    fleet: Fleet, move: Move, box: Box, assumptions: Assumptions, budget: Budget
) -> int | None:
    """The most instances launched on the way of a change that fits; ``None`` if that is not found in time."""
    steps = decisive(move, forward(move, fleet, assumptions))
    return most_extra([judge_step(fleet, step, box, budget) for step in steps])


def most_extra(judged: Iterable[Judged]) -> int | None:
    """The most further instances that any of the steps needs; ``None`` where that of one is not known."""
    most = 0
    for one in judged:
        if one.extra is None:
            return None
        most = max(most, one.extra)
    return most


def outcome_of(fleet: Fleet, move: Move, box: Box, assumptions: Assumptions, budget: Budget) -> Outcome:
    """The outcome alone, without evidence for every step and without a rollback."""
    steps = forward(move, fleet, assumptions)
    judged = (decide_step(fleet, step, box, budget) for step in decisive(move, steps))
    outcome = _worst(if_released(fleet, one, box, assumptions) for one in judged)
    unsure = any(may_be_another(fleet, step, box, assumptions) for step in steps)
    return Outcome.worst([outcome, Outcome.MAY_NOT_FIT]) if unsure else outcome


def _worst(judged: Iterable[Judged]) -> Outcome:
    return Outcome.worst(one.outcome for one in judged)
