"""Part of the checker: is some legal pattern of one bin worth more than a proof says? Found out by search.

Breadth first over the items, the heaviest first; states that leave the same are one. What the rest can add
at most is bounded by a proof's multipliers, a number per dimension: any that are not below zero are sound, so
they need no trust.
"""

from __future__ import annotations

import time
from math import gcd
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.checker.slot_bound import SlotBound
    from icplan.packing.problem import Vector

#: Cells, over all items, of the table that bounds a search.
MAX_CELLS = 100_000

#: More than any bin's room costs, unless a proof's multipliers are absurd; then the table bounds nothing.
NEVER = 10**40


class InvalidProof(Exception):  # noqa: N818 - an answer, not an error
    """The proof is malformed, wrong, or takes too long."""


class Exhausted(InvalidProof):
    """It takes too long: nothing is known of the proof."""


#: States that a search holds at once, some 200 bytes each: what a proof needs for which memory is not there
#: has no evidence.
MAX_STATES = 500_000

#: Steps after which a search looks at the clock.
STEPS_PER_LOOK = 10_000


class StepLimit:
    """Steps that are left; refuses when there are none, or when the clock (monotonic) is past ``until``."""

    def __init__(self, left: int, until: float | None = None) -> None:
        self.left, self.until, self.next_look = left, until, left

    def use(self, steps: int) -> None:
        """Count steps."""
        self.left -= steps
        if self.left < 0:
            raise Exhausted
        if self.until is not None and self.left <= self.next_look:
            self.next_look = self.left - STEPS_PER_LOOK
            if time.monotonic() > self.until:
                raise Exhausted


class Item(NamedTuple):
    """So many copies: what each takes of the bin and then of the soft amounts, and its weight."""

    demand: Vector
    weight: int
    copies: int


