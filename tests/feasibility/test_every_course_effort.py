"""What is tried world by world ends by counts that grow with the effort, and takes units of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from support.endpoints import GPU4, component, create, snapshot

import icplan
from icplan.feasibility.every_course.worlds import MAX_COPIES, MAX_MOVES
from icplan.judge.settings import EFFORT, Settings
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify


def arriving(small: int) -> dict[str, Any]:
    """One instance that runs, one on its way, and so many small copies."""
    taken = snapshot(GPU4, 1, component("a", 1, 2), component("small", small, 0, 128, cpu=1))
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 2
    return taken


def told(small: int, effort: int | None = None) -> icplan.Verdict:
    return icplan.check([create("b", 1, 2), create("d", 1, 4)], arriving(small), effort=effort)


def test_more_effort_tries_larger_fleets() -> None:
    """Where b goes to the instance on its way, d finds no room, however many small copies there are."""
    few, many = told(3), told(MAX_COPIES + 1, 2 * EFFORT)
    assert [one.outcome for one in few.changes] == [one.outcome for one in many.changes]
    assert Result.REJECTED not in {one.result for one in verify(to_dict(many))}


@pytest.mark.parametrize("small", [3, MAX_COPIES + 1, 40])
def test_what_a_change_leaves_on_what_was_on_its_way_is_counted(small: int) -> None:
    """However many copies there are: b may lie on the instance that has come, and then d has no room."""
    assert [one.outcome for one in told(small).changes] == [Outcome.FITS, Outcome.MAY_NOT_FIT]
    fits = icplan.check([create("b", 1, 2), create("d", 1, 2)], arriving(small))
    assert [one.outcome for one in fits.changes] == [Outcome.FITS, Outcome.FITS_AFTER_SCALE_OUT]


def test_what_is_tried_takes_units_and_the_same_each_time() -> None:
    first, again, more = told(3), told(3), told(3, 100 * EFFORT)
    assert first.units == again.units == more.units
    assert first.outcome == more.outcome


@pytest.mark.parametrize(
    ("effort", "times"), [(None, 1), (1, 1), (EFFORT, 1), (3 * EFFORT // 2, Fraction(3, 2)), (10**12, 100)]
)
def test_counts_grow_with_the_effort_and_are_never_less(effort: int | None, times: Fraction) -> None:
    budget = Settings(effort=effort).budget()
    assert budget.times == budget.share(0.5).times == budget.at_most(7).times == times
    assert budget.many(MAX_MOVES) == MAX_MOVES * times
