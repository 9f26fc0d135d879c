"""Plans made by hand, as small as they can be."""

from __future__ import annotations

from typing import Any

import attrs

from icplan.verdict.fleet_plan import ConditionKind as Kind
from icplan.verdict.fleet_plan import (
    PassedOver,
    Plan,
    PlannedComponent,
    PlannedType,
    PlanOutcome,
    PriceSource,
    Promise,
    TradeoffRow,
    TypeCount,
    TypeLeftOut,
)

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


G6, G6_COST = "ml.g6.12xlarge", 5_752_000
"""An instance type, and millionths of the currency an hour."""


def compared_plan() -> Plan:
    """12 instances, 14 at the peak, with the fleets that it was compared with."""

    def of(name: str, instances: int) -> tuple[TypeCount, ...]:
        return (TypeCount(name, instances),)

    rows = (
        ("rest", 11, 11, "memory"),
        ("+ update of any one", 11, 13, "chat: 3 copies beside 12, any arrangement"),
        ("+ autoscaling maxima", 12, 14, "embed 4 to 9: memory"),
        ("  without scale-out", 19, 19, "the same promises, MaxInstanceCount = steady"),
    )
    return Plan(
        PlanOutcome.OPTIMAL,
        (planned("chat", 12, 2, 20_000), planned("embed", 4, 1, 8_000, most=9)),
        (Promise(Kind.REST), Promise(Kind.UPDATE), Promise(Kind.AUTOSCALING)),
        prices=PriceSource("us-east-1", "USD", "made-up", "1", "2026-11-27T00:00:00Z"),
        dimensions=("cpu", "memory", "accelerators"),
        types=(PlannedType(G6, G6_COST, (48_000, 190_000, 4)),),
        left_out=(TypeLeftOut("ml.m5.xlarge", "it has no accelerator"),),
        steady=of(G6, 12),
        peak=of(G6, 14),
        cost=12 * G6_COST,
        bound=12 * G6_COST,
        peak_cost=14 * G6_COST,
        tradeoff=tuple(TradeoffRow(name, n, most, n * G6_COST, why) for name, n, most, why in rows),
        passed_over=(
            PassedOver(of("ml.g5.12xlarge", 12), 85_080_000, 85_080_000, "as many, 23 % dearer"),
            PassedOver(of("ml.p4d.24xlarge", 0), None, 0, "its quota of 0 does not suffice"),
            PassedOver((*of(G6, 11), *of("ml.g6.xlarge", 4)), 68_600_000, 68_600_000, "2 types at best"),
        ),
        notes=("a note",),
        judged={"Icplan": "0"},
    )
