"""Hypothesis strategy for snapshots of an endpoint that runs something, made from a placement."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from icplan.catalog.catalog import Catalog
from icplan.requests.from_describe import Requirements, requirements_in
from icplan.testing.strategies.requests import (
    ENDPOINT,
    VARIANT,
    Json,
    adapter_specifications,
    component_names,
    compute_requirements,
    production_variants,
    specifications,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn

_PARTITIONED = "ml.p4d.24xlarge"
_LAYOUTS = ((), ("mig-3g.20gb", "mig-3g.20gb"), ("mig-7g.40gb",))
_ARN = "arn:aws:sagemaker:us-east-1:123456789012"
_MAX_COPIES = 8


@attrs.define
class _Instance:
    """An instance with what is free on it: no more than such an instance is sure to offer."""

    id: str
    type: str
    memory_mib: int
    cpu_millicores: int
    accelerators: int
    partitions: Counter[str]

    def take(self, copy: Requirements) -> bool:
        """Reserve what a copy needs, if it is there."""
        left = (
            self.memory_mib - copy.memory_mib,
            self.cpu_millicores - copy.cpu_millicores,
            self.accelerators - copy.accelerators,
        )
        if min(left) < 0 or (copy.partition is not None and not self.partitions[copy.partition]):
            return False
        self.memory_mib, self.cpu_millicores, self.accelerators = left
        if copy.partition is not None:
            self.partitions[copy.partition] -= 1
        return True


@st.composite
def snapshots(draw: DrawFn, most_components: int = 3) -> Json:
    """Snapshots of an endpoint whose copies really lie somewhere: a placement is drawn first.

    One variant of up to 4 instances, with up to ``most_components`` components, all of them InService, and
    perhaps an adapter. Some have a partition layout, quotas, autoscaling targets, or tell the placement.
    """
    variant = draw(production_variants())
    layout: Sequence[str] = ()
    if variant.get("InstanceType") == _PARTITIONED:
        layout = draw(st.sampled_from(_LAYOUTS))
    if layout:
        variant["AcceleratorPartitionLayouts"] = [{"AcceleratorPartitionTypes": list(layout)}]
    instances = _instances(draw, variant, layout)
    names = draw(st.lists(component_names(), max_size=most_components, unique=True))
    components, locations = [], []
    for name in names:
        component, placed = _component(draw, name, instances, layout)
        components.append(component)
        locations += placed
    if draw(st.booleans()) and names:
        adapter = draw(adapter_specifications(st.just(names[0])))
        components.append(_described("adapter", adapter, None))
    snapshot = _snapshot(variant, instances, components)
    return snapshot | _extras(draw, instances, names, locations)


def _instances(draw: DrawFn, variant: Json, layout: Sequence[str]) -> list[_Instance]:
    count = variant["InitialInstanceCount"]
    types = [variant["InstanceType"]] if "InstanceType" in variant else _pool_types(variant)
    chosen = [draw(st.sampled_from(types)) for _ in range(count)]
    return [_empty(f"i-{number}", name, layout) for number, name in enumerate(chosen)]


def _empty(instance_id: str, name: str, layout: Sequence[str]) -> _Instance:
    catalog = Catalog()
    kind = catalog.lookup(name)
    sure = catalog.allocatable(kind)
    partitions = Counter({each: times * kind.accelerators for each, times in Counter(layout).items()})
    devices = 0 if layout else kind.accelerators
    return _Instance(instance_id, name, sure.memory.low, sure.cpu.low, devices, partitions)


def _component(
    draw: DrawFn, name: str, instances: Sequence[_Instance], layout: Sequence[str]
) -> tuple[Json, list[Json]]:
    most = max(instance.memory_mib for instance in instances)
    devices = max(instance.accelerators for instance in instances)
    compute = draw(compute_requirements(max(128, most), devices))
    if layout:
        compute["NumberOfAcceleratorDevicesRequired"] = 1
        compute["AcceleratorPartitionType"] = draw(st.sampled_from(layout))
    specification = draw(specifications(st.just(compute)))
    copy = requirements_in(specification)
    assert copy is not None  # noqa: S101  (it has requirements: they were drawn above)
    # A list of places shrinks better than a number of copies on each instance.
    places = draw(st.lists(st.integers(0, len(instances) - 1), max_size=_MAX_COPIES))
    held = Counter(instances[place].id for place in places if instances[place].take(copy))
    locations = [
        {
            "InferenceComponentName": name,
            "InstanceId": instance.id,
            "InstanceType": instance.type,
            "AvailabilityZone": "us-east-1a",
            "Copies": held[instance.id],
        }
        for instance in instances
        if held[instance.id]
    ]
    return _described(name, specification, locations), locations


def _described(name: str, specification: Json, locations: Sequence[Json] | None) -> Json:
    """What DescribeInferenceComponent answers; an adapter has no copies of its own."""
    shown = dict(specification)
    container = dict(shown["Container"])
    if "Image" in container:
        image = container.pop("Image")
        container["DeployedImage"] = {"SpecifiedImage": image, "ResolvedImage": image}
    described: Json = {
        "InferenceComponentName": name,
        "InferenceComponentArn": f"{_ARN}:inference-component/{name}",
        "EndpointName": ENDPOINT,
        "EndpointArn": f"{_ARN}:endpoint/{ENDPOINT}",
        "InferenceComponentStatus": "InService",
        "Specification": shown | {"Container": container},
    }
    if locations is None:
        return described
    per_type = Counter[str]()
    for place in locations:
        per_type[place["InstanceType"]] += place["Copies"]
    status = [{"InstanceType": each, "CurrentCopyCount": count} for each, count in per_type.items()]
    runtime = {
        "DesiredCopyCount": per_type.total(),
        "CurrentCopyCount": per_type.total(),
        "PlacementStatus": status,
    }
    return described | {"VariantName": VARIANT, "RuntimeConfig": runtime}


def _snapshot(variant: Json, instances: Sequence[_Instance], components: Sequence[Json]) -> Json:
    summary: Json = {
        "VariantName": VARIANT,
        "CurrentInstanceCount": len(instances),
        "DesiredInstanceCount": len(instances),
    }
    if "InstancePools" in variant:
        fleet = Counter(instance.type for instance in instances)
        summary["InstancePools"] = [
            {"InstanceType": name, "CurrentInstanceCount": fleet[name]} for name in _pool_types(variant)
        ]
    endpoint = {"EndpointName": ENDPOINT, "EndpointStatus": "InService", "ProductionVariants": [summary]}
    return {
        "IcplanSnapshot": 1,
        "TakenAt": "2026-01-01T00:00:00Z",
        "Region": "us-east-1",
        "Endpoint": endpoint,
        "EndpointConfig": {"EndpointConfigName": ENDPOINT, "ProductionVariants": [variant]},
        "InferenceComponents": list(components),
    }


def _extras(
    draw: DrawFn, instances: Sequence[_Instance], names: Sequence[str], locations: Sequence[Json]
) -> Json:
    extras: Json = {}
    if draw(st.booleans()):
        extras["CopyLocations"] = list(locations)
    if draw(st.booleans()):
        fleet = Counter(instance.type for instance in instances)
        extras["Quotas"] = [
            {"QuotaName": f"{name} for endpoint usage", "Value": float(count + draw(st.integers(0, 2)))}
            for name, count in fleet.items()
        ]
    if draw(st.booleans()) and names:
        extras["ScalableTargets"] = [
            {
                "ServiceNamespace": "sagemaker",
                "ResourceId": f"inference-component/{names[0]}",
                "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
                "MinCapacity": 0,
                "MaxCapacity": draw(st.integers(1, 8)),
            }
        ]
    return extras


def _pool_types(variant: Json) -> list[str]:
    return [pool["InstanceType"] for pool in variant["InstancePools"]]
