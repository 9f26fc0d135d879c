"""ICP121 to ICP142: rules across the members of a component's request, which need to know nothing else."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from icplan.requests.operations import CreateInferenceComponent, UpdateInferenceComponent
from icplan.rules.entries import Call, is_adapter, specifications
from icplan.rules.hit import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.rules.hit import Check

DOCUMENTED_VARIABLES = 16
_BOUNDS = ("MinMemoryRequiredInMb", "MaxMemoryRequiredInMb")
_SUFFIX = re.compile(r"[^/]\.[A-Za-z][A-Za-z0-9_]*$")
"""A file's: a name that ends in figures, as that of a version does, has none."""
OFFERED_INTERVALS = (10, 30, 60, 120, 180, 240, 300)
_LEAST_MEMORY = 128
_LARGER_THAN_ANY = 32 * 1024 * 1024
"""32 TiB in MiB: no instance comes near, while the least memory allowed, in bytes, lies beyond."""


def both_forms(case: Call) -> Iterator[Violation]:
    """ICP121."""
    if case.request.has("Specification") and case.request.has("Specifications"):
        yield Violation(f"{case.path}.Specifications", "Specification and Specifications exclude each other")


_DELETION = '{"Operation": "DeleteInferenceComponent", "Request": {...}}'


def nothing_to_run(case: Call) -> Iterator[Violation]:
    """ICP122."""
    if isinstance(case.request, CreateInferenceComponent) and not _specifies(case):
        yield Violation(case.path, "a new component needs Specification or Specifications")


