"""A world to start from: the endpoint of an icplan snapshot, or of AWS's own answers, with its copies placed.

What a seed says is taken as it is: a component that is Updating stays so, and copies that no instance has
room for lie there all the same.
"""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from icplan.testing.emulator.clock import START
from icplan.testing.emulator.component import Component, from_described
from icplan.testing.emulator.copies import Copy, CopyState
from icplan.testing.emulator.emulator import ACCOUNT, REGION
from icplan.testing.emulator.endpoint import Endpoint, make_variant
from icplan.testing.emulator.wire import as_date
from icplan.testing.simulator.instances import slots
from icplan.testing.simulator.policies import Policy, preference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.testing.emulator.endpoint import Variant
    from icplan.testing.emulator.fleet import Fleet, LiveInstance
    from icplan.testing.emulator.region import Region
    from icplan.testing.emulator.services import Services

_TRANSITIONS: Final = ("Creating", "Updating", "RollingBack", "SystemUpdating", "Deleting")
_DEAD: Final = ("Failed", "OutOfService")
_OF_ARN: Final = 5


@attrs.frozen
class Origin:
    """Where and when a world begins."""

    account: str = ACCOUNT
    region: str = REGION
    start: float = START

    @classmethod
    def of(cls, snapshots: Iterable[Mapping[str, Any]]) -> Self:
        """The account and Region of the first snapshot that tells them, at the time of the latest."""
        told = list(map(_told, snapshots))
        taken = (one["TakenAt"] for one in told if one.get("TakenAt"))
        return cls(
            next((one["AccountId"] for one in told if one.get("AccountId")), ACCOUNT),
            next((one["Region"] for one in told if one.get("Region")), REGION),
            max((as_date(one).timestamp() for one in taken), default=START),
        )


def _told(snapshot: Mapping[str, Any]) -> Mapping[str, Any]:
    """A snapshot, with the account and the Region that its endpoint's ARN names."""
    arn = str((snapshot.get("Endpoint") or {}).get("EndpointArn", "")).split(":")
    named = {"Region": arn[3], "AccountId": arn[4]} if len(arn) > _OF_ARN else {}
    return named | {name: value for name, value in snapshot.items() if value}


def seed(services: Services, snapshot: Mapping[str, Any]) -> None:
    """Add the endpoint of a snapshot dict, with what every answer of AWS's must have and it lacks."""
    region = services.region
    data = copy.deepcopy(dict(snapshot))
    region.machines.learn(data.get("InstanceTypes", ()))
    config = _config(region, data)
    endpoint = _endpoint(region, data, config)
    region.endpoints[endpoint.name] = endpoint
    _instances(endpoint, data)
    for answer in data.get("InferenceComponents", ()):
        region.add_component(_component(region, endpoint, answer))
    _place(region, endpoint, data)
    _limits(services, endpoint, data)
    region.changed()
    region.go_on()


def _config(region: Region, data: Mapping[str, Any]) -> dict[str, Any]:
    endpoint = _endpoint_name(data)
    config = {"EndpointConfigName": f"{endpoint}-config", **data["EndpointConfig"]}
    name = data.get("Endpoint", {}).get("EndpointConfigName", config["EndpointConfigName"])
    config |= {"EndpointConfigName": name, "EndpointConfigArn": region.arn("endpoint-config", name)}
    config["CreationTime"] = _time(region, config, "CreationTime")
    region.configs[name] = config
    return config


def _endpoint_name(data: Mapping[str, Any]) -> str:
    named = [data.get("Endpoint", {}), *data.get("InferenceComponents", [])]
    return next((part["EndpointName"] for part in named if "EndpointName" in part), "endpoint")


def _time(region: Region, answer: Mapping[str, Any], name: str) -> float:
    value = answer.get(name)
    return region.clock.now if value is None else as_date(value).timestamp()


