"""What is wrong in a document."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from icplan.aws.quota_names import ALL_INSTANCES_CODE, PER_TYPE
from icplan.documents.paths import join_path
from icplan.documents.schema import check, describe_type
from icplan.errors import InputProblem
from icplan.snapshot.schema import SNAPSHOT
from icplan.snapshot.snapshot import _check_amounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from icplan.documents.paths import JsonPath


VERSION = 1
"""The version of the format: the value of the member ``IcplanSnapshot``."""


_HOW = "Take one with: icplan snapshot ENDPOINT -o FILE"


def _entries(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else []


def _document_problems(value: Any) -> list[InputProblem]:
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


def _problems(data: dict[str, Any]) -> list[InputProblem]:
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
    return found


def _check_parts(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    """Refuse a part that icplan does not know: left out in silence, it would look as if it counted."""
    known = ["IcplanSnapshot", *SNAPSHOT.known]
    for name in sorted(data.keys() - set(known)):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
        report((name,), f"is no part of a snapshot. {hint}")


def _check_quotas(data: dict[str, Any], report: Callable[[JsonPath, str], None]) -> None:
    for index, quota in enumerate(data.get("Quotas", [])):
        if "QuotaName" not in quota and quota.get("QuotaCode") != ALL_INSTANCES_CODE:
            example = PER_TYPE.format("ml.g5.12xlarge")
            report(("Quotas", index), f"QuotaName is missing, as Service Quotas has it: {example!r}")
    for name in data.get("InstancesInUse", {}):
        if not name.startswith("ml."):
            report(("InstancesInUse", name), "is no instance type of SageMaker; they start with ml.")


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
