"""AWS's answers that cannot all be right: what hangs on which of them is, is neither promised nor refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, create, snapshot
from support.verdicts import check

from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

LARGE = create("new", 1, 4)


def told_twice(running: int, described: int, configured: int, *, copies: int) -> dict[str, Any]:
    """A fleet that is full with four-device copies, and a MaxInstanceCount that two answers tell."""
    taken = snapshot(GPU4, running, component("a", copies, 4), scaling=(1, configured))
    (told,) = taken["Endpoint"]["ProductionVariants"]
    told["ManagedInstanceScaling"] = {
        "Status": "ENABLED",
        "MinInstanceCount": 1,
        "MaxInstanceCount": described,
    }
    return taken


@given(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6), st.integers(1, 3))
def test_a_maximum_told_twice_promises_the_less_and_refuses_past_the_more(
    running: int, described: int, configured: int, wanted: int
) -> None:
    """What is promised is so with either, what is refused with neither, and evidence is found right."""
    least, most = sorted((max(running, described), max(running, configured)))
    verdict = check(told_twice(running, described, configured, copies=running), create("new", wanted, 4))
    if running + wanted <= least:
        assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
    elif running + wanted <= most:
        assert verdict.outcome is Outcome.MAY_NOT_FIT
    else:
        assert verdict.outcome is Outcome.DOES_NOT_FIT
    assert Result.REJECTED not in {checked.result for checked in verify(to_dict(verdict))}


@pytest.mark.parametrize("described", [1, 4])
def test_the_report_tells_both_maxima(described: int) -> None:
    (change,) = check(told_twice(1, described, 5 - described, copies=1), LARGE).changes
    (said,) = [one.message for one in change.findings if one.rule == "ICP319"]
    assert "MaxInstanceCount is 4" in said
    assert "says that MaxInstanceCount is 1, and either may hold" in said


def test_the_endpoint_s_own_maximum_holds_where_another_configuration_runs() -> None:
    taken = told_twice(1, 4, 1, copies=1)
    taken["Endpoint"]["EndpointConfigName"] = "another"
    taken["InferenceComponents"][0]["RuntimeConfig"]["PlacementStatus"] = [
        {"InstanceType": GPU4, "CurrentCopyCount": 1}
    ]
    assert check(taken, LARGE).outcome is Outcome.FITS_AFTER_SCALE_OUT


def located(*places: tuple[str, str, int], kind: str = GPU4) -> list[dict[str, Any]]:
    return [
        {"InferenceComponentName": name, "InstanceId": instance, "InstanceType": kind, "Copies": copies}
        for name, instance, copies in places
    ]


def test_copies_on_more_instances_than_run_are_a_doubt_and_no_refusal() -> None:
    """Either the instances have changed since, or the locations: there may be more room than that."""
    places = located(("a", "i-1", 1), ("a", "i-2", 1))
    taken = snapshot(GPU4, 1, component("a", 2, 2), CopyLocations=places)
    verdict = check(taken, LARGE)
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    said = {one.rule: one.message for one in verdict.changes[0].findings}
    assert "copies on 2 instances of ml.g5.12xlarge, of which 1 runs" in said["ICP312"]
    assert "contradict what runs" in said["ICP314"]
    assert check(taken, {"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 1}}).outcome.fits


def test_copies_on_a_type_that_does_not_run_are_a_doubt() -> None:
    taken = snapshot(GPU4, 1, component("a", 1, 1), CopyLocations=located(("a", "i-1", 1), kind=GPU8))
    assert check(taken, create("new", 1, 1)).outcome is Outcome.MAY_NOT_FIT
