"""Whole arrangements that dives make of fractions of patterns."""

from __future__ import annotations

from hypothesis import given
from support.packing_strategies import arrangements

from icplan.packing import Arrangement, Budget
from icplan.packing.solver.arrangement.dive import DIVES, dive
from icplan.packing.solver.arrangement.extremes import fewest_slots
from icplan.packing.solver.arrangement.found_before import slots_left
from icplan.packing.solver.arrangement.generation import ArrangementGeneration
from icplan.packing.solver.arrangement.model import arrangement_model
from icplan.packing.solver.presolve import drop_surplus
from icplan.packing.solver.solve import decide


@given(arrangements())
def test_dives_lead_to_arrangements_of_all_copies(arrangement: Arrangement) -> None:
    """None leaves fewer slots than the least there are; what a dive limits or prefers is undone after it."""
    room, budget = arrangement_model(arrangement), Budget()
    start = decide(room.core, budget).loads
    if start is None or not room.core.counts:
        return
    generation = ArrangementGeneration(room, 1, budget)
    generation.start(drop_surplus(start, room.core.counts))
    value = generation.master.solve()
    exact = fewest_slots(arrangement)
    for attempt in DIVES:
        loads = dive(room.core, generation.master, attempt, budget)
        if loads is not None:
            kept = drop_surplus(loads, room.core.counts)
            held = [sum(times * copies[t] for _, times, copies in kept) for t in range(len(room.stays))]
            assert tuple(held) == room.core.counts
            assert slots_left(room, kept) >= exact.low
    assert generation.master.solve() == value
