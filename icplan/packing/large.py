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

#: Room for copies that take nothing.
PLENTY = 10.0**12


def pack_arrays(problem: ArrayProblem, budget: Budget) -> ArrayPacking:
    """Whether all copies fit: a placement, a proof, or undecided when neither bounds nor filling answer."""
    proof = _volume(problem)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="volume")
    sizes = _sizes(problem)
    for measure in (sizes.sum(axis=1), sizes.max(axis=1), (sizes**2).sum(axis=1)):
        if budget.spent:
            break
        order = np.lexsort((np.arange(len(measure)), -measure))
        found = _fill(problem, order)
        if found is not None:
            return ArrayPacking(Status.FITS, *found, method="greedy")
    proof = _slots(problem)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="slots")
    return ArrayPacking(Status.UNDECIDED, method="greedy")


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


def _volume(problem: ArrayProblem) -> dict[str, Any] | None:
    """A dimension of which all copies together take more than there is, where each takes its least."""
    allowed = problem.demands.min(axis=2) >= 0
    for j in range(problem.free.shape[1]):
        least = np.where(allowed, problem.demands[:, :, j], LARGEST_AMOUNT).min(axis=0).tolist()
        taken = sum(map(mul, least, problem.counts.tolist()))
        if taken > sum(problem.free[:, j].tolist()):
            unit = [int(i == j) for i in range(problem.free.shape[1])]
            units = [unit for _ in range(len(problem.demands))]
            return {"Kind": "volume", "Scale": 1, "Weights": least, "Units": units}
    return None


def _sizes(problem: ArrayProblem) -> Floats:
    """Per kind and dimension, the share it takes of all there is, weighted by how scarce that is."""
    allowed = problem.demands.min(axis=2, keepdims=True) >= 0
    least = np.where(allowed, problem.demands, LARGEST_AMOUNT).min(axis=0).astype(np.float64)
    total = np.maximum(problem.free.sum(axis=0, dtype=np.float64), 1.0)
    scarce = (least * problem.counts[:, None]).sum(axis=0) / total
    sizes: Floats = least / total * scarce
    return sizes


def _fill(problem: ArrayProblem, order: Ints) -> tuple[Ints, Ints, Ints] | None:
    """Kind after kind into the bins with least left over; ``None`` if some copy finds no room."""
    left = problem.free.T.copy()
    mean = np.maximum(left.mean(axis=1), 1.0)
    found: list[tuple[Ints, Ints, Ints]] = []
    score = (left / mean[:, None]).sum(axis=0)
    for t in order.tolist():
        count = int(problem.counts[t])
        demands = problem.demands[:, t, :]
        room = _rooms(left, demands, problem.shapes)
        open_bins = np.flatnonzero(room)
        if len(open_bins) > count > 0:
            # Every one of them takes a copy at least, so no more than that many are needed.
            nearest = np.argpartition(score[open_bins], count - 1)[:count]
            open_bins = np.sort(open_bins[nearest])
        chosen = open_bins[np.argsort(score[open_bins], kind="stable")]
        taken = np.minimum(room[chosen], count).astype(np.int64)
        copies = np.minimum(taken, np.maximum(0, count - (np.cumsum(taken) - taken)))
        if copies.sum() < count:
            return None
        used = np.flatnonzero(copies)
        chosen, copies = chosen[used], copies[used]
        left[:, chosen] -= copies * demands[problem.shapes[chosen]].T
        score[chosen] = (left[:, chosen] / mean[:, None]).sum(axis=0)
        found.append((chosen, np.full(len(chosen), t), copies))
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    bins, kinds, copies = (np.concatenate(part) for part in zip(*found, strict=True))
    return bins, kinds, copies
