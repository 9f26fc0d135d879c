"""A small exact linear solver: integers only, columns priced on demand.

The inverse of the basis is kept as an integer matrix over one common denominator (each pivot divides
without remainder), so that duals are exact and can stand in a proof as they are.
"""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.budget import Budget

#: Pivots without progress after which the first improving column is taken, which cannot cycle.
PATIENCE = 40

#: How many of the best columns are tried again before all are priced anew.
POOL = 40

#: Multiplications of whole numbers that a unit of a budget pays for.
PER_UNIT = 12


@frozen
class Optimum:
    """Of ``min costs·x, columns x = right, x >= 0``; ``amounts``, ``value`` and ``duals`` are over ``scale``.

    Not ``feasible``: ``duals`` are then a Farkas proof (``duals·column <= 0`` all, ``duals·right > 0``).
    """

    feasible: bool
    scale: int
    value: int
    amounts: dict[int, int]
    duals: tuple[int, ...]


@frozen
class _Priced:
    """Columns that are priced together, by number, and what all of them have in each row."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[int]]

    @classmethod
    def of(cls, columns: Sequence[tuple[int, ...]], numbers: Sequence[int]) -> _Priced:
        """These of the columns."""
        return cls(numbers, list(zip(*[columns[j] for j in numbers], strict=True)))


@attrs.define
class Simplex:
    """Rows ``columns x = right`` with ``right >= 0``; starts from artificial columns, numbered below zero."""

    columns: Sequence[tuple[int, ...]]
    costs: Sequence[int]
    right: tuple[int, ...]
    budget: Budget
    scale: int = attrs.field(init=False, default=1)
    basis: list[int] = attrs.field(init=False)
    inverse: list[list[int]] = attrs.field(init=False)
    levels: list[int] = attrs.field(init=False)
    every: _Priced = attrs.field(init=False)
    pool: _Priced = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        size = len(self.right)
        self.basis = [-1 - i for i in range(size)]
        self.inverse = [[int(i == j) for j in range(size)] for i in range(size)]
        self.levels = list(self.right)
        self.every = _Priced.of(self.columns, range(len(self.columns)))

    def solve(self) -> Optimum | None:
        """The optimum (it must be bounded), or ``None`` when the budget is spent."""
        nothing = [0] * len(self.columns)
        if not self._descend(nothing, 1):
            return None
        if any(x for i, x in zip(self.basis, self.levels, strict=True) if i < 0):
            return self._result(nothing, 1, feasible=False)
        self._expel()
        if not self._descend(self.costs, 0):
            return None
        return self._result(self.costs, 0, feasible=True)

    def _result(self, costs: Sequence[int], artificial: int, *, feasible: bool) -> Optimum:
        duals = self._duals(costs, artificial)
        amounts = {j: x for j, x in zip(self.basis, self.levels, strict=True) if x and j >= 0}
        value = sum(costs[j] * x for j, x in amounts.items())
        return Optimum(feasible, self.scale, value, amounts, tuple(duals))

    def _duals(self, costs: Sequence[int], artificial: int) -> list[int]:
        paid = [costs[j] if j >= 0 else artificial for j in self.basis]
        rows = [(c, row) for c, row in zip(paid, self.inverse, strict=True) if c]
        if not rows:
            return [0] * len(self.right)
        prices = [c for c, _ in rows]
        return [sum(map(mul, prices, column)) for column in zip(*(row for _, row in rows), strict=True)]

    def _descend(self, costs: Sequence[int], artificial: int) -> bool:
        """Pivot to the optimum; false when the budget is spent first."""
        idle, size = 0, len(self.right)
        pivot = 5 + (3 * size * size + min(POOL, len(self.columns)) * size) // PER_UNIT
        self.pool = _Priced((), ())
        while self.budget.spend(pivot):
            duals = self._duals(costs, artificial)
            entering = self._first(costs, duals) if idle > PATIENCE else self._steepest(costs, duals)
            if entering is None:
                return True
            column = self._direction(entering)
            row = self._leaving(column)
            if row is None:
                return False
            idle = 0 if self.levels[row] else idle + 1
            self._pivot(row, column, entering)
        return False

    def _steepest(self, costs: Sequence[int], duals: list[int]) -> int | None:
        """The column with the least reduced cost, of the pool while that has an improving one."""
        improving = self._improving(self.pool, costs, duals)
        if improving:
            return min(improving)[1]
        self.budget.charge(len(self.columns) * (4 + len(self.right)) // PER_UNIT)
        improving = self._improving(self.every, costs, duals)
        if not improving:
            return None
        improving.sort()
        self.pool = _Priced.of(self.columns, [j for _, j in improving[:POOL]])
        return improving[0][1]

    def _improving(self, priced: _Priced, costs: Sequence[int], duals: list[int]) -> list[tuple[int, int]]:
        """The columns among these whose reduced cost is below zero, with that."""
        scale = self.scale
        reduced = [scale * costs[j] for j in priced.numbers]
        for price, row in zip(duals, priced.rows, strict=False):
            if price:  # many rows have none
                reduced = [cost - price * amount for cost, amount in zip(reduced, row, strict=True)]
        return [(cost, j) for cost, j in zip(reduced, priced.numbers, strict=True) if cost < 0]

    def _first(self, costs: Sequence[int], duals: list[int]) -> int | None:
        for j, column in enumerate(self.columns):
            if self.scale * costs[j] < sum(map(mul, duals, column)):
                return j
        return None

    def _direction(self, j: int) -> list[int]:
        column = self.columns[j]
        return [sum(map(mul, row, column)) for row in self.inverse]

    def _leaving(self, column: list[int]) -> int | None:
        best: int | None = None
        for i, u in enumerate(column):
            if u <= 0:
                continue
            if best is None:
                best = i
                continue
            order = self.levels[i] * column[best] - self.levels[best] * u
            if order < 0 or (order == 0 and self.basis[i] < self.basis[best]):
                best = i
        return best

    def _pivot(self, row: int, column: list[int], entering: int) -> None:
        pivot, scale = column[row], self.scale
        kept, level = self.inverse[row], self.levels[row]
        for i, u in enumerate(column):
            if i == row:
                continue
            if u or pivot != scale:
                self.inverse[i] = [
                    (pivot * a - u * b) // scale for a, b in zip(self.inverse[i], kept, strict=True)
                ]
                self.levels[i] = (pivot * self.levels[i] - u * level) // scale
        self.scale = pivot
        if pivot < 0:
            self.scale = -pivot
            self.inverse = [[-a for a in r] for r in self.inverse]
            self.levels = [-x for x in self.levels]
        self.basis[row] = entering

    def _expel(self) -> None:
        """Replace artificial columns at level zero; where none can, the row is redundant and stays."""
        for i, j in enumerate(self.basis):
            if j >= 0:
                continue
            row = self.inverse[i]
            entering = next((c for c, col in enumerate(self.columns) if sum(map(mul, row, col))), None)
            if entering is not None:
                self._pivot(i, self._direction(entering), entering)


def minimise(
    columns: Sequence[tuple[int, ...]], costs: Sequence[int], right: Sequence[int], budget: Budget
) -> Optimum | None:
    """The optimum of ``min costs·x, columns x = right >= 0, x >= 0``, or ``None`` when the budget ends.

    Raises ValueError when a right-hand side is negative. The optimum has to be bounded (``None`` if not).
    """
    if any(b < 0 for b in right):
        raise ValueError("a right-hand side below zero")
    return Simplex(columns, costs, tuple(right), budget).solve()