class SoftValue(NamedTuple):
    """What a pattern is worth besides its weight, by what it leaves of the soft amounts (none below zero).

    The first of these are room for the target, each slot at ``price``. The others, so many for each of the
    ``rows`` in turn, are what it lacks; a row's price counts where nothing lacks.
    """

    price: int
    target: Vector
    rows: Sequence[tuple[int, int]]

    def exact(self, soft: Vector) -> int:
        """What a pattern is worth that leaves this."""
        lacks = iter(soft[len(self.target) :])
        met = [price for price, size in self.rows if not sum(next(lacks) for _ in range(size))]
        return self.price * self._slots(soft) + sum(met)

    def most(self, soft: Vector) -> int:
        """What any pattern of a bin with these amounts is worth at most."""
        return max(0, self.price) * self._slots(soft) + sum(max(0, price) for price, _ in self.rows)

    def _slots(self, soft: Vector) -> int:
        return min((room // d for room, d in zip(soft, self.target, strict=False) if d), default=0)


def outweighs(
    limit: int,
    room: tuple[Vector, Vector],
    items: list[Item],
    extra: SoftValue,
    hint: Sequence[int],
    work: StepLimit,
) -> bool:
    """Whether some pattern of the items is worth more than ``limit``.

    ``room`` is what the bin has, and the soft amounts; ``hint`` the scale of the multipliers, and they.
    """
    unit, *multipliers = hint
    start = (*_useful(room[0], items), *room[1])
    above = limit + 1 - extra.most(room[1])
    items = sorted(items, key=lambda item: item.weight)
    costs = [_cost(multipliers, item.demand) for item in items]
    gains = [0]
    for item, cost in zip(items, costs, strict=True):
        gains.append(gains[-1] + max(0, unit * item.weight - cost) * item.copies)
    if _cost(multipliers, start) + gains[-1] < unit * above:
        return False
    size = len(multipliers)
    fitting = [_fitting(start, item.demand[:size], item.copies) for item in items]
    weights = [item.weight for item in items]
    grain, rows = _table(above, list(zip(costs, weights, fitting, strict=True)), work)
    slots = _slot_bound(room[1], items, extra, size, work)
    states = {start: 0}
    for number in reversed(range(len(items))):
        rest = _Rest(number, unit, multipliers, gains[number], grain, rows[number], slots)
        states = _with_item(states, items[number], rest, above, work)
    return any(value + extra.exact(left[size:]) > limit for left, value in states.items())


def _cost(multipliers: Sequence[int], amounts: Vector) -> int:
    """What amounts of a bin cost by the multipliers; the soft amounts behind them cost nothing."""
    return sum(map(mul, multipliers, amounts))


class _Rest(NamedTuple):
    """What the first ``number`` items, which are chosen last, can add to a pattern at most.

    By the multipliers it is ``gain`` beyond what is spent, in ``unit``; ``row`` has what so many grains of
    weight cost, and ``slots`` what they leave for the target.
    """

    number: int
    unit: int
    multipliers: Sequence[int]
    gain: int
    grain: int
    row: Sequence[int]
    slots: SlotBound | None


def _with_item(
    states: dict[Vector, int], item: Item, rest: _Rest, above: int, work: StepLimit
) -> dict[Vector, int]:
    """The states with any number of copies of an item, but for those that the rest cannot bring to ``above``.

    A state is what is left, with the most weight that leaves it.
    """
    number, unit, multipliers, gain, grain, row, slots = rest
    size, last = len(multipliers), len(row) - 1
    hard, taken = item.demand[:size], _cost(multipliers, item.demand)
    following: dict[Vector, int] = {}
    for before, value in states.items():
        needed, spare, left = above - value, _cost(multipliers, before), before
        if len(following) > MAX_STATES:
            raise Exhausted
        for n in range(_fitting(before, hard, item.copies), -1, -1):
            work.use(1)
            if (
                spare + gain >= unit * needed
                and spare >= row[max(0, min(-(-needed // grain), last))]
                and (slots is None or slots.most(number, left[size:]) >= needed)
            ):
                following[left] = max(above - needed, following.get(left, above - needed))
            if n:
                needed, spare = needed - item.weight, spare - taken
                left = tuple([max(0, f - d) for f, d in zip(left, item.demand, strict=True)])
    return following


def _slot_bound(
    soft: Vector, items: Sequence[Item], extra: SoftValue, size: int, work: StepLimit
) -> SlotBound | None:
    """What items and slots are worth at most; ``None`` where slots cost nothing."""
    end = len(extra.target)
    if extra.price >= 0 or not any(extra.target):
        return None
    from icplan.packing.checker.slot_bound import Crowding, SlotBound  # noqa: PLC0415  (few proofs price slots)

    crowding = [Crowding(item.demand[size : size + end], item.weight, item.copies) for item in items]
    return SlotBound(extra.price, extra.target, soft[:end], crowding, work)


def _useful(free: Vector, items: Sequence[Item]) -> Vector:
    """The room that copies of these items could fill: multiples of their common step, no more than all."""
    useful = []
    for j, room in enumerate(free):
        step = gcd(*[item.demand[j] for item in items])
        most = sum(item.copies * item.demand[j] for item in items)
        useful.append(min(room // step * step, most) if step else 0)
    return tuple(useful)


def _fitting(left: Vector, demand: Vector, copies: int) -> int:
    """How many copies fit in what is left of the bin, which is longer by the soft amounts."""
    return min([copies] + [f // d for f, d in zip(left, demand, strict=False) if d])


def _table(above: int, items: Sequence[tuple[int, int, int]], work: StepLimit) -> tuple[int, list[list[int]]]:
    """How much a grain is, and per number of first items what so many grains of weight cost at least.

    Items are (cost, weight, count). Their weights are rounded up to grains, so that they seem easier to
    reach, never harder; for the same reason the last number of grains stands for all above it.
    """
    span = min(sum(max(0, weight) * count for _, weight, count in items), abs(above))
    grain = span * len(items) // MAX_CELLS + 1
    row = [0] + [NEVER] * -(-span // grain)
    rows = [row]
    for cost, weight, count in items:
        step, left = 1, count
        while weight > 0 and left:
            taken = min(step, left)
            grains = min(len(row), -(-taken * weight // grain))
            work.use(len(row) // 8)
            row = list(map(min, row, [taken * cost] * grains + [x + taken * cost for x in row]))
            left, step = left - taken, 2 * step
        rows.append(row)
    return grain, rows
