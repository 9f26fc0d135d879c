"""Whether a step holds in every world: every arrangement of what runs, every allocatable amount.

The room that the least favourable arrangement leaves does not simply grow with what can be allocated (more
memory may allow an arrangement that wastes accelerators). So the box of amounts is searched: within one box,
copies may lie as its high end allows while room is counted against its low end. That bound settles nearly all
boxes at once; where it does not, the arrangement that attains it is either a real world or says where to cut.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.launches import Launchable, launches_before
from icplan.feasibility.packing_model import PackingModel, pattern_load
from icplan.feasibility.question import copies_in
from icplan.packing.solver.arrangement.extremes import fewest_slots, surely_has_slots
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.feasibility.launches import Launch
    from icplan.feasibility.question import StepQuestion
    from icplan.packing.certificate import ProvenBound
    from icplan.packing.problem import Arrangement, Pattern, Vector
    from icplan.rollout.steps import ExistingCopies, Step

#: Boxes after which the search says that it does not know.
MAX_BOXES = 400


@frozen
class Region:
    """A part of the worlds: a box, one choice of launched types, the question there and its proof.

    ``elsewhere`` has the copies that lie where those of the step cannot, by their place beside it.
    """

    model: PackingModel
    box: AllocatableBox
    launched: Mapping[int, int]
    arrangement: Arrangement
    proof: ProvenBound | None
    elsewhere: Mapping[int, int] = attrs.field(factory=dict)


@frozen
class AlwaysFits:
    """In every world there is room: the parts, together, are all worlds."""

    parts: tuple[Region, ...]


@frozen
class Counterexample:
    """A world without room: the instances' amounts are ``box`` (a point), copies lie as ``patterns`` say."""

    box: AllocatableBox
    model: PackingModel
    arrangement: Arrangement
    patterns: tuple[Pattern, ...]
    room: int
    elsewhere: Mapping[int, int] = attrs.field(factory=dict)


@frozen
class Undecided:
    """The time or the search was exhausted; unless ``begun``, there was no time to look at all.

    ``nowhere`` tells that no world was found in which what lies there could lie.
    """

    begun: bool = True
    nowhere: bool = False


Answer = AlwaysFits | Counterexample | Undecided


def fits_in_every_world(question: StepQuestion, extra: int, *, capped: bool = True) -> Answer:
    """Whether in every world ``extra`` more instances suffice, of whichever types SageMaker launches.

    ``capped`` keeps to what the limits leave for sure; without it they are ignored.
    """
    parts: list[Region] = []
    any_world, fleet, step = False, question.fleet, question.step
    allowed: Sequence[Launchable] = (
        Launchable.least_favourable(question, extra) if capped else [Launchable.endless(fleet, extra)]
    )
    found = launches_before(question, allowed, extra, _worst_first(question))
    if found is None:
        return Undecided()
    for launch in found:
        existing = _less(step.existing, launch.elsewhere)
        same = existing == step.existing
        here = question if same else attrs.evolve(question, step=attrs.evolve(step, existing=existing))
        model = PackingModel.of(fleet, existing, launch.by_pool)
        explored = _search_boxes(here, model, launch)
        if not isinstance(explored, _Explored):
            return explored
        parts.extend(explored.parts)
        any_world = any_world or explored.any_world
    # Where there is no world at all, everything would hold, and nothing would be true.
    return AlwaysFits(tuple(parts)) if any_world else Undecided(nowhere=True)


def fits_in_undivided_box(question: StepQuestion, extra: int) -> bool:
    """Whether it is known that it fits in every world without looking at parts of the box."""
    fleet, budget, any_world = question.fleet, question.budget, False
    allowed = Launchable.least_favourable(question, extra)
    ways = launches_before(question, allowed, extra, _worst_first(question)) or []
    for launch in ways:
        here = attrs.evolve(question.step, existing=_less(question.step.existing, launch.elsewhere))
        model = PackingModel.of(fleet, here.existing, launch.by_pool)
        arrangement = model.arrangement(here, question.box)
        if len(ways) == 1 and slots_in(arrangement, ()) < question.wanted:
            return False  # Not even if nothing lay there.
        holds = surely_has_slots(arrangement, question.wanted, budget)
        if holds is False or budget.exhausted:
            return False
        any_world = any_world or bool(holds)
    return any_world


