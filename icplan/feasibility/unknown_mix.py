"""Judge a change when the snapshot does not say how many instances run of each type."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_step import RolloutResult
from icplan.feasibility.step import StepResult, decide_step
from icplan.feasibility.tighten import catalog_box
from icplan.feasibility.worst_case import slots_on_empty
from icplan.rollout.steps import forward_steps, rollback_steps
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import CapacityChange, Step


def check_unknown_mix(
    fleet: Fleet, move: CapacityChange, assumptions: Assumptions, budget: Budget, *, empty: bool = False
) -> RolloutResult:
    """Whatever has to be placed may fit or not, unless no split of the instances over the types takes it.

    ``empty`` leaves out what is told to lie there, since it cannot.
    """
    ahead = forward_steps(move, fleet, assumptions)
    steps = tuple(_judged(fleet, move.component, step, budget, empty=empty) for step in ahead)
    reached = itertools.takewhile(lambda judged: judged.outcome is not Outcome.DOES_NOT_FIT, steps)
    back = rollback_steps(move, fleet, assumptions, [judged.step for judged in reached])
    return RolloutResult(move, steps, None if back is None else tuple(_may_not_fit(step) for step in back))


def best_case_fleet(fleet: Fleet, step: Step, box: AllocatableBox) -> Fleet:
    """The fleet with its instances all of the type that takes most copies, and nothing on them.

    What finds no room there finds none on any split.
    """
    best = max(range(len(fleet.pools)), key=lambda n: slots_on_empty(fleet, step, box, n, low=False))
    pools = tuple(
        attrs.evolve(pool, instances=fleet.instances if number == best else 0)
        for number, pool in enumerate(fleet.pools)
    )
    return attrs.evolve(fleet, pools=pools, components=())


def _judged(fleet: Fleet, component: str, step: Step, budget: Budget, *, empty: bool) -> StepResult:
    box = catalog_box(fleet)
    at_best = best_case_fleet(fleet, step, box)
    own = tuple(
        attrs.evolve(entry, component=attrs.evolve(entry.component, by_type=None))
        for entry in step.existing
        if entry.component.name == component and not empty
    )
    # Copies that reserve the same find most room on that type, too; others may have lain on another.
    alike = tuple(entry for entry in own if entry.component.need == step.need)
    judged = decide_step(at_best, attrs.evolve(step, existing=alike), box, budget)
    if judged.outcome is not Outcome.DOES_NOT_FIT:
        return judged if judged.outcome is Outcome.UNDECIDED else _may_not_fit(step)
    return decide_step(at_best, attrs.evolve(step, existing=own), box, budget)


def _may_not_fit(step: Step) -> StepResult:
    return StepResult(step, Outcome.MAY_NOT_FIT, None, None, None)
