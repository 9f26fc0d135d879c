"""Placements found fast: equal bins are filled as a group, so work does not grow with the copies."""

from __future__ import annotations

from itertools import islice
from operator import mul, sub
from typing import TYPE_CHECKING

import attrs

from icplan.packing.problem import Vector
from icplan.packing.solver.presolve import most_copies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.budget import Budget
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

#: (class, number of bins, what is left of each, copies in each)
Group = tuple[int, int, Vector, tuple[int, ...]]

#: Of all orders, the fillings of so many are enough to begin with.
MAX_ORDERS = 4


def groups_of(core: ReducedProblem) -> list[Group]:
    """All bins, empty."""
    nothing = (0,) * len(core.counts)
    return [(k, m, core.free[k], nothing) for k, m in enumerate(core.bins)]


def loads_of(groups: Sequence[Group]) -> list[BinFill]:
    """What lies where."""
    return [(k, times, copies) for k, times, _, copies in groups]


def best_fit(
    core: ReducedProblem, budget: Budget, order: Sequence[int], start: list[Group], counts: Sequence[int]
) -> list[Group] | None:
    """Kind after kind, each into the bins where it leaves least; ``None`` if some copy finds no room."""
    groups = start
    for t in order:
        if counts[t]:
            if not budget.spend(units_of(groups)):
                return None
            missing, groups = _place(core, t, counts[t], groups)
            if missing:
                return None
    return groups


def units_of(groups: Sequence[object]) -> int:
    """What it takes to look at so many groups of bins, or kinds, once."""
    return 8 + 4 * len(groups)


