"""Judge a whole change: every step, and a rollback from each moment it may begin."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.step import StepResult, decide_step, judge_step, surely_fits
from icplan.feasibility.weaken import (
    Reason,
    if_reached,
    never_known,
    type_may_change,
    unless_emptied,
    weakened,
)
from icplan.rollout.steps import rollback_steps
from icplan.values import frozen
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol

    from icplan.assumptions import Assumptions, Recorder
    from icplan.feasibility.question import Question, StepQuestion
    from icplan.fleet.fleet import Fleet
    from icplan.rollout.steps import CapacityChange, Step

    class Judge(Protocol):
        """`judge_step` or `decide_step`."""

        def __call__(self, question: StepQuestion, *, launched: int) -> StepResult:
            """Judge a step."""


@frozen
class RolloutResult:
    """The steps in order, and those of a rollback (``None`` for a change that has none).

    ``relied_on`` names the assumptions on which it rests.
    """

    change: CapacityChange
    steps: tuple[StepResult, ...]
    rollback: tuple[StepResult, ...] | None
    relied_on: frozenset[str] = frozenset()

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
        return min(self.steps, key=_rank, default=None)

    @property
    def worst_rollback(self) -> StepResult | None:
        """The first of the worst steps of a rollback."""
        return min(self.rollback or (), key=_rank, default=None)

    @property
    def reasons(self) -> frozenset[Reason]:
        """Whatever has weakened a step, or one of going back."""
        return frozenset[Reason]().union(*(one.reasons for one in (*self.steps, *(self.rollback or ()))))


def check_rollout(question: Question, known: int, *, decide_back: bool = False) -> RolloutResult:
    """Judge every step of a change on a fleet, and its rollback from every moment that can be reached.

    The first ``known`` steps are known to be done, one after another, in some world. With ``decide_back``
    only the outcome of each step of the rollback is told.
    """
    ahead, recorder = check_forward(question), question.assumptions.recorder()
    judge = decide_step if decide_back else judge_step
    found = _way_back(question, ahead, known, judge, recorder)
    rollback = None if found is None else tuple(found)
    return attrs.evolve(ahead, rollback=rollback, relied_on=ahead.relied_on | recorder.relied_on)


def outcome_of_going_back(question: Question) -> Outcome | None:
    """The outcome of going back, as far as it matters; ``None`` where there is none.

    Past a step that fails, or may fail, none is looked at.
    """
    found = _way_back(question, check_forward(question), 0, decide_step, question.assumptions.recorder())
    if found is None:
        return None
    undecided = False
    for outcome in (one.outcome for one in found):
        if not outcome.fits and outcome is not Outcome.UNDECIDED:
            return outcome
        undecided = undecided or outcome is Outcome.UNDECIDED
    return Outcome.UNDECIDED if undecided else Outcome.FITS_AFTER_SCALE_OUT


def _way_back(
    question: Question, ahead: RolloutResult, known: int, judge: Judge, recorder: Recorder
) -> Iterator[StepResult] | None:
    """Each step of going back, judged when it is asked for; ``None`` where there is no going back."""
    reached = reached_steps(ahead.steps)
    change, fleet = question.change, question.fleet
    back = rollback_steps(change, fleet, recorder, [one.step for one in reached])
    if back is None:
        return None
    # Instances launched on the way are there when it begins, and may hold what has to give way.
    most = fleet.scale_out_allowance()
    needed = (one.extra_instances for one in reached)
    launched = max((most if extra is None else min(extra, most) for extra in needed), default=0)

    def judged(step: Step) -> StepResult:
        about = question.about(step)
        if judge is decide_step and never_known(about, recorder):
            return weakened(StepResult(step, Outcome.FITS, None, None, None), Reason.EMPTIED)
        found = unless_emptied(about, judge(about, launched=launched), recorder)
        return if_reached(found, reached, known)

    return map(judged, back)


def reached_steps(steps: Iterable[StepResult]) -> tuple[StepResult, ...]:
    """The steps up to the first that cannot be done."""
    return tuple(itertools.takewhile(lambda one: one.outcome is not Outcome.DOES_NOT_FIT, steps))


def with_steps(
    judged: RolloutResult, steps: tuple[StepResult, ...], fleet: Fleet, assumptions: Assumptions
) -> RolloutResult:
    """The change with other steps, and the way back from those that may be reached then.

    Of moments that were not thought of nothing is known yet.
    """
    reached = reached_steps(steps)
    if judged.rollback is None or len(reached) == len(reached_steps(judged.steps)):
        return attrs.evolve(judged, steps=steps)
    there = {(one.step.name, one.step.counts): one for one in judged.rollback}
    recorder = assumptions.recorder()
    back = rollback_steps(judged.change, fleet, recorder, [one.step for one in reached]) or ()
    rollback = tuple(
        attrs.evolve(found, step=step)
        if (found := there.get((step.name, step.counts)))
        else StepResult(step, Outcome.MAY_NOT_FIT, None, None, None)
        for step in back
    )
    relied_on = judged.relied_on | recorder.relied_on
    return attrs.evolve(judged, steps=steps, rollback=rollback, relied_on=relied_on)


def check_forward(question: Question) -> RolloutResult:
    """Judge every step of a change, and nothing of going back, which takes longer."""
    found, recorder = [], question.assumptions.recorder()
    for step in question.steps:
        about = question.about(step)
        found.append(unless_emptied(about, judge_step(about), recorder))
    return RolloutResult(question.change, tuple(found), None, question.relied_on | recorder.relied_on)


def decide_rollout(question: Question) -> RolloutResult:
    """The outcome of every step alone: as `check_forward` has it, without what else is told of each.

    Only the steps that decide are looked at; of the others it is known that they are no worse than those.
    """
    decided, recorder = {}, question.assumptions.recorder()
    for step in question.binding:
        about = question.about(step)
        decided[id(step)] = unless_emptied(about, decide_step(about), recorder)
    worst, found = _worst(decided.values()), []
    for step in question.steps:
        no_worse = decided.get(id(step)) or unless_emptied(
            question.about(step), StepResult(step, worst, None, None, None), recorder
        )
        found.append(no_worse)
    return RolloutResult(question.change, tuple(found), None, question.relied_on | recorder.relied_on)


def surely_fits_all(question: Question) -> bool:
    """Whether every step fits in every world; quicker than a whole judgement."""
    if any(type_may_change(question.about(step), question.assumptions) for step in question.steps):
        return False
    # The last step has to find room for the most copies, so it is the first to tell that there is none.
    return all(surely_fits(question.about(step)) for step in reversed(question.binding))


def most_launched(question: Question) -> int | None:
    """The most instances launched on the way of a change that fits; ``None`` if that is not found in time."""
    return most_further_instances([judge_step(question.about(step)) for step in question.binding])


def most_further_instances(judged: Iterable[StepResult]) -> int | None:
    """The most further instances that any of the steps needs; ``None`` where that of one is not known."""
    most = 0
    for one in judged:
        if one.extra_instances is None:
            return None
        most = max(most, one.extra_instances)
    return most


def _rank(judged: StepResult) -> int:
    return judged.outcome.rank


def _worst(judged: Iterable[StepResult]) -> Outcome:
    return Outcome.worst(one.outcome for one in judged)
