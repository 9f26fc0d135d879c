"""For every rule of a request: how a sound request is made to break it, and where the finding then points."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from icplan.testing.strategies import requests, specifications

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

Json = dict[str, Any]
Drawn = tuple[str, Json, str]
"""An operation, a request of it, and the path of the finding."""

CREATE, UPDATE, CONFIGURE = "CreateInferenceComponent", "UpdateInferenceComponent", "CreateEndpointConfig"
COMPUTE = "ComputeResourceRequirements"
ADAPTER: Json = {"BaseInferenceComponentName": "base", "Container": {"ArtifactUrl": "s3://models/a.tar.gz"}}


def standing(operation: str) -> SearchStrategy[Json]:
    """Requests with one Specification that is no adapter's."""
    return requests(operation).filter(lambda one: COMPUTE in one.get("Specification", {}))


def broken(operation: str, change: Callable[[Json], Any], path: str) -> SearchStrategy[Drawn]:
    """Sound requests, each with one change."""
    source = requests(operation) if operation == CONFIGURE else standing(operation)

    def changed(request: Json) -> Drawn:
        spoiled = copy.deepcopy(request)
        change(spoiled)
        return operation, spoiled, path

    return source.map(changed)


def put(*steps: Any) -> Callable[[Json], None]:
    """Set what the steps but the last lead to; the last is the value."""
    *way, key, value = steps

    def change(request: Json) -> None:
        at: Any = request
        for step in way:
            at = at.setdefault(step, {}) if isinstance(at, dict) else at[step]
        at[key] = copy.deepcopy(value)

    return change


def drop(*names: str) -> Callable[[Json], None]:
    """Take the member away that the names lead to."""
    *way, key = names

    def change(request: Json) -> None:
        for name in way:
            request = request[name]
        request.pop(key)

    return change


def both(*changes: Callable[[Json], Any]) -> Callable[[Json], None]:
    """Do several changes."""

    def change(request: Json) -> None:
        for one in changes:
            one(request)

    return change


def entries(*some: Json) -> Callable[[Json], None]:
    """Put entries of Specifications in place of the Specification."""
    whole = {COMPUTE: {"MinMemoryRequiredInMb": 1024}}
    return both(drop("Specification"), put("Specifications", [whole | one for one in some]))


def variant(**members: Any) -> Callable[[Json], None]:
    """Give the variant these members, and take away those that are None."""

    def change(request: Json) -> None:
        one = request["ProductionVariants"][0]
        for name, value in members.items():
            one.pop(name, None)
            if value is not None:
                one[name] = copy.deepcopy(value)

    return change


def scaled(low: int, high: int) -> Json:
    return {"Status": "ENABLED", "MinInstanceCount": low, "MaxInstanceCount": high}


def rolling(kind: str, value: int, **more: int) -> Json:
    batch = {"Type": kind, "Value": value}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 0, **more}}


def metrics(seconds: int) -> Json:
    return {"MetricsEndpoints": [{"MetricsEndpointPath": "/m", "MetricPublishFrequencyInSeconds": seconds}]}


SPEC = "$.Specification"
V0 = "$.ProductionVariants[0]"
G5, G6 = {"InstanceType": "ml.g5.xlarge"}, {"InstanceType": "ml.g6.xlarge"}
POOLS = [{"InstanceType": "ml.g5.xlarge", "Priority": 1}, {"InstanceType": "ml.g6.xlarge", "Priority": 1}]
TWICE = [{"InstanceType": "ml.g5.xlarge", "Priority": 1}, {"InstanceType": "ml.g5.xlarge", "Priority": 2}]
LAYOUT = {"AcceleratorPartitionTypes": ["mig-7g.40gb"]}
VARIABLES = {f"A{number}": "1" for number in range(17)}

