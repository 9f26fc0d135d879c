"""Turn results into phases with their placements and proofs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from icplan.feasibility.launches import Launchable
from icplan.feasibility.metric_classes import classes_of, measured_dimensions
from icplan.feasibility.packing_model import PackingModel
from icplan.feasibility.worst_case import AlwaysFits, Counterexample
from icplan.packing.problem import Status
from icplan.rollout.steps import Scope
from icplan.verdict.evidence import (
    EveryCourse,
    EveryWorld,
    FailingWorld,
    Layout,
    NoWorld,
    Part,
    Refusal,
    SomeWorlds,
)
from icplan.verdict.outcome import Outcome
from icplan.verdict.phase import Phase
from icplan.verdict.premises import (
    ExistingPremise,
    Held,
    PoolPremise,
    Premises,
    ReservedClass,
    TargetPremise,
    Where,
)
from icplan.verdict.step_number import Direction, StepNumber

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_course.explore import AllCourses
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.step import PackingResult, StepResult
    from icplan.feasibility.worst_case import Region
    from icplan.fleet.fleet import Component, Demand, Fleet
    from icplan.packing.problem import Vector
    from icplan.rollout.steps import CapacityChange, ExistingCopies, Step
    from icplan.verdict.evidence import Evidence


def phases(
    fleet: Fleet, judged: RolloutResult, box: AllocatableBox, courses: AllCourses | None = None
) -> tuple[Phase, ...]:
    """Every step of a change and of its rollback; one phase of rest when nothing is to be placed.

    What has no other evidence is shown by every course, where each was tried.
    """
    now, back = fleet.instances, judged.rollback or ()
    if courses is None or len(courses.steps) != len(judged.steps):
        shown = [False] * (len(judged.steps) + len(back))
    else:
        shown = [courses.show(number, one.outcome) for number, one in enumerate(judged.steps)]
        shown += [courses.rollback is one.outcome for one in back]
    placed = zip((*judged.steps, *back), shown, strict=True)
    found = [_phase(fleet, judged, one, box, by_courses=known) for one, known in placed]
    if not judged.steps:
        found.insert(0, Phase("nothing to place", "steady", Outcome.FITS, now, now + fleet.arriving))
    return tuple(found)


def _phase(
    fleet: Fleet, whole: RolloutResult, judged: StepResult, box: AllocatableBox, *, by_courses: bool
) -> Phase:
    now, step = fleet.instances, judged.step
    example = judged.witness if _fits(judged) else None
    proof = evidence_of(fleet, judged)
    if proof is None and by_courses:
        proof = EveryCourse(layout_of(judged.witness) if example else None)
    return Phase(
        name=step.name,
        kind=step.kind,
        outcome=judged.outcome,
        instances_now=now,
        instances_needed=None if judged.extra_instances is None else now + judged.extra_instances,
        placement=None if example is None else tuple(_placement_rows(whole.change.component, example)),
        proof=proof,
        old=step.counts.old,
        new=step.counts.new,
        step=_number(whole, step),
        premises=None if proof is None else step_premises(fleet, step, box),
    )


def _number(whole: RolloutResult, step: Step) -> StepNumber:
    steps = [one.step for one in whole.steps]
    if step.kind == "rollback":
        return StepNumber(step.after_step, len(steps), step.copies, Direction.ROLLBACK)
    batch = step.copies if step.batch else None
    return StepNumber(steps.index(step) + 1, len(steps), batch, Direction.FORWARD)


def _fits(judged: StepResult) -> bool:
    return judged.witness is not None and judged.witness.packing.status is Status.FITS


def _placement_rows(component: str, packed: PackingResult) -> Iterator[dict[str, Any]]:
    """The example layout, alike instances together."""
    names = [kind.name.split(" ")[0] for kind in packed.problem.kinds[:-1]]
    for pattern in packed.packing.placement or ():
        group = packed.model.groups[pattern.bin]
        *running, placed = pattern.copies
        held = Counter(packed.model.pinned(group))
        for name, n in zip(names, running, strict=True):
            held[name] += n
        yield {
            "InstanceType": packed.problem.bins[pattern.bin].name.split(" ")[0],
            "Launched": group.launched,
            "Instances": pattern.times,
            "Running": {name: n for name, n in sorted(held.items()) if n},
            "Placed": {component: placed} if placed else {},
        }


def pool_premises(fleet: Fleet, box: AllocatableBox) -> tuple[PoolPremise, ...]:
    """The instances of each type that evidence stands on."""
    sure, most = Launchable.of(fleet, sure=True), Launchable.of(fleet, sure=False)
    measured = measured_dimensions(fleet)
    return tuple(
        PoolPremise(
            type=pool.type.name,
            count=pool.instances,
            capacity=tuple(
                zip(fleet.capacity(pool, *side.low), fleet.capacity(pool, *side.high), strict=True)
            ),
            holds=None if fleet.contents is None else _holds(fleet, pool.type.name),
            launchable=(low, high),
            reserved=tuple(ReservedClass(n, top) for top, n in classes.items()) if measured else (),
        )
        for pool, side, low, high, classes in zip(
            fleet.pools, box.sides, sure.free, most.free, classes_of(fleet), strict=True
        )
    )


def step_premises(fleet: Fleet, step: Step, box: AllocatableBox) -> Premises:
    """What the evidence of a step stands on."""
    sure, most = Launchable.of(fleet, sure=True), Launchable.of(fleet, sure=False)
    model = PackingModel.of(fleet, step.existing, {})
    return Premises(
        pools=pool_premises(fleet, box),
        existing=tuple(one for entry in step.existing for one in _existing(fleet, model, entry)),
        target=TargetPremise(_demands(fleet, step.need), step.placed_before + step.copies),
        cpu_unit=fleet.cpu_unit,
        arriving=fleet.arriving,
        together=(sure.most, most.most),
        measured=measured_dimensions(fleet),
    )


def _holds(fleet: Fleet, instance_type: str) -> tuple[Held, ...]:
    contents = (one for one in fleet.contents or () if one.type == instance_type)
    return tuple(Held(one.instances, dict(one.copies)) for one in contents)


def _demands(fleet: Fleet, need: Demand) -> tuple[Vector | None, ...]:
    return tuple(fleet.demand(need, pool.type.name) for pool in fleet.pools)


def _existing(fleet: Fleet, model: PackingModel, entry: ExistingCopies) -> Iterator[ExistingPremise]:
    """The copies; of those of which it is known how many lie on which type, those of each."""
    one, demands = entry.component, _demands(fleet, entry.component.need)
    running = entry.where is Scope.RUNNING
    whole = running and entry.copies == one.placed and not entry.departed
    if whole and one.name not in model.fixed and one.by_type is not None and len(fleet.pools) > 1:
        for kind, copies in one.by_type.items():
            here = (
                d if pool.type.name == kind else None for d, pool in zip(demands, fleet.pools, strict=True)
            )
            yield ExistingPremise(one.name, tuple(here), copies, 0, Where.RUNNING)
        return
    where = {Scope.RUNNING: Where.RUNNING, Scope.ANYWHERE: Where.ANYWHERE}.get(entry.where, Where.PERHAPS)
    if running and fleet.contents is not None and not whole:
        where = Where.AMONG_HELD
    if whole and one.name in model.fixed:
        where = Where.HELD
    coming = min(entry.copies, one.coming) if where is Where.PERHAPS else 0
    yield ExistingPremise(one.name, demands, entry.copies, entry.departed, where, coming)


def evidence_of(fleet: Fleet, judged: StepResult) -> Evidence | None:
    """The evidence, which :mod:`icplan.verify` checks without the solver."""
    need = judged.step.placed_before + judged.step.copies
    match judged.outcome:
        case Outcome.FITS | Outcome.FITS_AFTER_SCALE_OUT if isinstance(judged.worst_case, AlwaysFits):
            places = _places(fleet, judged.step)
            parts = tuple(_part(part, places) for part in judged.worst_case.parts)
            return EveryWorld(need, parts, layout_of(judged.witness))
        case Outcome.DOES_NOT_FIT if judged.witness is not None:
            return NoWorld(tuple(map(_refusal, (judged.witness, *judged.other_proofs))))
        case Outcome.DOES_NOT_FIT if judged.bounded_proofs:
            return NoWorld(tuple(map(_refusal, judged.bounded_proofs)))
        case Outcome.MAY_NOT_FIT if isinstance(judged.worst_case, Counterexample):
            works = layout_of(judged.witness)
            fails = failing_world(fleet, judged.step, judged.worst_case)
            return None if works is None else SomeWorlds(need, works, fails)
    return None


def failing_world(fleet: Fleet, step: Step, world: Counterexample) -> FailingWorld:
    """The evidence that a step finds no room in a world."""
    return FailingWorld(
        _launched(world.model),
        _numbered(world.elsewhere, _places(fleet, step)),
        world.arrangement,
        world.patterns,
        world.room,
    )


def _places(fleet: Fleet, step: Step) -> list[int]:
    """Where the copies of each entry that exists begin among the premises'."""
    model = PackingModel.of(fleet, step.existing, {})
    sizes = [sum(1 for _ in _existing(fleet, model, entry)) for entry in step.existing]
    return [sum(sizes[:number]) for number in range(len(sizes))]


