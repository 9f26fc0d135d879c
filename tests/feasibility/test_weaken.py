"""What lowers an outcome: in one order, whatever was found first; never making it surer; and what was decided
is kept."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.every_step import RolloutResult
from icplan.feasibility.question import StepQuestion
from icplan.feasibility.step import StepResult, judge_step
from icplan.feasibility.weaken import WEAKENINGS, Part, Reason, lost, reported_outcome, weakened, weakened_all
from icplan.packing import Budget
from icplan.rollout.steps import CapacityChange, CopyCounts, Step
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

REASONS = st.sets(st.sampled_from(list(Reason)))
OUTCOMES = st.sampled_from(list(Outcome))
EACH = 1000


def sureness(outcome: Outcome) -> int:
    """How much is said: a promise without a launch, and a refusal, say most."""
    return {Outcome.FITS: 2, Outcome.FITS_AFTER_SCALE_OUT: 1}.get(outcome, 2 if outcome.fails else 0)


@st.composite
def results(draw: st.DrawFn) -> StepResult:
    """A step as it is judged on empty instances, of every outcome but one for which there is no time."""
    least = draw(st.integers(1, 4))
    on = fleet(
        pool(
            "ml.a.xlarge", draw(st.integers(1, 3)), (least * EACH, (least + draw(st.integers(0, 2))) * EACH)
        ),
        more=draw(st.integers(0, 2)),
    )
    copies = draw(st.integers(1, 20))
    step = Step("place", "place", need(EACH), copies, (), CopyCounts((0, 0), (0, copies)))
    return judge_step(StepQuestion.of(on, step, AllocatableBox.of(on), Budget()))


def test_every_reason_has_its_row_and_in_the_order_in_which_they_are_told() -> None:
    assert list(WEAKENINGS) == list(Reason)


@given(OUTCOMES, REASONS, REASONS)
def test_no_reason_makes_an_outcome_surer(decided: Outcome, some: set[Reason], more: set[Reason]) -> None:
    before, dropped = reported_outcome(decided, some)
    after, all_dropped = reported_outcome(decided, some | more)
    assert sureness(after) <= sureness(before) <= sureness(decided)
    assert dropped <= all_dropped
    # A promise does not become a refusal, nor a refusal a promise.
    assert not (decided.fits and after.fails)
    assert not (decided.fails and after.fits)


@given(OUTCOMES)
def test_without_a_reason_everything_stands(decided: Outcome) -> None:
    assert reported_outcome(decided, ()) == (decided, frozenset())


@given(results(), st.lists(st.sampled_from(list(Reason)), max_size=4, unique=True))
def test_whichever_reason_is_found_first_the_step_is_the_same(
    judged: StepResult, reasons: list[Reason]
) -> None:
    at_once = weakened(judged, *reasons)
    for order in itertools.permutations(reasons):
        assert one_by_one(judged, order) == at_once
    assert weakened(at_once, *reasons) == at_once


def one_by_one(judged: StepResult, reasons: Iterable[Reason]) -> StepResult:
    for reason in reasons:
        judged = weakened(judged, reason)
    return judged


@given(results(), REASONS)
def test_what_was_decided_is_never_lost(judged: StepResult, reasons: set[Reason]) -> None:
    found = weakened(judged, *reasons)
    assert found.reasons == reasons
    assert (found.decided or found) == judged
    outcome, dropped = reported_outcome(judged.outcome, reasons)
    assert found.outcome is outcome
    assert found.extra_instances == (None if Part.STEP_INSTANCES in dropped else judged.extra_instances)
    assert found.witness == (None if Part.LAYOUT in dropped else judged.witness)


@given(results(), REASONS)
def test_what_is_lowered_carries_no_proof_of_what_was_decided(
    judged: StepResult, reasons: set[Reason]
) -> None:
    found = weakened(judged, *reasons)
    assume(found.outcome is not judged.outcome)
    assert found.worst_case is None
    assert found.other_proofs == ()


@given(st.lists(results(), min_size=1, max_size=3), REASONS)
def test_a_change_loses_what_its_reasons_drop(judged: list[StepResult], reasons: set[Reason]) -> None:
    change = CapacityChange("ic", None, need(EACH), 1)
    before = RolloutResult(change, tuple(judged[:2]), tuple(judged[2:]) or None)
    after = weakened_all(before, *reasons)
    dropped = lost(before, after)
    assert after.reasons == reasons
    if after.outcome is not before.outcome:
        assert dropped == frozenset[Part]().union(*(WEAKENINGS[one].drops for one in reasons))
    else:
        always = [WEAKENINGS[one].drops for one in reasons if WEAKENINGS[one].always]
        assert dropped == frozenset[Part]().union(*always)
    assert lost(before, attrs.evolve(before)) == frozenset()
