"""What a pattern is worth at most along one resource of the target's room: never too little, and no more."""

from __future__ import annotations

from itertools import product
from math import gcd

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from icplan.packing.checker import slot_bound
from icplan.packing.checker.knapsack import StepLimit
from icplan.packing.checker.slot_bound import Crowding, SlotBound

PLENTY = 10**6


def most(price: int, target: tuple[int, ...], left: tuple[int, ...], items: list[Crowding]) -> int:
    """The most that copies of the items add, with the slots that are left then, by trying all."""
    found = []
    for copies in product(*[range(item.copies + 1) for item in items]):
        after = [
            max(0, has - sum(n * item.takes[j] for n, item in zip(copies, items, strict=True)))
            for j, has in enumerate(left)
        ]
        slots = min(have // need for have, need in zip(after, target, strict=True) if need)
        found.append(price * slots + sum(n * item.weight for n, item in zip(copies, items, strict=True)))
    return max(found)


#: Price, target, room, items, and of each how many were taken before.
Case = tuple[int, tuple[int, ...], tuple[int, ...], list[Crowding], list[int]]


@st.composite
def cases(draw: st.DrawFn, size: int) -> Case:
    target = draw(st.tuples(*[st.integers(0, 7)] * size).filter(any))
    room = draw(st.tuples(*[st.integers(0, 40)] * size))
    step = draw(st.integers(1, 4))
    takes = st.tuples(*[st.integers(0, 6).map(lambda n: step * n)] * size)
    items = draw(
        st.lists(st.builds(Crowding, takes, st.integers(-9, 3), st.integers(1, 5)), min_size=1, max_size=3)
    )
    taken = [draw(st.integers(0, item.copies)) for item in items]
    return draw(st.integers(-6, -1)), target, room, items, taken


def left_of(case: Case, first: int) -> tuple[int, ...]:
    """What is left of the room by the items that are not among the first."""
    _, _, room, items, taken = case
    later = [(n, item) for n, item in list(zip(taken, items, strict=True))[first:]]
    return tuple(max(0, has - sum(n * item.takes[j] for n, item in later)) for j, has in enumerate(room))


@given(cases(2), st.integers(1, 150))
@example((-1, (3,), (9,), [Crowding((0,), 0, 1), Crowding((4,), 0, 1)], [0, 1]), 6)
def test_nothing_is_worth_more_than_the_bound(case: Case, cells: int) -> None:
    """However few cells its tables have."""
    price, target, room, items, _ = case
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slot_bound, "MAX_CELLS", cells)
        bound = SlotBound(price, target, room, items, StepLimit(PLENTY))
    for first in range(len(items) + 1):
        left = left_of(case, first)
        assert bound.most(first, left) >= most(price, target, left, items[:first])


@given(cases(1))
@example((-1, (5,), (11,), [Crowding((4,), 0, 1)], [0]))
def test_along_one_resource_the_bound_is_met(case: Case) -> None:
    """Where there are cells enough, it is what the best copies are worth.

    But for what is less than a grain: of that it counts as nothing, which is as good as less than a slot.
    """
    price, target, room, items, _ = case
    assume(room[0] % (gcd(*[item.takes[0] for item in items]) or 1) < target[0])
    bound = SlotBound(price, target, room, items, StepLimit(PLENTY))
    for first in range(len(items) + 1):
        left = left_of(case, first)
        assert bound.most(first, left) == most(price, target, left, items[:first])
