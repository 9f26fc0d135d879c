"""Exchanges: they lead to arrangements of all copies, never past the extreme one, and mostly to that one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from icplan.packing.budget import Budget
from icplan.packing.checker.placement import check_placement
from icplan.packing.problem import Arrangement, Bin, Kind, Problem
from icplan.packing.solver.arrangement.exchanges import Exchanges
from icplan.packing.solver.arrangement.extremes import fewest_slots, most_slots
from icplan.packing.solver.arrangement.found_before import slots_left
from icplan.packing.solver.arrangement.model import arrangement_model
from icplan.packing.solver.arrangement.roomiest import roomiest
from icplan.packing.solver.optimise import most
from icplan.packing.solver.presolve import drop_surplus
from icplan.packing.solver.solve import decide

if TYPE_CHECKING:
    from icplan.packing.problem import Vector

_CASES = 60


def _drawn(seed: int) -> tuple[Problem, Arrangement]:
    """Few bins and kinds, and a target that may not lie everywhere."""
    rng = random.Random(seed)  # noqa: S311  (nothing secret is drawn)
    size, classes = rng.randint(1, 3), rng.randint(1, 2)

    def demands(least: int) -> tuple[Vector | None, ...]:
        rows = (tuple(rng.randint(least, 8) for _ in range(size)) for _ in range(classes))
        return tuple(None if rng.random() < 0.15 else row for row in rows)

    bins = tuple(
        Bin(f"b{k}", rng.randint(0, 3), tuple(rng.randint(4, 30) for _ in range(size)))
        for k in range(classes)
    )
    kinds = tuple(Kind(f"k{i}", rng.randint(0, 4), demands(0)) for i in range(rng.randint(1, 4)))
    target = demands(1)
    return Problem(bins, (*kinds, Kind("t", 0, target))), Arrangement(bins, kinds, target)


def test_they_lead_to_arrangements_of_all_copies_between_the_extremes() -> None:
    found = best = 0
    for seed in range(_CASES):
        _, arrangement = _drawn(seed)
        room = arrangement_model(arrangement)
        start = decide(room.core, Budget()).loads
        if start is None:
            continue
        for sign, extreme in ((1, fewest_slots), (-1, most_slots)):
            exchanges, first = Exchanges.of(room, sign, Budget()), drop_surplus(start, room.core.counts)
            loads = (exchanges and exchanges.improve(first, None)) or first
            counts = [sum(times * copies[t] for _, times, copies in loads) for t in range(len(room.stays))]
            assert tuple(counts) == room.core.counts
            slots, exact = slots_left(room, loads), extreme(arrangement)
            assert sign * slots >= sign * (exact.low if sign > 0 else exact.high)
            found, best = found + 1, best + (slots == exact.low)
    assert best >= 0.9 * found > 0


@pytest.mark.parametrize("seed", range(_CASES))
def test_the_roomiest_layout_is_one_of_all_copies_and_holds_no_more_than_there_is_room_for(seed: int) -> None:
    problem, _ = _drawn(seed)
    kind = len(problem.kinds) - 1
    more, layout = roomiest(problem, kind, 1000, Budget())
    kinds = (*problem.kinds[:-1], Kind("t", more, problem.kinds[kind].demands))
    assert more <= most(problem, kind)[1]
    assert not layout or check_placement(Problem(problem.bins, kinds), layout)


def test_no_more_steps_are_taken_than_there_is_work_for() -> None:
    _, arrangement = _drawn(3)
    room = arrangement_model(arrangement)
    start = decide(room.core, Budget()).loads
    exchanges = Exchanges.of(room, 1, Budget(effort=0))
    assert exchanges is None or start is None or exchanges.improve(start, None) is None
