"""Whole bins at little cost for the copies of one condition: round, price for what is left, and go on."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.problem import Pattern
from icplan.packing.solver.fleet.weigh import fitting_demands
from icplan.packing.solver.presolve import most_copies

if TYPE_CHECKING:
    from icplan.packing.fleet_problem import Counts
    from icplan.packing.solver.fleet.dual_prices import Patterns

    #: An option, and the copies in one bin of it.
    Filled = tuple[int, tuple[int, ...]]

#: What counts as whole.
WHOLE = 1e-6

#: Rounds of pricing after each fixing.
ROUNDS = 6

#: Of how many of the largest fractions one is drawn, but in the first dive.
DRAWN = 3

#: What share of the best fleet's bins stays when the rest is packed anew, from dive to dive.
KEPT = (0.0, 0.5, 0.7, 0.3, 0.6, 0.8)


@attrs.define
class Dives:
    """Dive after dive for the same copies; ``best`` is the cheapest fleet found, bin by bin."""

    patterns: Patterns
    counts: tuple[int, ...]
    best: list[Filled] | None = attrs.field(init=False, default=None)
    cost: int | None = attrs.field(init=False, default=None)
    demands: list[dict[int, tuple[int, ...]]] = attrs.field(init=False)
    turn: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        problem = self.patterns.problem
        self.demands = [fitting_demands(problem, t) for t in range(len(problem.options))]

    def dive(self) -> bool:
        """One more, other than those before; whether it found a cheaper fleet."""
        draw = random.Random(self.turn)  # noqa: S311 - no secrets here
        kept = self._kept(draw)
        self.turn += 1
        found = self._filled(kept, draw if self.turn > 1 else None)
        if found is None:
            return False
        cost = sum(self._cost(t) for t, _ in found)
        if self.cost is not None and cost >= self.cost:
            return False
        self.best, self.cost = found, cost
        return True

    def found(self) -> tuple[Counts, tuple[Pattern, ...]]:
        """How many bins of each option the best fleet has, and what lies in them."""
        bins = Counter(self.best)
        counts = [0] * len(self.demands)
        for (t, _), times in bins.items():
            counts[t] += times
        return tuple(counts), tuple(Pattern(t, times, copies) for (t, copies), times in sorted(bins.items()))

    def _cost(self, t: int) -> int:
        return self.patterns.problem.options[t].cost

    def _kept(self, draw: random.Random) -> list[Filled]:
        share = KEPT[self.turn % len(KEPT)]
        return [own for own in self.best or [] if draw.random() < share]

    def _filled(self, kept: list[Filled], draw: random.Random | None) -> list[Filled] | None:
        """All copies in bins, these among them; ``None`` if that will not be cheaper than the best."""
        left = list(self.counts)
        bins = list(kept)
        for _, copies in kept:
            left = [n - c for n, c in zip(left, copies, strict=True)]
        spent = sum(self._cost(t) for t, _ in bins)
        while any(left):
            value = self._priced(left)
            if value is None or (self.cost is not None and spent + value > self.cost - 1 + WHOLE):
                return None
            before = len(bins)
            for t, copies in self._chosen(draw):
                self._fix(bins, left, t, copies)
            if len(bins) == before:
                return None
            spent += sum(self._cost(t) for t, _ in bins[before:])
        return bins

    def _priced(self, left: list[int]) -> float | None:
        """What the copies left cost, fractions allowed, after some rounds of pricing."""
        patterns = self.patterns
        patterns.budget.charge(100 + 2 * len(left) * len(self.demands))
        patterns.ask(left)
        value = None
        for _ in range(ROUNDS):
            duals = patterns.solve()
            if duals is None or patterns.budget.exhausted:
                return None
            value = float(patterns.solver.Objective().Value()) * patterns.unit
            added, _, _ = patterns.price(duals, duals, left, (60, 6000))
            if not added:
                break
        return value if patterns.solve() is not None else None

    def _chosen(self, draw: random.Random | None) -> list[Filled]:
        """The patterns whose amounts are whole, or else one of the largest fractions."""
        amounts = np.array([x.solution_value() for x in self.patterns.amounts])
        columns = self.patterns.columns
        whole = [
            columns[j] for j in np.flatnonzero(amounts >= 1 - WHOLE) for _ in range(int(amounts[j] + WHOLE))
        ]
        if whole:
            return whole
        ranked = np.argsort(-amounts, kind="stable")[: 1 if draw is None else DRAWN]
        ranked = ranked[amounts[ranked] > WHOLE]
        if not len(ranked):
            return []
        weights = amounts[ranked].tolist()
        at = 0 if draw is None else draw.choices(range(len(ranked)), weights)[0]
        return [columns[int(ranked[at])]]

    def _fix(self, bins: list[Filled], left: list[int], t: int, copies: tuple[int, ...]) -> None:
        """One bin with those of the copies that are left, of the cheapest option, filled up."""
        held = tuple(min(c, n) for c, n in zip(copies, left, strict=True))
        if not any(held):
            return
        t = min((o for o in range(len(self.demands)) if o == t or self._holds(o, held)), key=self._cost)
        held = self._filled_up(t, held, left)
        bins.append((t, held))
        left[:] = [n - c for n, c in zip(left, held, strict=True)]

    def _free(self, t: int, held: tuple[int, ...]) -> list[int]:
        free = list(self.patterns.problem.options[t].capacity)
        for i, n in enumerate(held):
            if n:
                free = [f - n * d for f, d in zip(free, self.demands[t][i], strict=True)]
        return free

    def _holds(self, t: int, held: tuple[int, ...]) -> bool:
        return all(i in self.demands[t] for i, n in enumerate(held) if n) and min(self._free(t, held)) >= 0

    def _filled_up(self, t: int, held: tuple[int, ...], left: list[int]) -> tuple[int, ...]:
        free, full = self._free(t, held), list(held)
        for i, demand in sorted(self.demands[t].items(), key=lambda e: (-max(e[1]), e[0])):
            room = most_copies(free, demand, left[i] - full[i])
            if room:
                full[i] += room
                free = [f - room * d for f, d in zip(free, demand, strict=True)]
        return tuple(full)
