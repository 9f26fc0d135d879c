"""Judge one step: whether it fits in the worst and the best case, and with how many more instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.launches import (
    Launchable,
    helpful_launches,
    launch_first,
    launched_for_others,
    other_launches,
    usable,
)
from icplan.feasibility.packing_model import PackingModel
from icplan.feasibility.worst_case import (
    AlwaysFits,
    Answer,
    Undecided,
    estimate_extra_instances,
    fits_in_every_world,
    slots_on_empty,
)
from icplan.packing.problem import Packing, Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import Scope
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.packing.problem import Problem
    from icplan.rollout.steps import Step


@attrs.frozen
class PackingResult:
    """A way to lay everything out, or why there is none: the board, the question on it and the answer."""

    board: PackingModel
    problem: Problem
    packing: Packing


@attrs.frozen
class StepResult:
    """A step's outcome and the evidence for it.

    ``extra`` is the least number of further instances that suffices in every world, limits aside; ``None``
    when no number does, or none was found in time. ``surely`` answers for the instances that are allowed
    (``None`` where nothing was asked, since the step fails in every world). ``example`` is a layout in which
    the step works, or the proof that there is none; where types may be launched in several ways, ``others``
    are the proofs for all but the first.
    """

    step: Step
    outcome: Outcome
    extra_instances: int | None
    worst_case: Answer | None
    witness: PackingResult | None
    other_proofs: tuple[PackingResult, ...] = ()


def judge_step(
    fleet: Fleet, step: Step, box: AllocatableBox, budget: Budget, *, launched: int = 0
) -> StepResult:
    """Judge one step of a rollout on what is known of the fleet.

    ``launched`` instances were launched by steps before it.
    """
    judged = decide_step(fleet, step, box, budget, launched=launched)
    if budget.exhausted and isinstance(judged.worst_case, Undecided):
        return judged
    if judged.extra_instances is not None:
        # It fits on what runs; a step that takes no room needs no layout to show it.
        takes = _needs_resources(fleet, step)
        found = _example(fleet, step, box, judged.extra_instances, budget) if takes else None
        return attrs.evolve(judged, witness=found)
    allowed = _scale_out_cap(fleet, step, box, launched)
    if isinstance(judged.worst_case, AlwaysFits):
        extra_instances, least = _min_extra(fleet, step, box, (launched + 1, allowed), budget)
        found = _example(fleet, step, box, extra_instances or allowed, budget)
        return attrs.evolve(
            judged, extra_instances=extra_instances, worst_case=least or judged.worst_case, witness=found
        )
    if budget.exhausted:
        return judged
    low = launched if judged.outcome is Outcome.DOES_NOT_FIT else allowed + 1
    extra_instances, _ = _min_extra(
        fleet, step, box, (low, _enough_instances(fleet, step, box)), budget, capped=False
    )
    return attrs.evolve(judged, extra_instances=extra_instances)


def decide_step(
    fleet: Fleet, step: Step, box: AllocatableBox, budget: Budget, *, launched: int = 0
) -> StepResult:
    """Judge one step as `judge_step` does, without looking for the least number of further instances."""
    if not _needs_resources(fleet, step):
        return StepResult(step, Outcome.FITS, 0, AlwaysFits(()), None)
    if budget.exhausted:
        return StepResult(step, Outcome.UNDECIDED, None, Undecided(begun=False), None)
    best, *other_proofs = _best(fleet, step, box, budget)
    if best.packing.status is Status.DOES_NOT_FIT:
        return StepResult(step, Outcome.DOES_NOT_FIT, None, None, best, tuple(other_proofs))
    answer = fits_in_every_world(fleet, step, box, launched, budget)
    if isinstance(answer, AlwaysFits):
        outcome = Outcome.FITS_AFTER_SCALE_OUT if launched else Outcome.FITS
        return StepResult(step, outcome, launched, answer, None)
    allowed = _scale_out_cap(fleet, step, box, launched)
    if allowed > launched:
        answer = fits_in_every_world(fleet, step, box, allowed, budget)
        if isinstance(answer, AlwaysFits):
            return StepResult(step, Outcome.FITS_AFTER_SCALE_OUT, None, answer, None)
    if isinstance(answer, Undecided) and answer.nowhere:
        # No world is known that comes to this moment, so neither is anything of it.
        return StepResult(step, Outcome.MAY_NOT_FIT, None, answer, best)
    if best.packing.status is Status.UNDECIDED or isinstance(answer, Undecided):
        return StepResult(step, Outcome.UNDECIDED, None, answer, None)
    return StepResult(step, Outcome.MAY_NOT_FIT, None, answer, best)


def surely_fits(fleet: Fleet, step: Step, box: AllocatableBox, budget: Budget) -> bool:
    """Whether the step fits in every world, now or after scale-out; false when that is not known."""
    if not _needs_resources(fleet, step):
        return True
    allowed = min(_allowed(fleet, step), _enough_instances(fleet, step, box, capped=True))
    return isinstance(fits_in_every_world(fleet, step, box, allowed, budget), AlwaysFits)


def no_layout(
    fleet: Fleet, step: Step, box: AllocatableBox, budget: Budget
) -> tuple[PackingResult, ...] | None:
    """The proofs that the step works in no world, one for each way to launch; ``None`` where it may."""
    demands = [fleet.demand(step.need, pool.type.name) for pool in fleet.pools]
    if any(demand is not None and not any(demand) for demand in demands):
        return None  # a copy takes nothing there
    tried = tuple(_best(fleet, step, box, budget))
    return tried if all(one.packing.status is Status.DOES_NOT_FIT for one in tried) else None


def _min_extra(
    fleet: Fleet,
    step: Step,
    box: AllocatableBox,
    span: tuple[int, int],
    budget: Budget,
    *,
    capped: bool = True,
) -> tuple[int | None, AlwaysFits | None]:
    """The least number of further instances in the span that holds in every world, with the evidence."""
    low, high = span
    found = None
    # One bound tells a number that nearly always is the least, so it and the one below it are tried first.
    likely = min(max(estimate_extra_instances(fleet, step, box, budget) or high, low), high)
    tries = [likely, likely - 1]
    while low <= high:
        middle = tries.pop(0) if tries else (low + high) // 2
        if not low <= middle <= high:
            continue
        answer = fits_in_every_world(fleet, step, box, middle, budget, capped=capped)
        if isinstance(answer, AlwaysFits):
            high, found = middle - 1, (middle, answer)
        else:
            low = middle + 1
            tries = tries if found else [high]
    return found or (None, None)


def _needs_resources(fleet: Fleet, step: Step) -> bool:
    demands = [fleet.demand(step.need, pool.type.name) for pool in fleet.pools]
    return any(demand is None or any(demand) for demand in demands)


def _allowed(fleet: Fleet, step: Step) -> int:
    """How many instances may surely be launched, of the types on which the step's or others' copies lie."""
    room = fleet.scale_out_allowance(sure=True)
    own = sum(
        fleet.scale_out_allowance(fleet.pools[n].type.name, sure=True) for n in usable(fleet, step.need)
    )
    return min(room, own + other_launches(fleet, step))


def _scale_out_cap(fleet: Fleet, step: Step, box: AllocatableBox, launched: int) -> int:
    """How many further instances may be there for the step, as far as more of them can help."""
    allowed, enough = _allowed(fleet, step), _enough_instances(fleet, step, box, capped=True)
    if any(entry.where is Scope.ANYWHERE for entry in step.existing):
        # What lies there may have had instances launched for it, which help or not.
        enough = max(enough, step.unpinned)
    return max(launched, min(allowed, enough))


def _enough_instances(fleet: Fleet, step: Step, box: AllocatableBox, *, capped: bool = False) -> int:
    """A number of further instances past which more of them cannot help.

    ``capped`` leaves out the types that may not be launched at all.
    """
    pools = [
        n
        for n in usable(fleet, step.need)
        if not capped or fleet.scale_out_allowance(fleet.pools[n].type.name)
    ]
    if fleet.arriving:
        pools = usable(fleet, step.need)
    if not pools or not min(slots_on_empty(fleet, step, box, n, low=False) for n in pools):
        return 0
    each = min(slots_on_empty(fleet, step, box, n) for n in pools)
    return (
        -(-(step.placed_before + step.copies) // max(1, each)) + step.unpinned + other_launches(fleet, step)
    )


def _best(fleet: Fleet, step: Step, box: AllocatableBox, budget: Budget) -> list[PackingResult]:
    """The most favourable layout, or that there is none, for each way to launch that may help most."""
    tried = []
    for launched in _best_launches(fleet, step, box):
        packed = _pack(fleet, step, box.best, launched, budget)
        if packed.packing.status is not Status.DOES_NOT_FIT:
            return [packed]
        tried.append(packed)
    return tried


def _best_launches(fleet: Fleet, step: Step, box: AllocatableBox) -> list[dict[int, int]]:
    """The launches that help most: what fails with each of them fails with any."""
    pools = usable(fleet, step.need)
    ranked = sorted(pools, key=lambda n: slots_on_empty(fleet, step, box, n, low=False), reverse=True)
    useful = step.placed_before + step.copies + step.unpinned
    return helpful_launches(fleet, step, Launchable.of(fleet, sure=False), useful, ranked)


def _pack(
    fleet: Fleet, step: Step, box: AllocatableBox, launched: dict[int, int], budget: Budget
) -> PackingResult:
    board = PackingModel.of(fleet, step.existing, launched)
    problem = board.problem(step, box)
    return PackingResult(board, problem, pack(problem, budget))


def _example(
    fleet: Fleet, step: Step, box: AllocatableBox, extra_instances: int, budget: Budget
) -> PackingResult | None:
    """A layout in which the step works; on the least amounts, if what runs can run on them."""
    numbers = [*usable(fleet, step.need), *launched_for_others(fleet, step)]
    caps = {n: max(fleet.arriving, fleet.scale_out_allowance(fleet.pools[n].type.name)) for n in numbers}
    for corner in (box.worst, box.best):
        for first in numbers if extra_instances else numbers[:1]:
            order = [first, *(number for number in numbers if number != first)]
            packed = _pack(fleet, step, corner, launch_first(order, caps, extra_instances), budget)
            if packed.packing.status is Status.FITS:
                return packed
    return None
