"""Whether an outcome rests on a part of the snapshot that may not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_step import decide_rollout
from icplan.fleet.fleet import UNLIMITED, Unsure
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.feasibility.question import Question

#: The limit that stands for one that is not told.
NOT_TOLD = "ICP320"
#: What any promise rests on, what one that takes a launch does besides, and what any refusal does.
_ANY_PROMISE = {Unsure.TYPES, Unsure.COPIES, Unsure.ASKED, Unsure.HELD}
_LAUNCHES = {Unsure.MORE, Unsure.GROWTH}
_ANY_REFUSAL = {Unsure.TYPES, Unsure.COPIES, Unsure.ASKED, Unsure.MORE}


def rests_on_unsure(question: Question, outcome: Outcome) -> bool:
    """Whether a promise, or a refusal, would not stand if what is not sure of the fleet were otherwise."""
    unsure = question.fleet.unsure.keys()
    if not unsure or not (outcome.fits or outcome.fails):
        return False
    if outcome.fits:
        rests = _ANY_PROMISE if outcome is Outcome.FITS else _ANY_PROMISE | _LAUNCHES
        return bool(rests & unsure)
    if _ANY_REFUSAL & unsure:
        return True
    if not question.fleet.mix_known:
        return Unsure.GROWTH in unsure
    return Unsure.GROWTH in unsure and decide_rollout(_grown(question)).outcome is not outcome


def _grown(question: Question) -> Question:
    """The question, were there no limit that is not told."""
    limits = tuple(
        attrs.evolve(limit, remaining=UNLIMITED) if limit.rule == NOT_TOLD else limit
        for limit in question.fleet.limits
    )
    return attrs.evolve(question, fleet=attrs.evolve(question.fleet, limits=limits))
