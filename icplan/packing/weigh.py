"""Part of the checker: does any legal pattern of one bin weigh more than a proof says? Found out by search.

Depth first over the kinds, bounded by what a proof's multipliers say the rest can weigh at most; they need no
trust, since any non-negative numbers give a sound bound.
"""

from __future__ import annotations

from math import gcd
from operator import mul
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from icplan.packing.problem import Vector

#: Cells of the table that bounds a search.
MOST_CELLS = 100_000


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """The proof is malformed, wrong, or takes too long."""


def whole(numbers: Sequence[Any], least: int | None = None) -> None:
    """Refuse what is not an integer, or below the least."""
    if not all(type(n) is int and (least is None or n >= least) for n in numbers):
        raise Refused


#: One item of a search: demand, number of copies, value of one copy, whether it takes room from the target,
#: and the rows it is part of.
Item = tuple["Vector", int, int, bool, tuple[int, ...]]


def useful(free: Vector, items: Sequence[Item]) -> Vector:
    """The room that copies of these items could fill: multiples of their common step, no more than all."""
    useful = []
    for j, room in enumerate(free):
        step = gcd(*[item[0][j] for item in items])
        most = sum(item[1] * item[0][j] for item in items)
        useful.append(min(room // step * step, most) if step else 0)
    return tuple(useful)


def multipliers(hint: Sequence[int] | None, size: int) -> tuple[int, Sequence[int]]:
    """A scale and a multiplier per dimension, as a proof brings them; scale 0 if it brings none."""
    if hint is None:
        return 0, ()
    whole(hint, 0)
    if len(hint) != size + 1 or not hint[0]:
        raise Refused
    return hint[0], hint[1:]


class Search:
    """Depth first over the copies of each item; refuses on a pattern that is too heavy."""

    def __init__(
        self,
        slots: Callable[[Sequence[int]], int],
        spend: Callable[[int], None],
        items: list[Item],
        rows: list[tuple[int, Sequence[Mapping[str, Any]]]],
        claim: tuple[int, int],
        hint: tuple[int, Sequence[int]],
    ) -> None:
        self.slots, self.spend, self.rows = slots, spend, rows
        self.scale, self.limit = claim
        unit, multipliers = self.unit, self.multipliers = hint
        self.items = sorted(items, key=self._merit, reverse=True)
        self.hopes = [sum(price for price, _ in rows if price > 0)]
        self.excess = [0]
        self.counted = [False]
        for demand, n, weight, counted, _ in reversed(self.items):
            self.hopes.append(self.hopes[-1] + max(0, weight) * n)
            self.excess.append(
                self.excess[-1] + max(0, unit * weight - sum(map(mul, multipliers, demand))) * n
            )
            self.counted.append(self.counted[-1] or counted)
        for suffix in (self.hopes, self.excess, self.counted):
            suffix.reverse()
        self.grain = 1
        self.least: list[list[int]] = []
        self.best: dict[tuple[int, tuple[int, ...]], int] = {}

    def _least(self) -> list[list[int]]:
        """Per suffix of the items and value, how much room (in multipliers) so much value takes at least.

        Values are counted in grains, rounded up: that makes them seem easier to reach, never harder.
        """
        if not self.unit or not self.items or self.limit < 0:
            return []
        self.grain = self.limit * len(self.items) // MOST_CELLS + 1
        top = self.limit // self.grain + 3
        row = [0] + [10**40] * (top - 1)
        rows = [row]
        for demand, n, weight, _, _ in reversed(self.items):
            use, step, left = sum(map(mul, self.multipliers, demand)), 1, n
            while left > 0 and weight > 0:
                taken = min(step, left)
                gain, more = -(-taken * weight // self.grain), taken * use
                self.spend(top // 8)
                moved = [more] * min(gain, top) + [x + more for x in row[: max(0, top - gain)]]
                row = [0, *map(min, row[1:], moved[1:])]
                left, step = left - taken, 2 * step
            rows.append(row)
        rows.reverse()
        return rows

    def _merit(self, item: Item) -> tuple[int, int]:
        demand, _, weight, _, _ = item
        return (self.unit * weight - sum(map(mul, self.multipliers, demand)), weight)

    def run(self, free: Vector) -> None:
        """Search all patterns of a bin with so much room."""
        load = (0,) * len(free)
        slots = self.scale * self.slots(load) if self.scale else 0
        if self._hope(0, free, 0, slots) > self.limit:
            self.least = self._least()
            self._walk(0, free, load, 0, ())

    def _walk(
        self, at: int, left: Vector, load: tuple[int, ...], value: int, copies: tuple[int, ...]
    ) -> None:
        while True:
            self.spend(1)
            slots = self.scale * self.slots(load) if self.scale else 0
            if at == len(self.items):
                if value + self._rows(copies) - slots > self.limit:
                    raise Refused
                return
            if self._hope(at, left, value, slots) <= self.limit:
                return
            if not self.rows and not self.scale:
                if self.best.get((at, left), value - 1) >= value:
                    return
                self.best[at, left] = value
            demand, most, weight, counted, _ = self.items[at]
            at += 1
            for n in range(room_for(left, demand, most), 0, -1):
                rest = tuple([f - n * d for f, d in zip(left, demand, strict=True)])
                more = load
                if counted and self.scale:
                    more = tuple([x + n * d for x, d in zip(load, demand, strict=True)])
                self._walk(at, rest, more, value + n * weight, (*copies, n))
            copies = (*copies, 0)

    def _hope(self, at: int, left: Vector, value: int, slots: int) -> int:
        """The most any pattern can weigh that goes on from here."""
        hope = self.hopes[at]
        if self.unit:
            room = sum(map(mul, self.multipliers, left))
            hope = min(hope, self.hopes[-1] + (room + self.excess[at]) // self.unit)
        # Further copies may still cost the target all its room.
        kept = 0 if self.counted[at] and slots > 0 else slots
        if self.least:
            needed = self.limit + 1 - value - self.hopes[-1] + kept
            grains = -(-needed // self.grain)
            if 0 < grains < len(self.least[at]) and self.least[at][grains] > room:
                return self.limit
        return value + hope - kept

    def _rows(self, copies: tuple[int, ...]) -> int:
        """The prices of the rows in which a bin with these copies counts."""
        total, at = 0, 0
        for price, needs in self.rows:
            met = True
            for need in needs:
                held = sum(n * item[4][at] for n, item in zip(copies, self.items, strict=True))
                met = met and held >= need["Copies"]
                at += 1
            total += price if met else 0
        return total


def room_for(left: Vector, demand: Vector, most: int) -> int:
    """How many copies fit in what is left."""
    return min([most] + [f // d for f, d in zip(left, demand, strict=True) if d])
