"""Whether all that runs on a variant fits on other instances, on which every copy is placed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.feasibility.every_step import quick_outcome
from icplan.feasibility.tighten import allocatable_box, catalog_box
from icplan.fleet.fleet import InstanceCounts
from icplan.rollout.steps import CapacityChange
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from icplan.assumptions import Assumptions
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget


@attrs.frozen
class PlacedAnew:
    """What comes of placing everything anew.

    ``instances`` are the fewest on which it is sure to fit, where so many are allowed; ``unplaced`` is the
    component that decides, and ``why`` says why nothing at all can help.
    """

    outcome: Outcome
    instances: int
    unplaced: str | None = None
    why: str | None = None


def place_anew(
    fleet: Fleet, assumptions: Assumptions, budget: Budget, known: AllocatableBox | None = None
) -> PlacedAnew:
    """Whether the fleet, empty at first, takes its components in any order and wherever their copies go.

    ``known`` tells what can be allocated, where more is known of these instance types than the catalog has.
    """
    there = [one for one in fleet.components if one.copies]
    if not there:
        return PlacedAnew(Outcome.FITS, fleet.instances)
    if not fleet.mix_known:
        return PlacedAnew(
            Outcome.MAY_NOT_FIT,
            fleet.instances,
            why="how many instances of which type there will be is not told",
        )
    fleet = attrs.evolve(fleet, contents=None)
    most = _largest(fleet)
    try:
        allocatable_box(most, budget)
    except InputError as error:
        said = error.problems[0].message.replace("what runs cannot have been placed: ", "")
        return PlacedAnew(Outcome.DOES_NOT_FIT, fleet.instances, why=said)
    outcome, unplaced = _in_any_order(fleet, assumptions, budget, known)
    if outcome is not Outcome.FITS_AFTER_SCALE_OUT:
        return PlacedAnew(outcome, fleet.instances, unplaced)
    return PlacedAnew(outcome, _fewest(fleet, most, assumptions, budget, known), unplaced)


def _in_any_order(
    fleet: Fleet, assumptions: Assumptions, budget: Budget, known: AllocatableBox | None
) -> tuple[Outcome, str | None]:
    """The worst outcome, and the component that it is of.

    Whatever the order, a copy that finds no room is one of some component, with any of the others' copies
    there or not.
    """
    there = [one for one in fleet.components if one.copies]
    found: list[tuple[Outcome, str]] = []
    for one in there:
        others = tuple(_perhaps(other) for other in there if other is not one)
        around = attrs.evolve(fleet, components=others)
        move = CapacityChange(one.name, None, one.need, one.copies)
        box = known or catalog_box(around)
        found.append((quick_outcome(around, move, box, assumptions, budget), one.name))
    worst = min(found, key=lambda each: each[0].rank)
    return worst[0], None if worst[0] is Outcome.FITS else worst[1]


def _perhaps(component: Component) -> Component:
    """The component, of which any copy may be there already or be yet to come."""
    return attrs.evolve(
        component,
        status="Creating",
        placed=0,
        in_flight=component.copies,
        coming=component.copies,
        by_type=None,
    )


def _largest(fleet: Fleet) -> Fleet:
    """The fleet with all the instances that it may have, or that could matter."""
    copies = sum(one.copies for one in fleet.components)
    counts = {}
    for pool in fleet.pools:
        room = [limit.remaining for limit in fleet.limits if limit.type in (None, pool.type.name)]
        counts[pool.type.name] = pool.instances + min([*room, copies])
    return InstanceCounts(fleet, counts).resized_fleet()


def _fewest(
    fleet: Fleet, most: Fleet, assumptions: Assumptions, budget: Budget, known: AllocatableBox | None
) -> int:
    """The fewest instances on which everything fits whatever its order, looked for by halves."""
    if len(fleet.pools) > 1:
        return most.instances
    (pool,) = fleet.pools
    low, high = fleet.instances + 1, most.instances
    while low < high:
        middle = (low + high) // 2
        sized = InstanceCounts(fleet, {pool.type.name: middle}).resized_fleet()
        if _in_any_order(sized, assumptions, budget, known)[0] is Outcome.FITS:
            high = middle
        else:
            low = middle + 1
    return low
