"""A fleet that holds all conditions, soon: what is missing is bought, and what is too much given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icplan.packing.fleet_problem import Counts, FleetProblem
    from icplan.packing.solver.fleet.oracle import Oracle
    from icplan.packing.solver.fleet.search import Search

#: Bins bought one after another, at most.
STEPS = 400


def fleet_by_repair(problem: FleetProblem, search: Search, oracle: Oracle, start: Counts) -> Counts | None:
    """From some numbers of bins to a fleet that holds everything; ``None`` if none was found."""
    counts = start
    for _ in range(STEPS):
        counts_now = _enough_for_rows(problem, search, counts)
        if counts_now is None or oracle.budget.exhausted:
            return None
        counts = counts_now
        failing = next((k for k in range(len(problem.conditions)) if not oracle.holds(k, counts)), None)
        if failing is None:
            return _without_surplus(problem, oracle, counts)
        more = _one_more(problem, oracle, failing, counts)
        if more is None:
            return None
        counts = more
    return None


def _enough_for_rows(problem: FleetProblem, search: Search, counts: Counts) -> Counts | None:
    """Buy, for each cut that is not met, what carries most for its cost."""
    for _ in range(STEPS):
        row = max(search.rows, key=lambda own: own.shortage(counts), default=None)
        if row is None or row.met(counts):
            return counts
        shares = [
            (slope / max(1, option.cost), t)
            for t, (slope, option) in enumerate(zip(row.slopes, problem.options, strict=True))
            if slope and problem.allows(_with(counts, t, counts[t] + 1))
        ]
        if not shares:
            return None
        t = max(shares)[1]
        wanted = max(1, row.scale * row.shortage(counts) // row.slopes[t])
        counts = _with(counts, t, min(counts[t] + wanted, search.most[t]))
        if not problem.allows(counts):
            return None
    return None


def _one_more(problem: FleetProblem, oracle: Oracle, failing: int, counts: Counts) -> Counts | None:
    """The cheapest bin with which a condition holds, or else the one that costs least for its room."""
    for t in sorted(range(len(counts)), key=lambda t: problem.options[t].cost):
        more = _with(counts, t, counts[t] + 1)
        if problem.allows(more) and oracle.holds(failing, more):
            return more
    able = [
        (sum(option.capacity) / max(1, option.cost), t)
        for t, option in enumerate(problem.options)
        if problem.allows(_with(counts, t, counts[t] + 1))
        and any(i.demands[t] is not None for i in problem.items)
    ]
    return _with(counts, max(able)[1], counts[max(able)[1]] + 1) if able else None


def _without_surplus(problem: FleetProblem, oracle: Oracle, counts: Counts) -> Counts:
    """Give back the dearest bins without which all still holds."""
    for t in sorted(range(len(counts)), key=lambda t: -problem.options[t].cost):
        while counts[t]:
            less = _with(counts, t, counts[t] - 1)
            if not all(oracle.holds(k, less) for k in range(len(problem.conditions))):
                break
            counts = less
    return counts


def _with(counts: Counts, t: int, n: int) -> Counts:
    return (*counts[:t], n, *counts[t + 1 :])
