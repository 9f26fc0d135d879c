"""The heaviest pattern of each class of bins: breadth first over the kinds, all classes at once, with NumPy.

Values are whole numbers; only bounds are floats, with a margin far above their rounding error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.solver.columns.knapsack_bound import KnapsackBound, copies_that_fit
from icplan.packing.solver.lp import knapsack_duals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Bounds may be off by this much; values are whole numbers far below 2**40.
MARGIN = 1e-3

#: Rows that a search may always hold, and the numbers of a row beside twice what is left of a bin.
MIN_ROWS = 1000
BESIDE = 12

#: Of the patterns found, a kind may be in this many before one needs another kind to be reported; and how
#: many are looked at for each one that is. Where more than so many are wanted, each is reported.
SAME = 2
LOOK = 10
MANY = 100


@attrs.frozen
class PricingResult:
    """Patterns found, as (class, weight, copies per kind), and per class a bound that no pattern exceeds."""

    patterns: list[tuple[int, int, Ints]]
    bounds: Ints


@attrs.frozen
class SearchLimits:
    """How far a search goes: states at once and patterns to report per class, the budget, cells per table."""

    width: int
    budget: Budget
    keep: int = 3
    cells: int = 6000


@attrs.define
class BinGroup:
    """Classes in which every kind has the same demand. ``classes`` are their numbers, ``free`` their room."""

    classes: Ints
    free: Ints
    kinds: Ints
    demands: Ints

    def heaviest(self, weights: Ints, counts: Ints, floors: Ints, reach: SearchLimits) -> PricingResult:
        """Patterns heavier than ``floors`` (per class of the shelf)."""
        room = self.free.max(axis=0)
        most = np.minimum(counts[self.kinds], copies_that_fit(room[None, :], self.demands))
        chosen = np.flatnonzero((weights[self.kinds] > 0) & (most > 0))
        if not len(chosen):
            return PricingResult([], np.maximum(floors, 0))
        kinds, demands, most = self.kinds[chosen], self.demands[chosen], most[chosen]
        values = weights[kinds]
        prices = knapsack_duals(room, demands, most, values, reach.budget)
        most = _useful(values - demands @ prices, most, float((self.free @ prices - floors).max()))
        order = np.lexsort((kinds, -values / np.maximum(demands @ prices, 1e-30)))
        order = order[most[order] > 0]
        if not len(order):
            return PricingResult([], np.maximum(floors, 0))
        table = KnapsackBound(
            room,
            demands[order],
            most[order],
            values[order].astype(np.float64),
            prices,
            reach.cells,
            reach.budget,
        )
        search = KnapsackSearch(self.free, kinds[order], demands[order], most[order], values[order], table)
        return search.run(self.classes, floors, len(weights), reach)


def _useful(gains: Floats, most: Ints, spare: float) -> Ints:
    """How many copies per kind a pattern above the floor can have, judged by the prices of the dimensions.

    ``gains`` is what one copy is worth beyond what it takes; ``spare`` what an empty bin is worth beyond the
    floor. Each copy that loses must be made up for by what the others gain at most.
    """
    spare += float(np.maximum(gains, 0.0) @ most) - 1 + MARGIN
    allowed = np.where(gains < 0, np.floor(spare / np.maximum(-gains, 1e-12)), most)
    useful: Ints = np.clip(np.minimum(most, allowed), 0, None).astype(np.int64)
    return useful


def _best_per_class(owner: Ints, upper_bound: Floats, width: int) -> npt.NDArray[np.bool_]:
    """Which states are among the ``width`` most promising of their class."""
    order = np.lexsort((np.arange(len(owner)), -upper_bound, owner))
    sorted_owner = owner[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_owner, sorted_owner)
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[order[rank < width]] = True
    return kept


def _most_promising(upper_bound: Floats, choices: Ints, most: int) -> npt.NDArray[np.bool_]:
    """Which states to go on from, so that their choices are at most so many in all."""
    order = np.argsort(-upper_bound, kind="stable")
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[order[np.cumsum(choices[order]) <= most]] = True
    return kept


def diverse(ranked: Ints, keep: int, pattern_of: Callable[[int], Ints]) -> list[tuple[int, Ints]]:
    """The first so many of the ranked patterns, each with some kind that hardly any before it has."""
    if keep >= MANY:
        return [(at, pattern_of(at)) for at in ranked[:keep].tolist()]
    kept: list[tuple[int, Ints]] = []
    seen: Ints | int = 0
    for at in ranked[: LOOK * keep].tolist():
        pattern = pattern_of(at)
        if kept and (np.broadcast_to(seen, pattern.shape)[pattern > 0] >= SAME).all():
            continue
        seen = seen + (pattern > 0)
        kept.append((at, pattern))
        if len(kept) == keep:
            break
    return kept


@attrs.define
class KnapsackSearch:
    """One search over the kinds in a fixed order."""

    free: Ints
    kinds: Ints
    demands: Ints
    most: Ints
    values: Ints
    table: KnapsackBound

    def upper_bound(self, t: int, value: Ints, left: Ints) -> Floats:
        """What a state can still come to, when kinds ``t`` and later are to be chosen."""
        return value + self.table.bound(t, left)

    def rooms(self, left: Ints, t: int) -> Ints:
        """How many copies of kind ``t`` have room."""
        return copies_that_fit(left, self.demands[t][None, :])

    def close(self, value: Ints, left: Ints) -> Ints:  # noqa: ARG002 - other searches need it
        """The final value of states in which every kind is chosen."""
        return value

    def run(self, classes: Ints, floors: Ints, size: int, reach: SearchLimits) -> PricingResult:
        """The heaviest patterns above the floors, of ``size`` kinds in all."""
        left = self.free.copy()
        value = np.zeros(len(classes), dtype=np.int64)
        owner = np.arange(len(classes))
        bounds = floors.astype(np.float64)
        trail: list[tuple[Ints, Ints]] = []
        row, free = 2 * left.shape[1] + BESIDE, reach.budget.numbers
        for t in range(len(self.kinds)):
            choices = np.minimum(self.rooms(left, t), self.most[t]) + 1
            states = np.arange(len(value))
            most = max(MIN_ROWS, free // row)
            rows = min(int(choices.sum()), most)
            if not reach.budget.spend(100 + rows * (5 + left.shape[1]) // 22):
                np.maximum.at(bounds, owner, self.upper_bound(t, value, left))
                return PricingResult([], np.floor(bounds + MARGIN).astype(np.int64))
            if choices.sum() > most:
                upper_bound = self.upper_bound(t, value, left)
                kept = _most_promising(upper_bound, choices, most)
                np.maximum.at(bounds, owner[~kept], upper_bound[~kept])
                states, choices = states[kept], choices[kept]
            origin = np.repeat(states, choices)
            copies = np.arange(len(origin)) - np.repeat(np.cumsum(choices) - choices, choices)
            left = left[origin] - copies[:, None] * self.demands[t]
            value = value[origin] + copies * self.values[t]
            owner = owner[origin]
            upper_bound = self.upper_bound(t + 1, value, left)
            alive = np.flatnonzero(upper_bound >= floors[owner] + 1 - MARGIN)
            if len(alive) > reach.width:
                kept = _best_per_class(owner[alive], upper_bound[alive], reach.width)
                dropped = alive[~kept]
                np.maximum.at(bounds, owner[dropped], upper_bound[dropped])
                alive = alive[kept]
            left, value, owner = left[alive], value[alive], owner[alive]
            trail.append((origin[alive], copies[alive]))
            free -= 2 * len(alive)
            if not len(alive):
                break
        value = self.close(value, left)
        np.maximum.at(bounds, owner, value.astype(np.float64))
        found = self._patterns(classes, (value, owner, floors), trail, (size, reach.keep))
        return PricingResult(found, np.floor(bounds + MARGIN).astype(np.int64))

    def _patterns(
        self,
        classes: Ints,
        states: tuple[Ints, Ints, Ints],
        trail: Sequence[tuple[Ints, Ints]],
        shape: tuple[int, int],
    ) -> list[tuple[int, int, Ints]]:
        """The heaviest few per class, each with some kind that hardly any of the others has."""
        value, owner, floors = states
        size, keep = shape
        order = np.lexsort((np.arange(len(value)), -value, owner))
        first = np.searchsorted(owner[order], np.arange(len(classes)))
        found = []
        for k, start in enumerate(first):
            ranked = order[start : start + LOOK * keep]
            ranked = ranked[(owner[ranked] == k) & (value[ranked] > floors[k])]
            for at, pattern in diverse(ranked, keep, lambda at: self._pattern(at, trail, size)):
                found.append((int(classes[k]), int(value[at]), pattern))
        return found

    def _pattern(self, state: int, trail: Sequence[tuple[Ints, Ints]], size: int) -> Ints:
        """How a state came about."""
        pattern = np.zeros(size, dtype=np.int64)
        for t in range(len(trail) - 1, -1, -1):
            origin, copies = trail[t]
            pattern[self.kinds[t]] = copies[state]
            state = int(origin[state])
        return pattern
