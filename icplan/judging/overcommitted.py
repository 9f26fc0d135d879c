"""Of which resource more is reserved than there is, where what runs cannot have been placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.amounts import digits, format_amount

if TYPE_CHECKING:
    from icplan.fleet.model import Component, Fleet
    from icplan.judging.box import AllocatableBox


def overcommitment(fleet: Fleet, box: AllocatableBox) -> str:
    """The end of a sentence on what runs: the resources that are short in all, else those of one copy."""
    found = [
        f"{format_amount(name, fleet.thousandths(name, taken))} reserved, "
        f"at most {digits(name, fleet.thousandths(name, there))} there"
        for place, name in enumerate(fleet.dimensions)
        if (taken := _reserved(fleet, place)) > (there := _available(fleet, box, place))
    ]
    return (
        f" ({'; '.join(found)})" if found else " (there is enough in all, but not for each copy in one piece)"
    )


def _reserved(fleet: Fleet, place: int) -> int:
    return sum(component.placed * _least(fleet, component, place) for component in fleet.components)


def _least(fleet: Fleet, component: Component, place: int) -> int:
    demands = (fleet.demand(component.need, pool.type.name) for pool in fleet.pools)
    return min((demand[place] for demand in demands if demand is not None), default=0)


def _available(fleet: Fleet, box: AllocatableBox, place: int) -> int:
    return sum(
        pool.instances * fleet.capacity(pool, *side.high)[place]
        for pool, side in zip(fleet.pools, box.sides, strict=True)
    )
