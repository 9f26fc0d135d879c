"""What is free on the instances of a variant, and no component there can use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from icplan.feasibility.packing_model import PackingModel
from icplan.fleet.fleet import CPU, MEMORY
from icplan.planning.binding import laid_out
from icplan.planning.known_fleets import as_it_runs
from icplan.verdict.headroom import Range, Stranded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.fleet import Component, Demand, Fleet
    from icplan.planning.component_room import ComponentQuestion
    from icplan.planning.known_fleets import KnownFleet
    from icplan.verdict.headroom import ComponentHeadroom

#: How different instances are told of.
MAX_SHOWN: Final = 4


def stranded(
    known: KnownFleet, every: Sequence[ComponentQuestion], rows: Mapping[str, ComponentHeadroom]
) -> Iterator[Stranded]:
    """What is stranded, surely or as copies may lie; nothing where not all components were looked at."""
    whole = every and all(one.name in rows for one in every)
    if not whole or not known.layout_known or known.fleet.unsure:
        return
    fleet = known.fleet
    for place, resource in enumerate(fleet.dimensions):
        if resource == CPU:
            continue
        users = [rows[one.name] for one in every if _uses(fleet, one.change.need, place)]
        rooms = [row.now for row in users if row.now is not None]
        sure = all(room.best.high == 0 for room in rooms)
        perhaps = all(room.sure.high == 0 for room in rooms)
        amount = _free(known, place)
        if amount.high == 0 or not (sure or (perhaps and resource != MEMORY)):
            continue
        yield Stranded(resource, amount, sure, _example(every, place))


def _uses(fleet: Fleet, need: Demand, place: int) -> bool:
    demands = (fleet.demand(need, pool.type.name) for pool in fleet.pools)
    return any(demand is not None and demand[place] for demand in demands)


def _free(known: KnownFleet, place: int) -> Range:
    """How much of a resource is free in all."""
    fleet = known.fleet
    low = high = 0
    for pool, side in zip(fleet.pools, known.box.sides, strict=True):
        low += pool.instances * fleet.capacity(pool, *side.low)[place]
        high += pool.instances * fleet.capacity(pool, *side.high)[place]
    for one in fleet.components:
        least, most = _reserved(fleet, one, place)
        low, high = low - most, high - least
    return Range(max(0, low), max(0, high))


def _reserved(fleet: Fleet, component: Component, place: int) -> tuple[int, int]:
    """How much a component takes at least and at most."""
    demands = {pool.type.name: fleet.demand(component.need, pool.type.name) for pool in fleet.pools}
    each = [demand[place] for demand in demands.values() if demand is not None]
    least, most = min(each, default=0), max(each, default=0)
    if component.by_type is None:
        return component.placed * least, component.copies * most
    there = sum(
        count * demand[place]
        for kind, count in component.by_type.items()
        if (demand := demands.get(kind)) is not None
    )
    return there, there + component.in_flight * most


def _example(every: Sequence[ComponentQuestion], place: int) -> tuple[tuple[int, int], ...]:
    """How it may be spread over the instances: how many of them, and how much on each."""
    question = every[0]
    about = question.about(as_it_runs(question.known.fleet))
    model = PackingModel.of(about.fleet, about.step.existing, {})
    spread = Counter[int]()
    for one in laid_out(about, model):
        spread[one.free[place]] += one.count
    shown = sorted(((count, amount) for amount, count in spread.items() if amount > 0), reverse=True)
    return tuple(shown[:MAX_SHOWN])
