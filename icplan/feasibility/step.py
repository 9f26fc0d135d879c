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
)
from icplan.feasibility.metric_classes import measured_dimensions
from icplan.feasibility.packing_model import PackingModel
from icplan.feasibility.worst_case import (
    AlwaysFits,
    Answer,
    Undecided,
    estimate_extra_instances,
    fits_in_every_world,
)
from icplan.packing.problem import MAX_COUNT, Packing, Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import Scope, existing_copies
from icplan.values import frozen
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.question import StepQuestion
    from icplan.feasibility.weaken import Reason
    from icplan.fleet.fleet import Fleet, InstancePool
    from icplan.packing.problem import Problem
    from icplan.rollout.steps import Step


@frozen
class PackingResult:
    """A way to lay everything out, or why there is none: the model, the problem on it and the answer."""

    model: PackingModel
    problem: Problem
    packing: Packing


@frozen
class StepResult:
    """A step's outcome and the evidence for it.

    ``extra_instances`` is the least number of further instances that suffices in every world, limits aside;
    ``None`` when no number does, or none was found in time. ``worst_case`` answers for the instances that are
    allowed (``None`` where nothing was asked, since the step fails in every world). ``witness`` is a layout
    in which the step works, or the proof that there is none; where types may be launched in several ways,
    ``other_proofs`` are the proofs for all but the first.

    ``bounded_proofs`` prove that there is no layout within what metrics tell of the instances.

    All of it is what is reported. Where ``reasons`` have weakened it, ``decided`` is what it was before any.
    """

    step: Step
    outcome: Outcome
    extra_instances: int | None
    worst_case: Answer | None
    witness: PackingResult | None
    other_proofs: tuple[PackingResult, ...] = ()
    bounded_proofs: tuple[PackingResult, ...] = ()
    reasons: frozenset[Reason] = frozenset()
    decided: StepResult | None = None


def judge_step(question: StepQuestion, *, launched: int = 0) -> StepResult:
    """Judge one step of a rollout on what is known of the fleet.

    ``launched`` instances were launched by steps before it.
    """
    judged, budget = decide_step(question, launched=launched), question.budget
    if budget.exhausted and isinstance(judged.worst_case, Undecided):
        return judged
    if judged.extra_instances is not None:
        # It fits on what runs; a step that takes no room needs no layout to show it.
        found = example_layout(question, judged.extra_instances) if question.needs_resources else None
        return attrs.evolve(judged, witness=found)
    allowed = _scale_out_cap(question, launched)
    if isinstance(judged.worst_case, AlwaysFits):
        extra_instances, least = _min_extra(question, launched + 1, allowed)
        found = example_layout(question, extra_instances or allowed)
        return attrs.evolve(
            judged, extra_instances=extra_instances, worst_case=least or judged.worst_case, witness=found
        )
    if budget.exhausted:
        return judged
    low = launched if judged.outcome is Outcome.DOES_NOT_FIT else allowed + 1
    extra_instances, _ = _min_extra(question, low, _enough_instances(question), capped=False)
    return attrs.evolve(judged, extra_instances=extra_instances)


def decide_step(question: StepQuestion, *, launched: int = 0) -> StepResult:
    """Judge one step as `judge_step` does, without looking for the least number of further instances."""
    step = question.step
    if not question.needs_resources:
        return StepResult(step, Outcome.FITS, 0, AlwaysFits(()), None)
    if not question.budget.spend(300 + 10 * len(step.existing)):
        return StepResult(step, Outcome.UNDECIDED, None, Undecided(begun=False), None)
    best, *other_proofs = _best(question)
    if best.packing.status is Status.DOES_NOT_FIT:
        return StepResult(step, Outcome.DOES_NOT_FIT, None, None, best, tuple(other_proofs))
    answer = fits_in_every_world(question, launched)
    if isinstance(answer, AlwaysFits):
        outcome = Outcome.FITS_AFTER_SCALE_OUT if launched else Outcome.FITS
        return StepResult(step, outcome, launched, answer, None)
    allowed = _scale_out_cap(question, launched)
    if allowed > launched:
        answer = fits_in_every_world(question, allowed)
        if isinstance(answer, AlwaysFits):
            return StepResult(step, Outcome.FITS_AFTER_SCALE_OUT, None, answer, None)
    if refused := _within_bounds(question):
        return StepResult(step, Outcome.DOES_NOT_FIT, None, None, None, bounded_proofs=refused)
    if isinstance(answer, Undecided) and answer.nowhere:
        # No world is known that comes to this moment, so neither is anything of it.
        return StepResult(step, Outcome.MAY_NOT_FIT, None, answer, best)
    if best.packing.status is Status.UNDECIDED or isinstance(answer, Undecided):
        return StepResult(step, Outcome.UNDECIDED, None, answer, None)
    return StepResult(step, Outcome.MAY_NOT_FIT, None, answer, best)


def surely_fits(question: StepQuestion) -> bool:
    """Whether the step fits in every world, now or after scale-out; false when that is not known."""
    if not question.needs_resources:
        return True
    allowed = min(surely_launchable(question), _enough_instances(question, capped=True))
    return isinstance(fits_in_every_world(question, allowed), AlwaysFits)


