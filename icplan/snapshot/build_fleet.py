"""Build a fleet from AWS's answers in a snapshot."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from icplan.assumptions import as_share
from icplan.aws.instance_usage import arriving
from icplan.catalog.catalog import from_ec2
from icplan.documents.redact import redact_text
from icplan.errors import InputError, InputProblem
from icplan.fleet.fleet import Component, Demand, Fleet, InstancePool, Limit, ScaleIn
from icplan.requests.from_describe import requirements_of, specifications_of
from icplan.snapshot.contradictions import another_runs, unsure
from icplan.snapshot.limits import SCALING, growth_limits
from icplan.snapshot.locations import known_contents, located_on
from icplan.snapshot.other_variants import claims_of_other_variants
from icplan.snapshot.scaling import releases_idle, scaling_in_force
from icplan.snapshot.type_mix import resolve_type_mix, scaled_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.assumptions import Assumptions
    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.snapshot.snapshot import Snapshot


def variants(snapshot: Snapshot) -> tuple[str, ...]:
    """The names of the endpoint's production variants."""
    return tuple(v["VariantName"] for v in snapshot.data["EndpointConfig"]["ProductionVariants"])


def described_components(snapshot: Snapshot) -> Sequence[Mapping[str, Any]]:
    """What the snapshot says of each component. :class:`InputError` when it says nothing of what runs."""
    if "InferenceComponents" not in snapshot.data:
        hint = "Put the answers of DescribeInferenceComponent there, or [] if none runs."
        raise InputError(
            InputProblem("InferenceComponents is missing", file=snapshot.file, path="$", hint=hint)
        )
    components: Sequence[Mapping[str, Any]] = snapshot.data["InferenceComponents"]
    return components


def build_fleet(snapshot: Snapshot, variant_name: str, catalog: Catalog, assumptions: Assumptions) -> Fleet:
    """The fleet of one variant. :class:`InputError` for an unknown type or contradictory figures."""
    data = snapshot.data
    catalog = catalog.with_types(from_ec2(data.get("InstanceTypes") or [])).with_shares(
        as_share(assumptions.value("allocatable-memory")), as_share(assumptions.value("allocatable-cpu"))
    )
    index = variants(snapshot).index(variant_name)
    variant = data["EndpointConfig"]["ProductionVariants"][index]
    summaries = (data.get("Endpoint") or {}).get("ProductionVariants") or []
    summary: Mapping[str, Any] = next((s for s in summaries if s.get("VariantName") == variant_name), {})
    path = f"$.EndpointConfig.ProductionVariants[{index}]"
    pools = _pools(snapshot, variant, summary, catalog, assumptions, path)
    with snapshot.located():
        components = _components(data, variant_name, variants(snapshot), assumptions)
    managed = scaling_in_force(variant, summary)
    uncounted = Fleet(
        endpoint=snapshot.endpoint_name,
        variant=variant_name,
        pools=pools,
        components=components,
        limits=(),
        scaling=managed,
        variant_index=index,
        autoscaling_max=_maxima(data),
        unsure=unsure(data, variant, summary),
        counted_by=_counted_by(summary),
    )
    with snapshot.located():
        fleet = uncounted.counting()
    if len(pools) > 1 and fleet.instances and not summary.get("InstancePools"):
        # Where some are being taken away, what lies there does not tell which.
        leaving = summary.get("CurrentInstanceCount", 0) > fleet.instances
        located = located_on(snapshot, components)
        fleet = attrs.evolve(fleet, mix_known=False) if leaving else resolve_type_mix(fleet, located)
        summary = _with_counts(variant_name, summary, fleet)
        data = _with_summary(data, summary)
    elif summary.get("InstancePools"):
        before = tuple(pool.instances for pool in fleet.pools)
        fleet = scaled_in(fleet, fleet.instances - summary.get("DesiredInstanceCount", fleet.instances))
        if not fleet.mix_known:
            fleet = attrs.evolve(fleet, scale_in=ScaleIn(before))
    moving = functools.partial(_moving, snapshot, assumptions)
    taken = claims_of_other_variants(data, variant_name, assumptions, moving)
    fleet = attrs.evolve(fleet, arriving=arriving(summary))
    found = growth_limits(data, variant, summary, fleet.pools, assumptions, taken)
    if another_runs(data) is not None and not summary.get("ManagedInstanceScaling"):
        found = tuple(_not_told(limit, summary) for limit in found)
    if not fleet.mix_known:
        # What is left of a type's own quota hangs on how many are of that type.
        told = tuple(limit for limit in found if limit.type is None)
        return attrs.evolve(fleet, limits=told, scale_in=_with_limits(fleet, found))
    known = None if releases_idle(managed) else known_contents(snapshot, fleet.pools, components)
    return attrs.evolve(fleet, limits=found, contents=known)


