"""Small builders of AWS's answers, so that a test shows only what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonpatch

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Instance types with 4 and 8 GPUs.
GPU4, GPU8 = "ml.g5.12xlarge", "ml.g5.48xlarge"


def component(
    name: str, copies: int, accelerators: float = 0, memory: int = 1024, **more: Any
) -> dict[str, Any]:
    """A described component. ``more`` may hold cpu, partition, and members of the description."""
    required: dict[str, Any] = {"MinMemoryRequiredInMb": memory}
    if accelerators:
        required["NumberOfAcceleratorDevicesRequired"] = accelerators
    if "cpu" in more:
        required["NumberOfCpuCoresRequired"] = more.pop("cpu")
    if "partition" in more:
        required["AcceleratorPartitionType"] = more.pop("partition")
    return {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "InferenceComponentStatus": "InService",
        "Specification": {"ModelName": "model-1", "ComputeResourceRequirements": required},
        "RuntimeConfig": {"DesiredCopyCount": copies, "CurrentCopyCount": copies},
    } | more


def snapshot(
    instance_type: str,
    instances: int,
    *components: dict[str, Any],
    scaling: tuple[int, int] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A snapshot of an endpoint with one variant; ``scaling`` is (MinInstanceCount, MaxInstanceCount)."""
    variant: dict[str, Any] = {
        "VariantName": "AllTraffic",
        "InstanceType": instance_type,
        "InitialInstanceCount": max(1, instances),
    }
    if scaling is not None:
        least, most = scaling
        variant["ManagedInstanceScaling"] = {
            "Status": "ENABLED",
            "MinInstanceCount": least,
            "MaxInstanceCount": most,
        }
    counts = {"CurrentInstanceCount": instances, "DesiredInstanceCount": instances}
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {
            "EndpointName": "prod",
            "EndpointStatus": "InService",
            "ProductionVariants": [{"VariantName": "AllTraffic", **counts}],
        },
        "EndpointConfig": {
            "EndpointConfigName": "prod-config",
            "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
            "ProductionVariants": [variant],
        },
        "InferenceComponents": list(components),
    } | more


def pooled(
    running: Mapping[str, int],
    *components: dict[str, Any],
    scaling: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """The same with instance pools: how many instances run of each type, the preferred type first."""
    taken = snapshot("", sum(running.values()), *components, scaling=scaling)
    (variant,) = taken["EndpointConfig"]["ProductionVariants"]
    del variant["InstanceType"]
    variant["InstancePools"] = [
        {"InstanceType": kind, "Priority": priority} for priority, kind in enumerate(running, start=1)
    ]
    taken["Endpoint"]["ProductionVariants"][0]["InstancePools"] = [
        {"InstanceType": kind, "CurrentInstanceCount": count} for kind, count in running.items()
    ]
    return taken


def create(
    name: str, copies: int, accelerators: float = 0, memory: int = 1024, **more: Any
) -> dict[str, Any]:
    """A request that creates a component."""
    described = component(name, copies, accelerators, memory, **more)
    kept = ("InferenceComponentName", "EndpointName", "VariantName", "Specification", "Specifications")
    return {k: described[k] for k in kept if k in described} | {"RuntimeConfig": {"CopyCount": copies}}


def delete(name: str) -> dict[str, Any]:
    """A call that deletes a component."""
    return {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": name}}


def scale(name: str, copies: int) -> dict[str, Any]:
    """A request that changes a component's copies."""
    return {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": copies}}


def update(
    name: str,
    batch: int | None = None,
    rollback: int | None = None,
    percent: bool = False,
    **specification: Any,
) -> dict[str, Any]:
    """A request that gives a component a new model, in batches if told so."""
    request: dict[str, Any] = {
        "InferenceComponentName": name,
        "Specification": {"ModelName": "model-2"} | specification,
    }
    if batch is not None:
        kind = "CAPACITY_PERCENT" if percent else "COPY_COUNT"
        policy: dict[str, Any] = {
            "MaximumBatchSize": {"Type": kind, "Value": batch},
            "WaitIntervalInSeconds": 60,
        }
        if rollback is not None:
            policy["RollbackMaximumBatchSize"] = {"Type": "COPY_COUNT", "Value": rollback}
        request["DeploymentConfig"] = {"RollingUpdatePolicy": policy}
    return request


def update_endpoint(taken: Mapping[str, Any], patch: Any) -> list[dict[str, Any]]:
    """The calls that give the endpoint of a snapshot its configuration so patched, under another name."""
    configuration = jsonpatch.apply_patch(taken["EndpointConfig"], list(patch))
    named = {**configuration, "EndpointConfigName": "patched-config"}
    update = {
        "EndpointName": taken["Endpoint"]["EndpointName"],
        "EndpointConfigName": named["EndpointConfigName"],
        "RetainAllVariantProperties": True,
    }
    return [
        {"Operation": "CreateEndpointConfig", "Request": named},
        {"Operation": "UpdateEndpoint", "Request": update},
    ]
