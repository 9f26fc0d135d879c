"""Patterns of bins with a single dimension: one table tells the heaviest for every capacity at once."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.solver.columns.pricing import PricingResult

if TYPE_CHECKING:
    import numpy.typing as npt

    from icplan.packing.solver.columns.pricing import BinGroup, SearchLimits

    Ints = npt.NDArray[np.int64]

#: More cells than this no table gets.
MAX_CELLS = 20_000


@attrs.define
class OneDimension:
    """Classes of bins in which every kind has the same demand, in steps of ``step``."""

    classes: Ints
    kinds: Ints
    room: list[int]
    sizes: list[int]

    def heaviest(self, weights: Ints, counts: Ints, floors: Ints, reach: SearchLimits) -> PricingResult:
        """The heaviest pattern of each class, where it is above the floor; bounds are exact."""
        top = max(self.room)
        row = np.zeros(top + 1, dtype=np.int64)
        rows, chunks = [row], []
        for kind, size in zip(self.kinds.tolist(), self.sizes, strict=True):
            weight = int(weights[kind])
            left, step = min(int(counts[kind]), top // size), 1
            while weight > 0 and left:
                taken = min(step, left)
                better = row.copy()
                np.maximum(
                    better[taken * size :],
                    row[: top + 1 - taken * size] + taken * weight,
                    out=better[taken * size :],
                )
                row = better
                rows.append(row)
                chunks.append((kind, taken, taken * size))
                left, step = left - taken, 2 * step
        reach.budget.charge(50 + len(chunks) * (6 + top // 500) + 10 * len(self.classes))
        found, bounds = [], []
        for k, room, floor in zip(self.classes.tolist(), self.room, floors.tolist(), strict=True):
            value = int(row[room])
            bounds.append(max(value, floor))
            if value > floor:
                found.append((k, value, self._pattern(rows, chunks, room, len(weights))))
        return PricingResult(found, np.array(bounds, dtype=np.int64))

    @staticmethod
    def _pattern(rows: list[Ints], chunks: list[tuple[int, int, int]], room: int, size: int) -> Ints:
        pattern = np.zeros(size, dtype=np.int64)
        for at in range(len(chunks) - 1, -1, -1):
            if rows[at + 1][room] != rows[at][room]:
                kind, taken, width = chunks[at]
                pattern[kind] += taken
                room -= width
        return pattern


def one_dimension(group: BinGroup) -> OneDimension | None:
    """The group as one of a single dimension, if it is and a table of it is small."""
    if group.free.shape[1] != 1 or not len(group.kinds):
        return None
    sizes = group.demands[:, 0].tolist()
    step = gcd(*sizes)
    room = [free // step for free in group.free[:, 0].tolist()]
    if max(room) > MAX_CELLS:
        return None
    return OneDimension(group.classes, group.kinds, room, [size // step for size in sizes])
