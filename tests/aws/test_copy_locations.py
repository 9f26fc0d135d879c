"""Where copies lie is read from enhanced metrics, where an endpoint publishes them: over HTTP, with boto3."""

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
PLACES = {"i-1": {"a": 2}, "i-2": {"b": 1}, "i-3": {"a": 1, "b": 1}}


def located(*, enhanced: bool = True) -> Json:
    """Copies of two components on three instances, one of which is left half empty."""
    rows = [
        {"InferenceComponentName": name, "InstanceId": instance, "InstanceType": GPU4, "Copies": copies}
        for instance, held in PLACES.items()
        for name, copies in held.items()
    ]
    taken = snapshot(GPU4, 3, component("a", 3, 2), component("b", 2, 1)) | {"CopyLocations": rows}
    taken["EndpointConfig"]["MetricsConfig"] = {"EnableEnhancedMetrics": enhanced}
    return taken


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSageMaker]:
    with FakeSageMaker(located(), time="virtual") as running:
        running.clock.run_to(time.time())
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


def read() -> icplan.Snapshot:
    return icplan.Snapshot.read("prod", session=boto3.Session())


def placed(taken: icplan.Snapshot) -> list[dict[str, int]]:
    """What is said of each instance, in no order."""
    found: dict[str, dict[str, int]] = {}
    for row in taken.data["CopyLocations"]:
        found.setdefault(row["InstanceId"], {})[row["InferenceComponentName"]] = row["Copies"]
    return sorted(found.values(), key=str)


def test_the_arrangement_is_that_of_the_copies(fake: FakeSageMaker) -> None:
    """It is the true one, and the verdict rests on it."""
    taken = read()
    there = fake.placement("prod")["AllTraffic"].values()
    assert placed(taken) == sorted((dict(held) for held in there), key=str)
    assert taken.data["Parts"]["CopyLocations"] == {"Status": "read"}
    assert icplan.check(create("new", 1, 3), taken).outcome is Outcome.FITS
    assert icplan.check(WHOLE, taken).outcome is Outcome.DOES_NOT_FIT


def test_what_is_gone_is_not_taken_for_there(fake: FakeSageMaker) -> None:
    """Its series is listed for hours, without points."""
    client = fake.client()
    client.update_inference_component_runtime_config(
        InferenceComponentName="a", DesiredRuntimeConfig={"CopyCount": 1}
    )
    fake.run_until_settled()
    short = read()
    # Some of the last periods are from before: then three copies are seen, of one.
    assert short.data["Parts"]["CopyLocations"]["Missing"] == ["a"]
    assert "CopyLocations lack a: 3 of its 1 copies are seen" in short.notes


def test_nobody_asks_where_they_are_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration has not switched them on."""
    with FakeSageMaker(located(enhanced=False), time="virtual") as fake:
        fake.clock.run_to(time.time())
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        taken = read()
        assert "CopyLocations" not in taken.data
        assert taken.data["Parts"]["CopyLocations"] == {"Status": "not-asked"}
        assert "ListMetrics" not in fake.requests


def test_what_is_denied_costs_that_part_alone(fake: FakeSageMaker) -> None:
    """The reservation metrics are there still."""
    fake.deny("cloudwatch:ListMetrics")
    taken = read()
    assert taken.data["Parts"]["CopyLocations"] == {"Status": "denied"}
    assert taken.data["Parts"]["Reservations"] == {"Status": "read"}
    assert any("cloudwatch:ListMetrics is missing" in note for note in taken.notes)
