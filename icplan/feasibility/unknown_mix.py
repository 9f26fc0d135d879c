"""Judge a change when the snapshot does not say how many instances run of each type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_step import RolloutResult, reached_steps
from icplan.feasibility.overcommitted import never_fits
from icplan.feasibility.step import StepResult, decide_step
from icplan.feasibility.weaken import Reason, weakened
from icplan.rollout.steps import rollback_steps
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.feasibility.question import Question, StepQuestion
    from icplan.fleet.fleet import Fleet
    from icplan.rollout.steps import Step


def check_unknown_mix(question: Question, *, overcommitted: bool = False) -> RolloutResult:
    """Whatever has to be placed may fit or not, unless no split of the instances over the types takes it.

    ``overcommitted`` tells that more is told to lie there than can: then neither that nor the number of
    instances is reckoned with, and only what no instance ever takes is refused.
    """
    change, fleet, recorder = question.change, question.fleet, question.assumptions.recorder()
    judge = _judged_if_never if overcommitted else _judged
    steps = tuple(judge(question, step) for step in question.steps)
    reached = [one.step for one in reached_steps(steps)]
    back = rollback_steps(change, fleet, recorder, reached)
    rollback = None if back is None else tuple(map(_not_known, back))
    return RolloutResult(change, steps, rollback, question.relied_on | recorder.relied_on)


def best_case_fleet(question: StepQuestion) -> Fleet:
    """The fleet with its instances all of the type that takes most copies, and nothing on them.

    What finds no room there finds none on any split.
    """
    fleet, slots = question.fleet, question.slots
    best = max(range(len(fleet.pools)), key=lambda number: slots[number][1])
    pools = tuple(
        attrs.evolve(pool, instances=fleet.instances if number == best else 0)
        for number, pool in enumerate(fleet.pools)
    )
    return attrs.evolve(fleet, pools=pools, components=())


def _judged_if_never(question: Question, step: Step) -> StepResult:
    about = question.about(step)
    if not never_fits(about):
        return _not_known(step)
    empty = attrs.evolve(question.fleet, components=())
    return decide_step(attrs.evolve(about, fleet=empty, step=attrs.evolve(step, existing=())))


def _judged(question: Question, step: Step) -> StepResult:
    about = question.about(step)
    about = attrs.evolve(about, fleet=best_case_fleet(about))
    own = tuple(
        attrs.evolve(entry, component=attrs.evolve(entry.component, by_type=None))
        for entry in step.existing
        if entry.component.name == question.change.component
    )
    # Copies that reserve the same find most room on that type, too; others may have lain on another.
    alike = tuple(entry for entry in own if entry.component.need == step.need)
    judged = decide_step(attrs.evolve(about, step=attrs.evolve(step, existing=alike)))
    if judged.outcome is Outcome.DOES_NOT_FIT:
        return decide_step(attrs.evolve(about, step=attrs.evolve(step, existing=own)))
    if judged.outcome is Outcome.UNDECIDED:
        return judged
    return weakened(attrs.evolve(judged, step=step), Reason.UNKNOWN_MIX)


def _not_known(step: Step) -> StepResult:
    """A step of which nothing was asked."""
    return weakened(StepResult(step, Outcome.MAY_NOT_FIT, None, None, None), Reason.UNKNOWN_MIX)
