"""Placements of very large problems: kind after kind, evenly into the fullest bins, then repairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from icplan.packing.problem import MAX_AMOUNT

if TYPE_CHECKING:
    import numpy.typing as npt

    from icplan.packing.array_problem import ArrayProblem
    from icplan.packing.budget import Budget

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Bins, kinds and copies.
Placed = tuple["Ints", "Ints", "Ints"]

#: How often the bins where most is wasted, and what share of all, are emptied and filled anew.
REPAIRS = 4
REPAIRED = 0.1

#: Waste of a dimension counts by this power of the share of it that is needed: of what is plenty, hardly.
SCARCE = 8

#: Room for copies that take nothing.
PLENTY = 10.0**12


def rooms(left: Ints, demands: Ints, shapes: Ints) -> Floats:
    """Copies per bin of one kind, of which ``demands`` has a row per shape.

    Floats are exact here: the quotient of numbers below 2**52 never rounds up to the next whole number.
    """
    room = np.full(left.shape[1], PLENTY)
    for own, demand in zip(left, demands.T, strict=True):
        if (demand == demand[0]).all():
            if demand[0] > 0:
                np.minimum(room, own / demand[0], out=room)
        else:
            each = demand[shapes]
            np.minimum(room, np.where(each > 0, own / np.maximum(each, 1), PLENTY), out=room)
    banned: npt.NDArray[np.bool_] = demands.min(axis=1) < 0
    if banned.any():
        room[banned[shapes]] = 0.0
    whole: Floats = np.floor(room)
    return whole


def least(problem: ArrayProblem) -> Ints:
    """What a copy of each kind takes at least, wherever it may lie: (kind, dimension)."""
    allowed = problem.demands.min(axis=2, keepdims=True) >= 0
    amounts: Ints = np.where(allowed, problem.demands, MAX_AMOUNT).min(axis=0)
    return amounts


class Filler:
    """What is left of every bin while kind after kind is placed, those least like the mix of all first."""

    def __init__(self, problem: ArrayProblem, budget: Budget) -> None:
        self.problem, self.budget = problem, budget
        self.left = problem.free.T.copy()
        self.missing = problem.counts.copy()
        bins = max(1, self.left.shape[1])
        self.mean = np.maximum(self.left.sum(axis=1) / bins, 1.0)
        self.placed: list[Placed] = []
        sizes = least(problem) / self.mean
        self.used = (sizes * problem.counts[:, None]).sum(axis=0) / bins
        mix = self.used / np.maximum(np.sqrt((self.used**2).sum()), 1e-30)
        unlike = ((sizes - (sizes * mix).sum(axis=1)[:, None] * mix) ** 2).sum(axis=1)
        self.order: list[int] = np.lexsort((np.arange(len(unlike)), -unlike)).tolist()

    def fill_all(self) -> Placed | None:
        """All copies, wherever there is room; ``None`` if some find none."""
        self._place_missing(np.arange(self.left.shape[1]))
        return self._repair()

    def by_shape(self, amounts: Floats) -> Placed | None:
        """So many copies per kind in each shape first, then the rest wherever there is room."""
        bins = [np.flatnonzero(self.problem.shapes == s) for s in range(len(amounts))]
        for t in self.order:
            for s, own in enumerate(bins):
                self._place(t, min(int(self.missing[t]), int(amounts[s, t] + 0.5)), own)
        return self.fill_all()

    def _place_missing(self, bins: Ints) -> None:
        for t in self.order:
            self._place(t, int(self.missing[t]), bins)

    def _place(self, t: int, count: int, bins: Ints) -> None:
        """Copies of one kind into some of the bins, as many as have room."""
        while count and self.budget.spend(50 + len(bins) // 20):
            placed = self._place_evenly(t, count, bins)
            self.missing[t] -= placed
            count = count - placed if placed else 0

    def _place_evenly(self, t: int, count: int, bins: Ints) -> int:
        """As many copies as have room, none in a bin beyond what each would get if all got the same."""
        demands = self.problem.demands[:, t, :]
        whole = len(bins) == self.left.shape[1]
        left = self.left if whole else self.left[:, bins]
        room = rooms(left, demands, self.problem.shapes if whole else self.problem.shapes[bins])
        chosen = np.flatnonzero(room)
        if not len(chosen):
            return 0
        even = -(-count // len(chosen))
        score = (left[:, chosen] / self.mean[:, None]).sum(axis=0)
        if len(chosen) > count:
            # Every one of them takes a copy, so no more than that many are needed.
            first = np.sort(np.argpartition(score, count - 1)[:count])
            chosen, score = chosen[first], score[first]
        chosen = chosen[np.argsort(score, kind="stable")]
        most = np.minimum(room[chosen], even).astype(np.int64)
        copies = np.minimum(most, np.maximum(0, count - (np.cumsum(most) - most)))
        used = np.flatnonzero(copies)
        chosen, copies = bins[chosen[used]], copies[used]
        self.left[:, chosen] -= copies * demands[self.problem.shapes[chosen]].T
        self.placed.append((chosen, np.full(len(chosen), t), copies))
        return int(copies.sum())

    def _repair(self) -> Placed | None:
        """All that is placed, once nothing is missing; before, fill the most wasteful bins anew."""
        for _ in range(REPAIRS):
            if not self.missing.any():
                break
            waste = (self.left.T / self.mean * self.used**SCARCE).sum(axis=1)
            worst = np.argsort(-waste, kind="stable")[: int(REPAIRED * len(waste)) + 1]
            self._empty(np.sort(worst))
            self._place_missing(np.sort(worst))
            self._place_missing(np.arange(len(waste)))
        return None if self.missing.any() else self._joined()

    def _empty(self, emptied: Ints) -> None:
        bins, kinds, copies = self._joined()
        out = np.isin(bins, emptied)
        np.add.at(self.missing, kinds[out], copies[out])
        self.placed = [(bins[~out], kinds[~out], copies[~out])]
        self.left[:, emptied] = self.problem.free[emptied].T

    def _joined(self) -> Placed:
        """Bins, kinds and copies of all that was placed."""
        if not self.placed:
            empty = np.zeros(0, dtype=np.int64)
            return empty, empty, empty
        bins, kinds, copies = (np.concatenate(part) for part in zip(*self.placed, strict=True))
        return bins, kinds, copies
