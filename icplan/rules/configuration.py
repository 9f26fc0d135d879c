"""ICP150, ICP152 to ICP158: an endpoint configuration."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from icplan.rules.base import (
    API,
    DOCUMENTED,
    ERROR,
    INFERRED,
    MEASURED,
    NOTE,
    STDAPI_ISSUE,
    WARNING,
    Rule,
    Violation,
)
from icplan.verdict.gate import OUT_OF_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.requests.call import Call
    from icplan.requests.endpoint_config import CreateEndpointConfig
    from icplan.requests.production_variant import ProductionVariant
    from icplan.rules.base import Check
    from icplan.verdict.finding import Finding


_PARTITIONS = "SageMaker developer guide, accelerator partitioning for inference components"

RULES = (
    Rule(
        id="ICP150",
        title="Managed instance scaling on a variant with a model",
        severity=ERROR,
        basis=MEASURED,
        source="hashicorp/terraform-provider-aws pull request 45926.",
        aws_error="ManagedInstanceScaling is only supported for inference component endpoints.",
        why="A variant with `ModelName` hosts that one model, and no inference components.",
        fix="Leave `ModelName` out, or `ManagedInstanceScaling`.",
    ),
    Rule(
        id="ICP152",
        title="The endpoint configuration has no execution role",
        severity=ERROR,
        basis=MEASURED,
        source=f"{STDAPI_ISSUE}.",
        why="Without a model, whose role would be used, the configuration itself must name one.",
        fix="Add `ExecutionRoleArn`.",
    ),
    Rule(
        id="ICP153",
        title="MinInstanceCount above MaxInstanceCount",
        severity=ERROR,
        basis=INFERRED,
        source="The API model bounds each from below only; no number of instances lies between them.",
        why="Managed instance scaling keeps the number of instances between the two.",
        fix="Lower `MinInstanceCount` or raise `MaxInstanceCount`.",
    ),
    Rule(
        id="ICP154",
        title="InitialInstanceCount outside the bounds of managed instance scaling",
        severity=WARNING,
        basis=INFERRED,
        source=f"{API}: no rule is stated.",
        why=(
            "The endpoint would start with fewer instances than it must keep, or more than it may have. "
            "Whether the latter is refused, or so many stay, is not known, so nothing is promised on them."
        ),
        fix="Choose it between `MinInstanceCount` and `MaxInstanceCount`.",
    ),
    Rule(
        id="ICP155",
        title="Scaling to no instance is not offered in every Region",
        severity=NOTE,
        basis=MEASURED,
        source=f"{STDAPI_ISSUE}: refused in eu-west-3, accepted in us-east-1.",
        aws_error="Min instance count needs to be greater than 0 for enabled managed instance scaling",
        why="`MinInstanceCount` is 0 and managed instance scaling is on.",
        fix="If it is refused, use 1.",
    ),
    Rule(
        id="ICP156",
        title="Two instance pools with one priority or one type",
        severity=WARNING,
        basis=INFERRED,
        source=(
            f'{API}: "SageMaker attempts to provision instances in order of priority, starting with the '
            'lowest value."'
        ),
        why="Nothing says which of two pools with the same priority comes first.",
        fix="Give each type one pool and each pool a priority of its own, from 1 to 5.",
    ),
    Rule(
        id="ICP157",
        title="A variant needs either an instance type or instance pools",
        severity=ERROR,
        basis=INFERRED,
        source=(
            f'{API}: "Use instance pools to configure heterogeneous endpoints that deploy models across '
            'multiple instance types."'
        ),
        why="With both, or with neither, it is not told which instances the variant has.",
        fix="Keep `InstanceType` for one type, or `InstancePools` for several.",
    ),
    Rule(
        id="ICP158",
        title="A variant takes one partition layout",
        severity=ERROR,
        basis=DOCUMENTED,
        source=f'{API}: "Specify a single layout"; {_PARTITIONS}.',
        why="The one layout applies to every accelerator of every instance, and must name a partition.",
        fix="Keep one entry with at least one partition type; repeat a type to have several such partitions.",
    ),
)


def managed_with_model(case: Call) -> Iterator[Violation]:
    """ICP150."""
    for variant, path in variants(case):
        if variant.has("ManagedInstanceScaling") and variant.has("ModelName"):
            yield Violation(
                f"{path}.ManagedInstanceScaling", "a variant with ModelName takes no ManagedInstanceScaling"
            )


def role_missing(case: Call) -> Iterator[Violation]:
    """ICP152."""
    request = configuration(case)
    if request is None or request.has("ExecutionRoleArn"):
        return
    if not any(variant.has("ModelName") for variant, _ in variants(case)):
        yield Violation(
            case.path, "the request lacks ExecutionRoleArn, which a configuration without models needs"
        )


def bounds_crossed(case: Call) -> Iterator[Violation]:
    """ICP153."""
    for variant, path in variants(case):
        low, high = _bounds(variant)
        if low is not None and high is not None and low > high:
            message = f"MinInstanceCount {low} is more than MaxInstanceCount {high}"
            yield Violation(f"{path}.ManagedInstanceScaling.MinInstanceCount", message, low, high, high)


def initial_count_outside_scaling(case: Call) -> Iterator[Violation]:
    """ICP154."""
    for variant, path in variants(case):
        low, high = _bounds(variant)
        start = variant.initial_instance_count
        if start is None or not _managed(variant):
            continue
        at = f"{path}.InitialInstanceCount"
        if low is not None and start < low:
            yield Violation(
                at, f"InitialInstanceCount {start} is less than MinInstanceCount {low}", low, start
            )
        if high is not None and start > high:
            yield Violation(
                at, f"InitialInstanceCount {start} is more than MaxInstanceCount {high}", start, high, high
            )


def starts_beyond_maximum(finding: Finding) -> bool:
    """Whether it says that a variant starts with more instances than it may have: no one says that it may."""
    return finding.rule == OUT_OF_BOUNDS and finding.largest_that_works is not None


def scales_to_nothing(case: Call) -> Iterator[Violation]:
    """ICP155."""
    for variant, path in variants(case):
        if _managed(variant) and _bounds(variant)[0] == 0:
            yield Violation(
                f"{path}.ManagedInstanceScaling.MinInstanceCount",
                "MinInstanceCount 0 is refused in some Regions",
            )


def duplicate_pools(case: Call) -> Iterator[Violation]:
    """ICP156."""
    for variant, path in variants(case):
        pools = variant.instance_pools or ()
        priorities = Counter(pool.priority for pool in pools)
        types = Counter(pool.instance_type for pool in pools)
        for index, pool in enumerate(pools):
            at = f"{path}.InstancePools[{index}]"
            if priorities[pool.priority] > 1:
                yield Violation(f"{at}.Priority", f"another pool has priority {pool.priority}, too")
            if types[pool.instance_type] > 1:
                yield Violation(f"{at}.InstanceType", f"another pool has type {pool.instance_type}, too")


def instance_type_missing(case: Call) -> Iterator[Violation]:
    """ICP157."""
    for variant, path in variants(case):
        one, several = variant.has("InstanceType"), variant.has("InstancePools")
        if one and several:
            yield Violation(f"{path}.InstancePools", "InstanceType and InstancePools exclude each other")
        elif not (one or several or variant.has("ServerlessConfig")):
            yield Violation(path, "the variant lacks InstanceType or InstancePools")


def one_layout_only(case: Call) -> Iterator[Violation]:
    """ICP158."""
    for variant, path in variants(case):
        layouts = variant.accelerator_partition_layouts or ()
        at = f"{path}.AcceleratorPartitionLayouts"
        if len(layouts) > 1:
            yield Violation(
                at,
                f"the variant has {len(layouts)} layouts; one applies to every accelerator",
                len(layouts),
                1,
                1,
            )
        for index, layout in enumerate(layouts):
            if not layout.has("AcceleratorPartitionTypes") or layout.accelerator_partition_types == ():
                yield Violation(f"{at}[{index}]", "the layout names no partition type")


def configuration(case: Call) -> CreateEndpointConfig | None:
    """The request, if it is about an endpoint configuration."""
    # By name, not isinstance: the shapes of a configuration are loaded only once one is read.
    return case.readable if type(case.readable).__name__ == "CreateEndpointConfig" else None  # type: ignore[return-value]


def variants(case: Call) -> Iterator[tuple[ProductionVariant, str]]:
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


CHECKS: Mapping[str, Check[Call]] = {
    "ICP150": managed_with_model,
    "ICP152": role_missing,
    "ICP153": bounds_crossed,
    "ICP154": initial_count_outside_scaling,
    "ICP155": scales_to_nothing,
    "ICP156": duplicate_pools,
    "ICP157": instance_type_missing,
    "ICP158": one_layout_only,
}
