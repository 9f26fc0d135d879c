"""Which resources end the room of a component in an arrangement, and which of them are merely scattered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.packing.solver.solve import pack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from icplan.feasibility.packing_model import PackingModel
    from icplan.feasibility.question import StepQuestion
    from icplan.packing.problem import Arrangement, Pattern, Problem, Vector
    from icplan.verdict.evidence import FailingWorld


@attrs.frozen
class FreeInstances:
    """Alike instances, what is free on each, and what a copy takes there (``None``: it may not lie)."""

    count: int
    free: Vector
    demand: Vector | None


def binding_resources(
    question: StepQuestion, model: PackingModel, world: FailingWorld | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of what binds, and of what there is enough in all, but not in one piece."""
    free = list(_in_world(world.arrangement, world.placement) if world else laid_out(question, model))
    size = len(question.fleet.dimensions)
    needed = [place for place in range(size) if any(one.demand and one.demand[place] for one in free)]
    slots = _slots(free, needed)
    binds = [d for d in needed if _slots(free, [one for one in needed if one != d]) > slots]
    if not binds:
        each = {d: _slots(free, [d]) for d in needed}
        binds = [d for d in needed if each[d] == min(each.values())]
    names = question.fleet.dimensions
    scattered = [d for d in binds if _pooled(free, d) > slots]
    return tuple(names[d] for d in binds), tuple(names[d] for d in scattered)


def _slots(free: Sequence[FreeInstances], among: Collection[int]) -> int:
    """How many copies have room, as far as these resources go: very many where none of them counts."""
    total = 0
    for one in free:
        if one.demand is not None:
            each = [max(0, one.free[d]) // one.demand[d] for d in among if one.demand[d]]
            total += one.count * min(each, default=10**6)
    return total


def _pooled(free: Sequence[FreeInstances], place: int) -> int:
    """How many copies there would be, were what is free of a resource in one piece."""
    there = sum(one.count * max(0, one.free[place]) for one in free if one.demand is not None)
    least = min((one.demand[place] for one in free if one.demand and one.demand[place]), default=0)
    return there // least if least else 0


def _in_world(arrangement: Arrangement, placement: Sequence[Pattern]) -> Iterator[FreeInstances]:
    counted = arrangement.counted or tuple(one.capacity for one in arrangement.bins)
    kinds = [kind.demands for kind in arrangement.lying]
    for number, count, copies in _patterns([one.count for one in arrangement.bins], placement, len(kinds)):
        taken = arrangement.bins[number].used or (0,) * len(counted[number])
        free = _less(counted[number], taken, [row[number] for row in kinds], copies)
        yield FreeInstances(count, free, arrangement.target[number])


def laid_out(question: StepQuestion, model: PackingModel) -> Iterator[FreeInstances]:
    """What is free in some layout of what runs, on the most that instances may offer."""
    problem, placement = some_layout(question, model)
    kinds = [kind.demands for kind in problem.kinds]
    for number, count, copies in _patterns([one.count for one in problem.bins], placement, len(kinds)):
        own = problem.bins[number]
        free = _less(own.free, (0,) * len(own.free), [row[number] for row in kinds], copies)
        yield FreeInstances(count, free, problem.kinds[-1].demands[number])


def some_layout(question: StepQuestion, model: PackingModel) -> tuple[Problem, tuple[Pattern, ...]]:
    """A layout of what runs; none of its instances holds anything where none was found."""
    step = attrs.evolve(question.step, copies=0)
    problem = model.problem(step, question.box.best)
    return problem, pack(problem, question.budget).placement or ()


def _patterns(
    counts: Sequence[int], placement: Sequence[Pattern], kinds: int
) -> Iterator[tuple[int, int, Sequence[int]]]:
    """Each kind of bin with how many of them hold what; bins in no pattern are empty."""
    left = list(counts)
    for one in placement:
        left[one.bin] -= one.times
        yield one.bin, one.times, one.copies
    yield from ((number, count, (0,) * kinds) for number, count in enumerate(left) if count)


def _less(there: Vector, used: Vector, demands: Sequence[Vector | None], copies: Sequence[int]) -> Vector:
    free = [own - taken for own, taken in zip(there, used, strict=True)]
    for demand, count in zip(demands, copies, strict=True):
        for place, amount in enumerate(demand or ()):
            free[place] -= count * amount
    return tuple(free)
