"""Weights of items, and the most that one bin of each option carries: what makes a cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from icplan.packing.fleet_proof import FleetCut
from icplan.packing.solver.certificate import heaviest_bound
from icplan.packing.solver.columns.pricing import BinGroup, PricingResult, SearchLimits
from icplan.packing.solver.fleet.one_dimension import OneDimension, one_dimension

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import FleetProblem
    from icplan.packing.problem import Vector

    Ints = npt.NDArray[np.int64]

#: States of the searches for the heaviest pattern, and cells of the table that bounds them.
WIDTHS = ((60, 6000), (400, 6000), (3000, 20_000), (20_000, 100_000))


@attrs.define
class Scales:
    """One bin of each option, to be weighed with what it may carry.

    Options in which every item has the same demand are weighed together. ``weightless`` are the items that
    take nothing in an option's bins.
    """

    problem: FleetProblem
    budget: Budget
    groups: list[BinGroup | OneDimension] = attrs.field(init=False)
    weightless: list[list[int]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        alike: dict[object, list[int]] = {}
        self.weightless = []
        for t in range(len(self.problem.options)):
            own = fitting_demands(self.problem, t)
            self.weightless.append([i for i, d in own.items() if not any(d)])
            # Copies that fit in no bin of the option do no harm, and more options are alike with them.
            column = tuple(item.demands[t] for item in self.problem.items)
            if len(own) > len(self.weightless[-1]):
                alike.setdefault(column, []).append(t)
        self.groups = [self._group(members) for members in alike.values()]

    def _group(self, members: list[int]) -> BinGroup | OneDimension:
        columns = [(i, item.demands[members[0]]) for i, item in enumerate(self.problem.items)]
        demands = {i: demand for i, demand in columns if demand is not None and any(demand)}
        group = BinGroup(
            np.array(members),
            np.array([self.problem.options[t].capacity for t in members], dtype=np.int64),
            np.array(list(demands)),
            np.array(list(demands.values()), dtype=np.int64),
        )
        return one_dimension(group) or group

    def heaviest(
        self, weights: Ints, copies: Sequence[int], floors: Ints, reach: tuple[int, int, int]
    ) -> PricingResult:
        """Patterns heavier than their option's floor, and what no pattern of an option is heavier than."""
        counts = np.array(copies, dtype=np.int64)
        width, cells, keep = reach
        free = np.array(
            [sum(int(weights[i]) * copies[i] for i in own) for own in self.weightless], dtype=np.int64
        )
        bounds, patterns = np.maximum(floors, free), []
        for group in self.groups:
            own = np.maximum(0, floors[group.classes] - free[group.classes])
            found = group.heaviest(weights, counts, own, SearchLimits(width, self.budget, keep, cells))
            bounds[group.classes] = np.maximum(bounds[group.classes], found.bounds + free[group.classes])
            for t, value, pattern in found.patterns:
                pattern[self.weightless[t]] = counts[self.weightless[t]]
                patterns.append((t, value + int(free[t]), pattern))
        return PricingResult(patterns, bounds)

    def limits(self, weights: Ints, copies: Sequence[int]) -> tuple[int, ...]:
        """What one bin of each option carries at most of so many copies."""
        best = np.zeros(len(self.weightless), dtype=np.int64)
        bounds = best
        for width, cells in WIDTHS:
            found = self.heaviest(weights, copies, best, (width, cells, 1))
            bounds = found.bounds
            for t, value, _ in found.patterns:
                best[t] = max(best[t], value)
            if (bounds <= best).all():
                break
        return tuple(bounds.tolist())

    def cut(
        self, weights: Sequence[int], copies: tuple[int, ...], known: Sequence[int | None] = ()
    ) -> FleetCut:
        """The cut of these weights for at most so many copies; ``known`` are limits at hand."""
        found = self.limits(np.array(weights, dtype=np.int64), copies)
        limits = tuple(
            own if other is None else min(own, other)
            for own, other in zip(found, known or (None,) * len(found), strict=True)
        )
        return FleetCut(tuple(weights), limits, copies)

    def with_multipliers(self, cut: FleetCut) -> FleetCut:
        """The cut with what lets a checker bound its search."""
        own = [fitting_demands(self.problem, t) for t in range(len(self.problem.options))]
        multipliers: tuple[Vector, ...] = tuple(
            heaviest_bound(
                option.capacity,
                tuple(own[t].get(i) if n else None for i, n in enumerate(cut.copies)),
                cut.weights,
            )
            for t, option in enumerate(self.problem.options)
        )
        return attrs.evolve(cut, multipliers=multipliers)


def fitting_demands(problem: FleetProblem, t: int) -> dict[int, Vector]:
    """What a copy takes in a bin of the option, of each item that fits into one."""
    option = problem.options[t]
    return {
        i: demand
        for i, item in enumerate(problem.items)
        if (demand := item.demands[t]) is not None
        and all(a <= b for a, b in zip(demand, option.capacity, strict=True))
    }
