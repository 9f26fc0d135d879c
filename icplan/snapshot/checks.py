"""What keeps a document from being a snapshot that can be judged, each with its JSON path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from icplan.aws.quota_names import ALL_INSTANCES_CODE, PER_ENDPOINT_CODE, PER_TYPE
from icplan.documents.nearest import nearest
from icplan.documents.paths import join_path
from icplan.documents.schema import check, describe_type
from icplan.errors import InputProblem
from icplan.snapshot.schema import SNAPSHOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from icplan.documents.paths import JsonPath


VERSION = 1
"""The version of the format: the value of the member ``IcplanSnapshot``."""

#: The most of each that any instance could have, by far; and what the solver counts with.
MAX_VCPUS, MAX_DEVICES, MAX_COUNTED = 100_000, 10_000, 10**6


_HOW = "Take one with: icplan snapshot ENDPOINT -o FILE"


def entries(data: dict[str, Any], name: str) -> list[Any]:
    """The entries of a part that is a list; none where it is not there."""
    value = data.get(name)
    return value if isinstance(value, list) else []


def document_problems(value: Any) -> list[InputProblem]:
    """Why a document is no snapshot of this version at all, if it is none."""
    if not isinstance(value, Mapping):
        return [InputProblem(f"not a snapshot, but {describe_type(value)}", hint=_HOW)]
    version = value.get("IcplanSnapshot")
    if version is None and ("EndpointConfig" in value or "Endpoint" in value):
        return [InputProblem("IcplanSnapshot is missing", path="$", hint=f'Add "IcplanSnapshot": {VERSION}')]
    if version is None:
        return [InputProblem(f"not a snapshot{_what_instead(value)}: IcplanSnapshot is missing", hint=_HOW)]
    if type(version) is not int:
        return [InputProblem(f"must be {VERSION}, not {describe_type(version)}", path="$.IcplanSnapshot")]
    if version != VERSION:
        hint = "Take it anew, or use the icplan that wrote it"
        message = f"a snapshot of version {version}; this icplan reads version {VERSION}"
        return [InputProblem(message, path="$.IcplanSnapshot", hint=hint)]
    return []


def _what_instead(value: Mapping[str, Any]) -> str:
    for member, what in _LOOKS_LIKE:
        if member in value:
            return f" but, it seems, {what}"
    return ""


_LOOKS_LIKE = (
    ("IcplanVerdict", "a verdict"),
    ("Operation", "a change (a CHANGE of `icplan check`)"),
    ("InferenceComponentArn", "the answer of DescribeInferenceComponent, one part of a snapshot"),
    ("InferenceComponentName", "a change (a CHANGE of `icplan check`)"),
    ("EndpointConfigArn", "the answer of DescribeEndpointConfig, one part of a snapshot"),
    ("EndpointArn", "the answer of DescribeEndpoint, one part of a snapshot"),
    ("InferenceComponents", "the answer of ListInferenceComponents, one part of a snapshot"),
)


def problems(data: dict[str, Any]) -> list[InputProblem]:
    """What keeps a snapshot from being judged, each with its JSON path."""
    found: list[InputProblem] = []

    def report(steps: JsonPath, message: str) -> None:
        found.append(InputProblem(message, path=join_path(steps)))

    _check_parts(data, report)
    check(data, SNAPSHOT, report)
    if not found:
        _check_components(data, report)
        _check_variants(data, report)
        _check_quotas(data, report)
        _check_amounts(data, report)
        _check_reservations(data, report)
    return found


def _check_parts(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    """Refuse a part that icplan does not know: left out in silence, it would look as if it counted."""
    known = ["IcplanSnapshot", *SNAPSHOT.known]
    for name in sorted(data.keys() - set(known)):
        near = nearest(name, known)
        hint = f"Did you mean {near}?" if near else f"There are {', '.join(known)}."
        report((name,), f"is no part of a snapshot. {hint}")


def _check_quotas(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    for index, quota in enumerate(data.get("Quotas", [])):
        known_by_code = quota.get("QuotaCode") in (ALL_INSTANCES_CODE, PER_ENDPOINT_CODE)
        if "QuotaName" not in quota and not known_by_code:
            example = PER_TYPE.format("ml.g5.12xlarge")
            report(("Quotas", index), f"QuotaName is missing, as Service Quotas has it: {example!r}")
    for name in data.get("InstancesInUse", {}):
        if not name.startswith("ml."):
            report(("InstancesInUse", name), "is no instance type of SageMaker; they start with ml.")


def _check_reservations(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    """Refuse what is none of the metrics, or there twice: left out in silence, it would seem to count."""
    if not data.get("Reservations"):
        return
    from icplan.fleet.reservation_metrics import METRICS, PERCENTILE  # noqa: PLC0415  (few snapshots have any)

    seen: set[tuple[str, str]] = set()
    variants = [one["VariantName"] for one in data["EndpointConfig"]["ProductionVariants"]]
    for index, metric in enumerate(data["Reservations"]):
        steps: JsonPath = ("Reservations", index)
        name, variant = metric["MetricName"], metric["VariantName"]
        if name not in METRICS:
            report((*steps, "MetricName"), f"must be one of {', '.join(METRICS)}")
        if variant not in variants:
            report(
                (*steps, "VariantName"), f"is no variant of EndpointConfig; there is {', '.join(variants)}"
            )
        if (variant, name) in seen:
            report((*steps, "MetricName"), "this metric of the variant is already there")
        seen.add((variant, name))
        for number, point in enumerate(metric["Datapoints"]):
            for percentile in point.get("ExtendedStatistics", {}):
                if PERCENTILE.fullmatch(percentile) is None:
                    place = (*steps, "Datapoints", number, "ExtendedStatistics", percentile)
                    report(place, "is no percentile; they are called p50, or p16.67")


def _check_components(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    seen: set[str] = set()
    endpoint = data.get("Endpoint", {}).get("EndpointName")
    for index, component in enumerate(data.get("InferenceComponents", [])):
        steps: JsonPath = ("InferenceComponents", index)
        endpoint = endpoint or component.get("EndpointName")
        if component["InferenceComponentName"] in seen:
            report((*steps, "InferenceComponentName"), "this component is already there")
        seen.add(component["InferenceComponentName"])
        if component.get("EndpointName", endpoint) != endpoint:
            report((*steps, "EndpointName"), "this component is on another endpoint")
        if ("Specification" in component) == ("Specifications" in component):
            report(
                steps, "must have either Specification or Specifications, as DescribeInferenceComponent has"
            )


def _check_variants(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    for part in ("EndpointConfig", "Endpoint"):
        seen: set[str] = set()
        for index, variant in enumerate(data.get(part, {}).get("ProductionVariants", [])):
            if variant["VariantName"] in seen:
                report((part, "ProductionVariants", index, "VariantName"), "this variant is already there")
            seen.add(variant["VariantName"])


def _check_amounts(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    """Refuse what no instance has, and counts past what icplan counts with, where they stand."""
    _check_types(data, report)
    for part in ("EndpointConfig", "Endpoint"):
        for list_ in ("ProductionVariants", "ShadowProductionVariants"):
            for index, variant in enumerate(data.get(part, {}).get(list_, [])):
                _check_counts(variant, (part, list_, index), report)


def _check_types(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    for index, kind in enumerate(data.get("InstanceTypes", [])):
        steps: JsonPath = ("InstanceTypes", index)
        if not 1 <= kind["VCpuInfo"]["DefaultVCpus"] <= MAX_VCPUS:
            report((*steps, "VCpuInfo", "DefaultVCpus"), f"must be from 1 to {MAX_VCPUS:,}")
        if kind["MemoryInfo"]["SizeInMiB"] < 1:
            report((*steps, "MemoryInfo", "SizeInMiB"), "must be at least 1")
        for path, count in _devices(kind):
            if count > MAX_DEVICES:
                report((*steps, *path), f"must be up to {MAX_DEVICES:,}")


def _check_counts(variant: dict[str, Any], steps: JsonPath, report: Callable[[JsonPath, str], None]) -> None:
    for path, count in _counts(variant):
        if count > MAX_COUNTED:
            report((*steps, *path), f"icplan counts up to {MAX_COUNTED:,}")
    seen: set[str] = set()
    for index, pool in enumerate(variant.get("InstancePools", [])):
        if pool["InstanceType"] in seen:
            report((*steps, "InstancePools", index, "InstanceType"), "this instance type is already there")
        seen.add(pool["InstanceType"])


def _devices(kind: dict[str, Any]) -> Iterator[tuple[JsonPath, int]]:
    for part, member in (("GpuInfo", "Gpus"), ("NeuronInfo", "NeuronDevices")):
        for index, device in enumerate(kind.get(part, {}).get(member, [])):
            yield (part, member, index, "Count"), device["Count"]
            cores = device.get("CoreInfo", {})
            if isinstance(cores, dict) and type(cores.get("Count")) is int:
                yield (part, member, index, "CoreInfo", "Count"), cores["Count"]


def _counts(variant: dict[str, Any]) -> Iterator[tuple[JsonPath, int]]:
    for member in ("InitialInstanceCount", "CurrentInstanceCount", "DesiredInstanceCount"):
        yield (member,), variant.get(member, 0)
    for member in ("MinInstanceCount", "MaxInstanceCount"):
        yield ("ManagedInstanceScaling", member), variant.get("ManagedInstanceScaling", {}).get(member, 0)
    for index, pool in enumerate(variant.get("InstancePools", [])):
        yield ("InstancePools", index, "CurrentInstanceCount"), pool.get("CurrentInstanceCount", 0)
