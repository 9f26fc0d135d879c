"""Column generation over bin patterns: a proof in integer weights, or patterns that fit in fractions."""

from __future__ import annotations

from itertools import islice
from operator import mul
from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.engine import Master
from icplan.packing.greedy import FEW_ORDERS, as_many, full_bins, loads_of
from icplan.packing.listing import Listed, listed
from icplan.packing.pilot import MANY_KINDS, fillings
from icplan.packing.pricing import Reach, Shelf
from icplan.packing.refute import refutes, small_weights, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.certificate import Weights
    from icplan.packing.normal import Core

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Duals are turned into whole numbers by this scale.
SCALE = 10**6

#: What counts as nothing missing, as a share of the dearest copy.
NOTHING = 1e-7

#: States per class, in the quick search for good columns and in the ones that follow if it finds none.
WIDTHS = (60, 300, 1500, 50_000)

#: After so many rounds patterns are listed, where they may be few enough.
LISTING = 5

#: States of all classes together, and cells per table in quick and in other searches.
MOST_STATES = 150_000
CELLS = (6000, 200_000)

#: So many patterns from the quickest search are enough for a round.
ENOUGH = 10

#: How much of the best prices so far goes into the next ones.
SMOOTH = 0.6

#: After so many refuting rounds smaller weights are looked for; after the last, no longer.
TRIES = (1, 3, 8, 20, 40)


