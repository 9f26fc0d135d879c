"""The integer program over given patterns: linear bounds, rounding, and branching that leaves a proof."""

from __future__ import annotations

import itertools
from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING

import attrs

from icplan.packing.solver.presolve import drop_surplus
from icplan.packing.solver.simplex import Optimum, minimise
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.packing.budget import Budget
    from icplan.packing.solver.presolve import BinFill

#: Nodes after which branching gives up, fewer where columns are many; the bound of the root stands then.
MAX_NODES = 120
MAX_WORK = 15_000


@frozen
class Column:
    """A pattern of one class of bins, and what each bin filled so costs."""

    bin: int
    copies: tuple[int, ...]
    cost: int = 0


@frozen
class Program:
    """Fill ``bins[k]`` bins per class by columns so that ``counts`` copies lie in them, at least cost.

    Where ``surplus`` holds for a kind, its columns may hold more copies than there are.
    """

    bins: tuple[int, ...]
    counts: tuple[int, ...]
    columns: tuple[Column, ...]
    surplus: tuple[bool, ...]


@frozen
class Cut:
    """Of the bins of class ``bin``, at most (or least) ``amount`` hold ``copies`` or more of every kind."""

    bin: int
    copies: tuple[int, ...]
    most: bool
    amount: int

    def holds(self, column: Column) -> bool:
        """Whether a bin filled so counts."""
        return column.bin == self.bin and all(a >= b for a, b in zip(column.copies, self.copies, strict=True))


