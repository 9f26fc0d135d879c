"""Judge a whole change: every step, and a rollback from each moment it may begin."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.step import StepResult, decide_step, judge_step, surely_fits
from icplan.feasibility.weaken import released_instances, type_may_change
from icplan.rollout.steps import binding_steps, forward_steps, rollback_steps
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from icplan.assumptions import Assumptions
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import CapacityChange


@attrs.frozen
class RolloutResult:
    """The steps in order, and those of a rollback (``None`` for a change that has none)."""

    move: CapacityChange
    steps: tuple[StepResult, ...]
    rollback: tuple[StepResult, ...] | None

    @property
    def outcome(self) -> Outcome:
        """That of the worst step."""
        return _worst(self.steps)

    @property
    def rollback_outcome(self) -> Outcome | None:
        """That of the worst step of a rollback."""
        return None if self.rollback is None else _worst(self.rollback)

    @property
    def worst_step(self) -> StepResult | None:
        """The first of the worst steps."""
        return min(self.steps, key=lambda judged: judged.outcome.rank, default=None)

    @property
    def worst_rollback(self) -> StepResult | None:
        """The first of the worst steps of a rollback."""
        return min(self.rollback or (), key=lambda judged: judged.outcome.rank, default=None)


def check_rollout(
    fleet: Fleet,
    move: CapacityChange,
    box: AllocatableBox,
    assumptions: Assumptions,
    budget: Budget,
    known: int,
) -> RolloutResult:
    """Judge every step of a change on a fleet, and its rollback from every moment that can be reached.

    The first ``known`` steps are known to be done, one after another, in some world.
    """
    steps = check_forward(fleet, move, box, assumptions, budget).steps
    back = _judged_back(fleet, move, box, assumptions, budget, steps, judge_step)
    if back is None:
        return RolloutResult(move, steps, None)
    reached = _reached(steps)
    return RolloutResult(move, steps, tuple(only_if_reachable(one, reached, known) for one in back))


def quick_rollback_outcome(
    fleet: Fleet, move: CapacityChange, box: AllocatableBox, assumptions: Assumptions, budget: Budget
) -> Outcome | None:
    """The outcome of going back alone, as `check_rollout` has it; ``None`` where there is none."""
    steps = check_forward(fleet, move, box, assumptions, budget).steps
    back = _judged_back(fleet, move, box, assumptions, budget, steps, decide_step)
    if back is None:
        return None
    reached = _reached(steps)
    return _worst(only_if_reachable(one, reached, known=0) for one in back)


def _reached(steps: tuple[StepResult, ...]) -> tuple[StepResult, ...]:
    return tuple(itertools.takewhile(lambda judged: judged.outcome is not Outcome.DOES_NOT_FIT, steps))


def rollback_from(
    judged: RolloutResult, steps: tuple[StepResult, ...], fleet: Fleet, assumptions: Assumptions
) -> tuple[StepResult, ...] | None:
    """The way back, where other ``steps`` may be reached than was thought; of new ones nothing is known."""
    reached = _reached(steps)
    if judged.rollback is None or len(reached) == len(_reached(judged.steps)):
        return judged.rollback
    there = {(one.step.name, one.step.counts): one for one in judged.rollback}
    back = rollback_steps(judged.move, fleet, assumptions, [one.step for one in reached]) or ()
    return tuple(
        attrs.evolve(found, step=step)
        if (found := there.get((step.name, step.counts)))
        else StepResult(step, Outcome.MAY_NOT_FIT, None, None, None)
        for step in back
    )


def _judged_back(
    fleet: Fleet,
    move: CapacityChange,
    box: AllocatableBox,
    assumptions: Assumptions,
    budget: Budget,
    steps: tuple[StepResult, ...],
    judge: Callable[..., StepResult],
) -> Iterator[StepResult] | None:
    """Each step of a rollback, judged; ``None`` for a change that has none."""
    reached = _reached(steps)
    back = rollback_steps(move, fleet, assumptions, [judged.step for judged in reached])
    if back is None:
        return None
    # Instances launched on the way are there when it begins, and may hold what has to give way.
    launched = max(
        (
            fleet.scale_out_allowance()
            if j.extra_instances is None
            else min(j.extra_instances, fleet.scale_out_allowance())
            for j in reached
        ),
        default=0,
    )
    judged = (judge(fleet, step, box, budget, launched=launched) for step in back)
    return (released_instances(fleet, one, box, assumptions) for one in judged)


def check_forward(
    fleet: Fleet, move: CapacityChange, box: AllocatableBox, assumptions: Assumptions, budget: Budget
) -> RolloutResult:
    """Judge every step of a change, and nothing of going back, which takes longer."""
    steps = tuple(
        released_instances(fleet, judge_step(fleet, step, box, budget), box, assumptions)
        for step in forward_steps(move, fleet, assumptions)
    )
    return RolloutResult(move, steps, None)


def only_if_reachable(judged: StepResult, forward: tuple[StepResult, ...], known: int) -> StepResult:
    """A refusal stands only from a moment that some world reaches; of others nothing is known for sure.

    That a step works in some world says nothing of one before it, unless that works in all of them.
    """
    reached = judged.step.after_step <= known or all(
        j.outcome.fits for j in forward[1 : judged.step.after_step]
    )
    if judged.outcome is not Outcome.DOES_NOT_FIT or reached:
        return judged
    return attrs.evolve(judged, outcome=Outcome.MAY_NOT_FIT, witness=None)


def surely_fits_all(
    fleet: Fleet, move: CapacityChange, box: AllocatableBox, assumptions: Assumptions, budget: Budget
) -> bool:
    """Whether every step fits in every world; quicker than a whole judgement."""
    steps = forward_steps(move, fleet, assumptions)
    if any(type_may_change(fleet, step, box, assumptions) for step in steps):
        return False
    return all(surely_fits(fleet, step, box, budget) for step in binding_steps(move, steps))


def most_launched(
    fleet: Fleet, move: CapacityChange, box: AllocatableBox, assumptions: Assumptions, budget: Budget
) -> int | None:
    """The most instances launched on the way of a change that fits; ``None`` if that is not found in time."""
    steps = binding_steps(move, forward_steps(move, fleet, assumptions))
    return most_further_instances([judge_step(fleet, step, box, budget) for step in steps])


def most_further_instances(judged: Iterable[StepResult]) -> int | None:
    """The most further instances that any of the steps needs; ``None`` where that of one is not known."""
    most = 0
    for one in judged:
        if one.extra_instances is None:
            return None
        most = max(most, one.extra_instances)
    return most


def quick_outcome(
    fleet: Fleet, move: CapacityChange, box: AllocatableBox, assumptions: Assumptions, budget: Budget
) -> Outcome:
    """The outcome alone, without evidence for every step and without a rollback."""
    steps = forward_steps(move, fleet, assumptions)
    judged = (decide_step(fleet, step, box, budget) for step in binding_steps(move, steps))
    outcome = _worst(released_instances(fleet, one, box, assumptions) for one in judged)
    unsure = any(type_may_change(fleet, step, box, assumptions) for step in steps)
    return Outcome.worst([outcome, Outcome.MAY_NOT_FIT]) if unsure else outcome


def _worst(judged: Iterable[StepResult]) -> Outcome:
    return Outcome.worst(one.outcome for one in judged)
