"""Answers by trying everything, for problems of a few copies and bins."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from icplan.packing import ZoneLost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.packing import Arrangement, Bin, Condition, FleetProblem, Kind, Problem, Vector


def bin_fillings(own: Bin, b: int, kinds: Sequence[Kind]) -> list[tuple[int, ...]]:
    """Every legal filling of one bin."""
    ranges = [range(k.count + 1) if k.demands[b] is not None else range(1) for k in kinds]
    return [c for c in product(*ranges) if legal(own.free, [k.demands[b] for k in kinds], c)]


def legal(free: Vector, demands: Sequence[Vector | None], copies: Sequence[int]) -> bool:
    """Whether the copies fit."""
    return all(
        sum(n * d[j] for n, d in zip(copies, demands, strict=True) if d is not None and n) <= f
        for j, f in enumerate(free)
    )


def reachable(problem: Problem) -> set[tuple[int, ...]]:
    """Every vector of copies that can lie in all bins together."""
    totals = {(0,) * len(problem.kinds)}
    for b, own in enumerate(problem.bins):
        fillings = bin_fillings(own, b, problem.kinds)
        for _ in range(own.count):
            totals = {
                total
                for have in totals
                for copies in fillings
                for total in [tuple(a + c for a, c in zip(have, copies, strict=True))]
                if all(n <= k.count for n, k in zip(total, problem.kinds, strict=True))
            }
    return totals


def fits(problem: Problem) -> bool:
    """Whether all copies fit."""
    return tuple(k.count for k in problem.kinds) in reachable(problem)


def slots(arrangement: Arrangement) -> tuple[int, int] | None:
    """The least and the greatest number of slots; ``None`` if the copies cannot lie in the bins."""
    leaves = arrangement.leaves or (0,) * len(arrangement.lying)
    zero = ((0,) * len(leaves), (0,) * len(leaves))
    states: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, int]] = {zero: (0, 0)}
    counts = [k.count for k in arrangement.lying]
    for b, own in enumerate(arrangement.bins):
        options = list(_bin_options(arrangement, b))
        for _ in range(own.count):
            following: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, int]] = {}
            for (lying, gone), (low, high) in states.items():
                for copies, leaving, room in options:
                    all_lying = tuple(a + c for a, c in zip(lying, copies, strict=True))
                    all_gone = tuple(a + c for a, c in zip(gone, leaving, strict=True))
                    if any(a > c for a, c in zip(all_lying, counts, strict=True)):
                        continue
                    if any(a > c for a, c in zip(all_gone, leaves, strict=True)):
                        continue
                    key = (all_lying, all_gone)
                    old = following.get(key, (low + room, high + room))
                    following[key] = (min(old[0], low + room), max(old[1], high + room))
            states = following
    return states.get((tuple(counts), tuple(leaves)))


def _bin_options(arrangement: Arrangement, b: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], int]]:
    own, target = arrangement.bins[b], arrangement.target[b]
    counted = own.capacity if arrangement.counted is None else arrangement.counted[b]
    used = own.used or (0,) * len(counted)
    demands = [k.demands[b] or (0,) * len(counted) for k in arrangement.lying]
    for copies in bin_fillings(own, b, arrangement.lying):
        for leaving in product(*[range(c + 1) for c in copies]):
            room = 0
            if target is not None:
                room = min(
                    max(
                        0,
                        counted[j]
                        - used[j]
                        - sum((c - a) * d[j] for c, a, d in zip(copies, leaving, demands, strict=True)),
                    )
                    // target[j]
                    for j in range(len(counted))
                    if target[j]
                )
            yield copies, leaving, room


def cheapest_fleet(problem: FleetProblem) -> int | None:
    """The least cost of a fleet that holds all conditions; ``None`` if no allowed fleet does."""
    # More bins of an option than copies never help, whatever is lost of them.
    copies = max((sum(c.counts) for c in problem.conditions), default=0)
    zones = max((c.lost.zones for c in problem.conditions if isinstance(c.lost, ZoneLost)), default=1)
    useful = 2 * copies + zones
    ranges = [range(min(option.most, useful) + 1) for option in problem.options]
    for counts in sorted(product(*ranges), key=lambda n: (problem.cost(n), n)):
        if problem.allows(counts) and all(_holds(problem, c, counts) for c in problem.conditions):
            return problem.cost(counts)
    return None


def _holds(problem: FleetProblem, condition: Condition, counts: tuple[int, ...]) -> bool:
    left = condition.left(counts)
    if left is None:
        return True
    # As many bins as copies are enough to try.
    return fits(problem.packing(tuple(min(n, sum(condition.counts)) for n in left), condition.counts))
