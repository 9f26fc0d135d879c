"""CP-SAT on counts, the last rung: no proof of infeasibility comes out of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from icplan.packing.budget import Ended
from icplan.packing.problem import Status

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

    from icplan.packing.budget import Budget
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

#: Larger models take longer to build than they are worth.
MAX_VARIABLES = 200_000

#: Numbers (as `Budget.numbers` counts them) that the engine holds per variable.
NUMBERS_PER_VARIABLE = 200

#: Units that building the model takes per variable, and a second of the engine's own measure of work.
PER_VARIABLE = 15
PER_DETERMINISTIC_SECOND = 2_500_000


def solve_counts(core: ReducedProblem, budget: Budget) -> tuple[Status, list[BinFill] | None]:
    """Integer copies per kind and bin; a placement when one is found."""
    variables = sum(core.bins) * len(core.counts)
    most = min(MAX_VARIABLES, budget.numbers // NUMBERS_PER_VARIABLE)
    if variables > most or not budget.spend(10_000 + PER_VARIABLE * variables):
        return Status.UNDECIDED, None
    from ortools.sat.python import cp_model  # noqa: PLC0415 - 0.3 s and 60 MB

    model = cp_model.CpModel()
    rows = _rows(core, model)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    if math.isfinite(budget.units_left):
        solver.parameters.max_deterministic_time = budget.units_left / PER_DETERMINISTIC_SECOND
    seconds = budget.left
    if math.isfinite(seconds):
        solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    budget.charge(int(solver.response_proto.deterministic_time * PER_DETERMINISTIC_SECOND))
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Status.FITS, [(k, 1, tuple(solver.value(x) for x in row)) for k, row in rows]
    if status == cp_model.INFEASIBLE:
        return Status.DOES_NOT_FIT, None
    if not budget.exhausted:
        budget.end(Ended.EFFORT)
    return Status.UNDECIDED, None


def _rows(core: ReducedProblem, model: CpModel) -> list[tuple[int, list[IntVar]]]:
    """Per bin its class and its copies of each kind, within its room; all copies lie somewhere."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - see above

    rows = []
    for k, bins in enumerate(core.bins):
        for _ in range(bins):
            row = [model.new_int_var(0, core.room(k, t), "") for t in range(len(core.counts))]
            for j, free in enumerate(core.free[k]):
                sizes = [d[j] if d is not None else 0 for d in core.demands[k]]
                if any(sizes):
                    model.add(cp_model.LinearExpr.weighted_sum(row, sizes) <= free)
            rows.append((k, row))
    for t, count in enumerate(core.counts):
        column = [row[t] for _, row in rows]
        model.add(cp_model.LinearExpr.sum(column) == count)
    return rows
