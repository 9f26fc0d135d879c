"""Whether going back fits: the outcome alone is that of the whole judgement, and takes no search in vain."""

from __future__ import annotations

from unittest import mock

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool, running

from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.feasibility import every_step
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.every_step import check_rollout, surely_fits_all
from icplan.feasibility.question import Question
from icplan.feasibility.step import decide_step, surely_fits
from icplan.packing.budget import Budget
from icplan.rollout.steps import Batch, CapacityChange
from icplan.verdict.outcome import Outcome


@st.composite
def updates(draw: st.DrawFn) -> Question:
    """A rolling update on instances of two types, of which one may hold more copies."""
    copies = draw(st.integers(1, 4))
    before, after = (need(1000, draw(st.integers(1, 3))) for _ in "ab")
    own = running("a", copies, before)
    here = fleet(
        pool("ml.small", draw(st.integers(0, 2)), devices=draw(st.sampled_from([2, 4]))),
        pool("ml.large", draw(st.integers(1, 2)), devices=8),
        components=(own, running("b", draw(st.integers(0, 3)), need(1000, 1))),
        more=draw(st.integers(0, 3)),
        least=draw(st.sampled_from([None, 1])),
    )
    batch = Batch("COPY_COUNT", draw(st.integers(1, 2)))
    back = draw(st.sampled_from([None, Batch("COPY_COUNT", 1)]))
    change = CapacityChange("a", own, after, copies, replaces=True, batch=batch, rollback_batch=back)
    return Question(here, change, AllocatableBox.of(here), Assumptions(), Catalog(), Budget())


@given(updates())
def test_the_outcome_of_going_back_is_that_of_its_whole_judgement(question: Question) -> None:
    whole = check_rollout(question, known=0)
    only = check_rollout(attrs.evolve(question, budget=Budget()), known=0, decide_back=True)
    assert only.outcome is whole.outcome
    assert only.rollback_outcome is whole.rollback_outcome


@given(updates())
def test_whether_all_steps_fit_does_not_hang_on_the_order_they_are_looked_at(question: Question) -> None:
    each = [surely_fits(question.about(step)) for step in question.steps]
    lowered = check_rollout(question, known=0).outcome
    assert surely_fits_all(question) <= all(each)
    assert not surely_fits_all(question) or lowered.fits


def test_a_step_of_which_nothing_is_sure_is_not_searched() -> None:
    """Emptied instances may come back as the type that takes no copy, so what fits on them tells nothing."""
    own = running("a", 2, need(1000, 4))
    here = fleet(
        pool("ml.small", 0, devices=2), pool("ml.large", 2, devices=8), components=(own,), more=1, least=1
    )
    change = CapacityChange("a", own, need(1000, 4), 2, replaces=True, batch=Batch("COPY_COUNT", 1))
    question = Question(here, change, AllocatableBox.of(here), Assumptions(), Catalog(), Budget())
    with mock.patch.object(every_step, "decide_step", side_effect=decide_step) as asked:
        judged = check_rollout(question, known=0, decide_back=True)
    assert judged.rollback
    assert judged.rollback_outcome is Outcome.MAY_NOT_FIT
    assert asked.call_count == 0