def estimate_extra_instances(question: StepQuestion) -> int | None:
    """How many more instances would do if the bound on what runs now were exact; ``None`` if none would.

    A launched instance then adds the slots of an empty one.
    """
    least = min((question.slots[pool][0] for pool in question.usable), default=0)
    if not least:
        return None
    step, wanted = question.step, question.wanted
    arrangement = PackingModel.of(question.fleet, step.existing, {}).arrangement(step, question.box)
    slots = fewest_slots(arrangement, enough=wanted, budget=question.budget)
    return max(0, -(-(wanted - slots.low) // least))


@frozen
class _Explored:
    """Parts that hold, and whether there is a world in any of them."""

    parts: tuple[Region, ...]
    any_world: bool


def _search_boxes(
    question: StepQuestion, model: PackingModel, launch: Launch
) -> _Explored | Counterexample | Undecided:
    step, need, budget = question.step, question.wanted, question.budget
    parts: list[Region] = []
    boxes = [question.box]
    any_world = False
    for _ in range(0 if budget.exhausted else MAX_BOXES):
        part = boxes.pop()
        arrangement = model.arrangement(step, part)
        slots = fewest_slots(arrangement, enough=need, budget=budget)
        any_world = any_world or slots.possible
        if not slots.possible or slots.low >= need:
            parts.append(Region(model, part, launch.by_pool, arrangement, slots.proof, launch.elsewhere))
            if not boxes:
                return _Explored(tuple(parts), any_world)
            continue
        if slots.high >= need or slots.arrangement is None:
            return Undecided()
        world = _counterexample(model, step, part, slots.arrangement, launch.elsewhere)
        if world.room < need:
            return world
        halves = part.split(world.box)
        if halves is None:
            return Undecided()
        boxes.extend(halves)
    return Undecided()


def _counterexample(
    model: PackingModel,
    step: Step,
    box: AllocatableBox,
    patterns: tuple[Pattern, ...],
    elsewhere: Mapping[int, int],
) -> Counterexample:
    """The world with that arrangement and the least amounts that allow it, and its room."""
    floor = model.max_loads(model.arrangement(step, box), patterns)
    point = AllocatableBox(tuple(side.point(side.low) for side in box.at_least(floor).sides))
    arrangement = model.arrangement(step, point)
    room = slots_in(arrangement, patterns)
    return Counterexample(point, model, arrangement, patterns, room, elsewhere)


def slots_in(arrangement: Arrangement, patterns: Sequence[Pattern]) -> int:
    """How many copies of the target have room in an arrangement, once the leaving copies have left."""
    total = 0
    arranged = [0] * len(arrangement.bins)
    for pattern in patterns:
        arranged[pattern.bin] += pattern.times
        gone = pattern.leaving or (0,) * len(pattern.copies)
        stay = [n - left for n, left in zip(pattern.copies, gone, strict=True)]
        total += pattern.times * _left(arrangement, pattern.bin, pattern_load(arrangement, pattern, stay))
    for place, bin_ in enumerate(arrangement.bins):
        used = bin_.used or (0,) * len(bin_.capacity)
        total += (bin_.count - arranged[place]) * _left(arrangement, place, used)
    return total


def _left(arrangement: Arrangement, place: int, taken: Vector) -> int:
    demand = arrangement.target[place]
    if demand is None:
        return 0
    most = arrangement.counted[place] if arrangement.counted else arrangement.bins[place].capacity
    return copies_in(tuple(c - t for c, t in zip(most, taken, strict=True)), demand)


def _less(beside: Sequence[ExistingCopies], elsewhere: Mapping[int, int]) -> tuple[ExistingCopies, ...]:
    """What lies beside a step, without the copies that lie where those of the step cannot."""
    pairs = ((entry, entry.copies - elsewhere.get(number, 0)) for number, entry in enumerate(beside))
    return tuple(entry if n == entry.copies else attrs.evolve(entry, copies=n) for entry, n in pairs if n)


def _worst_first(question: StepQuestion) -> list[int] | None:
    """The pools from the worst choice to the best; ``None`` where they have no such order.

    Where nothing else may lie on launched instances, the worst choice is the types with least room.
    """
    if len(question.usable) == 1:
        return question.usable
    return None if question.step.unpinned else _ranked(question)


def _ranked(question: StepQuestion) -> list[int] | None:
    """The pools by slots of an empty instance, least first; ``None`` if the box has several orders."""
    slots = question.slots
    ranked = sorted(question.usable, key=lambda pool: slots[pool])
    steady = all(slots[a][1] <= slots[b][0] for a, b in itertools.pairwise(ranked))
    return ranked if steady else None
