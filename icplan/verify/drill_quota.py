"""Whether a copy more has room on what runs, as a drill tells it where a quota goes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.verdict.drill import FINDS_NONE, MAY_FIND_NONE
from icplan.verdict.headroom import Range
from icplan.verdict.premises import Where
from icplan.verify.drill_fleet import DrilledFleet
from icplan.verify.headroom import best_high, sure_low
from icplan.verify.result import NO_PROOF, require

if TYPE_CHECKING:
    from icplan.verdict.drill import Loss
    from icplan.verdict.drill_evidence import DrilledComponent, DrillPremises
    from icplan.verdict.premises import Premises
    from icplan.verify.drill_fleet import Demands
    from icplan.verify.evidence import Effort

_OTHER_FLEET = "the room is that of another fleet"


def quota_holds(drilled: DrillPremises, own: DrilledComponent, loss: Loss, effort: Effort) -> str | None:
    """Check whether one copy more has room on what runs, as it is told; say what is not proven."""
    room = loss.room
    require(loss.lost == Range(0, 0), "nothing goes with a quota")
    sure = room is not None and room.sure.low > 0
    none = room is not None and room.best.high == 0
    note = None if sure else FINDS_NONE if none else MAY_FIND_NONE
    require(loss.note == note, "what is told of an update is not what has room")
    if room is None or not (sure or none):
        return None  # Neither that there is room is claimed, nor that there is none.
    if room.evidence is None:
        return NO_PROOF
    for premises in (room.evidence.sure_premises, room.evidence.best_premises):
        _require_same(drilled, own, premises, room.waiting)
    require(room.launched == 0, "instances are launched where none can be")
    if sure:
        return sure_low(room, room.evidence, effort)
    return best_high(room, room.evidence, effort)


def _require_same(drilled: DrillPremises, own: DrilledComponent, premises: Premises, waiting: int) -> None:
    """Hold the premises of a room against those of the drill: the same instances, the same copies."""
    require(waiting <= own.copies - own.placed, "more copies wait than there are")
    told = [attrs.evolve(pool, reserved=()) for pool in premises.pools]
    same = told == list(drilled.pools)
    require(same and premises.together == (0, 0) and not premises.arriving, _OTHER_FLEET)
    require(premises.cpu_unit == drilled.cpu_unit, _OTHER_FLEET)
    require(premises.target.demands == own.demands, "a copy takes something else")
    runs: Counter[Demands] = Counter()
    perhaps: Counter[Demands] = Counter()
    for one in premises.existing:
        (perhaps if one.where is Where.PERHAPS else runs)[one.demands] += one.copies
        require(not one.leave and one.where is not Where.ANYWHERE, "copies leave, or lie anywhere")
    fleet = DrilledFleet(drilled)
    known = all(pool.holds is not None for pool in drilled.pools)
    require(known or +runs == fleet.running(), "other copies run")
    require(+perhaps == fleet.perhaps(own), "other copies may run")
