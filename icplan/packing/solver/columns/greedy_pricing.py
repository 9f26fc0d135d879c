"""Many good patterns at once: one greedy filling from each kind, always with the kind that promises most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from icplan.packing.solver.columns.knapsack_bound import KnapsackBound, copies_that_fit
from icplan.packing.solver.lp import knapsack_duals

if TYPE_CHECKING:
    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.solver.columns.pricing import BinGroup

    Ints = npt.NDArray[np.int64]

#: Fewer kinds than this are searched well enough without.
MIN_KINDS = 60

#: More copies than this no filling gets.
DEPTH = 40

#: Cells of the table that says what promises most.
CELLS = 6000


def greedy_patterns(shelf: BinGroup, weights: Ints, counts: Ints, budget: Budget) -> list[tuple[int, Ints]]:
    """(class, copies per kind): for each class of the shelf and each kind, a filling that begins with it."""
    found = []
    for k, free in zip(shelf.classes.tolist(), shelf.free, strict=True):
        most = np.minimum(counts[shelf.kinds], copies_that_fit(free[None, :], shelf.demands))
        chosen = np.flatnonzero((weights[shelf.kinds] > 0) & (most > 0))
        if not len(chosen):
            continue
        patterns = _fill(free, shelf.demands[chosen], most[chosen], weights[shelf.kinds[chosen]], budget)
        for row in np.unique(patterns, axis=0):
            pattern = np.zeros(len(weights), dtype=np.int64)
            pattern[shelf.kinds[chosen]] = row
            found.append((k, pattern))
    return found


def _fill(free: Ints, demands: Ints, most: Ints, values: Ints, budget: Budget) -> Ints:
    prices = knapsack_duals(free, demands, most, values, budget)
    table = KnapsackBound(free, demands, most, values.astype(np.float64), prices, CELLS, budget)
    kinds = len(values)
    copies = np.eye(kinds, dtype=np.int64)
    left = free[None, :] - demands
    for _ in range(DEPTH):
        if not budget.spend(50 + kinds * kinds // 8):
            break
        after = left[:, None, :] - demands[None, :, :]
        allowed = (after.min(axis=2) >= 0) & (copies < most[None, :])
        going = np.flatnonzero(allowed.any(axis=1))
        if not len(going):
            break
        upper_bound = table.bound(0, np.maximum(after[going], 0).reshape(-1, len(free))).reshape(
            len(going), kinds
        )
        best = np.where(allowed[going], upper_bound + values[None, :], -np.inf).argmax(axis=1)
        copies[going, best] += 1
        left[going] -= demands[best]
    return copies
