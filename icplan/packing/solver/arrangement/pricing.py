"""The pattern that says most about the slots of a class of bins, for prices of the lying copies.

For the least slots, ``prices·copies - scale·slots`` is maximised. Slots are a minimum over dimensions, so
this is the best of one search per dimension. For the most slots, ``prices·copies + scale·slots`` is: the
slots are copies of one more kind then, or there are none and nothing has to be left for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.solver.columns.knapsack_bound import KnapsackBound, copies_that_fit
from icplan.packing.solver.columns.pricing import KnapsackSearch, PricingResult, SearchLimits
from icplan.packing.solver.lp import knapsack_duals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.problem import Vector
    from icplan.packing.solver.arrangement.model import ArrangementModel

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


#: Cells per table.
CELLS = 6000


@attrs.define
class ArrangementGroup:
    """Classes in which every kind, and the target, has the same demand.

    ``room`` is what counts for the target, per class (may be below zero); ``stays`` tells per kind whether
    its copies take of that. ``target`` is all zero where it may not lie.
    """

    classes: Ints
    free: Ints
    room: Ints
    kinds: Ints
    demands: Ints
    stays: Ints
    target: Ints

    def least(
        self, prices: Ints, scale: int, counts: Ints, floors: Ints, reach: SearchLimits
    ) -> PricingResult:
        """Patterns for which ``prices·copies - scale·slots`` is above the floors; bounds on it."""
        dims = np.flatnonzero(self.target)
        searches = [self._along(int(j), prices, scale, counts, reach.budget) for j in dims] or [
            self._without_slots(prices, counts, reach.budget)
        ]
        return _best([s.run(self.classes, floors, len(prices), reach) for s in searches])

    def most(
        self, prices: Ints, scale: int, counts: Ints, floors: Ints, reach: SearchLimits
    ) -> PricingResult:
        """Patterns for which ``prices·copies + scale·slots`` is above the floors; bounds on it."""
        searches: list[KnapsackSearch] = [self._without_slots(prices, counts, reach.budget)]
        if self.target.any():
            searches.append(self._with_slots(prices, scale, counts, reach.budget))
        found = _best([s.run(self.classes, floors, len(prices) + 1, reach) for s in searches])
        return attrs.evolve(
            found, patterns=[(k, value, pattern[:-1]) for k, value, pattern in found.patterns]
        )

    def _chosen(self, useful: npt.NDArray[np.bool_], counts: Ints) -> tuple[Ints, Ints]:
        """Which rows of the shelf's kinds are worth a search, and how many copies of each."""
        most = np.minimum(counts[self.kinds], copies_that_fit(self.free.max(axis=0)[None, :], self.demands))
        chosen = np.flatnonzero(useful & (most > 0))
        return chosen, most[chosen]

    def _without_slots(self, prices: Ints, counts: Ints, budget: Budget) -> KnapsackSearch:
        """No slots: only what the copies are worth."""
        values = prices[self.kinds]
        chosen, most = self._chosen(values > 0, counts)
        return _search(self.free, self.kinds[chosen], self.demands[chosen], most, values[chosen], budget)

    def _along(self, j: int, prices: Ints, scale: int, counts: Ints, budget: Budget) -> KnapsackSearch:
        """Slots as dimension ``j`` alone would have them: never fewer than there are."""
        values = prices[self.kinds]
        shade = self.demands[:, j] * self.stays
        gains: Floats = np.asarray(values + scale * shade / self.target[j], dtype=np.float64)
        # However little a copy takes, it may be what costs the target its last piece.
        chosen, most = self._chosen((values > 0) | (shade > 0), counts)
        demands, gains = self.demands[chosen], gains[chosen]
        room = self.free.max(axis=0)
        rent = _duals(room, demands, most, gains, budget)
        order = np.lexsort((chosen, -gains / np.maximum(demands @ rent, 1e-30)))
        chosen, most, demands, gains = chosen[order], most[order], demands[order], gains[order]
        worth = np.maximum(values[chosen], 0).astype(np.float64)
        alone = _duals(room, demands, most, worth, budget)
        return SingleDimensionSearch(
            np.column_stack([self.free, self.room[:, j]]),
            self.kinds[chosen],
            np.column_stack([demands, shade[chosen]]),
            most,
            values[chosen],
            KnapsackBound(room, demands, most, gains, rent, CELLS, budget),
            KnapsackBound(room, demands, most, worth, alone, CELLS, budget),
            scale,
            int(self.target[j]),
        )

    def _with_slots(self, prices: Ints, scale: int, counts: Ints, budget: Budget) -> KnapsackSearch:
        """At least one slot: target copies lie beside those that stay, in what counts for them."""
        dims = np.flatnonzero(self.target)
        values = prices[self.kinds]
        chosen, most = self._chosen(values > 0, counts)
        inside = (self.demands * self.stays[:, None])[chosen][:, dims]
        free = np.column_stack([self.free, np.maximum(self.room[:, dims], 0)])
        demands = np.column_stack([self.demands[chosen], inside])
        own = np.concatenate([np.zeros(self.free.shape[1], dtype=np.int64), self.target[dims]])
        slots = copies_that_fit(free.max(axis=0)[None, :], own[None, :])
        return _search(
            free,
            np.append(self.kinds[chosen], len(prices)),
            np.vstack([demands, own]),
            np.append(most, slots),
            np.append(values[chosen], scale),
            budget,
        )


