"""The remedy for pools of several types: let copies lie only on those that are large enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.feasibility.worst_case import slots_on_empty
from icplan.verdict.verdict import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.remedies.search import RemedyCandidate, RemedySearch


def types_that_hold_one(shop: RemedySearch) -> list[str]:
    """The types to keep to, where a new component could name them; none where that says nothing new.

    Whether an update may go from one specification to several is not documented.
    """
    steps = shop.judged.steps
    if "Specification" not in shop.request or shop.operation != "CreateInferenceComponent" or not steps:
        return []
    pools = shop.fleet.pools
    names = [
        p.type.name for n, p in enumerate(pools) if slots_on_empty(shop.fleet, steps[0].step, shop.box, n)
    ]
    return names if len(names) < len(pools) else []


def restrict_types(shop: RemedySearch) -> Iterator[RemedyCandidate]:
    """Name the types in Specifications, one entry each."""
    names = types_that_hold_one(shop)
    if not names:
        return
    entries: list[dict[str, Any]] = [
        {**shop.request["Specification"], "InstanceType": name} for name in names
    ]
    patch = (
        {"op": "remove", "path": "/Specification"},
        {"op": "add", "path": "/Specifications", "value": entries},
    )
    text = f"place it on {' and '.join(names)} only (Specifications with InstanceType)"
    remedy = Remedy("only-types", text, patch, shop.goal)
    yield from shop.found(remedy, [shop.patched(*patch)], len(names))