def _endpoint(region: Region, data: Mapping[str, Any], config: Mapping[str, Any]) -> Endpoint:
    told = dict(data.get("Endpoint", {}))
    name = _endpoint_name(data)
    endpoint = Endpoint(
        name,
        region.arn("endpoint", name),
        config["EndpointConfigName"],
        _time(region, told, "CreationTime"),
        _time(region, told, "LastModifiedTime"),
        failure=told.get("FailureReason"),
        deployment=told.get("LastDeploymentConfig"),
        told=told,
    )
    status = told.get("EndpointStatus", "InService")
    endpoint.phase = status if status in (*_TRANSITIONS, *_DEAD) else None
    endpoint.rollback_failed = status == "UpdateRollbackFailed"
    described = {one["VariantName"]: one for one in told.get("ProductionVariants", ())}
    for one in config["ProductionVariants"]:
        shown = described.get(one["VariantName"], {})
        inforce = {key: shown[key] for key in ("ManagedInstanceScaling",) if key in shown}
        variant = make_variant(region, name, {**one, **inforce})
        variant.told = shown
        variant.weight = shown.get("CurrentWeight", variant.weight)
        endpoint.variants[variant.name] = variant
    for one in config.get("ShadowProductionVariants", ()):
        endpoint.shadows[one["VariantName"]] = make_variant(region, name, one)
    return endpoint


def _instances(endpoint: Endpoint, data: Mapping[str, Any]) -> None:
    """The instances that run, those on their way, and the idle ones that are being taken away."""
    located = _located(data)
    for variant in (*endpoint.variants.values(), *endpoint.shadows.values()):
        if variant.fleet is None:
            continue
        initial = variant.configured.get("InitialInstanceCount", 0)
        current = variant.told.get("CurrentInstanceCount", initial)
        for name, count in _types(variant, current).items():
            for _ in range(count):
                _start(variant.fleet, name, next(located.get(name, iter(())), None))
        desired = variant.told.get("DesiredInstanceCount", current)
        for _ in range(max(0, desired - current)):
            variant.fleet.launch(next(iter(variant.fleet.machines.values())))


def _types(variant: Variant, current: int) -> Counter[str]:
    """How many instances of each type run."""
    pools = variant.told.get("InstancePools", ())
    counts = Counter({one["InstanceType"]: int(one["CurrentInstanceCount"]) for one in pools})
    first = next(iter(variant.fleet.machines)) if variant.fleet else ""
    counts[first] += max(0, current - counts.total())
    return counts


def _located(data: Mapping[str, Any]) -> dict[str, Iterator[tuple[str, str | None]]]:
    """Ids and zones of the instances that hold copies, by type."""
    found: dict[str, dict[str, str | None]] = {}
    for row in data.get("CopyLocations", ()):
        found.setdefault(row["InstanceType"], {})[row["InstanceId"]] = row.get("AvailabilityZone")
    return {kind: iter(list(ids.items())) for kind, ids in found.items()}


def _start(fleet: Fleet, name: str, known: tuple[str, str | None] | None) -> None:
    zones = Counter(one.zone for one in fleet.instances)
    machine = fleet.machines.get(name) or fleet.region.machines.machine(name)
    zone = fleet.region.capacity.zone_for(name, zones) or fleet.region.capacity.zones[0]
    if known is not None:
        zone = known[1] or zone
    instance = fleet.add(machine, zone)
    instance.ready = True
    if known is not None:
        instance.id = known[0]


def _component(region: Region, endpoint: Endpoint, answer: Mapping[str, Any]) -> Component:
    name = answer["InferenceComponentName"]
    first = next(iter(endpoint.variants), None)
    runtime = answer.get("RuntimeConfig", {})
    desired = runtime.get("DesiredCopyCount", runtime.get("CurrentCopyCount", 0))
    return Component(
        name,
        region.arn("inference-component", name),
        endpoint,
        answer.get("VariantName", first),
        _time(region, answer, "CreationTime"),
        _time(region, answer, "LastModifiedTime"),
        {0: from_described(answer)},
        desired,
        status=answer.get("InferenceComponentStatus", "InService"),
        failure=answer.get("FailureReason"),
        deployment=answer.get("LastDeploymentConfig"),
        told=dict(answer),
    )


