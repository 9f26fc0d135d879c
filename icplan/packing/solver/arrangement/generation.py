"""Bounds on the extreme arrangements where the patterns are too many to list: column generation."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.solver.arrangement.dive import DIVES, dive
from icplan.packing.solver.arrangement.exchanges import Exchanges
from icplan.packing.solver.arrangement.found_before import lying, slots_left
from icplan.packing.solver.arrangement.pricing import ArrangementGroup, slot_shelves
from icplan.packing.solver.branch_and_bound import Leaf
from icplan.packing.solver.columns.column_pool import MAX_STATES
from icplan.packing.solver.columns.pricing import SearchLimits
from icplan.packing.solver.greedy import finish
from icplan.packing.solver.lp import SlotMaster, solve_restricted_master
from icplan.packing.solver.presolve import drop_surplus

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.solver.arrangement.model import ArrangementModel
    from icplan.packing.solver.branch_and_bound import Column
    from icplan.packing.solver.presolve import BinFill

    Ints = npt.NDArray[np.int64]

#: Prices are turned into whole numbers by these scales; the smallest that proves as much is kept.
SCALES = (1, 12, 10**6)

#: How many patterns a search for whole numbers is given, and the units that it takes to begin.
WIDE = 400
WHOLE = 200_000

#: States per class in the quick search for good columns, and in the next where it finds none.
NARROW = 200
MEDIUM = 2_000


#: The dive before which further patterns are looked for, and the states of that search.
MORE_PATTERNS_AT = 3
FEW_STATES = 2_000
FEW = 200

#: Patterns of a class that a search for good columns reports: more of them now, fewer searches later.
KEEP = 10

#: Of how many arrangements that were rounded exchanges lead on.
ROUNDED = 2

#: Patterns past which a linear program is begun anew for the next target.
MAX_KEPT = 1500


#: The best of all patterns that are added per class at a time.
BEST = 40


@attrs.frozen
class EveryPattern:
    """All patterns of all classes, where they are few enough to be priced one by one."""

    classes: Ints
    copies: Ints
    costs: Ints

    @classmethod
    def of(cls, columns: Sequence[Column]) -> EveryPattern:
        """As arrays."""
        return cls(
            np.array([column.bin for column in columns], dtype=np.int64),
            np.array([column.copies for column in columns], dtype=np.int64),
            np.array([column.cost for column in columns], dtype=np.int64),
        )

    def best(self, k: int, prices: Ints, scale: int) -> tuple[Ints, Ints]:
        """The patterns of a class, by what ``prices·copies - scale·cost`` is, and that; greatest first."""
        own = np.flatnonzero(self.classes == k)
        values = self.copies[own] @ prices - scale * self.costs[own]
        order = np.argsort(-values, kind="stable")
        return own[order], values[order]


@attrs.define
class ArrangementGeneration:
    """Column generation for ``sign`` times the least of ``sign`` times slots, from one arrangement."""

    room: ArrangementModel
    sign: int
    budget: Budget
    every: EveryPattern | None = None
    best: int = attrs.field(init=False)
    loads: list[BinFill] = attrs.field(init=False)
    leaf: Leaf | None = attrs.field(init=False, default=None)
    rounded: list[list[BinFill]] = attrs.field(init=False, factory=list)
    master: SlotMaster = attrs.field(init=False)
    shelves: list[ArrangementGroup] = attrs.field(init=False)

    def start(self, loads: Sequence[BinFill]) -> None:
        """Begin with an arrangement of all copies, and the patterns that were found for other targets."""
        core, key = self.room.core, ("master", self.sign, lying(self.room))
        master: SlotMaster | None = self.budget.answers.get(key)
        if master is None or len(master.columns) > MAX_KEPT:
            master = SlotMaster(core.counts, core.bins, self._exactly(), self.budget)
            self.budget.answers[key] = master
        self.master = master
        master.budget = self.budget
        master.price([self.sign * self.room.slots(k, copies) for k, copies in master.columns])
        self.shelves = list(slot_shelves(self.room))
        self.loads = list(loads)
        self.best = self.cost(self.loads)
        nothing = (0,) * len(core.counts)
        for k, _, copies in [*self.loads, *((k, 0, nothing) for k in range(len(core.bins)))]:
            self._add(k, copies)

    def _exactly(self) -> list[bool]:
        """Copies that stay take room from the target: of those there may not be more than there are."""
        return [self.sign > 0 and stays for stays in self.room.stays]

    def cost(self, loads: Sequence[BinFill]) -> int:
        """``sign`` times the slots, with the bins that no load mentions empty."""
        return self.sign * slots_left(self.room, loads)

    def run(self, enough: int | None) -> None:
        """Generate until bound and arrangement meet, nothing improves, or ``enough`` is decided."""
        while not self.budget.exhausted:
            value = self.master.solve()
            if value is None:
                return
            self._round()
            worth, base = self.master.duals()
            added, leaf = self._price(worth, base, SCALES[-1])
            if leaf is not None and (self.leaf is None or _bound(leaf) > _bound(self.leaf)):
                self.leaf = leaf
            if self._decided(enough) or not added or (leaf and _bound(leaf) >= ceil(value - 1e-6)):
                break
        if not self._decided(enough) and not self.budget.exhausted:
            self.improve()
        if not self.budget.exhausted:
            self._simplify()

    def _decided(self, enough: int | None) -> bool:
        if self.leaf is not None and _bound(self.leaf) >= self.best:
            return True
        if enough is None:
            return False
        return self.best < enough or (self.leaf is not None and _bound(self.leaf) >= enough)

    def _add(self, k: int, copies: tuple[int, ...]) -> bool:
        self.budget.charge(15)
        return self.master.add(k, copies, self.sign * self.room.slots(k, copies))

    def _price(
        self, worth: npt.NDArray[np.float64], base: npt.NDArray[np.float64], scale: int
    ) -> tuple[int, Leaf | None]:
        """Add the best patterns for these prices; the bound they prove."""
        core = self.room.core
        prices = np.rint(worth * scale).astype(np.int64)
        floors = np.ceil(-base * scale).astype(np.int64) + (2 if scale == SCALES[-1] else 0)
        bounds = np.zeros(len(core.bins), dtype=np.int64)
        counts = np.array(core.counts, dtype=np.int64)
        added = 0
        for k in range(len(core.bins)) if self.every is not None else ():
            added += self._price_every(k, prices, scale, floors, bounds)
        for shelf in self.shelves if self.every is None else ():
            search = shelf.least if self.sign > 0 else shelf.most
            own = floors[shelf.classes]
            for width in (NARROW, MEDIUM, MAX_STATES // len(own)):
                found = search(prices, scale, counts, own, SearchLimits(width, self.budget, KEEP))
                if found.patterns:
                    break
            added += sum(self._add(k, tuple(pattern.tolist())) for k, _, pattern in found.patterns)
            bounds[shelf.classes] = found.bounds
        total = int(prices @ counts) - sum(int(b) * m for b, m in zip(bounds, core.bins, strict=True))
        weights = tuple(int(p) for p in prices)
        return added, Leaf(scale, tuple(-int(b) for b in bounds), weights, (), total)

    def _price_every(self, k: int, prices: Ints, scale: int, floors: Ints, bounds: Ints) -> int:
        """Add the best patterns of a class of which all are known, and note what bounds them."""
        if self.every is None:
            return 0
        self.budget.charge(60 + len(self.every.classes) // 10)
        order, values = self.every.best(k, prices, scale)
        bounds[k] = values[0]
        good = order[:BEST][values[:BEST] > floors[k]]
        return sum(self._add(k, tuple(self.every.copies[at].tolist())) for at in good)

    def _simplify(self) -> None:
        """The same bound with smaller numbers, if they prove it: easier to check and to read."""
        if self.leaf is None:
            return
        exact = self.leaf
        worth = np.array(exact.prices) / exact.scale
        lowest = np.full(len(exact.bases), 10.0**9)
        for scale in SCALES[:-1]:
            _, leaf = self._price(worth, lowest, scale)
            if leaf is not None and _bound(leaf) >= _bound(exact):
                self.leaf = leaf
                return

    def improve(self) -> None:
        """Look for a better arrangement: by exchanges from what was rounded last, then in whole numbers.

        Whole numbers are dived for before they are searched for.
        """
        exchanges = Exchanges.of(self.room, self.sign, self.budget)
        bound = _bound(self.leaf) if self.leaf is not None else None
        for loads in reversed(self.rounded[-ROUNDED:]):
            if exchanges is None:
                break
            self._keep_best(exchanges.improve(loads, bound) or loads)
            if bound is not None and self.best <= bound:
                return
        for attempt in DIVES:
            if attempt == MORE_PATTERNS_AT and self.leaf is not None:
                self._add_near_optimal(self.leaf, self.best - 1, FEW_STATES, FEW)
            dived = dive(self.room.core, self.master, attempt, self.budget)
            if dived is not None:
                kept = drop_surplus(dived, self.room.core.counts)
                self._keep_best((exchanges and exchanges.improve(kept, bound)) or kept)
            if self.budget.exhausted or (bound is not None and self.best <= bound):
                return
        self._whole_numbers()

    def _whole_numbers(self) -> None:
        """Look for better whole numbers, of all patterns that a better solution could use if not too many."""
        core = self.room.core
        if not self.budget.spend(WHOLE):
            return
        if self.leaf is not None:
            self._add_near_optimal(self.leaf, self.best - 1, MAX_STATES // 10, WIDE)
        # Bins that get no column stay empty, so a column costs what it makes worse or better of an empty bin.
        empty = [self.room.slots(k, (0,) * len(core.counts)) for k in range(len(core.bins))]
        columns = [(k, c, self.sign * (self.room.slots(k, c) - empty[k])) for k, c in self.master.columns]
        dear = 2.0 * max(abs(cost) for _, _, cost in columns) + 1
        amounts = solve_restricted_master(
            columns, core.counts, core.bins, self._exactly(), [dear] * len(core.counts), self.budget
        )
        if amounts is not None:
            self._try(amounts)

    def _add_near_optimal(self, leaf: Leaf, aim: int, states: int, most: int) -> None:
        """Add patterns that can be part of a solution that costs at most ``aim``, about so many at most.

        They are looked for with so many states.
        """
        gap = aim * leaf.scale - leaf.total
        if gap < 0:
            return
        prices = np.array(leaf.prices, dtype=np.int64)
        if self.every is not None:
            for k, base in enumerate(leaf.bases):
                order, values = self.every.best(k, prices, leaf.scale)
                for at in order[values >= -base - gap]:
                    self._add(k, tuple(self.every.copies[at].tolist()))
            return
        counts = np.array(self.room.core.counts, dtype=np.int64)
        for shelf in self.shelves:
            search = shelf.least if self.sign > 0 else shelf.most
            floors = np.array([-leaf.bases[k] - gap - 1 for k in shelf.classes], dtype=np.int64)
            reach = SearchLimits(states // len(floors), self.budget, most // len(self.room.core.bins))
            for k, _, pattern in search(prices, leaf.scale, counts, floors, reach).patterns:
                self._add(k, tuple(pattern.tolist()))

    def _round(self) -> None:
        """Round the amounts down."""
        self._try([int(x + 1e-6) for x in self.master.amounts()])

    def _try(self, amounts: Sequence[int]) -> None:
        """Place the copies that the patterns leave over; keep the arrangement if it is the best so far."""
        core = self.room.core
        bins, counts = list(core.bins), list(core.counts)
        loads: list[BinFill] = []
        for (k, copies), times in zip(self.master.columns, amounts, strict=True):
            if times:
                loads.append((k, times, copies))
                bins[k] -= times
                counts = [n - times * c for n, c in zip(counts, copies, strict=True)]
        if min(bins) < 0:
            return
        missing = [max(0, n) for n in counts]
        placed = finish(core, self.budget, loads, bins, missing) if any(missing) else loads
        if placed is not None:
            kept = drop_surplus(placed, core.counts)
            self.rounded.append(kept)
            self._keep_best(kept)

    def _keep_best(self, loads: list[BinFill]) -> None:
        cost = self.cost(loads)
        if cost < self.best:
            self.best, self.loads = cost, loads


def _bound(leaf: Leaf) -> int:
    return -(-leaf.total // leaf.scale)
