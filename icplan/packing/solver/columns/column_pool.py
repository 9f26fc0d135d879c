"""The patterns of a column generation, the linear program over them, and the search that finds more."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.solver.columns.enumeration import EnumeratedPatterns, enumerate_patterns
from icplan.packing.solver.columns.greedy_pricing import MIN_KINDS
from icplan.packing.solver.columns.pricing import BinGroup, SearchLimits
from icplan.packing.solver.lp import Master

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.solver.presolve import ReducedProblem

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Duals are turned into whole numbers by this scale.
SCALE = 10**6

#: What counts as nothing missing, as a share of the dearest copy.
TOLERANCE = 1e-7

#: States per class, in the quick search for good columns and in the ones that follow if it finds none.
WIDTHS = (60, 300, 1500, 50_000)

#: States of all classes together, and cells per table in quick and in other searches.
MAX_STATES = 150_000
CELLS = (6000, 200_000)


def bin_groups(core: ReducedProblem) -> list[BinGroup]:
    """Classes grouped by the demands their kinds have there."""
    groups: dict[object, list[int]] = {}
    for k, column in enumerate(core.demands):
        groups.setdefault(column, []).append(k)
    made = []
    for members in groups.values():
        column = core.demands[members[0]]
        kinds = [t for t, d in enumerate(column) if d is not None]
        if not kinds:
            continue
        made.append(
            BinGroup(
                np.array(members),
                np.array([core.free[k] for k in members], dtype=np.int64),
                np.array(kinds),
                np.array([column[t] for t in kinds], dtype=np.int64),
            )
        )
    return made


@attrs.frozen(eq=False)
class Prices:
    """What a copy of each kind and a bin of each class is worth, and the same in whole numbers."""

    item_duals: Floats
    bin_duals: Floats
    weights: Ints
    thresholds: Ints


@attrs.define
class ColumnPool:
    """Patterns so far, for the copies and bins that are (still) to be matched."""

    core: ReducedProblem
    budget: Budget
    shelves: list[BinGroup | EnumeratedPatterns] = attrs.field(init=False)
    master: Master = attrs.field(init=False)
    sizes: list[float] = attrs.field(init=False)
    counts: Ints = attrs.field(init=False)
    bins: Ints = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        core = self.core
        self.shelves = [*bin_groups(core)]
        self.counts = np.array(core.counts, dtype=np.int64)
        self.bins = np.array(core.bins, dtype=np.int64)
        self.sizes = self._sizes()
        self.master = Master(core.counts, core.bins, self.sizes, self.budget)

    def _sizes(self) -> list[float]:
        """What a missing copy costs: about its share of the scarce dimensions."""
        measures = self.core.sizes
        prices = [
            s / room if room else 0.0 for s, room in zip(measures.scarcity, measures.rooms, strict=True)
        ]
        sizes = [sum(map(mul, prices, least)) for least in measures.least]
        top = max(sizes)
        return [max(0.01, size / top) for size in sizes]

    def prices(self, item_duals: Floats, bin_duals: Floats) -> Prices:
        """Duals, and the same in whole numbers."""
        scale = SCALE / item_duals.max()
        weights = np.floor(item_duals * scale + 0.5).astype(np.int64)
        return Prices(item_duals, bin_duals, weights, np.ceil(bin_duals * scale + 2).astype(np.int64))

    def price(self, prices: Prices, width: int, raw: Prices) -> tuple[int, Ints]:
        """Add patterns that are heavy at these prices; bounds on what any pattern weighs, per class.

        Also says how many of the patterns are worth more than their rent at the ``raw`` prices.
        """
        bounds = np.zeros(len(self.bins), dtype=np.int64)
        added = 0
        for shelf in self.shelves:
            limits = self.limits(shelf, width)
            found = shelf.heaviest(prices.weights, self.counts, prices.thresholds[shelf.classes], limits)
            bounds[shelf.classes] = found.bounds
            for k, _, pattern in found.patterns:
                new = self.master.add(k, tuple(pattern.tolist()))
                added += new and bool(raw.weights @ pattern > raw.thresholds[k])
        return added, bounds

    def resolve(self, counts: Sequence[int], bins: Sequence[int], rounds: int) -> bool:
        """Solve for what is left; whether it fits in fractions of patterns, after some rounds of pricing."""
        self.counts = np.array(counts, dtype=np.int64)
        self.bins = np.array(bins, dtype=np.int64)
        self.master.limit(counts, bins)
        for _ in range(rounds):
            missing = self.master.solve()
            if missing is None or self.budget.exhausted:
                return False
            if missing <= TOLERANCE:
                return True
            prices = self.prices(*self.master.prices())
            added, _ = self.price(prices, WIDTHS[0], prices)
            if not added:
                return False
        return False

    def list_patterns(self) -> None:
        """List the patterns of bins that hold few copies each, of many kinds."""
        self.shelves = [
            (isinstance(shelf, BinGroup) and enumerate_patterns(shelf, self.counts, self.budget)) or shelf
            if len(shelf.kinds) >= MIN_KINDS
            else shelf
            for shelf in self.shelves
        ]

    def patterns(self) -> tuple[Ints, Ints]:
        """The classes and the copies of all patterns so far."""
        columns = self.master.columns
        return np.array([k for k, _ in columns]), np.array([copies for _, copies in columns], dtype=np.int64)

    def widths(self) -> tuple[int, int]:
        """States per class of a quick and of a full search."""
        return WIDTHS[0], WIDTHS[-1]

    def limits(self, shelf: BinGroup | EnumeratedPatterns, width: int) -> SearchLimits:
        """So many states per class, within what all classes may have together."""
        width = max(WIDTHS[0], min(width, MAX_STATES // len(shelf.classes)))
        keep = min(20, max(3, len(self.counts) // (2 * len(self.bins))))
        return SearchLimits(width, self.budget, keep, CELLS[width > WIDTHS[1]])
