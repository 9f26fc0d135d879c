"""Column generation over bin patterns: a proof in integer weights, or patterns that fit in fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.packing.solver.columns.column_pool import TOLERANCE, WIDTHS, ColumnPool, Prices
from icplan.packing.solver.columns.dual_weights import proves_infeasible, small_weights, to_weights
from icplan.packing.solver.columns.enumeration import EnumeratedPatterns
from icplan.packing.solver.columns.greedy_pricing import MIN_KINDS, greedy_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from icplan.packing.certificate import Weights
    from icplan.packing.solver.presolve import BinFill

    Ints = npt.NDArray[np.int64]

#: After so many rounds patterns are listed, where they may be few enough.
LISTING = 5

#: So many patterns from the quickest search are enough for a round.
ENOUGH = 10

#: How much of the best prices so far goes into the next ones.
SMOOTH = 0.6

#: After so many refuting rounds smaller weights are looked for; after the last, no longer.
TRIES = (1, 3, 8, 20, 40)


@attrs.define
class Generation:
    """Rounds of pricing, at smoothed prices, until there is a proof or no pattern is missing."""

    pool: ColumnPool
    center: Prices | None = attrs.field(init=False, default=None)
    reached: float = attrs.field(init=False, default=0.0)
    level: int = attrs.field(init=False, default=0)

    def run(self, fillings: Sequence[Sequence[BinFill]]) -> Weights | bool:
        """Weights that refute, or whether (as far as floats can tell) all fits in fractions of patterns.

        Begins with the patterns of ``fillings``.
        """
        self._seed(fillings)
        proven: tuple[Ints, Ints] | None = None
        refuted = turn = 0
        missing: float | None = None
        while not self.pool.budget.exhausted:
            turn += 1
            if turn == LISTING:
                self.pool.list_patterns()
            missing = self.pool.master.solve()
            if missing is None or missing <= TOLERANCE:
                break
            prices, added, bounds = self._iterate(self.pool.prices(*self.pool.master.prices()))
            if bounds is None or not self._proves(prices.weights, bounds):
                if not added:
                    break
                continue
            # Nearer the optimum, smaller weights do: that is worth some more rounds.
            proven, refuted = (prices.weights, bounds), refuted + 1
            small = small_weights(self.pool, prices.item_duals) if not added or refuted in TRIES else None
            if small is not None:
                return small
            if not added or refuted == TRIES[-1]:
                break
        if proven is not None:
            return to_weights(self.pool, *proven)
        return missing is not None and not self.pool.budget.exhausted

    def _iterate(self, raw: Prices) -> tuple[Prices, int, Ints | None]:
        """Look for patterns: the prices used in the end, how many are new, and bounds if searched."""
        prices = raw if self.center is None else self._between(self.center, raw)
        piloted = self._greedy_pricing(prices, raw)
        if piloted >= ENOUGH:
            return prices, piloted, None
        added, bounds = self.pool.price(prices, WIDTHS[self.level], raw)
        # What the pilot has found is no longer new to the search, and yet a reason to go on.
        added += piloted
        if not added and not self._proves(prices.weights, bounds):
            prices = raw
            added, bounds = self._escalate(raw)
        self._update_center(prices, bounds)
        return prices, added, bounds

    def _proves(self, weights: Ints, bounds: Ints) -> bool:
        """Whether such weights, by what bins carry of them at most, show what is looked for."""
        return proves_infeasible(self.pool, weights, bounds)

    def _greedy_pricing(self, prices: Prices, raw: Prices) -> int:
        """Where kinds are many, first try what is quickest: how many patterns it added."""
        added = 0
        for shelf in self.pool.shelves:
            if (
                isinstance(shelf, EnumeratedPatterns)
                or len(shelf.kinds) < MIN_KINDS
                or len(shelf.classes) > 1
            ):
                continue
            found = [
                (int(prices.weights @ pattern), k, pattern)
                for k, pattern in greedy_patterns(shelf, prices.weights, self.pool.counts, self.pool.budget)
                if raw.weights @ pattern > raw.thresholds[k]
            ]
            found.sort(key=lambda e: -e[0])
            added += sum(
                self.pool.master.add(k, tuple(pattern.tolist())) for _, k, pattern in found[: 2 * ENOUGH]
            )
        return added

    def _escalate(self, prices: Prices) -> tuple[int, Ints]:
        """Search wider until there is a pattern to add, or the bounds refute."""
        added, bounds = 0, prices.thresholds
        for level in range(self.level, len(WIDTHS)):
            added, bounds = self.pool.price(prices, WIDTHS[level], prices)
            if added or self._proves(prices.weights, bounds):
                # What was too narrow once will be so again.
                self.level = level
                break
        return added, bounds

    def _between(self, center: Prices, raw: Prices) -> Prices:
        """Part of the way from the best prices so far: duals jump about, and the truth is between them."""
        return self.pool.prices(
            SMOOTH * center.item_duals + (1 - SMOOTH) * raw.item_duals,
            SMOOTH * center.bin_duals + (1 - SMOOTH) * raw.bin_duals,
        )

    def _update_center(self, prices: Prices, bounds: Ints) -> None:
        bound = float(prices.weights @ self.pool.counts - bounds @ self.pool.bins) * prices.item_duals.max()
        if self.center is None or bound > self.reached:
            self.center, self.reached = prices, bound

    def _seed(self, fillings: Sequence[Sequence[BinFill]]) -> None:
        """Patterns that are at hand, and each kind alone."""
        core = self.pool.core
        for k in range(len(core.bins)):
            for t in range(len(core.counts)):
                room = core.room(k, t)
                if room:
                    self.pool.master.add(k, tuple(room if i == t else 0 for i in range(len(core.counts))))
        for loads in fillings:
            for k, _, copies in loads:
                self.pool.master.add(k, copies)
