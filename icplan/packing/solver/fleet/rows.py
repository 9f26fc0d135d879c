"""What a cut asks of the numbers of bins under each condition: a sum over the options, each of it bounded.

A fleet with ``n`` bins of option ``t`` carries at most ``carried(t, n)`` there; over all options that must
come to ``need``. Where something is lost that is no straight line; between two numbers of bins it lies below
the line of its ``slopes``, lifted by ``lift``.
"""

from __future__ import annotations

from math import gcd, lcm
from operator import mul
from typing import TYPE_CHECKING

import attrs

from icplan.packing.fleet_problem import InstanceLost, OptionLost, ZoneLost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.packing.fleet_problem import Condition, FleetProblem
    from icplan.packing.fleet_proof import FleetCut


@attrs.frozen(eq=False)
class Row:
    """A cut asked of one condition; ``covered`` if the whole fleet must hold its copies anyway.

    ``slopes`` and ``lift`` are over ``scale``; ``bent`` are the options whose carrying is no straight line.
    """

    cut: int
    number: int
    condition: Condition
    limits: tuple[int, ...]
    need: int
    covered: bool
    scale: int
    slopes: tuple[int, ...]
    bent: tuple[int, ...]

    def carried(self, t: int, n: int) -> int:
        """What ``n`` bins of option ``t`` carry at most."""
        lost = self.condition.lost
        if isinstance(lost, InstanceLost) and lost.option == t and not n:
            return 0 if self.covered else self.need
        return self.limits[t] * self.condition.left_of(t, n)

    def met(self, counts: Sequence[int]) -> bool:
        """Whether so many bins carry what is needed."""
        return sum(self.carried(t, n) for t, n in enumerate(counts)) >= self.need

    def shortage(self, counts: Sequence[int]) -> int:
        """How much more they would have to carry."""
        return self.need - sum(self.carried(t, n) for t, n in enumerate(counts))

    def lift(self, low: Sequence[int], high: Sequence[int]) -> int:
        """How much more than the slopes say is carried at most, between so many bins."""
        if isinstance(self.condition.lost, InstanceLost):
            lost = self.condition.lost.option
            if low[lost]:
                return -self.limits[lost]
            return 0 if self.covered else self.need
        total = 0
        for t in self.bent:
            slope, scale = self.slopes[t], self.scale
            total += max(
                scale * self.carried(t, n) - slope * n for n in telling(low[t], high[t], self.period)
            )
        return total

    @property
    def period(self) -> int:
        """After so many bins its bends repeat."""
        lost = self.condition.lost
        return lost.zones if isinstance(lost, ZoneLost) else 1


def telling(low: int, high: int, period: int) -> Iterator[int]:
    """Numbers of bins between which nothing is more, or less, than at these."""
    if high - low <= 2 * period:
        yield from range(low, high + 1)
    else:
        yield from range(low, low + period + 1)
        yield from range(high - period, high + 1)


def row(problem: FleetProblem, cut: FleetCut, number: int, at: int, *, covered: bool) -> Row:
    """The cut, which is number ``at``, asked of a condition."""
    condition, limits = problem.conditions[number], cut.limits
    need = sum(map(mul, cut.weights, condition.counts))
    # Whole bins carry multiples of what all limits have in common.
    step = gcd(*limits) or 1
    need = -(-need // step) * step
    slopes, bent, scale = list(limits), tuple[int, ...](), 1
    match condition.lost:
        case InstanceLost(option):
            bent = (option,)
        case OptionLost(option):
            slopes[option] = 0
        case ZoneLost(zones):
            scale = zones
            slopes = [(zones - 1) * limit for limit in limits]
            bent = tuple(t for t, limit in enumerate(limits) if limit)
    return Row(at, number, condition, limits, need, covered, scale, tuple(slopes), bent)


def covered_conditions(conditions: Sequence[Condition]) -> list[bool]:
    """Per condition, whether another one already asks the whole fleet to hold its copies."""
    whole = [c.counts for c in conditions if not isinstance(c.lost, InstanceLost)]
    return [
        any(all(a <= b for a, b in zip(c.counts, counts, strict=True)) for counts in whole)
        for c in conditions
    ]


def least_cost(
    problem: FleetProblem,
    box: tuple[Sequence[int], Sequence[int]],
    scale: int,
    total: int,
    used: Sequence[tuple[Row, int]],
) -> int | None:
    """What a fleet between these numbers costs at least, by the sum of some rows; ``None``: there is none.

    ``scale`` is how often costs count (0: not at all), ``total`` how often the limit of all bins does.
    """
    sum_ = -total * (problem.max_total or 0) + sum(times * own.need for own, times in used)
    period = lcm(*(own.period for own, _ in used))
    bends = {t for own, _ in used for t in own.bent}
    for t, option in enumerate(problem.options):
        price = scale * option.cost + total
        if t in bends:
            sum_ += min(
                price * n - sum(times * own.carried(t, n) for own, times in used)
                for n in telling(box[0][t], box[1][t], period)
            )
        else:
            price -= sum(times * own.slopes[t] // own.scale for own, times in used)
            sum_ += price * (box[0][t] if price >= 0 else box[1][t])
    if not scale:
        return None if sum_ > 0 else 0
    step = gcd(*(option.cost for option in problem.options)) or 1
    bound = -(-sum_ // scale)
    return max(0, -(-bound // step) * step)
