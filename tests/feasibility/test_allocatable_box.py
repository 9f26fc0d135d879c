"""The box of allocatable amounts: its corners, and that cutting it loses no amount and doubles none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, pool

from icplan.feasibility.allocatable_box import AllocatableBox, Range

#: Amounts of (CPU, memory), few enough that all of a box can be tried.
PAIRS = st.tuples(st.integers(0, 4), st.integers(0, 4))


@st.composite
def boxes(draw: st.DrawFn) -> AllocatableBox:
    sides = []
    for _ in range(draw(st.integers(1, 2))):
        (a, b), (c, d) = draw(PAIRS), draw(PAIRS)
        sides.append(Range((min(a, c), min(b, d)), (max(a, c), max(b, d))))
    return AllocatableBox(tuple(sides))


def contains(box: AllocatableBox, point: AllocatableBox) -> bool:
    return all(
        low <= at <= high
        for side, one in zip(box.sides, point.sides, strict=True)
        for low, at, high in zip(side.low, one.low, side.high, strict=True)
    )


def point_in(draw: st.DataObject, box: AllocatableBox) -> AllocatableBox:
    found = []
    for side in box.sides:
        cpu, memory = (
            draw.draw(st.integers(low, high)) for low, high in zip(side.low, side.high, strict=True)
        )
        found.append(side.point((cpu, memory)))
    return AllocatableBox(tuple(found))


@given(boxes(), st.data())
def test_the_corners_are_the_least_and_the_most_of_it(box: AllocatableBox, data: st.DataObject) -> None:
    point = point_in(data, box)
    for worst, at, best in zip(box.worst.sides, point.sides, box.best.sides, strict=True):
        assert worst.low == worst.high
        assert best.low == best.high
        assert all(map(int.__le__, worst.low, at.low))
        assert all(map(int.__le__, at.low, best.low))


@given(boxes(), st.data())
def test_a_cut_leaves_every_amount_in_one_of_two_parts(box: AllocatableBox, data: st.DataObject) -> None:
    at, any_point = point_in(data, box), point_in(data, box)
    parts = box.split(at)
    if parts is None:
        assert at == box.worst
        return
    below, above = parts
    assert contains(above, at)
    assert contains(below, box.worst)
    assert contains(below, any_point) != contains(above, any_point)


@given(boxes(), st.data())
def test_what_a_pool_has_at_least_raises_its_low_end_and_no_high_end(
    box: AllocatableBox, data: st.DataObject
) -> None:
    floor = tuple(data.draw(PAIRS) for _ in box.sides)
    found = box.at_least(floor)
    for before, after, least in zip(box.sides, found.sides, floor, strict=True):
        assert after.high == before.high
        assert after.low == tuple(
            min(high, max(low, n)) for low, high, n in zip(before.low, before.high, least, strict=True)
        )


@given(st.integers(1, 8000), st.integers(0, 4000))
def test_the_box_of_a_fleet_has_what_is_known_of_each_pool(low: int, more: int) -> None:
    on = fleet(pool("ml.a.xlarge", 1, (low, low + more)), pool("ml.b.xlarge", 2))
    assert [side.low[1] for side in AllocatableBox.of(on).sides] == [low, 8000]
    assert [side.high[1] for side in AllocatableBox.of(on).sides] == [low + more, 8000]
    assert AllocatableBox.nominal(on).worst == AllocatableBox.of(on).worst
