"""What was found of an arrangement for one target helps with the next, and changes no answer."""

from __future__ import annotations

from icplan.packing.budget import Budget
from icplan.packing.checker.placement import check_arrangement
from icplan.packing.checker.proof import check_slots
from icplan.packing.problem import Arrangement, Bin, Kind, Vector
from icplan.packing.solver.arrangement.extremes import fewest_slots

BINS = (Bin("instance", 9, (96_000, 180_000, 8)),)
LYING = tuple(
    Kind(f"c{number}", 3 + number % 3, ((5_000 + 1_700 * number, 9_000 + 3_100 * number, number % 4),))
    for number in range(9)
)
TARGETS: tuple[Vector, ...] = (
    (9_000, 20_000, 1),
    (20_000, 31_000, 2),
    (4_000, 52_000, 0),
    (31_000, 9_000, 3),
)


def asked(target: Vector) -> Arrangement:
    return Arrangement(BINS, LYING, (target,))


def test_the_next_target_takes_less_work() -> None:
    """With the same copies lying there; each answer is proven as it is alone."""
    shared, alone = Budget(effort=10**8), 0
    for target in TARGETS:
        own = Budget(effort=10**8)
        expected = fewest_slots(asked(target), budget=own)
        alone += own.spent
        found = fewest_slots(asked(target), budget=shared)
        assert found.low <= expected.high
        assert expected.low <= found.high
        assert found.proof is not None
        assert check_slots(asked(target), found.proof)
        assert found.arrangement is not None
        assert check_arrangement(asked(target), found.arrangement, found.high)
    assert shared.spent < alone