def _with_limits(fleet: Fleet, limits: Sequence[Limit]) -> ScaleIn | None:
    """What is being taken away, and all limits: any of those instances may count against any still."""
    if fleet.scale_in is None:
        return None
    leaving = sum(fleet.scale_in.instances) - fleet.instances
    may = (
        limit if limit.type is None else attrs.evolve(limit, contested=limit.contested + leaving)
        for limit in limits
    )
    return attrs.evolve(fleet.scale_in, limits=tuple(may))


def _not_told(limit: Limit, summary: Mapping[str, Any]) -> Limit:
    """A limit as it is, but for what a configuration that does not run says of managed instance scaling."""
    if limit.rule not in SCALING:
        return limit
    return Limit("ICP320", arriving(summary), "how far it may grow is not told")


def _counted_by(summary: Mapping[str, Any]) -> str:
    """What tells how many instances run and will stay."""
    if summary.get("InstancePools"):
        return "InstancePools"
    counts = {k: summary[k] for k in ("CurrentInstanceCount", "DesiredInstanceCount") if k in summary}
    return min(counts, key=lambda name: counts[name], default="InitialInstanceCount")


def _moving(snapshot: Snapshot, assumptions: Assumptions, variant_name: str) -> tuple[Component, ...]:
    """The components of a variant of which copies may have to be placed yet."""
    with snapshot.located():
        there = _components(snapshot.data, variant_name, variants(snapshot), assumptions)
    return tuple(component for component in there if component.coming)


def _with_counts(variant_name: str, summary: Mapping[str, Any], fleet: Fleet) -> Mapping[str, Any]:
    """A variant's description as if AWS told the instances of each type."""
    counts = [{"InstanceType": p.type.name, "CurrentInstanceCount": p.instances} for p in fleet.pools]
    return {"VariantName": variant_name, **summary, "InstancePools": counts}


