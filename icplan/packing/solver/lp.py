"""Linear programs for the column rungs, solved by the GLOP inside OR-Tools. Floats: they only steer.

What they take is charged by the engine's own counts (pivots, nodes), which are the same on every machine.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import numpy as np
from ortools.linear_solver import pywraplp

from icplan.packing.budget import Ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.solver.presolve import ReducedProblem

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

#: What a pattern may cost when some are preferred: next to nothing beside a missing copy.
SLIGHT = 1e-5

#: What a pattern of an arrangement may cost when some are preferred, beside slots as whole numbers.
PREFERENCE = 0.03

#: Nodes after which a search for whole numbers ends.
MAX_NODES = 500

#: Seconds that an engine may run past the limit, so that whoever looks at the clock then sees why it ended.
_LATE = 0.02

#: Numbers that a pattern takes beside its copies.
BESIDE = 40

#: Pivots that an engine is allowed where the budget has no end.
_ENDLESS = 10**9


def solves(solver: pywraplp.Solver, budget: Budget, numbers: int) -> bool:
    """Whether GLOP finds the optimum, within the budget, of a program with so many numbers and variables."""
    pivot = 15 + solver.NumConstraints() // 5
    if not budget.spend(90 + numbers // 2):
        return False
    left = budget.units_left // pivot + 1
    if left < _ENDLESS:
        solver.SetSolverSpecificParametersAsString(f"max_number_of_iterations: {int(left)}")
    _stop_in_time(solver, budget)
    found: bool = solver.Solve() == pywraplp.Solver.OPTIMAL
    budget.charge(pivot * max(0, solver.iterations()))
    return found


def _stop_in_time(solver: pywraplp.Solver, budget: Budget) -> None:
    seconds = budget.left
    if math.isfinite(seconds):
        solver.set_time_limit(int((seconds + _LATE) * 1000))


def knapsack_duals(free: Ints, demands: Ints, most: Ints, values: Ints | Floats, budget: Budget) -> Floats:
    """Duals of ``max values·x, demands·x <= free, 0 <= x <= most``, one per dimension, none below zero.

    Where the budget ends they are only some numbers; whatever these are, they only steer.
    """
    budget.charge(200 + 20 * len(most))
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

    def __init__(
        self, counts: Sequence[int], bins: Sequence[int], costs: Sequence[float], budget: Budget
    ) -> None:
        self._start(budget)
        infinity = self.solver.infinity()
        self.kinds = [self.solver.Constraint(float(n), infinity) for n in counts]
        self.classes = [self.solver.Constraint(-infinity, float(m)) for m in bins]
        for row, cost in zip(self.kinds, costs, strict=True):
            missing = self.solver.NumVar(0, infinity, "")
            self.objective.SetCoefficient(missing, cost)
            row.SetCoefficient(missing, 1)
            self.missing.append((missing, cost))

    def _start(self, budget: Budget) -> None:
        self.budget, self.numbers, self.held = budget, 0, 0
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.objective = self.solver.Objective()
        self.objective.SetMinimization()
        self.columns: list[tuple[int, tuple[int, ...]]] = []
        self.known: set[tuple[int, tuple[int, ...]]] = set()
        self.variables: list[pywraplp.Variable] = []
        self.missing: list[tuple[pywraplp.Variable, float]] = []

    def add(self, k: int, copies: tuple[int, ...], cost: int = 0) -> bool:
        """Add a pattern of class ``k``; false if it is there already, or no more can be held."""
        if (k, copies) in self.known or self.held > self.budget.numbers // 2:
            return False
        self.held += BESIDE + len(copies)
        self.known.add((k, copies))
        self.columns.append((k, copies))
        nonzero = len(copies) - copies.count(0)
        self.numbers += 2 + nonzero
        self.budget.charge(8 + 4 * nonzero)
        variable = self.solver.NumVar(0, self.solver.infinity(), "")
        self.variables.append(variable)
        if cost:
            self.objective.SetCoefficient(variable, cost)
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

    def perturb(self, seed: int) -> None:
        """Prefer some patterns to others, the same for the same seed: another corner is optimal then."""
        draw = random.Random(seed)  # noqa: S311 - no secrets here
        for variable in self.variables:
            self.objective.SetCoefficient(variable, draw.random() * SLIGHT)

    def solve(self) -> float | None:
        """The cost of what is missing, or ``None`` if the engine fails, or the budget ends."""
        if not solves(self.solver, self.budget, self.numbers + 4 * len(self.missing)):
            return None
        return float(sum(cost * missing.solution_value() for missing, cost in self.missing))

    def prices(self) -> tuple[Floats, Floats]:
        """Duals: what a copy of each kind, and what a bin of each class is worth; none below zero."""
        worth = np.array([max(0.0, row.dual_value()) for row in self.kinds])
        rent = np.array([max(0.0, -row.dual_value()) for row in self.classes])
        return worth, rent

    def amounts(self) -> list[float]:
        """How many bins get each column."""
        return [x.solution_value() for x in self.variables]


class SlotMaster(Master):
    """Fill all bins by patterns that hold all copies (``exactly`` or more, per kind), at least cost.

    The patterns added first must hold a solution.
    """

    def __init__(
        self, counts: Sequence[int], bins: Sequence[int], exactly: Sequence[bool], budget: Budget
    ) -> None:
        self._start(budget)
        self.costs: list[int] = []
        infinity = self.solver.infinity()
        self.exactly = tuple(exactly)
        self.kinds = [
            self.solver.Constraint(float(n), float(n) if exact else infinity)
            for n, exact in zip(counts, exactly, strict=True)
        ]
        self.classes = [self.solver.Constraint(float(m), float(m)) for m in bins]

    def price(self, costs: Sequence[int]) -> None:
        """Give the patterns that are there other costs."""
        self.budget.charge(100 + 2 * len(costs))
        self.costs = list(costs)
        for variable, cost in zip(self.variables, costs, strict=True):
            self.objective.SetCoefficient(variable, cost)

    def add(self, k: int, copies: tuple[int, ...], cost: int = 0) -> bool:
        """Add a pattern of class ``k``; false if it is there already, or no more can be held."""
        added = super().add(k, copies, cost)
        if added:
            self.costs.append(cost)
        return added

    def prefer(self, seed: int) -> None:
        """Prefer some patterns a little to others, the same for the same seed; with 0 none."""
        draw = random.Random(seed)  # noqa: S311 - no secrets here
        self.budget.charge(2 * len(self.variables))
        for variable, cost in zip(self.variables, self.costs, strict=True):
            self.objective.SetCoefficient(variable, cost + (draw.random() * PREFERENCE if seed else 0))

    def limit(self, counts: Sequence[int], bins: Sequence[int]) -> None:
        """What is still to be held, and by how many bins."""
        for row, n, exact in zip(self.kinds, counts, self.exactly, strict=True):
            row.SetBounds(float(n), float(n) if exact else self.solver.infinity())
        for row, m in zip(self.classes, bins, strict=True):
            row.SetBounds(float(m), float(m))

    def solve(self) -> float | None:
        """The least cost, or ``None`` if the engine fails, or the budget ends."""
        if not solves(self.solver, self.budget, self.numbers):
            return None
        return float(self.objective.Value())

    def duals(self) -> tuple[Floats, Floats]:
        """What a copy of each kind, and a bin of each class, adds to the cost; of either sign."""
        return (
            np.array([row.dual_value() for row in self.kinds]),
            np.array([row.dual_value() for row in self.classes]),
        )


def solve_restricted_master(
    columns: Sequence[tuple[int, tuple[int, ...], int]],
    counts: Sequence[int],
    bins: Sequence[int],
    exactly: Sequence[bool],
    penalties: Sequence[float],
    budget: Budget,
) -> list[int] | None:
    """Whole numbers of bins per column (class, copies, cost), at least cost and penalty per missing copy.

    Of kinds that are not wanted ``exactly`` there may be more.

    Not more bins than there are; ``None`` if nothing was found. Ends after a fixed number of nodes, or fewer
    where the budget allows no more.
    """
    node = _node_units(columns, counts, bins)
    if not budget.spend(20 * node + 20 * len(columns)):
        return None
    nodes = int(min(MAX_NODES, budget.units_left // node))
    solver = pywraplp.Solver.CreateSolver("SCIP")
    infinity = solver.infinity()
    kinds = [
        solver.Constraint(float(n), float(n) if exact else infinity)
        for n, exact in zip(counts, exactly, strict=True)
    ]
    classes = [solver.Constraint(0, float(m)) for m in bins]
    objective = solver.Objective()
    objective.SetMinimization()
    for row, n, penalty in zip(kinds, counts, penalties, strict=True):
        missing = solver.NumVar(0, float(n), "")
        objective.SetCoefficient(missing, penalty)
        row.SetCoefficient(missing, 1)
    variables = []
    for k, copies, cost in columns:
        x = solver.IntVar(0, float(bins[k]), "")
        variables.append(x)
        objective.SetCoefficient(x, cost)
        classes[k].SetCoefficient(x, 1)
        for row, n in zip(kinds, copies, strict=True):
            if n:
                row.SetCoefficient(x, n)
    solver.SetSolverSpecificParametersAsString(f"limits/nodes = {nodes}\n")
    _stop_in_time(solver, budget)
    found = solver.Solve()
    budget.charge(node * max(0, solver.nodes()))
    if nodes < MAX_NODES and solver.nodes() >= nodes:
        budget.end(Ended.EFFORT)
    if found not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return None
    return [round(x.solution_value()) for x in variables]


def _node_units(
    columns: Sequence[tuple[int, tuple[int, ...], int]], counts: Sequence[int], bins: Sequence[int]
) -> int:
    """What a node of a search for whole numbers takes, about."""
    return 100 + len(columns) * (len(counts) + len(bins)) // 20


def volume_duals(core: ReducedProblem, costs: Sequence[float], budget: Budget) -> Floats | None:
    """What a unit of each dimension of each class is worth, if copies could be cut, and bins joined.

    ``None`` if all would fit then (or the engine fails, or the budget ends). Rows are classes.
    """
    numbers = sum((2 + len(free)) * len(core.counts) for free in core.free)
    if not budget.spend(6 * numbers):
        return None
    solver = pywraplp.Solver.CreateSolver("GLOP")
    infinity = solver.infinity()
    objective = solver.Objective()
    objective.SetMinimization()
    kinds = []
    for n, cost in zip(core.counts, costs, strict=True):
        row = solver.Constraint(float(n), infinity)
        missing = solver.NumVar(0, infinity, "")
        row.SetCoefficient(missing, 1)
        objective.SetCoefficient(missing, cost)
        kinds.append(row)
    rooms = []
    for m, free, column in zip(core.bins, core.free, core.demands, strict=True):
        # A bin's room is one: demands as shares of it keep the engine's numbers near each other.
        own = [solver.Constraint(-infinity, float(m)) if f else None for f in free]
        rooms.append(own)
        for row, demand in zip(kinds, column, strict=True):
            if demand is None:
                continue
            x = solver.NumVar(0, infinity, "")
            row.SetCoefficient(x, 1)
            for room, f, d in zip(own, free, demand, strict=True):
                if d and room is not None:
                    room.SetCoefficient(x, d / f)
    if not solves(solver, budget, numbers) or objective.Value() <= 0:
        return None
    return np.array(
        [
            [
                0.0 if room is None else max(0.0, -room.dual_value()) / f
                for room, f in zip(own, free, strict=True)
            ]
            for own, free in zip(rooms, core.free, strict=True)
        ]
    )


def fractional_assignment(
    counts: Ints, rooms: Ints, demands: Ints, budget: Budget
) -> tuple[Floats, Floats] | None:
    """Copies per shape and kind that use the fullest dimension of any shape least, if copies could be cut.

    ``rooms[shape, dimension]`` is what all bins of a shape have together. Also what a unit of each is worth:
    by these prices all copies cost the share that the fullest dimension is used to, and all room costs one.
    ``None`` if a kind may lie nowhere, the engine fails, or the budget ends.
    """
    budget.charge(4 * demands.size)
    solver = pywraplp.Solver.CreateSolver("GLOP")
    infinity = solver.infinity()
    used = solver.NumVar(0, infinity, "")
    solver.Minimize(used)
    scale = np.maximum(rooms, 1).astype(np.float64)
    rows = [[solver.Constraint(-infinity, 0.0) for _ in own] for own in rooms.tolist()]
    for own, room in zip(rows, rooms.tolist(), strict=True):
        for row, r in zip(own, room, strict=True):
            row.SetCoefficient(used, -float(min(1, r)))
    relative = (demands / scale[:, None, :]).tolist()
    allowed = (demands.min(axis=2) >= 0).tolist()
    variables = []
    for t, n in enumerate(counts.tolist()):
        wanted = solver.Constraint(float(n), infinity)
        for s, own in enumerate(rows):
            if not allowed[s][t]:
                continue
            x = solver.NumVar(0, infinity, "")
            variables.append((s, t, x))
            wanted.SetCoefficient(x, 1)
            for row, d in zip(own, relative[s][t], strict=True):
                if d:
                    row.SetCoefficient(x, d)
    if not solves(solver, budget, demands.size):
        return None
    amounts = np.zeros(demands.shape[:2])
    for s, t, x in variables:
        amounts[s, t] = x.solution_value()
    worth = np.array([[max(0.0, -row.dual_value()) for row in own] for own in rows]) / scale
    return amounts, worth
