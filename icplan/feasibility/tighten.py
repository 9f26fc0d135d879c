"""Narrow the allocatable amounts by what already runs: it must fit, too."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING

from icplan.errors import InputError, InputProblem
from icplan.feasibility.allocatable_box import UNCERTAIN_DIMENSIONS, AllocatableBox
from icplan.feasibility.critical_amounts import sums_between
from icplan.feasibility.packing_model import PackingModel, load
from icplan.fleet.dimensions import digits, format_amount
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import existing_copies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget


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


def allocatable_box(fleet: Fleet, budget: Budget, file: str | None = None) -> AllocatableBox:
    """The amounts in question: the catalog's, as far as what runs allows.

    What runs may prove that more can be allocated than the catalog thinks; more than the instances have
    cannot be: :class:`InputError`, since the snapshot then contradicts itself (or the facts are wrong).
    """
    floor = _floor(fleet)
    model = PackingModel.of(fleet, tuple(existing_copies(fleet)), {})
    for candidate in _candidates(fleet):
        box = candidate.at_least(floor)
        if not model.overloaded(box) and _feasible(model, box.best, budget):
            return box if _feasible(model, box.worst, budget) else _tightened(model, box, budget)
    if crowded := _crowded(fleet, box):
        hint = "Take the snapshot and the locations at the same moment."
        raise InputError(InputProblem(crowded, file=file, path="$.CopyLocations", hint=hint))
    fleet_size = ", ".join(f"{pool.instances} x {pool.type.name}" for pool in fleet.pools)
    copies = ", ".join(f"{c.name} x {c.placed}" for c in fleet.components if c.placed)
    raise InputError(
        InputProblem(
            f"what runs cannot have been placed: {copies} on {fleet_size}{overcommitment(fleet, box)}",
            file=file,
            path="$.InferenceComponents",
            hint="Take the snapshot again when the endpoint is at rest; if it is right, "
            "correct the instance's figures with --allocatable or in icplan.toml.",
        )
    )


def _crowded(fleet: Fleet, box: AllocatableBox) -> str | None:
    """The instance that is said to hold more than it can, where it is told what each holds."""
    sides = {pool.type.name: (pool, side) for pool, side in zip(fleet.pools, box.sides, strict=True)}
    needs = {one.name: one.need for one in fleet.components}
    for held in fleet.contents or ():
        pool, side = sides[held.type]
        there = fleet.capacity(pool, *side.high)
        demands = {name: fleet.demand(needs[name], held.type) for name, count in held.copies.items() if count}
        told = ", ".join(f"{count} of {name}" for name, count in held.copies.items() if count)
        start = f"CopyLocations put {told} on one {held.type}"
        if None in demands.values():
            return f"{start}, where not all of them may lie"
        for place, resource in enumerate(fleet.dimensions):
            taken = sum(held.copies[name] * demand[place] for name, demand in demands.items() if demand)
            if taken > there[place]:
                reserved = format_amount(resource, fleet.thousandths(resource, taken))
                most = digits(resource, fleet.thousandths(resource, there[place]))
                return f"{start}: {reserved} reserved, at most {most} there"
    return None


def catalog_box(fleet: Fleet) -> AllocatableBox:
    """The amounts in question, were nothing known of what runs."""
    return _candidates(fleet)[-1]


def _candidates(fleet: Fleet) -> tuple[AllocatableBox, ...]:
    """The catalog's amounts, then all that the instances have; what a user gave is not second-guessed."""
    given = any("given" in (p.allocatable.cpu.basis, p.allocatable.memory.basis) for p in fleet.pools)
    return (AllocatableBox.of(fleet),) if given else (AllocatableBox.of(fleet), AllocatableBox.nominal(fleet))


def _feasible(model: PackingModel, box: AllocatableBox, budget: Budget) -> bool:
    return pack(model.existing_problem(box), budget).status is not Status.DOES_NOT_FIT


def _tightened(model: PackingModel, box: AllocatableBox, budget: Budget) -> AllocatableBox:
    """The box tightened, unless that was done before: what runs and the amounts are all that it rests on."""
    question = ("box", model.existing_problem(box.best), tuple(slot.pool for slot in model.groups), box)
    found: AllocatableBox | None = budget.answers.get(question)
    if found is None:
        found = _tighten(model, box, budget)
        if not budget.exhausted:
            budget.answers[question] = found
    return found


def _tighten(model: PackingModel, box: AllocatableBox, budget: Budget) -> AllocatableBox:
    """The box without the low ends on which what runs could not run, were all other amounts at their best."""
    for number in range(len(box.sides)):
        for dimension in UNCERTAIN_DIMENSIONS:
            runs = partial(_runs, model, box, number, dimension, budget)
            low, high = box.sides[number].low[dimension], box.sides[number].high[dimension]
            if low == high or budget.exhausted or runs(low):
                continue  # mostly the low end is enough
            above = _amounts(model, box, number, dimension)
            # All that there may be is enough, so it is not tried again.
            least = above[bisect_left(above, True, hi=len(above) - 1, key=runs)] if above else high
            box = box.with_low(number, dimension, least)
    return box


def _runs(
    model: PackingModel, box: AllocatableBox, pool: int, dimension: int, budget: Budget, low: int
) -> bool:
    """Whether what runs may run if so much of one resource can be allocated, and the most of all others."""
    return _feasible(model, box.best.with_low(pool, dimension, low).worst, budget)


def _amounts(model: PackingModel, box: AllocatableBox, pool: int, dimension: int) -> Sequence[int]:
    """All amounts above the low end, in order, at which more of what runs may have room."""
    low, high = box.sides[pool].low[dimension], box.sides[pool].high[dimension]
    problem = model.existing_problem(box)
    here = [b for b, group in enumerate(model.groups) if group.pool == pool]
    if any(problem.bins[b].used for b in here):
        return range(low + 1, high + 1)
    lying = (kind.demands[b] for kind in problem.kinds for b in here)
    sizes = {demand[dimension] for demand in lying if demand is not None} - {0}
    return sums_between(sizes, low, high)


def _floor(fleet: Fleet) -> tuple[tuple[int, int], ...]:
    """The most CPU and memory that is known to lie on one instance of each pool."""
    most = {pool.type.name: (0, 0) for pool in fleet.pools}
    for content in fleet.contents or ():
        cpu, memory, *_ = load(fleet, content.type, content.copies)
        before = most[content.type]
        most[content.type] = (max(before[0], cpu), max(before[1], memory))
    return tuple(most[pool.type.name] for pool in fleet.pools)
