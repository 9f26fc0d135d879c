"""What one would write first: CP-SAT on single copies and on counts, first fit and best fit decreasing."""

# ruff: noqa: PLC0415 - OR-Tools must not be imported where HiGHS is

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.packing import Problem

#: Models past this size take minutes and gigabytes to build, and never answer in time.
MOST_VARIABLES = 3_000_000

#: Single bins (kind of bin, room) and what is sought among them.
Row = tuple[int, tuple[int, ...]]


def single_bins(problem: Problem) -> list[Row]:
    return [(b, own.free) for b, own in enumerate(problem.bins) for _ in range(own.count)]


def cp_sat_copies(problem: Problem, limit: float) -> bool | None:
    """A boolean for each copy and bin."""
    from ortools.sat.python import cp_model

    bins = single_bins(problem)
    copies = [kind for kind in problem.kinds for _ in range(kind.count)]
    if len(bins) * len(copies) > MOST_VARIABLES:
        return None
    model = cp_model.CpModel()
    x = [
        [model.new_bool_var("") if kind.demands[b] is not None else None for b, _ in bins] for kind in copies
    ]
    for row in x:
        model.add_exactly_one([v for v in row if v is not None])
    for at, (b, free) in enumerate(bins):
        for j, room in enumerate(free):
            terms = [(row[at], kind.demands[b]) for row, kind in zip(x, copies, strict=True)]
            used = [(v, d[j]) for v, d in terms if v is not None and d is not None and d[j]]
            model.add(cp_model.LinearExpr.weighted_sum([v for v, _ in used], [d for _, d in used]) <= room)
    return _solve(cp_model, model, limit)


def cp_sat_counts(problem: Problem, limit: float) -> bool | None:
    """A number for each kind of copy and bin."""
    from ortools.sat.python import cp_model

    bins = single_bins(problem)
    if len(bins) * len(problem.kinds) > MOST_VARIABLES:
        return None
    model = cp_model.CpModel()
    x = [
        [model.new_int_var(0, kind.count if kind.demands[b] is not None else 0, "") for b, _ in bins]
        for kind in problem.kinds
    ]
    for row, kind in zip(x, problem.kinds, strict=True):
        model.add(cp_model.LinearExpr.sum(row) == kind.count)
    for at, (b, free) in enumerate(bins):
        column = [row[at] for row in x]
        for j, room in enumerate(free):
            sizes = [
                (kind.demands[b] or free)[j] if kind.demands[b] is not None else 0 for kind in problem.kinds
            ]
            model.add(cp_model.LinearExpr.weighted_sum(column, sizes) <= room)
    return _solve(cp_model, model, limit)


def _solve(cp_model: Any, model: Any, limit: float) -> bool | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return True
    return False if status == cp_model.INFEASIBLE else None


def first_fit(problem: Problem, limit: float) -> bool | None:
    """Largest first, each copy into the first bin with room."""
    del limit
    return _decreasing(problem, lambda rooms, _: rooms[0])


def best_fit(problem: Problem, limit: float) -> bool | None:
    """Largest first, each copy into the bin with room that has least left."""
    del limit
    return _decreasing(problem, lambda rooms, left: min(rooms, key=lambda at: (left[at], at)))


def _decreasing(problem: Problem, choose: Callable[[list[int], list[float]], int]) -> bool | None:
    bins = single_bins(problem)
    total = [max(1, sum(free[j] for _, free in bins)) for j in range(len(bins[0][1]) if bins else 0)]
    order = sorted(range(len(problem.kinds)), key=lambda i: (-_size(problem, i, total), i))
    free = [list(room) for _, room in bins]
    left = [sum(f / t for f, t in zip(room, total, strict=True)) for room in free]
    for i in order:
        kind = problem.kinds[i]
        for _ in range(kind.count):
            rooms = [at for at, (b, _) in enumerate(bins) if _has_room(kind.demands[b], free[at])]
            if not rooms:
                return None
            at = choose(rooms, left)
            demand = kind.demands[bins[at][0]] or ()
            free[at] = [f - d for f, d in zip(free[at], demand, strict=True)]
            left[at] = sum(f / t for f, t in zip(free[at], total, strict=True))
    return True


def _has_room(demand: tuple[int, ...] | None, free: list[int]) -> bool:
    return demand is not None and all(d <= f for d, f in zip(demand, free, strict=True))


def _size(problem: Problem, i: int, total: list[int]) -> float:
    demands = [d for d in problem.kinds[i].demands if d is not None]
    return min((sum(x / t for x, t in zip(d, total, strict=True)) for d in demands), default=0.0)
