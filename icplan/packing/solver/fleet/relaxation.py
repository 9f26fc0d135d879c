"""The linear program over the numbers of bins between limits, solved by GLOP. Floats: they only steer.

What it gives as multipliers is turned into whole numbers, and the bound is computed from these exactly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
from ortools.linear_solver import pywraplp

from icplan.packing.solver.fleet.rows import least_cost
from icplan.packing.solver.lp import solves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import FleetProblem
    from icplan.packing.solver.fleet.rows import Row

    Box = tuple[tuple[int, ...], tuple[int, ...]]

#: How near a whole number counts as one.
NEAR = 1e-6

#: Multipliers are rounded to so many steps of the largest, the coarsest first.
SCALES = (10**4, 10**9)


@attrs.frozen(eq=False)
class Multipliers:
    """How often costs, rows and the limit of all bins are counted for a bound."""

    scale: int
    used: tuple[tuple[Row, int], ...]
    total: int = 0


NOTHING = Multipliers(1, ())


@attrs.frozen(eq=False)
class Relaxed:
    """A bound on the costs (``None``: no fleet is possible), its proof, and the amounts that attain it."""

    bound: int | None
    multipliers: Multipliers
    amounts: tuple[float, ...] | None


@attrs.define
class Relaxation:
    """One linear program, to which rows are added, and which is solved for one box after another."""

    problem: FleetProblem
    budget: Budget
    rows: list[Row] = attrs.field(factory=list)
    solver: pywraplp.Solver = attrs.field(init=False)
    amounts: list[pywraplp.Variable] = attrs.field(init=False)
    constraints: list[pywraplp.Constraint] = attrs.field(init=False, factory=list)
    bent: list[tuple[int, Row]] = attrs.field(init=False, factory=list)
    total: pywraplp.Constraint | None = attrs.field(init=False, default=None)
    missing: pywraplp.Variable = attrs.field(init=False)
    unit: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self.solver.infinity()
        self.unit = float(max((o.cost for o in self.problem.options), default=0)) or 1.0
        self.amounts = [self.solver.NumVar(0, infinity, "") for _ in self.problem.options]
        self.missing = self.solver.NumVar(0, 0, "")
        if self.problem.max_total is not None:
            self.total = self.solver.Constraint(-infinity, float(self.problem.max_total))
            for x in self.amounts:
                self.total.SetCoefficient(x, 1)

    def add(self, row: Row) -> None:
        """One more row, of a size near one."""
        self.rows.append(row)
        size = self._size(row)
        constraint = self.solver.Constraint(row.scale * row.need / size, self.solver.infinity())
        if row.bent:
            self.bent.append((len(self.constraints), row))
        for x, slope in zip(self.amounts, row.slopes, strict=True):
            if slope:
                constraint.SetCoefficient(x, slope / size)
        constraint.SetCoefficient(self.missing, 1)
        self.constraints.append(constraint)

    @staticmethod
    def _size(row: Row) -> int:
        return max(1, row.scale * row.need)

    def solve(self, box: Box) -> Relaxed:
        """The bound for one box."""
        low, high = box
        for x, least, most in zip(self.amounts, low, high, strict=True):
            x.SetBounds(float(least), float(most))
        for at, row in self.bent:
            self.constraints[at].SetLb((row.scale * row.need - row.lift(low, high)) / self._size(row))
        found = self._cheapest(box) or self._impossible(box)
        return found or Relaxed(least_cost(self.problem, box, 1, 0, ()), NOTHING, None)

    def _solves(self) -> bool:
        size = len(self.rows) * len(self.amounts)
        self.budget.charge(2 * size)
        return solves(self.solver, self.budget, size)

    def _cheapest(self, box: Box) -> Relaxed | None:
        self.missing.SetBounds(0, 0)
        objective = self.solver.Objective()
        objective.Clear()
        for x, option in zip(self.amounts, self.problem.options, strict=True):
            objective.SetCoefficient(x, option.cost / self.unit)
        objective.SetMinimization()
        if not self._solves():
            return None
        bound, multipliers = self._exact(box, self.unit)
        return Relaxed(bound, multipliers, tuple(x.solution_value() for x in self.amounts))

    def _exact(self, box: Box, unit: float) -> tuple[int, Multipliers]:
        """The best bound from the duals in whole numbers."""
        duals = [
            (row, c.dual_value() * unit / self._size(row) * row.scale)
            for row, c in zip(self.rows, self.constraints, strict=True)
        ]
        total = 0.0 if self.total is None else -self.total.dual_value() * unit
        best, found = least_cost(self.problem, box, 1, 0, ()) or 0, NOTHING
        for scale in SCALES:
            # As fine as the largest weight needs: a row's multiplier may be far below one.
            finest = min((y for _, y in duals if y > 0), default=1.0)
            steps = math.ceil(scale / min(1.0, finest))
            used = tuple((row, round(y * steps)) for row, y in duals if y * steps >= 1)
            tried = Multipliers(steps, used, max(0, round(total * steps)))
            bound = least_cost(self.problem, box, tried.scale, tried.total, used)
            if bound is not None and bound > best:
                best, found = bound, tried
        return best, found

    def _impossible(self, box: Box) -> Relaxed | None:
        """Rows that no fleet meets together, whatever it costs."""
        self.missing.SetBounds(0, self.solver.infinity())
        objective = self.solver.Objective()
        objective.Clear()
        objective.SetCoefficient(self.missing, 1)
        objective.SetMinimization()
        if not self._solves() or self.missing.solution_value() <= 0:
            return None
        duals = [
            (row, c.dual_value() / self._size(row) * row.scale)
            for row, c in zip(self.rows, self.constraints, strict=True)
        ]
        total = 0.0 if self.total is None else max(0.0, -self.total.dual_value())
        finest = min((y for _, y in duals if y > 0), default=1.0)
        for scale in SCALES:
            used = tuple((row, round(y / finest * scale)) for row, y in duals if y > 0)
            tried = Multipliers(0, used, round(total / finest * scale))
            if used and least_cost(self.problem, box, 0, tried.total, used) is None:
                return Relaxed(None, tried, None)
        return None


def whole(amounts: Sequence[float]) -> tuple[int, ...] | None:
    """The amounts as whole numbers, if they are."""
    rounded = tuple(round(x) for x in amounts)
    return rounded if all(abs(x - n) < NEAR for x, n in zip(amounts, rounded, strict=True)) else None
