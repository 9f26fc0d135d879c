"""How far what is sure hangs on the amounts that instances offer, which AWS does not document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.packing_model import PackingModel
from icplan.fleet.dimensions import format_amount
from icplan.packing.solver.arrangement.extremes import fewest_slots
from icplan.planning.known_fleets import as_it_runs

if TYPE_CHECKING:
    from icplan.planning.component_room import ComponentQuestion
    from icplan.verdict.headroom import Room

_CPU, _MEMORY = 0, 1


def amount_sensitivity(question: ComponentQuestion, now: Room) -> str | None:
    """From which amounts on what is told is sure, and how much would be if instances offered the most.

    ``None`` where no more would be, or that is not found: the amounts count one by one, memory first.
    """
    known = question.known
    settled = known.layout_known and not known.fleet.unsure and not question.vague
    if not settled or not now.sure.exact or now.sure.low >= now.best.low:
        return None
    for dimensions in ((_MEMORY,), (_CPU,), (_CPU, _MEMORY)):
        box = _at_most(known.box, dimensions)
        if box == known.box:
            continue
        more = _surely(question, box) - now.waiting
        if more > now.sure.low:
            least = " and ".join(_amounts(question, place, high=False) for place in dimensions)
            most = " and ".join(_amounts(question, place, high=True) for place in dimensions)
            return f"counts on {least}, the least that may be allocatable; with {most}, {more} would be sure"
    return None


def _at_most(box: AllocatableBox, dimensions: tuple[int, ...]) -> AllocatableBox:
    """The part of the box in which instances offer the most of these."""
    sides = []
    for side in box.sides:
        cpu, memory = ((side.high if place in dimensions else side.low)[place] for place in (_CPU, _MEMORY))
        sides.append(attrs.evolve(side, low=(cpu, memory)))
    return AllocatableBox(tuple(sides))


def _surely(question: ComponentQuestion, box: AllocatableBox) -> int:
    """The copies for which there is room wherever what runs lies, with these amounts."""
    about = question.about(as_it_runs(question.known.fleet))
    if not about.needs_resources:
        return 0
    model = PackingModel.of(about.fleet, about.step.existing, {})
    slots = fewest_slots(model.arrangement(about.step, box), budget=question.budget)
    return slots.low if slots.possible else 0


def _amounts(question: ComponentQuestion, place: int, *, high: bool) -> str:
    """An amount of each type of instance that runs."""
    fleet = question.known.fleet
    resource = fleet.dimensions[place]
    told = {}
    for pool, side in zip(fleet.pools, question.known.box.sides, strict=True):
        if pool.instances:
            end = side.high if high else side.low
            told[pool.type.name] = format_amount(resource, fleet.thousandths(resource, end[place]))
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return ", ".join(f"{amount} ({kind})" for kind, amount in told.items())
