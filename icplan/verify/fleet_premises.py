"""Whether what evidence of a planned fleet stands on is that fleet, with the copies of a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.verdict.fleet_plan import ConditionKind
from icplan.verdict.premises import Where
from icplan.verify.result import require

if TYPE_CHECKING:
    from icplan.packing.problem import Vector
    from icplan.verdict.fleet_plan import Plan, PlannedComponent, PlannedType
    from icplan.verdict.premises import Premises

_OTHER = "the copies are not those of the condition"


@attrs.frozen
class FleetPremises:
    """The premises of one condition for one component, on so many steady instances of a type.

    ``growth`` more may be launched (``None``: it is not said how many).
    """

    plan: Plan
    taking: list[PlannedComponent]
    kind: PlannedType
    steady: int
    condition: str
    component: str
    premises: Premises

    @property
    def gone(self) -> int:
        """The instances that are lost."""
        if not self.condition.startswith("lost-"):
            return 0
        promised = [one for one in self.plan.promises if one.name == self.condition]
        require(promised, "it is not promised")
        zones = promised[0].zones
        return min(self.steady, 1 if zones is None else -(-self.steady // zones))

    def demand(self, name: str) -> Vector | None:
        """What a copy of a component takes, by the plan's question."""
        problem, number = self.plan.problem, self.plan.types.index(self.kind)
        items = {} if problem is None else {one.name: one.demands[number] for one in problem.items}
        return items.get(name)

    def require(self, there: int, growth: int | None, before: dict[str, int] | None) -> None:
        """Raise `Rejected` unless the premises are of this fleet, these copies and what may be launched.

        ``before`` are the copies created before, where the condition is a creation (``None``: any).
        """
        premises = self.premises
        require(len(premises.pools) == 1, "of another fleet")
        (pool,) = premises.pools
        alone = pool.holds is None and not pool.reserved and not premises.measured and not premises.arriving
        require(pool.type == self.kind.name and alone, "of another fleet")
        low, high = zip(*pool.capacity, strict=True)
        require(low == self.kind.capacity, "instances offer something else")
        require(self.kind.at_most in (None, high), "instances may offer something else")
        require(pool.count == there, "another number of instances runs")
        if growth is not None:
            require(pool.launchable == (growth, growth) == premises.together, "others may be launched")
        told = {one.name: one for one in self.taking}
        require(self.component in told, "of a component that is not planned")
        require(premises.cpu_unit == self.plan.cpu_unit, "CPU is counted otherwise")
        require(premises.target.demands == (self.demand(self.component),), "a copy takes something else")
        for one in premises.existing:
            require(one.demands == (self.demand(one.component),), "a copy takes something else")
        self._require_copies(told[self.component], before)

    def _require_copies(self, own: PlannedComponent, before: dict[str, int] | None) -> None:
        kind = ConditionKind(self.condition.partition(":")[0])
        running = self.copies(Where.RUNNING)
        anywhere = self.copies(Where.ANYWHERE)
        perhaps = self.copies(Where.PERHAPS)
        others = {one.name: one.copies for one in self.taking if one.copies and one is not own}
        beside = {name: n for name, n in running.items() if name != own.name}
        target, most = self.premises.target.copies, own.most - own.copies
        leaving = {one.component: one.leave for one in self.premises.existing if one.leave}
        require(not leaving or kind is ConditionKind.ROLLBACK, _OTHER)
        scaled = {one.name: one.most - one.copies for one in self.taking if one.scales and one is not own}
        match kind:
            case ConditionKind.REST:
                require(target == own.copies and not anywhere and not perhaps, _OTHER)
                some = before is None and beside.items() <= others.items()
                require((some or beside == before) and beside == running, _OTHER)
            case ConditionKind.UPDATE:
                require(beside == others and running.get(own.name) == own.copies, _OTHER)
                require(target == own.batch and not anywhere and not perhaps, _OTHER)
            case ConditionKind.ROLLBACK:
                require(beside == others and anywhere == {own.name: own.copies}, _OTHER)
                # The old copies of the last batch have just left, and new ones lie where there was room.
                require(own.batch > 0, _OTHER)
                last = own.copies - (-(-own.copies // own.batch) - 1) * own.batch
                require(leaving == {own.name: last} and running.get(own.name) == last, _OTHER)
                require(target == own.again and not perhaps, _OTHER)
            case ConditionKind.AUTOSCALING | ConditionKind.AUTOSCALING_UPDATE:
                batch = own.batch_of_most if kind is ConditionKind.AUTOSCALING_UPDATE else 0
                there = {**others, **({own.name: own.copies} if own.copies else {})}
                require(target == most + batch and running == there and perhaps == scaled, _OTHER)
                require(not anywhere, _OTHER)
            case _:
                gone = self._most_lost()
                require(target == gone[own.name] == own.copies - running.get(own.name, 0), _OTHER)
                left = {name: n - gone[name] for name, n in others.items() if n > gone[name]}
                coming = {name: gone[name] for name in others if gone[name]}
                require(beside == left and perhaps == coming and not anywhere, _OTHER)

    def _most_lost(self) -> dict[str, int]:
        """The most copies of each component that lie on what is lost."""
        (pool,) = self.premises.pools
        found: dict[str, int] = {}
        for one in self.taking:
            demand = self.demand(one.name) or ()
            each = (top // d for (_, top), d in zip(pool.capacity, demand, strict=False) if d)
            found[one.name] = min(one.copies, self.gone * min(each, default=0))
        return found

    def copies(self, where: Where) -> dict[str, int]:
        """The copies of each component that may lie there."""
        found: dict[str, int] = {}
        for one in self.premises.existing:
            if one.where is where:
                found[one.component] = found.get(one.component, 0) + one.copies
        return found
