"""How many instances other variants may launch meanwhile, out of limits that all share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from icplan.aws.instance_usage import types_of
from icplan.snapshot.scaling import most_instances, reservation_of, scaling_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from icplan.assumptions import Assumptions
    from icplan.fleet.fleet import Component


@attrs.frozen
class OtherClaims:
    """The most instances that others may launch: in all, by type, and of the reservation they share."""

    total: int = 0
    by_type: Counter[str] = attrs.field(factory=Counter)
    by_reservation: Counter[str] = attrs.field(factory=Counter)


def claims_of_other_variants(
    data: Mapping[str, Any],
    variant_name: str,
    assumptions: Assumptions,
    moving: Callable[[str], Sequence[Component]],
) -> OtherClaims:
    """What components in motion on other variants may launch; ``moving`` gives those of a variant.

    Each copy that has to be placed may take an instance, as far as managed instance scaling lets its variant
    grow. What is on its way there counts as in use already.
    """
    summaries = {s["VariantName"]: s for s in (data.get("Endpoint") or {}).get("ProductionVariants") or ()}
    total, by_type, by_reservation = 0, Counter[str](), Counter[str]()
    for variant in data["EndpointConfig"]["ProductionVariants"]:
        name = variant["VariantName"]
        settings = None if name == variant_name else scaling_in_force(variant, summaries.get(name, {}))
        if settings is None:
            continue
        components = moving(name)
        copies = sum(component.coming for component in components)
        room = min(copies, _room(settings, variant, summaries.get(name, {}), copies, assumptions))
        total += room
        for kind in types_of(variant):
            able = sum(c.coming for c in components if c.need.on(kind) is not None)
            by_type[kind] += min(room, able)
        by_reservation[reservation_of(variant, summaries.get(name, {})).get("MlReservationArn", "")] += room
    return OtherClaims(total, by_type, by_reservation)


def _room(
    settings: Mapping[str, Any],
    variant: Mapping[str, Any],
    summary: Mapping[str, Any],
    copies: int,
    assumptions: Assumptions,
) -> int:
    """How many further instances managed instance scaling lets a variant have."""
    most = most_instances(settings)
    if most is None:
        return copies if copies and assumptions.use("growth-without-maximum") == "unlimited" else 0
    counts = [int(summary[k]) for k in ("CurrentInstanceCount", "DesiredInstanceCount") if k in summary]
    desired = summary.get("DesiredInstanceCount", max(counts, default=variant.get("InitialInstanceCount", 0)))
    return max(0, most - int(desired))
