"""Which parts of a snapshot may not apply: a configuration that does not run, names that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.fleet.fleet import Unsure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    Data = Mapping[str, Any]


def unsure(data: Data, variant: Data, summary: Data) -> dict[Unsure, tuple[str, ...]]:
    """What may be otherwise on a variant, and why; ``summary`` is its description by DescribeEndpoint."""
    found: dict[Unsure, list[str]] = {}
    if data.get("Consistent") is False:
        message = "the endpoint went on changing while the snapshot was taken (Consistent is false)"
        found[Unsure.TYPES] = [f"{message}, so its parts may not belong together; take a new one"]
    for what, message in (*_configuration(data, variant, summary), *_counts(summary), *_held(data, variant)):
        found.setdefault(what, []).append(message)
    return {what: tuple(messages) for what, messages in found.items()}


def does_not_apply(data: Data, variant: str | None) -> bool:
    """Whether the configuration of a variant, the only one without a name, may not be the one that runs."""
    summaries = (data.get("Endpoint") or {}).get("ProductionVariants") or ()
    for configured in data["EndpointConfig"]["ProductionVariants"]:
        name = configured["VariantName"]
        if variant in (None, name):
            summary: Data = next((one for one in summaries if one.get("VariantName") == name), {})
            if Unsure.TYPES in unsure(data, configured, summary):
                return True
    return False


def another_runs(data: Data) -> tuple[str, str] | None:
    """The configuration that runs and the one described, where they are not the same."""
    runs = (data.get("Endpoint") or {}).get("EndpointConfigName")
    given = data["EndpointConfig"].get("EndpointConfigName")
    return (runs, given) if runs and given and runs != given else None


def asks_elsewhere(request: Data, types: Collection[str]) -> str | None:
    """What is not known of a request whose one specification names a type that the variant does not have."""
    named = (request.get("Specification") or {}).get("InstanceType")
    if named is None or named in types:
        return None
    return (
        f"Specification names the instance type {named}, which the variant does not have; whether SageMaker "
        "refuses that, or where the copies would lie, is not stated"
    )


def types_of(variant: Data) -> frozenset[str]:
    """The instance types that a variant is configured for."""
    pools = variant.get("InstancePools") or ()
    named = {variant.get("InstanceType"), *(pool.get("InstanceType") for pool in pools)}
    return frozenset(str(name) for name in named if name)


def _configuration(data: Data, variant: Data, summary: Data) -> Iterator[tuple[Unsure, str]]:
    """Where another configuration runs than the one described, or other types than it names."""
    seen = _seen(data, variant, summary)
    if foreign := sorted(seen - types_of(variant)):
        name = variant["VariantName"]
        message = f"instances of {', '.join(foreign)} run, which EndpointConfig does not name for {name}"
        yield Unsure.TYPES, f"{message}; nothing rests on the types that it names"
    names = another_runs(data)
    if names is None:
        return
    runs, given = names
    start = f"the endpoint runs the configuration {runs}, EndpointConfig is {given}"
    layouts = variant.get("AcceleratorPartitionLayouts") and not summary.get("AcceleratorPartitionLayouts")
    counted = {"CurrentInstanceCount", "DesiredInstanceCount", "InstancePools"} & summary.keys()
    if seen != types_of(variant) or layouts or not counted:
        yield Unsure.TYPES, f"{start}; the instance types that run may be others than {given} names"
    elif not summary.get("ManagedInstanceScaling"):
        yield Unsure.GROWTH, f"{start}; how far it may grow, only {given} tells, so nothing rests on that"


def _seen(data: Data, variant: Data, summary: Data) -> frozenset[str]:
    """The instance types of a variant that something other than its configuration names."""
    rows: list[Data] = list(summary.get("InstancePools") or ())
    mine = [one for one in data.get("InferenceComponents") or () if _is_on(one, data, variant)]
    for one in mine:
        placed = (one.get("RuntimeConfig") or {}).get("PlacementStatus") or ()
        rows += [row for row in placed if row.get("CurrentCopyCount", 1)]
    names = {one["InferenceComponentName"] for one in mine}
    located = data.get("CopyLocations") or ()
    rows += [row for row in located if row["InferenceComponentName"] in names and row.get("Copies", 1)]
    return frozenset(row["InstanceType"] for row in rows if "InstanceType" in row)


def _is_on(described: Data, data: Data, variant: Data) -> bool:
    variants: Sequence[Data] = data["EndpointConfig"]["ProductionVariants"]
    only = variants[0]["VariantName"] if len(variants) == 1 else None
    return bool(described.get("VariantName", only) == variant["VariantName"])


def _counts(summary: Data) -> Iterator[tuple[Unsure, str]]:
    """Where the instances of each type do not add up."""
    pools, current = summary.get("InstancePools") or (), summary.get("CurrentInstanceCount")
    total = sum(pool["CurrentInstanceCount"] for pool in pools)
    if not pools or current is None or total == current:
        return
    what = Unsure.MORE if total < current else Unsure.TYPES
    yield what, f"InstancePools count {total} instances, CurrentInstanceCount is {current}"


def _held(data: Data, variant: Data) -> Iterator[tuple[Unsure, str]]:
    """Components that something names and nothing describes: they hold what nobody can count."""
    there = {one["InferenceComponentName"] for one in data.get("InferenceComponents") or ()}
    types = types_of(variant)
    missing = {
        row["InferenceComponentName"]
        for row in data.get("CopyLocations") or ()
        if row["InferenceComponentName"] not in there and row["InstanceType"] in types
    }
    for name in sorted(missing):
        yield Unsure.HELD, f"CopyLocations name {name}, which no answer describes; it holds what is not known"
    for one in data.get("InferenceComponents") or ():
        base = (one.get("Specification") or {}).get("BaseInferenceComponentName")
        here = one.get("VariantName") in (None, variant["VariantName"])
        if base is not None and base not in there and here:
            message = f"{one['InferenceComponentName']} is an adapter of {base}, which no answer describes"
            yield Unsure.HELD, f"{message}; {base} holds what is not known"
