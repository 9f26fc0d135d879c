"""CP-SAT on counts, the last rung: no proof of infeasibility comes out of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from icplan.packing.problem import Status

if TYPE_CHECKING:
    from icplan.packing.budget import Budget
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

#: Larger models take longer to build than they are worth.
MAX_VARIABLES = 200_000


def solve_counts(core: ReducedProblem, budget: Budget) -> tuple[Status, list[BinFill] | None]:
    """Integer copies per kind and bin; a placement when one is found."""
    if sum(core.bins) * len(core.counts) > MAX_VARIABLES or budget.exhausted:
        return Status.UNDECIDED, None
    from ortools.sat.python import cp_model  # noqa: PLC0415 - 0.3 s and 60 MB

    model = cp_model.CpModel()
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
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    if math.isfinite(budget.left):
        solver.parameters.max_time_in_seconds = budget.left
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Status.FITS, [(k, 1, tuple(solver.value(x) for x in row)) for k, row in rows]
    return (Status.DOES_NOT_FIT if status == cp_model.INFEASIBLE else Status.UNDECIDED), None
