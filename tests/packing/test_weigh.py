"""The checker's search for a pattern worth too much: right whatever the hints, and short with good ones."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.packing.checker import knapsack, slot_bound
from icplan.packing.checker.knapsack import (
    Exhausted,
    InvalidProof,
    Item,
    SoftValue,
    StepLimit,
    outweighs,
)
from icplan.packing.reader import Node, Unreadable

PLENTY = 10**6


def heaviest(room: tuple[tuple[int, ...], tuple[int, ...]], items: list[Item], extra: SoftValue) -> int:
    """The most any legal pattern is worth, by trying all."""
    size = len(room[0])
    worths = []
    for copies in product(*[range(item.copies + 1) for item in items]):
        taken = [
            sum(n * item.demand[j] for n, item in zip(copies, items, strict=True))
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
Search = tuple[tuple[tuple[int, ...], tuple[int, ...]], list[Item], SoftValue, list[int]]


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
    return room, items, SoftValue(draw(st.integers(-4, 4)), target, rows), hint


@given(searches())
def test_agrees_with_trying_every_pattern(case: Search) -> None:
    """Nothing is worth more than the heaviest pattern, and that more than one less; hints change nothing."""
    room, items, extra, hint = case
    best = heaviest(room, items, extra)
    for limit in (best - 1, best, best + 1):
        assert outweighs(limit, room, items, extra, hint, StepLimit(PLENTY)) == (limit < best)


@given(searches(), st.integers(1, 40))
def test_agrees_where_the_room_of_the_target_is_counted_in_grains(case: Search, cells: int) -> None:
    """However few cells its table has."""
    room, items, extra, hint = case
    extra = extra._replace(price=-abs(extra.price))
    best = heaviest(room, items, extra)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slot_bound, "MAX_CELLS", cells)
        for limit in (best - 1, best):
            assert outweighs(limit, room, items, extra, hint, StepLimit(PLENTY)) == (limit < best)


def steps(
    limit: int, room: tuple[int, ...], items: list[Item], hint: list[int], extra: SoftValue | None = None
) -> int:
    """How many steps the search takes to find nothing worth more than the limit."""
    work = StepLimit(PLENTY)
    soft = (9, 2, 1)[: len(items[0].demand) - len(room)]
    assert not outweighs(limit, (room, soft), items, extra or SoftValue(0, (), ()), hint, work)
    return PLENTY - work.left


#: Ten copies, no two alike, of which a bin of 100 by 100 holds two to four. The heaviest pattern weighs
#: 173; that none weighs more than 229 is plain from the multipliers alone.
KINDS = [Item((50 - 3 * i, 41 - 2 * (i * i % 11)), 40 + 2 * i + i * i % 7, 1) for i in range(10)]
NOTHING = [1, 0, 0]
DUALS = [329, 455, 301]


def test_multipliers_shorten_the_search() -> None:
    """In numbers of steps, which whatever loosens a bound would raise."""
    assert steps(173, (100, 100), KINDS, NOTHING) == 492
    assert steps(173, (100, 100), KINDS, DUALS) == 212
    assert steps(228, (100, 100), KINDS, DUALS) == 282
    assert steps(229, (100, 100), KINDS, DUALS) == 0


def test_the_table_is_made_of_grains_where_weights_are_large() -> None:
    large = [item._replace(weight=10**7 * item.weight) for item in KINDS]
    assert steps(173 * 10**7, (100, 100), large, DUALS) == 12508


def test_several_copies_and_soft_amounts() -> None:
    several = [item._replace(copies=1 + i % 4) for i, item in enumerate(KINDS[4:])]
    assert steps(181, (100, 100), several, [1, 1, 1]) == 223
    soft = [Item((*item.demand, i % 3, i % 2, 1), item.weight - 50, 1) for i, item in enumerate(KINDS)]
    dear, cheap = SoftValue(2, (4,), [(5, 1), (-3, 1)]), SoftValue(-2, (4,), [(5, 1), (-3, 1)])
    assert steps(27, (100, 100), soft, DUALS, dear) == 72
    assert steps(23, (100, 100), soft, NOTHING, cheap) == 53


#: Copies that take room from a target, at prices that are just what they cost it: nothing lies there that
#: is cheaper than the slots of an empty bin.
CROWDING = [Item((4 + i, 6 + i) * 2, -3 - i, 9) for i in range(8)]


def crowded_steps(limit: int, cells: int = 100_000) -> int:
    """How many steps the search takes to find nothing worth more than the limit."""
    extra, work = SoftValue(-3, (6, 6), ()), StepLimit(PLENTY)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slot_bound, "MAX_CELLS", cells)
        assert not outweighs(limit, ((50, 60), (50, 60)), CROWDING, extra, NOTHING, work)
    return PLENTY - work.left


def test_what_the_slots_still_cost_shortens_the_search() -> None:
    """Its table shows at once that the slots that are left cost too much; in grains, not for each limit."""
    table, of_grains = 426, 74
    assert [crowded_steps(limit) for limit in (-24, -23, -10)] == [table] * 3
    assert [crowded_steps(limit, cells=100) for limit in (-24, -23)] == [of_grains + 59, of_grains]


def test_room_that_nothing_can_fill_is_no_room() -> None:
    """Of 14, copies of 5 fill 10; one copy of 5 fills no more than 5."""
    assert steps(2, (14,), [Item((5,), 1, 9)], [20, 5]) == 0
    assert steps(1, (100,), [Item((5,), 1, 1)], [20, 5]) == 0
    assert steps(2, (14, 7), [Item((5, 0), 1, 9)], [20, 5, 10]) == 0
    # Ten of cost, where one more of it than twenty would be needed: by a unit.
    assert steps(2, (10,), [Item((5,), 1, 9)], [7, 2]) == 0


def test_the_heavier_of_two_patterns_that_leave_the_same_is_kept() -> None:
    """5 in 4 of room, or twice 4 in 2 each: with 3 more it is 11, although the lighter one is found last."""
    items = [Item((4,), 5, 1), Item((2,), 4, 2), Item((2,), 3, 1), Item((2,), 3, 1)]
    assert outweighs(10, ((6,), ()), items, SoftValue(0, (), ()), [1, 0], StepLimit(PLENTY))
    assert not outweighs(11, ((6,), ()), items, SoftValue(0, (), ()), [1, 0], StepLimit(PLENTY))


def test_the_table_knows_what_is_out_of_reach() -> None:
    """Three of four copies weigh enough but do not fit: nothing is tried past the first."""
    assert steps(4, (6,), [Item((3,), 2, 1)] * 4, [1, 1]) == 2


def test_the_table_is_no_longer_than_what_there_is_to_weigh() -> None:
    items = [Item((0,), 0, 100), *[Item((3,), 2, 1)] * 4]
    assert steps(100, (6,), items, [1, 50]) == 6


def test_every_number_of_copies_is_in_the_table() -> None:
    """Beside one large copy there is room for just so many small ones."""
    for room in range(2, 12):
        items = [Item((1,), 1, 10), Item((2,), 3, 1)]
        assert outweighs(room, ((room,), ()), items, SoftValue(0, (), ()), [1, 1], StepLimit(PLENTY))
        assert not outweighs(room + 1, ((room,), ()), items, SoftValue(0, (), ()), [1, 1], StepLimit(PLENTY))


def test_items_without_weight_cost_no_table() -> None:
    assert steps(173, (100, 100), [*KINDS, Item((1, 1), 0, 1)], DUALS) == 212


def test_work_ends() -> None:
    """At the last step that is allowed, and not before."""
    room, extra = ((100, 100), ()), SoftValue(0, (), ())
    assert not outweighs(173, room, KINDS, extra, DUALS, StepLimit(212))
    with pytest.raises(InvalidProof):
        outweighs(173, room, KINDS, extra, DUALS, StepLimit(211))
    work = StepLimit(3)
    work.use(3)
    with pytest.raises(InvalidProof):
        work.use(1)


@pytest.mark.parametrize("number", [1.0, True, "1", -1, None])
def test_what_is_no_count_is_refused(number: Any) -> None:
    assert Node([1, 0]).counts() == (1, 0)
    with pytest.raises(Unreadable, match=r"\$\[1\]"):
        Node([5, number]).counts()


def test_a_search_holds_so_many_states_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that would need more ends without an answer: nothing is known of the proof then."""
    items = [Item((2**n,), 2**n, 1) for n in range(10)]
    search = (511, ((1023,), ()), items, SoftValue(0, (), ()), [0, 0])
    monkeypatch.setattr(knapsack, "MAX_STATES", 1024)
    assert outweighs(*search, StepLimit(PLENTY))
    monkeypatch.setattr(knapsack, "MAX_STATES", 0)
    with pytest.raises(Exhausted):
        outweighs(*search, StepLimit(PLENTY))
