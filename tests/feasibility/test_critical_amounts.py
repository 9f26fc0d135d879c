"""Between two critical amounts no further set of copies has room."""

from __future__ import annotations

import itertools
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from icplan.feasibility import critical_amounts as module


@given(st.sets(st.integers(1, 40), min_size=1, max_size=3), st.integers(0, 120), st.sampled_from([3, 2_000]))
def test_every_sum_of_copies_is_among_them(sizes: set[int], most: int, cap: int) -> None:
    with patch.object(module, "MAX_AMOUNTS", cap):
        amounts = list(module._sums(sizes, most))
    counts = itertools.product(*(range(most // size + 1) for size in sizes))
    sums = {sum(n * size for n, size in zip(each, sizes, strict=True)) for each in counts}
    assert amounts == sorted(set(amounts))
    assert sums & set(range(most + 1)) <= set(amounts)
    if cap > most:
        assert set(amounts) <= sums