def _with_summary(data: Mapping[str, Any], summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """The snapshot's document with another description of one variant."""
    endpoint = data.get("Endpoint") or {}
    others = (
        one
        for one in endpoint.get("ProductionVariants") or []
        if one.get("VariantName") != summary["VariantName"]
    )
    return {**data, "Endpoint": {**endpoint, "ProductionVariants": [*others, summary]}}


def _maxima(data: Mapping[str, Any]) -> dict[str, int]:
    """The largest number of copies per component that Application Auto Scaling may ask for."""
    prefix = "inference-component/"
    return {
        target["ResourceId"].removeprefix(prefix): target["MaxCapacity"]
        for target in data.get("ScalableTargets") or []
        if str(target.get("ResourceId", "")).startswith(prefix) and "MaxCapacity" in target
    }


def _pools(
    snapshot: Snapshot,
    variant: Mapping[str, Any],
    summary: Mapping[str, Any],
    catalog: Catalog,
    assumptions: Assumptions,
    path: str,
) -> tuple[InstancePool, ...]:
    layout = Counter(_layout(snapshot, variant, summary, path))
    running = _instances(variant, summary)
    found = []
    for name, count, priority, where in _types(snapshot, variant, summary, running, path):
        kind = catalog.lookup(name, file=snapshot.file, path=f"{path}.{where}")
        found.append(
            InstancePool(
                type=kind,
                instances=count,
                allocatable=catalog.allocatable(kind),
                accelerators=0 if layout else _devices(kind, assumptions),
                partitions={name: n * kind.accelerators for name, n in layout.items()},
                priority=priority,
            )
        )
    return tuple(found)


def _instances(variant: Mapping[str, Any], summary: Mapping[str, Any]) -> int:
    """What runs and will stay; the configuration's initial count when the endpoint is not described.

    Instances that are on their way count as yet to be launched, those being taken away as gone.
    """
    counts = [summary[k] for k in ("CurrentInstanceCount", "DesiredInstanceCount") if k in summary]
    return min(counts) if counts else int(variant.get("InitialInstanceCount", 0))


def _types(
    snapshot: Snapshot, variant: Mapping[str, Any], summary: Mapping[str, Any], running: int, path: str
) -> list[tuple[str, int, int, str]]:
    """Type, instances, priority and JSON path of each pool, by priority."""
    if "InstancePools" not in variant:
        if "InstanceType" not in variant:
            raise InputError(
                InputProblem(
                    "the variant has neither InstanceType nor InstancePools",
                    file=snapshot.file,
                    path=path,
                    hint="A serverless variant cannot host inference components.",
                )
            )
        return [(variant["InstanceType"], running, 1, "InstanceType")]
    pools = variant["InstancePools"]
    counts = {p["InstanceType"]: p["CurrentInstanceCount"] for p in summary.get("InstancePools") or []}
    if not counts:
        # How many are of which type is not told; in all there are so many.
        counts = {pools[0]["InstanceType"]: running}
    rows = [
        (p["InstanceType"], counts.get(p["InstanceType"], 0), p["Priority"], f"InstancePools[{i}]")
        for i, p in enumerate(pools)
    ]
    return sorted(rows, key=lambda row: row[2])


def _layout(
    snapshot: Snapshot, variant: Mapping[str, Any], summary: Mapping[str, Any], path: str
) -> Sequence[str]:
    layouts = summary.get("AcceleratorPartitionLayouts") or variant.get("AcceleratorPartitionLayouts") or []
    if len(layouts) > 1:
        message = f"a variant has exactly one partition layout, this one has {len(layouts)}"
        raise InputError(
            InputProblem(message, file=snapshot.file, path=f"{path}.AcceleratorPartitionLayouts")
        )
    return layouts[0].get("AcceleratorPartitionTypes", []) if layouts else []


def _devices(kind: InstanceType, assumptions: Assumptions) -> int:
    if kind.neuron_cores and assumptions.use("neuron-device") == "core":
        return kind.accelerators * kind.neuron_cores
    return kind.accelerators


def _components(
    data: Mapping[str, Any], variant_name: str, there: Sequence[str], assumptions: Assumptions
) -> tuple[Component, ...]:
    found = []
    shadows = {v["VariantName"] for v in data["EndpointConfig"].get("ShadowProductionVariants") or []}
    for number, described in enumerate(data.get("InferenceComponents") or []):
        path = f"$.InferenceComponents[{number}]"
        specifications = specifications_of(described, path).values()
        if any("BaseInferenceComponentName" in entry for entry in specifications):
            continue
        if described.get("VariantName") in shadows:
            continue
        if variant_of(described, path, there) == variant_name:
            found.append(_component(described, Demand(requirements_of(described, path)), assumptions, path))
    return tuple(found)


def variant_of(described: Mapping[str, Any], path: str, there: Sequence[str]) -> str:
    """The variant a described component is on; :class:`InputError` when it is none of those ``there``."""
    name = described.get("VariantName", there[0] if len(there) == 1 else None)
    if name in there:
        return str(name)
    component, hint = described["InferenceComponentName"], f"The endpoint has {', '.join(there)}."
    if name is None:
        message = f"which variant {component} is on is not said: VariantName is missing"
        raise InputError(InputProblem(message, path=path, hint=hint))
    message = f"{component} is on variant {name!r}, which the endpoint does not have"
    raise InputError(InputProblem(message, path=f"{path}.VariantName", hint=hint))


def _component(described: Mapping[str, Any], need: Demand, assumptions: Assumptions, path: str) -> Component:
    runtime = described.get("RuntimeConfig") or {}
    if not {"DesiredCopyCount", "CurrentCopyCount"} & runtime.keys():
        message = f"{described['InferenceComponentName']} has no RuntimeConfig that tells its copies"
        raise InputError(InputProblem(message, path=path, hint="DescribeInferenceComponent shows it."))
    status = described.get("InferenceComponentStatus", "InService")
    desired = runtime.get("DesiredCopyCount", runtime.get("CurrentCopyCount", 0))
    current = runtime.get("CurrentCopyCount", desired)
    placed = runtime.get("PlacementStatus") or []
    counts = [current, desired, *([sum(p["CurrentCopyCount"] for p in placed)] if placed else [])]
    firm, most = min(counts), max(counts)
    if status == "Updating":
        # A new specification may be under way: new copies run beside all the old ones at most.
        most = max(most, 2 * desired)
    if status == "Failed" and most and assumptions.use("failed-component-holds") == "no":
        firm = most = 0
    if status == "Deleting":
        firm = 0
    # For what is yet to be placed instances may be launched, never for what is being taken away.
    coming = {"Updating": max(desired, desired - current), "Deleting": 0}.get(status, desired - current)
    placed = runtime.get("PlacementStatus") or []
    by_type = {p["InstanceType"]: p["CurrentCopyCount"] for p in placed}
    known = sum(by_type.values()) == firm
    reason = described.get("FailureReason") if status == "Failed" else None
    return Component(
        name=described["InferenceComponentName"],
        status=status,
        need=need,
        placed=firm,
        in_flight=most - firm,
        by_type=by_type if known else None,
        coming=max(0, min(most - firm, coming)),
        failure=redact_text(str(reason)) if reason else None,
    )
