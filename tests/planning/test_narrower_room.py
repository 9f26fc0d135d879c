"""Two searches for the same room tell together what either tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.planning.narrower_room import narrower_room, narrower_row
from icplan.verdict.headroom import Range, Room


@st.composite
def rooms(draw: st.DrawFn, sure: int, best: int) -> Room:
    """A room of which it is told more or less."""
    high = draw(st.none() | st.integers(best, best + 3))
    most = draw(st.integers(sure, sure + 3))
    low = draw(st.integers(0, sure))
    return Room(
        Range(low, high if high is not None and high < most else most if high is not None else None),
        Range(draw(st.integers(low, best)), high),
    )


@given(st.data())
def test_each_end_is_the_better_one(data: st.DataObject) -> None:
    """It stays true, leaves nothing out that one of them tells, and is the same either way round."""
    sure = data.draw(st.integers(0, 5))
    best = data.draw(st.integers(sure, 8))
    one, other = data.draw(rooms(sure, best)), data.draw(rooms(sure, best))
    both = narrower_room(one, other)
    assert both == narrower_room(other, one)
    for found, true, ends in (
        (both.sure, sure, (one.sure, other.sure)),
        (both.best, best, (one.best, other.best)),
    ):
        assert found.low <= true
        assert found.reaches(true) is not False
        assert found.low >= max(end.low for end in ends)
        assert all(end.high is None or (found.high is not None and found.high <= end.high) for end in ends)
    assert both.sure.low <= both.best.low
    assert both.best.high is None or (both.sure.high is not None and both.sure.high <= both.best.high)


def test_what_proves_an_end_comes_from_where_the_end_does() -> None:
    """Of a search with little work and one with enough, each way round."""
    held = [component(f"c{n}", 3 + n, n % 2, 19_000 + 3_001 * n, cpu=3 + n) for n in range(3)]
    taken = snapshot(GPU4, 5, *held)
    little, enough = (icplan.headroom(taken, at=["now"], effort=units) for units in (30_000, 200_000))
    for name, poor in little.components.items():
        rich = enough.components[name]
        for one, other in ((poor, rich), (rich, poor)):
            room = narrower_row(one, other).now
            assert room is not None
            assert rich.now is not None
            assert (room.sure, room.best) == (rich.now.sure, rich.now.best)
            assert room.evidence is not None
            assert room.evidence.no_world is not None
            assert room.evidence.every_world is not None or not room.sure.low