def _numbered(elsewhere: Mapping[int, int], places: Sequence[int]) -> dict[int, int]:
    return {places[number]: copies for number, copies in elsewhere.items() if copies}


def _launched(model: PackingModel) -> dict[int, int]:
    return {group.pool: group.count for group in model.groups if group.launched and group.pool is not None}


def _refusal(packed: PackingResult) -> Refusal:
    return Refusal(_launched(packed.model), packed.problem, packed.packing.proof)


def _part(part: Region, places: Sequence[int]) -> Part:
    return Part(
        box=tuple(side for one in part.box.sides for side in zip(one.low, one.high, strict=True)),
        pools=tuple(group.pool for group in part.model.groups),
        launched=part.launched,
        elsewhere=_numbered(part.elsewhere, places),
        arrangement=part.arrangement,
        proof=part.proof,
    )


def layout_of(packed: PackingResult | None) -> Layout | None:
    """The evidence that everything can be laid out; ``None`` where it cannot."""
    if packed is None or packed.packing.placement is None:
        return None
    return Layout(_launched(packed.model), packed.problem, packed.packing.placement)


#: Components of which a report tells what runs.
MAX_LISTED = 12


def verdict_figures(
    fleet: Fleet,
    judged: RolloutResult,
    box: AllocatableBox,
    courses: AllCourses | None = None,
    *,
    goes_on: bool = False,
) -> dict[str, Any]:
    """The members of a verdict on a change that tell its phases, counts and evidence.

    What all courses follow from is told where a phase rests on them, or a change that comes after it may.
    """
    peaks = [
        fleet.instances + step.extra_instances for step in judged.steps if step.extra_instances is not None
    ]
    known = len(peaks) == len(judged.steps)
    told = phases(fleet, judged, box, courses)
    rests = goes_on or any(isinstance(phase.proof, EveryCourse) for phase in told)
    return {
        "phases": told,
        "courses": courses.premises if courses is not None and rests else None,
        "copies": copies_of(judged.change),
        **fleet_told(fleet),
        "instances_now": fleet.instances,
        # Those on their way come whatever the change takes.
        "peak_instances": max([*peaks, fleet.instances + fleet.arriving]) if known else None,
        "rollback_outcome": judged.rollback_outcome,
        "resources": fleet.dimensions,
        "way": _way(judged),
    }


