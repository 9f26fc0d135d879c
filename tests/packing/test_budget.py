"""The budget itself: units are counted, shares are shares of units, and a clock that is up ends all of it."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icplan.packing.budget import LOOK_AFTER, UNITS_PER_SECOND, Budget, Ended


def test_work_is_taken_before_it_is_done_and_what_is_refused_ends_the_budget() -> None:
    budget = Budget(effort=10)
    assert budget.spend(6)
    assert not budget.exhausted
    assert not budget.spend(5)
    assert (budget.spent, budget.exhausted, budget.ended) == (10, True, Ended.EFFORT)
    assert not budget.spend(1)


def test_what_is_done_in_any_case_takes_no_more_than_there_is() -> None:
    budget = Budget(effort=10)
    budget.charge(25)
    assert (budget.spent, budget.ended) == (10, Ended.EFFORT)


def test_without_effort_there_is_as_much_as_fits_into_the_seconds() -> None:
    assert Budget(3).units_left == 3 * UNITS_PER_SECOND
    assert Budget().units_left == math.inf


def test_a_share_is_of_units_and_spends_those_of_the_whole() -> None:
    whole = Budget(effort=100)
    part = whole.share(0.7)
    assert part.units_left == 70
    assert part.spend(30)
    assert whole.spent == 30
    # What a share cannot do is spent with all the share: more effort never leaves less for what follows.
    assert not part.spend(41)
    assert (part.ended, whole.spent, whole.ended) == (Ended.EFFORT, 70, None)


def test_what_is_proven_is_known_to_a_share_where_that_is_asked() -> None:
    whole = Budget(effort=100)
    whole.answers["before"] = 1
    alone, together = whole.share(Fraction(1, 3)), whole.share(Fraction(1, 3), same_answers=True)
    together.answers["meanwhile"] = 2
    assert (alone.answers, whole.answers) == ({}, {"before": 1, "meanwhile": 2})
    assert alone.units_left == together.units_left == 33


def test_a_share_ends_with_the_whole() -> None:
    whole = Budget(effort=100)
    part = whole.share(0.7)
    whole.charge(95)
    assert part.units_left == 5
    assert not part.spend(6)
    assert whole.ended is Ended.EFFORT


def test_time_ends_all_shares_and_stays_up() -> None:
    ticks = iter([0.0, 1.0, 4.0, 2.0, 2.0])
    whole = Budget(3.0, lambda: next(ticks), effort=math.inf)
    part = whole.share(0.5)
    assert not part.exhausted
    assert part.exhausted
    assert (whole.ended, part.ended) == (Ended.TIME, Ended.TIME)
    assert not whole.spend(0)


@given(st.lists(st.integers(0, 3 * LOOK_AFTER), min_size=1, max_size=40))
def test_the_clock_is_looked_at_before_more_work_is_done_than_it_is_worth(steps: list[int]) -> None:
    looked = [0]
    budgets: list[Budget] = []

    def clock() -> float:
        looked.extend(budget.spent for budget in budgets)
        return 0.0

    budget = Budget(1.0, clock, effort=math.inf)
    budgets.append(budget)
    for units in steps:
        assert budget.spend(units)
    looked.append(budget.spent)
    longest = max(after - before for before, after in itertools.pairwise(looked))
    assert longest <= max(LOOK_AFTER, *steps)


@given(st.integers(1, 60), st.integers(0, 60), st.lists(st.integers(1, 12), max_size=12))
def test_more_effort_never_leaves_less(effort: int, more: int, steps: list[int]) -> None:
    def left(units: int) -> float:
        whole = Budget(effort=units)
        for share in (0.7, 0.5):
            part = whole.share(share)
            for step in steps:
                if not part.spend(step):
                    break
        return whole.units_left

    assert left(effort) <= left(effort + more)


@pytest.mark.parametrize("why", list(Ended))
def test_a_budget_without_end_can_be_ended(why: Ended) -> None:
    budget = Budget()
    budget.end(why)
    assert (budget.exhausted, budget.ended) == (True, why)