def shelves(core: Core) -> list[Shelf]:
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
            Shelf(
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

    worth: Floats
    rent: Floats
    weights: Ints
    floors: Ints


@attrs.define
class Generation:
    """The state of one column generation."""

    core: Core
    budget: Budget
    shelves: list[Shelf | Listed] = attrs.field(init=False)
    master: Master = attrs.field(init=False)
    sizes: list[float] = attrs.field(init=False)
    counts: Ints = attrs.field(init=False)
    bins: Ints = attrs.field(init=False)
    center: Prices | None = attrs.field(init=False, default=None)
    reached: float = attrs.field(init=False, default=0.0)
    level: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        core = self.core
        self.shelves = [*shelves(core)]
        self.counts = np.array(core.counts, dtype=np.int64)
        self.bins = np.array(core.bins, dtype=np.int64)
        self.sizes = self._sizes()
        self.master = Master(core.counts, core.bins, self.sizes)

    def _sizes(self) -> list[float]:
        """What a missing copy costs: about its share of the scarce dimensions."""
        measures = self.core.sizes
        prices = [
            s / room if room else 0.0 for s, room in zip(measures.scarcity, measures.rooms, strict=True)
        ]
        sizes = [sum(map(mul, prices, least)) for least in measures.least]
        top = max(sizes)
        return [max(0.01, size / top) for size in sizes]

    def _seed(self) -> None:
        """Patterns from greedy fillings, and each kind alone."""
        core = self.core
        for k in range(len(core.bins)):
            for t in range(len(core.counts)):
                room = core.room(k, t)
                if room:
                    self.master.add(k, tuple(room if i == t else 0 for i in range(len(core.counts))))
        for order in islice(core.sizes.orders(), FEW_ORDERS):
            for k, _, copies in loads_of(as_many(core, order)):
                self.master.add(k, copies)
        for k, _, copies in full_bins(core):
            self.master.add(k, copies)

    def close(self) -> Weights | bool:
        """Weights that refute, or whether (as far as floats can tell) all fits in fractions of patterns."""
        self._seed()
        proven: tuple[Ints, Ints] | None = None
        refuted = turn = 0
        missing: float | None = None
        while not self.budget.spent:
            turn += 1
            if turn == LISTING:
                self._list()
            missing = self.master.solve()
            if missing is None or missing <= NOTHING:
                break
            prices, added, bounds = self._turn(self._prices(*self.master.prices()))
            if bounds is None or not refutes(self, prices.weights, bounds):
                if not added:
                    break
                continue
            # Nearer the optimum, smaller weights do: that is worth some more rounds.
            proven, refuted = (prices.weights, bounds), refuted + 1
            small = small_weights(self, prices.worth) if not added or refuted in TRIES else None
            if small is not None:
                return small
            if not added or refuted == TRIES[-1]:
                break
        if proven is not None:
            return written(self, *proven)
        return missing is not None and not self.budget.spent

    def _turn(self, raw: Prices) -> tuple[Prices, int, Ints | None]:
        """Look for patterns: the prices used in the end, how many are new, and bounds if searched."""
        prices = raw if self.center is None else self._between(self.center, raw)
        piloted = self._pilot(prices, raw)
        if piloted >= ENOUGH:
            return prices, piloted, None
        added, bounds = self.price(prices, WIDTHS[self.level], raw)
        # What the pilot has found is no longer new to the search, and yet a reason to go on.
        added += piloted
        if not added and not refutes(self, prices.weights, bounds):
            prices = raw
            added, bounds = self._escalate(raw)
        self._recenter(prices, bounds)
        return prices, added, bounds

    def again(self, counts: Sequence[int], bins: Sequence[int], rounds: int) -> bool:
        """Solve for what is left; whether it fits in fractions of patterns, after some rounds of pricing."""
        self.counts = np.array(counts, dtype=np.int64)
        self.bins = np.array(bins, dtype=np.int64)
        self.master.limit(counts, bins)
        for _ in range(rounds):
            missing = self.master.solve()
            if missing is None or self.budget.spent:
                return False
            if missing <= NOTHING:
                return True
            prices = self._prices(*self.master.prices())
            added, _ = self.price(prices, WIDTHS[0], prices)
            if not added:
                return False
        return False

    def _pilot(self, prices: Prices, raw: Prices) -> int:
        """Where kinds are many, first try what is quickest: how many patterns it added."""
        added = 0
        for shelf in self.shelves:
            if isinstance(shelf, Listed) or len(shelf.kinds) < MANY_KINDS or len(shelf.classes) > 1:
                continue
            found = [
                (int(prices.weights @ pattern), k, pattern)
                for k, pattern in fillings(shelf, prices.weights, self.counts)
                if raw.weights @ pattern > raw.floors[k]
            ]
            found.sort(key=lambda e: -e[0])
            added += sum(self.master.add(k, tuple(pattern.tolist())) for _, k, pattern in found[: 2 * ENOUGH])
        return added

    def _list(self) -> None:
        """List the patterns of bins that hold few copies each, of many kinds."""
        self.shelves = [
            (isinstance(shelf, Shelf) and listed(shelf, self.counts, self.budget)) or shelf
            if len(shelf.kinds) >= MANY_KINDS
            else shelf
            for shelf in self.shelves
        ]

    def _escalate(self, prices: Prices) -> tuple[int, Ints]:
        """Search wider until there is a pattern to add, or the bounds refute."""
        added, bounds = 0, prices.floors
        for level in range(self.level, len(WIDTHS)):
            added, bounds = self.price(prices, WIDTHS[level], prices)
            if added or refutes(self, prices.weights, bounds):
                # What was too narrow once will be so again.
                self.level = level
                break
        return added, bounds

    def _prices(self, worth: Floats, rent: Floats) -> Prices:
        """The duals, and the same in whole numbers."""
        scale = SCALE / worth.max()
        weights = np.floor(worth * scale + 0.5).astype(np.int64)
        return Prices(worth, rent, weights, np.ceil(rent * scale + 2).astype(np.int64))

    def _between(self, center: Prices, raw: Prices) -> Prices:
        """Part of the way from the best prices so far: duals jump about, and the truth is between them."""
        return self._prices(
            SMOOTH * center.worth + (1 - SMOOTH) * raw.worth, SMOOTH * center.rent + (1 - SMOOTH) * raw.rent
        )

    def _recenter(self, prices: Prices, bounds: Ints) -> None:
        bound = float(prices.weights @ self.counts - bounds @ self.bins) * prices.worth.max()
        if self.center is None or bound > self.reached:
            self.center, self.reached = prices, bound

    def price(self, prices: Prices, width: int, raw: Prices) -> tuple[int, Ints]:
        """Add patterns that are heavy at these prices; bounds on what any pattern weighs, per class.

        Also says how many of the patterns are worth more than their rent at the ``raw`` prices.
        """
        bounds = np.zeros(len(self.bins), dtype=np.int64)
        added = 0
        for shelf in self.shelves:
            reach = self.reach(shelf, width)
            found = shelf.heaviest(prices.weights, self.counts, prices.floors[shelf.classes], reach)
            bounds[shelf.classes] = found.bounds
            for k, _, pattern in found.patterns:
                new = self.master.add(k, tuple(pattern.tolist()))
                added += new and bool(raw.weights @ pattern > raw.floors[k])
        return added, bounds

    def matrix(self) -> tuple[Ints, Ints]:
        """The classes and the copies of all patterns so far."""
        columns = self.master.columns
        return np.array([k for k, _ in columns]), np.array([copies for _, copies in columns], dtype=np.int64)

    def widths(self) -> tuple[int, int]:
        """States per class of a quick and of a full search."""
        return WIDTHS[0], WIDTHS[-1]

    def reach(self, shelf: Shelf | Listed, width: int) -> Reach:
        """So many states per class, within what all classes may have together."""
        width = max(WIDTHS[0], min(width, MOST_STATES // len(shelf.classes)))
        keep = min(20, max(3, len(self.counts) // (2 * len(self.bins))))
        return Reach(width, self.budget, keep, CELLS[width > WIDTHS[1]])
