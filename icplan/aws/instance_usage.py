"""How many instances of each type an endpoint uses, as the quotas count them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VARIANTS = ("ProductionVariants", "ShadowProductionVariants")


def instances_by_type(endpoint: Mapping[str, Any], config: Mapping[str, Any]) -> Counter[str]:
    """Instances per type over all variants, those that run and those on their way.

    ``endpoint`` and ``config`` are what DescribeEndpoint and DescribeEndpointConfig answer. A variant that is
    not described has its InitialInstanceCount; one whose type nothing tells is left out.
    """
    used: Counter[str] = Counter()
    for part in VARIANTS:
        described = {variant["VariantName"]: variant for variant in endpoint.get(part) or ()}
        configured = {variant["VariantName"]: variant for variant in config.get(part) or ()}
        for name in {**configured, **described}:
            used.update(instances_of(described.get(name, {}), configured.get(name, {})))
    return used


def arriving(summary: Mapping[str, Any]) -> int:
    """How many instances of a described variant are on their way; they count against a quota already."""
    desired = int(summary.get("DesiredInstanceCount", 0))
    return max(0, desired - int(summary.get("CurrentInstanceCount", desired)))


def instances_of(summary: Mapping[str, Any], variant: Mapping[str, Any]) -> Counter[str]:
    """Instances per type of one variant, those that run and those on their way."""
    pools = summary.get("InstancePools") or ()
    used = Counter({pool["InstanceType"]: int(pool["CurrentInstanceCount"]) for pool in pools})
    counts = [int(summary[k]) for k in ("CurrentInstanceCount", "DesiredInstanceCount") if k in summary]
    total = max(counts, default=0 if pools else int(variant.get("InitialInstanceCount", 0)))
    kinds = types_of(variant) or list(used)
    if kinds and total > used.total():
        # Instances are provisioned in priority order, so the first type takes those no pool counts.
        used[kinds[0]] += total - used.total()
    return used


def types_of(variant: Mapping[str, Any]) -> Sequence[str]:
    """The types of a configured variant, the preferred one first."""
    if "InstanceType" in variant:
        return [variant["InstanceType"]]
    pools = sorted(variant.get("InstancePools") or (), key=lambda pool: int(pool["Priority"]))
    return [pool["InstanceType"] for pool in pools]
