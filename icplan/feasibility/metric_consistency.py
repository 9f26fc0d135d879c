"""What reservation metrics make of a judgement: whether they can be true, and what they settle."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_course.refine_steps import all_courses
from icplan.feasibility.every_step import decide_rollout
from icplan.feasibility.packing_model import PackingModel
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import existing_copies
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_course.worlds import Worlds
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.fleet.fleet import Fleet
    from icplan.fleet.metric_ranks import ReservedRanks
    from icplan.packing.budget import Budget


def without_unexplained(
    fleet: Fleet, box: AllocatableBox, budget: Budget
) -> tuple[Fleet, tuple[Finding, ...]]:
    """The fleet without metrics that no arrangement explains, and what is said of them.

    Of one that contradicts the snapshot by itself the others stand; where only together they do, none does.
    Where there are too many arrangements to try, what is more than bounds can show is not seen.
    """

    def possible(used: Sequence[ReservedRanks]) -> bool:
        return _possible(attrs.evolve(fleet, reserved=tuple(used)), box, budget)

    if not fleet.reserved or possible(fleet.reserved):
        return fleet, ()
    alone = [one for one in fleet.reserved if possible([one])]
    if len(alone) == len(fleet.reserved) or not possible(alone):
        return _without(fleet, (), fleet.reserved)
    wrong = [one for one in fleet.reserved if one not in alone]
    return _without(fleet, alone, wrong)


def _without(
    fleet: Fleet, used: Sequence[ReservedRanks], wrong: Sequence[ReservedRanks]
) -> tuple[Fleet, tuple[Finding, ...]]:
    found = _contradiction(wrong)
    doubts = (*fleet.reserved_doubts, found.message)
    return attrs.evolve(fleet, reserved=tuple(used), reserved_doubts=doubts), (found,)


def _contradiction(wrong: Sequence[ReservedRanks]) -> Finding:
    message = f"{_named(wrong)} contradicts the snapshot: no arrangement of what runs comes to it"
    return Finding("ICP324", Severity.WARNING, f"{message}, so it is not used")


def _named(metrics: Sequence[ReservedRanks]) -> str:
    """``CPUReservation and GPUReservation of 02:05Z``."""
    moments = {one.named.partition(" of ")[2] for one in metrics}
    if len(moments) > 1:
        return " and ".join(one.named for one in metrics)
    names = [one.metric for one in metrics]
    return f"{' and '.join(filter(None, [', '.join(names[:-1]), names[-1]]))} of {moments.pop()}"


def _possible(fleet: Fleet, box: AllocatableBox, budget: Budget) -> bool:
    """Whether some arrangement is as the metrics say, as far as can be told."""
    if not fleet.reserved:
        return True
    worlds = _worlds(fleet, box, budget)
    if worlds is not None:
        return bool(worlds.worlds)
    existing = tuple(existing_copies(fleet))
    problem = PackingModel.of(fleet, existing, {}).measured_problem(existing, box.best)
    return pack(problem, budget).status is not Status.DOES_NOT_FIT


def _worlds(fleet: Fleet, box: AllocatableBox, budget: Budget) -> Worlds | None:
    # Loaded only where it is used: most changes are decided without.
    from icplan.feasibility.every_course.state import TooMany  # noqa: PLC0415
    from icplan.feasibility.every_course.worlds import worlds_of  # noqa: PLC0415

    try:
        return worlds_of(fleet, box, budget)
    except TooMany:
        return None


def settled_by(question: Question, judged: RolloutResult) -> tuple[Finding, ...]:
    """Which metrics an outcome that is sure rests on: the fewest that show it.

    Nothing is said where it is as sure without them.
    """
    fleet, outcome = question.fleet, judged.outcome
    if not fleet.reserved or not (outcome.fits or outcome is Outcome.DOES_NOT_FIT):
        return ()
    for used in _subsets(fleet.reserved):
        if _outcome(question, used) is outcome:
            return (Finding("ICP325", Severity.NOTE, f"settled by {_named(used)}"),) if used else ()
    return ()


def _subsets(metrics: Sequence[ReservedRanks]) -> Iterator[tuple[ReservedRanks, ...]]:
    """The metrics that are used, from none to all; of as many, GPUs first."""
    ordered = sorted(metrics, key=lambda one: -one.dimension)
    for size in range(len(ordered) + 1):
        yield from itertools.combinations(ordered, size)


def _outcome(question: Question, used: Sequence[ReservedRanks]) -> Outcome:
    """What comes of it if no more is known than these tell."""
    fleet = attrs.evolve(question.fleet, reserved=tuple(used))
    known = decide_rollout(attrs.evolve(question, fleet=fleet)).outcome
    if known is not Outcome.MAY_NOT_FIT:
        return known
    budget = question.budget
    worlds = _worlds(fleet, question.box, budget)
    courses = all_courses(worlds, fleet, question.change, question.assumptions, budget)
    return known if courses is None else courses.outcome
