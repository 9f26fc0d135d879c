"""What follows for the figures beside a plan's fleet: its trade-off, and the fleets that were passed over.

That a row of the trade-off takes no more than it must, and what another fleet would cost at best, is nowhere
shown: these are held against what the plan itself shows, and `TOLD_ALONE` names what is left.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.packing.fleet_problem import NothingLost
from icplan.verdict.fleet_conditions import (
    WITHOUT_SCALE_OUT,
    conditions_of,
    steady_conditions,
    tradeoff_name,
)
from icplan.verdict.fleet_plan import Within
from icplan.verify.fleet_components import demands_asked
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from icplan.packing.fleet_problem import Condition
    from icplan.verdict.fleet_plan import (
        PassedOver,
        Plan,
        PlannedComponent,
        PlannedType,
        Promise,
        TradeoffRow,
    )

TOLD_ALONE: Final = ("Tradeoff", "PassedOver", "LeftOut", "UpdateSeconds", "Notes", "Consolidation")
"""Members of which only what follows from the others is checked, if anything is."""


def told_alone(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of them that a plan, given as plain data, has."""
    return tuple(name for name in TOLD_ALONE if plan.get(name) not in (None, []))


@attrs.frozen
class Comparison:
    """The figures of one plan that compare its fleet with others."""

    plan: Plan

    def check(self) -> None:
        """Raise `Rejected` where a figure contradicts the plan."""
        if self.plan.tradeoff:
            self._require_tradeoff()
        for number, one in enumerate(self.plan.passed_over):
            self._require_passed_over(one, self.plan.passed_over[:number])

    @cached_property
    def _types(self) -> dict[str, PlannedType]:
        return {one.name: one for one in self.plan.types}

    @cached_property
    def _taking(self) -> list[PlannedComponent]:
        return [one for one in self.plan.components if one.base is None]

    def _require_room(self, kind: PlannedType, instances: int, conditions: Iterable[Condition]) -> None:
        """Raise `Rejected` where so many instances hold too few of one component, or too little."""
        number = self.plan.types.index(kind)
        demands = [demands_asked(self.plan, one)[number] for one in self._taking]
        alike = all(one is None or len(one) == len(kind.capacity) for one in demands)
        require(alike, f"what {kind.name} offers is of other dimensions")
        for condition in conditions:
            if not isinstance(condition.lost, NothingLost):
                continue
            short = f"{instances} x {kind.name} cannot hold {condition.name}"
            pairs = zip(condition.counts, demands, strict=True)
            there = [(n, one) for n, one in pairs if n and one is not None]
            for copies, demand in there:
                each = [have // need for have, need in zip(kind.capacity, demand, strict=True) if need]
                require(copies <= instances * min(each, default=copies), short)
            for dimension, offered in enumerate(kind.capacity):
                require(sum(n * one[dimension] for n, one in there) <= instances * offered, short)

    # -- the trade-off ---------------------------------------------------------------------------------------

    def _require_tradeoff(self) -> None:
        plan = self.plan
        (steady, *others) = plan.steady or (None,)
        require(steady is not None and not others, "a trade-off of no fleet, or of several types")
        assert steady is not None  # noqa: S101  (just required)
        require(steady.type in self._types, "a type was not compared")
        kind, rows, promises = self._types[steady.type], plan.tradeoff, plan.promises
        names = [tradeoff_name(one, first=not number) for number, one in enumerate(promises)]
        told = [one.holds for one in rows]
        require(told in (names, [*names, WITHOUT_SCALE_OUT]), "the trade-off is of other promises")
        for number, row in enumerate(rows):
            self._require_row(row, kind, promises[: number + 1])
        last = rows[len(promises) - 1]
        require(last.steady == steady.instances, "the trade-off ends with another fleet")
        peak = max((one.instances for one in plan.peak), default=None) if plan.peak else last.peak
        require(last.peak == peak, "the trade-off ends with another peak")

    def _require_row(self, row: TradeoffRow, kind: PlannedType, promises: Sequence[Promise]) -> None:
        what = f"the trade-off, {row.holds.strip()}"
        cost = None if row.steady is None else row.steady * kind.cost
        require(row.cost == cost, f"{what}: the cost is another")
        if row.steady is None:
            require(row.peak is None, f"{what}: a peak of no fleet")
            return
        still = row.holds == WITHOUT_SCALE_OUT
        within = Within.STEADY if still else self.plan.within
        self._require_room(kind, row.steady, steady_conditions(self._taking, promises, within, 1))
        if still:
            require(row.cost is not None and row.cost >= self.plan.bound, f"{what}: it is below the bound")
        if row.peak is not None:
            require(row.peak >= row.steady, f"{what}: the peak is below the steady fleet")
            require(not still or row.peak == row.steady, f"{what}: the peak is another")
            require(kind.limit is None or row.peak <= kind.limit, f"{what}: the peak is above the limit")
            passing = (each for one in promises for each in conditions_of(one, self._taking, 1))
            self._require_room(kind, row.peak, passing)

    # -- what was passed over --------------------------------------------------------------------------------

    def _require_passed_over(self, one: PassedOver, before: Sequence[PassedOver]) -> None:
        plan, what = self.plan, " and ".join(f"{each.instances} x {each.type}" for each in one.fleet)
        if one.cost is None:
            require(not any(each.instances for each in one.fleet), f"{what}, passed over, has no cost")
            return
        require(one.low <= one.cost, f"{what}, passed over: the bound is above the cost")
        cost = {name: kind.cost for name, kind in self._types.items()}
        known = sum(each.instances * cost.get(each.type, 0) for each in one.fleet)
        priced = all(each.type in cost for each in one.fleet)
        require(
            one.cost == known if priced else one.cost > known, f"{what}, passed over, costs something else"
        )
        types = [each.type for each in one.fleet]
        own = [each.type for each in plan.steady or ()]
        if len(types) > 1 or types == own or any(types == [e.type for e in o.fleet] for o in before):
            # What several types could do at best is told only where it is cheaper.
            require(plan.cost is not None and one.cost < plan.cost, f"{what}, passed over, is not cheaper")
            return
        require(one.cost >= plan.bound, f"{what}, passed over, is below the bound")
        require(len(one.fleet) == 1, "a fleet of nothing was passed over")
        (fleet,) = one.fleet
        require(fleet.type in self._types, f"{what}, passed over, was not compared")
        conditions = steady_conditions(self._taking, plan.promises, plan.within, 1)
        self._require_room(self._types[fleet.type], fleet.instances, conditions)
