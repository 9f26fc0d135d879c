"""Proofs inside the solver, and how they are written down for the checker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.packing.budget import Budget
from icplan.packing.solver.branch_and_bound import Branch
from icplan.packing.solver.simplex import minimise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.packing.problem import Vector
    from icplan.packing.solver.branch_and_bound import Tree
    from icplan.packing.solver.presolve import ReducedProblem


@attrs.frozen
class Weights:
    """No pattern of class ``k`` weighs more than ``limits[k]``, yet all copies weigh more than all bins hold.

    ``multipliers``, per class a scale and a number per dimension, help the checker to bound its search.
    """

    weights: tuple[int, ...]
    limits: tuple[int, ...]
    multipliers: tuple[tuple[int, ...], ...] | None = None


def spread(values: Sequence[int], members: Sequence[Sequence[int]], size: int) -> list[int]:
    """Each group's value for each of its members; 0 for who is in no group."""
    out = [0] * size
    for value, group in zip(values, members, strict=True):
        for i in group:
            out[i] = value
    return out


def weights_proof(core: ReducedProblem, proof: Weights, bins: int, kinds: int) -> dict[str, Any]:
    """The proof in terms of the original problem of so many kinds of bins and copies."""
    written: dict[str, Any] = {
        "Kind": "weights",
        "Weights": spread(proof.weights, core.kinds, kinds),
        "Limits": spread(proof.limits, core.bin_origins, bins),
    }
    if proof.multipliers is not None:
        written["Multipliers"] = _per_bin(core, proof.multipliers, bins)
    return written


def _per_bin(core: ReducedProblem, rows: Sequence[Sequence[int]], bins: int) -> list[list[int] | None]:
    out: list[list[int] | None] = [None] * bins
    for row, group in zip(rows, core.bin_origins, strict=True):
        for b in group:
            out[b] = list(row)
    return out


def heaviest_bound(free: Vector, demands: Sequence[Vector | None], weights: Sequence[int]) -> tuple[int, ...]:
    """Scale and multipliers per dimension that bound what a bin can hold, fractions of copies allowed."""
    present = [(d, w) for d, w in zip(demands, weights, strict=True) if d is not None and w > 0]
    size = len(free)
    columns = [d for d, _ in present] + [tuple(int(i == j) for i in range(size)) for j in range(size)]
    optimum = minimise(columns, [-w for _, w in present] + [0] * size, free, Budget())
    if optimum is None:
        return (1, *(0 for _ in free))
    return (optimum.scale, *(-y for y in optimum.duals))


def packing_proof(core: ReducedProblem, tree: Tree, bins: int, kinds: int) -> dict[str, Any]:
    """The tree as a proof that not all fits: every leaf shows that it holds no solution."""
    if isinstance(tree, Branch):
        return _fork(core, tree, bins, kinds, packing_proof)
    limits = tuple(-b for b in tree.bases)
    hints = tuple(heaviest_bound(f, d, tree.prices) for f, d in zip(core.free, core.demands, strict=True))
    written = weights_proof(core, Weights(tree.prices, limits, hints), bins, kinds)
    return {**written, "Rows": list(tree.rows)} if tree.rows else written


def slots_proof(core: ReducedProblem, tree: Tree, bins: int, kinds: int, sign: int) -> dict[str, Any]:
    """The tree as a proof of a bound on slots; ``sign`` is -1 where the most slots are bounded.

    The core's kinds are the staying copies of all lying kinds, then the leaving ones: ``kinds`` counts both.
    """
    if isinstance(tree, Branch):
        return _fork(core, tree, bins, kinds, lambda c, t, b, k: slots_proof(c, t, b, k, sign))
    prices = spread([sign * y for y in tree.prices], core.kinds, kinds)
    weighed = tree.prices
    hints = [heaviest_bound(f, d, weighed) for f, d in zip(core.free, core.demands, strict=True)]
    written: dict[str, Any] = {
        "Kind": "slots",
        "Scale": tree.scale,
        "Prices": prices[: kinds // 2],
        "Leaving": prices[kinds // 2 :],
        "Bases": spread([sign * y for y in tree.bases], core.bin_origins, bins),
        "Multipliers": _per_bin(core, hints, bins),
    }
    return {**written, "Rows": list(tree.rows)} if tree.rows else written


def _fork(
    core: ReducedProblem,
    tree: Branch,
    bins: int,
    kinds: int,
    write: Callable[[ReducedProblem, Tree, int, int], dict[str, Any]],
) -> dict[str, Any]:
    cut = tree.cut
    return {
        "Kind": "tree",
        "Bins": list(core.bin_origins[cut.bin]),
        "AtLeast": [{"Kinds": list(core.kinds[t]), "Copies": n} for t, n in enumerate(cut.copies) if n],
        "Most": cut.amount,
        "Under": write(core, tree.under, bins, kinds),
        "Over": write(core, tree.over, bins, kinds),
    }
