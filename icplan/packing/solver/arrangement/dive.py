"""From fractions of patterns to an arrangement: make whole what nearly is, solve for the rest, and go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.packing.solver.columns.dive import WHOLE, fix_pattern
from icplan.packing.solver.greedy import finish

if TYPE_CHECKING:
    from icplan.packing.budget import Budget
    from icplan.packing.solver.lp import SlotMaster
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

#: Dives, each from another corner of what is nearly optimal, before the search over whole numbers.
DIVES: Final = range(8)


def dive(core: ReducedProblem, master: SlotMaster, attempt: int, budget: Budget) -> list[BinFill] | None:
    """An arrangement of all copies, near the fractions that are optimal; ``None`` if none was found.

    No further patterns are looked for. Where what is left has no solution in those there are, it is placed
    greedily.
    """
    counts, bins = list(core.counts), list(core.bins)
    loads: list[BinFill] = []
    master.prefer(attempt)
    while any(bins) and master.solve() is not None:
        amounts = master.amounts()
        budget.charge(4 * len(amounts))
        fixed = [(int(x + WHOLE), j) for j, x in enumerate(amounts) if x >= 1 - WHOLE]
        if not fixed:
            fixed = [(1, max(range(len(amounts)), key=lambda j: (round(amounts[j], 9), -j)))]
        left = sum(bins)
        for times, j in fixed:
            k, copies = master.columns[j]
            fix_pattern(loads, counts, bins, k, times, copies)
            if not any(copies):
                bins[k] -= min(times, bins[k])
        if sum(bins) == left:
            break
        master.limit(counts, bins)
    master.limit(core.counts, core.bins)
    master.prefer(0)
    rest = [count - sum(times for at, times, _ in loads if at == k) for k, count in enumerate(core.bins)]
    return finish(core, budget, loads, rest, counts) if any(counts) else loads
