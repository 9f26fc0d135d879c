"""Bins that hold few copies, of many kinds: full patterns are listed once, and weighed at a stroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.solver.columns.pricing import PricingResult, diverse

if TYPE_CHECKING:
    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.solver.columns.pricing import BinGroup, SearchLimits

    Ints = npt.NDArray[np.int64]
    Rows = npt.NDArray[np.int16]

#: Patterns, full or not, and tries to add one more copy to one, after which listing is given up.
MAX_PATTERNS = 800_000
MAX_TRIES = 8_000_000

#: Numbers that a pattern takes while all are listed.
PER_PATTERN = 10


def units_of(patterns: int) -> int:
    """What it takes to go through so many at a stroke."""
    return 50 + patterns // 10


@attrs.define
class EnumeratedPatterns:
    """One class of bins; ``patterns`` are rows of positions in ``kinds``, filled up with their number."""

    classes: Ints
    kinds: Ints
    patterns: Rows

    def heaviest(self, weights: Ints, counts: Ints, floors: Ints, reach: SearchLimits) -> PricingResult:  # noqa: ARG002
        """Patterns heavier than the floor, and what the heaviest of all weighs."""
        reach.budget.charge(units_of(len(self.patterns)))
        own = np.append(weights[self.kinds], 0)
        values = np.zeros(len(self.patterns), dtype=np.int64)
        for column in self.patterns.T:
            values += own[column]
        heavy = np.flatnonzero(values > floors[0])
        ranked = heavy[np.argsort(-values[heavy], kind="stable")]
        found = diverse(ranked, reach.keep, lambda at: self._copies(at, len(weights)))
        k = int(self.classes[0])
        return PricingResult(
            [(k, int(values[at]), pattern) for at, pattern in found], values.max(initial=0, keepdims=True)
        )

    def _copies(self, at: int, size: int) -> Ints:
        row = self.patterns[at]
        return np.bincount(self.kinds[row[row < len(self.kinds)]], minlength=size)


def enumerate_patterns(shelf: BinGroup, counts: Ints, budget: Budget) -> EnumeratedPatterns | None:
    """All patterns of a shelf of one class to which no later kind can be added; ``None`` if too many."""
    if len(shelf.classes) > 1:
        return None
    free = shelf.free[0]
    order = np.argsort(-(shelf.demands / np.maximum(free, 1)).max(axis=1), kind="stable")
    demands, most = shelf.demands[order], counts[shelf.kinds[order]]
    rows = np.zeros((1, 0), dtype=np.int16)
    left = free[None, :]
    # Pairs of a pattern and a kind of which one more copy fits, no earlier than the pattern's last kind.
    kinds = np.flatnonzero((demands <= free).all(axis=1) & (most > 0))
    owners = np.zeros(len(kinds), dtype=np.int64)
    full: list[Rows] = []
    made = tried = 0
    while len(kinds):
        made += len(kinds)
        later = np.searchsorted(owners, owners, side="right") - np.arange(len(owners))
        tried += int(later.sum())
        if (
            made > min(MAX_PATTERNS, budget.numbers // PER_PATTERN)
            or tried > MAX_TRIES
            or not budget.spend(units_of(len(kinds) + len(owners)))
        ):
            return None
        rows = np.column_stack([rows[owners], kinds.astype(np.int16)])
        left = left[owners] - demands[kinds]
        copies = (rows == rows[:, -1:]).sum(axis=1)
        # Each pattern's pairs: of its parent's, its own and those that follow.
        owners = np.repeat(np.arange(len(rows)), later)
        starts = np.cumsum(later) - later - np.arange(len(later))
        following = kinds[np.arange(len(owners)) - starts[owners]]
        fits = (following != kinds[owners]) | (copies[owners] < most[following])
        for j in range(len(free)):
            fits &= left[owners, j] >= demands[following, j]
        owners, kinds = owners[fits], following[fits]
        full.append(np.delete(rows, owners, axis=0))
    width = max((own.shape[1] for own in full), default=0)
    filled = [np.pad(own, ((0, 0), (0, width - own.shape[1])), constant_values=len(most)) for own in full]
    return EnumeratedPatterns(shelf.classes, shelf.kinds[order], np.concatenate(filled)) if filled else None
