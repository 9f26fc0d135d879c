"""ICP159 to ICP161, ICP176 to ICP179: accelerator partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.catalog.partitions import gpu
from icplan.requests.operations import UpdateInferenceComponent
from icplan.rules.base import API, DOCUMENTED, ERROR, Rule, Violation
from icplan.rules.configuration import variants as configured_variants
from icplan.rules.context import layout_of, specifications

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.requests.call import Call
    from icplan.requests.production_variant import ProductionVariant
    from icplan.rules.base import Check
    from icplan.rules.context import RequestContext


_PARTITIONS = "SageMaker developer guide, accelerator partitioning for inference components"

RULES = (
    Rule(
        id="ICP159",
        title="The partition layout does not fit the accelerator",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_PARTITIONS}; slices per partition from NVIDIA's MIG user guide.",
        why=(
            "A partition type belongs to a GPU, and the types of a layout together may take no more compute "
            "and memory slices than one GPU has. AWS answers with what the accelerator offers and what "
            "was asked."
        ),
        fix=(
            "Choose types of this GPU whose slices add up to no more than it has; `icplan catalog TYPE` "
            "lists them."
        ),
    ),
    Rule(
        id="ICP160",
        title="The accelerators of this instance type cannot be partitioned",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f"{_PARTITIONS}; NVIDIA's MIG user guide.",
        why=(
            "Only some NVIDIA GPUs have Multi-Instance GPU partitions: A100, H100, H200, B200, B300 "
            "among them."
        ),
        fix="Leave `AcceleratorPartitionLayouts` out, or use another instance type.",
    ),
    Rule(
        id="ICP161",
        title="The partition layout of a running endpoint cannot change",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f'{API}: "when you update an endpoint, a layout with the same profiles in a different order '
            "counts "
            'as a different layout, and the update is rejected."'
        ),
        why="Copies hold partitions of the present layout.",
        fix="Keep the layout exactly, order included, or create another endpoint.",
    ),
    Rule(
        id="ICP176",
        title="The variant is partitioned, but no partition type is asked for",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f"{API}: \"This field is required when the endpoint's production variant has an accelerator "
            'partition layout."'
        ),
        why="On a partitioned variant there is no whole accelerator to be had.",
        fix="Add `AcceleratorPartitionType` with one of the types the layout declares.",
    ),
    Rule(
        id="ICP177",
        title="The partition type is not declared in the variant's layout",
        severity=ERROR,
        basis=DOCUMENTED,
        source=(
            f"{API}: \"It must be one of the partition profiles declared in the target endpoint's "
            'accelerator partition layout".'
        ),
        why="A copy takes exactly its type of partition; a larger one does not stand in for it.",
        fix="Use a type the layout declares; on a variant without a layout, leave the member out.",
    ),
    Rule(
        id="ICP178",
        title="A partition takes exactly one device",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{API}: "when set, NumberOfAcceleratorDevicesRequired must be 1".',
        why="A copy uses one partition of one accelerator.",
        fix="Set `NumberOfAcceleratorDevicesRequired` to 1.",
    ),
    Rule(
        id="ICP179",
        title="An update cannot change the partition type",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{_PARTITIONS}: "UpdateInferenceComponent rejects a change to AcceleratorPartitionType".',
        why="The component was created for another type, or for whole accelerators.",
        fix="Create a component with the new type, then delete the old one.",
    ),
)


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
    if not isinstance(case.asked.readable, UpdateInferenceComponent) or not (
        case.described and case.effective
    ):
        return
    before = {required.partition for required in case.described.requirements.values()}
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
