"""The most copies of one kind beside all others: a bound, and patterns that attain it, by column generation.

One linear program tells both. What is missing of the kind costs one, what is missing of any other so much
that none is. Its prices bound how many there may be, as weights that a checker takes; its patterns are made
whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from icplan.packing.solver.columns.column_pool import TOLERANCE, ColumnPool
from icplan.packing.solver.columns.dive import dive, left_over, whole_columns
from icplan.packing.solver.columns.dual_weights import to_weights, volume_weights
from icplan.packing.solver.columns.generation import LISTING, Generation
from icplan.packing.solver.columns.known_patterns import keep, known_patterns
from icplan.packing.solver.greedy import finish
from icplan.packing.solver.lp import Master
from icplan.packing.solver.presolve import most_copies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.certificate import Weights
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

    Ints = npt.NDArray[np.int64]

#: Dives from other corners of what is optimal, before and after the search over whole numbers of patterns.
FIRST: Final = range(12)
LATER: Final = range(12, 24)


@attrs.frozen
class MostOfOneKind:
    """At least ``low`` copies of the kind, as ``loads`` lie, and at most ``high``; ``weights`` refute more.

    Copies that are there anyway are counted as well.
    """

    low: int
    high: int
    loads: list[BinFill] | None
    weights: Weights | None


def most_of_one_kind(
    core: ReducedProblem, kind: int, low: int, budget: Budget, fillings: Sequence[Sequence[BinFill]]
) -> MostOfOneKind:
    """The most copies of a kind, of as many as ``core`` has of it, from ``low`` that are known to fit."""
    pool = ColumnPool(core, budget)
    pool.sizes = _costs(core, kind)
    pool.master = Master(core.counts, core.bins, pool.sizes, budget)
    bound = _BoundOfOneKind(pool, kind, low)
    known = known_patterns(core, budget)
    volume = volume_weights(pool)
    if volume is not None:
        bound.take(np.array(volume.weights), np.array(volume.limits))
    reached = bound.close([*fillings, [(k, 1, copies) for k, copies in known]])
    high, weights = bound.high, bound.proof()
    best, loads = low, None
    if low < high and reached > low and not budget.exhausted:
        best, loads = _whole(pool, kind, low, min(high, reached))
    keep(known, pool.master.columns)
    return MostOfOneKind(best, high, loads, weights)


def _costs(core: ReducedProblem, kind: int) -> list[float]:
    """What a missing copy costs: of the kind one, of any other more than a bin could make up for."""
    rooms = [
        most_copies(free, column[kind], core.counts[kind])
        for free, column in zip(core.free, core.demands, strict=True)
    ]
    return [1.0 if t == kind else 2.0 * max(rooms) + 2.0 for t in range(len(core.counts))]


@attrs.define
class _BoundOfOneKind(Generation):
    """Rounds of pricing until no fewer copies of the kind can be shown to be the most."""

    kind: int
    low: int
    high: int = attrs.field(init=False)
    _proven: tuple[Ints, Ints] | None = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.high = self.pool.core.counts[self.kind]

    def close(self, fillings: Sequence[Sequence[BinFill]]) -> int:
        """Lower the bound as far as it goes: how many fit in fractions of patterns."""
        self._seed(fillings)
        reached = turn = 0
        while not self.pool.budget.exhausted and self.low < self.high:
            turn += 1
            if turn == LISTING:
                self.pool.list_patterns()
            missing = self.pool.master.solve()
            if missing is None:
                break
            most = self.pool.core.counts[self.kind] - missing
            reached = max(0, int(most + TOLERANCE * (1 + most)))
            if missing <= TOLERANCE or reached >= self.high:
                break
            before = self.high
            _, added, _ = self._iterate(self.pool.prices(*self.pool.master.prices()))
            if not added and self.high == before:
                break
        return reached

    def _proves(self, weights: Ints, bounds: Ints) -> bool:
        return self.take(weights, bounds)

    def take(self, weights: Ints, bounds: Ints) -> bool:
        """Whether these weights bound the copies of the kind more than was known."""
        own = int(weights[self.kind])
        if not own:
            return False
        room = int(bounds @ self.pool.bins) - int(weights @ self.pool.counts)
        most = self.pool.core.counts[self.kind] + room // own
        if most >= self.high:
            return False
        self.high, self._proven = max(self.low, most), (weights, bounds)
        return True

    def proof(self) -> Weights | None:
        """Weights that show that one more than ``high`` do not fit."""
        return None if self._proven is None else to_weights(self.pool, *self._proven)


def _whole(pool: ColumnPool, kind: int, low: int, aim: int) -> tuple[int, list[BinFill] | None]:
    """Whole patterns with more than ``low`` copies of the kind, at best ``aim``, and all of the others."""
    pool.core = attrs.evolve(pool.core, counts=_with(pool.core.counts, kind, aim))
    best: tuple[int, list[BinFill] | None] = (low, None)
    for loads in _tries(pool):
        found = _filled_up(pool, kind, loads)
        if found is not None and found[0] > best[0]:
            best = found
        if best[0] >= aim or pool.budget.exhausted:
            break
    return best


def _tries(pool: ColumnPool) -> Iterator[list[BinFill]]:
    """Patterns made whole in one way after the other; some may leave copies over."""
    for attempt in FIRST:
        if attempt:
            pool.master.perturb(attempt)
        yield dive(pool, [])[1]
    yield whole_columns(pool) or []
    for attempt in LATER:
        pool.master.perturb(attempt)
        yield dive(pool, [])[1]


def _filled_up(pool: ColumnPool, kind: int, loads: list[BinFill]) -> tuple[int, list[BinFill]] | None:
    """With all other copies, and then as many of the kind as have room; ``None`` if others have none."""
    core = pool.core
    counts, bins = left_over(core, loads)
    others = _with(counts, kind, 0)
    placed = finish(core, pool.budget, loads, bins, others) if any(others) else loads
    if placed is None:
        return None
    counts, bins = left_over(core, placed)
    left = counts[kind]
    filled: list[BinFill] = []
    nothing = (0,) * len(core.counts)
    for k, times, copies in (*placed, *((k, count, nothing) for k, count in enumerate(bins) if count)):
        room = most_copies(_left(core, k, copies), core.demands[k][kind], left)
        full = min(times, left // room) if room else 0
        part = min(times - full, 1) * min(room, left - full * room)
        for number, more in ((full, room), (min(part, 1), part), (times - full - min(part, 1), 0)):
            if number:
                filled.append((k, number, _with(copies, kind, copies[kind] + more)))
        left -= full * room + part
    return core.counts[kind] - left, filled


def _left(core: ReducedProblem, k: int, copies: Sequence[int]) -> list[int]:
    """What copies leave of a bin."""
    left = list(core.free[k])
    for demand, n in zip(core.demands[k], copies, strict=True):
        if n and demand is not None:
            left = [room - n * each for room, each in zip(left, demand, strict=True)]
    return left


def _with(counts: Sequence[int], kind: int, count: int) -> tuple[int, ...]:
    return (*counts[:kind], count, *counts[kind + 1 :])
