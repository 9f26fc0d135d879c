"""Plans made by hand, as small as they can be."""

from __future__ import annotations

from typing import Any

import attrs

from icplan.verdict.fleet_plan import ConditionKind as Kind
from icplan.verdict.fleet_plan import Plan, PlannedComponent, PlanOutcome, Promise, TypeCount

ONE_BY_ONE = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
        "RollbackMaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 60,
    }
}


def planned(
    name: str, copies: int, accelerators: int, memory: int, *, most: int = 0, **specification: Any
) -> PlannedComponent:
    """A planned component; ``environment`` and ``scheduling`` go into its specification."""
    container = {"Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/serve:1"}
    if "environment" in specification:
        container["Environment"] = specification["environment"]
    told: dict[str, Any] = {
        "Container": container,
        "ComputeResourceRequirements": {
            "NumberOfAcceleratorDevicesRequired": accelerators,
            "MinMemoryRequiredInMb": memory,
        },
    }
    if "scheduling" in specification:
        told["SchedulingConfig"] = specification["scheduling"]
    request = {
        "InferenceComponentName": name,
        "EndpointName": "prod-llm",
        "VariantName": "AllTraffic",
        "Specification": told,
        "RuntimeConfig": {"CopyCount": copies},
    }
    names = {field.name for field in attrs.fields(PlannedComponent)}
    more = {"batch_of_most": 1, "rolls": True} if "batch_of_most" in names else {}
    return PlannedComponent(
        name,
        copies,
        most or copies,
        1,
        1,
        request=request,
        deployment=ONE_BY_ONE,
        **more,  # type: ignore[arg-type]
    )


def sample_plan() -> Plan:
    """3 instances of 4 accelerators that hold 10 of them, and 4 while an update runs."""
    environment = {"HF_TOKEN": "hf_" + "a" * 30, "ODD": 'a "b" ${c} %{d} $${e}\n'}
    components = (
        planned("chat", 3, 2, 20_000, environment=environment),
        planned("embed", 4, 1, 8_000, most=9),
    )
    return Plan(
        PlanOutcome.OPTIMAL,
        components,
        (Promise(Kind.REST), Promise(Kind.UPDATE)),
        steady=(TypeCount("ml.g5.12xlarge", 3),),
        peak=(TypeCount("ml.g5.12xlarge", 4),),
    )
