"""What AWS would tell of a simulated endpoint: counts per component and type, if asked where copies lie."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icplan.testing.simulator.instances import Json
    from icplan.testing.simulator.simulated_fleet import SimulatedFleet


def snapshot(fleet: SimulatedFleet, *, located: bool, by_type: bool) -> Json:
    """A snapshot file's content."""
    answers: Json = {
        "IcplanSnapshot": 1,
        "Endpoint": {
            "EndpointName": "simulated",
            "EndpointStatus": "Updating" if fleet.arriving or _going(fleet) else "InService",
            "ProductionVariants": [_summary(fleet)],
        },
        "EndpointConfig": {
            "EndpointConfigName": "simulated-config",
            "ExecutionRoleArn": "arn:aws:iam::111122223333:role/endpoint",
            "ProductionVariants": [_variant(fleet)],
        },
        "InferenceComponents": [_described(fleet, name, by_type=by_type) for name in fleet.components],
    }
    return answers | ({"CopyLocations": _locations(fleet)} if located else {})


def _variant(fleet: SimulatedFleet) -> Json:
    variant: Json = {"VariantName": "AllTraffic", "InitialInstanceCount": max(1, len(fleet.instances))}
    names = list(fleet.machines)
    if len(names) == 1:
        variant["InstanceType"] = names[0]
    else:
        variant["InstancePools"] = [
            {"InstanceType": name, "Priority": priority} for priority, name in enumerate(names, start=1)
        ]
    layout = fleet.machines[names[0]].layout
    if layout:
        variant["AcceleratorPartitionLayouts"] = [{"AcceleratorPartitionTypes": list(layout)}]
    if fleet.max_instances is not None:
        variant["ManagedInstanceScaling"] = {
            "Status": "ENABLED",
            "MinInstanceCount": fleet.min_instances,
            "MaxInstanceCount": fleet.max_instances,
        }
    return variant


def _summary(fleet: SimulatedFleet) -> Json:
    count = len(fleet.instances)
    going = _going(fleet)
    summary: Json = {
        "VariantName": "AllTraffic",
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count + len(fleet.arriving) - going,
    }
    if len(fleet.machines) > 1:
        running = Counter(instance.machine.name for instance in fleet.instances)
        summary["InstancePools"] = [
            {"InstanceType": name, "CurrentInstanceCount": running[name]} for name in fleet.machines
        ]
    return summary


def _going(fleet: SimulatedFleet) -> int:
    return sum(instance.going for instance in fleet.instances)


def _described(fleet: SimulatedFleet, name: str, *, by_type: bool) -> Json:
    copies = fleet.copies(name)
    specification = fleet.components[name].now
    motion = next((one for one in fleet.motions if one.component == name), None)
    desired = copies
    if motion is not None and motion.status != "Deleting":
        desired = copies - motion.going + (0 if motion.replaces else motion.coming)
    runtime: Json = {"DesiredCopyCount": desired, "CurrentCopyCount": copies}
    if by_type:
        counts = Counter[str]()
        for instance in fleet.instances:
            counts[instance.machine.name] += instance.holds(name)
        runtime["PlacementStatus"] = [
            {"InstanceType": kind, "CurrentCopyCount": n} for kind, n in sorted(counts.items()) if n
        ]
    described: Json = {
        "InferenceComponentName": name,
        "EndpointName": "simulated",
        "VariantName": "AllTraffic",
        "InferenceComponentStatus": "InService" if motion is None else motion.status,
        "RuntimeConfig": runtime,
    }
    if None in specification:
        return described | {"Specification": copy.deepcopy(specification[None])}
    entries = [{"InstanceType": kind, **copy.deepcopy(entry)} for kind, entry in specification.items()]
    return described | {"Specifications": entries}


def _locations(fleet: SimulatedFleet) -> list[Json]:
    return [
        {
            "InferenceComponentName": name,
            "InstanceId": instance.id,
            "InstanceType": instance.machine.name,
            "AvailabilityZone": instance.zone,
            "Copies": instance.holds(name),
        }
        for instance in fleet.instances
        for name in fleet.components
        if instance.holds(name)
    ]
