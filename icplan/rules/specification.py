"""ICP121 to ICP126, ICP129 to ICP135: the specification of a component, its form and its copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.operations import CreateInferenceComponent, UpdateInferenceComponent
from icplan.rules.base import (
    API,
    DOCUMENTED,
    ERROR,
    INFERRED,
    MEASURED,
    STDAPI_ISSUE,
    TERRAFORM_TESTS,
    WARNING,
    Rule,
    Violation,
)
from icplan.rules.context import is_adapter, specifications

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.call import Call
    from icplan.rules.base import Check


_CFN = "CloudFormation schema of AWS::SageMaker::InferenceComponent"

RULES = (
    Rule(
        id="ICP121",
        title="Specification and Specifications in one request",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{API}: "You can use either this parameter or the singular Specification parameter, but not '
            'both."'
        ),
        why="A component is described either once for all instance types, or once per instance type.",
        fix="Keep `Specification`, or write one entry of `Specifications` per instance type.",
    ),
    Rule(
        id="ICP122",
        title="A new component without a specification",
        severity=ERROR,
        basis=INFERRED,
        source="The API model requires neither form; a component without either has nothing to run.",
        why="Nothing says what a copy runs or what it reserves.",
        fix="Add `Specification` with `Container` or `ModelName`, and `ComputeResourceRequirements`.",
    ),
    Rule(
        id="ICP123",
        title="The update asks for nothing",
        severity=ERROR,
        basis=MEASURED,
        source=f"{TERRAFORM_TESTS}.",
        why=(
            "UpdateInferenceComponent needs RuntimeConfig or a specification: a request with the name alone, "
            "or with a DeploymentConfig alone, is rejected."
        ),
        fix=(
            "Add what is to change. A DeploymentConfig takes effect only together with a specification. A "
            'component is deleted by `{"Operation": "DeleteInferenceComponent", "Request": {...}}`.'
        ),
    ),
    Rule(
        id="ICP124",
        title="An entry of Specifications does not say its instance type",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{API}: "Required when using the Specifications parameter with multiple entries."',
        why="With several entries, SageMaker must know which one is for which type.",
        fix="Add `InstanceType` to every entry.",
    ),
    Rule(
        id="ICP125",
        title="Two entries of Specifications for one instance type",
        severity=ERROR,
        basis=INFERRED,
        source=(
            f'{API}: "A list of specification objects for the inference component, one per instance type."'
        ),
        why="Nothing says which of the two a copy on that type would follow.",
        fix="Keep one entry per instance type.",
    ),
    Rule(
        id="ICP126",
        title="InstanceType in the singular Specification",
        severity=WARNING,
        basis=DOCUMENTED,
        source=f'{_CFN}: InstanceType "is not accepted on the singular Specification".',
        why="The API model has the member there, but CloudFormation's documentation says it is not accepted.",
        fix="Leave it out, or use `Specifications`.",
    ),
    Rule(
        id="ICP129",
        title="An adapter with compute requirements of its own",
        severity=WARNING,
        basis=DOCUMENTED,
        source=(
            f'{API}: "Omit this parameter if your request is meant to create an adapter inference component.'
            ' [...] it uses the compute resources of the base inference component."'
        ),
        why="An adapter is loaded into the copies of its base. icplan does not count its requirements.",
        fix="Leave `ComputeResourceRequirements` out; give the base the memory the adapters need.",
    ),
    Rule(
        id="ICP130",
        title="An adapter with a variant name",
        severity=ERROR,
        basis=MEASURED,
        source=f'{TERRAFORM_TESTS}: the API "forbids it for an adapter".',
        why="An adapter lives where its base lives.",
        fix="Leave `VariantName` out.",
    ),
    Rule(
        id="ICP131",
        title="A new component without a variant name",
        severity=WARNING,
        basis=MEASURED,
        source=f'{TERRAFORM_TESTS}: the API "rejects a null value for a standard inference component".',
        why=(
            "The API model does not require the member, but the service may, except for an adapter. icplan "
            "takes the endpoint's only variant."
        ),
        fix="Add `VariantName`; the endpoint configuration names its variants.",
    ),
    Rule(
        id="ICP132",
        title="An adapter in Specifications",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_CFN}: "adapter inference components are supported only on the singular Specification".',
        why="An adapter follows its base, whatever instance type that runs on.",
        fix="Put `BaseInferenceComponentName` into `Specification`.",
    ),
    Rule(
        id="ICP133",
        title="A new component with no copy",
        severity=ERROR,
        basis=MEASURED,
        source=f"{STDAPI_ISSUE}.",
        aws_error="Inference components copy count an integer larger than 0",
        why="A component can be scaled to 0 copies later, but not be created with none.",
        fix="Create it with 1 copy, then call UpdateInferenceComponentRuntimeConfig with 0.",
    ),
    Rule(
        id="ICP134",
        title="A new component does not say how many copies",
        severity=WARNING,
        basis=INFERRED,
        source="The API model does not require RuntimeConfig, and does not say what its absence means.",
        why="icplan judges the request as one copy.",
        fix="Add `RuntimeConfig` with `CopyCount`.",
    ),
    Rule(
        id="ICP135",
        title="A new component does not say what a copy needs",
        severity=ERROR,
        basis=INFERRED,
        source=f"{API}: ComputeResourceRequirements may be omitted for an adapter.",
        why="SageMaker places a copy by what it reserves; only an adapter reserves nothing of its own.",
        fix="Add `ComputeResourceRequirements` with at least `MinMemoryRequiredInMb`.",
    ),
)


def both_forms(case: Call) -> Iterator[Violation]:
    """ICP121."""
    if _has(case, "Specification") and _has(case, "Specifications"):
        yield Violation(f"{case.path}.Specifications", "Specification and Specifications exclude each other")


_DELETION = '{"Operation": "DeleteInferenceComponent", "Request": {...}}'


def nothing_to_run(case: Call) -> Iterator[Violation]:
    """ICP122."""
    if isinstance(case.readable, CreateInferenceComponent) and not _specifies(case):
        yield Violation(case.path, "a new component needs Specification or Specifications")


def nothing_to_change(case: Call) -> Iterator[Violation]:
    """ICP123."""
    request = case.readable
    if not isinstance(request, UpdateInferenceComponent) or _specifies(case) or request.has("RuntimeConfig"):
        return
    deployment = request.has("DeploymentConfig")
    alone = "a DeploymentConfig alone" if deployment else "the name alone"
    # With the name alone, it is what DeleteInferenceComponent takes.
    deletion = "" if deployment else f"; a deletion is written {_DELETION}"
    yield Violation(
        case.path,
        f"{alone} is rejected; give Specification(s) or RuntimeConfig{deletion}",
    )


_WITHOUT_TYPE = "the entry lacks InstanceType, which every one of several Specifications needs"


def entry_without_type(case: Call) -> Iterator[Violation]:
    """ICP124."""
    several = [(entry, path) for entry, path in specifications(case) if ".Specifications[" in path]
    for entry, path in several:
        if len(several) > 1 and not entry.has("InstanceType"):
            yield Violation(path, _WITHOUT_TYPE)
    for path, nested in _nested(case):
        for index, one in enumerate(nested):
            if len(nested) > 1 and isinstance(one, dict) and "InstanceType" not in one:
                yield Violation(f"{path}[{index}]", _WITHOUT_TYPE)


def _nested(case: Call) -> Iterator[tuple[str, list[object]]]:
    """Specifications that were written into a specification, where they do not belong."""
    for entry, path in specifications(case):
        nested = entry.extra.get("Specifications")
        if isinstance(nested, list):
            yield f"{path}.Specifications", nested


def duplicate_instance_type(case: Call) -> Iterator[Violation]:
    """ICP125."""
    first: dict[str, str] = {}
    for entry, path in specifications(case):
        if entry.instance_type is None:
            continue
        if entry.instance_type in first:
            message = f"{entry.instance_type} has an entry already, {first[entry.instance_type]}"
            yield Violation(f"{path}.InstanceType", message)
        first.setdefault(entry.instance_type, path)


def instance_type_in_singular(case: Call) -> Iterator[Violation]:
    """ICP126."""
    for entry, path in specifications(case):
        if path.endswith(".Specification") and entry.has("InstanceType"):
            yield Violation(
                f"{path}.InstanceType",
                "InstanceType is meant for Specifications, and may not be accepted here",
            )


def adapter_with_requirements(case: Call) -> Iterator[Violation]:
    """ICP129."""
    for entry, path in specifications(case):
        if entry.has("BaseInferenceComponentName") and entry.has("ComputeResourceRequirements"):
            yield Violation(
                f"{path}.ComputeResourceRequirements", "an adapter uses the resources of its base"
            )


def adapter_with_variant(case: Call) -> Iterator[Violation]:
    """ICP130."""
    if isinstance(case.readable, CreateInferenceComponent) and _has(case, "VariantName") and is_adapter(case):
        yield Violation(
            f"{case.path}.VariantName", "an adapter lives on the variant of its base, and may not name one"
        )


def variant_missing(case: Call) -> Iterator[Violation]:
    """ICP131."""
    request = case.readable
    if (
        isinstance(request, CreateInferenceComponent)
        and not request.has("VariantName")
        and not is_adapter(case)
    ):
        yield Violation(
            case.path, "the request lacks VariantName, which a component other than an adapter needs"
        )


def adapter_per_type(case: Call) -> Iterator[Violation]:
    """ICP132."""
    for entry, path in specifications(case):
        if ".Specifications[" in path and entry.has("BaseInferenceComponentName"):
            yield Violation(
                f"{path}.BaseInferenceComponentName",
                "an adapter is written in the singular Specification only",
            )


def created_with_no_copy(case: Call) -> Iterator[Violation]:
    """ICP133."""
    request = case.readable
    if (
        isinstance(request, CreateInferenceComponent)
        and request.runtime_config
        and not request.runtime_config.copy_count
    ):
        yield Violation(
            f"{case.path}.RuntimeConfig.CopyCount", "a component is created with at least 1 copy", 1, 0
        )


def copy_count_missing(case: Call) -> Iterator[Violation]:
    """ICP134."""
    request = case.readable
    if (
        isinstance(request, CreateInferenceComponent)
        and not request.has("RuntimeConfig")
        and not is_adapter(case)
    ):
        yield Violation(case.path, "the request lacks RuntimeConfig; one copy is counted")


def requirements_missing(case: Call) -> Iterator[Violation]:
    """ICP135."""
    if not isinstance(case.readable, CreateInferenceComponent) or is_adapter(case):
        return
    elsewhere = {path.rpartition(".")[0] for path, _ in _nested(case)}
    for entry, path in specifications(case):
        if not entry.has("ComputeResourceRequirements") and path not in elsewhere:
            yield Violation(
                path, "it lacks ComputeResourceRequirements, so nothing says what a copy reserves"
            )


def _specifies(case: Call) -> bool:
    return _has(case, "Specification") or _has(case, "Specifications")


def _has(case: Call, member: str) -> bool:
    return case.readable is not None and case.readable.has(member)


CHECKS: Mapping[str, Check[Call]] = {
    "ICP121": both_forms,
    "ICP122": nothing_to_run,
    "ICP123": nothing_to_change,
    "ICP124": entry_without_type,
    "ICP125": duplicate_instance_type,
    "ICP126": instance_type_in_singular,
    "ICP129": adapter_with_requirements,
    "ICP130": adapter_with_variant,
    "ICP131": variant_missing,
    "ICP132": adapter_per_type,
    "ICP133": created_with_no_copy,
    "ICP134": copy_count_missing,
    "ICP135": requirements_missing,
}
