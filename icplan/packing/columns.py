"""Column generation over bin patterns: a proof in integer weights, or patterns that fit in fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.certificate import Weights, heaviest_bound
from icplan.packing.engine import Master
from icplan.packing.greedy import min_demand, scarcity
from icplan.packing.pricing import MOST_STATES, Reach, Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.normal import Core

    Ints = npt.NDArray[np.int64]

#: Duals are turned into whole numbers by this scale.
SCALE = 10**6

#: What counts as nothing missing, as a share of the dearest copy.
NOTHING = 1e-7

#: States per class in the quick search for good columns.
NARROW = 60

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
    counts: Ints = attrs.field(init=False)
    bins: Ints = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        core = self.core
        self.shelves = shelves(core)
        self.counts = np.array(core.counts, dtype=np.int64)
        self.bins = np.array(core.bins, dtype=np.int64)
        self.master = Master(core.counts, core.bins, self._sizes())
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

    def close(self) -> Weights | bool:
        """Weights that refute, or whether (as far as floats can tell) all fits in fractions of patterns."""
        exact = True
        while not self.budget.spent:
            missing = self.master.solve()
            if missing is None:
                return False
            if missing <= NOTHING:
                return True
            worth, rent = self.master.prices()
            scale = SCALE / worth.max()
            weights = np.floor(worth * scale + 0.5).astype(np.int64)
            floors = np.ceil(rent * scale + 2).astype(np.int64)
            if not exact and self._improve(weights, floors, NARROW):
                continue
            bounds = self._bounds(weights, floors)
            if bounds is not None and int(weights @ self.counts) > int(bounds @ self.bins):
                return self._certify(worth, weights, bounds)
            if bounds is None or not self.added:
                return False
        return False

    added: int = attrs.field(init=False, default=0)

    def _improve(self, weights: Ints, floors: Ints, width: int) -> bool:
        """Add heavy patterns found by the quick search; whether there were any."""
        added = 0
        for shelf in self.shelves:
            found = shelf.heaviest(weights, self.counts, floors[shelf.classes], self._reach(width, shelf))
            added += sum(self.master.add(k, tuple(pattern.tolist())) for k, _, pattern in found.patterns)
        return bool(added)

    def _reach(self, width: int, shelf: Shelf) -> Reach:
        return Reach(width * len(shelf.classes), self.budget)

    def _bounds(self, weights: Ints, floors: Ints) -> Ints | None:
        """The heaviest pattern per class (or the floor, if that is more); adds the patterns found."""
        bounds = np.zeros(len(self.bins), dtype=np.int64)
        self.added = 0
        for shelf in self.shelves:
            quick = shelf.heaviest(weights, self.counts, floors[shelf.classes], self._reach(NARROW, shelf))
            best = floors[shelf.classes].copy()
            for k, value, pattern in quick.patterns:
                at = int(np.flatnonzero(shelf.classes == k)[0])
                best[at] = max(best[at], value)
                self.added += self.master.add(k, tuple(pattern.tolist()))
            if (quick.bounds > best).any():
                full = shelf.heaviest(weights, self.counts, best, Reach(MOST_STATES, self.budget))
                for k, _, pattern in full.patterns:
                    self.added += self.master.add(k, tuple(pattern.tolist()))
                best = full.bounds
            bounds[shelf.classes] = best
        return bounds

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
            worth, rent = self.master.prices()
            scale = SCALE / worth.max()
            weights = np.floor(worth * scale + 0.5).astype(np.int64)
            floors = np.ceil(rent * scale + 2).astype(np.int64)
            if not self._improve(weights, floors, NARROW):
                return False
        return False

    def _certify(self, worth: npt.NDArray[np.float64], weights: Ints, bounds: Ints) -> Weights:
        """The smallest weights that still refute."""
        for scale in SCALES:
            small = np.floor(worth * (scale / worth.max()) + 1e-6).astype(np.int64)
            if not small.any():
                continue
            limits = self._limits(small)
            if limits is not None and int(small @ self.counts) > int(limits @ self.bins):
                weights, bounds = small, limits
                break
        w = tuple(int(x) for x in weights)
        hints = tuple(heaviest_bound(f, d, w) for f, d in zip(self.core.free, self.core.demands, strict=True))
        return Weights(w, tuple(int(b) for b in bounds), hints)

    def _limits(self, weights: Ints) -> Ints | None:
        return self._bounds(weights, np.full(len(self.bins), 0, dtype=np.int64))