def copies_of(change: CapacityChange) -> tuple[int, int]:
    """The copies that run before a change, and those that it asks for."""
    return change.before.placed if change.before else 0, change.copies


def fleet_told(fleet: Fleet) -> dict[str, Any]:
    """The members of a verdict that tell the instances and what runs on them, for people."""
    return {"fleet": fleet_in_words(fleet), "runs": _runs(fleet)}


def _way(judged: RolloutResult) -> str | None:
    """How copies are replaced; ``None`` where none are."""
    move = judged.change
    if not move.replaces or move.before is None or not move.before.placed or not judged.steps:
        return None
    if not any(one.step.batch for one in judged.steps):
        return "all new copies beside the old ones"
    batches = [one.step.copies for one in judged.steps if one.step.batch]
    each = f"{batches[0]} at a time" if batches[0] > 1 else "one at a time"
    return f"replaced {each} ({len(batches)} step{'' if len(batches) == 1 else 's'})"


def fleet_in_words(fleet: Fleet) -> str:
    """The instances, the variant and how far it may grow."""
    limits = "; ".join(limit.message for limit in fleet.limits)
    growth = limits or "no limit to its growth is known"
    return f"{instances_in_words(fleet)} (variant {fleet.variant}); {growth}"


def instances_in_words(fleet: Fleet) -> str:
    """How many instances of which type there are, or, where that is not known, how many in all."""
    if not fleet.mix_known:
        return f"{fleet.instances} x {' or '.join(pool.type.name for pool in fleet.pools)}"
    return ", ".join(f"{pool.instances} x {pool.type.name}" for pool in fleet.pools)


def _runs(fleet: Fleet) -> str:
    """What was counted: the copies of each component, and the figure of instances with its source."""
    there = [one for one in fleet.components if one.copies]
    said = [_copies(one) for one in there[:MAX_LISTED]]
    if len(there) > MAX_LISTED:
        said.append(f"{len(there) - MAX_LISTED} other components")
    noun = "instance" if fleet.instances == 1 else "instances"
    return f"{', '.join(said) or 'nothing'}; {fleet.instances} {noun} by {fleet.counted_by}"


def _copies(one: Component) -> str:
    perhaps = f" to {one.copies}" if one.in_flight else ""
    state = "" if one.status == "InService" else f" ({one.status})"
    return f"{one.name} {one.placed}{perhaps}{state}"
