"""Part of the checker: what a pattern is worth at most, as far as one resource of the target's room decides.

Where each slot that is left costs something, a pattern is worth no more than it would be if one resource
alone made the slots: that which leaves fewest. What patterns are worth along one resource is a table.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.checker.knapsack import StepLimit
    from icplan.packing.problem import Vector

#: Cells of one resource's table, over all items.
MAX_CELLS: Final = 100_000


class Crowding(NamedTuple):
    """So many copies: what each takes of the target's room, and its weight."""

    takes: Vector
    weight: int
    copies: int


class SlotBound:
    """Bounds what the first of some items can add, with the slots that are left then.

    A slot is at ``price``, below zero; ``room`` is what there is for the target.
    """

    def __init__(
        self, price: int, target: Vector, room: Vector, items: Sequence[Crowding], work: StepLimit
    ) -> None:
        self._along = [
            (j, *_table(price, (need, has), [(i.takes[j], i.weight, i.copies) for i in items], work))
            for j, (need, has) in enumerate(zip(target, room, strict=True))
            if need
        ]

    def most(self, items: int, left: Vector) -> int:
        """What the first so many items add at most where this is left of the target's room."""
        return max(rows[items][left[j] // grain] for j, grain, rows in self._along)


def _table(
    price: int, target: tuple[int, int], items: Sequence[tuple[int, int, int]], work: StepLimit
) -> tuple[int, list[list[int]]]:
    """How much a grain is, and per number of first items what they add at most, by grains that are left.

    Items are (takes, weight, count). What is left counts as whole grains, rounded down, and what items take
    rounded up, so that fewer slots seem to be left, never more.
    """
    need, room = target
    step, fewest = gcd(*[takes for takes, _, _ in items]), room * (len(items) + 1) // MAX_CELLS + 1
    grain, rest = (step, room % step) if step >= fewest else (fewest, 0)
    # Of whole steps the rest is known, unless more is taken than there is: then nothing is left.
    row = [price * ((x * grain + rest if x else 0) // need) for x in range(room // grain + 1)]
    rows = [row]
    for takes, weight, count in items:
        taken, left = 1, count
        while left:
            n = min(taken, left)
            cells = min(len(row), -(-n * takes // grain))
            work.use(len(row) // 8)
            row = list(map(max, row, [n * weight + x for x in [row[0]] * cells + row]))
            left, taken = left - n, 2 * taken
        rows.append(row)
    return grain, rows