@attrs.define
class SingleDimensionSearch(KnapsackSearch):
    """Values are ``prices·copies``; in the end, the slots along one dimension cost ``scale`` each.

    The last column of what is left is what counts along that dimension; it may fall below zero.
    """

    alone: KnapsackBound
    scale: int
    target: int

    def rooms(self, left: Ints, t: int) -> Ints:
        """How many copies of kind ``t`` have room: the last column is no limit."""
        return copies_that_fit(left[:, :-1], self.demands[t][None, :-1])

    def upper_bound(self, t: int, value: Ints, left: Ints) -> Floats:
        """Either slots are left at the end, and each copy saves its share of them, or none are."""
        spare = np.maximum(0.0, (left[:, -1] - self.target + 1) / self.target)
        best: Floats = value + np.minimum(
            self.alone.bound(t, left), self.table.bound(t, left) - self.scale * spare
        )
        return best

    def close(self, value: Ints, left: Ints) -> Ints:
        """The slots are paid for."""
        closed: Ints = value - self.scale * (np.maximum(left[:, -1], 0) // self.target)
        return closed


def _search(
    free: Ints, kinds: Ints, demands: Ints, most: Ints, values: Ints, budget: Budget
) -> KnapsackSearch:
    room = free.max(axis=0)
    rent = _duals(room, demands, most, values, budget)
    order = np.lexsort((kinds, -values / np.maximum(demands @ rent, 1e-30)))
    gains = values[order].astype(np.float64)
    table = KnapsackBound(room, demands[order], most[order], gains, rent, CELLS, budget)
    return KnapsackSearch(free, kinds[order], demands[order], most[order], values[order], table)


def _duals(room: Ints, demands: Ints, most: Ints, gains: Ints | Floats, budget: Budget) -> Floats:
    return knapsack_duals(room, demands, most, gains, budget) if (gains > 0).any() else np.zeros(len(room))


def _best(results: Sequence[PricingResult]) -> PricingResult:
    """The patterns of all searches, and bounds that hold for every one."""
    bounds = results[0].bounds
    for result in results[1:]:
        bounds = np.maximum(bounds, result.bounds)
    return PricingResult([p for result in results for p in result.patterns], bounds)


def slot_shelves(room: ArrangementModel) -> Iterator[ArrangementGroup]:
    """The classes of a room, grouped."""
    groups: dict[tuple[tuple[Vector | None, ...], Vector | None], list[int]] = {}
    for k, column in enumerate(room.core.demands):
        groups.setdefault((column, room.targets[k]), []).append(k)
    size = len(room.rooms[0])
    for (column, target), members in groups.items():
        kinds = [t for t, d in enumerate(column) if d is not None]
        yield ArrangementGroup(
            np.array(members),
            np.array([room.core.free[k] for k in members], dtype=np.int64).reshape(-1, size),
            np.array([room.rooms[k] for k in members], dtype=np.int64).reshape(-1, size),
            np.array(kinds, dtype=np.int64),
            np.array([column[t] for t in kinds], dtype=np.int64).reshape(-1, size),
            np.array([int(room.stays[t]) for t in kinds], dtype=np.int64),
            np.array(target or (0,) * size, dtype=np.int64),
        )
