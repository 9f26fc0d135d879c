"""Weaken an outcome that rests on a part of the snapshot that may not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_step import quick_outcome
from icplan.fleet.fleet import UNLIMITED, Unsure
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.rollout.steps import CapacityChange

#: The limit that stands for one that is not told.
NOT_TOLD = "ICP320"


def as_known(
    outcome: Outcome,
    fleet: Fleet,
    move: CapacityChange,
    box: AllocatableBox,
    assumptions: Assumptions,
    budget: Budget,
) -> Outcome:
    """The outcome as far as it rests on what is known to apply."""
    if not fleet.unsure or not (outcome.fits or outcome is Outcome.DOES_NOT_FIT):
        return outcome
    if outcome.fits:
        rests = {Unsure.TYPES, Unsure.ASKED, Unsure.HELD}
        if outcome is not Outcome.FITS:
            rests |= {Unsure.MORE, Unsure.GROWTH}
        return Outcome.MAY_NOT_FIT if rests & fleet.unsure.keys() else outcome
    if {Unsure.TYPES, Unsure.ASKED, Unsure.MORE} & fleet.unsure.keys():
        return Outcome.MAY_NOT_FIT
    if Unsure.GROWTH not in fleet.unsure:
        return outcome
    grown = tuple(
        attrs.evolve(limit, remaining=UNLIMITED) if limit.rule == NOT_TOLD else limit
        for limit in fleet.limits
    )
    trial = attrs.evolve(assumptions, used=set())
    again = quick_outcome(attrs.evolve(fleet, limits=grown), move, box, trial, budget)
    return outcome if again is outcome else Outcome.MAY_NOT_FIT
