"""HiGHS on counts, and VPSolver's arc-flow model solved by HiGHS: in an interpreter without OR-Tools."""

# ruff: noqa: PLC0415 - HiGHS must not be imported where OR-Tools is

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peers import MOST_VARIABLES, single_bins

if TYPE_CHECKING:
    from icplan.packing import Problem


def highs_counts(problem: Problem, limit: float) -> bool | None:
    """The same model as CP-SAT on counts."""
    import highspy
    import numpy as np

    bins = single_bins(problem)
    kinds, dims = len(problem.kinds), len(problem.bins[0].capacity)
    if kinds * len(bins) > MOST_VARIABLES:
        return None
    h = highspy.Highs()
    h.silent()
    upper = [
        float(kind.count if kind.demands[b] is not None else 0) for kind in problem.kinds for b, _ in bins
    ]
    h.addVars(len(upper), np.zeros(len(upper)), np.array(upper))
    for i in range(len(upper)):
        h.changeColIntegrality(i, highspy.HighsVarType.kInteger)
    for t, kind in enumerate(problem.kinds):
        columns = np.arange(t * len(bins), (t + 1) * len(bins), dtype=np.int32)
        h.addRow(float(kind.count), float(kind.count), len(bins), columns, np.ones(len(bins)))
    for at, (b, free) in enumerate(bins):
        columns = np.arange(at, kinds * len(bins), len(bins), dtype=np.int32)
        for j in range(dims):
            demands = [kind.demands[b] for kind in problem.kinds]
            sizes = [float(d[j]) if d is not None else 0.0 for d in demands]
            h.addRow(-highspy.kHighsInf, float(free[j]), kinds, columns, np.array(sizes))
    return _run(highspy, h, limit)


def _run(highspy: Any, h: Any, limit: float) -> bool | None:
    h.setOptionValue("time_limit", limit)
    h.setOptionValue("threads", 1)
    h.run()
    status = h.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return False
    return True if status == highspy.HighsModelStatus.kOptimal else None


def arc_flow(problem: Problem, limit: float) -> bool | None:
    """One kind of bin only: the least number of bins by arc-flow, against how many there are."""
    import highspy
    from pyvpsolver import AFG, MPS, VBP

    present = [b for b, own in enumerate(problem.bins) if own.count]
    if len(present) != 1:
        return None
    b = present[0]
    own = problem.bins[b]
    kinds = [kind for kind in problem.kinds if kind.count]
    if any(kind.demands[b] is None for kind in kinds):
        return False
    demands = [kind.demands[b] for kind in kinds]
    if any(x > f for d in demands for x, f in zip(d or (), own.free, strict=True)):
        return False
    instance = VBP(own.free, demands, [kind.count for kind in kinds], verbose=False)
    model = MPS(AFG(instance, verbose=False), verbose=False)
    h = highspy.Highs()
    h.silent()
    h.readModel(model.filename)
    h.setOptionValue("time_limit", limit)
    h.setOptionValue("threads", 1)
    h.setOptionValue("objective_bound", float(own.count) + 0.5)
    h.run()
    info = h.getInfo()
    if h.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        return bool(round(info.objective_function_value) <= own.count)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if found and round(info.objective_function_value) <= own.count:
        return True
    return False if info.mip_dual_bound > own.count + 1e-6 else None
