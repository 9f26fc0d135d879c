"""The reservation metrics are read with an endpoint, over HTTP with boto3, and settle what hangs on them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from support.endpoints import GPU4, component, create, snapshot

import icplan
from icplan.testing import FakeSageMaker
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
WHOLE = create("new", 1, 4)


def located(*counts: int) -> Json:
    """An endpoint with so many copies of 2 GPUs on each of its instances."""
    places = [
        {"InferenceComponentName": "a", "InstanceId": f"i-{n}", "InstanceType": GPU4, "Copies": copies}
        for n, copies in enumerate(counts)
        if copies
    ]
    return snapshot(GPU4, len(counts), component("a", sum(counts), 2)) | {"CopyLocations": places}


@pytest.fixture(params=[(2, 0), (1, 1)])
def fake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSageMaker]:
    """A local SageMaker whose clock goes right, with nothing in motion."""
    with FakeSageMaker(located(*request.param), time="virtual") as running:
        running.clock.run_to(time.time())
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.mark.smoke
def test_what_is_read_settles_the_arrangement(fake: FakeSageMaker) -> None:
    """It is that of the copies as they truly lie."""
    taken = icplan.Snapshot.read("prod", session=boto3.Session())
    assert taken.data["Parts"]["Reservations"] == {"Status": "read"}
    names = [one["MetricName"] for one in taken.data["Reservations"]]
    assert names == ["CPUReservation", "MemoryReservation", "GPUReservation"]
    assert all(len(one["Datapoints"]) == 10 for one in taken.data["Reservations"])
    assert "CopyLocations" not in taken.data
    one_is_empty = {} in [dict(held) for held in fake.placement("prod")["AllTraffic"].values()]
    verdict = icplan.check(WHOLE, taken)
    assert verdict.outcome is (Outcome.FITS if one_is_empty else Outcome.DOES_NOT_FIT)
    assert any(one.message.startswith("settled by GPUReservation of ") for one in verdict.findings)
    without = icplan.Snapshot.from_dict({**taken.data, "Reservations": []})
    assert icplan.check(WHOLE, without).outcome is Outcome.MAY_NOT_FIT


def test_a_change_since_then_is_waited_for(fake: FakeSageMaker) -> None:
    """Until three periods have passed, every arrangement counts as possible."""
    client = fake.client()
    client.update_inference_component_runtime_config(
        InferenceComponentName="a", DesiredRuntimeConfig={"CopyCount": 2}
    )
    fake.run_until_settled()
    verdict = icplan.check(WHOLE, icplan.Snapshot.read("prod", session=boto3.Session()))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert "ICP324" in {one.rule for one in verdict.findings}


@pytest.mark.parametrize("fake", [(2, 0)], indirect=True)
def test_what_is_denied_costs_that_part_alone(fake: FakeSageMaker) -> None:
    """It is named, and every arrangement counts as possible."""
    fake.deny("cloudwatch:GetMetricData")
    taken = icplan.Snapshot.read("prod", session=boto3.Session())
    assert taken.data["Parts"]["Reservations"] == {"Status": "denied"}
    assert any("cloudwatch:GetMetricData is missing" in note for note in taken.notes)
    assert icplan.check(WHOLE, taken).outcome is Outcome.MAY_NOT_FIT


@pytest.mark.parametrize("fake", [(1,)], indirect=True)
def test_one_instance_hides_nothing(fake: FakeSageMaker) -> None:
    """CloudWatch is not asked."""
    taken = icplan.Snapshot.read("prod", session=boto3.Session())
    assert taken.data["Parts"]["Reservations"] == {"Status": "not-asked"}
    assert "GetMetricData" not in fake.requests