@frozen
class Leaf:
    """``scale·cost(p) >= bases[bin] + prices·p + rows·(cuts p counts in)`` for every pattern ``p``.

    So every solution costs at least ``total / scale``; with ``scale`` 0 (and ``total`` > 0) there is none.
    """

    scale: int
    bases: tuple[int, ...]
    prices: tuple[int, ...]
    rows: tuple[int, ...]
    total: int

    @cached_property
    def bound(self) -> int | None:
        """The least cost proven; ``None`` when there is no solution."""
        return -(-self.total // self.scale) if self.scale else None


@frozen
class Branch:
    """``under`` holds if at most ``cut.amount`` bins count, ``over`` if more do."""

    cut: Cut
    under: Tree
    over: Tree

    @property
    def bound(self) -> int | None:
        """The lesser bound of the two sides; ``None`` when neither has a solution."""
        bounds = [b for b in (self.under.bound, self.over.bound) if b is not None]
        return min(bounds, default=None)


Tree = Leaf | Branch


@frozen
class SearchResult:
    """``tree`` proves that every solution costs at least its bound; ``loads`` cost ``cost`` if known."""

    tree: Tree | None
    cost: int | None
    loads: tuple[BinFill, ...] | None


class _NodeLimit(Exception):  # noqa: N818 - no error, only a way out of the recursion
    """The budget or the number of nodes is spent."""


@attrs.define
class BranchAndBound:
    """Depth-first branch and bound. ``enough``: costs from there on need not be told apart."""

    program: Program
    budget: Budget
    complete: Callable[[list[BinFill], list[int], list[int]], list[BinFill] | None] | None = None
    cost_of: Callable[[int, tuple[int, ...]], int] | None = None
    enough: int | None = None
    cost: int | None = None
    loads: tuple[BinFill, ...] | None = None
    nodes: int = 0
    rows: list[tuple[int, ...]] = attrs.field(factory=list)
    marks: dict[tuple[int, tuple[int, ...]], list[int]] = attrs.field(factory=dict)

    def root(self) -> SearchResult:
        """The linear bound, and what rounding makes of it, without branching."""
        optimum = self._relax(())
        if optimum is None:
            return SearchResult(None, self.cost, self.loads)
        leaf = self._leaf((), optimum)
        if optimum.feasible and not self.pruned(leaf):
            self._round(optimum)
        return SearchResult(leaf, self.cost, self.loads)

    def run(self) -> SearchResult:
        """Branch until cost and bound meet; on giving up, the tree is None."""
        try:
            tree = self._explore(())
        except (_NodeLimit, RecursionError):
            tree = None
        return SearchResult(tree, self.cost, self.loads)

    def pruned(self, leaf: Tree) -> bool:
        """Whether nothing below this bound is of use any more."""
        if leaf.bound is None:
            return True
        if self.cost is not None and leaf.bound >= self.cost:
            return True
        few = self.cost is not None and self.enough is not None and self.cost < self.enough
        return few or (self.enough is not None and leaf.bound >= self.enough)

    def _explore(self, cuts: tuple[Cut, ...]) -> Tree:
        self.nodes += 1
        if self.nodes > MAX_NODES or self.nodes * len(self.program.columns) > MAX_WORK:
            raise _NodeLimit
        optimum = self._relax(cuts)
        if optimum is None:
            raise _NodeLimit
        leaf = self._leaf(cuts, optimum)
        if not self.pruned(leaf):
            self._round(optimum)
        if self.pruned(leaf):
            return leaf
        cut = self._branch(optimum)
        over = self._explore((*cuts, attrs.evolve(cut, most=False, amount=cut.amount + 1)))
        under = self._explore((*cuts, cut))
        return Branch(cut, under, over)

    def _relax(self, cuts: tuple[Cut, ...]) -> Optimum | None:
        program = self.program
        size = len(program.bins)
        marks = zip(*(self._marks(cut) for cut in cuts), strict=True) if cuts else itertools.repeat(())
        columns = [(*row, *mark) for row, mark in zip(self._rows(), marks, strict=False)]
        rows = size + len(program.counts) + len(cuts)
        slack = [(size + i, -1) for i, free in enumerate(program.surplus) if free]
        slack += [(size + len(program.counts) + i, 1 if cut.most else -1) for i, cut in enumerate(cuts)]
        columns += [tuple(sign if r == row else 0 for r in range(rows)) for row, sign in slack]
        costs = [column.cost for column in program.columns] + [0] * len(slack)
        right = (*program.bins, *program.counts, *(cut.amount for cut in cuts))
        self.budget.charge(50 + len(columns) * (10 + rows) // 15)
        return minimise(columns, costs, right, self.budget)

    def _rows(self) -> list[tuple[int, ...]]:
        """Per column, the bin that it fills and the copies that it holds; the same at every node."""
        if not self.rows:
            ones = [
                tuple(int(k == b) for b in range(len(self.program.bins)))
                for k in range(len(self.program.bins))
            ]
            self.rows = [(*ones[column.bin], *column.copies) for column in self.program.columns]
        return self.rows

    def _marks(self, cut: Cut) -> list[int]:
        """Per column, whether a bin filled so counts for the cut, on whichever side of it."""
        key = (cut.bin, cut.copies)
        if key not in self.marks:
            self.marks[key] = [int(cut.holds(column)) for column in self.program.columns]
        return self.marks[key]

    def _leaf(self, cuts: tuple[Cut, ...], optimum: Optimum) -> Leaf:
        duals = optimum.duals
        scale = optimum.scale if optimum.feasible else 0
        step = gcd(scale, *duals) or 1
        duals = tuple(y // step for y in duals)
        size, kinds = len(self.program.bins), len(self.program.counts)
        right = (*self.program.bins, *self.program.counts, *(cut.amount for cut in cuts))
        return Leaf(
            scale // step,
            duals[:size],
            duals[size : size + kinds],
            duals[size + kinds :],
            sum(y * b for y, b in zip(duals, right, strict=True)),
        )

    def _round(self, optimum: Optimum) -> None:
        """Round the amounts down, and let the caller place what is left over."""
        columns = self.program.columns
        bins, counts = list(self.program.bins), list(self.program.counts)
        loads: list[BinFill] = []
        for j in sorted(optimum.amounts):
            times = optimum.amounts[j] // optimum.scale
            if j >= len(columns) or not times:
                continue
            loads.append((columns[j].bin, times, columns[j].copies))
            bins[columns[j].bin] -= times
            counts = [n - times * c for n, c in zip(counts, columns[j].copies, strict=True)]
        whole = all(x % optimum.scale == 0 for j, x in optimum.amounts.items() if j < len(columns))
        if whole:
            self._update_incumbent(loads)
        elif self.complete is not None:
            full = self.complete(loads, bins, [max(0, n) for n in counts])
            if full is not None:
                self._update_incumbent(full)

    def _update_incumbent(self, loads: list[BinFill]) -> None:
        loads = drop_surplus(loads, self.program.counts)
        cost = sum(times * self.cost_of(k, copies) for k, times, copies in loads) if self.cost_of else 0
        if self.cost is None or cost < self.cost:
            self.cost, self.loads = cost, tuple(loads)

    def _branch(self, optimum: Optimum) -> Cut:
        """The threshold whose number of bins is furthest from whole; single kinds first."""
        columns, scale = self.program.columns, optimum.scale
        used = [(columns[j], x) for j, x in sorted(optimum.amounts.items()) if j < len(columns)]
        zero = (0,) * len(self.program.counts)
        single = {
            (column.bin, (*zero[:t], v, *zero[t + 1 :]))
            for column, _ in used
            for t, most in enumerate(column.copies)
            for v in range(1, most + 1)
        }
        for candidates in (sorted(single), sorted({(c.bin, c.copies) for c, x in used if x % scale})):
            best: tuple[int, Cut] | None = None
            for k, copies in candidates:
                cut = Cut(k, copies, most=True, amount=0)
                amount = sum(x for column, x in used if cut.holds(column))
                distance = min(amount % scale, -amount % scale)
                if distance and (best is None or distance > best[0]):
                    best = (distance, attrs.evolve(cut, amount=amount // scale))
            if best is not None:
                return best[1]
        raise _NodeLimit