BREAKS: dict[str, SearchStrategy[Drawn]] = {
    "ICP121": broken(UPDATE, put("Specifications", [{}]), "$.Specifications")
    | broken(CREATE, put("Specifications", [{COMPUTE: {"MinMemoryRequiredInMb": 128}}]), "$.Specifications"),
    "ICP122": broken(CREATE, drop("Specification"), "$"),
    "ICP123": st.sampled_from(
        [
            (UPDATE, {"InferenceComponentName": "llama"}, "$"),
            (UPDATE, {"InferenceComponentName": "llama", "DeploymentConfig": rolling("COPY_COUNT", 1)}, "$"),
        ]
    ),
    "ICP124": broken(UPDATE, entries(G5, {}), "$.Specifications[1]"),
    "ICP125": broken(UPDATE, entries(G5, G6, G5), "$.Specifications[2].InstanceType"),
    "ICP126": broken(UPDATE, put("Specification", "InstanceType", "ml.g5.xlarge"), f"{SPEC}.InstanceType"),
    "ICP127": broken(
        UPDATE,
        put("Specification", COMPUTE, {"MinMemoryRequiredInMb": 129, "MaxMemoryRequiredInMb": 128}),
        f"{SPEC}.{COMPUTE}.MaxMemoryRequiredInMb",
    ),
    "ICP128": broken(
        UPDATE,
        # With the memory of a copy that takes any: less would look like another unit.
        put(
            "Specification",
            COMPUTE,
            {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 1.5},
        ),
        f"{SPEC}.{COMPUTE}.NumberOfAcceleratorDevicesRequired",
    ),
    "ICP129": broken(UPDATE, put("Specification", "BaseInferenceComponentName", "b"), f"{SPEC}.{COMPUTE}"),
    "ICP130": broken(CREATE, put("Specification", ADAPTER), "$.VariantName"),
    "ICP131": broken(CREATE, drop("VariantName"), "$"),
    "ICP132": broken(
        UPDATE,
        both(drop("Specification"), put("Specifications", [ADAPTER])),
        "$.Specifications[0].BaseInferenceComponentName",
    ),
    "ICP133": broken(CREATE, put("RuntimeConfig", "CopyCount", 0), "$.RuntimeConfig.CopyCount"),
    "ICP134": broken(CREATE, drop("RuntimeConfig"), "$"),
    "ICP135": broken(CREATE, drop("Specification", COMPUTE), SPEC),
    "ICP136": broken(
        UPDATE,
        put("DeploymentConfig", rolling("CAPACITY_PERCENT", 51)),
        "$.DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value",
    ),
    "ICP138": broken(
        UPDATE, put("Specification", "Container", "Environment", VARIABLES), f"{SPEC}.Container.Environment"
    ),
    "ICP139": broken(
        UPDATE,
        put("Specification", "Container", "ArtifactUrl", "s3://m/a.zip"),
        f"{SPEC}.Container.ArtifactUrl",
    ),
    "ICP140": broken(
        UPDATE,
        put("Specification", COMPUTE, {"MinMemoryRequiredInMb": 2**27}),
        f"{SPEC}.{COMPUTE}.MinMemoryRequiredInMb",
    ),
    "ICP142": broken(
        UPDATE,
        put("Specification", "Container", "ContainerMetricsConfig", metrics(20)),
        f"{SPEC}.Container.ContainerMetricsConfig.MetricsEndpoints[0].MetricPublishFrequencyInSeconds",
    ),
    "ICP178": broken(
        UPDATE,
        put(
            "Specification",
            COMPUTE,
            {
                "MinMemoryRequiredInMb": 1024,
                "AcceleratorPartitionType": "mig-1g.5gb",
                "NumberOfAcceleratorDevicesRequired": 2,
            },
        ),
        f"{SPEC}.{COMPUTE}.NumberOfAcceleratorDevicesRequired",
    ),
    "ICP150": broken(
        CONFIGURE,
        both(
            put("ProductionVariants", 0, "ModelName", "m"),
            put("ProductionVariants", 0, "ManagedInstanceScaling", {}),
        ),
        f"{V0}.ManagedInstanceScaling",
    ),
    "ICP152": broken(CONFIGURE, drop("ExecutionRoleArn"), "$"),
    "ICP153": broken(
        CONFIGURE,
        variant(InitialInstanceCount=None, ManagedInstanceScaling=scaled(3, 2)),
        f"{V0}.ManagedInstanceScaling.MinInstanceCount",
    ),
    "ICP154": broken(
        CONFIGURE,
        variant(InitialInstanceCount=3, ManagedInstanceScaling=scaled(1, 2)),
        f"{V0}.InitialInstanceCount",
    )
    | broken(
        CONFIGURE,
        variant(InitialInstanceCount=1, ManagedInstanceScaling=scaled(2, 2)),
        f"{V0}.InitialInstanceCount",
    ),
    "ICP155": broken(
        CONFIGURE,
        variant(InitialInstanceCount=1, ManagedInstanceScaling=scaled(0, 2)),
        f"{V0}.ManagedInstanceScaling.MinInstanceCount",
    ),
    "ICP156": broken(
        CONFIGURE, variant(InstanceType=None, InstancePools=POOLS), f"{V0}.InstancePools[0].Priority"
    )
    | broken(
        CONFIGURE, variant(InstanceType=None, InstancePools=TWICE), f"{V0}.InstancePools[1].InstanceType"
    ),
    "ICP157": broken(
        CONFIGURE, variant(InstanceType="ml.g5.xlarge", InstancePools=POOLS[:1]), f"{V0}.InstancePools"
    )
    | broken(CONFIGURE, variant(InstanceType=None, InstancePools=None), V0),
    "ICP158": broken(
        CONFIGURE,
        variant(AcceleratorPartitionLayouts=[LAYOUT, LAYOUT]),
        f"{V0}.AcceleratorPartitionLayouts",
    )
    | broken(
        CONFIGURE,
        variant(AcceleratorPartitionLayouts=[{"AcceleratorPartitionTypes": []}]),
        f"{V0}.AcceleratorPartitionLayouts[0]",
    )
    | broken(CONFIGURE, variant(AcceleratorPartitionLayouts=[{}]), f"{V0}.AcceleratorPartitionLayouts[0]"),
}
"""Per rule: requests that break it, and it alone."""

