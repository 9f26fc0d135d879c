"""ICP159 to ICP161 and ICP176 to ICP179: accelerator partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.catalog.partitions import gpu
from icplan.requests.from_describe import requirements_of
from icplan.requests.operations import UpdateInferenceComponent
from icplan.rules.configuration import variants as configured_variants
from icplan.rules.endpoint import layout_of
from icplan.rules.entries import specifications
from icplan.rules.hit import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.requests.production_variant import ProductionVariant
    from icplan.rules.endpoint import RequestContext
    from icplan.rules.entries import Call
    from icplan.rules.hit import Check


def layout_does_not_fit(case: RequestContext) -> Iterator[Violation]:
    """ICP159."""
    for variant, path in configured_variants(case.asked):
        layout = _layout(variant)
        for name in _types(variant):
            facts = case.facts.get(name)
            message = _layout_error(facts.mig_gpu, layout, name) if facts and facts.mig_gpu else None
            if message:
                yield Violation(f"{path}.AcceleratorPartitionLayouts", message)


def gpu_not_partitionable(case: RequestContext) -> Iterator[Violation]:
    """ICP160."""
    for variant, path in configured_variants(case.asked):
        for name in _types(variant) if _layout(variant) else ():
            facts = case.facts.get(name)
            if facts is not None and facts.mig_gpu is None:
                yield Violation(
                    f"{path}.AcceleratorPartitionLayouts", f"the accelerators of {name} cannot be partitioned"
                )


def layout_changed(case: RequestContext) -> Iterator[Violation]:
    """ICP161."""
    running = {one.get("VariantName"): layout_of(one) for one in case.variants}
    for variant, path in configured_variants(case.asked):
        now, then = running.get(variant.variant_name), _layout(variant)
        if now is not None and now != then:
            message = f"the request changes the layout from {_shown(now)} to {_shown(then)}"
            yield Violation(f"{path}.AcceleratorPartitionLayouts", message)


def partition_missing(case: RequestContext) -> Iterator[Violation]:
    """ICP176."""
    if not case.layout or case.effective is None or not any(specifications(case.asked)):
        return
    if any(required.partition is None for required in case.effective.requirements.values()):
        message = (
            f"AcceleratorPartitionType is needed, since the variant is partitioned into {_shown(case.layout)}"
        )
        yield Violation(case.asked.path, message)


def partition_not_declared(case: RequestContext) -> Iterator[Violation]:
    """ICP177."""
    if case.variant is None:
        return
    for entry, path in specifications(case.asked):
        compute = entry.compute_resource_requirements
        wanted = compute.accelerator_partition_type if compute else None
        if wanted is not None and wanted not in case.layout:
            at = f"{path}.ComputeResourceRequirements.AcceleratorPartitionType"
            yield Violation(at, f"{wanted} is not declared; the variant's layout is {_shown(case.layout)}")


def partition_changed(case: RequestContext) -> Iterator[Violation]:
    """ICP179."""
    if not isinstance(case.asked.request, UpdateInferenceComponent) or not (
        case.described and case.effective
    ):
        return
    before = {required.partition for required in requirements_of(case.described).values()}
    after = {required.partition for required in case.effective.requirements.values()}
    if before and after - before:
        message = f"the request changes the partition type from {_either(before)} to {_either(after)}"
        yield Violation(case.asked.path, message)


def devices_with_partition(case: Call) -> Iterator[Violation]:
    """ICP178, which needs to know the request only."""
    for entry, path in specifications(case):
        compute = entry.compute_resource_requirements
        if compute is None or compute.accelerator_partition_type is None:
            continue
        devices = compute.number_of_accelerator_devices_required
        if devices is not None and devices != 1:
            at = f"{path}.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired"
            yield Violation(
                at, f"{devices:g} devices with a partition type: a copy takes one partition", 1, devices, 1
            )


def _layout_error(gpu_name: str, layout: Sequence[str], instance_type: str) -> str | None:
    """Why one GPU cannot be cut like this, or None."""
    offer = gpu(gpu_name)
    foreign = [name for name in dict.fromkeys(layout) if name not in offer.profiles]
    if foreign:
        return f"{', '.join(foreign)} is not of {instance_type}, whose types are {', '.join(offer.profiles)}"
    if offer.fits(layout):
        return None
    compute, memory = (sum(offer.profiles[name][slices] for name in layout) for slices in (0, 1))
    return (
        f"the layout takes {compute} compute and {memory} memory slices; an accelerator of {instance_type} "
        f"has {offer.slices[0]} and {offer.slices[1]}"
    )


def _layout(variant: ProductionVariant) -> tuple[str, ...]:
    layouts = variant.accelerator_partition_layouts or ()
    return tuple(name for layout in layouts for name in layout.accelerator_partition_types or ())


def _types(variant: ProductionVariant) -> list[str]:
    pools = (pool.instance_type for pool in variant.instance_pools or ())
    return [name for name in (variant.instance_type, *pools) if name is not None]


def _shown(layout: Sequence[str]) -> str:
    return ", ".join(layout) or "whole accelerators"


def _either(types: set[str | None]) -> str:
    return ", ".join(sorted(name or "none" for name in types))


REQUEST_CHECKS: Mapping[str, Check[Call]] = {"ICP178": devices_with_partition}
CHECKS: Mapping[str, Check[RequestContext]] = {
    "ICP159": layout_does_not_fit,
    "ICP160": gpu_not_partitionable,
    "ICP161": layout_changed,
    "ICP176": partition_missing,
    "ICP177": partition_not_declared,
    "ICP179": partition_changed,
}
