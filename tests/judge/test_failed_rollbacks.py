"""On an endpoint that serves with a mix of two specifications nothing rests on the one that is told."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, scale, snapshot, update
from support.verdicts import check

from icplan.verdict.outcome import Outcome

CHANGES = (create("new", 1, 1), create("new", 9, 4), scale("a", 9), update("a"))


@settings(max_examples=20, deadline=None)
@given(copies=st.integers(1, 4), change=st.sampled_from(CHANGES))
def test_nothing_is_promised_or_refused_beside_a_mix(copies: int, change: dict[str, object]) -> None:
    """What the copies that run reserve is not known, and the verdict says whose."""
    taken = snapshot(GPU4, 2, component("a", copies, 1))
    assert check(taken, change).outcome is not Outcome.MAY_NOT_FIT
    taken["Endpoint"]["EndpointStatus"] = "UpdateRollbackFailed"
    verdict = check(taken, change)
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    (told,) = (finding.message for finding in verdict.findings if finding.rule == "ICP320")
    assert "copies of a may run" in told


def test_without_copies_there_is_no_mix() -> None:
    """Nothing runs, so nothing runs by another specification."""
    taken = snapshot(GPU4, 1)
    taken["Endpoint"]["EndpointStatus"] = "UpdateRollbackFailed"
    assert check(taken, create("new", 1, 1)).outcome is Outcome.FITS
