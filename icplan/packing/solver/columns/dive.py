"""From fractions of patterns to whole ones: round down, price for what is left, and go on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from icplan.packing.solver.greedy import finish
from icplan.packing.solver.lp import solve_restricted_master

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.solver.columns.column_pool import ColumnPool
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

#: What counts as whole.
WHOLE = 1e-6

#: Dives before, and after, the search over whole numbers of patterns; every so many starts afresh.
FIRST = range(8)
LATER = range(8, 200)
AFRESH = 8

#: Rounds of pricing after each fixing.
ROUNDS = 30


def dives(pool: ColumnPool, attempts: range) -> list[BinFill] | None:
    """Dive again and again, from other corners of what is optimal, mostly with half of the last dive kept."""
    loads: list[BinFill] = []
    for attempt in attempts:
        if pool.budget.exhausted:
            break
        if attempt:
            pool.master.perturb(attempt)
        done, loads = dive(pool, _keep_half(loads, attempt) if attempt % AFRESH else [])
        if done:
            return loads
    return None


def dive(pool: ColumnPool, kept: list[BinFill]) -> tuple[bool, list[BinFill]]:
    """Fix whole patterns (or else the fullest fraction) until the rest can be placed greedily.

    Also what was fixed when it cannot.
    """
    core, master = pool.core, pool.master
    counts, bins = list(core.counts), list(core.bins)
    loads: list[BinFill] = []
    for k, times, copies in kept:
        fix_pattern(loads, counts, bins, k, times, copies)
    while any(bins) and pool.resolve(counts, bins, ROUNDS) and not pool.budget.exhausted:
        amounts = master.amounts()
        pool.budget.charge(4 * len(amounts))
        fixed = [(int(x + WHOLE), j) for j, x in enumerate(amounts) if x >= 1 - WHOLE]
        if not fixed:
            fixed = [(1, max(range(len(amounts)), key=lambda j: (round(amounts[j], 9), -j)))]
        for times, j in fixed:
            k, copies = master.columns[j]
            fix_pattern(loads, counts, bins, k, times, copies)
        # The less is left, the better are the chances, and the worthier of effort.
        tries = 4 if 10 * sum(bins) <= sum(core.bins) else 1
        half = 2 * sum(bins) <= sum(core.bins)
        placed = finish(core, pool.budget, loads, bins, counts, tries) if half else None
        if placed is not None:
            return True, placed
    return False, loads


def _keep_half(loads: list[BinFill], attempt: int) -> list[BinFill]:
    """About half of the bins that are filled, the same for the same attempt."""
    draw = random.Random(attempt)  # noqa: S311 - no secrets here
    return [(k, (times + draw.getrandbits(1)) // 2, copies) for k, times, copies in loads]


def fix_pattern(
    loads: list[BinFill], counts: list[int], bins: list[int], k: int, times: int, copies: tuple[int, ...]
) -> None:
    """Fill so many bins by a pattern, without the copies that are no longer there."""
    times = min(times, bins[k])
    while times:
        kept = tuple([min(c, n) for c, n in zip(copies, counts, strict=True)])
        if not any(kept):
            return
        at_once = min([times] + [n // c for c, n in zip(kept, counts, strict=True) if c])
        loads.append((k, at_once, kept))
        bins[k] -= at_once
        counts[:] = [n - at_once * c for c, n in zip(kept, counts, strict=True)]
        times -= at_once


def restricted_master(pool: ColumnPool) -> list[BinFill] | None:
    """Whole numbers of the patterns found, by a search over them; what they leave over is placed greedily."""
    loads = whole_columns(pool)
    if loads is None:
        return None
    counts, bins = left_over(pool.core, loads)
    return finish(pool.core, pool.budget, loads, bins, counts) if any(counts) else loads


def whole_columns(pool: ColumnPool) -> list[BinFill] | None:
    """Whole numbers of the patterns found, such that as little as can be is missing."""
    core, columns = pool.core, pool.master.columns
    exactly = [False] * len(core.counts)
    priced = [(k, copies, 0) for k, copies in columns]
    amounts = solve_restricted_master(priced, core.counts, core.bins, exactly, pool.sizes, pool.budget)
    if amounts is None:
        return None
    counts, bins = list(core.counts), list(core.bins)
    loads: list[BinFill] = []
    for (k, copies), times in zip(columns, amounts, strict=True):
        fix_pattern(loads, counts, bins, k, times, copies)
    return loads


def left_over(core: ReducedProblem, loads: Sequence[BinFill]) -> tuple[list[int], list[int]]:
    """The copies, and the bins, that loads leave over."""
    counts, bins = list(core.counts), list(core.bins)
    for k, times, copies in loads:
        bins[k] -= times
        counts = [n - times * c for n, c in zip(counts, copies, strict=True)]
    return counts, bins
