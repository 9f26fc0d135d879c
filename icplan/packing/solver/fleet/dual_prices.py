"""What copies are worth at the options' costs: column generation over patterns of one bin of each option.

The patterns serve every condition: another one changes the copies to be covered, no more. The prices at the
end are the weights of a cut, whose bound is that of the linear program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from ortools.linear_solver import pywraplp

from icplan.packing.solver.fleet.weigh import fitting_demands
from icplan.packing.solver.lp import solves
from icplan.packing.solver.presolve import most_copies

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import FleetProblem
    from icplan.packing.solver.fleet.weigh import Scales

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: Prices become whole numbers of at most so much.
SCALE = 10**7

#: Prices in a cut: this often the costs, the smallest first, or shares so fine.
SCALES = (*range(1, 13), 15, 16, 18, 20, 24, 30, 36, 48, 60, 84, 120, 180, 240, 360, 840, 2520, 5040)
FINE = 10**9

#: How near the bound of weights in whole numbers must be.
TIGHT = 1e-8

#: How much of the best prices so far goes into the next ones.
SMOOTH = 0.5

#: Patterns that one search reports, and its width and cells: first quick, then as wide as it takes.
KEEP = 4
WIDTHS = ((60, 6000), (400, 6000), (3000, 20_000), (20_000, 100_000))

#: Rounds for one condition at most.
ROUNDS = 400

#: What counts as worth more than it costs.
EPSILON = 1e-7


@attrs.define
class Patterns:
    """Patterns of all options so far, and the linear program that covers copies by them at least cost."""

    problem: FleetProblem
    scales: Scales
    copies: tuple[int, ...]
    budget: Budget
    solver: pywraplp.Solver = attrs.field(init=False)
    rows: list[pywraplp.Constraint] = attrs.field(init=False)
    columns: list[tuple[int, tuple[int, ...]]] = attrs.field(init=False, factory=list)
    known: set[tuple[int, tuple[int, ...]]] = attrs.field(init=False, factory=set)
    amounts: list[pywraplp.Variable] = attrs.field(init=False, factory=list)
    unit: float = attrs.field(init=False)
    numbers: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self.solver.infinity()
        self.unit = float(max(o.cost for o in self.problem.options)) or 1.0
        self.solver.Objective().SetMinimization()
        self.rows = [self.solver.Constraint(0.0, infinity) for _ in self.copies]
        for i, row in enumerate(self.rows):
            missing = self.solver.NumVar(0, infinity, "")
            row.SetCoefficient(missing, 1)
            self.solver.Objective().SetCoefficient(missing, 2.0 * self._dearest(i))
        self._seed()

    def _dearest(self, i: int) -> float:
        """More than a copy of an item can be worth."""
        own = zip(self.problem.options, self.problem.items[i].demands, strict=True)
        return max((o.cost / self.unit for o, d in own if d is not None), default=1.0) + 1e-3

    def _seed(self) -> None:
        """Each item alone."""
        for t, option in enumerate(self.problem.options):
            for i, demand in fitting_demands(self.problem, t).items():
                room = most_copies(option.capacity, demand, self.copies[i])
                if room:
                    self.add(t, tuple(room if j == i else 0 for j in range(len(self.copies))))

    def add(self, t: int, copies: tuple[int, ...]) -> bool:
        """One more pattern; false if it is there already."""
        if (t, copies) in self.known:
            return False
        self.known.add((t, copies))
        self.columns.append((t, copies))
        nonzero = len(copies) - copies.count(0)
        self.numbers += 2 + nonzero
        self.budget.charge(8 + 4 * nonzero)
        x = self.solver.NumVar(0, self.solver.infinity(), "")
        self.amounts.append(x)
        self.solver.Objective().SetCoefficient(x, self.problem.options[t].cost / self.unit)
        for row, n in zip(self.rows, copies, strict=True):
            if n:
                row.SetCoefficient(x, n)
        return True

    def ask(self, counts: Sequence[int]) -> None:
        """Cover so many copies from now on."""
        for row, n in zip(self.rows, counts, strict=True):
            row.SetLb(float(n))

    def solve(self) -> Floats | None:
        """Prices per copy, as shares of the dearest option; ``None`` if the engine fails."""
        if not solves(self.solver, self.budget, self.numbers):
            return None
        return np.array([max(0.0, row.dual_value()) for row in self.rows])

    def price(
        self, duals: Floats, raw: Floats, copies: Sequence[int], width: tuple[int, int]
    ) -> tuple[int, Ints, list[int]]:
        """Add patterns of at most so many copies that are worth more than their option.

        Also the weights, and the limits of the options.
        """
        weights = np.floor(duals * SCALE + 0.5).astype(np.int64)
        costs = np.array([option.cost / self.unit for option in self.problem.options])
        found = self.scales.heaviest(weights, copies, (costs * SCALE).astype(np.int64), (*width, KEEP))
        added = 0
        for t, _, pattern in found.patterns:
            worth = float(raw @ pattern) > costs[t] + EPSILON
            added += self.add(t, tuple(pattern.tolist())) and worth
        return added, weights, found.bounds.tolist()

    def value(self, counts: Sequence[int]) -> float:
        """What so many copies cost by the patterns so far, fractions allowed, as a share of the dearest."""
        self.ask(counts)
        duals = self.solve()
        return 0.0 if duals is None else float(self.solver.Objective().Value())

    def generate(self, counts: Sequence[int]) -> tuple[Floats, float]:
        """The prices of the best bound found for so many copies, and that bound; both as shares."""
        self.ask(counts)
        wanted = np.array(counts, dtype=np.int64)
        best, reached, level = np.zeros(len(wanted)), 0.0, 0
        for turn in range(ROUNDS):
            raw = self.solve()
            if raw is None or self.budget.exhausted:
                break
            for duals in [raw] if not turn else [SMOOTH * best + (1 - SMOOTH) * raw, raw]:
                added, bound = self._priced(duals, raw, wanted, WIDTHS[level])
                if bound > reached:
                    best, reached = duals, bound
                if added:
                    break
            if not added:
                if reached >= float(raw @ wanted) * (1 - 1e-7) or level == len(WIDTHS) - 1:
                    break
                level += 1
        return best, reached

    def _priced(self, duals: Floats, raw: Floats, wanted: Ints, width: tuple[int, int]) -> tuple[int, float]:
        added, weights, limits = self.price(duals, raw, self.copies, width)
        return added, self._bound(weights, limits, wanted)

    def whole_weights(self, duals: Floats, reached: float, counts: Sequence[int]) -> Ints:
        """The prices in the smallest whole numbers whose bound is as good, if any are; else fine ones."""
        wanted = np.array(counts, dtype=np.int64)
        for scale in SCALES:
            weights = np.floor(duals * self.unit * scale + 0.5).astype(np.int64)
            step = int(np.gcd.reduce(weights)) or 1
            rough = float(weights @ wanted) / (self.unit * scale)
            if abs(rough - reached) > TIGHT * reached or not weights.any():
                continue
            limits = self.scales.limits(weights // step, self.copies)
            bound = self._bound_of(float(weights @ wanted) / step, limits)
            if bound >= reached * (1 - TIGHT):
                small: Ints = weights // step
                return small
        fine: Ints = np.floor(duals * FINE + 0.5).astype(np.int64)
        return fine

    def _bound_of(self, weight: float, limits: Sequence[int]) -> float:
        """What carrying so much costs at least, as a share of the dearest option."""
        return weight * self.rate(limits)

    def rate(self, limits: Sequence[int]) -> float:
        """What a unit of weight costs at least, as a share of the dearest option."""
        if any(limit and not option.cost for limit, option in zip(limits, self.problem.options, strict=True)):
            return 0.0
        rates = [
            option.cost / self.unit / limit
            for limit, option in zip(limits, self.problem.options, strict=True)
            if limit
        ]
        return min(rates, default=0.0)

    def _bound(self, weights: Ints, limits: Sequence[int], wanted: Ints) -> float:
        return self._bound_of(float(weights @ wanted), limits)
