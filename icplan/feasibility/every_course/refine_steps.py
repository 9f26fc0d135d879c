"""What was judged step by step, made exact where every course of a small fleet was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_step import with_steps
from icplan.feasibility.step import StepResult
from icplan.feasibility.worst_case import Counterexample
from icplan.packing.problem import Status
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.assumptions import Assumptions
    from icplan.feasibility.every_course.explore import AllCourses, Tally
    from icplan.feasibility.every_course.worlds import Worlds
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import CapacityChange

EMPTIED = "emptied-instances"
#: Assumptions on which nothing turns that a change leaves once it is done: no course, or that of going back.
NOT_AHEAD = frozenset(
    {
        "timeout-covers-rollback",
        "allocatable-memory",
        "allocatable-cpu",
        "neuron-device",
        "rollback-without-batch",
    }
)


def all_courses(
    worlds: Worlds | None, fleet: Fleet, move: CapacityChange, assumptions: Assumptions, budget: Budget
) -> AllCourses | None:
    """Every course of a change from these worlds; ``None`` where that cannot be told, or takes too much.

    Of going back it holds whatever becomes of emptied instances, unless somebody has set that.
    """
    if worlds is None or fleet.unsure or worlds.fleet.cpu_unit != fleet.cpu_unit:
        return None
    # Loaded only where it is used: most changes are decided without.
    from icplan.feasibility.every_course.explore import carry_out  # noqa: PLC0415
    from icplan.feasibility.every_course.start import courses_of  # noqa: PLC0415
    from icplan.feasibility.every_course.state import TooMany  # noqa: PLC0415

    comes_and_goes = len(fleet.pools) > 1 and fleet.min_instances is not None
    released = comes_and_goes and assumptions.value(EMPTIED) == "released"
    worlds = attrs.evolve(worlds, budget=budget)
    try:
        found = carry_out(attrs.evolve(worlds, releases=released), move, assumptions)
        both = comes_and_goes and bool(found.back) and not assumptions.given(EMPTIED)
        if both:
            found = attrs.evolve(
                found, back=carry_out(attrs.evolve(worlds, releases=True), move, assumptions).back
            )
    except TooMany:
        return None
    if not worlds.worlds:
        return None  # where there is no world at all, everything would hold, and nothing would be true
    premises = courses_of(worlds, move, found, released=released, released_back=released or both)
    return attrs.evolve(found, premises=premises)


def needs_every_course(fleet: Fleet, judged: RolloutResult) -> bool:
    """Whether bounds leave something in doubt, or may be passed by what others do meanwhile."""
    sure = all(one.outcome.fits or one.outcome is Outcome.DOES_NOT_FIT for one in _all(judged))
    return not sure or others_act(fleet)


def others_act(fleet: Fleet) -> bool:
    """Whether others may place, launch or release meanwhile."""
    return any(one.in_flight for one in fleet.components) or any(limit.contested for limit in fleet.limits)


def _all(judged: RolloutResult) -> Sequence[StepResult]:
    return (*judged.steps, *(judged.rollback or ()))


def sharpened(question: Question, judged: RolloutResult, courses: AllCourses | None) -> RolloutResult:
    """The change on a fleet as every course shows it. Evidence is kept where it shows the same outcome."""
    fleet, assumptions, steps, back = question.fleet, question.assumptions, judged.steps, judged.rollback
    if courses is not None and len(courses.steps) == len(judged.steps):
        now = fleet.instances
        tallied = zip(judged.steps, courses.steps, strict=True)
        steps = tuple(_step(one, tally, now) for one, tally in tallied)
        judged = with_steps(judged, steps, fleet, assumptions)
        steps, back = judged.steps, judged.rollback
        back = tuple(_way_back(back, courses, now)) if back else back
    if fleet.reserved:
        steps = tuple(_as_measured(question, one) for one in steps)
        back = None if back is None else tuple(_as_measured(question, one) for one in back)
    return attrs.evolve(judged, steps=steps, rollback=back)


def _step(judged: StepResult, tally: Tally, now: int) -> StepResult:
    if not (tally.fails or tally.works):
        return judged  # no course comes to it
    return _with(judged, tally.outcome, max(0, tally.most - now))


def _as_measured(question: Question, judged: StepResult) -> StepResult:
    """The step with a world that fails as metrics allow it, or with none that does, if all may be tried."""
    world, fleet = judged.worst_case, question.fleet
    # Loaded only where it is used: most changes are decided without.
    from icplan.feasibility.every_course.metric_match import explained  # noqa: PLC0415

    if not isinstance(world, Counterexample) or explained(fleet, judged.step, world):
        return judged
    from icplan.feasibility.every_course.failing_world import failing_world  # noqa: PLC0415
    from icplan.feasibility.every_course.state import TooMany  # noqa: PLC0415

    try:
        found = failing_world(question, judged.step, world)
    except TooMany:
        return judged  # it may be none, but bounds do not show that
    return attrs.evolve(judged, worst_case=found, witness=None if found is None else judged.witness)


def _with(judged: StepResult, outcome: Outcome, more: int) -> StepResult:
    if judged.outcome is outcome:
        return judged
    fits = judged.witness is not None and judged.witness.packing.status is Status.FITS
    known = {Outcome.FITS: 0, Outcome.FITS_AFTER_SCALE_OUT: more}
    return attrs.evolve(
        judged,
        outcome=outcome,
        extra_instances=known.get(outcome),
        worst_case=None,
        witness=judged.witness if fits and outcome.fits else None,
        other_proofs=(),
        reasons=frozenset(),
        decided=None,
    )


def _way_back(back: Sequence[StepResult], courses: AllCourses, now: int) -> list[StepResult]:
    """The steps of a rollback. What is known of all together is said of each that was in doubt.

    A moment that no course comes to is left out of what is known.
    """
    outcome = courses.rollback
    most = max((one.most for one in courses.back.values()), default=0)
    more = max(0, most - now)
    if outcome.fits:
        return [one if one.outcome.fits else _with(one, outcome, more) for one in back]
    if outcome is Outcome.MAY_NOT_FIT:
        sure = any(one.outcome in (Outcome.MAY_NOT_FIT, Outcome.UNDECIDED) for one in back)
        return [
            _with(one, outcome, 0) if one.outcome is Outcome.DOES_NOT_FIT or not sure else one for one in back
        ]
    if any(one.outcome is outcome for one in back):
        return list(back)
    never = {step for (step, done), tally in courses.back.items() if done and not tally.works}
    from_there = [one for one in back if one.step.after_step - 1 in never and not one.outcome.fits]
    wrong = (from_there or list(back))[-1]
    return [_with(one, outcome, 0) if one is wrong else one for one in back]
