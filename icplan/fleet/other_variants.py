"""How many instances other variants may launch meanwhile, out of limits that all share."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.assumptions import Assumptions
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, Fleet
    from icplan.fleet.variant import VariantState


@frozen
class OtherClaims:
    """The most instances that others may launch: in all, by type, and of the reservation they share."""

    total: int = 0
    by_type: Counter[str] = attrs.field(factory=Counter)
    by_reservation: Counter[str] = attrs.field(factory=Counter)


def claims_of_other_variants(
    state: EndpointState,
    variant_name: str,
    assumptions: Assumptions,
    moving: Callable[[str], Sequence[Component]],
    beside: Callable[[str], Fleet | None],
) -> OtherClaims:
    """What components in motion on other variants may launch; ``moving`` gives those of a variant.

    Each copy that has to be placed may take an instance, as far as managed instance scaling lets its variant
    grow, unless all of them surely find room on what runs ``beside``. What is on its way there counts as in
    use already.
    """
    total, by_type, by_reservation = 0, Counter[str](), Counter[str]()
    for variant in state.variants:
        if variant.name == variant_name or variant.scaling is None:
            continue
        components = moving(variant.name)
        copies = sum(component.coming for component in components)
        room = min(copies, _room(variant, copies, assumptions))
        if room and (fleet := beside(variant.name)) is not None and _surely_find_room(fleet):
            continue
        total += room
        for kind in variant.preferred_types:
            able = sum(c.coming for c in components if c.need.on(kind) is not None)
            by_type[kind] += min(room, able)
        by_reservation[variant.reservation.arn or ""] += room
    return OtherClaims(total, by_type, by_reservation)


def _surely_find_room(fleet: Fleet) -> bool:
    """Whether each copy yet to come finds an instance with room, wherever all the others lie.

    An instance has none where a resource of it is taken but for less than the copy needs. So the sum of all
    that is taken tells at how many instances, at most, that can be so.
    """
    if len(fleet.pools) != 1 or fleet.unsure or any(one.status == "Updating" for one in fleet.components):
        return False
    (pool,) = fleet.pools
    low = pool.allocatable
    there = fleet.capacity(pool, fleet.cpu_units(low.cpu.low), low.memory.low)
    taken, coming = [0] * len(there), []
    for one in fleet.components:
        demand = fleet.demand(one.need, pool.type.name)
        if demand is None:
            return False
        taken = [sum_ + one.copies * takes for sum_, takes in zip(taken, demand, strict=True)]
        coming += [demand] if one.coming else []
    return all(_full_at_most(there, taken, demand) < pool.instances for demand in coming)


def _full_at_most(there: Sequence[int], taken: Sequence[int], demand: Sequence[int]) -> float:
    """On how many instances a copy finds no room at most, it being among all that is taken."""
    full = 0
    for have, sum_, takes in zip(there, taken, demand, strict=True):
        if takes > have:
            return math.inf
        if takes:
            full += (sum_ - takes) // (have - takes + 1)
    return full


def _room(variant: VariantState, copies: int, assumptions: Assumptions) -> int:
    """How many further instances managed instance scaling lets a variant have."""
    most = variant.most_instances
    if most is None:
        return copies if copies and assumptions.use("growth-without-maximum") == "unlimited" else 0
    told = variant.told
    desired = max(told.counts, default=variant.initial or 0) if told.desired is None else told.desired
    return max(0, most - desired)
