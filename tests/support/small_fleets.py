"""Small endpoints and changes as plain values, their form as AWS's answers, and a strategy that draws them.

A fleet is drawn with the truth about it: what its instances really can allocate, and where each copy really
lies. What is shown of it is less: intervals, and counts per component or per instance type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from hypothesis import strategies as st

import icplan
from icplan.catalog.catalog import Catalog
from icplan.catalog.types import InstanceType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json: TypeAlias = dict[str, Any]
Interval: TypeAlias = tuple[int, int]

ENDPOINT, VARIANT, NEW = "prod", "AllTraffic", "fresh"
ROLE = "arn:aws:iam::111122223333:role/endpoint"
#: The GPU of partitioned types, and layouts of it.
GPU = "a100-40gb"
LAYOUTS = (("mig-3g.20gb", "mig-3g.20gb"), ("mig-3g.20gb", "mig-2g.10gb", "mig-2g.10gb"))


@attrs.frozen
class Type:
    """An instance type: CPU (thousandths of a core) and memory (MiB) are known as intervals."""

    name: str
    cpu: Interval
    memory: Interval
    devices: int = 0
    layout: tuple[str, ...] = ()


@attrs.frozen
class Need:
    """What one copy reserves."""

    memory: int
    cpu: int = 0
    devices: int = 0
    partition: str | None = None


Needs: TypeAlias = "Mapping[str | None, Need]"


def anywhere(memory: int, cpu: int = 0, devices: int = 0) -> Needs:
    """The same on every instance type."""
    return {None: Need(memory, cpu, devices)}


@attrs.frozen
class Component:
    """A component that runs ``where[i]`` copies on instance ``i``. The key ``None`` is any type."""

    name: str
    needs: Needs
    where: tuple[int, ...]

    @property
    def copies(self) -> int:
        return sum(self.where)


@attrs.frozen
class Change:
    """``name`` is to have ``copies`` copies, of ``needs`` if that is given.

    ``batch`` makes it a rolling update: copies, or a percentage of them when ``percent`` is set.
    """

    name: str
    copies: int
    needs: Needs | None = None
    batch: int | None = None
    percent: bool = False
    rollback: int | None = None


@attrs.frozen
class Case:
    """A fleet and a change. ``most`` is MaxInstanceCount, ``None`` without managed instance scaling.

    ``located`` shows where copies lie, ``by_type`` how many of them on each instance type. ``quotas`` are
    the instances per type that the account may run.
    """

    types: tuple[Type, ...]
    instances: tuple[str, ...]
    components: tuple[Component, ...]
    change: Change
    most: int | None = None
    located: bool = False
    by_type: bool = True
    quotas: tuple[tuple[str, int], ...] = ()

    def component(self, name: str) -> Component | None:
        return next((component for component in self.components if component.name == name), None)

    def without(self, name: str) -> Case:
        return attrs.evolve(self, components=tuple(c for c in self.components if c.name != name))

    @property
    def before(self) -> Component | None:
        return self.component(self.change.name)


def snapshot(case: Case) -> Json:
    """What AWS tells of the fleet, as a snapshot holds it."""
    running = {kind.name: case.instances.count(kind.name) for kind in case.types}
    variant: Json = {"VariantName": VARIANT, "InitialInstanceCount": max(1, len(case.instances))}
    total = len(case.instances)
    summary: Json = {"VariantName": VARIANT, "CurrentInstanceCount": total, "DesiredInstanceCount": total}
    if len(case.types) == 1:
        variant["InstanceType"] = case.types[0].name
    else:
        variant["InstancePools"] = [
            {"InstanceType": kind.name, "Priority": priority}
            for priority, kind in enumerate(case.types, start=1)
        ]
        summary["InstancePools"] = [
            {"InstanceType": name, "CurrentInstanceCount": count} for name, count in running.items()
        ]
    if case.types[0].layout:
        variant["AcceleratorPartitionLayouts"] = [{"AcceleratorPartitionTypes": list(case.types[0].layout)}]
    if case.most is not None:
        variant["ManagedInstanceScaling"] = {
            "Status": "ENABLED",
            "MinInstanceCount": min(1, total),
            "MaxInstanceCount": case.most,
        }
    answers: Json = {
        "IcplanSnapshot": 1,
        "TakenAt": "2026-01-01T00:00:00Z",
        "Region": "us-east-1",
        "Endpoint": {
            "EndpointName": ENDPOINT,
            "EndpointStatus": "InService",
            "ProductionVariants": [summary],
        },
        "EndpointConfig": {
            "EndpointConfigName": "prod-config",
            "ExecutionRoleArn": ROLE,
            "ProductionVariants": [variant],
        },
        "InferenceComponents": [described(case, component) for component in case.components],
    }
    if case.located:
        answers["CopyLocations"] = list(_locations(case))
    if case.quotas:
        answers["Quotas"] = [
            {"QuotaName": f"{name} for endpoint usage", "Value": float(most)} for name, most in case.quotas
        ]
    return answers


def described(case: Case, component: Component) -> Json:
    """What DescribeInferenceComponent answers."""
    runtime: Json = {"DesiredCopyCount": component.copies, "CurrentCopyCount": component.copies}
    if case.by_type:
        counts = dict.fromkeys(sorted(set(case.instances)), 0)
        for name, copies in zip(case.instances, component.where, strict=True):
            counts[name] += copies
        runtime["PlacementStatus"] = [
            {"InstanceType": name, "CurrentCopyCount": copies} for name, copies in counts.items() if copies
        ]
    return {
        "InferenceComponentName": component.name,
        "EndpointName": ENDPOINT,
        "VariantName": VARIANT,
        "InferenceComponentStatus": "InService",
        **_specification(component.needs, "model-1"),
        "RuntimeConfig": runtime,
    }


def _locations(case: Case) -> list[Json]:
    return [
        {
            "InferenceComponentName": component.name,
            "InstanceId": f"i-{number}",
            "InstanceType": case.instances[number],
            "AvailabilityZone": "us-east-1a",
            "Copies": copies,
        }
        for component in case.components
        for number, copies in enumerate(component.where)
        if copies
    ]


def _specification(needs: Needs, model: str) -> Json:
    if None in needs:
        return {"Specification": _entry(needs[None], model)}
    entries = ({"InstanceType": name, **_entry(need, model)} for name, need in needs.items())
    return {"Specifications": list(entries)}


def _entry(need: Need, model: str) -> Json:
    compute: Json = {"MinMemoryRequiredInMb": need.memory}
    if need.cpu:
        compute["NumberOfCpuCoresRequired"] = need.cpu / 1000
    if need.partition is not None:
        compute |= {
            "NumberOfAcceleratorDevicesRequired": 1,
            "AcceleratorPartitionType": need.partition,
        }
    elif need.devices:
        compute["NumberOfAcceleratorDevicesRequired"] = need.devices
    return {"ModelName": model, "ComputeResourceRequirements": compute}


def request(case: Case, change: Change | None = None) -> Json:
    """The call that asks for the change, in an envelope."""
    change = change or case.change
    runtime = {"CopyCount": change.copies}
    name: Json = {"InferenceComponentName": change.name}
    before = case.component(change.name)
    if before is None:
        asked = {"EndpointName": ENDPOINT, "VariantName": VARIANT, "RuntimeConfig": runtime}
        specification = _specification(change.needs or {}, "model-2")
        return {"Operation": "CreateInferenceComponent", "Request": name | asked | specification}
    if change.needs is None:
        operation = "UpdateInferenceComponentRuntimeConfig"
        return {"Operation": operation, "Request": name | {"DesiredRuntimeConfig": runtime}}
    asked = name | _specification(change.needs, "model-2")
    if change.copies != before.copies:
        asked["RuntimeConfig"] = runtime
    if change.batch is not None:
        kind = "CAPACITY_PERCENT" if change.percent else "COPY_COUNT"
        policy: Json = {
            "MaximumBatchSize": {"Type": kind, "Value": change.batch},
            "WaitIntervalInSeconds": 0,
        }
        if change.rollback is not None:
            policy["RollbackMaximumBatchSize"] = {"Type": "COPY_COUNT", "Value": change.rollback}
        asked["DeploymentConfig"] = {"RollingUpdatePolicy": policy}
    return {"Operation": "UpdateInferenceComponent", "Request": asked}


def settings(case: Case) -> list[str]:
    """The intervals as ``--allocatable`` takes them."""
    return [
        text
        for kind in case.types
        for text in (
            f"{kind.name}.memory={kind.memory[0]}..{kind.memory[1]}",
            f"{kind.name}.cpu={kind.cpu[0] / 1000}..{kind.cpu[1] / 1000}",
        )
    ]


def catalog(case: Case) -> Catalog:
    """Facts of the fleet's invented types."""
    types = {
        kind.name: InstanceType(
            name=kind.name,
            vcpu=-(-kind.cpu[1] // 1000) + 4,
            memory_mib=kind.memory[1] + 4096,
            accelerators=1 if kind.layout else kind.devices,
            mig_gpu=GPU if kind.layout else None,
        )
        for kind in case.types
    }
    return Catalog().with_types(types)


def judged(case: Case, *changes: Change) -> icplan.Verdict:
    """What icplan says of the case, or of these changes to its fleet."""
    return asked(case, [request(case, change) for change in changes] if changes else request(case))


def asked(case: Case, changes: Any, answers: Any = None) -> icplan.Verdict:
    """What icplan says of any request, on the fleet of the case or as other answers describe it."""
    shown = answers if isinstance(answers, icplan.Snapshot) else None
    if shown is None:
        shown = icplan.Snapshot.from_dict(snapshot(case) if answers is None else answers)
    # What brute force goes by, too: left to its default, this may turn a refusal into a doubt.
    assume = {"update-without-deployment-config": "all-at-once"}
    return icplan.check(changes, shown, assume=assume, allocatable=settings(case), catalog=catalog(case))


# -- strategies -------------------------------------------------------------------------------------------


def needs_of(kind: Sequence[Type], *, small: bool = False) -> st.SearchStrategy[Need]:
    """Requirements of about the size of these types."""
    memory = st.sampled_from((128, 128, 256, 300, 384, 512))
    if small:
        memory = st.sampled_from((128, 200, 256))
    partition: st.SearchStrategy[str | None] = st.none()
    if kind[0].layout:
        partition = st.sampled_from(kind[0].layout)
    most = max(one.devices for one in kind)
    devices = st.integers(0, 0 if kind[0].layout else min(most, 3))
    return st.builds(Need, memory, st.sampled_from((0, 0, 250, 1000, 1500)), devices, partition)


@st.composite
def types(draw: st.DrawFn, name: str, *, layout: tuple[str, ...] = ()) -> Type:
    """A type with little to allocate."""
    cpu = draw(st.sampled_from(((2000, 2000), (4000, 4000), (2000, 3000), (3500, 4000))))
    low = draw(st.sampled_from((256, 512, 640, 1024)))
    width = draw(st.sampled_from((0, 0, 128, 200, 384)))
    return Type(name, cpu, (low, low + width), 0 if layout else draw(st.integers(0, 4)), layout)


@st.composite
def fleets(
    draw: st.DrawFn,
    *,
    pools: bool | None = None,
    most_instances: int = 3,
    most_components: int = 3,
    most_copies: int = 4,
) -> Case:
    """A fleet that can really run what it runs, and a change that does nothing."""
    two = draw(st.sampled_from((False, False, True))) if pools is None else pools
    layout = draw(st.sampled_from(((), (), (), *LAYOUTS))) if not two else ()
    kinds = [draw(types("ml.a", layout=layout))]
    if two:
        kinds.append(draw(types("ml.b")))
        # The types of one fleet are unknown in one figure at most, so that worlds stay few.
        kinds[1] = attrs.evolve(kinds[1], cpu=(kinds[1].cpu[0],) * 2, memory=(kinds[1].memory[0],) * 2)
        kinds[0] = attrs.evolve(kinds[0], cpu=(kinds[0].cpu[0],) * 2)
    count = draw(st.integers(1, most_instances))
    instances = tuple(sorted(draw(st.sampled_from([k.name for k in kinds])) for _ in range(count)))
    named = {kind.name: kind for kind in kinds}
    truth = {
        kind.name: (draw(st.sampled_from(kind.cpu)), draw(st.sampled_from(kind.memory))) for kind in kinds
    }
    free = [_room(named[name], *truth[name]) for name in instances]
    components = []
    for number in range(draw(st.integers(0, most_components))):
        needs = draw(needs_maps(kinds))
        where: list[int] = []
        for place, name in enumerate(instances):
            need = needs.get(name, needs.get(None))
            most = 0 if need is None else _fit(free[place], need)
            here = draw(st.integers(0, min(most, most_copies - sum(where))))
            if need is not None:
                _take(free[place], need, here)
            where.append(here)
        components.append(Component("xyz"[number], needs, tuple(where)))
    by_type = draw(st.booleans())
    if not any(c.copies for c in components):
        by_type = False
    case = Case(
        tuple(kinds),
        instances,
        tuple(components),
        Change(NEW, 1, {None: Need(128)}),
        most=draw(st.none() | st.integers(count, count + 3)),
        located=draw(st.sampled_from((False, False, True))),
        by_type=by_type,
    )
    if draw(st.sampled_from((False, False, True))):
        kind = draw(st.sampled_from(kinds)).name
        case = attrs.evolve(case, quotas=((kind, instances.count(kind) + draw(st.integers(0, 2))),))
    return case


@st.composite
def needs_maps(draw: st.DrawFn, kinds: Sequence[Type]) -> Needs:
    """Requirements for any type, or for each of some of the types."""
    if len(kinds) == 1 or draw(st.booleans()):
        return {None: draw(needs_of(kinds))}
    chosen = draw(st.lists(st.sampled_from(list(kinds)), min_size=1, unique=True))
    return {kind.name: draw(needs_of([kind])) for kind in chosen}


def _room(kind: Type, cpu: int, memory: int) -> dict[str, int]:
    room = {"cpu": cpu, "memory": memory, "devices": kind.devices}
    for name in kind.layout:
        room[name] = room.get(name, 0) + 1
    return room


def _takes(need: Need) -> dict[str, int]:
    taken = {"cpu": need.cpu, "memory": need.memory, "devices": need.devices}
    return taken if need.partition is None else taken | {need.partition: 1}


def _fit(free: Mapping[str, int], need: Need) -> int:
    return min(free.get(what, 0) // amount for what, amount in _takes(need).items() if amount)


def _take(free: dict[str, int], need: Need, copies: int) -> None:
    for what, amount in _takes(need).items():
        if amount:
            free[what] = free.get(what, 0) - copies * amount


@st.composite
def one_phase_cases(draw: st.DrawFn, *, pools: bool | None = None) -> Case:
    """A fleet and a change of one phase: more copies, a new component, or a new model all at once."""
    case = draw(fleets(pools=pools))
    how = draw(st.sampled_from(("scale", "create", "update")))
    running = [component for component in case.components if component.copies]
    if how == "create" or not running:
        change = Change(NEW, draw(st.integers(1, 5)), draw(needs_maps(case.types)))
    else:
        chosen = draw(st.sampled_from(running))
        if how == "scale":
            change = Change(chosen.name, draw(st.integers(0, chosen.copies + 4)))
        else:
            needs = draw(st.just(chosen.needs) | _alike(case, chosen))
            change = Change(chosen.name, draw(st.just(chosen.copies) | st.integers(0, 5)), needs)
    return attrs.evolve(case, change=change)


@st.composite
def _alike(draw: st.DrawFn, case: Case, component: Component) -> Needs:
    """Other requirements for the same types and partition; what is left out would keep its value."""
    found = {}
    for name, need in component.needs.items():
        other = draw(needs_of([kind for kind in case.types if name in (None, kind.name)]))
        found[name] = Need(other.memory, other.cpu or need.cpu, other.devices or need.devices, need.partition)
    return found


@st.composite
def rolling_cases(draw: st.DrawFn, *, pools: bool | None = None) -> Case:
    """A fleet, and a rolling update of one of its components."""
    case = draw(
        fleets(pools=pools, most_components=2).filter(lambda c: any(part.copies for part in c.components))
    )
    chosen = draw(st.sampled_from([component for component in case.components if component.copies]))
    needs = draw(st.just(chosen.needs) | _alike(case, chosen))
    percent = draw(st.sampled_from((False, False, True)))
    batch = draw(st.integers(5, 50)) if percent else draw(st.integers(1, max(1, chosen.copies)))
    copies = draw(st.just(chosen.copies) | st.integers(0, chosen.copies + 2))
    rollback = draw(st.none() | st.integers(1, chosen.copies))
    return attrs.evolve(case, change=Change(chosen.name, copies, needs, batch, percent, rollback))
