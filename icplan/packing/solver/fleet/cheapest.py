"""The cheapest fleet that holds all conditions: cuts on the numbers of bins until the first that does.

A search gives the cheapest numbers of bins that meet all cuts so far. Each condition is then put to a packing
solver. One that does not hold teaches a cut, for every condition at once; the first fleet of which all hold
is the cheapest, and the cuts prove it.
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING

import attrs

from icplan.packing.budget import Budget
from icplan.packing.certificate import MAX_DEPTH
from icplan.packing.fleet_problem import FleetAnswer
from icplan.packing.problem import MAX_COUNT, Status
from icplan.packing.solver.fleet.dive import Dives
from icplan.packing.solver.fleet.dual_prices import TIGHT, Patterns
from icplan.packing.solver.fleet.infeasible_subset import blocked_by
from icplan.packing.solver.fleet.oracle import QUICK, THOROUGH, Oracle
from icplan.packing.solver.fleet.proof import written_proof
from icplan.packing.solver.fleet.repair import fleet_by_repair
from icplan.packing.solver.fleet.search import Search
from icplan.packing.solver.fleet.separate import Separation
from icplan.packing.solver.fleet.weigh import Scales

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.packing.fleet_problem import Counts, FleetProblem
    from icplan.packing.fleet_proof import FleetCut, FleetProof, Refusal
    from icplan.packing.solver.fleet.search import Case

#: So many candidates that do not hold begin the search anew: with what they teach it takes another way.
RESTARTS = 60

#: So many candidates are no sign that more than whole numbers of bins must teach.
EASY = 3

#: So many cases without a candidate are a sign of that, too.
MANY_CASES = 400

#: So often, after so many candidates, fleets are looked for by other means, so many dives each time.
ROUNDS_BETWEEN = 5
DIVES = 25


def cheapest_fleet(problem: FleetProblem, budget: Budget | None = None) -> FleetAnswer:
    """The least cost of a fleet that holds all conditions, with the fleet, or bounds on it."""
    budget = budget or Budget()
    answer = CheapestFleet(problem, budget).run()
    if answer.possible:
        return answer
    return blocked_by(problem, answer, lambda less: CheapestFleet(less, budget).run())


@attrs.define
class CheapestFleet:
    """One question, with all that is known of it."""

    problem: FleetProblem
    budget: Budget
    cuts: list[FleetCut] = attrs.field(init=False, factory=list)
    refusals: list[Refusal | None] = attrs.field(init=False, factory=list)
    most_copies: tuple[int, ...] = attrs.field(init=False)
    oracle: Oracle = attrs.field(init=False)
    search: Search = attrs.field(init=False)
    best: Counts | None = attrs.field(init=False, default=None)
    patterns: Patterns | None = attrs.field(init=False, default=None)
    dives: Dives | None = attrs.field(init=False, default=None)
    deepest: int = attrs.field(init=False, default=0)
    order: list[int] = attrs.field(init=False)
    rounds: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        columns = zip(*(condition.counts for condition in self.problem.conditions), strict=True)
        self.most_copies = tuple(max(column) for column in columns) or (0,) * len(self.problem.items)
        scales = Scales(self.problem, self.budget)
        self.oracle = Oracle(self.problem, scales, self.budget, self.most_copies)
        most = tuple(self._most(t) for t in range(len(self.problem.options)))
        self.search = Search(self.problem, most, self.budget)
        self.order = list(range(len(self.problem.conditions)))

    def _most(self, t: int) -> int:
        total = self.problem.max_total
        return min(self.problem.options[t].most, MAX_COUNT if total is None else total)

    @property
    def high(self) -> int | None:
        """What the best fleet so far costs."""
        return None if self.best is None else self.problem.cost(self.best)

    def run(self) -> FleetAnswer:
        """The answer, as exact as there is time for."""
        self._first_cuts()
        while (found := self._candidate()) is not None:
            case, counts = found
            self.rounds += 1
            status = self._try(counts)
            if status is Status.DOES_NOT_FIT and self.rounds <= RESTARTS:
                self.search.restart()
            elif status is Status.DOES_NOT_FIT:
                self.search.put_back(case)
            elif status is Status.UNDECIDED or (case.bound or 0) < self.problem.cost(counts):
                self.search.leave_open(case, counts)
            else:
                self.search.set_aside.append(case)
            if self.rounds == EASY:
                self._teach_in_fractions()
            if not self.rounds % ROUNDS_BETWEEN:
                self._look_for_fleets()
        return self._answer()

    def _candidate(self) -> tuple[Case, Counts] | None:
        """The next numbers of bins; where too many cases come to none, more is learnt in each of them."""
        found = self.search.cheapest(self.high, self._stuck)
        if found is None and not self.budget.exhausted and self._stuck():
            self.deepest = MAX_DEPTH
            self._teach_in_fractions()
            self.search.restart()
            found = self.search.cheapest(self.high, self._stuck)
        return found

    def _stuck(self) -> bool:
        many = self.search.nodes > MANY_CASES and self.deepest < MAX_DEPTH and self.patterns is not None
        return many or self.budget.exhausted

    def _first_cuts(self) -> None:
        """What each dimension has room for; with several options, what copies are worth at their costs."""
        for weights in self._plain_weights():
            self._learn(self.oracle.scales.cut(weights, self.most_copies))
        if len(self.problem.options) == 1 or not any(o.cost for o in self.problem.options):
            return
        if not any(self.most_copies):
            return
        patterns = self.patterns = Patterns(self.problem, self.oracle.scales, self.most_copies, self.budget)
        known: list[tuple[tuple[int, ...], float]] = []
        for counts in self._asked():
            bound = max((sum(map(mul, w, counts)) * rate for w, rate in known), default=0.0)
            if bound >= patterns.value(counts) * (1 - TIGHT):
                continue
            duals, reached = patterns.generate(counts)
            if not duals.any():
                continue
            weights = tuple(patterns.whole_weights(duals, reached, counts).tolist())
            self._learn(self.oracle.scales.cut(weights, self.most_copies))
            known.append((weights, patterns.rate(self.cuts[-1].limits)))

    def _plain_weights(self) -> Iterator[tuple[int, ...]]:
        """Each item that may lie nowhere, and the least that a copy takes of each dimension."""
        size = len(self.problem.options[0].capacity) if self.problem.options else 0
        homes = []
        for i, item in enumerate(self.problem.items):
            own = zip(item.demands, self.problem.options, strict=True)
            homes.append(
                [
                    d
                    for d, o in own
                    if d is not None and all(a <= b for a, b in zip(d, o.capacity, strict=True))
                ]
            )
            if not homes[-1] and self.most_copies[i]:
                yield tuple(int(j == i) for j in range(len(self.problem.items)))
        for j in range(size):
            weights = tuple(min((d[j] for d in home), default=0) for home in homes)
            if any(weights):
                yield weights

    def _asked(self) -> list[tuple[int, ...]]:
        """The copies of the conditions, without those that another's hold."""
        every = sorted({c.counts for c in self.problem.conditions}, key=lambda n: (-sum(n), n))
        kept: list[tuple[int, ...]] = []
        for counts in every:
            if not any(all(a <= b for a, b in zip(counts, other, strict=True)) for other in kept):
                kept.append(counts)
        return kept

    def _learn(self, cut: FleetCut) -> None:
        self.search.learn(cut, len(self.cuts))
        self.cuts.append(cut)

    def _try(self, counts: Counts) -> Status:
        """Put every condition to the oracle; learn of the first that does not hold."""
        status = Status.UNDECIDED
        for units in (QUICK, THOROUGH, math.inf):
            status = self._asked_all(counts, units)
            if status is not Status.UNDECIDED:
                break
        if status is Status.FITS:
            self._improve(counts)
        return status

    def _asked_all(self, counts: Counts, units: float) -> Status:
        """Put every condition to the oracle, each with so much effort."""
        undecided = False
        for number in self.order:
            packing = self.oracle.ask(number, counts, units)
            if packing.status is Status.UNDECIDED:
                undecided = True
            elif packing.status is Status.DOES_NOT_FIT:
                self._refused(number, counts)
                return Status.DOES_NOT_FIT
        return Status.UNDECIDED if undecided else Status.FITS

    def _refused(self, number: int, counts: Counts) -> None:
        self.order.remove(number)
        self.order.insert(0, number)
        before = len(self.search.rows)
        for cut in self.oracle.cuts(number, counts):
            self._learn(cut)
        if all(row.met(counts) for row in self.search.rows[before:]):
            left = self.problem.conditions[number].left(counts)
            self.search.forbid(number, left or counts, len(self.refusals))
            self.refusals.append(self.oracle.refusal(number, counts))

    def _improve(self, counts: Counts) -> None:
        if self.high is None or self.problem.cost(counts) < self.high:
            self.best = counts

    def _teach_in_fractions(self) -> None:
        """From now on, look for cuts before the numbers of bins are whole."""
        if self.patterns is None or self.search.teach is not None:
            return
        separation = Separation(self.patterns)
        asked = self._asked()
        self.deepest = MAX_DEPTH if len(asked) == 1 else self.deepest

        def teach(depth: int, amounts: Sequence[float]) -> bool:
            if depth > self.deepest:
                return False
            for counts in asked:
                cut = separation.cut(counts, amounts)
                if cut is not None:
                    self._learn(cut)
                    # Who lacked something is likely to lack it again.
                    asked.remove(counts)
                    asked.insert(0, counts)
                    return True
            return False

        self.search.teach = teach

    def _look_for_fleets(self) -> None:
        """Where the search goes on for long: a fleet for the most copies, and what else it takes."""
        if self.dives is None and self.patterns is not None:
            counts = max(self._asked(), key=self.patterns.value)
            self.dives = Dives(self.patterns, counts)
        if self.dives is None:
            self._repair((0,) * len(self.problem.options))
            return
        for _ in range(DIVES):
            if self.budget.exhausted or (self.high is not None and self.high == self.search.low):
                return
            if self.dives.dive():
                bought, placement = self.dives.found()
                self.oracle.note(bought, self.dives.counts, placement)
                self._repair(bought)

    def _repair(self, start: Counts) -> None:
        found = fleet_by_repair(self.problem, self.search, self.oracle, start)
        if found is not None:
            self._improve(found)

    def _answer(self) -> FleetAnswer:
        low, high = self.search.low, self.high
        if low is None and high is None:
            return FleetAnswer(0, None, proof=self._proof(None), possible=False)
        low = high if low is None or (high is not None and high < low) else low
        placements = None
        if self.best is not None:
            best = self.best
            placements = tuple(
                None if c.left(best) is None else self.oracle.ask(k, best).placement or ()
                for k, c in enumerate(self.problem.conditions)
            )
        return FleetAnswer(low or 0, high, self.best, placements, self._proof(low))

    def _proof(self, target: int | None) -> FleetProof | None:
        return written_proof(
            self.search.root, target, self.cuts, self.refusals, self.oracle.scales.with_multipliers
        )
