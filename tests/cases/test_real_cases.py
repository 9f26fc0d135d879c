"""Real public deployments: what was placed is never said not to fit, what was refused never said to fit.

``real_cases.json`` holds endpoints and components from public notebooks, samples, tests and posts,
each with its source. Of a case only the copies it first creates are judged, in order, as one change set.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.endpoints import component, snapshot

import icplan

if TYPE_CHECKING:
    from icplan.verdict.outcome import Outcome

CASES = json.loads(Path(__file__).with_name("real_cases.json").read_text())
#: Where a source leaves out the memory, the least that the API takes stands for it.
LEAST_MEMORY = 128
#: Of the placed cases, at most so many may be left in doubt: where the reservation is past what was measured.
MOST_IN_DOUBT = 9


def placed(case: dict[str, Any]) -> bool:
    """Whether the copies were placed, whatever became of the containers."""
    return (case["capacity_verdict"], case["outcome"]) in (
        ("fits", "worked"),
        ("fits", "presumed-worked"),
        ("fits", "failed"),
    )


def refused(case: dict[str, Any]) -> bool:
    return (case["capacity_verdict"], case["outcome"]) == ("does-not-fit", "failed")


def endpoint(case: dict[str, Any]) -> dict[str, Any]:
    (variant,) = case["endpoint"]["variants"]
    scaling = variant["managed_scaling"]
    limits = None if scaling is None else (scaling["min"], scaling["max"])
    pools = variant["instance_pools"]
    first = variant["instance_type"] or min(pools, key=lambda pool: pool["priority"])["instance_type"]
    taken = snapshot(first, variant["initial_instance_count"], scaling=limits)
    if pools:
        described = taken["EndpointConfig"]["ProductionVariants"][0]
        del described["InstanceType"]
        described["InstancePools"] = [
            {"InstanceType": pool["instance_type"], "Priority": pool["priority"]} for pool in pools
        ]
    return taken


def creates(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls that create a case's components, bases before their adapters."""
    ordered = sorted(case["components"], key=lambda entry: entry["base_component"] is not None)
    return [creation(entry) for entry in ordered]


def creation(entry: dict[str, Any]) -> dict[str, Any]:
    name = entry["name"].replace(".", "-")
    request: dict[str, Any] = {"InferenceComponentName": name, "EndpointName": "prod"}
    if entry["base_component"]:
        base = entry["base_component"].replace(".", "-")
        artifact = {"ArtifactUrl": "s3://bucket/adapter.tar.gz"}
        return request | {"Specification": {"BaseInferenceComponentName": base, "Container": artifact}}
    request["VariantName"] = "AllTraffic"
    if entry.get("specifications"):
        request["Specifications"] = [
            {
                "InstanceType": each["instance_type"],
                "ModelName": "model",
                "ComputeResourceRequirements": required(each["requirements"]),
            }
            for each in entry["specifications"]
        ]
    else:
        compute = required(entry["requirements"])
        request["Specification"] = {"ModelName": "model", "ComputeResourceRequirements": compute}
    return request | {"RuntimeConfig": {"CopyCount": entry["copies"]}}


def required(stated: dict[str, Any]) -> dict[str, Any]:
    return {"MinMemoryRequiredInMb": LEAST_MEMORY} | stated


@cache
def outcome(number: int) -> Outcome:
    case = CASES[number]
    return icplan.check(creates(case), icplan.Snapshot.from_dict(endpoint(case))).outcome


@pytest.mark.parametrize(
    "number", [n for n, case in enumerate(CASES) if placed(case)], ids=lambda n: CASES[n]["id"]
)
def test_what_was_placed_is_never_refused(number: int) -> None:
    """A case whose copies were placed (or are presumed to have been) may fit."""
    assert not outcome(number).fails


@pytest.mark.parametrize(
    "number", [n for n, case in enumerate(CASES) if refused(case)], ids=lambda n: CASES[n]["id"]
)
def test_what_was_refused_is_never_promised(number: int) -> None:
    """A case that capacity refused is never said to fit."""
    assert not outcome(number).fits


def test_few_are_left_in_doubt(capsys: pytest.CaptureFixture[str]) -> None:
    """Nearly all placed cases are promised; the rest reserve more than was ever measured on their type."""
    said = Counter(str(outcome(n)) for n, case in enumerate(CASES) if placed(case))
    doubtful = [case["id"] for n, case in enumerate(CASES) if placed(case) and not outcome(n).fits]
    with capsys.disabled():
        print(f"\nreal cases that were placed: {dict(said)}; in doubt: {', '.join(doubtful)}")  # noqa: T201
    assert len(doubtful) <= MOST_IN_DOUBT


def test_described_components_of_a_case_can_run() -> None:
    """A snapshot in which a placed case already runs is not refused as contradictory."""
    for case in filter(placed, CASES):
        held = [
            component(entry["name"].replace(".", "-"), entry["copies"])
            | {
                "Specification": {
                    "ModelName": "m",
                    "ComputeResourceRequirements": required(entry["requirements"]),
                }
            }
            for entry in case["components"]
            if entry["base_component"] is None and entry["requirements"]
        ]
        taken = endpoint(case)
        most = taken["EndpointConfig"]["ProductionVariants"][0].get("ManagedInstanceScaling", {})
        counts = taken["Endpoint"]["ProductionVariants"][0]
        running = max(counts["CurrentInstanceCount"], most.get("MaxInstanceCount", 0))
        counts["CurrentInstanceCount"] = counts["DesiredInstanceCount"] = running
        if held:
            change = {
                "InferenceComponentName": held[0]["InferenceComponentName"],
                "RuntimeConfig": {"CopyCount": 0},
            }
            taken["InferenceComponents"] = held
            assert icplan.check(change, icplan.Snapshot.from_dict(taken)).outcome.fits
