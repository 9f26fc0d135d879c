"""The least and the most favourable arrangement."""

from __future__ import annotations

import packing_brute as brute
from hypothesis import given
from hypothesis import strategies as st
from packing_strategies import arrangements

from icplan.packing import Arrangement, fewest_slots, most_slots
from icplan.packing.check import check_arrangement, check_slots


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
            assert slots.proof["Bound"] == truth[extreme]
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
