"""Proofs inside the solver, and how they are written down for the checker."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from icplan.packing.budget import Budget
from icplan.packing.certificate import AtLeast, Certificate, Fork, SlotPrices, Weights
from icplan.packing.solver.branch_and_bound import Branch
from icplan.packing.solver.simplex import minimise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.packing.problem import Vector
    from icplan.packing.solver.branch_and_bound import Tree
    from icplan.packing.solver.presolve import ReducedProblem

MAX_BOUNDS: Final = 1_000
"""Bounds on what a bin holds that are remembered: alike steps are proven with the same prices."""


def spread(values: Sequence[int], members: Sequence[Sequence[int]], size: int) -> Vector:
    """Each group's value for each of its members; 0 for who is in no group."""
    out = [0] * size
    for value, group in zip(values, members, strict=True):
        for i in group:
            out[i] = value
    return tuple(out)


def weights_proof(core: ReducedProblem, proof: Weights, bins: int, kinds: int) -> Weights:
    """The proof in terms of the original problem of so many kinds of bins and copies."""
    return attrs.evolve(
        proof,
        weights=spread(proof.weights, core.kinds, kinds),
        limits=spread(proof.limits, core.bin_origins, bins),
        multipliers=None if proof.multipliers is None else _per_bin(core, proof.multipliers, bins),
    )


def _per_bin(core: ReducedProblem, rows: Sequence[Vector | None], bins: int) -> tuple[Vector | None, ...]:
    out: list[Vector | None] = [None] * bins
    for row, group in zip(rows, core.bin_origins, strict=True):
        for b in group:
            out[b] = row
    return tuple(out)


@lru_cache(maxsize=MAX_BOUNDS)
def heaviest_bound(free: Vector, demands: tuple[Vector | None, ...], weights: Vector) -> tuple[int, ...]:
    """Scale and multipliers per dimension that bound what a bin can hold, fractions of copies allowed."""
    present = [(d, w) for d, w in zip(demands, weights, strict=True) if d is not None and w > 0]
    size = len(free)
    columns = [d for d, _ in present] + [tuple(int(i == j) for i in range(size)) for j in range(size)]
    optimum = minimise(columns, [-w for _, w in present] + [0] * size, free, Budget())
    if optimum is None:
        return (1, *(0 for _ in free))
    return (optimum.scale, *(-y for y in optimum.duals))


def packing_proof(core: ReducedProblem, tree: Tree, bins: int, kinds: int) -> Certificate:
    """The tree as a proof that not all fits: every leaf shows that it holds no solution."""
    if isinstance(tree, Branch):
        return _fork(core, tree, bins, kinds, packing_proof)
    limits = tuple(-b for b in tree.bases)
    hints = tuple(heaviest_bound(f, d, tree.prices) for f, d in zip(core.free, core.demands, strict=True))
    return weights_proof(core, Weights(tree.prices, limits, hints, tree.rows), bins, kinds)


def slots_proof(core: ReducedProblem, tree: Tree, bins: int, kinds: int, sign: int) -> Certificate:
    """The tree as a proof of a bound on slots; ``sign`` is -1 where the most slots are bounded.

    The core's kinds are the staying copies of all lying kinds, then the leaving ones: ``kinds`` counts both.
    """
    if isinstance(tree, Branch):
        return _fork(core, tree, bins, kinds, lambda c, t, b, k: slots_proof(c, t, b, k, sign))
    prices = spread([sign * y for y in tree.prices], core.kinds, kinds)
    weighed = tree.prices
    hints = [heaviest_bound(f, d, weighed) for f, d in zip(core.free, core.demands, strict=True)]
    return SlotPrices(
        scale=tree.scale,
        prices=prices[: kinds // 2],
        leaving=prices[kinds // 2 :],
        bases=spread([sign * y for y in tree.bases], core.bin_origins, bins),
        multipliers=_per_bin(core, hints, bins),
        rows=tree.rows,
    )


def _fork(
    core: ReducedProblem,
    tree: Branch,
    bins: int,
    kinds: int,
    write: Callable[[ReducedProblem, Tree, int, int], Certificate],
) -> Fork:
    cut = tree.cut
    return Fork(
        bins=tuple(core.bin_origins[cut.bin]),
        at_least=tuple(AtLeast(tuple(core.kinds[t]), n) for t, n in enumerate(cut.copies) if n),
        most=cut.amount,
        under=write(core, tree.under, bins, kinds),
        over=write(core, tree.over, bins, kinds),
    )