def _place(region: Region, endpoint: Endpoint, data: Mapping[str, Any]) -> None:
    """Put every running copy where it is said to be, else where there is room, else anywhere."""
    by_id = {one.id: one for fleet in endpoint.fleets() for one in fleet.instances}
    for row in data.get("CopyLocations", ()):
        component, instance = (
            region.components.get(row["InferenceComponentName"]),
            by_id.get(row["InstanceId"]),
        )
        if component is not None and instance is not None:
            for _ in range(row["Copies"]):
                _lay(component, instance)
    waiting = sorted(
        (one for one in region.components_of(endpoint) if one.base is None), key=_size, reverse=True
    )
    for component in waiting:
        told = component.told.get("RuntimeConfig", {})
        current = told.get("CurrentCopyCount", component.desired)
        kinds = [
            one["InstanceType"]
            for one in told.get("PlacementStatus", ())
            for _ in range(one["CurrentCopyCount"])
        ]
        for number in range(len(component.copies), current):
            _lay(component, _somewhere(component, kinds[number] if number < len(kinds) else None))
    for fleet in endpoint.fleets():
        _leave(fleet, endpoint)
        for instance in fleet.instances:
            fleet.watch(instance)


def _size(component: Component) -> tuple[float, float]:
    """Larger copies are placed first."""
    asked = [entry.get("ComputeResourceRequirements", {}) for entry in component.now.values()]
    return (
        max((one.get("NumberOfAcceleratorDevicesRequired", 0) for one in asked), default=0),
        max((one.get("MinMemoryRequiredInMb", 0) for one in asked), default=0),
    )


def _fleet_of(component: Component) -> Fleet | None:
    variant = component.endpoint.variants.get(component.variant or "")
    return None if variant is None else variant.fleet


def _somewhere(component: Component, kind: str | None) -> LiveInstance | None:
    """An instance for a copy that runs: one with room, packed tightly, so that the others find some too."""
    fleet = _fleet_of(component)
    if fleet is None:
        return None
    there: Sequence[LiveInstance] = [
        one for one in fleet.instances if one.ready and kind in (None, one.machine.name)
    ]
    version = (component.name, component.revision)
    roomy = [one for one in there if slots(fleet.components, one, version)]
    fleet.placing_by = Policy.BINPACK
    found = min(roomy, key=preference(fleet, version), default=None)
    fleet.placing_by = None
    return found or min(there, key=lambda one: one.total, default=fleet.nowhere)


def _lay(component: Component, instance: LiveInstance | None) -> None:
    fleet = _fleet_of(component)
    if fleet is None or instance is None:
        return
    container = fleet.region.new_container_id()
    one = Copy(component, component.revision, fleet, instance, container, CopyState.RUNNING)
    component.copies.append(one)
    instance.copies[one.version] += 1


def _leave(fleet: Fleet, endpoint: Endpoint) -> None:
    """Where fewer instances are desired than run, idle ones are being taken away."""
    for variant in endpoint.variants.values():
        if variant.fleet is fleet:
            desired = variant.told.get("DesiredInstanceCount", len(fleet.instances))
            idle = [one for one in fleet.instances if not one.total]
            for instance in idle[: max(0, len(fleet.instances) - desired)]:
                fleet.stop(instance)


def _limits(services: Services, endpoint: Endpoint, data: Mapping[str, Any]) -> None:
    """Quotas, what other endpoints use of them, and scalable targets."""
    quotas = services.region.quotas
    for quota in data.get("Quotas", ()):
        if "Value" in quota:
            quotas.applied[quota["QuotaName"]] = int(quota["Value"])
    own: Counter[str] = Counter()
    for fleet in endpoint.fleets():
        own.update(fleet.count_by_type())
    quotas.elsewhere = +(Counter(data.get("InstancesInUse", {})) - own)
    for target in data.get("ScalableTargets", ()):
        services.autoscaling.seed(target)
