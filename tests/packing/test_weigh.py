"""The checker's search for a pattern worth too much: right whatever the hints, and short with good ones."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from icplan.packing.weigh import Extra, Item, Work, exceeds

PLENTY = 10**6


def heaviest(room: tuple[tuple[int, ...], tuple[int, ...]], items: list[Item], extra: Extra) -> int:
    """The most any legal pattern is worth, by trying all."""
    size = len(room[0])
    worths = []
    for copies in product(*[range(item.copies + 1) for item in items]):
        taken = [
            sum(n * item.takes[j] for n, item in zip(copies, items, strict=True))
            for j in range(size + len(room[1]))
        ]
        if any(t > f for t, f in zip(taken, room[0], strict=False)):
            continue
        left = [max(0, f - t) for f, t in zip(room[1], taken[size:], strict=True)]
        slots = [f // d for f, d in zip(left, extra.target, strict=False) if d]
        worth = sum(n * item.weight for n, item in zip(copies, items, strict=True))
        worth += extra.price * min(slots, default=0)
        at = len(extra.target)
        for price, needs in extra.rows:
            worth += 0 if any(left[at : at + needs]) else price
            at += needs
        worths.append(worth)
    return max(worths)


#: Room (of the bin, and soft), items, what else counts, and a hint.
Search = tuple[tuple[tuple[int, ...], tuple[int, ...]], list[Item], Extra, list[int]]


@st.composite
def searches(draw: st.DrawFn) -> Search:
    size = draw(st.integers(1, 2))
    target = draw(st.just(()) | st.tuples(*[st.integers(0, 3)] * size).filter(any))
    rows = draw(st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 2)), max_size=2))
    needs = sum(n for _, n in rows)
    hard = st.tuples(*[st.integers(0, 4)] * size)
    soft = st.tuples(*[st.integers(0, 4)] * len(target), *[st.integers(0, 2)] * needs)
    items = draw(
        st.lists(
            st.builds(
                lambda h, s, weight, count: Item((*h, *s), weight, count),
                hard,
                soft,
                st.integers(-3, 9),
                st.integers(1, 4),
            ),
            max_size=3,
        )
    )
    amounts = st.tuples(*[st.integers(0, 9)] * len(target), *[st.integers(0, 3)] * needs)
    room = (draw(st.tuples(*[st.integers(0, 9)] * size)), draw(amounts))
    hint = [draw(st.integers(1, 4)), *(draw(st.integers(0, 9)) for _ in range(size))]
    return room, items, Extra(draw(st.integers(-4, 4)), target, rows), hint


@given(searches())
def test_agrees_with_trying_every_pattern(case: Search) -> None:
    """Nothing is worth more than the heaviest pattern, and that more than one less; hints change nothing."""
    room, items, extra, hint = case
    best = heaviest(room, items, extra)
    for limit in (best - 1, best, best + 1):
        assert exceeds(limit, room, items, extra, hint, Work(PLENTY)) == (limit < best)
