"""Instances that a change empties on its way, where another type may take their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judging.worlds import slots_on_empty
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Fleet
    from icplan.judging.box import AllocatableBox
    from icplan.judging.step import StepResult
    from icplan.rollout import Step


def type_may_change(fleet: Fleet, step: Step, box: AllocatableBox, assumptions: Assumptions) -> bool:
    """Whether, by this step, emptied instances may be gone, and launched anew of a type with other room.

    It relies on the assumption only where it matters: copies have left, instances come and go, and the types
    differ in how many copies of the step an empty instance takes.
    """
    left = step.placed_before or any(entry.departed for entry in step.existing)
    if not left or fleet.scaling is None or len(_slots_per_type(fleet, step, box)) < 2:  # noqa: PLR2004  (they differ)
        return False
    return assumptions.use("emptied-instances") == "released"


def released_instances(
    fleet: Fleet, judged: StepResult, box: AllocatableBox, assumptions: Assumptions
) -> StepResult:
    """The step as far as it is known when emptied instances may be gone: nothing of it is sure.

    What not even an empty instance of any type takes still finds no room.
    """
    sure = judged.outcome.fits or judged.outcome is Outcome.DOES_NOT_FIT
    if not sure or not type_may_change(fleet, judged.step, box, assumptions):
        return judged
    if judged.outcome is Outcome.DOES_NOT_FIT and not any(
        most for _, most in _slots_per_type(fleet, judged.step, box)
    ):
        return judged
    return attrs.evolve(
        judged, outcome=Outcome.MAY_NOT_FIT, extra_instances=None, worst_case=None, witness=None
    )


def _slots_per_type(fleet: Fleet, step: Step, box: AllocatableBox) -> set[tuple[int, int]]:
    """How many copies of the step an empty instance takes at least and at most, of each type."""
    return {
        (slots_on_empty(fleet, step, box, n), slots_on_empty(fleet, step, box, n, low=False))
        for n in range(len(fleet.pools))
    }
