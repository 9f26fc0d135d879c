"""The endpoint as it will be when everything under way has ended as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.requests.from_describe import DescribedCopies
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.variant import VariantState
    from icplan.requests.from_describe import EndpointComponent

SETTLING = ("Creating", "Updating")
ENDPOINT_SETTLING = ("Creating", "Updating", "SystemUpdating", "RollingBack")


@frozen
class AtRest:
    """The endpoint then, and what to wait for, in words."""

    state: EndpointState
    awaited: tuple[str, ...]


def at_rest(state: EndpointState) -> AtRest | None:
    """The endpoint at rest; ``None`` where nothing is under way."""
    awaited = list(_awaited_of(state.components))
    variants = tuple(map(_settled, state.variants))
    others = tuple(map(_settled, state.undeclared))
    if state.status in ENDPOINT_SETTLING or (variants, others) != (state.variants, state.undeclared):
        awaited.append("the endpoint is InService")
        state = attrs.evolve(state, variants=variants, undeclared=others, status="InService")
    if not awaited:
        return None
    settled = (_ended(one) for one in state.components if one.status != "Deleting")
    return AtRest(
        attrs.evolve(state, components=tuple(settled), locations=(), reservations=()), tuple(awaited)
    )


def _awaited_of(components: tuple[EndpointComponent, ...]) -> Iterator[str]:
    for one in components:
        if one.status == "Deleting":
            yield f"{one.name} is gone"
        elif _is_settling(one):
            yield f"{one.name} is InService"


def _is_settling(component: EndpointComponent) -> bool:
    copies = component.copies
    return component.status in SETTLING and copies is not None and copies.desired is not None


def _ended(component: EndpointComponent) -> EndpointComponent:
    if not _is_settling(component) or component.copies is None:
        return component
    wanted = component.copies.desired
    return attrs.evolve(component, status="InService", copies=DescribedCopies(wanted, wanted))


def _settled(variant: VariantState) -> VariantState:
    """The variant with the instances that it is to have."""
    told = variant.running
    # Of several types, which one an instance on its way is of is not told.
    if told is None or told.pools or None in (told.current, told.desired):
        return variant
    return attrs.evolve(variant, running=attrs.evolve(told, current=told.desired))
