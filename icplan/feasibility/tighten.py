"""Narrow the allocatable amounts by what already runs: it must fit, too."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING

from icplan.feasibility.allocatable_box import UNCERTAIN_DIMENSIONS, AllocatableBox
from icplan.feasibility.critical_amounts import sums_between
from icplan.feasibility.packing_model import PackingModel, load
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import existing_copies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget


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
    from icplan.feasibility.overcommitted import refused  # noqa: PLC0415  (mostly there is room)

    raise refused(fleet, box, budget, file)


def catalog_box(fleet: Fleet) -> AllocatableBox:
    """The amounts in question, were nothing known of what runs."""
    return _candidates(fleet)[-1]


def _candidates(fleet: Fleet) -> tuple[AllocatableBox, ...]:
    """The catalog's amounts, then all that the instances have; what a user gave is not second-guessed."""
    known, nominal = AllocatableBox.of(fleet), AllocatableBox.nominal(fleet)
    return (known,) if nominal == known else (known, nominal)


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
