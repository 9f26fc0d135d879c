"""Hypothesis strategies for parts: names, requirements, specifications, deployment configs, variants."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

Json: TypeAlias = dict[str, Any]

MODELS = ("llama", "mistral", "qwen", "gemma", "phi")
TYPES = (
    "ml.c5.xlarge",
    "ml.g5.xlarge",
    "ml.g5.2xlarge",
    "ml.g5.12xlarge",
    "ml.g6.12xlarge",
    "ml.p4d.24xlarge",
)
_REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
_IMAGES = (f"{_REGISTRY}/llm:1", f"{_REGISTRY}/llm:2")
_SCHEDULING = ({"PlacementStrategy": "SPREAD"}, {"PlacementStrategy": "BINPACK"})
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
ENDPOINT, VARIANT = "prod", "AllTraffic"


def component_names() -> SearchStrategy[str]:
    """Names of components: short, legal, and few enough to meet again."""
    return st.sampled_from(MODELS)


def instance_types() -> SearchStrategy[str]:
    """A few hosting types: one without accelerators, and with 1, 4 and 8 of them."""
    return st.sampled_from(TYPES)


def compute_requirements(most_memory: int = 32768, most_accelerators: int = 4) -> SearchStrategy[Json]:
    """ComputeResourceRequirements: memory in MiB, quarters of cores, whole accelerators."""
    least = st.integers(1, max(1, most_memory // 128)).map(lambda blocks: blocks * 128)
    return st.builds(
        _requirements, least, st.none() | st.integers(1, 32), st.integers(0, most_accelerators), st.booleans()
    )


#: Megabytes: the least that is allowed, and what a copy that takes accelerators hardly lives on.
LEAST, LITTLE = 128, 1024


def _requirements(memory: int, quarters: int | None, devices: int, bounded: bool) -> Json:
    if devices and memory < LITTLE:
        memory = LEAST  # what lies between looks like gigabytes
    compute: Json = {"MinMemoryRequiredInMb": memory}
    if devices:
        compute["NumberOfAcceleratorDevicesRequired"] = devices
    if quarters is not None:
        compute["NumberOfCpuCoresRequired"] = quarters / 4
    if bounded:
        compute["MaxMemoryRequiredInMb"] = memory * 2
    return compute


def containers() -> SearchStrategy[Json]:
    """Containers with an image, and perhaps an artefact and an environment."""
    return st.fixed_dictionaries(
        {"Image": st.sampled_from(_IMAGES)},
        optional={
            "ArtifactUrl": st.sampled_from(("s3://models/a.tar.gz", "s3://models/b.tar.gz")),
            "Environment": st.dictionaries(
                st.sampled_from(("HF_TOKEN", "MODEL_ID")), st.sampled_from(("a", "b"))
            ),
        },
    )


def specifications(requirements: SearchStrategy[Json] | None = None) -> SearchStrategy[Json]:
    """Specifications of components with requirements of their own."""
    return st.fixed_dictionaries(
        {
            "Container": containers(),
            "ComputeResourceRequirements": compute_requirements() if requirements is None else requirements,
        },
        optional={
            "StartupParameters": _one_of({"ContainerStartupHealthCheckTimeoutInSeconds": 600}),
            "SchedulingConfig": _one_of(*_SCHEDULING),
            "DataCacheConfig": st.booleans().map(lambda on: {"EnableCaching": on}),
        },
    )


def adapter_specifications(bases: SearchStrategy[str] | None = None) -> SearchStrategy[Json]:
    """Specifications of adapters: a base and an artefact, no requirements."""
    return st.fixed_dictionaries(
        {
            "BaseInferenceComponentName": component_names() if bases is None else bases,
            "Container": _one_of({"ArtifactUrl": "s3://models/adapter.tar.gz"}),
        }
    )


def batches() -> SearchStrategy[Json]:
    """Batch sizes: some copies, or a percentage AWS documents as legal."""
    counts = st.integers(1, 4).map(lambda value: {"Type": "COPY_COUNT", "Value": value})
    return counts | st.integers(5, 50).map(lambda value: {"Type": "CAPACITY_PERCENT", "Value": value})


def deployment_configs() -> SearchStrategy[Json]:
    """DeploymentConfigs of rolling updates."""
    policy = st.fixed_dictionaries(
        {"MaximumBatchSize": batches(), "WaitIntervalInSeconds": st.integers(0, 600)},
        optional={
            "RollbackMaximumBatchSize": batches(),
            "MaximumExecutionTimeoutInSeconds": st.integers(600, 28800),
        },
    )
    alarms = _one_of({"Alarms": [{"AlarmName": "errors"}]})
    return st.fixed_dictionaries(
        {"RollingUpdatePolicy": policy}, optional={"AutoRollbackConfiguration": alarms}
    )


@st.composite
def production_variants(draw: DrawFn, types: Sequence[str] = TYPES) -> Json:
    """A variant of one instance type, or of two in pools, with managed instance scaling or without."""
    several = draw(st.lists(st.sampled_from(types), min_size=1, max_size=2, unique=True))
    count = draw(st.integers(1, 4))
    variant: Json = {"VariantName": VARIANT, "InitialInstanceCount": count}
    if len(several) == 1:
        variant["InstanceType"] = several[0]
    else:
        variant["InstancePools"] = [
            {"InstanceType": name, "Priority": priority} for priority, name in enumerate(several, start=1)
        ]
    more = draw(st.none() | st.integers(0, 3))
    if more is not None:
        variant["ManagedInstanceScaling"] = {
            "Status": "ENABLED",
            "MinInstanceCount": draw(st.integers(1, count)),
            "MaxInstanceCount": count + more,
        }
    return variant


def copies(least: int) -> SearchStrategy[Json]:
    """RuntimeConfigs with up to 8 copies."""
    return st.integers(least, 8).map(lambda count: {"CopyCount": count})


def per_type() -> SearchStrategy[list[Json]]:
    """Specifications for one or two instance types."""
    entries = st.tuples(instance_types(), specifications())
    return st.lists(entries, min_size=1, max_size=2, unique_by=lambda entry: entry[0]).map(
        lambda pairs: [{"InstanceType": name, **specification} for name, specification in pairs]
    )


def _one_of(*values: Json) -> SearchStrategy[Json]:
    """One of the values, each time a copy: whoever draws it may change it."""
    return st.sampled_from(values).map(copy.deepcopy)
