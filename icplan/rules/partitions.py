"""ICP159 to ICP161 and ICP176 to ICP179: accelerator partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.catalog.partitions import gpu
from icplan.rules.configuration import variants as configured_variants
from icplan.rules.endpoint import layout_of
from icplan.rules.entries import entries
from icplan.rules.hit import Hit
from icplan.spec.described import requirements_of
from icplan.spec.operations import UpdateInferenceComponent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.rules.endpoint import Placed
    from icplan.rules.entries import Asked
    from icplan.rules.hit import Check
    from icplan.spec.fleet_config import ProductionVariant


def layout_does_not_fit(case: Placed) -> Iterator[Hit]:
    """ICP159."""
    for variant, path in configured_variants(case.asked):
        layout = _layout(variant)
        for name in _types(variant):
            facts = case.facts.get(name)
            message = _misfit(facts.mig_gpu, layout, name) if facts and facts.mig_gpu else None
            if message:
                yield Hit(f"{path}.AcceleratorPartitionLayouts", message)


def not_to_be_partitioned(case: Placed) -> Iterator[Hit]:
    """ICP160."""
    for variant, path in configured_variants(case.asked):
        for name in _types(variant) if _layout(variant) else ():
            facts = case.facts.get(name)
            if facts is not None and facts.mig_gpu is None:
                yield Hit(
                    f"{path}.AcceleratorPartitionLayouts", f"the accelerators of {name} cannot be partitioned"
                )


def layout_changed(case: Placed) -> Iterator[Hit]:
    """ICP161."""
    running = {one.get("VariantName"): layout_of(one) for one in case.variants}
    for variant, path in configured_variants(case.asked):
        now, then = running.get(variant.variant_name), _layout(variant)
        if now is not None and now != then:
            message = f"the request changes the layout from {_shown(now)} to {_shown(then)}"
            yield Hit(f"{path}.AcceleratorPartitionLayouts", message)


def partition_missing(case: Placed) -> Iterator[Hit]:
    """ICP176."""
    if not case.layout or case.effective is None or not any(entries(case.asked)):
        return
    if any(required.partition is None for required in case.effective.requirements.values()):
        message = (
            f"AcceleratorPartitionType is needed, since the variant is partitioned into {_shown(case.layout)}"
        )
        yield Hit(case.asked.path, message)


def partition_not_declared(case: Placed) -> Iterator[Hit]:
    """ICP177."""
    if case.variant is None:
        return
    for entry, path in entries(case.asked):
        compute = entry.compute_resource_requirements
        wanted = compute.accelerator_partition_type if compute else None
        if wanted is not None and wanted not in case.layout:
            at = f"{path}.ComputeResourceRequirements.AcceleratorPartitionType"
            yield Hit(at, f"{wanted} is not declared; the variant's layout is {_shown(case.layout)}")


def partition_changed(case: Placed) -> Iterator[Hit]:
    """ICP179."""
    if not isinstance(case.asked.request, UpdateInferenceComponent) or not (
        case.described and case.effective
    ):
        return
    before = {required.partition for required in requirements_of(case.described).values()}
    after = {required.partition for required in case.effective.requirements.values()}
    if before and after - before:
        message = f"the request changes the partition type from {_either(before)} to {_either(after)}"
        yield Hit(case.asked.path, message)


def devices_with_partition(case: Asked) -> Iterator[Hit]:
    """ICP178, which needs to know the request only."""
    for entry, path in entries(case):
        compute = entry.compute_resource_requirements
        if compute is None or compute.accelerator_partition_type is None:
            continue
        devices = compute.number_of_accelerator_devices_required
        if devices is not None and devices != 1:
            at = f"{path}.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired"
            yield Hit(
                at, f"{devices:g} devices with a partition type: a copy takes one partition", 1, devices, 1
            )


def _misfit(gpu_name: str, layout: Sequence[str], instance_type: str) -> str | None:
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


REQUEST_CHECKS: Mapping[str, Check[Asked]] = {"ICP178": devices_with_partition}
CHECKS: Mapping[str, Check[Placed]] = {
    "ICP159": layout_does_not_fit,
    "ICP160": not_to_be_partitioned,
    "ICP161": layout_changed,
    "ICP176": partition_missing,
    "ICP177": partition_not_declared,
    "ICP179": partition_changed,
}