def no_layout(question: StepQuestion) -> tuple[PackingResult, ...] | None:
    """The proofs that the step works in no world, one for each way to launch; ``None`` where it may."""
    takes = [demand for demand in question.demands if demand is not None]
    if takes and not any(map(any, takes)):
        return None  # a copy takes nothing anywhere
    demands = tuple(
        None if demand is not None and not any(demand) and _is_nowhere(question.fleet, pool) else demand
        for pool, demand in zip(question.fleet.pools, question.demands, strict=True)
    )
    if any(demand is not None and not any(demand) for demand in demands):
        return None  # a copy takes nothing there
    tried = tuple(_best(attrs.evolve(question, demands=demands)))
    return tried if all(one.packing.status is Status.DOES_NOT_FIT for one in tried) else None


def _is_nowhere(fleet: Fleet, pool: InstancePool) -> bool:
    """Whether there is no instance of a pool, none is on its way, and none may be launched."""
    surely_none = not pool.instances and fleet.mix_known and not fleet.arriving
    return surely_none and not fleet.scale_out_allowance(pool.type.name)


def _min_extra(
    question: StepQuestion, low: int, high: int, *, capped: bool = True
) -> tuple[int | None, AlwaysFits | None]:
    """The least number of further instances, of those from low to high, that suffices in every world."""
    found = None
    # One bound tells a number that nearly always is the least, so it and the one below it are tried first.
    likely = min(max(estimate_extra_instances(question) or high, low), high)
    tries = [likely, likely - 1]
    while low <= high:
        middle = tries.pop(0) if tries else (low + high) // 2
        if not low <= middle <= high:
            continue
        answer = fits_in_every_world(question, middle, capped=capped)
        if isinstance(answer, AlwaysFits):
            high, found = middle - 1, (middle, answer)
        else:
            low = middle + 1
            tries = tries if found else [high]
    return found or (None, None)


def surely_launchable(question: StepQuestion) -> int:
    """How many instances may surely be launched, of the types on which the step's or others' copies lie."""
    fleet = question.fleet
    room = fleet.scale_out_allowance(sure=True)
    own = sum(fleet.scale_out_allowance(fleet.pools[n].type.name, sure=True) for n in question.usable)
    return min(room, own + other_launches(question))


def _scale_out_cap(question: StepQuestion, launched: int) -> int:
    """How many further instances may be there for the step, as far as more of them can help."""
    allowed, enough = surely_launchable(question), _enough_instances(question, capped=True)
    if any(entry.where is Scope.ANYWHERE for entry in question.step.existing):
        # What lies there may have had instances launched for it, which help or not.
        enough = max(enough, question.step.unpinned)
    return max(launched, min(allowed, enough))


def _enough_instances(question: StepQuestion, *, capped: bool = False) -> int:
    """A number of further instances past which more of them cannot help.

    ``capped`` leaves out the types that may not be launched at all.
    """
    fleet, pools = question.fleet, question.usable
    if capped and not fleet.arriving:
        pools = [n for n in pools if fleet.scale_out_allowance(fleet.pools[n].type.name)]
    if not pools or not min(question.slots[n][1] for n in pools):
        return 0
    each = min(question.slots[n][0] for n in pools)
    enough = -(-question.wanted // max(1, each)) + question.step.unpinned + other_launches(question)
    return max(0, min(enough, MAX_COUNT - fleet.instances))


def _best(question: StepQuestion) -> list[PackingResult]:
    """The most favourable layout, or that there is none, for each way to launch that may help most."""
    tried = []
    for launched in _best_launches(question):
        packed = _pack(question, question.box.best, launched)
        if packed.packing.status is not Status.DOES_NOT_FIT:
            return [packed]
        tried.append(packed)
    return tried


def _within_bounds(question: StepQuestion) -> tuple[PackingResult, ...]:
    """The proofs, one for each way to launch, that no layout is as metrics tell; none where one may be."""
    fleet, box, budget = question.fleet, question.box.best, question.budget
    if not measured_dimensions(fleet) or budget.exhausted:
        return ()
    existing = tuple(existing_copies(fleet))
    there = PackingModel.of(fleet, existing, {}).measured_problem(existing, box)
    if pack(there, budget).status is not Status.FITS:
        return ()  # Of what no arrangement is known to come to, nothing would be true.
    tried = []
    for launched in _best_launches(question):
        model = PackingModel.of(fleet, question.step.existing, launched)
        problem = model.bounded_problem(question.step, box)
        packed = pack(problem, budget)
        if packed.status is not Status.DOES_NOT_FIT:
            return ()
        tried.append(PackingResult(model, problem, packed))
    return tuple(tried)


def _best_launches(question: StepQuestion) -> list[dict[int, int]]:
    """The launches that help most: what fails with each of them fails with any."""
    ranked = sorted(question.usable, key=lambda n: question.slots[n][1], reverse=True)
    useful = question.wanted + question.step.unpinned
    return helpful_launches(question, Launchable.of(question.fleet, sure=False), useful, ranked)


def _pack(question: StepQuestion, box: AllocatableBox, launched: dict[int, int]) -> PackingResult:
    model = PackingModel.of(question.fleet, question.step.existing, launched)
    problem = model.problem(question.step, box)
    return PackingResult(model, problem, pack(problem, question.budget))


def example_layout(question: StepQuestion, extra_instances: int) -> PackingResult | None:
    """A layout in which the step works; on the least amounts, if what runs can run on them."""
    fleet = question.fleet
    numbers = [*question.usable, *launched_for_others(question)]
    caps = {n: max(fleet.arriving, fleet.scale_out_allowance(fleet.pools[n].type.name)) for n in numbers}
    for corner in (question.box.worst, question.box.best):
        for first in numbers if extra_instances else numbers[:1]:
            order = [first, *(number for number in numbers if number != first)]
            packed = _pack(question, corner, launch_first(order, caps, extra_instances))
            if packed.packing.status is Status.FITS:
                return packed
    return None
