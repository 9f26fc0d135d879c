"""ICP129, ICP141, ICP151 and ICP170 to ICP180: whether what the request names is there, and suits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.operations import CreateInferenceComponent, UpdateInferenceComponent
from icplan.rules.configuration import variants as configured_variants
from icplan.rules.entries import specifications
from icplan.rules.hit import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from icplan.rules.endpoint import RequestContext
    from icplan.rules.hit import Check

_OWN_MODEL = "the variant hosts a model of its own or is serverless"


def requirements_of_a_described_adapter(case: RequestContext) -> Iterator[Violation]:
    """ICP129, where the request itself does not say that the component is an adapter."""
    if case.effective is None or case.effective.base is None:
        return
    for entry, path in specifications(case.asked):
        if entry.has("ComputeResourceRequirements") and not entry.has("BaseInferenceComponentName"):
            message = f"{case.name} is an adapter, and uses the resources of {case.effective.base}"
            yield Violation(f"{path}.ComputeResourceRequirements", message)


def variant_cannot_host(case: RequestContext) -> Iterator[Violation]:
    """ICP151."""
    for variant, path in configured_variants(case.asked):
        if case.components and (variant.has("ModelName") or variant.has("ServerlessConfig")):
            yield Violation(path, f"{_OWN_MODEL}, but the endpoint has inference components")
    if isinstance(case.asked.request, CreateInferenceComponent | UpdateInferenceComponent):
        hosted = case.variant or {}
        if hosted.get("ModelName") or hosted.get("ServerlessConfig") is not None:
            message = f"{_OWN_MODEL}: {hosted.get('VariantName')}"
            yield Violation(case.asked.path, message)


def component_missing(case: RequestContext) -> Iterator[Violation]:
    """ICP170."""
    if case.name is not None and not _creates(case) and case.described is None:
        there = _listed(one.get("InferenceComponentName") for one in case.components)
        yield Violation(
            f"{case.asked.path}.InferenceComponentName", f"{case.name} is not there; there is {there}"
        )


def component_there_already(case: RequestContext) -> Iterator[Violation]:
    """ICP171."""
    if _creates(case) and case.described is not None:
        yield Violation(f"{case.asked.path}.InferenceComponentName", f"{case.name} exists already")


def another_endpoint(case: RequestContext) -> Iterator[Violation]:
    """ICP172."""
    request = case.asked.request
    known = (case.snapshot.get("Endpoint") or {}).get("EndpointName")
    if isinstance(request, CreateInferenceComponent) and known is not None and request.endpoint_name != known:
        message = f"the request goes to endpoint {request.endpoint_name}, but the snapshot is of {known}"
        yield Violation(f"{case.asked.path}.EndpointName", message)


def variant_not_there(case: RequestContext) -> Iterator[Violation]:
    """ICP173."""
    request = case.asked.request
    if (
        isinstance(request, CreateInferenceComponent)
        and request.variant_name is not None
        and case.variant is None
    ):
        there = _listed(one.get("VariantName") for one in case.variants)
        yield Violation(
            f"{case.asked.path}.VariantName", f"{request.variant_name} is not there; there is {there}"
        )


def base_not_there(case: RequestContext) -> Iterator[Violation]:
    """ICP174."""
    for entry, path in specifications(case.asked):
        name = entry.base_inference_component_name
        if name is None:
            continue
        base = case.component(name)
        at = f"{path}.BaseInferenceComponentName"
        if base is None:
            yield Violation(at, f"{name} is not on the endpoint")
        elif (base.get("Specification") or {}).get("BaseInferenceComponentName"):
            yield Violation(at, f"{name} is an adapter itself")


def no_accelerators(case: RequestContext) -> Iterator[Violation]:
    """ICP175."""
    for entry, path in specifications(case.asked):
        compute = entry.compute_resource_requirements
        devices = compute.number_of_accelerator_devices_required if compute else None
        known = [
            case.facts.get(name) for name in ([entry.instance_type] if entry.instance_type else case.types)
        ]
        if devices and known and all(facts is not None and not facts.accelerators for facts in known):
            at = f"{path}.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired"
            yield Violation(
                at, f"accelerators are asked for ({devices:g}), but the instance type has none", devices, 0
            )


def type_not_there(case: RequestContext) -> Iterator[Violation]:
    """ICP180."""
    for entry, path in specifications(case.asked):
        name = entry.instance_type
        if (
            ".Specifications[" in path
            and name is not None
            and case.variant is not None
            and name not in case.types
        ):
            yield Violation(
                f"{path}.InstanceType", f"the variant has no {name}; it has {_listed(case.types)}"
            )


def memory_equals_gpu_memory(case: RequestContext) -> Iterator[Violation]:
    """ICP141."""
    for entry, path in specifications(case.asked):
        compute = entry.compute_resource_requirements
        devices = compute.number_of_accelerator_devices_required if compute else None
        if compute is None or not devices:
            continue
        for name in [entry.instance_type] if entry.instance_type else case.types:
            facts = case.facts.get(name)
            if facts is None or not facts.accelerators:
                continue
            theirs = facts.gpu_memory_mib / facts.accelerators * devices
            if compute.min_memory_required_in_mb == theirs:
                at = f"{path}.ComputeResourceRequirements.MinMemoryRequiredInMb"
                message = (
                    f"{theirs:g} MB is what {devices:g} accelerator(s) of {name} have; host memory is meant"
                )
                yield Violation(at, message)


def _creates(case: RequestContext) -> bool:
    return isinstance(case.asked.request, CreateInferenceComponent)


def _listed(names: Iterable[str | None]) -> str:
    return ", ".join(sorted(name for name in names if name)) or "none"


CHECKS: Mapping[str, Check[RequestContext]] = {
    "ICP129": requirements_of_a_described_adapter,
    "ICP141": memory_equals_gpu_memory,
    "ICP151": variant_cannot_host,
    "ICP170": component_missing,
    "ICP171": component_there_already,
    "ICP172": another_endpoint,
    "ICP173": variant_not_there,
    "ICP174": base_not_there,
    "ICP175": no_accelerators,
    "ICP180": type_not_there,
}
