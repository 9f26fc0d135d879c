"""Whole numbers as weights that prove infeasibility: as small as will do, and for joint volume."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

import numpy as np

from icplan.packing.certificate import Weights
from icplan.packing.solver.certificate import heaviest_bound
from icplan.packing.solver.lp import volume_duals

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from icplan.packing.solver.columns.column_pool import ColumnPool

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Scales tried for small weights, smallest first.
SCALES = (*range(1, 25), 30, 36, 48, 60, 84, 120, 180, 240, 360, 420, 840, 1260, 2520, 5040)

#: How often limits are computed in full while small weights are looked for.
ATTEMPTS = 6

#: Volume weights go up to this, and multipliers are finer than weights by the other.
COARSE = 10**6
FINE = 10**12


def proves_infeasible(pool: ColumnPool, weights: Ints, limits: Ints) -> bool:
    """Whether all copies weigh more than all bins hold."""
    return int(weights @ pool.counts) > int(limits @ pool.bins)


def to_weights(pool: ColumnPool, weights: Ints, limits: Ints) -> Weights:
    """The weights with multipliers that let a checker bound its search."""
    core = pool.core
    pool.budget.charge(6 * len(core.bins) * len(core.counts))
    whole = tuple(int(x) for x in weights)
    hints = tuple(heaviest_bound(f, d, whole) for f, d in zip(core.free, core.demands, strict=True))
    return Weights(whole, tuple(int(b) for b in limits), hints)


def small_weights(pool: ColumnPool, worth: Floats) -> Weights | None:
    """The smallest weights near the given worth that still refute."""
    attempts = 0
    for weights in _candidates(worth):
        if not proves_infeasible(pool, weights, _known(pool, weights)):
            continue
        attempts += 1
        limits = _limits(pool, weights)
        if proves_infeasible(pool, weights, limits):
            return to_weights(pool, weights, limits)
        if attempts == ATTEMPTS:
            break
    return None


def _candidates(worth: Floats) -> Iterator[Ints]:
    for scale in SCALES:
        scaled = worth * (scale / worth.max())
        for weights in (np.floor(scaled + 1e-6), np.floor(scaled + 0.5)):
            yield weights.astype(np.int64)


def _known(pool: ColumnPool, weights: Ints) -> Ints:
    """The heaviest of the patterns at hand, per class: what a full search can only exceed."""
    owners, patterns = pool.patterns()
    pool.budget.charge(40 + patterns.size // 10)
    heaviest = np.zeros(len(pool.bins), dtype=np.int64)
    np.maximum.at(heaviest, owners, patterns @ weights)
    return heaviest


def _limits(pool: ColumnPool, weights: Ints) -> Ints:
    """The heaviest pattern per class: where the quick search ends, the full one starts."""
    limits = np.zeros(len(pool.bins), dtype=np.int64)
    for shelf in pool.shelves:
        best = np.zeros(len(shelf.classes), dtype=np.int64)
        for width in pool.widths():
            found = shelf.heaviest(weights, pool.counts, best, pool.limits(shelf, width))
            for k, value, _ in found.patterns:
                best[shelf.classes == k] = np.maximum(best[shelf.classes == k], value)
            limits[shelf.classes] = found.bounds
            if (found.bounds <= best).all():
                break
    return limits


def volume_weights(pool: ColumnPool) -> Weights | None:
    """Weights that refute because the copies would not fit even if they could be cut."""
    core = pool.core
    worth = volume_duals(core, pool.sizes, pool.budget)
    if worth is None:
        return None
    top = max(float(np.dot(u, f)) for u, f in zip(worth, core.free, strict=True))
    if top <= 0:
        return None
    units = [[int(x * COARSE / top * FINE) for x in row] for row in worth]
    weights = []
    for t in range(len(core.counts)):
        own = [
            sum(map(mul, units[k], demand))
            for k, demand in enumerate(row[t] for row in core.demands)
            if demand is not None
        ]
        weights.append(min(own) // FINE)
    limits = [sum(map(mul, u, f)) // FINE for u, f in zip(units, core.free, strict=True)]
    if sum(map(mul, weights, core.counts)) <= sum(map(mul, limits, core.bins)):
        return None
    return Weights(tuple(weights), tuple(limits), tuple((FINE, *row) for row in units))
