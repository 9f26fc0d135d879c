"""What was answered in a run is not solved again, and bins in which nothing can lie are no other question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from icplan.packing.budget import Budget
from icplan.packing.checker.proof import check_slots
from icplan.packing.problem import Arrangement, Bin, Kind
from icplan.packing.solver.arrangement import extremes

if TYPE_CHECKING:
    from icplan.packing.solver.arrangement.model import ArrangementModel


def question(*, launched: int, counted: int = 24) -> Arrangement:
    """Seven copies of 5 and six of 3 on four bins of 24, and launched bins that hold none of them."""
    return Arrangement(
        bins=(Bin("running", 4, (24,)), Bin("launched", launched, (24,))),
        lying=(Kind("five", 7, ((5,), None)), Kind("three", 6, ((3,), None))),
        target=((4,), (4,)),
        counted=((counted,), (24,)),
    )


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The cutoffs of the searches that are made."""
    made: list[int | None] = []
    search = extremes._search

    def counting(model: ArrangementModel, sign: int, cutoff: int | None, budget: Budget) -> object:
        made.append(cutoff)
        return search(model, sign, cutoff, budget)

    monkeypatch.setattr(extremes, "_search", counting)
    return made


def test_launched_bins_are_added_to_what_is_known(searches: list[int | None]) -> None:
    budget = Budget()
    base = extremes.fewest_slots(question(launched=0), budget=budget)
    assert base.low == base.high
    for launched in (1, 2, 50):
        more = extremes.fewest_slots(question(launched=launched), budget=budget)
        assert (more.low, more.high) == (base.low + 6 * launched, base.high + 6 * launched)
        assert more.proof is not None
        assert check_slots(question(launched=launched), more.proof)
    assert len(searches) == 1


def test_a_number_that_is_known_decides_for_any_number_asked_for(searches: list[int | None]) -> None:
    budget = Budget()
    exact = extremes.fewest_slots(question(launched=0), budget=budget).low
    for enough in range(20):
        slots = extremes.fewest_slots(question(launched=0), enough=enough, budget=budget)
        assert (slots.low >= enough) is (exact >= enough)
        assert (slots.high < enough) is (exact < enough)
    assert len(searches) == 1


def test_another_run_asks_anew(searches: list[int | None]) -> None:
    for _ in range(2):
        extremes.fewest_slots(question(launched=0))
    assert len(searches) == 2


@pytest.mark.parametrize("counted", range(25))
def test_amounts_that_are_one_question_have_one_answer(counted: int) -> None:
    shared = Budget()
    for other in range(25):
        extremes.fewest_slots(question(launched=1, counted=other), budget=shared)
    told = extremes.fewest_slots(question(launched=1, counted=counted), budget=shared)
    alone = extremes.fewest_slots(question(launched=1, counted=counted))
    assert (told.low, told.high) == (alone.low, alone.high)
    assert extremes.surely_has_slots(question(launched=1, counted=counted), alone.low, shared)
    assert extremes.surely_has_slots(question(launched=1, counted=counted), alone.low + 1, shared) is False