def _place(core: ReducedProblem, t: int, count: int, groups: list[Group]) -> tuple[int, list[Group]]:
    """How many copies found no room, and the groups with the others."""
    weights, ranked = core.sizes.weights, []
    for at, (k, _, left, _) in enumerate(groups):
        demand = core.demands[k][t]
        room = most_copies(left, demand, count)
        if room:
            ranked.append((sum(map(mul, weights, left)), at, room, demand))
    ranked.sort(key=lambda e: e[:2])
    changed: dict[int, list[Group]] = {}
    for _, at, room, demand in ranked:
        k, times, left, copies = groups[at]
        full = min(times, count // room)
        pieces = [(full, room)] if full else []
        count -= full * room
        if full < times and count:
            pieces.append((1, min(count, room)))
            count -= pieces[-1][1]
        rest = times - sum(n for n, _ in pieces)
        changed[at] = [_filled((k, n, left, copies), t, demand or (), c) for n, c in pieces]
        if rest:
            changed[at].append((k, rest, left, copies))
        if not count:
            break
    return count, [g for at, group in enumerate(groups) for g in changed.get(at, (group,))]


def _filled(group: Group, t: int, demand: Vector, n: int) -> Group:
    k, times, left, copies = group
    return (
        k,
        times,
        tuple([a - n * b for a, b in zip(left, demand, strict=True)]),
        (*copies[:t], copies[t] + n, *copies[t + 1 :]),
    )


@attrs.define
class Greedy:
    """Tries orders of the kinds; ``fillings`` that leave copies out are good patterns to begin with."""

    core: ReducedProblem
    budget: Budget
    fillings: list[list[BinFill]] = attrs.field(init=False, factory=list)

    def place(self) -> list[BinFill] | None:
        """A placement of all, if one of the orders finds one."""
        core = self.core
        for n, order in enumerate(core.sizes.orders()):
            if n >= MAX_ORDERS:
                groups = best_fit(core, self.budget, order, groups_of(core), core.counts)
                if groups is not None:
                    return loads_of(groups)
            elif self._fill(order):
                return self.fillings[-1]
            if self.budget.exhausted:
                return None
        loads, left = _bin_by_bin(core, self.budget, groups_of(core), core.counts)
        self.fillings.append(loads)
        return None if any(left) else loads

    def _fill(self, order: Sequence[int]) -> bool:
        """As :func:`best_fit`, without the copies that find no room; whether all do."""
        left_out = 0
        groups = groups_of(self.core)
        for t in order:
            if not self.budget.spend(units_of(groups)):
                return False
            missing, groups = _place(self.core, t, self.core.counts[t], groups)
            left_out += missing
        self.fillings.append(loads_of(groups))
        return not left_out


def bin_by_bin(
    core: ReducedProblem, budget: Budget, start: Sequence[Group], counts: Sequence[int]
) -> list[BinFill] | None:
    """Fill one bin as well as possible, and as many more the same way as there are copies for."""
    loads, left = _bin_by_bin(core, budget, start, counts)
    return None if any(left) else loads


def _bin_by_bin(
    core: ReducedProblem, budget: Budget, start: Sequence[Group], counts: Sequence[int]
) -> tuple[list[BinFill], list[int]]:
    left = list(counts)
    loads: list[BinFill] = []
    for k, bins, free, held in start:
        remaining = bins
        while remaining and budget.spend(units_of(left)):
            filled = _fill(core, budget, k, free, left)
            repeat = min([remaining] + [n // c for n, c in zip(left, filled, strict=True) if c])
            loads.append((k, repeat, tuple(a + b for a, b in zip(held, filled, strict=True))))
            left = [n - repeat * c for n, c in zip(left, filled, strict=True)]
            remaining -= repeat
    return loads, left


def _fill(core: ReducedProblem, budget: Budget, k: int, free: Vector, counts: Sequence[int]) -> list[int]:
    """Copies for one bin: again and again the kind whose shape matches best what is left."""
    left = free
    filled = [0] * len(counts)
    candidates = [
        (
            t,
            demand,
            [size / (room or 1) for size, room in zip(core.sizes.kinds[t], core.free[k], strict=True)],
        )
        for t, demand in enumerate(core.demands[k])
        if demand is not None
    ]
    while True:
        # A kind that has no room, or no copies left, will have none later.
        candidates = [e for e in candidates if filled[e[0]] < counts[e[0]] and min(map(sub, left, e[1])) >= 0]
        if not candidates:
            return filled
        budget.charge(units_of(candidates))
        t, demand, _ = max(candidates, key=lambda e: sum(map(mul, e[2], left)))
        filled[t] += 1
        left = tuple(map(sub, left, demand))


def finish(
    core: ReducedProblem,
    budget: Budget,
    loads: Sequence[BinFill],
    bins: Sequence[int],
    counts: Sequence[int],
    tries: int = 4,
) -> list[BinFill] | None:
    """Place what is left over in the bins left over (and in what the others have free), greedily.

    ``tries`` orders of the kinds, then bin by bin unless it is only one.
    """
    budget.charge(units_of(loads) + len(core.bins) * len(core.counts))
    nothing = (0,) * len(core.counts)
    groups = [(k, m, core.free[k], nothing) for k, m in enumerate(bins) if m]
    closed: list[BinFill] = []
    least = [_least_demands(core, k, counts) for k in range(len(core.bins))]
    for k, times, copies in loads:
        left = core.free[k]
        for demand, n in zip(core.demands[k], copies, strict=True):
            if n and demand is not None:
                left = tuple([f - n * d for f, d in zip(left, demand, strict=True)])
        smallest = least[k]
        if smallest is None or any(d > f for d, f in zip(smallest, left, strict=True)):
            closed.append((k, times, copies))
        else:
            groups.append((k, times, left, copies))
    for order in islice(core.sizes.orders(), tries):
        placed = best_fit(core, budget, order, groups, counts)
        if placed is not None:
            return closed + loads_of(placed)
    filled = bin_by_bin(core, budget, groups, counts) if tries > 1 else None
    return None if filled is None else closed + filled


def _least_demands(core: ReducedProblem, k: int, counts: Sequence[int]) -> Vector | None:
    """The least that any copy left over takes of each dimension; ``None`` if none may lie there."""
    demands = [d for d, n in zip(core.demands[k], counts, strict=True) if n and d is not None]
    return tuple(map(min, zip(*demands, strict=True))) if demands else None
