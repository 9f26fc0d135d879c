"""What SageMaker refuses of a component's specification, beyond its API model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.testing.emulator.sagemaker_texts import (
    ACCELERATOR_ON_CPU,
    ADAPTER_RESOURCES,
    BOTH_SPECIFICATIONS,
    NO_COMPONENTS_HERE,
    NO_COPIES,
    NO_REQUIREMENTS,
    NO_SPECIFICATION,
    NO_VARIANT,
    NOT_FOUND,
    PARTITION_CHANGED,
    PARTITION_UNKNOWN,
    VARIANT_FORBIDDEN,
    VARIANT_REQUIRED,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from icplan.testing.emulator.component import Component, Entries
    from icplan.testing.emulator.endpoint import Endpoint, Variant
    from icplan.testing.emulator.region import Region

_COMPUTE = "ComputeResourceRequirements"
_PARTITION = "AcceleratorPartitionType"
_DEVICES = "NumberOfAcceleratorDevicesRequired"


def check_new(region: Region, endpoint: Endpoint, params: Mapping[str, Any]) -> None:
    """Refuse a request for a component that SageMaker would not take."""
    if any("ModelName" in one.configured for one in endpoint.variants.values()):
        raise NO_COMPONENTS_HERE.error()
    if params.get("RuntimeConfig", {}).get("CopyCount") == 0:
        raise NO_COPIES.error()
    if "Specification" in params and "Specifications" in params:
        raise BOTH_SPECIFICATIONS.error()
    if "Specification" not in params and "Specifications" not in params:
        raise NO_SPECIFICATION.error()
    asked = params.get("Specifications") or [params["Specification"]]
    base = next((one.get("BaseInferenceComponentName") for one in asked), None)
    _check_variant(endpoint, params, adapter=base is not None)
    if base is not None:
        _check_adapter(region, base, asked)
        return
    _check_models(region, asked)
    _check_amounts(region, endpoint.variants[params["VariantName"]], asked)


def _check_variant(endpoint: Endpoint, params: Mapping[str, Any], *, adapter: bool) -> None:
    name = params.get("VariantName")
    if adapter:
        if name is not None:
            raise VARIANT_FORBIDDEN.error()
    elif name is None:
        raise VARIANT_REQUIRED.error()
    elif name not in endpoint.variants:
        raise NO_VARIANT.error(name=name, arn=endpoint.arn)


def _check_adapter(region: Region, base: str, asked: Iterable[Mapping[str, Any]]) -> None:
    if base not in region.components:
        raise NOT_FOUND.error(kind="inference component", arn=region.arn("inference-component", base))
    if any(_COMPUTE in one for one in asked):
        raise ADAPTER_RESOURCES.error()


def _check_models(region: Region, asked: Iterable[Mapping[str, Any]]) -> None:
    """A model that is named must be there, once any model is known at all: seeds do not bring theirs."""
    for one in asked:
        name = one.get("ModelName")
        if name is not None and region.models and name not in region.models:
            raise NOT_FOUND.error(kind="model", arn=region.arn("model", name))


def check_change(region: Region, component: Component, after: Entries) -> None:
    """Refuse a new specification that SageMaker would not take."""
    if component.base is not None:
        return
    before = {_partition(one) for one in component.now.values()}
    if {_partition(one) for one in after.values()} != before:
        raise PARTITION_CHANGED.error()
    _check_models(region, after.values())
    variant = component.endpoint.variants.get(component.variant or "")
    if variant is not None:
        asked = [one if kind is None else {**one, "InstanceType": kind} for kind, one in after.items()]
        _check_amounts(region, variant, asked)


def _partition(entry: Mapping[str, Any]) -> str | None:
    found: str | None = entry.get(_COMPUTE, {}).get(_PARTITION)
    return found


def _check_amounts(region: Region, variant: Variant, asked: Iterable[Mapping[str, Any]]) -> None:
    layouts = variant.configured.get("AcceleratorPartitionLayouts") or [{}]
    declared = layouts[0].get("AcceleratorPartitionTypes", [])
    for one in asked:
        compute = one.get(_COMPUTE)
        if compute is None:
            raise NO_REQUIREMENTS.error()
        kind = compute.get(_PARTITION)
        if (kind is not None or declared) and kind not in declared:
            raise PARTITION_UNKNOWN.error(kind=kind, declared=", ".join(declared))
        if compute.get(_DEVICES):
            for name in _cpu_types(region, variant, one):
                raise ACCELERATOR_ON_CPU.error(type=name)


def _cpu_types(region: Region, variant: Variant, entry: Mapping[str, Any]) -> Iterator[str]:
    """The types without accelerators that a copy would go to, if it can go to no other."""
    if variant.fleet is None:
        return
    names = [entry["InstanceType"]] if "InstanceType" in entry else list(variant.fleet.machines)
    if all(region.machines.accelerators(name) == 0 for name in names):
        yield from names[:1]
