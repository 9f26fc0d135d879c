"""Column generation over bin patterns: a proof in integer weights, or patterns that fit in fractions."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.certificate import Weights, heaviest_bound
from icplan.packing.engine import Master, volume_duals
from icplan.packing.greedy import min_demand, scarcity
from icplan.packing.pricing import Reach, Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.normal import Core

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Duals are turned into whole numbers by this scale.
SCALE = 10**6

#: What multipliers are finer than weights.
HINT = 10**12

#: What counts as nothing missing, as a share of the dearest copy.
NOTHING = 1e-7

#: States per class, in the quick search for good columns and in the ones that follow if it finds none.
WIDTHS = (60, 2000, 50_000)

#: States of all classes together, and cells per table in quick and in other searches.
MOST_STATES = 150_000
CELLS = (6000, 200_000)

#: Scales tried for small weights in a proof, smallest first.
SCALES = (1, 2, 3, 4, 6, 12, 60, 840, 10_000, SCALE)


def shelves(core: Core) -> list[Shelf]:
    """Classes grouped by the demands their kinds have there."""
    groups: dict[object, list[int]] = {}
    for k, column in enumerate(core.demands):
        groups.setdefault(column, []).append(k)
    made = []
    for members in groups.values():
        column = core.demands[members[0]]
        kinds = [t for t, d in enumerate(column) if d is not None]
        made.append(
            Shelf(
                np.array(members),
                np.array([core.free[k] for k in members], dtype=np.int64),
                np.array(kinds),
                np.array([column[t] for t in kinds], dtype=np.int64),
            )
        )
    return made


@attrs.define
class Generation:
    """The state of one column generation."""

    core: Core
    budget: Budget
    shelves: list[Shelf] = attrs.field(init=False)
    master: Master = attrs.field(init=False)
    sizes: list[float] = attrs.field(init=False)
    counts: Ints = attrs.field(init=False)
    bins: Ints = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        core = self.core
        self.shelves = shelves(core)
        self.counts = np.array(core.counts, dtype=np.int64)
        self.bins = np.array(core.bins, dtype=np.int64)
        self.sizes = self._sizes()
        self.master = Master(core.counts, core.bins, self.sizes)
        self._seed()

    def _sizes(self) -> list[float]:
        """What a missing copy costs: about its share of the scarce dimensions."""
        core = self.core
        shares = scarcity(core)
        room = [
            sum(m * f[j] for m, f in zip(core.bins, core.free, strict=True)) or 1 for j in range(len(shares))
        ]
        sizes = [
            sum(s * min_demand(core, t, j) / room[j] for j, s in enumerate(shares))
            for t in range(len(core.counts))
        ]
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

    def by_volume(self) -> Weights | None:
        """Weights that refute because the copies would not fit even if they could be cut."""
        core = self.core
        worth = volume_duals(core, self.sizes)
        if worth is None:
            return None
        top = max(float(np.dot(u, f)) for u, f in zip(worth, core.free, strict=True))
        if top <= 0:
            return None
        units = [[int(x * SCALE / top * HINT) for x in row] for row in worth]
        weights = []
        for t in range(len(core.counts)):
            own = [
                sum(map(mul, units[k], demand))
                for k, demand in enumerate(row[t] for row in core.demands)
                if demand is not None
            ]
            weights.append(min(own) // HINT)
        limits = [sum(map(mul, u, f)) // HINT for u, f in zip(units, core.free, strict=True)]
        if sum(map(mul, weights, core.counts)) <= sum(map(mul, limits, core.bins)):
            return None
        return Weights(tuple(weights), tuple(limits), tuple((HINT, *row) for row in units))

    def close(self) -> Weights | bool:
        """Weights that refute, or whether (as far as floats can tell) all fits in fractions of patterns."""
        while not self.budget.spent:
            missing = self.master.solve()
            if missing is None:
                return False
            if missing <= NOTHING:
                return True
            worth, weights, floors = self._prices()
            for width in WIDTHS:
                added, bounds = self.price(weights, floors, width)
                if int(weights @ self.counts) > int(bounds @ self.bins):
                    return self._certify(worth, weights, bounds)
                if added:
                    break
            else:
                return True
        return False

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
            _, weights, floors = self._prices()
            added, _ = self.price(weights, floors, WIDTHS[0])
            if not added:
                return False
        return False

    def _prices(self) -> tuple[Floats, Ints, Ints]:
        """What copies are worth, the same in whole numbers, and above what a pattern is worth adding."""
        worth, rent = self.master.prices()
        scale = SCALE / worth.max()
        weights = np.floor(worth * scale + 0.5).astype(np.int64)
        return worth, weights, np.ceil(rent * scale + 2).astype(np.int64)

    def _reach(self, shelf: Shelf, width: int) -> Reach:
        """So many states per class, within what all classes may have together."""
        width = max(WIDTHS[0], min(width, MOST_STATES // len(shelf.classes)))
        return Reach(width, self.budget, cells=CELLS[width > WIDTHS[0]])

    def price(self, weights: Ints, floors: Ints, width: int) -> tuple[int, Ints]:
        """Add patterns above the floors: how many, and per class a bound on what any pattern weighs."""
        bounds = np.zeros(len(self.bins), dtype=np.int64)
        added = 0
        for shelf in self.shelves:
            reach = self._reach(shelf, width)
            found = shelf.heaviest(weights, self.counts, floors[shelf.classes], reach)
            bounds[shelf.classes] = found.bounds
            added += sum(self.master.add(k, tuple(pattern.tolist())) for k, _, pattern in found.patterns)
        return added, bounds

    def _certify(self, worth: Floats, weights: Ints, bounds: Ints) -> Weights:
        """The smallest weights that still refute."""
        for scale in SCALES:
            small = np.floor(worth * (scale / worth.max()) + 1e-6).astype(np.int64)
            if not small.any():
                continue
            limits = self._limits(small)
            if int(small @ self.counts) > int(limits @ self.bins):
                weights, bounds = small, limits
                break
        w = tuple(int(x) for x in weights)
        hints = tuple(heaviest_bound(f, d, w) for f, d in zip(self.core.free, self.core.demands, strict=True))
        return Weights(w, tuple(int(b) for b in bounds), hints)

    def _limits(self, weights: Ints) -> Ints:
        """The heaviest pattern per class: the quick search's best is where the full one starts."""
        limits = np.zeros(len(self.bins), dtype=np.int64)
        for shelf in self.shelves:
            best = np.zeros(len(shelf.classes), dtype=np.int64)
            for width in (WIDTHS[0], WIDTHS[-1]):
                found = shelf.heaviest(weights, self.counts, best, self._reach(shelf, width))
                for k, value, _ in found.patterns:
                    best[shelf.classes == k] = np.maximum(best[shelf.classes == k], value)
                limits[shelf.classes] = found.bounds
                if (found.bounds <= best).all():
                    break
        return limits
