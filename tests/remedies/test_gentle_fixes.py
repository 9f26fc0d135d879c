"""Fixes that cost little are offered wherever they work: of the component itself, and with a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.endpoints import GPU4, component, scale, snapshot, update

import icplan
from icplan.judge.change_set import judge
from icplan.judge.settings import Settings
from icplan.requests.call import Call
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.remedy import Remedy


def full(copies: int, size: int) -> dict[str, Any]:
    """Two instances of four GPUs, full, which of them holds which copy not known."""
    rest = 8 - copies * size
    parts = [component("a", copies, size)]
    parts += [component("b", rest - 1, 1), component("c", 1, 1)] if rest > 1 else []
    return snapshot(GPU4, 2, *parts, scaling=(1, 2))


def fixes(taken: dict[str, Any], change: dict[str, Any]) -> list[Remedy]:
    return list(icplan.check(change, taken).changes[0].remedies)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([(2, 1), (2, 2), (3, 1), (3, 2), (4, 1)]), st.none() | st.just(1), st.integers(1, 3))
def test_what_works_by_hand_is_offered(shape: tuple[int, int], batch: int | None, kept: int) -> None:
    """Scaled down, updated one copy at a time, and scaled up again, on an endpoint that is full."""
    copies, size = shape
    kept = min(kept, copies - 1)
    taken, change = full(copies, size), update("a", batch, batch)
    by_hand = icplan.check([scale("a", kept), update("a", 1, 1), scale("a", copies)], taken)
    found = [one for one in fixes(taken, change) if one.kind == "scale-down-first"]
    if by_hand.fits:
        (gentle,) = found
        assert gentle.before[0]["Request"]["DesiredRuntimeConfig"]["CopyCount"] >= kept
    for one in found:
        assert one.outcome.fits


def test_what_is_kept_of_a_component_tells_where_the_rest_lies() -> None:
    """With none kept it is not known any more, so that it may not fit; with one kept it does."""
    taken = full(2, 2)
    kinds = [(one.kind, one.description) for one in fixes(taken, update("a", 1, 1))]
    gentle = ("scale-down-first", "scale a down from 2 copies to 1, update it, scale it to 2")
    assert gentle in kinds
    stops = [n for n, (_, words) in enumerate(kinds) if "nothing serves it" in words]
    assert stops
    assert kinds.index(gentle) < min(stops)


@pytest.mark.parametrize("fail_on", [(), (FailOn.ROLLBACK,)])
def test_a_fix_has_the_line_that_mends_its_rollback(fail_on: tuple[FailOn, ...]) -> None:
    """One copy at a time forward, and all at once back, would need the room that is not there."""
    taken = snapshot(GPU4, 2, component("a", 6, 1), component("b", 1, 1), scaling=(1, 2))
    change = update("a", 3)
    assert icplan.check(change, taken).outcome is Outcome.DOES_NOT_FIT
    calls = [Call("UpdateInferenceComponent", change)]
    verdict = judge(calls, icplan.Snapshot.from_dict(taken), Settings(fail_on=fail_on))
    found = {one.kind: one for one in verdict.changes[0].remedies}
    slower = found["smaller-batch"]
    assert slower.description.endswith(", going back one by one")
    assert (slower.outcome, slower.rollback_outcome) == (Outcome.FITS, Outcome.FITS)
    paths = [one["path"].rpartition("/")[2] for one in slower.patch]
    assert paths == ["MaximumBatchSize", "RollbackMaximumBatchSize"]
