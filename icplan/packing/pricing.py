"""The heaviest pattern of each class of bins: breadth first over the kinds, all classes at once, with NumPy.

What is still to come is bounded by a table over the two most binding dimensions (rounded so that the bound
stays valid) plus Lagrangian terms for the others. Values are integers; only bounds are floats, with a margin
far above their rounding error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.engine import knapsack_duals

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Cells of a table.
CELLS = 6000

#: Bounds may be off by this much; values are whole numbers far below 2**40.
MARGIN = 1e-3

#: Past so many states at once only the most promising go on, and the result is a bound only.
MOST_STATES = 150_000


@attrs.frozen
class Heaviest:
    """Per class: patterns found (copies per kind) with their weights, and a bound no pattern exceeds."""

    patterns: list[tuple[int, int, Ints]]
    bounds: Ints


@attrs.define
class Shelf:
    """Classes in which every kind has the same demand. ``classes`` are their numbers, ``free`` their room."""

    classes: Ints
    free: Ints
    kinds: Ints
    demands: Ints

    def heaviest(
        self, weights: Ints, counts: Ints, floors: Ints, width: int, budget: Budget, keep: int = 3
    ) -> Heaviest:
        """Patterns heavier than ``floors`` (per class), with at most ``width`` states at once per class."""
        size = len(self.classes)
        rooms = _rooms(self.free.max(axis=0), self.demands)
        most = np.minimum(counts[self.kinds], rooms)
        chosen = np.flatnonzero((weights[self.kinds] > 0) & (most > 0))
        if not len(chosen):
            return Heaviest([], np.maximum(floors, 0))
        kinds, demands, most = self.kinds[chosen], self.demands[chosen], most[chosen]
        values = weights[kinds]
        search = _Search(self.free, kinds, demands, most, values, len(weights))
        return search.run(self.classes, floors, width * size, budget, keep)


def _rooms(free: Ints, demands: Ints) -> Ints:
    """How many copies of each kind an empty bin holds."""
    with np.errstate(divide="ignore"):
        each = np.where(demands > 0, free[None, :] // np.maximum(demands, 1), np.iinfo(np.int64).max)
    rooms: Ints = each.min(axis=1)
    return rooms


class _Search:
    """One search over the kinds in a fixed order."""

    def __init__(self, free: Ints, kinds: Ints, demands: Ints, most: Ints, values: Ints, size: int) -> None:
        self.free, self.size = free, size
        prices = knapsack_duals(free.max(axis=0), demands, most, values)
        merit = values / np.maximum(demands @ prices, 1e-30)
        order = np.lexsort((kinds, -merit))
        self.kinds, self.demands = kinds[order], demands[order]
        self.most, self.values = most[order], values[order]
        binding = prices * free.max(axis=0)
        dims = np.lexsort((np.arange(len(binding)), -binding))
        self.pair = [int(j) for j in dims[:2]] if len(dims) > 1 else [int(dims[0]), int(dims[0])]
        self.rest = prices.copy()
        self.rest[self.pair] = 0.0
        self._tables()

    def _tables(self) -> None:
        """``tables[t][i, j]``: a bound on what kinds ``t`` and later weigh in so much room, less the rest terms."""
        a, b = self.pair
        room = self.free.max(axis=0)
        steps = _cells(int(room[a]), int(room[b]) if b != a else 0)
        self.units = [max(1, -(-int(room[x]) // s)) if s else 1 for x, s in zip((a, b), steps, strict=True)]
        if b == a:
            self.units[1] = int(room[a]) + 1
        shape = [int(room[x]) // u + 1 for x, u in zip((a, b), self.units, strict=True)]
        table = np.zeros(shape)
        self.tables = [table]
        for t in range(len(self.kinds) - 1, -1, -1):
            gain = float(self.values[t] - self.demands[t] @ self.rest)
            if gain > 0:
                da, db = (int(self.demands[t][x]) for x in (a, b))
                table = _with_copies(table, (da, db if b != a else 0), self.units, gain, int(self.most[t]))
            self.tables.append(table)
        self.tables.reverse()

    def run(self, classes: Ints, floors: Ints, width: int, budget: Budget, keep: int) -> Heaviest:
        left = self.free.copy()
        value = np.zeros(len(classes), dtype=np.int64)
        owner = np.arange(len(classes))
        bounds = floors.astype(np.float64)
        trail: list[tuple[Ints, Ints]] = []
        for t in range(len(self.kinds)):
            size, own = self.demands[t], self.values[t]
            room = np.minimum(_rooms_of(left, size), self.most[t])
            origin = np.repeat(np.arange(len(value)), room + 1)
            starts = np.cumsum(room + 1) - (room + 1)
            copies = np.arange(len(origin)) - starts[origin]
            left = left[origin] - copies[:, None] * size
            value = value[origin] + copies * own
            owner = owner[origin]
            hope = value + self._hope(t + 1, left)
            alive = np.flatnonzero(hope >= floors[owner] + 1 - MARGIN)
            if len(alive) > width or budget.spent:
                ranked = alive[np.argsort(-hope[alive], kind="stable")]
                alive, dropped = np.sort(ranked[:width]), ranked[width:]
                np.maximum.at(bounds, owner[dropped], hope[dropped])
            left, value, owner = left[alive], value[alive], owner[alive]
            trail.append((origin[alive], copies[alive]))
            if not len(alive):
                break
        found = self._patterns(classes, value, owner, trail, keep) if len(value) else []
        np.maximum.at(bounds, owner, value.astype(np.float64))
        return Heaviest(found, np.floor(bounds + MARGIN).astype(np.int64))

    def _hope(self, t: int, left: Ints) -> Floats:
        a, b = self.pair
        rows = left[:, a] // self.units[0]
        columns = left[:, b] // self.units[1]
        hope: Floats = self.tables[t][rows, columns] + left @ self.rest
        return hope

    def _patterns(
        self, classes: Ints, value: Ints, owner: Ints, trail: Sequence[tuple[Ints, Ints]], keep: int
    ) -> list[tuple[int, int, Ints]]:
        """The heaviest few per class."""
        order = np.lexsort((np.arange(len(value)), -value, owner))
        first = np.searchsorted(owner[order], np.arange(len(classes)))
        found = []
        for k, start in enumerate(first):
            for at in order[start : start + keep]:
                if owner[at] != k:
                    break
                pattern = np.zeros(self.size, dtype=np.int64)
                state = int(at)
                for t in range(len(trail) - 1, -1, -1):
                    origin, copies = trail[t]
                    pattern[self.kinds[t]] = copies[state]
                    state = int(origin[state])
                found.append((int(classes[k]), int(value[at]), pattern))
        return found


def _rooms_of(left: Ints, demand: Ints) -> Ints:
    """How many copies fit in each row of what is left."""
    needed = np.flatnonzero(demand)
    room = left[:, needed[0]] // demand[needed[0]]
    for j in needed[1:]:
        room = np.minimum(room, left[:, j] // demand[j])
    rooms: Ints = room
    return rooms


def _cells(first: int, second: int) -> tuple[int, int]:
    """How many steps each of two dimensions gets: few where it has only few values."""
    small, large = sorted((first, second))
    one = min(small, int(CELLS**0.5))
    other = min(large, CELLS // (one + 1))
    return (one, other) if first <= second else (other, one)


def _with_copies(
    table: Floats, demand: tuple[int, int], units: Sequence[int], gain: float, most: int
) -> Floats:
    """The table with up to ``most`` copies of one more kind, by doubling."""
    step, left = 1, most
    while left > 0:
        taken = min(step, left)
        i, j = (taken * d // u for d, u in zip(demand, units, strict=True))
        if i >= table.shape[0] or j >= table.shape[1]:
            break
        better = table.copy()
        target = better[i:, j:]
        np.maximum(target, table[: table.shape[0] - i, : table.shape[1] - j] + taken * gain, out=target)
        table = better
        left -= taken
        step *= 2
    return table
