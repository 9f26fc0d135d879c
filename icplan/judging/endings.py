"""Whether it is known which instances run when a change is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judging.worlds import slots_on_empty
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.move import JudgedMove
    from icplan.judging.step import Judged
    from icplan.rollout import Move, Step


def types_unknown(fleet: Fleet, move: Move, steps: Sequence[Step], outcome: Outcome) -> bool:
    """Whether the instances per type may end otherwise than is likely, after a change that does not fail.

    With one type, only their number may differ, which managed instance scaling makes good up to its limits.
    """
    if fleet.scaling is None or len(fleet.pools) == 1:
        return False
    return _may_release(fleet, move) or (outcome is not Outcome.FITS and len(_launchable(fleet, steps)) > 1)


def _may_release(fleet: Fleet, move: Move) -> bool:
    """Whether copies leave that may have been the last on their instance, and not all instances must stay."""
    before = move.before
    leave = before is not None and before.copies > 0 and (move.replaces or move.copies < before.copies)
    return leave and fleet.instances > (fleet.min_instances or 0)


def _launchable(fleet: Fleet, steps: Sequence[Step]) -> set[str]:
    """The types of which an instance may be launched for copies of a step."""
    return {
        pool.type.name
        for pool in fleet.pools
        for step in steps
        if fleet.room(pool.type.name) and fleet.demand(step.need, pool.type.name) is not None
    }


def unsure(fleet: Fleet, judged: JudgedMove, box: Box) -> JudgedMove:
    """A change as far as it is known when other instances may run than ``fleet`` has: nothing of it is sure.

    What no number of instances within the limits takes, of whatever types, still finds no room.
    """
    back = judged.rollback
    return attrs.evolve(
        judged,
        steps=tuple(_unsure(fleet, one, box) for one in judged.steps),
        rollback=None if back is None else tuple(_unsure(fleet, one, box) for one in back),
    )


def _unsure(fleet: Fleet, judged: Judged, box: Box) -> Judged:
    outcome = unsure_outcome(fleet, judged.step, judged.outcome, box)
    if outcome is judged.outcome:
        return judged
    return attrs.evolve(judged, outcome=outcome, extra=None, surely=None, example=None, others=())


def unsure_outcome(fleet: Fleet, step: Step, outcome: Outcome, box: Box) -> Outcome:
    """The same of the outcome of one step."""
    most = max(slots_on_empty(fleet, step, box, n, low=False) for n in range(len(fleet.pools)))
    fails = outcome is Outcome.DOES_NOT_FIT
    if fails and step.copies > most * (fleet.instances + fleet.room()):
        return outcome
    return Outcome.MAY_NOT_FIT if fails or outcome.fits else outcome
