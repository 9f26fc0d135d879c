"""One step, where its answer can be counted: copies alike, on instances alike, and of no known amount."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool, running

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.question import StepQuestion
from icplan.feasibility.step import decide_step, judge_step, surely_fits
from icplan.packing import Budget
from icplan.rollout.steps import CopyCounts, ExistingCopies, Step
from icplan.verdict.outcome import Outcome

EACH = 1000
INSTANCES, COPIES, MORE = st.integers(0, 4), st.integers(1, 20), st.integers(0, 3)


@given(INSTANCES, MORE, COPIES, st.integers(0, 6), st.integers(0, 4))
def test_empty_instances_of_an_amount_that_is_not_known(
    instances: int, more: int, copies: int, least: int, doubt: int
) -> None:
    """Each holds ``least`` copies for sure, and up to ``doubt`` more."""
    most = max(1, least + doubt)
    on = fleet(pool("ml.a.xlarge", instances, (least * EACH, most * EACH)), more=more)
    step = Step("place", "place", need(EACH), copies, (), CopyCounts((0, 0), (0, copies)))
    question = StepQuestion.of(on, step, AllocatableBox.of(on), Budget())
    judged = judge_step(question)
    expected: tuple[Outcome, int | None]
    if instances * least >= copies:
        expected = Outcome.FITS, 0
    elif (instances + more) * least >= copies:
        expected = Outcome.FITS_AFTER_SCALE_OUT, -(-copies // least) - instances
    elif (instances + more) * most < copies:
        expected = Outcome.DOES_NOT_FIT, judged.extra_instances
    else:
        expected = Outcome.MAY_NOT_FIT, judged.extra_instances
    assert (judged.outcome, judged.extra_instances) == expected
    assert decide_step(question).outcome is judged.outcome
    assert surely_fits(question) == judged.outcome.fits


@given(INSTANCES, MORE, COPIES, COPIES, st.integers(1, 4))
def test_beside_copies_alike_as_many_find_room_as_are_missing(
    instances: int, more: int, there: int, copies: int, per_instance: int
) -> None:
    there = min(there, instances * per_instance)
    lies = ExistingCopies(running("old", there, need(EACH)), there)
    size = (per_instance * EACH, per_instance * EACH)
    on = fleet(pool("ml.a.xlarge", instances, size), components=(lies.component,), more=more)
    existing = (lies,) if there else ()
    step = Step("place", "place", need(EACH), copies, existing, CopyCounts((0, 0), (0, copies)))
    judged = judge_step(StepQuestion.of(on, step, AllocatableBox.of(on), Budget()))
    extra = max(0, -(-(there + copies) // per_instance) - instances)
    if extra > more:
        assert judged.outcome is Outcome.DOES_NOT_FIT
    else:
        assert judged.outcome is (Outcome.FITS_AFTER_SCALE_OUT if extra else Outcome.FITS)
    assert judged.extra_instances == extra


def test_a_step_for_which_there_is_no_time_is_undecided() -> None:
    on = fleet(pool("ml.a.xlarge", 1))
    step = Step("place", "place", need(EACH), 1, (), CopyCounts((0, 0), (0, 1)))
    assert (
        judge_step(StepQuestion.of(on, step, AllocatableBox.of(on), Budget(0))).outcome is Outcome.UNDECIDED
    )
