"""How much an allocatable amount could change before the outcome would."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.allocatable_box import UNCERTAIN_DIMENSIONS, AllocatableBox, replaced
from icplan.feasibility.critical_amounts import critical_amounts
from icplan.feasibility.worst_case import fits_in_undivided_box
from icplan.fleet.dimensions import cores, digits, unit
from icplan.fleet.fleet import CPU, MEMORY
from icplan.packing.problem import Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import binding_steps
from icplan.values import frozen
from icplan.verdict.outcome import Outcome
from icplan.verdict.verdict import AssumptionUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import Question
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget

#: Instances past which it takes too long to look.
MAX_INSTANCES = 20


@frozen
class Sensitivity:
    """That the outcome rests on an amount, and how far that may be off.

    ``dimension`` is 0 for CPU (``holds_at`` in the units of the fleet) and 1 for memory (MiB). A change that
    fits does so from ``holds_at`` on, whatever the other amounts are; one that does not fit does not up to
    there. It is ``None`` where that was not looked for, or not found in time: an amount that merely lies
    somewhere on the way would be taken for what is needed.
    """

    pool: int
    dimension: int
    threshold: int | None


def sensitive_amounts(question: Question, judged: RolloutResult) -> Iterator[Sensitivity]:
    """The amounts whose interval the evidence needs: without it, it would prove nothing."""
    fleet, box, budget = question.fleet, question.box, question.budget
    fits = judged.outcome.fits
    steps = binding_steps(judged.change, tuple(one.step for one in judged.steps))
    deciding = [one for one in judged.steps if one.step in steps]

    def rests(pool: int, dimension: int, value: int) -> bool:
        free = attrs.evolve(question, box=_widen(box, pool, dimension, value, low=fits))
        return any(_evidence_fails(free, step) for step in deciding)

    for pool, side in enumerate(box.sides):
        kind = fleet.pools[pool].type
        for dimension in UNCERTAIN_DIMENSIONS:
            worst = 0 if fits else (fleet.cpu_units(kind.vcpu * 1000), kind.memory_mib)[dimension]
            if budget.exhausted or not rests(pool, dimension, worst):
                continue
            if judged.outcome is Outcome.MAY_NOT_FIT or fleet.instances > MAX_INSTANCES:
                yield Sensitivity(pool, dimension, None)
                continue
            ends = sorted((worst, (side.low if fits else side.high)[dimension]))
            amounts = critical_amounts(question, steps, pool, dimension, *ends)
            turns = _first(amounts, partial(rests, pool, dimension), not fits, budget)
            yield Sensitivity(pool, dimension, turns if turns is None or fits else turns - 1)


def _first(amounts: Sequence[int], rests: Callable[[int], bool], wanted: bool, budget: Budget) -> int | None:
    """The first amount with the answer that the last one has; ``None`` if there was no time to find it."""
    low, high = 0, len(amounts) - 1
    while low < high and not budget.exhausted:
        middle = (low + high) // 2
        low, high = (low, middle) if rests(amounts[middle]) is wanted else (middle + 1, high)
    return amounts[low] if low == high and not budget.exhausted else None


def _widen(box: AllocatableBox, pool: int, dimension: int, value: int, *, low: bool) -> AllocatableBox:
    """The box were one of its amounts to begin at that value, or to end there."""
    side = box.sides[pool]
    bottom = value if low else max(side.low[dimension], value)
    other = attrs.evolve(
        side,
        low=replaced(side.low, dimension, bottom),
        high=replaced(side.high, dimension, max(side.high[dimension], bottom)),
    )
    return AllocatableBox((*box.sides[:pool], other, *box.sides[pool + 1 :]))


def _evidence_fails(question: Question, judged: StepResult) -> bool:
    """Whether the evidence of a step fails when an amount is free to be as unfavourable to it as can be."""
    if judged.outcome is Outcome.DOES_NOT_FIT and judged.witness is not None:
        problem = judged.witness.model.problem(judged.step, question.box.best)
        return pack(problem, question.budget).status is not Status.DOES_NOT_FIT
    extra = question.fleet.scale_out_allowance() if judged.outcome is not Outcome.FITS else 0
    extra = min(extra, judged.extra_instances) if judged.extra_instances is not None else extra
    return fits_in_undivided_box(question.about(judged.step), extra) is not judged.outcome.fits


def allocatable_assumptions(
    question: Question, judged: RolloutResult
) -> Iterator[tuple[tuple[str, str], AssumptionUse]]:
    """Each amount by its instance type and name (``cpu``, ``memory``)."""
    fleet = question.fleet
    holds_at = {(one.pool, one.dimension): one.threshold for one in sensitive_amounts(question, judged)}
    for number, (pool, side) in enumerate(zip(fleet.pools, question.box.sides, strict=True)):
        known = pool.allocatable
        for dimension, (name, interval) in enumerate((("cpu", known.cpu), ("memory", known.memory))):
            low, high = side.low[dimension], side.high[dimension]
            told = [fleet.thousandths((CPU, MEMORY)[dimension], end) for end in (low, high)]
            shown = f"{cores(told[0])} to {cores(told[1])} cores" if name == "cpu" else f"{low} to {high} MiB"
            use = AssumptionUse(
                f"allocatable-{name}",
                f"{pool.type.name}: {shown}",
                interval.basis,
                (number, dimension) in holds_at,
                threshold=_threshold(fleet, judged, dimension, holds_at.get((number, dimension))),
            )
            yield (pool.type.name, name), use


def _threshold(fleet: Fleet, judged: RolloutResult, dimension: int, holds_at: int | None) -> str | None:
    """How far an amount may be off while the outcome surely holds; past that it may hold all the same."""
    if holds_at is None:
        return None
    name = (CPU, MEMORY)[dimension]
    said = f"{digits(name, fleet.thousandths(name, holds_at))} {unit(name)}"
    return f"surely fits from {said} on" if judged.outcome.fits else f"surely does not fit up to {said}"
