"""ICP141, ICP151, ICP170 to ICP175, ICP180: what a request names, and what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.operations import CreateInferenceComponent, UpdateInferenceComponent
from icplan.rules.base import (
    API,
    DOCUMENTED,
    ERROR,
    MEASURED,
    NOTE,
    TERRAFORM_TESTS,
    Rule,
    Violation,
)
from icplan.rules.configuration import variants as configured_variants
from icplan.rules.context import specifications

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from icplan.rules.base import Check
    from icplan.rules.context import RequestContext


RULES = (
    Rule(
        id="ICP141",
        title="The memory equals that of the accelerators",
        severity=NOTE,
        basis=DOCUMENTED,
        source=(
            'SageMaker developer guide, accelerator partitioning: "MinMemoryRequiredInMb and '
            'NumberOfCpuCoresRequired describe host memory and CPU."'
        ),
        why=(
            "`MinMemoryRequiredInMb` reserves memory of the host. Accelerators come with all of their own "
            "memory, and reserving as much on the host may keep copies from fitting."
        ),
        fix="Ask for what the process needs on the host while it loads and runs the model.",
    ),
    Rule(
        id="ICP151",
        title="The variant cannot host inference components",
        severity=ERROR,
        basis=MEASURED,
        source="pulumi/pulumi-aws issue 4940.",
        aws_error=(
            "Invalid request provided: Inference Components are not supported in this Endpoint. Please make "
            "sure this endpoint can deploy inference components."
        ),
        why="The variant has a `ModelName` or is serverless.",
        fix="Use an endpoint configuration whose variants have neither, and an `ExecutionRoleArn`.",
    ),
    Rule(
        id="ICP170",
        title="The component is not on the endpoint",
        severity=ERROR,
        basis=MEASURED,
        source="Integration tests of aws/sagemaker-python-sdk.",
        aws_error="Could not find inference component",
        why="The snapshot has no inference component of that name.",
        fix="Check the name, and whether the snapshot is of the right endpoint and recent.",
    ),
    Rule(
        id="ICP171",
        title="A component of that name exists already",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{API}, InferenceComponentName: "A unique name to assign to the inference component."',
        why="Names are unique in an account and Region; the snapshot has one like it.",
        fix="Choose another name, or update the component that is there.",
    ),
    Rule(
        id="ICP172",
        title="The request goes to another endpoint",
        severity=ERROR,
        basis=MEASURED,
        source=f"{TERRAFORM_TESTS}.",
        aws_error="Could not find endpoint",
        why="`EndpointName` is not the endpoint of the snapshot, so nothing can be said of its room.",
        fix="Check the name, or take a snapshot of that endpoint.",
    ),
    Rule(
        id="ICP173",
        title="The endpoint has no such variant",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{API}, VariantName: "The name of an existing production variant".',
        why="The endpoint configuration does not name it.",
        fix="Use one of the variants the message lists.",
    ),
    Rule(
        id="ICP174",
        title="The adapter's base is not on the endpoint",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{API}: "you must have an existing inference component that contains the foundation model that '
            'you want to adapt."'
        ),
        why="The base must exist, on the same endpoint, and must not itself be an adapter.",
        fix="Create the base first, or correct `BaseInferenceComponentName`.",
    ),
    Rule(
        id="ICP175",
        title="Accelerators on an instance type that has none",
        severity=ERROR,
        basis=DOCUMENTED,
        source='A comment in aws/sagemaker-python-sdk: "AWS rejects it"; the SDK strips the member.',
        why="No instance a copy may run on has an accelerator.",
        fix="Leave `NumberOfAcceleratorDevicesRequired` out, or use an instance type with accelerators.",
    ),
    Rule(
        id="ICP184",
        title="A component that runs is to become an adapter",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{API}, BaseInferenceComponentName: "Specify this parameter only if your request is meant to '
            'create an adapter inference component."'
        ),
        why=(
            "An adapter reserves nothing, and this component holds what its copies reserve. That an update "
            "gives it up is documented nowhere: it may be refused, or the member be ignored."
        ),
        fix="Create the adapter under a name of its own, and delete the component if it is not needed.",
    ),
    Rule(
        id="ICP180",
        title="Specifications names a type the endpoint does not have",
        severity=NOTE,
        basis=MEASURED,
        source=f"{TERRAFORM_TESTS}: accepted.",
        why="The entry has no effect as long as the variant has no instances of that type.",
        fix="Nothing, if the type is to be added later; else check the spelling.",
    ),
)


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
    if isinstance(case.asked.readable, CreateInferenceComponent | UpdateInferenceComponent):
        hosted = case.variant or {}
        if hosted.get("ModelName") or hosted.get("ServerlessConfig") is not None:
            message = f"{_OWN_MODEL}: {hosted.get('VariantName')}"
            yield Violation(case.asked.path, message)


def component_missing(case: RequestContext) -> Iterator[Violation]:
    """ICP170."""
    if case.name is not None and not _creates(case) and case.described is None:
        there = _listed(one.name for one in case.components)
        yield Violation(
            f"{case.asked.path}.InferenceComponentName", f"{case.name} is not there; there is {there}"
        )


def component_there_already(case: RequestContext) -> Iterator[Violation]:
    """ICP171."""
    if _creates(case) and case.described is not None:
        yield Violation(f"{case.asked.path}.InferenceComponentName", f"{case.name} exists already")


def another_endpoint(case: RequestContext) -> Iterator[Violation]:
    """ICP172."""
    request = case.asked.readable
    known = case.endpoint_name
    if isinstance(request, CreateInferenceComponent) and known is not None and request.endpoint_name != known:
        message = f"the request goes to endpoint {request.endpoint_name}, but the snapshot is of {known}"
        yield Violation(f"{case.asked.path}.EndpointName", message)


def variant_not_there(case: RequestContext) -> Iterator[Violation]:
    """ICP173."""
    request = case.asked.readable
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
        elif base.base:
            yield Violation(at, f"{name} is an adapter itself")


def made_an_adapter(case: RequestContext) -> Iterator[Violation]:
    """ICP184."""
    runs = case.described
    if runs is None or runs.base or not isinstance(case.asked.readable, UpdateInferenceComponent):
        return
    for entry, path in specifications(case.asked):
        name = entry.base_inference_component_name
        if name is not None:
            itself = "itself" if name == case.name else name
            at = f"{path}.BaseInferenceComponentName"
            yield Violation(
                at, f"{case.name} runs copies of its own; it cannot be made an adapter of {itself}"
            )


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
    return isinstance(case.asked.readable, CreateInferenceComponent)


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
    "ICP184": made_an_adapter,
}
