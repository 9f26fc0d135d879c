"""Every way to answer "do all copies fit?" that the benchmark compares, behind one signature."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import peers
import rivals

from icplan.packing import Budget, Status, pack
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import check_proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.packing import Problem


def ladder(problem: Problem, limit: float) -> tuple[str, Callable[[], bool]]:
    """icplan's own answer, and how to check it."""
    packing = pack(problem, Budget(limit, time.process_time))

    def check() -> bool:
        if packing.placement is not None:
            return check_placement(problem, packing.placement)
        return packing.proof is not None and check_proof(problem, packing.proof)

    return f"{packing.status}:{packing.method}", check


def other(answer: Callable[[Problem, float], bool | None], problem: Problem, limit: float) -> tuple[str, Any]:
    """Another method's answer: it fits, it does not, or it does not know."""
    fits = answer(problem, limit)
    if fits is None:
        return str(Status.UNDECIDED), None
    return str(Status.FITS if fits else Status.DOES_NOT_FIT), None


METHODS: dict[str, Callable[[Problem, float], tuple[str, Callable[[], bool] | None]]] = {
    "icplan": ladder,
    "cp-sat-copies": partial(other, peers.cp_sat_copies),
    "cp-sat-counts": partial(other, peers.cp_sat_counts),
    "first-fit": partial(other, peers.first_fit),
    "best-fit": partial(other, peers.best_fit),
    "highs-counts": partial(other, rivals.highs_counts),
    "arc-flow": partial(other, rivals.arc_flow),
}

#: These need highspy, which cannot share a process with OR-Tools: they run in an interpreter of their own.
OUTSIDE = ("highs-counts", "arc-flow")
