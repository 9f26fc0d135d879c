"""Very large problems, with NumPy: bounds, and every kind at once into the bins it leaves least of."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np

from icplan.packing.arrays import ArrayPacking
from icplan.packing.problem import LARGEST_AMOUNT, Status

if TYPE_CHECKING:
    import numpy.typing as npt

    from icplan.packing.arrays import ArrayProblem
    from icplan.packing.budget import Budget

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Bins, kinds and copies.
Placed = tuple["Ints", "Ints", "Ints"]

#: Volume weights go up to this, and what a unit is worth is finer by as much again.
COARSE = 10**6
FINE = 10**12

#: Past this share of some dimension, filling alone seldom answers: then it comes last.
NEARLY_FULL = 0.85

#: Room for copies that take nothing.
PLENTY = 10.0**12


def pack_arrays(problem: ArrayProblem, budget: Budget) -> ArrayPacking:
    """Whether all copies fit: a placement, a proof, or undecided when neither bounds nor filling answer."""
    used = _used(problem)
    proof = _volume(problem, used)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="volume")
    ways = (_by_filling, _by_shares)
    full = any(taken > NEARLY_FULL * room for taken, room in used)
    for way in reversed(ways) if full else ways:
        packing = way(problem)
        if packing.status != Status.UNDECIDED or budget.spent:
            return packing
    proof = _slots(problem)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="slots")
    return ArrayPacking(Status.UNDECIDED, method="greedy")


def _by_filling(problem: ArrayProblem) -> ArrayPacking:
    """All copies wherever there is room, largest first."""
    placed = Filling(problem).everything(_order(problem))
    if placed is None:
        return ArrayPacking(Status.UNDECIDED, method="greedy")
    return ArrayPacking(Status.FITS, *placed, method="greedy")


def _by_shares(problem: ArrayProblem) -> ArrayPacking:
    """How much of each kind which shape should hold, by a linear program; what that proves or places."""
    from icplan.packing.engine import shares  # noqa: PLC0415 - OR-Tools

    rooms = np.zeros((len(problem.demands), problem.free.shape[1]), dtype=np.int64)
    np.add.at(rooms, problem.shapes, problem.free)
    found = shares(problem.counts, rooms, problem.demands)
    if found is None:
        return ArrayPacking(Status.UNDECIDED, method="greedy")
    amounts, worth = found
    proof = _joint_volume(problem, rooms, worth)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="joint volume")
    placed = Filling(problem).by_shape(amounts, _order(problem))
    if placed is None:
        return ArrayPacking(Status.UNDECIDED, method="greedy")
    return ArrayPacking(Status.FITS, *placed, method="shares")


def _joint_volume(problem: ArrayProblem, rooms: Ints, worth: Floats) -> dict[str, Any] | None:
    """The prices of a linear program as whole numbers, if they prove that not all fits."""
    top = float((worth * rooms).max())
    if top <= 0:
        return None
    units = np.floor(worth / top * FINE).astype(np.int64).tolist()
    weights = []
    for kinds in zip(*problem.demands.tolist(), strict=True):
        costs = [sum(map(mul, own, d)) for own, d in zip(units, kinds, strict=True) if min(d) >= 0]
        weights.append(min(costs, default=FINE) * COARSE // FINE)
    scale = FINE // COARSE
    taken = scale * sum(map(mul, weights, problem.counts.tolist()))
    if taken <= sum(sum(map(mul, own, room)) for own, room in zip(units, rooms.tolist(), strict=True)):
        return None
    return {"Kind": "volume", "Scale": scale, "Weights": weights, "Units": units}


def _rooms(left: Ints, demands: Ints, shapes: Ints) -> Floats:
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


def _slots(problem: ArrayProblem) -> dict[str, Any] | None:
    """A kind that has not enough room even alone; looked for among distinct bins."""
    distinct, times = np.unique(np.column_stack([problem.shapes, problem.free]), axis=0, return_counts=True)
    left = distinct[:, 1:].T
    for t, count in enumerate(problem.counts.tolist()):
        room = np.minimum(_rooms(left, problem.demands[:, t, :], distinct[:, 0]), count)
        if int(room @ times) < count:
            return {"Kind": "slots", "Of": t}
    return None


def _least(problem: ArrayProblem) -> Ints:
    """What a copy of each kind takes at least, wherever it may lie: (kind, dimension)."""
    allowed = problem.demands.min(axis=2, keepdims=True) >= 0
    least: Ints = np.where(allowed, problem.demands, LARGEST_AMOUNT).min(axis=0)
    return least


def _used(problem: ArrayProblem) -> list[tuple[int, int]]:
    """Per dimension what all copies take at least, and what there is."""
    counts = problem.counts.tolist()
    taken = [sum(map(mul, own, counts)) for own in _least(problem).T.tolist()]
    return list(zip(taken, [sum(own) for own in problem.free.T.tolist()], strict=True))


def _volume(problem: ArrayProblem, used: list[tuple[int, int]]) -> dict[str, Any] | None:
    """A dimension of which all copies together take more than there is, where each takes its least."""
    for j, (taken, room) in enumerate(used):
        if taken > room:
            unit = [int(i == j) for i in range(len(used))]
            units = [unit for _ in range(len(problem.demands))]
            return {"Kind": "volume", "Scale": 1, "Weights": _least(problem)[:, j].tolist(), "Units": units}
    return None


def _order(problem: ArrayProblem) -> Ints:
    """Kinds, largest first: by the share they take of all there is, weighted by how scarce that is."""
    least = _least(problem).astype(np.float64)
    total = np.maximum(problem.free.sum(axis=0, dtype=np.float64), 1.0)
    scarce = (least * problem.counts[:, None]).sum(axis=0) / total
    size = (least / total * scarce).sum(axis=1)
    order: Ints = np.lexsort((np.arange(len(size)), -size))
    return order


class Filling:
    """What is left of every bin while kind after kind goes into those with least left over."""

    def __init__(self, problem: ArrayProblem) -> None:
        self.problem = problem
        self.left = problem.free.T.copy()
        self.mean = np.maximum(self.left.mean(axis=1), 1.0)[:, None]
        self.score = (self.left / self.mean).sum(axis=0)
        self.placed: list[tuple[Ints, Ints, Ints]] = []

    def everything(self, order: Ints) -> Placed | None:
        """All copies, wherever there is room; ``None`` if some find none."""
        every = np.arange(self.left.shape[1])
        for t in order.tolist():
            if self.place(t, int(self.problem.counts[t]), every):
                return None
        return self.result()

    def by_shape(self, amounts: Floats, order: Ints) -> Placed | None:
        """So many copies in each shape first, then the rest wherever there is room."""
        bins = [np.flatnonzero(self.problem.shapes == s) for s in range(len(amounts))]
        missing = self.problem.counts.copy()
        for t in order.tolist():
            for s, own in enumerate(bins):
                wanted = min(int(missing[t]), int(amounts[s, t] + 0.5))
                missing[t] -= wanted - self.place(t, wanted, own)
        every = np.arange(self.left.shape[1])
        for t in order.tolist():
            if self.place(t, int(missing[t]), every):
                return None
        return self.result()

    def place(self, t: int, count: int, bins: Ints) -> int:
        """Copies of one kind into some of the bins; how many found no room."""
        if not count:
            return 0
        demands = self.problem.demands[:, t, :]
        whole = len(bins) == self.left.shape[1]
        left = self.left if whole else self.left[:, bins]
        room = _rooms(left, demands, self.problem.shapes if whole else self.problem.shapes[bins])
        chosen = np.flatnonzero(room)
        score = self.score if whole else self.score[bins]
        if len(chosen) > count:
            # Every one of them takes a copy at least, so no more than that many are needed.
            chosen = np.sort(chosen[np.argpartition(score[chosen], count - 1)[:count]])
        chosen = chosen[np.argsort(score[chosen], kind="stable")]
        most = np.minimum(room[chosen], count).astype(np.int64)
        copies = np.minimum(most, np.maximum(0, count - (np.cumsum(most) - most)))
        used = np.flatnonzero(copies)
        chosen, copies = bins[chosen[used]], copies[used]
        self.left[:, chosen] -= copies * demands[self.problem.shapes[chosen]].T
        self.score[chosen] = (self.left[:, chosen] / self.mean).sum(axis=0)
        self.placed.append((chosen, np.full(len(chosen), t), copies))
        return count - int(copies.sum())

    def result(self) -> Placed:
        """Bins, kinds and copies of all that was placed."""
        if not self.placed:
            empty = np.zeros(0, dtype=np.int64)
            return empty, empty, empty
        bins, kinds, copies = (np.concatenate(part) for part in zip(*self.placed, strict=True))
        return bins, kinds, copies
