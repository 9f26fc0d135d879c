"""Instances that are on their way run at some time, whatever a change takes: they are part of its peak."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, scale, snapshot, update
from support.verdicts import check

from icplan.verdict.codec import to_dict
from icplan.verify import Result, verify


def arriving(current: int, desired: int, *components: dict[str, Any], most: int = 9) -> dict[str, Any]:
    """An endpoint of so many instances, more of which are asked for."""
    taken = snapshot(GPU4, current, *components, scaling=(1, most))
    (variant,) = taken["Endpoint"]["ProductionVariants"]
    variant |= {"CurrentInstanceCount": current, "DesiredInstanceCount": desired}
    return taken


CHANGES = st.sampled_from(
    [scale("chat", 1), scale("chat", 3), update("chat"), update("chat", 1, 1), create("new", 2, 1)]
)


@given(st.integers(1, 4), st.integers(0, 2), st.integers(1, 3), CHANGES)
def test_the_peak_counts_them_and_can_be_verified(
    current: int, more: int, copies: int, change: dict[str, Any]
) -> None:
    verdict = check(arriving(current, current + more, component("chat", copies, 1)), change)
    (one,) = verdict.changes
    if one.peak_instances is not None and one.phases:
        assert one.peak_instances >= current + more
    if more == 0 and one.outcome == "fits":
        assert one.peak_instances == current
    results = verify(to_dict(verdict))
    assert all(found.result is not Result.REJECTED for found in results), results
