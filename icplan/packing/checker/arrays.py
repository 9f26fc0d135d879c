"""The checker for very large problems: placements and volume proofs, in exact integers without NumPy."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.packing.array_problem import ArrayPacking, ArrayProblem


def check_array_placement(problem: ArrayProblem, packing: ArrayPacking) -> bool:
    """Whether the placement puts every copy legally into a bin."""
    if packing.bins is None or packing.kinds is None or packing.copies is None:
        return False
    if not len(packing.bins) == len(packing.kinds) == len(packing.copies):
        return False
    missing, left = problem.counts.tolist(), problem.free.tolist()
    shapes, demands = problem.shapes.tolist(), problem.demands.tolist()
    rows = zip(packing.bins.tolist(), packing.kinds.tolist(), packing.copies.tolist(), strict=True)
    for b, t, n in rows:
        if not (0 <= b < len(left) and 0 <= t < len(missing) and n >= 0):
            return False
        demand = demands[shapes[b]][t]
        if n and min(demand) < 0:
            return False
        missing[t] -= n
        left[b] = [f - n * d for f, d in zip(left[b], demand, strict=True)]
    return not any(missing) and all(min(f) >= 0 for f in left)


def check_array_proof(problem: ArrayProblem, proof: Mapping[str, Any]) -> bool:
    """Whether the proof shows that not all copies fit.

    ``volume``: a unit of each dimension of each shape costs ``Units``; no copy costs less than ``Scale``
    times its weight anywhere, and all copies weigh more than all room costs. ``slots``: one kind has more
    copies than have room if it is alone.
    """
    try:
        return _volume(problem, proof) if proof["Kind"] == "volume" else _slots(problem, proof)
    except (ValueError, TypeError, KeyError, IndexError):
        return False


def _volume(problem: ArrayProblem, proof: Mapping[str, Any]) -> bool:
    weights, units, scale = proof["Weights"], proof["Units"], proof["Scale"]
    numbers = [scale, *weights, *(u for row in units for u in row)]
    if not all(type(n) is int and n >= 0 for n in numbers):
        return False
    for row, kinds in zip(units, problem.demands.tolist(), strict=True):
        for weight, demand in zip(weights, kinds, strict=True):
            if min(demand) >= 0 and scale * weight > sum(map(mul, row, demand)):
                return False
    held = 0
    for shape, free in zip(problem.shapes.tolist(), problem.free.tolist(), strict=True):
        held += sum(map(mul, units[shape], free))
    return bool(scale * sum(map(mul, weights, problem.counts.tolist())) > held)


def _slots(problem: ArrayProblem, proof: Mapping[str, Any]) -> bool:
    t, room = proof["Of"], 0
    if proof["Kind"] != "slots" or type(t) is not int or t < 0:
        return False
    count = problem.counts.tolist()[t]
    demands = [kinds[t] for kinds in problem.demands.tolist()]
    for shape, free in zip(problem.shapes.tolist(), problem.free.tolist(), strict=True):
        demand = demands[shape]
        if min(demand) >= 0:
            room += min((f // d for f, d in zip(free, demand, strict=True) if d), default=count)
    return bool(room < count)
