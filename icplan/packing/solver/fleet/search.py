"""The search over numbers of bins: the cheapest that meet all that is known, case by case, with a proof.

Nothing of it is lost when more becomes known: a case keeps its bound, and is looked at again when it is the
cheapest.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import attrs

from icplan.packing.certificate import MAX_DEPTH
from icplan.packing.fleet_problem import InstanceLost
from icplan.packing.solver.fleet.relaxation import NEAR, NOTHING, Multipliers, Relaxation, whole
from icplan.packing.solver.fleet.rows import covered_conditions, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import Condition, Counts, FleetProblem
    from icplan.packing.fleet_proof import FleetCut
    from icplan.packing.solver.fleet.relaxation import Box
    from icplan.packing.solver.fleet.rows import Row

#: How often one case is looked at again since more became known of its amounts.
MAX_LESSONS = 40

#: Cases deeper than this are not split.
DEEPEST = MAX_DEPTH - 10


@attrs.frozen(eq=False)
class Bar:
    """No fleet that leaves a condition no more than these bins holds it; ``refusal`` is what proves it."""

    number: int
    condition: Condition
    bins: Counts
    refusal: int
    covered: bool

    def bars(self, box: Box) -> bool:
        """Whether that holds for every fleet between these numbers."""
        lost = self.condition.lost
        if isinstance(lost, InstanceLost) and not box[0][lost.option] and not self.covered:
            return False
        left = self.condition.left(box[1])
        return all(a <= b for a, b in zip(box[1] if left is None else left, self.bins, strict=True))

    def bars_counts(self, counts: Counts) -> bool:
        """Whether that holds for these numbers."""
        return self.bars((counts, counts))


@attrs.define(eq=False)
class Case:
    """Fleets between two numbers of bins per option: the least that one costs, and why.

    ``bound`` is ``None`` where there is none.
    """

    low: tuple[int, ...]
    high: tuple[int, ...]
    depth: int
    bound: int | None
    multipliers: Multipliers = NOTHING
    bar: Bar | None = None
    lessons: int = 0
    split: tuple[int, int, Case, Case] | None = None


@attrs.define
class Search:
    """Cases, the cheapest first. ``learn`` and ``forbid`` add what is known."""

    problem: FleetProblem
    most: tuple[int, ...]
    budget: Budget
    rows: list[Row] = attrs.field(init=False, factory=list)
    bars: list[Bar] = attrs.field(init=False, factory=list)
    covered: list[bool] = attrs.field(init=False)
    root: Case = attrs.field(init=False)
    heap: list[tuple[int, int, int, Case]] = attrs.field(init=False, factory=list)
    set_aside: list[Case] = attrs.field(init=False, factory=list)
    relaxation: Relaxation = attrs.field(init=False)
    teach: Callable[[int, Sequence[float]], bool] | None = attrs.field(init=False, default=None)
    next: Case | None = attrs.field(init=False, default=None)
    turns: int = attrs.field(init=False, default=0)
    nodes: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.covered = covered_conditions(self.problem.conditions)
        self.relaxation = Relaxation(self.problem, self.budget)
        self.root = Case((0,) * len(self.most), self.most, 0, 0)
        self._push(self.root)

    def learn(self, cut: FleetCut, number: int) -> None:
        """One more cut, asked of every condition that asks for no more than its copies."""
        found: dict[object, Row] = {}
        for k, condition in enumerate(self.problem.conditions):
            if any(a > b for a, b in zip(condition.counts, cut.copies, strict=True)):
                continue
            own = row(self.problem, cut, k, number, covered=self.covered[k])
            same = (condition.lost, self.covered[k])
            if own.need and (same not in found or own.need > found[same].need):
                found[same] = own
        for own in found.values():
            self.rows.append(own)
            self.relaxation.add(own)

    def forbid(self, number: int, bins: Counts, refusal: int) -> None:
        """These bins do not hold a condition's copies, nor do fewer."""
        for k, condition in enumerate(self.problem.conditions):
            asked = self.problem.conditions[number].counts
            if all(a >= b for a, b in zip(condition.counts, asked, strict=True)):
                self.bars.append(Bar(k, condition, bins, refusal, self.covered[k]))

    @property
    def low(self) -> int | None:
        """What a fleet costs at least; ``None`` if there is none."""
        open_cases = [*(case for *_, case in self.heap), *self.set_aside]
        if self.next is not None:
            open_cases.append(self.next)
        bounds = [case.bound for case in open_cases]
        return min((bound for bound in bounds if bound is not None), default=None)

    def cheapest(self, below: int | None, stop: Callable[[], bool]) -> tuple[Case, Counts] | None:
        """A case and numbers of bins in it that meet all that is known, and cost no more than any others.

        ``None`` where none is left that may cost less than ``below``, or ``stop`` says so.
        """
        while (self.heap or self.next is not None) and not stop():
            case, self.next = self.next, None
            if case is None:
                case = heapq.heappop(self.heap)[-1]
                if below is not None and (case.bound or 0) >= below:
                    self._push(case)
                    return None
            counts = self._look(case, below)
            if counts is not None:
                return case, counts
        return None

    def restart(self) -> None:
        """Forget the cases, not what is known."""
        # The bound of all cases stays, where there is no time for a better one.
        self.root = attrs.evolve(self.root, split=None)
        self.heap, self.set_aside, self.next = [], [], None
        self._push(self.root)

    def put_back(self, case: Case) -> None:
        """A case from :meth:`cheapest` after something was learnt of it."""
        self._push(case)

    def leave_open(self, case: Case, counts: Counts) -> None:
        """Nothing is known of these numbers in the case, and nothing will be: go on with all others."""
        t = next((t for t, n in enumerate(counts) if case.low[t] < case.high[t] and n < case.high[t]), None)
        if t is not None and case.depth < DEEPEST:
            self._push_all(self._split(case, t, counts[t]))
            return
        t = next((t for t in range(len(counts)) if case.low[t] < case.high[t]), None)
        if t is not None and case.depth < DEEPEST:
            self._push_all(self._split(case, t, counts[t] - 1))
            return
        self.set_aside.append(case)

    def _push(self, case: Case) -> None:
        if case.bound is not None:
            self.turns += 1
            heapq.heappush(self.heap, (case.bound, -case.depth, self.turns, case))

    def _look(self, case: Case, below: int | None) -> Counts | None:
        """Numbers of bins, if all is met by those that the linear program gives; else split the case."""
        self.nodes += 1
        if self._narrow(case) or self._barred(case):
            case.bound = None
            return None
        relaxed = self.relaxation.solve((case.low, case.high))
        if relaxed.bound is None:
            case.bound, case.multipliers = None, relaxed.multipliers
            return None
        better = relaxed.bound > (case.bound or 0)
        if better or (case.depth == 0 and case.multipliers is NOTHING):
            case.bound, case.multipliers = relaxed.bound, relaxed.multipliers
        if below is not None and (case.bound or 0) >= below:
            self._push(case)
            return None
        if relaxed.amounts is not None and self._taught(case, relaxed.amounts):
            self.next = case
            return None
        counts = None if relaxed.amounts is None else whole(relaxed.amounts)
        if counts is not None:
            counts = tuple(min(max(n, a), b) for n, a, b in zip(counts, case.low, case.high, strict=True))
            unmet = self._unmet(case, counts)
            if unmet is None:
                return counts
            t, most = unmet
        else:
            t, most = self._fraction(case, relaxed.amounts)
        if t < 0 or case.depth >= DEEPEST:
            self.set_aside.append(case)
        else:
            # Go on with the side that is nearer at once: whole numbers near the amounts teach soon.
            nearer = 0 if relaxed.amounts is None else int(relaxed.amounts[t] > most + 0.5)
            parts = self._split(case, t, most)
            self.next = parts[nearer]
            self._push(parts[1 - nearer])
        return None

    def _taught(self, case: Case, amounts: Sequence[float]) -> bool:
        """Whether something was learnt of the amounts, not too often for one case."""
        if self.teach is None or case.lessons == MAX_LESSONS or not self.teach(case.depth, amounts):
            return False
        case.lessons += 1
        return True

    def _narrow(self, case: Case) -> bool:
        """Whether the limits on types and on bins leave nothing of the case; narrows it to what is left."""
        types, total = self.problem.max_types, self.problem.max_total
        chosen = sum(map(bool, case.low))
        if types is not None and chosen >= types:
            case.high = tuple(h if n else 0 for n, h in zip(case.low, case.high, strict=True))
            if chosen > types:
                return True
        return any(a > b for a, b in zip(case.low, case.high, strict=True)) or (
            total is not None and self._too_many(case, total)
        )

    def _too_many(self, case: Case, total: int) -> bool:
        if sum(case.low) <= total:
            return False
        case.multipliers = Multipliers(0, (), 1)
        return True

    def _barred(self, case: Case) -> bool:
        case.bar = next((bar for bar in self.bars if bar.bars((case.low, case.high))), None)
        return case.bar is not None

    def _unmet(self, case: Case, counts: Counts) -> tuple[int, int] | None:
        """Where to split the case, since these numbers in it do not meet something; ``None`` if they do."""
        types = self.problem.max_types
        if types is not None and sum(map(bool, counts)) > types:
            return max((n, t) for t, n in enumerate(counts) if not case.low[t])[1], 0
        for own in self.rows:
            if not own.met(counts):
                return self._bend(case, own, counts)
        for bar in self.bars:
            if bar.bars_counts(counts):
                return self._beyond(case, bar, counts)
        return None

    @staticmethod
    def _bend(case: Case, own: Row, counts: Counts) -> tuple[int, int]:
        """Split where the carrying is no straight line: between none and one, or at these numbers."""
        for t in own.bent:
            if case.low[t] < case.high[t]:
                if isinstance(own.condition.lost, InstanceLost) and not case.low[t]:
                    return t, 0
                return t, max(case.low[t], min(counts[t], case.high[t] - 1))
        return Search._anywhere(case)

    @staticmethod
    def _anywhere(case: Case) -> tuple[int, int]:
        """Split at the first option of which there may be more or fewer."""
        return next(((t, n) for t, n in enumerate(case.low) if n < case.high[t]), (-1, 0))

    def _beyond(self, case: Case, bar: Bar, counts: Counts) -> tuple[int, int]:
        """Split so that one of the two is barred sooner."""
        lost = bar.condition.lost
        uncertain = isinstance(lost, InstanceLost) and not case.low[lost.option] and not bar.covered
        if isinstance(lost, InstanceLost) and uncertain and case.high[lost.option]:
            return lost.option, 0
        for t, n in enumerate(counts):
            most = n
            while bar.condition.left_of(t, most + 1) <= bar.bins[t] and most + 1 < case.high[t]:
                most += 1
            if n <= most < case.high[t]:
                return t, most
        return self._anywhere(case)

    def _fraction(self, case: Case, amounts: Sequence[float] | None) -> tuple[int, int]:
        """Split at the amount that is furthest from whole, by what it costs."""
        if amounts is None:
            return self._anywhere(case)
        types = self.problem.max_types
        if types is not None and sum(x > NEAR for x in amounts) > types:
            shares = [
                (x * self.problem.options[t].cost, t)
                for t, x in enumerate(amounts)
                if x > NEAR and not case.low[t]
            ]
            if shares:
                return max(shares)[1], 0
        distances = [(min(x - int(x), int(x) + 1 - x), t) for t, x in enumerate(amounts)]
        far, t = max(distances)
        if far < NEAR:
            return self._anywhere(case)
        return t, int(amounts[t])

    def _push_all(self, cases: Sequence[Case]) -> None:
        for case in cases:
            self._push(case)

    @staticmethod
    def _split(case: Case, t: int, most: int) -> tuple[Case, Case]:
        high = (*case.high[:t], min(case.high[t], most), *case.high[t + 1 :])
        low = (*case.low[:t], max(case.low[t], most + 1), *case.low[t + 1 :])
        under = Case(case.low, high, case.depth + 1, case.bound, case.multipliers)
        over = Case(low, case.high, case.depth + 1, case.bound, case.multipliers)
        case.split = (t, most, under, over)
        return under, over

    def cases(self) -> Iterator[Case]:
        """All cases that are not split."""
        stack = [self.root]
        while stack:
            case = stack.pop()
            if case.split is None:
                yield case
            else:
                stack += case.split[2:]
