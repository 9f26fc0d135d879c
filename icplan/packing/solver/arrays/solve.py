"""Very large problems, with NumPy: bounds, and fillings with or without shares from a linear program."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np

from icplan.packing.array_problem import ArrayPacking
from icplan.packing.problem import Status
from icplan.packing.solver.arrays.fill import Filler, least, rooms

if TYPE_CHECKING:
    import numpy.typing as npt

    from icplan.packing.array_problem import ArrayProblem
    from icplan.packing.budget import Budget

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Volume weights go up to this, and what a unit is worth is finer by as much again.
COARSE = 10**6
FINE = 10**12

#: Past this share of some dimension, filling alone seldom answers: then it comes last.
NEARLY_FULL = 0.85


def pack_arrays(problem: ArrayProblem, budget: Budget) -> ArrayPacking:
    """Whether all copies fit: a placement, a proof, or undecided when neither bounds nor filling answer."""
    used = _used(problem)
    proof = _volume(problem, used)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="volume")
    ways = (_by_filling, _by_shares)
    full = any(taken > NEARLY_FULL * room for taken, room in used)
    for way in reversed(ways) if full else ways:
        packing = way(problem, budget)
        if packing.status != Status.UNDECIDED or budget.exhausted:
            return packing
    proof = _slots(problem)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="slots")
    return ArrayPacking(Status.UNDECIDED, method="greedy")


def _by_filling(problem: ArrayProblem, budget: Budget) -> ArrayPacking:
    """All copies wherever there is room."""
    placed = Filler(problem, budget).fill_all()
    if placed is None:
        return ArrayPacking(Status.UNDECIDED, method="greedy")
    return ArrayPacking(Status.FITS, *placed, method="greedy")


def _by_shares(problem: ArrayProblem, budget: Budget) -> ArrayPacking:
    """How much of each kind which shape should hold, by a linear program; what that proves or places."""
    from icplan.packing.solver.lp import fractional_assignment  # noqa: PLC0415 - OR-Tools

    free = np.zeros((len(problem.demands), problem.free.shape[1]), dtype=np.int64)
    np.add.at(free, problem.shapes, problem.free)
    found = fractional_assignment(problem.counts, free, problem.demands, budget)
    if found is None:
        return ArrayPacking(Status.UNDECIDED, method="greedy")
    amounts, worth = found
    proof = _joint_volume(problem, free, worth)
    if proof is not None:
        return ArrayPacking(Status.DOES_NOT_FIT, proof=proof, method="joint volume")
    placed = Filler(problem, budget).by_shape(amounts)
    if placed is None:
        return ArrayPacking(Status.UNDECIDED, method="greedy")
    return ArrayPacking(Status.FITS, *placed, method="shares")


def _joint_volume(problem: ArrayProblem, free: Ints, worth: Floats) -> dict[str, Any] | None:
    """The prices of a linear program as whole numbers, if they prove that not all fits."""
    top = float((worth * free).max())
    if top <= 0:
        return None
    units = np.floor(worth / top * FINE).astype(np.int64).tolist()
    weights = []
    for kinds in zip(*problem.demands.tolist(), strict=True):
        costs = [sum(map(mul, own, d)) for own, d in zip(units, kinds, strict=True) if min(d) >= 0]
        weights.append(min(costs, default=FINE) * COARSE // FINE)
    scale = FINE // COARSE
    taken = scale * sum(map(mul, weights, problem.counts.tolist()))
    if taken <= sum(sum(map(mul, own, room)) for own, room in zip(units, free.tolist(), strict=True)):
        return None
    return {"Kind": "volume", "Scale": scale, "Weights": weights, "Units": units}


def _slots(problem: ArrayProblem) -> dict[str, Any] | None:
    """A kind that has not enough room even alone; looked for among distinct bins."""
    distinct, times = np.unique(np.column_stack([problem.shapes, problem.free]), axis=0, return_counts=True)
    left = distinct[:, 1:].T
    for t, count in enumerate(problem.counts.tolist()):
        room = np.minimum(rooms(left, problem.demands[:, t, :], distinct[:, 0]), count)
        if int(room @ times) < count:
            return {"Kind": "slots", "Of": t}
    return None


def _used(problem: ArrayProblem) -> list[tuple[int, int]]:
    """Per dimension what all copies take at least, and what there is."""
    counts = problem.counts.tolist()
    taken = [sum(map(mul, own, counts)) for own in least(problem).T.tolist()]
    return list(zip(taken, [sum(own) for own in problem.free.T.tolist()], strict=True))


def _volume(problem: ArrayProblem, used: list[tuple[int, int]]) -> dict[str, Any] | None:
    """A dimension of which all copies together take more than there is, where each takes its least."""
    for j, (taken, room) in enumerate(used):
        if taken > room:
            unit = [int(i == j) for i in range(len(used))]
            units = [unit for _ in range(len(problem.demands))]
            return {"Kind": "volume", "Scale": 1, "Weights": least(problem)[:, j].tolist(), "Units": units}
    return None
