"""What a failed component leaves behind: it launches nothing, and what it held is free once it is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, GPU8, component, create, pooled, snapshot
from support.verdicts import check

from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

OTHER = "ml.g6e.12xlarge"
DELETE = {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": "bad"}}


def only(*types: str) -> list[dict[str, Any]]:
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 4}
    return [{"InstanceType": one, "ModelName": "m", "ComputeResourceRequirements": compute} for one in types]


def of_types(described: dict[str, Any], *types: str) -> dict[str, Any]:
    kept = {name: value for name, value in described.items() if name != "Specification"}
    return kept | {"Specifications": only(*types)}


@pytest.mark.parametrize("status", ["InService", "Failed"])
def test_room_that_is_deleted_is_free_on_several_types_whatever_held_it(status: str) -> None:
    """The instance that is emptied may stay, or go and come back as any type: either holds the new copy."""
    bad = of_types(component("bad", 1, 4, InferenceComponentStatus=status), OTHER)
    taken = snapshot(GPU4, 2, of_types(component("a", 1, 4), GPU4), bad, scaling=(1, 2))
    (variant,) = taken["EndpointConfig"]["ProductionVariants"]
    del variant["InstanceType"]
    variant["InstancePools"] = [
        {"InstanceType": one, "Priority": n} for n, one in enumerate((GPU4, OTHER), 1)
    ]
    (told,) = taken["Endpoint"]["ProductionVariants"]
    told["InstancePools"] = [{"InstanceType": one, "CurrentInstanceCount": 1} for one in (GPU4, OTHER)]
    new = of_types(create("new", 1, 4), GPU4, OTHER)
    verdict = check(taken, DELETE, new)
    assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert Result.REJECTED not in {checked.result for checked in verify(to_dict(verdict))}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("Creating", Outcome.MAY_NOT_FIT), ("Failed", Outcome.FITS_AFTER_SCALE_OUT)],
)
def test_what_has_failed_takes_no_instance_of_a_shared_quota(status: str, outcome: Outcome) -> None:
    """On the other variant a copy that is yet to come may take the last one; nothing comes of what failed."""
    there = component("bad", 1, 4, VariantName="second", InferenceComponentStatus=status)
    there["RuntimeConfig"]["CurrentCopyCount"] = 0
    held = component("b", 1, 4, VariantName="second")
    taken = snapshot(GPU4, 1, component("a", 1, 4), held, there, scaling=(1, 3))
    for part in ("Endpoint", "EndpointConfig"):
        (first,) = taken[part]["ProductionVariants"]
        taken[part]["ProductionVariants"].append(first | {"VariantName": "second"})
    taken["Quotas"] = [{"QuotaName": f"{GPU4} for endpoint usage", "Value": 3}]
    taken["InstancesInUse"] = {GPU4: 2}
    assert check(taken, create("new", 1, 4)).outcome is outcome


@pytest.mark.parametrize(
    ("memory", "outcome"),
    [(1024, Outcome.FITS), (200000, Outcome.MAY_NOT_FIT), (900000, Outcome.DOES_NOT_FIT)],
)
def test_what_has_failed_and_is_deleted_holds_nothing_whichever_instance_stays(
    memory: int, outcome: Outcome
) -> None:
    """None of its copies was counted, so one may have been there or not: one instance runs at least."""
    bad = component("bad", 1, 1, InferenceComponentStatus="Failed")
    bad["RuntimeConfig"]["CurrentCopyCount"] = 0
    taken = pooled({GPU4: 1, GPU8: 1}, bad, scaling=(1, 2))
    verdict = check(taken, DELETE, create("new", 1, 1, memory))
    assert verdict.changes[1].outcome is outcome
    assert Result.REJECTED not in {checked.result for checked in verify(to_dict(verdict))}
