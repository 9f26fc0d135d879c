"""Instances that a change empties on its way, where another type may take their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judging.worlds import slots_on_empty
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.step import Judged
    from icplan.rollout import Step


def may_be_another(fleet: Fleet, step: Step, box: Box, assumptions: Assumptions) -> bool:
    """Whether, by this step, emptied instances may be gone, and launched anew of a type with other room.

    It relies on the assumption only where it matters: copies have left, instances come and go, and the types
    differ in how many copies of the step an empty instance takes.
    """
    left = step.already or any(entry.leave for entry in step.beside)
    if not left or fleet.scaling is None or len(_rooms(fleet, step, box)) < 2:  # noqa: PLR2004  (they differ)
        return False
    return assumptions["emptied-instances"] == "released"


def if_released(fleet: Fleet, judged: Judged, box: Box, assumptions: Assumptions) -> Judged:
    """The step as far as it is known when emptied instances may be gone: nothing of it is sure.

    What not even an empty instance of any type takes still finds no room.
    """
    sure = judged.outcome.fits or judged.outcome is Outcome.DOES_NOT_FIT
    if not sure or not may_be_another(fleet, judged.step, box, assumptions):
        return judged
    if judged.outcome is Outcome.DOES_NOT_FIT and not any(
        most for _, most in _rooms(fleet, judged.step, box)
    ):
        return judged
    return attrs.evolve(judged, outcome=Outcome.MAY_NOT_FIT, extra=None, surely=None, example=None)


def _rooms(fleet: Fleet, step: Step, box: Box) -> set[tuple[int, int]]:
    """How many copies of the step an empty instance takes at least and at most, of each type."""
    return {
        (slots_on_empty(fleet, step, box, n), slots_on_empty(fleet, step, box, n, low=False))
        for n in range(len(fleet.pools))
    }
