"""ICP150 to ICP158: rules across the members of an endpoint configuration."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from icplan.rules.hit import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.rules.entries import Asked
    from icplan.rules.hit import Check
    from icplan.spec.endpoint_config import CreateEndpointConfig
    from icplan.spec.fleet_config import ProductionVariant


def managed_with_model(case: Asked) -> Iterator[Hit]:
    """ICP150."""
    for variant, path in variants(case):
        if variant.gives("ManagedInstanceScaling") and variant.gives("ModelName"):
            yield Hit(
                f"{path}.ManagedInstanceScaling", "a variant with ModelName takes no ManagedInstanceScaling"
            )


def role_missing(case: Asked) -> Iterator[Hit]:
    """ICP152."""
    request = configuration(case)
    if request is None or request.gives("ExecutionRoleArn"):
        return
    if not any(variant.gives("ModelName") for variant, _ in variants(case)):
        yield Hit(case.path, "the request lacks ExecutionRoleArn, which a configuration without models needs")


def bounds_crossed(case: Asked) -> Iterator[Hit]:
    """ICP153."""
    for variant, path in variants(case):
        low, high = _bounds(variant)
        if low is not None and high is not None and low > high:
            message = f"MinInstanceCount {low} is more than MaxInstanceCount {high}"
            yield Hit(f"{path}.ManagedInstanceScaling.MinInstanceCount", message, low, high, high)


def start_outside_bounds(case: Asked) -> Iterator[Hit]:
    """ICP154."""
    for variant, path in variants(case):
        low, high = _bounds(variant)
        start = variant.initial_instance_count
        if start is None or not _managed(variant):
            continue
        at = f"{path}.InitialInstanceCount"
        if low is not None and start < low:
            yield Hit(at, f"InitialInstanceCount {start} is less than MinInstanceCount {low}", low, start)
        if high is not None and start > high:
            yield Hit(
                at, f"InitialInstanceCount {start} is more than MaxInstanceCount {high}", start, high, high
            )


def scales_to_nothing(case: Asked) -> Iterator[Hit]:
    """ICP155."""
    for variant, path in variants(case):
        if _managed(variant) and _bounds(variant)[0] == 0:
            yield Hit(
                f"{path}.ManagedInstanceScaling.MinInstanceCount",
                "MinInstanceCount 0 is refused in some Regions",
            )


def pools_alike(case: Asked) -> Iterator[Hit]:
    """ICP156."""
    for variant, path in variants(case):
        pools = variant.instance_pools or ()
        priorities = Counter(pool.priority for pool in pools)
        types = Counter(pool.instance_type for pool in pools)
        for index, pool in enumerate(pools):
            at = f"{path}.InstancePools[{index}]"
            if priorities[pool.priority] > 1:
                yield Hit(f"{at}.Priority", f"another pool has priority {pool.priority}, too")
            if types[pool.instance_type] > 1:
                yield Hit(f"{at}.InstanceType", f"another pool has type {pool.instance_type}, too")


def instances_not_told(case: Asked) -> Iterator[Hit]:
    """ICP157."""
    for variant, path in variants(case):
        one, several = variant.gives("InstanceType"), variant.gives("InstancePools")
        if one and several:
            yield Hit(f"{path}.InstancePools", "InstanceType and InstancePools exclude each other")
        elif not (one or several or variant.gives("ServerlessConfig")):
            yield Hit(path, "the variant lacks InstanceType or InstancePools")


def layouts_not_one(case: Asked) -> Iterator[Hit]:
    """ICP158."""
    for variant, path in variants(case):
        layouts = variant.accelerator_partition_layouts or ()
        at = f"{path}.AcceleratorPartitionLayouts"
        if len(layouts) > 1:
            yield Hit(
                at,
                f"the variant has {len(layouts)} layouts; one applies to every accelerator",
                len(layouts),
                1,
                1,
            )
        for index, layout in enumerate(layouts):
            if not layout.gives("AcceleratorPartitionTypes") or layout.accelerator_partition_types == ():
                yield Hit(f"{at}[{index}]", "the layout names no partition type")


def configuration(case: Asked) -> CreateEndpointConfig | None:
    """The request, if it is about an endpoint configuration."""
    # By name, not isinstance: the shapes of a configuration are loaded only once one is read.
    return case.request if type(case.request).__name__ == "CreateEndpointConfig" else None  # type: ignore[return-value]


def variants(case: Asked) -> Iterator[tuple[ProductionVariant, str]]:
    """Every production variant of the configuration with its JSON path."""
    request = configuration(case)
    for index, variant in enumerate(request.production_variants if request else ()):
        yield variant, f"{case.path}.ProductionVariants[{index}]"


def _managed(variant: ProductionVariant) -> bool:
    return (
        variant.managed_instance_scaling is not None and variant.managed_instance_scaling.status == "ENABLED"
    )


def _bounds(variant: ProductionVariant) -> tuple[int | None, int | None]:
    scaling = variant.managed_instance_scaling
    return (scaling.min_instance_count, scaling.max_instance_count) if scaling else (None, None)


CHECKS: Mapping[str, Check[Asked]] = {
    "ICP150": managed_with_model,
    "ICP152": role_missing,
    "ICP153": bounds_crossed,
    "ICP154": start_outside_bounds,
    "ICP155": scales_to_nothing,
    "ICP156": pools_alike,
    "ICP157": instances_not_told,
    "ICP158": layouts_not_one,
}
