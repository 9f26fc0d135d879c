"""A snapshot, a request and the machines as plain values: what the brute force starts from.

Everything is read from JSON alone, with exact figures. Nothing of icplan is used here.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json: TypeAlias = dict[str, Any]
#: Memory in MiB, CPU in parts of a core that make every figure whole, accelerators.
Vector: TypeAlias = tuple[int, int, int]
#: What a copy takes on each instance type it may lie on.
Needs: TypeAlias = "Mapping[str, Vector]"

USAGE = " for endpoint usage"


@attrs.frozen
class Interval:
    """What an instance of a type lets copies reserve: each figure lies somewhere from low to high."""

    memory: tuple[int, int]
    cpu: tuple[int, int]
    accelerators: int


@attrs.frozen
class Variant:
    """One variant: its types by priority, what runs, what comes, what goes, and how far it may grow."""

    name: str
    types: tuple[str, ...]
    running: tuple[str, ...]
    arriving: int
    leaving: int
    least: int
    most: int | None


@attrs.frozen
class Moving:
    """A component that may still change by itself: copies that may come, and that may go.

    Where ``replaces`` is set, each copy that comes lets one of the present ones go.
    """

    coming: int
    going: int
    replaces: bool = False


@attrs.frozen
class Deployed:
    """A component as described: ``by_type`` where its copies lie, if that is told."""

    name: str
    variant: str
    needs: Needs
    copies: int
    by_type: Mapping[str, int] | None
    moving: Moving | None


@attrs.frozen
class Endpoint:
    """Everything that bears on a change. ``elsewhere`` are instances of other endpoints, by type."""

    machines: Mapping[str, Interval]
    variants: tuple[Variant, ...]
    components: tuple[Deployed, ...]
    quotas: Mapping[str, int]
    elsewhere: Mapping[str, int]
    usage_told: bool

    def variant(self, name: str) -> Variant:
        return next(variant for variant in self.variants if variant.name == name)


@attrs.frozen
class Batches:
    """Sizes of the batches of a rolling update: there, and back."""

    size: int
    back: int


@attrs.frozen
class Call:
    """One request. ``needs`` is ``None`` where only the number of copies changes."""

    name: str
    variant: str | None
    copies: int | None
    needs: Needs | None
    rolling: Json | None
    deletes: bool = False


def scale(machines: Json, snapshot: Json, calls: Iterable[Json]) -> int:
    """How many parts a core is cut into, so that every figure of the case is whole."""
    parts = [exact(figure) for one in machines.values() for figure in one["cpu"]]
    parts += list(_cores([*snapshot["InferenceComponents"], *calls]))
    return math.lcm(*(part.denominator for part in parts))


def exact(figure: float | str) -> Fraction:
    """The decimal that is written, not the binary number nearest to it."""
    return Fraction(str(figure))


def _cores(value: Any) -> Iterable[Fraction]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "NumberOfCpuCoresRequired":
                yield exact(member)
            else:
                yield from _cores(member)
    elif isinstance(value, list):
        for member in value:
            yield from _cores(member)


def endpoint(machines: Json, snapshot: Json, parts: int) -> Endpoint:
    """The endpoint that a snapshot shows."""
    offers = {
        name: Interval(
            (one["memory"][0], one["memory"][1]),
            (int(exact(one["cpu"][0]) * parts), int(exact(one["cpu"][1]) * parts)),
            one["accelerators"],
        )
        for name, one in machines.items()
    }
    shown = {one["VariantName"]: one for one in snapshot["Endpoint"]["ProductionVariants"]}
    variants = tuple(
        _variant(one, shown[one["VariantName"]]) for one in snapshot["EndpointConfig"]["ProductionVariants"]
    )
    types = {variant.name: variant.types for variant in variants}
    own = Counter(name for variant in variants for name in variant.running)
    in_use = snapshot.get("InstancesInUse", {})
    return Endpoint(
        offers,
        variants,
        tuple(_deployed(one, types, parts) for one in snapshot["InferenceComponents"]),
        {one["QuotaName"].removesuffix(USAGE): int(one["Value"]) for one in snapshot.get("Quotas", ())},
        {name: in_use[name] - own[name] if name in in_use else 0 for name in offers},
        bool(in_use),
    )


def _variant(configured: Json, shown: Json) -> Variant:
    pools = configured.get("InstancePools")
    current, desired = shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]
    if pools:
        types = tuple(pool["InstanceType"] for pool in sorted(pools, key=lambda pool: int(pool["Priority"])))
        running = tuple(
            name
            for pool in shown["InstancePools"]
            for name in [pool["InstanceType"]] * pool["CurrentInstanceCount"]
        )
    else:
        types = (configured["InstanceType"],)
        running = types * current
    scaling = configured.get("ManagedInstanceScaling", {"Status": "DISABLED"})
    grows = scaling["Status"] == "ENABLED"
    return Variant(
        configured["VariantName"],
        types,
        running,
        max(0, desired - current),
        max(0, current - desired),
        scaling["MinInstanceCount"] if grows else len(running),
        scaling["MaxInstanceCount"] if grows else None,
    )


def _deployed(described: Json, types: Mapping[str, tuple[str, ...]], parts: int) -> Deployed:
    runtime = described["RuntimeConfig"]
    current, desired = runtime["CurrentCopyCount"], runtime["DesiredCopyCount"]
    placed = runtime.get("PlacementStatus")
    variant = described["VariantName"]
    needs = needs_of(described, types[variant], parts)
    assert needs is not None
    return Deployed(
        described["InferenceComponentName"],
        variant,
        needs,
        current,
        None if placed is None else {one["InstanceType"]: one["CurrentCopyCount"] for one in placed},
        _moving(described["InferenceComponentStatus"], current, desired),
    )


def _moving(status: str, current: int, desired: int) -> Moving | None:
    if status == "Deleting":
        return Moving(0, current)
    if status == "Updating":
        return Moving(max(current, desired), max(0, current - desired), replaces=True)
    if current != desired:
        return Moving(max(0, desired - current), max(0, current - desired))
    return None


def needs_of(holder: Json, types: tuple[str, ...], parts: int) -> dict[str, Vector] | None:
    """What a copy takes on each of these types, as a request or a description says it."""
    if "Specification" in holder:
        return dict.fromkeys(types, _vector(holder["Specification"], parts))
    if "Specifications" in holder:
        entries = {one["InstanceType"]: _vector(one, parts) for one in holder["Specifications"]}
        return {name: entries[name] for name in types if name in entries}
    return None


def _vector(entry: Json, parts: int) -> Vector:
    asked = entry["ComputeResourceRequirements"]
    return (
        asked["MinMemoryRequiredInMb"],
        int(exact(asked.get("NumberOfCpuCoresRequired", 0)) * parts),
        int(asked.get("NumberOfAcceleratorDevicesRequired", 0)),
    )


def call(envelope: Json, types: Mapping[str, tuple[str, ...]], parts: int) -> Call:
    """A request, read; ``types`` are those of the variant that each component lies on."""
    request = envelope["Request"]
    name = request["InferenceComponentName"]
    if envelope["Operation"] == "DeleteInferenceComponent":
        return Call(name, None, None, None, None, deletes=True)
    runtime = request.get("DesiredRuntimeConfig", request.get("RuntimeConfig", {}))
    return Call(
        name,
        request.get("VariantName"),
        runtime.get("CopyCount"),
        needs_of(request, types[name], parts),
        request.get("DeploymentConfig", {}).get("RollingUpdatePolicy"),
    )


def batches(rolling: Json, copies: int) -> Batches:
    """How many copies a batch has: a percentage is rounded up; without a size for the way back, all."""
    wanted = rolling["MaximumBatchSize"]
    value = int(wanted["Value"])
    if wanted["Type"] == "CAPACITY_PERCENT":
        value = -(-value * copies // 100)
    back = int(rolling.get("RollbackMaximumBatchSize", {"Value": copies})["Value"])
    return Batches(max(1, min(copies, value)), max(1, min(copies, back)))
