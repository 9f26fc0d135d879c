"""The least and the most favourable arrangement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import packing_brute as brute
from support.packing_strategies import arrangements

from icplan.packing import Arrangement, fewest_slots, most_slots
from icplan.packing.checker.placement import check_arrangement
from icplan.packing.checker.proof import check_slots
from icplan.packing.solver import solve as ladder
from icplan.packing.solver.arrangement import extremes as worst

pytestmark = pytest.mark.smoke


@given(arrangements())
def test_agrees_with_trying_everything(arrangement: Arrangement) -> None:
    """Both extremes are brute force's, attained by the arrangement and certified by the proof."""
    truth = brute.slots(arrangement)
    for slots, extreme in ((fewest_slots(arrangement), 0), (most_slots(arrangement), 1)):
        assert slots.possible == (truth is not None)
        assert slots.proof is not None
        assert check_slots(arrangement, slots.proof)
        if truth is not None:
            assert (slots.low, slots.high) == (truth[extreme],) * 2
            assert slots.proof.bound == truth[extreme]
            assert slots.arrangement is not None
            assert check_arrangement(arrangement, slots.arrangement, truth[extreme])


@given(arrangements(), st.integers(0, 8))
def test_enough_is_decided(arrangement: Arrangement, enough: int) -> None:
    """With ``enough`` the bounds stay true and tell whether there are that many."""
    truth = brute.slots(arrangement)
    for slots, extreme in (
        (fewest_slots(arrangement, enough=enough), 0),
        (most_slots(arrangement, enough=enough), 1),
    ):
        if truth is not None:
            assert slots.low <= truth[extreme] <= slots.high
            assert slots.low >= enough or slots.high < enough


@given(arrangements())
def test_column_generation_bounds_the_truth(arrangement: Arrangement) -> None:
    """Without listing patterns, the bounds hold, the proof is accepted and the arrangement attains."""
    truth = brute.slots(arrangement)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worst, "MAX_PATTERNS", 0)
        patch.setattr(ladder, "MAX_PATTERNS_AT_ONCE", 0)
        least, most = fewest_slots(arrangement), most_slots(arrangement)
    for slots, extreme in ((least, 0), (most, 1)):
        assert slots.proof is not None
        assert check_slots(arrangement, slots.proof)
        assert slots.possible == (truth is not None)
        if truth is not None:
            assert slots.low <= truth[extreme] <= slots.high
            assert slots.arrangement is not None
            assert check_arrangement(arrangement, slots.arrangement, (least.high, most.low)[extreme])
