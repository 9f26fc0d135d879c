"""What remedies are tried with: the largest value that works, and the patch of a request."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool, running

from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.question import Question
from icplan.packing import Budget
from icplan.remedies.trial import RemedySearch, largest_judged, largest_that
from icplan.rollout.steps import CapacityChange
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome
from icplan.verdict.remedy import Remedy

if TYPE_CHECKING:
    from icplan.verdict.remedy_steps import QuotaRaise

OLD = running("ic", 2, need(2000))
FLEET = fleet(pool("ml.a.xlarge", 2), components=(OLD,), more=0)
REQUEST = {"Name": "ic", "RuntimeConfig": {"CopyCount": 4}, "Tags": ["kept"]}
OUTCOMES = st.sampled_from(list(Outcome))
REMEDY = Remedy("fewer-copies", "ask for fewer", (), Outcome.UNDECIDED)


@attrs.frozen
class Gives:
    outcome: Outcome
    rollback_outcome: Outcome | None
    doubts: tuple[str, ...] = ()
    short: tuple[QuotaRaise, ...] = ()


@attrs.frozen
class Told:
    """Says the same of whatever calls, and of a change that it fits up to a number of copies."""

    answer: Gives
    fits_up_to: int = 0

    def outcome(self, calls: object, least: Outcome, first: object = ()) -> Gives:
        del calls, least, first
        return self.answer

    def with_quota(self, raised: object) -> Told:
        del raised
        return self

    def without_growth(self) -> Told:
        return self

    def outcome_of(
        self, change: CapacityChange, fleet: object, least: Outcome, *, back: bool = False
    ) -> Gives:
        del fleet, back
        return Gives(least if change.copies <= self.fits_up_to else Outcome.DOES_NOT_FIT, None)


def question(change: CapacityChange) -> Question:
    return Question(FLEET, change, AllocatableBox.of(FLEET), Assumptions(), Catalog(), Budget())


def search(
    outcome: Outcome = Outcome.FITS,
    back: Outcome | None = None,
    goal: Outcome = Outcome.FITS,
    fail_on: tuple[FailOn, ...] = (),
) -> RemedySearch:
    return RemedySearch(
        question=question(CapacityChange("ic", OLD, OLD.need, 4)),
        judged=None,  # type: ignore[arg-type]  # nothing here looks at it
        operation="UpdateInferenceComponent",
        request=REQUEST,
        what_if=Told(Gives(outcome, back)),
        fail_on=fail_on,
        goal=goal,
    )


@given(st.integers(-5, 60), st.integers(-5, 60), st.integers(-5, 60), st.booleans())
def test_the_largest_value_that_works_is_found(low: int, high: int, limit: int, likely_all: bool) -> None:
    tried: list[int] = []

    def works(value: int) -> bool:
        tried.append(value)
        return value <= limit

    works_at_all = low <= high and low <= limit
    assert largest_that(low, high, works, likely_all=likely_all) == (
        min(high, limit) if works_at_all else None
    )
    assert all(low <= value <= high for value in tried)
    assert len(tried) <= 8


@given(OUTCOMES, OUTCOMES, st.none() | OUTCOMES)
def test_a_remedy_is_taken_if_it_is_as_good_as_the_goal_and_fails_by_nothing_it_must_not(
    goal: Outcome, outcome: Outcome, back: Outcome | None
) -> None:
    helps = outcome.rank >= goal.rank
    assert search(goal=goal).accepts(Gives(outcome, back)) == helps
    strict = search(goal=goal, fail_on=(FailOn.ROLLBACK,))
    assert strict.accepts(Gives(outcome, back)) == (helps and (not goal.fits or back is None or back.fits))
    found = list(search(outcome, back, goal).found(REMEDY, [], 3))
    # The fleet cannot grow: what is launched takes the place of what was given back.
    again = outcome is Outcome.FITS_AFTER_SCALE_OUT
    told = [attrs.evolve(REMEDY, outcome=outcome, rollback_outcome=back, relaunches=again)]
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


@given(st.integers(0, 12), st.integers(0, 12))
def test_another_change_is_judged_by_what_remedies_are_given(copies: int, fits: int) -> None:
    tried = attrs.evolve(search(), what_if=Told(Gives(Outcome.FITS, None), fits))
    assert tried.fits_instead(attrs.evolve(tried.change, copies=copies)) == (copies <= fits)


@given(st.integers(1, 9), st.integers(-5, 60), st.integers(-5, 60), st.integers(-5, 60))
def test_what_is_told_soon_is_no_bound_on_what_is_judged_to_work(
    low: int, high: int, soon: int, limit: int
) -> None:
    """A quick answer may leave out what works: what the whole judgement says is the largest."""
    soon = min(soon, limit)
    judged: list[int] = []

    def works(value: int) -> bool:
        judged.append(value)
        return value <= limit

    found = largest_judged(low, high, lambda value: value <= soon, works)
    assert found == (min(high, limit) if low <= min(high, limit) else None)
    assert all(low <= value <= high for value in judged)
    assert len(judged) <= 1 or soon < limit