def nothing_to_change(case: Call) -> Iterator[Violation]:
    """ICP123."""
    request = case.request
    if not isinstance(request, UpdateInferenceComponent) or _specifies(case) or request.has("RuntimeConfig"):
        return
    deployment = request.has("DeploymentConfig")
    alone = "a DeploymentConfig alone" if deployment else "the name alone"
    # With the name alone, it is what DeleteInferenceComponent takes.
    deletion = "" if deployment else f"; a deletion is written {_DELETION}"
    yield Violation(
        case.path,
        f"the request asks for nothing: {alone} is rejected, give Specification(s) or RuntimeConfig"
        f"{deletion}",
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


def memory_bounds_crossed(case: Call) -> Iterator[Violation]:
    """ICP127."""
    for entry, path in specifications(case):
        compute = entry.compute_resource_requirements
        if compute is None or compute.max_memory_required_in_mb is None:
            continue
        least, most = compute.min_memory_required_in_mb, compute.max_memory_required_in_mb
        if least > most:
            at = f"{path}.ComputeResourceRequirements.MaxMemoryRequiredInMb"
            yield Violation(at, f"{most} MB at most is less than the {least} MB at least", least, most)


def fraction_of_a_device(case: Call) -> Iterator[Violation]:
    """ICP128."""
    for entry, path in specifications(case):
        compute = entry.compute_resource_requirements
        devices = compute.number_of_accelerator_devices_required if compute else None
        if devices is not None and devices != math.floor(devices):
            at = f"{path}.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired"
            yield Violation(
                at, f"{devices} accelerators: devices are given out whole, {math.ceil(devices)} are counted"
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
    if (
        isinstance(case.request, CreateInferenceComponent)
        and case.request.has("VariantName")
        and is_adapter(case)
    ):
        yield Violation(
            f"{case.path}.VariantName", "an adapter lives on the variant of its base, and may not name one"
        )


def variant_missing(case: Call) -> Iterator[Violation]:
    """ICP131."""
    request = case.request
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
    request = case.request
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
    request = case.request
    if (
        isinstance(request, CreateInferenceComponent)
        and not request.has("RuntimeConfig")
        and not is_adapter(case)
    ):
        yield Violation(case.path, "the request lacks RuntimeConfig; one copy is counted")


def requirements_missing(case: Call) -> Iterator[Violation]:
    """ICP135."""
    if not isinstance(case.request, CreateInferenceComponent) or is_adapter(case):
        return
    elsewhere = {path.rpartition(".")[0] for path, _ in _nested(case)}
    for entry, path in specifications(case):
        if not entry.has("ComputeResourceRequirements") and path not in elsewhere:
            yield Violation(
                path, "it lacks ComputeResourceRequirements, so nothing says what a copy reserves"
            )


def many_variables(case: Call) -> Iterator[Violation]:
    """ICP138."""
    for entry, path in specifications(case):
        count = len(entry.container.environment or ()) if entry.container else 0
        if count > DOCUMENTED_VARIABLES:
            message = f"Environment has {count} variables; {DOCUMENTED_VARIABLES} are documented as supported"
            yield Violation(
                f"{path}.Container.Environment", message, count, DOCUMENTED_VARIABLES, DOCUMENTED_VARIABLES
            )


def artifact_not_tar_gz(case: Call) -> Iterator[Violation]:
    """ICP139."""
    for entry, path in specifications(case):
        url = entry.container.artifact_url if entry.container else None
        if url is not None and _is_another_file(_path_of(url)):
            yield Violation(
                f"{path}.Container.ArtifactUrl",
                "ArtifactUrl does not end in .tar.gz, as a single packed archive would",
            )


def _is_another_file(path: str) -> bool:
    """Whether a path is that of a file other than an archive; a prefix of S3, with all below it, is none."""
    return path.endswith(".tar.gz/") or (not path.endswith(".tar.gz") and _SUFFIX.search(path) is not None)


def memory_in_another_unit(case: Call) -> Iterator[Violation]:
    """ICP140."""
    for entry, path in specifications(case):
        compute = entry.compute_resource_requirements
        if compute is None:
            continue
        least, most = compute.min_memory_required_in_mb, compute.max_memory_required_in_mb
        meant = [None if value is None else _meant(value) for value in (least, most)]
        after = [value if other is None else other for value, other in zip((least, most), meant, strict=True)]
        crossed = None not in after and after[0] > after[1]  # type: ignore[operator]
        for name, value, instead in zip(_BOUNDS, (least, most), meant, strict=True):
            message = None if value is None else _unit_mistake(value, None if crossed else instead)
            if message:
                yield Violation(f"{path}.ComputeResourceRequirements.{name}", message)


def unsupported_interval(case: Call) -> Iterator[Violation]:
    """ICP142."""
    for entry, path in specifications(case):
        metrics = entry.container.container_metrics_config if entry.container else None
        for index, endpoint in enumerate((metrics and metrics.metrics_endpoints) or ()):
            seconds = endpoint.metric_publish_frequency_in_seconds
            if seconds is not None and seconds not in OFFERED_INTERVALS:
                at = f"{path}.Container.ContainerMetricsConfig.MetricsEndpoints[{index}]"
                yield Violation(
                    f"{at}.MetricPublishFrequencyInSeconds", f"{seconds} s is not one of those documented"
                )


def _meant(value: int) -> int | None:
    """The megabytes that were meant, if the value is one of another unit; none that is refused itself."""
    if value >= _LARGER_THAN_ANY:
        megabytes = -(-value // 2**20)
        return megabytes if _LEAST_MEMORY <= megabytes < _LARGER_THAN_ANY else None
    return value * 1024 if 0 < value < _LEAST_MEMORY else None


def _unit_mistake(value: int, instead: int | None) -> str | None:
    if value >= _LARGER_THAN_ANY:
        what, unit = f"{value} MB is more than any instance has", "these are bytes"
    elif 0 < value < _LEAST_MEMORY:
        what, unit = f"{value} MB is less than the {_LEAST_MEMORY} allowed", "this is GB"
    else:
        return None
    return what if instead is None else f"{what}; if {unit}, write {instead}"


def _specifies(case: Call) -> bool:
    return case.request.has("Specification") or case.request.has("Specifications")


def _path_of(url: str) -> str:
    """The path of a URL, without a signed query string."""
    try:
        return urlsplit(url).path
    except ValueError:  # such as an unbalanced bracket in the host
        return url


CHECKS: Mapping[str, Check[Call]] = {
    "ICP121": both_forms,
    "ICP122": nothing_to_run,
    "ICP123": nothing_to_change,
    "ICP124": entry_without_type,
    "ICP125": duplicate_instance_type,
    "ICP126": instance_type_in_singular,
    "ICP127": memory_bounds_crossed,
    "ICP128": fraction_of_a_device,
    "ICP129": adapter_with_requirements,
    "ICP130": adapter_with_variant,
    "ICP131": variant_missing,
    "ICP132": adapter_per_type,
    "ICP133": created_with_no_copy,
    "ICP134": copy_count_missing,
    "ICP135": requirements_missing,
    "ICP138": many_variables,
    "ICP139": artifact_not_tar_gz,
    "ICP140": memory_in_another_unit,
    "ICP142": unsupported_interval,
}
