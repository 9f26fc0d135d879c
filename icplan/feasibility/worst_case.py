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
from icplan.feasibility.launches import Launchable, launches_before, usable
from icplan.feasibility.packing_model import PackingModel, pattern_load
from icplan.packing.solver.arrangement.extremes import fewest_slots, surely_has_slots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from icplan.fleet.fleet import Fleet
    from icplan.packing.budget import Budget
    from icplan.packing.problem import Arrangement, Pattern, Vector
    from icplan.rollout.steps import ExistingCopies, Step

#: Boxes after which the search says that it does not know.
MOST_BOXES = 400


@attrs.frozen
class Region:
    """A part of the worlds: a box, one choice of launched types, the question there and its proof.

    ``elsewhere`` has the copies that lie where those of the step cannot, by their place beside it.
    """

    board: PackingModel
    box: AllocatableBox
    launched: Mapping[int, int]
    arrangement: Arrangement
    proof: Mapping[str, Any] | None
    elsewhere: Mapping[int, int] = attrs.field(factory=dict)


@attrs.frozen
class AlwaysFits:
    """In every world there is room: the parts, together, are all worlds."""

    parts: tuple[Region, ...]


@attrs.frozen
class Counterexample:
    """A world without room: the instances' amounts are ``box`` (a point), copies lie as ``patterns`` say."""

    box: AllocatableBox
    board: PackingModel
    arrangement: Arrangement
    patterns: tuple[Pattern, ...]
    room: int
    elsewhere: Mapping[int, int] = attrs.field(factory=dict)


@attrs.frozen
class Undecided:
    """The time or the search was exhausted; unless ``begun``, there was no time to look at all.

    ``nowhere`` tells that no world was found in which what lies there could lie.
    """

    begun: bool = True
    nowhere: bool = False


Answer = AlwaysFits | Counterexample | Undecided


def fits_in_every_world(
    fleet: Fleet,
    step: Step,
    box: AllocatableBox,
    extra: int,
    budget: Budget,
    *,
    capped: bool = True,
) -> Answer:
    """Whether in every world ``extra`` more instances suffice, of whichever types SageMaker launches.

    ``capped`` keeps to what the limits leave for sure; without it they are ignored.
    """
    parts: list[Region] = []
    any_world = False
    allowed: Sequence[Launchable] = (
        Launchable.least_favourable(fleet, step, extra) if capped else [Launchable.endless(fleet, extra)]
    )
    found = launches_before(fleet, step, allowed, extra, _worst_first(fleet, step, box))
    if found is None:
        return Undecided()
    for launch in found:
        board = PackingModel.of(fleet, _less(step.existing, launch.elsewhere), launch.by_pool)
        here = attrs.evolve(step, existing=_less(step.existing, launch.elsewhere))
        explored = _search_boxes(board, here, box, launch.by_pool, budget)
        if isinstance(explored, Counterexample):
            return attrs.evolve(explored, elsewhere=launch.elsewhere)
        if not isinstance(explored, _Explored):
            return explored
        parts.extend(attrs.evolve(part, elsewhere=launch.elsewhere) for part in explored.parts)
        any_world = any_world or explored.any_world
    # Where there is no world at all, everything would hold, and nothing would be true.
    return AlwaysFits(tuple(parts)) if any_world else Undecided(nowhere=True)


def fits_in_undivided_box(fleet: Fleet, step: Step, box: AllocatableBox, extra: int, budget: Budget) -> bool:
    """Whether it is known that it fits in every world without looking at parts of the box."""
    allowed = Launchable.least_favourable(fleet, step, extra)
    ways = launches_before(fleet, step, allowed, extra, _worst_first(fleet, step, box)) or []
    need, any_world = step.placed_before + step.copies, False
    for launch in ways:
        here = attrs.evolve(step, existing=_less(step.existing, launch.elsewhere))
        arrangement = PackingModel.of(fleet, here.existing, launch.by_pool).arrangement(here, box)
        if len(ways) == 1 and slots_in(arrangement, ()) < need:
            return False  # Not even if nothing lay there.
        holds = surely_has_slots(arrangement, need, budget)
        if holds is False or budget.exhausted:
            return False
        any_world = any_world or bool(holds)
    return any_world


