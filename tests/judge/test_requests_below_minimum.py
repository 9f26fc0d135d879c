"""Requests that leave fewer copies than autoscaling keeps: what it raises needs its room again."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, component, snapshot

import icplan

NEW = {
    "InferenceComponentName": "new",
    "EndpointName": "prod",
    "VariantName": "AllTraffic",
    "Specification": {
        "ModelName": "model-1",
        "ComputeResourceRequirements": {
            "NumberOfAcceleratorDevicesRequired": 3,
            "MinMemoryRequiredInMb": 1024,
        },
    },
    "RuntimeConfig": {"CopyCount": 1},
}


def runs(least: int, instances: int) -> dict[str, Any]:
    target = {"ResourceId": "inference-component/chat", "MinCapacity": least, "MaxCapacity": 4}
    return snapshot(GPU4, instances, component("chat", 2, 3), ScalableTargets=[target])


@pytest.mark.parametrize(
    ("least", "instances", "outcome"), [(1, 2, "fits"), (2, 2, "may-not-fit"), (2, 3, "fits")]
)
def test_copies_that_come_back_have_no_room_to_give(least: int, instances: int, outcome: str) -> None:
    fewer = {"InferenceComponentName": "chat", "RuntimeConfig": {"CopyCount": 1}}
    verdict = icplan.check([fewer, NEW], runs(least, instances))
    assert verdict.outcome == outcome, str(verdict)
    found = [(one.rule, one.path) for change in verdict.changes for one in change.findings]
    assert (("ICP332", "$[0].RuntimeConfig.CopyCount") in found) == (outcome == "may-not-fit")
