"""Placements found fast: equal bins are filled as a group, so work does not grow with the copies."""

from __future__ import annotations

from itertools import islice
from operator import mul
from typing import TYPE_CHECKING

from icplan.packing.normal import most_copies
from icplan.packing.problem import Vector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.packing.normal import Core, Load

#: (class, number of bins, what is left of each, copies in each)
Group = tuple[int, int, Vector, tuple[int, ...]]

#: Of all orders, so many are enough for the first patterns of a column generation.
FEW_ORDERS = 4


def groups_of(core: Core) -> list[Group]:
    """All bins, empty."""
    nothing = (0,) * len(core.counts)
    return [(k, m, core.free[k], nothing) for k, m in enumerate(core.bins)]


def loads_of(groups: Sequence[Group]) -> list[Load]:
    """What lies where."""
    return [(k, times, copies) for k, times, _, copies in groups]


def scarcity(core: Core) -> list[float]:
    """Per dimension the share of all capacity that all copies take, where they take least."""
    shares = []
    for j in range(len(core.free[0])):
        room = sum(m * f[j] for m, f in zip(core.bins, core.free, strict=True))
        taken = sum(n * min_demand(core, t, j) for t, n in enumerate(core.counts))
        shares.append(taken / room if room else 0.0)
    return shares


def min_demand(core: Core, t: int, j: int) -> int:
    """The least a copy of kind ``t`` takes of dimension ``j`` in any class."""
    return min((row[t][j] for row in core.demands if row[t] is not None), default=0)  # type: ignore[index]


def best_fit(
    core: Core, order: Sequence[int], weights: Sequence[float], start: list[Group], counts: Sequence[int]
) -> list[Group] | None:
    """Kind after kind, each into the bins where it leaves least; ``None`` if some copy finds no room."""
    groups = start
    for t in order:
        if counts[t]:
            missing, groups = _place(core, t, counts[t], weights, groups)
            if missing:
                return None
    return groups


def as_many(core: Core, order: Sequence[int], weights: Sequence[float]) -> list[Group]:
    """As :func:`best_fit`, without the copies that find no room."""
    groups = groups_of(core)
    for t in order:
        _, groups = _place(core, t, core.counts[t], weights, groups)
    return groups


def _place(
    core: Core, t: int, count: int, weights: Sequence[float], groups: list[Group]
) -> tuple[int, list[Group]]:
    """How many copies found no room, and the groups with the others."""
    ranked = []
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


def _sizes(core: Core, shares: Sequence[float]) -> list[list[float]]:
    """Per kind and dimension: its demand as a share of the mean free capacity, weighted by scarcity."""
    total = sum(core.bins)
    sizes = []
    for t in range(len(core.counts)):
        row = []
        for j, share in enumerate(shares):
            mean = sum(m * f[j] for m, f in zip(core.bins, core.free, strict=True)) / total
            row.append(share * min_demand(core, t, j) / mean if mean else 0.0)
        sizes.append(row)
    return sizes


def _measures() -> list[Callable[[Sequence[float]], float]]:
    return [
        sum,
        max,
        lambda row: sum(x * x for x in row),
        lambda row: max(row) + min(row),
        lambda row: sum(sorted(row)[-2:]),
    ]


def orders(core: Core) -> Iterator[tuple[list[int], list[float]]]:
    """Orders of the kinds, largest first by several measures of size, and weights for 'leaves least'."""
    shares = scarcity(core)
    sizes = _sizes(core, shares)
    total = sum(core.bins)
    means = [
        sum(m * f[j] for m, f in zip(core.bins, core.free, strict=True)) / total for j in range(len(shares))
    ]
    weights = [share / mean if mean else 0.0 for share, mean in zip(shares, means, strict=True)]
    homes = [
        sum(m for m, row in zip(core.bins, core.demands, strict=True) if row[t] is not None)
        for t in range(len(sizes))
    ]
    seen = set()
    for measure in _measures():
        for picky in (False, True):
            keys = [(homes[t] if picky else 0, -measure(sizes[t]), t) for t in range(len(sizes))]
            order = [t for _, _, t in sorted(keys)]
            if tuple(order) not in seen:
                seen.add(tuple(order))
                yield order, weights


def greedy(core: Core) -> list[Load] | None:
    """A placement of all, if one of the orders finds one."""
    for order, weights in orders(core):
        groups = best_fit(core, order, weights, groups_of(core), core.counts)
        if groups is not None:
            return loads_of(groups)
    return bin_by_bin(core, groups_of(core), core.counts)


def bin_by_bin(core: Core, start: Sequence[Group], counts: Sequence[int]) -> list[Load] | None:
    """Fill one bin as well as possible, and as many more the same way as there are copies for."""
    loads, left = _bin_by_bin(core, start, counts)
    return None if any(left) else loads


def full_bins(core: Core) -> list[Load]:
    """As :func:`bin_by_bin`, without the copies that find no room."""
    return _bin_by_bin(core, groups_of(core), core.counts)[0]


def _bin_by_bin(core: Core, start: Sequence[Group], counts: Sequence[int]) -> tuple[list[Load], list[int]]:
    shares = scarcity(core)
    sizes = _sizes(core, shares)
    left = list(counts)
    loads: list[Load] = []
    for k, bins, free, held in start:
        remaining = bins
        while remaining:
            filled = _fill(core, k, free, left, sizes)
            repeat = min([remaining] + [n // c for n, c in zip(left, filled, strict=True) if c])
            loads.append((k, repeat, tuple(a + b for a, b in zip(held, filled, strict=True))))
            left = [n - repeat * c for n, c in zip(left, filled, strict=True)]
            remaining -= repeat
    return loads, left


def _fill(
    core: Core, k: int, free: Vector, counts: Sequence[int], sizes: Sequence[Sequence[float]]
) -> list[int]:
    """Copies for one bin: again and again the kind whose shape matches best what is left."""
    left = list(free)
    filled = [0] * len(counts)
    scale = [f or 1 for f in core.free[k]]
    while True:
        best: tuple[float, int] | None = None
        for t, demand in enumerate(core.demands[k]):
            if (
                demand is None
                or filled[t] >= counts[t]
                or any(d > f for d, f in zip(demand, left, strict=True))
            ):
                continue
            score = sum(s * f / c for s, f, c in zip(sizes[t], left, scale, strict=True))
            if best is None or score > best[0]:
                best = (score, t)
        if best is None:
            return filled
        t = best[1]
        demand = core.demands[k][t] or ()
        filled[t] += 1
        left = [f - d for f, d in zip(left, demand, strict=True)]


def finish(
    core: Core, loads: Sequence[Load], bins: Sequence[int], counts: Sequence[int], tries: int = 4
) -> list[Load] | None:
    """Place what is left over in the bins left over (and in what the others have free), greedily.

    ``tries`` orders of the kinds, then bin by bin unless it is only one.
    """
    nothing = (0,) * len(core.counts)
    groups = [(k, m, core.free[k], nothing) for k, m in enumerate(bins) if m]
    closed: list[Load] = []
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
    for order, weights in islice(orders(core), tries):
        placed = best_fit(core, order, weights, groups, counts)
        if placed is not None:
            return closed + loads_of(placed)
    filled = bin_by_bin(core, groups, counts) if tries > 1 else None
    return None if filled is None else closed + filled


def _least_demands(core: Core, k: int, counts: Sequence[int]) -> Vector | None:
    """The least that any copy left over takes of each dimension; ``None`` if none may lie there."""
    demands = [d for d, n in zip(core.demands[k], counts, strict=True) if n and d is not None]
    return tuple(map(min, zip(*demands, strict=True))) if demands else None