def estimate_extra_instances(fleet: Fleet, step: Step, box: AllocatableBox, budget: Budget) -> int | None:
    """How many more instances would do if the bound on what runs now were exact; ``None`` if none would.

    A launched instance then adds the slots of an empty one.
    """
    each = [
        slots_on_empty(fleet, step, box, number)
        for number, pool in enumerate(fleet.pools)
        if fleet.demand(step.need, pool.type.name) is not None
    ]
    if not each or not min(each):
        return None
    arrangement = PackingModel.of(fleet, step.existing, {}).arrangement(step, box)
    slots = fewest_slots(arrangement, enough=step.placed_before + step.copies, budget=budget)
    return max(0, -(-(step.placed_before + step.copies - slots.low) // min(each)))


def slots_on_empty(fleet: Fleet, step: Step, box: AllocatableBox, pool: int, *, low: bool = True) -> int:
    """How many copies of the step an empty instance of the pool takes, at the box's low or high end."""
    demand = fleet.demand(step.need, fleet.pools[pool].type.name)
    side = box.sides[pool]
    return (
        0
        if demand is None
        else _slots(fleet.capacity(fleet.pools[pool], *(side.low if low else side.high)), demand)
    )


@attrs.frozen
class _Explored:
    """Parts that hold, and whether there is a world in any of them."""

    parts: tuple[Region, ...]
    any_world: bool


def _search_boxes(
    board: PackingModel,
    step: Step,
    box: AllocatableBox,
    launched: Mapping[int, int],
    budget: Budget,
) -> _Explored | Counterexample | Undecided:
    need = step.placed_before + step.copies
    parts: list[Region] = []
    boxes = [box]
    any_world = False
    for _ in range(0 if budget.exhausted else MOST_BOXES):
        part = boxes.pop()
        arrangement = board.arrangement(step, part)
        slots = fewest_slots(arrangement, enough=need, budget=budget)
        any_world = any_world or slots.possible
        if not slots.possible or slots.low >= need:
            parts.append(Region(board, part, launched, arrangement, slots.proof))
            if not boxes:
                return _Explored(tuple(parts), any_world)
            continue
        if slots.high >= need or slots.arrangement is None:
            return Undecided()
        world = _counterexample(board, step, part, slots.arrangement)
        if world.room < need:
            return world
        halves = part.split(world.box)
        if halves is None:
            return Undecided()
        boxes.extend(halves)
    return Undecided()


def _counterexample(
    board: PackingModel, step: Step, box: AllocatableBox, patterns: tuple[Pattern, ...]
) -> Counterexample:
    """The world with that arrangement and the least amounts that allow it, and its room."""
    floor = board.max_loads(board.arrangement(step, box), patterns)
    point = AllocatableBox(tuple(side.point(side.low) for side in box.at_least(floor).sides))
    arrangement = board.arrangement(step, point)
    return Counterexample(point, board, arrangement, patterns, slots_in(arrangement, patterns))


def slots_in(arrangement: Arrangement, patterns: Sequence[Pattern]) -> int:
    """How many copies of the target have room in an arrangement, once the leaving copies have left."""
    total = 0
    laid = [0] * len(arrangement.bins)
    for pattern in patterns:
        laid[pattern.bin] += pattern.times
        gone = pattern.leaving or (0,) * len(pattern.copies)
        stay = [n - left for n, left in zip(pattern.copies, gone, strict=True)]
        total += pattern.times * _left(arrangement, pattern.bin, pattern_load(arrangement, pattern, stay))
    for place, bin_ in enumerate(arrangement.bins):
        used = bin_.used or (0,) * len(bin_.capacity)
        total += (bin_.count - laid[place]) * _left(arrangement, place, used)
    return total


def _left(arrangement: Arrangement, place: int, taken: Vector) -> int:
    demand = arrangement.target[place]
    if demand is None:
        return 0
    most = arrangement.counted[place] if arrangement.counted else arrangement.bins[place].capacity
    return _slots(tuple(c - t for c, t in zip(most, taken, strict=True)), demand)


def _slots(free: Vector, demand: Vector) -> int:
    return min(max(0, f) // d for f, d in zip(free, demand, strict=True) if d)


def _less(beside: Sequence[ExistingCopies], elsewhere: Mapping[int, int]) -> tuple[ExistingCopies, ...]:
    """What lies beside a step, without the copies that lie where those of the step cannot."""
    pairs = ((entry, entry.copies - elsewhere.get(number, 0)) for number, entry in enumerate(beside))
    return tuple(entry if n == entry.copies else attrs.evolve(entry, copies=n) for entry, n in pairs if n)


def _worst_first(fleet: Fleet, step: Step, box: AllocatableBox) -> list[int] | None:
    """The pools from the worst choice to the best; ``None`` where they have no such order.

    Where nothing else may lie on launched instances, the worst choice is the types with least room.
    """
    pools = usable(fleet, step.need)
    if len(pools) == 1:
        return pools
    return None if step.unpinned else _ranked(fleet, step, box, pools)


def _ranked(fleet: Fleet, step: Step, box: AllocatableBox, pools: Sequence[int]) -> list[int] | None:
    """The pools by slots of an empty instance, least first; ``None`` if the box has several orders."""
    least = {n: slots_on_empty(fleet, step, box, n) for n in pools}
    most = {n: slots_on_empty(fleet, step, box, n, low=False) for n in pools}
    ranked = sorted(pools, key=lambda n: (least[n], most[n]))
    steady = all(most[a] <= least[b] for a, b in itertools.pairwise(ranked))
    return ranked if steady else None