COPIES = "$.RuntimeConfig.CopyCount"
FIELDS: dict[str, SearchStrategy[Drawn]] = {
    "ICP101": broken(CREATE, put("RuntimeConfig", "CopyCount", "1"), COPIES)
    | broken(UPDATE, put("Specification", "Container", ["image"]), f"{SPEC}.Container"),
    "ICP102": broken(UPDATE, put("DeploymentConfig", None), "$.DeploymentConfig"),
    "ICP103": broken(UPDATE, put("Specification", COMPUTE, {}), f"{SPEC}.{COMPUTE}")
    | broken(CONFIGURE, drop("EndpointConfigName"), "$"),
    "ICP104": broken(UPDATE, put("RuntimeConfig", "CopyCount", -1), COPIES)
    | broken(UPDATE, put("RuntimeConfig", "CopyCount", 2**31), COPIES),
    "ICP105": broken(UPDATE, put("InferenceComponentName", "a" * 64), "$.InferenceComponentName")
    | broken(CREATE, put("Tags", [{"Key": "", "Value": ""}]), "$.Tags[0].Key"),
    "ICP106": broken(UPDATE, put("InferenceComponentName", "no_good"), "$.InferenceComponentName"),
    "ICP107": broken(
        UPDATE,
        put("Specification", "SchedulingConfig", {"PlacementStrategy": "PACK"}),
        f"{SPEC}.SchedulingConfig.PlacementStrategy",
    ),
    "ICP108": broken(CREATE, put("Tags", [{"Key": "a", "Value": "b"}] * 51), "$.Tags")
    | broken(
        UPDATE,
        put("Specification", "Container", "Environment", {f"A{number}": "1" for number in range(101)}),
        f"{SPEC}.Container.Environment",
    ),
    "ICP109": broken(UPDATE, put("Specification", "Container", "image", "i"), f"{SPEC}.Container.image"),
    "ICP110": broken(UPDATE, put("Novelty", 1), "$.Novelty")
    | broken(UPDATE, put("Specification", "Container", "Novelty", 1), f"{SPEC}.Container.Novelty"),
    "ICP111": broken(
        CONFIGURE, put("ProductionVariants", 0, "InstanceType", "ml.new.type"), f"{V0}.InstanceType"
    ),
}
"""Per rule of a single member: requests that break it. Other rules may have something to say of them, too."""

__all__ = [
    "BREAKS",
    "COMPUTE",
    "CONFIGURE",
    "CREATE",
    "FIELDS",
    "UPDATE",
    "put",
    "rolling",
    "specifications",
    "standing",
]
