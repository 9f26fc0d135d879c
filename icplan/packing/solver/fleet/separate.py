"""Do copies fit in fractions of patterns and bins (the linear relaxation)? If not, its duals make a cut.

That is much quicker than to pack whole copies, and teaches before a search has come to whole numbers of bins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from ortools.linear_solver import pywraplp

from icplan.packing.solver.lp import solves

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.fleet_proof import FleetCut
    from icplan.packing.solver.fleet.dual_prices import Patterns

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: What counts as nothing missing, and how much of what is missing a cut must at least tell.
TOLERANCE = 1e-6
SHARE = 0.5

#: Rounds of pricing for one question.
ROUNDS = 60

#: Prices become whole numbers of at most so much; those of a cut are tried from small to fine.
SCALE = 10**6
SCALES = (*range(1, 13), 16, 20, 24, 30, 36, 48, 60, 84, 120, 240, 420, 840, 5040, 10**6)

#: Of the weights that tell enough, the best of so many are taken.
TRIES = 4


@attrs.define
class Separation:
    """Patterns with the bins of each option limited: ``min missing``, copies weighed by their size."""

    patterns: Patterns
    solver: pywraplp.Solver = attrs.field(init=False)
    items: list[pywraplp.Constraint] = attrs.field(init=False)
    options: list[pywraplp.Constraint] = attrs.field(init=False)
    taken: int = attrs.field(init=False, default=0)
    numbers: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self.solver.infinity()
        self.items = [self.solver.Constraint(0.0, infinity) for _ in self.patterns.copies]
        self.options = [self.solver.Constraint(-infinity, 0.0) for _ in self.patterns.problem.options]
        sizes = self._sizes()
        for row, size in zip(self.items, sizes, strict=True):
            missing = self.solver.NumVar(0, infinity, "")
            row.SetCoefficient(missing, 1)
            self.solver.Objective().SetCoefficient(missing, size)
        self.solver.Objective().SetMinimization()

    def _sizes(self) -> list[float]:
        """What a copy takes of a bin, at least."""
        problem = self.patterns.problem
        sizes = []
        for item in problem.items:
            shares = [
                max((d / c for d, c in zip(demand, option.capacity, strict=True) if c), default=0.0)
                for demand, option in zip(item.demands, problem.options, strict=True)
                if demand is not None
            ]
            sizes.append(max(0.01, min(1.0, min(shares, default=1.0))))
        return sizes

    def cut(self, counts: Sequence[int], bins: Sequence[float]) -> FleetCut | None:
        """What so many bins lack to hold the copies; ``None`` if nothing, or too little to tell."""
        for row, n in zip(self.items, counts, strict=True):
            row.SetLb(float(n))
        for row, x in zip(self.options, bins, strict=True):
            row.SetUb(float(x))
        wanted, amounts = np.array(counts, dtype=np.int64), np.array(bins)
        for _ in range(ROUNDS):
            self._take_patterns()
            if not solves(self.solver, self.patterns.budget, self.numbers):
                return None
            missing = float(self.solver.Objective().Value())
            if missing <= TOLERANCE:
                return None
            worth = np.array([max(0.0, row.dual_value()) for row in self.items])
            rent = np.array([max(0.0, -row.dual_value()) for row in self.options])
            if not self._price(worth, rent):
                return self._weights(worth, wanted, amounts, missing / float(worth @ wanted))
        return None

    def _take_patterns(self) -> None:
        columns = self.patterns.columns
        for t, copies in columns[self.taken :]:
            x = self.solver.NumVar(0, self.solver.infinity(), "")
            self.options[t].SetCoefficient(x, 1)
            for row, n in zip(self.items, copies, strict=True):
                if n:
                    row.SetCoefficient(x, n)
            self.numbers += 2 + len(copies) - copies.count(0)
        self.taken = len(columns)

    def _price(self, worth: Floats, rent: Floats) -> int:
        """Add patterns that are worth more than their bin."""
        weights = np.floor(worth * SCALE + 0.5).astype(np.int64)
        floors = np.ceil(rent * SCALE + len(weights)).astype(np.int64)
        found = self.patterns.scales.heaviest(weights, self.patterns.copies, floors, (400, 6000, 3))
        return sum(self.patterns.add(t, tuple(pattern.tolist())) for t, _, pattern in found.patterns)

    def _weights(self, worth: Floats, wanted: Ints, bins: Floats, lacking: float) -> FleetCut | None:
        """The prices as small whole numbers that tell as much, as far as that goes."""
        best: tuple[float, FleetCut] | None = None
        tries = 0
        known, homes = self._known_patterns()
        for scale in SCALES:
            weights = np.floor(worth * (scale / worth.max()) + 0.5).astype(np.int64)
            need = int(weights @ wanted)
            carried = np.zeros(len(bins), dtype=np.int64)
            np.maximum.at(carried, homes, known @ weights)
            most = (need - float(carried @ bins)) / max(1, need)
            if most < SHARE * lacking or most <= TOLERANCE:
                continue  # the patterns that are known carry too much already
            cut = self.patterns.scales.cut(weights.tolist(), self.patterns.copies)
            short = (need - float(np.array(cut.limits) @ bins)) / max(1, need)
            if short >= SHARE * lacking and short > TOLERANCE:
                tries += 1
                if best is None or short > best[0]:
                    best = (short, cut)
            if tries == TRIES:
                break
        return None if best is None else best[1]

    def _known_patterns(self) -> tuple[Ints, Ints]:
        """The copies in each pattern so far, and its option."""
        columns = self.patterns.columns
        self.patterns.budget.charge(len(columns))
        copies = np.array([own for _, own in columns], dtype=np.int64).reshape(len(columns), -1)
        return copies, np.array([t for t, _ in columns], dtype=np.int64)
