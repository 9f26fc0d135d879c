"""Headroom holds under each value of assumptions that nobody has set, where these may not carry it."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from icplan.assumptions import ASSUMPTIONS, Assumption, Assumptions
from icplan.planning.headroom_under_assumptions import other_values, whatever_holds
from icplan.verdict.headroom import ComponentHeadroom, LargestBatch, Range, Room

lows = st.integers(0, 5)
ranges = st.builds(lambda low, more: Range(low, None if more is None else low + more), lows, st.none() | lows)
rooms = st.builds(Room, ranges, ranges)
batches = st.none() | st.builds(LargestBatch, lows, lows, lows)
rows = st.builds(
    ComponentHeadroom, *map(st.just, ("chat", "v", 3)), rooms, rooms, st.none() | rooms, largest_batch=batches
)
assumed = st.sampled_from(ASSUMPTIONS)


def highest(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


@given(rows, rows, assumed)
def test_sure_is_the_least_and_best_the_most(
    row: ComponentHeadroom, other: ComponentHeadroom, one: Assumption
) -> None:
    (found,) = whatever_holds([row], [other], Assumptions(), frozenset({one.name}))
    assert found.now is not None
    assert row.now is not None
    assert other.now is not None
    assert found.now.sure.low == (
        row.now.sure.low if one.promises else min(row.now.sure.low, other.now.sure.low)
    )
    assert found.now.best.high == (
        row.now.best.high if one.refuses else highest(row.now.best.high, other.now.best.high)
    )
    if one.promises or row.largest_batch is None:
        assert found.largest_batch == row.largest_batch
    elif other.largest_batch is None:
        assert found.largest_batch is None
    else:
        both = zip(attrs.astuple(row.largest_batch), attrs.astuple(other.largest_batch), strict=True)
        assert found.largest_batch == LargestBatch(*(min(pair) for pair in both))


@given(rows, rows, assumed)
def test_what_somebody_has_set_is_not_doubted(
    row: ComponentHeadroom, other: ComponentHeadroom, one: Assumption
) -> None:
    settled = Assumptions({one.name: one.choices[-1]})
    assert whatever_holds([row], [other], settled, frozenset({one.name})) == [row]
    assert other_values(settled, frozenset({one.name})) == []


@given(assumed)
def test_every_other_value_of_what_may_not_carry_all_is_tried(one: Assumption) -> None:
    tried = [other.value(one.name) for other in other_values(Assumptions(), frozenset({one.name}))]
    assert tried == ([] if one.promises and one.refuses else list(one.choices[1:]))
