"""A bound on what the rest of the kinds can still weigh in what is left of a bin.

A table over the two most binding dimensions, rounded so that the bound stays valid, plus Lagrangian terms
for the others: this is what keeps the search for the heaviest pattern short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


def copies_that_fit(left: Ints, demands: Ints) -> Ints:
    """Row by row how many copies fit in what is left (one of the two may have a single row)."""
    unlimited = np.iinfo(np.int64).max
    each = np.where(demands > 0, left // np.maximum(demands, 1), unlimited)
    rooms: Ints = each.min(axis=1)
    return rooms


class KnapsackBound:
    """``bound(t, left)``: what kinds ``t`` and later gain at most in what is left."""

    def __init__(
        self,
        room: Ints,
        demands: Ints,
        most: Ints,
        gains: Floats,
        prices: Floats,
        cells: int,
        budget: Budget,
    ) -> None:
        binding = prices * room
        dims = [int(j) for j in np.lexsort((np.arange(len(room)), -binding))]
        self.first = dims[0]
        self.second = dims[1] if len(dims) > 1 else None
        self.rest = prices.copy()
        self.rest[dims[:2]] = 0.0
        pair = (int(room[self.first]), 0 if self.second is None else int(room[self.second]))
        steps = [int(np.gcd.reduce(demands[:, j])) or 1 for j in dims[:2]]
        self.units = _units(pair, (*steps, 1)[:2], cells)
        table = np.zeros([r // u + 1 for r, u in zip(pair, self.units, strict=True)])
        self.tables = [table]
        budget.charge(60 + len(gains) * (30 + table.size // 100))
        nets = gains - demands @ self.rest
        for t in range(len(gains) - 1, -1, -1):
            if nets[t] > 0:
                sizes = (
                    int(demands[t][self.first]),
                    0 if self.second is None else int(demands[t][self.second]),
                )
                table = _with_copies(table, sizes, self.units, float(nets[t]), int(most[t]))
            self.tables.append(table)
        self.tables.reverse()

    def bound(self, t: int, left: Ints) -> Floats:
        """Per row of ``left`` (its first columns are the dimensions)."""
        rows = left[:, self.first] // self.units[0]
        columns = 0 if self.second is None else left[:, self.second] // self.units[1]
        bound: Floats = self.tables[t][rows, columns] + left[:, : len(self.rest)] @ self.rest
        return bound


def _units(pair: tuple[int, int], steps: Sequence[int], cells: int) -> list[int]:
    """What one cell is worth in each of two dimensions: a step of the demands, or more if cells are few."""
    sizes = [room // step + 1 for room, step in zip(pair, steps, strict=True)]
    small = 0 if sizes[0] <= sizes[1] else 1
    allowed = [0, 0]
    allowed[small] = min(sizes[small], int(cells**0.5))
    allowed[1 - small] = min(sizes[1 - small], max(1, cells // allowed[small]))
    return [step * -(-size // most) for step, size, most in zip(steps, sizes, allowed, strict=True)]


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
