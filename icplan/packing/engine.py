"""Linear programs for the column rungs, solved by the GLOP inside OR-Tools. Floats: they only steer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.linear_solver import pywraplp

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


def knapsack_duals(free: Ints, demands: Ints, most: Ints, values: Ints) -> Floats:
    """Duals of ``max values·x, demands·x <= free, 0 <= x <= most``, one per dimension, none below zero."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    scale = np.maximum(free, 1).astype(np.float64)
    rows = [solver.Constraint(-solver.infinity(), float(f / s)) for f, s in zip(free, scale, strict=True)]
    objective = solver.Objective()
    top = float(values.max())
    for demand, n, value in zip((demands / scale).tolist(), most.tolist(), values.tolist(), strict=True):
        x = solver.NumVar(0, n, "")
        objective.SetCoefficient(x, value / top)
        for row, d in zip(rows, demand, strict=True):
            if d:
                row.SetCoefficient(x, d)
    objective.SetMaximization()
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return top * np.ones(len(free)) / scale / len(free)
    duals = np.array([max(0.0, row.dual_value()) for row in rows])
    return duals * top / scale


class Master:
    """Cover all copies by patterns: ``min costs·missing``, one row per kind and one per class of bins."""

    def __init__(self, counts: Sequence[int], bins: Sequence[int], costs: Sequence[float]) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self.solver.infinity()
        self.kinds = [self.solver.Constraint(float(n), infinity) for n in counts]
        self.classes = [self.solver.Constraint(-infinity, float(m)) for m in bins]
        self.objective = self.solver.Objective()
        self.objective.SetMinimization()
        for row, cost in zip(self.kinds, costs, strict=True):
            missing = self.solver.NumVar(0, infinity, "")
            self.objective.SetCoefficient(missing, cost)
            row.SetCoefficient(missing, 1)
        self.columns: list[tuple[int, tuple[int, ...]]] = []
        self.known: set[tuple[int, tuple[int, ...]]] = set()
        self.variables: list[pywraplp.Variable] = []

    def add(self, k: int, copies: tuple[int, ...]) -> bool:
        """Add a pattern of class ``k``; false if it is there already."""
        if (k, copies) in self.known:
            return False
        self.known.add((k, copies))
        self.columns.append((k, copies))
        variable = self.solver.NumVar(0, self.solver.infinity(), "")
        self.variables.append(variable)
        self.classes[k].SetCoefficient(variable, 1)
        for row, n in zip(self.kinds, copies, strict=True):
            if n:
                row.SetCoefficient(variable, n)
        return True

    def limit(self, counts: Sequence[int], bins: Sequence[int]) -> None:
        """What is still to be covered, and by how many bins."""
        for row, n in zip(self.kinds, counts, strict=True):
            row.SetLb(float(n))
        for row, m in zip(self.classes, bins, strict=True):
            row.SetUb(float(m))

    def solve(self) -> float | None:
        """The cost of what is missing, or ``None`` if the engine fails."""
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        return float(self.objective.Value())

    def prices(self) -> tuple[Floats, Floats]:
        """Duals: what a copy of each kind, and what a bin of each class is worth; none below zero."""
        worth = np.array([max(0.0, row.dual_value()) for row in self.kinds])
        rent = np.array([max(0.0, -row.dual_value()) for row in self.classes])
        return worth, rent

    def amounts(self) -> list[float]:
        """How many bins get each column."""
        return [x.solution_value() for x in self.variables]
