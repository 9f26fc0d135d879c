"""What remedies are tried with: the largest value that works, and the patch of a request."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool

from icplan.assumptions import Assumptions
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.packing import Budget
from icplan.remedies.search import RemedySearch, largest_that
from icplan.rollout.steps import CapacityChange
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Outcome, Remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.remedies.search import Envelope

FLEET = fleet(pool("ml.a.xlarge", 2), more=0)
REQUEST = {"Name": "ic", "RuntimeConfig": {"CopyCount": 4}, "Tags": ["kept"]}
OUTCOMES = st.sampled_from(list(Outcome))
REMEDY = Remedy("fewer-copies", "ask for fewer", (), Outcome.UNDECIDED)


@attrs.frozen
class Fixed:
    """An answer that is given whatever is asked."""

    outcome: Outcome
    rollback_outcome: Outcome | None = None


@attrs.frozen
class Always:
    """Answers every what-if alike."""

    answer: Fixed

    def outcome(self, calls: Sequence[Envelope], least: Outcome) -> Fixed:  # noqa: ARG002
        return self.answer


def search(
    answer: Fixed = Fixed(Outcome.FITS), goal: Outcome = Outcome.FITS, fail_on: tuple[FailOn, ...] = ()
) -> RemedySearch:
    return RemedySearch(
        fleet=FLEET,
        judged=None,  # type: ignore[arg-type]  # nothing here looks at it
        box=AllocatableBox.of(FLEET),
        assumptions=Assumptions(),
        budget=Budget(),
        operation="UpdateInferenceComponent",
        request=REQUEST,
        what_if=Always(answer),
        fail_on=fail_on,
        goal=goal,
    )


@given(st.integers(-5, 60), st.integers(-5, 60), st.integers(-5, 60))
def test_the_largest_value_that_works_is_found(low: int, high: int, limit: int) -> None:
    tried: list[int] = []

    def works(value: int) -> bool:
        tried.append(value)
        return value <= limit

    works_at_all = low <= high and low <= limit
    assert largest_that(low, high, works) == (min(high, limit) if works_at_all else None)
    assert all(low <= value <= high for value in tried)
    assert len(tried) <= 8


@given(OUTCOMES, OUTCOMES, st.none() | OUTCOMES)
def test_a_remedy_is_taken_if_it_is_as_good_as_the_goal_and_fails_by_nothing_it_must_not(
    goal: Outcome, outcome: Outcome, back: Outcome | None
) -> None:
    helps = outcome.rank >= goal.rank
    assert search(goal=goal).accepts(Fixed(outcome, back)) == helps
    strict = search(goal=goal, fail_on=(FailOn.ROLLBACK,))
    assert strict.accepts(Fixed(outcome, back)) == (helps and (not goal.fits or back is None or back.fits))
    found = list(search(Fixed(outcome, back), goal).found(REMEDY, [], 3))
    told = [attrs.evolve(REMEDY, outcome=outcome, rollback_outcome=back)]
    assert [one.remedy for one in found] == told * helps


@pytest.mark.parametrize(
    ("patches", "request_"),
    [
        ([("replace", "/RuntimeConfig/CopyCount", 2)], REQUEST | {"RuntimeConfig": {"CopyCount": 2}}),
        ([("remove", "/Tags", None)], {k: v for k, v in REQUEST.items() if k != "Tags"}),
        ([("add", "/Rolls", {"Size": 1}), ("replace", "/Rolls/Size", 2)], REQUEST | {"Rolls": {"Size": 2}}),
        ([], REQUEST),
    ],
)
def test_a_patch_changes_what_it_names_in_a_copy(
    patches: list[tuple[str, str, Any]], request_: dict[str, Any]
) -> None:
    before = copy.deepcopy(REQUEST)
    call = search().patched(*({"op": op, "path": path, "value": value} for op, path, value in patches))
    assert call == {"Operation": "UpdateInferenceComponent", "Request": request_}
    assert before == REQUEST


@given(st.integers(0, 12))
def test_another_change_is_judged_on_the_same_fleet_and_relies_on_nothing(copies: int) -> None:
    shop = search(goal=Outcome.FITS_AFTER_SCALE_OUT)
    move = CapacityChange("ic", None, need(2000), copies)
    assert shop.outcome(move).fits == (copies <= 8)
    assert shop.fits_instead(move) == (copies <= 8)
    assert not shop.assumptions.used
