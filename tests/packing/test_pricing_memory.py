"""A search for the heaviest pattern never holds more than its share of memory, and says what it left out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from icplan.packing.budget import NUMBERS, Budget
from icplan.packing.solver.columns.pricing import BinGroup, SearchLimits


@pytest.mark.parametrize("numbers", [500_000, NUMBERS])
@pytest.mark.parametrize("copies", [1_000, 1_000_000])
def test_a_million_copies_take_no_more_than_their_share(copies: int, numbers: int) -> None:
    """Bins with room for so many of each of three kinds: what is dropped is bounded from above."""
    bins, weights = 20, np.array([3, 2, 2])
    group = BinGroup(
        classes=np.arange(bins),
        free=np.full((bins, 2), [copies, copies]),
        kinds=np.arange(3),
        demands=np.array([[1, 1], [1, 0], [0, 1]]),
    )
    tracemalloc.start()
    try:
        result = group.heaviest(
            weights,
            np.full(3, copies),
            np.zeros(bins, dtype=np.int64),
            SearchLimits(5_000, Budget(effort=10**9, numbers=numbers)),
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * numbers + (2 << 20)
    assert (result.bounds >= 4 * copies).all()
