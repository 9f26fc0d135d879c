"""That no cheaper fleet of any type surely holds a plan's promises: each breaks one in a world that is shown.

A world of so many instances stays one with further ones beside it that are empty, as long as these have room
for too few of the copies that find none. Where components are created, it is shown that no order of creating
them works, by elimination from the end: one that finds no room beside all others is not the last.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import attrs

from icplan.packing.checker.fleet import MAX_WORK, fleet_holds
from icplan.packing.checker.placement import check_placement
from icplan.packing.fleet_problem import FleetItem, FleetProblem
from icplan.packing.problem import Bin, Kind, Problem
from icplan.verdict.fleet_conditions import passing_conditions, steady_conditions
from icplan.verdict.fleet_plan import ConditionKind, Level, Within
from icplan.verdict.premises import Where
from icplan.verify.evidence import failing_world_holds
from icplan.verify.fleet_premises import FleetPremises
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.packing.fleet_problem import Condition, FleetAnswer
    from icplan.packing.problem import Vector
    from icplan.verdict.fleet_plan import Plan, PlannedComponent, PlannedType
    from icplan.verdict.smaller_fleets import BrokenPromise, SmallerFleets

    #: What a component takes, and its copies: those alike stand for each other.
    Alike: TypeAlias = tuple[Vector | None, int]
    #: Components that are there together, alike ones counted.
    Together: TypeAlias = frozenset[tuple[Alike, int]]

_NOT_SHOWN = "that no smaller fleet surely holds it is not shown"
_MIXES = "what mixes of types surely hold is not shown"
_TOO_LONG = "the proof takes too long to check"
#: Sets of components past which no more are looked through.
MAX_SETS = 20_000


def one_type(problem: FleetProblem, name: str, limit: int | None = None) -> FleetProblem:
    """The question about one of its types alone, of which there may be so many, without conditions."""
    number = [one.name for one in problem.options].index(name)
    option = attrs.evolve(problem.options[number], limit=limit)
    items = tuple(FleetItem(one.name, (one.demands[number],)) for one in problem.items)
    return FleetProblem((option,), items, ())


@attrs.frozen
class _Broken:
    """A broken promise that was checked, and the most instances for which it stays one."""

    promise: BrokenPromise
    most: int | None
    own: Alike | None = None
    beside: Together | None = None

    def breaks(self, instances: int, growth: int) -> bool:
        """Whether a fleet of so many, to which so many may come, breaks it."""
        first = self.promise.instances
        if growth != self.promise.growth or instances < first:
            return False
        return self.most is None or instances <= self.most


@attrs.frozen
class SmallerCheck:
    """Holds what a plan shows of cheaper fleets against its promises."""

    plan: Plan
    taking: list[PlannedComponent]
    until: float | None = None

    def unproven(self, bound: int | None) -> str | None:
        """Raise `Rejected` for what does not hold; what is not shown of fleets that cost less is said."""
        if self.plan.max_types != 1:
            return _MIXES
        shown = {one.type: one for one in self.plan.smaller}
        for number, kind in enumerate(self.plan.types):
            if kind.name not in shown:
                return _NOT_SHOWN
            check = _OneType(self.plan, self.taking, number, shown[kind.name], self.until)
            unproven = check.unproven(bound)
            if unproven is not None:
                return unproven
        return None


@attrs.frozen
class _OneType:
    """What is shown of the fleets of one type."""

    plan: Plan
    taking: list[PlannedComponent]
    number: int
    shown: SmallerFleets
    until: float | None

    @property
    def kind(self) -> PlannedType:
        return self.plan.types[self.number]

    def unproven(self, bound: int | None) -> str | None:
        """What is not shown of the fleets that cost less than the bound; ``None``: of any."""
        limit, cost = self.kind.limit, self.kind.cost
        if self._peak_too_large():
            return None
        movable = self._movable()
        if movable is None:
            return _TOO_LONG
        if not movable.possible:
            return None
        instances = -(-movable.low // cost) if cost else 0
        while (bound is None or instances * cost < bound) and (limit is None or instances <= limit):
            after = self._broken_up_to(instances)
            if after is None:
                return _NOT_SHOWN
            instances = after + 1
        return None

    # -- all copies movable ----------------------------------------------------------------------------------

    def _movable(self) -> FleetAnswer | None:
        """The answer for this type alone; ``None`` if it takes too long to check."""
        answer = self.shown.movable
        require(answer is not None, "nothing is shown of all copies movable")
        conditions = steady_conditions(self.taking, self.plan.promises, self.plan.within, 1)
        return self._held(answer, conditions)

    def _peak_too_large(self) -> bool:
        """Whether not even the most instances that there may be hold what passes, all copies movable."""
        if self.shown.peak is None or self.plan.within is not Within.PEAK:
            return False
        promises = [one for one in self.plan.promises if one.level is Level.MOVABLE]
        answer = self._held(self.shown.peak, passing_conditions(self.taking, promises))
        return answer is not None and not answer.possible

    def _held(self, answer: FleetAnswer | None, conditions: Iterable[Condition]) -> FleetAnswer | None:
        if self.plan.problem is None or answer is None:
            return None
        name = self.kind.name
        alone = attrs.evolve(one_type(self.plan.problem, name, self.kind.limit), conditions=tuple(conditions))
        holds = fleet_holds(alone, answer, MAX_WORK, self.until)
        require(holds is not False, f"what is shown of {name} alone does not hold")
        return answer if holds else None

    # -- worlds that break a promise -------------------------------------------------------------------------

    @cached_property
    def _broken(self) -> list[_Broken]:
        return [self._checked(one) for one in self.shown.broken]

    def _broken_up_to(self, instances: int) -> int | None:
        """The most instances that break the promise that so many break; ``None``: none is shown."""
        growths = [0]
        if self.kind.limit is not None and self.plan.within is Within.PEAK:
            growths.append(self.kind.limit - instances)
        for growth in growths:
            these = [one for one in self._broken if one.breaks(instances, growth)]
            alone = [one for one in these if one.own is None]
            if alone:
                return max(instances if one.most is None else one.most for one in alone)
            if self._sure(ConditionKind.REST) and self._none_created({(o.own, o.beside) for o in these}):
                return instances
        return None

    def _sure(self, condition: ConditionKind) -> bool:
        return any(p.condition is condition and p.level is Level.SURELY for p in self.plan.promises)

    def _checked(self, one: BrokenPromise) -> _Broken:
        """Raise `Rejected` unless the world is one, of this fleet, and breaks a promise."""
        condition = ConditionKind(one.condition.partition(":")[0])
        promised = [p for p in self.plan.promises if p.name == one.condition and p.level is Level.SURELY]
        require(promised, "it is not promised")
        lasting = condition.startswith("lost-")
        steady = self.plan.within is Within.STEADY
        if lasting or steady:
            require(not one.growth, "the steady fleet is to hold it")
        else:
            most = self.kind.limit
            require(most is not None and one.instances + one.growth == most, "more may be launched")
        require(self.kind.at_most is not None, "what an instance may offer is not told")
        stands = FleetPremises(
            self.plan, self.taking, self.kind, one.instances, one.condition, one.component, one.premises
        )
        stands.require(one.instances - stands.gone, one.growth, None)
        require(sum(one.world.launched.values()) == one.growth, "the world has other launches")
        failing_world_holds(one.world, one.premises.target.copies, None, one.premises)
        if lasting:
            self._require_lost(one, stands)
        own = beside = None
        if condition is ConditionKind.REST:
            own, beside = self._alike(one.component), self._together(stands.copies(Where.RUNNING))
        return _Broken(one, self._most(one), own, beside)

    def _most(self, one: BrokenPromise) -> int | None:
        """The most instances with which the world stays without room; ``None``: however many."""
        if one.growth:
            return one.instances
        demand = one.premises.target.demands[0] or ()
        amounts = self._amounts(one)
        each = min((have // need for have, need in zip(amounts, demand, strict=True) if need), default=0)
        if not each:
            return None
        return one.instances + max(0, one.premises.target.copies - one.world.room - 1) // each

    def _amounts(self, one: BrokenPromise) -> Vector:
        """What an instance offers in the world."""
        question = one.world.arrangement
        counted = question.counted or tuple(each.capacity for each in question.bins)
        # One of the bins stands for what is not placed, and has nothing; the others are all alike.
        return next(has for has, each in zip(counted, question.bins, strict=True) if any(each.capacity))

    def _require_lost(self, one: BrokenPromise, stands: FleetPremises) -> None:
        """Raise `Rejected` unless all that does not lie in the world lay on what is gone."""
        lying: Counter[str] = Counter({one.component: one.world.room})
        groups = one.premises.groups(one.world.launched, one.world.elsewhere)
        for pattern in one.world.placement:
            if groups[pattern.bin].pool is not None:
                for existing, n in zip(one.premises.existing, pattern.copies, strict=True):
                    lying[existing.component] += n * pattern.times
        kinds = tuple(
            Kind(each.name, each.copies - lying[each.name], (stands.demand(each.name),))
            for each in self.taking
        )
        gone = Problem((Bin("lost", stands.gone, self._amounts(one)),), kinds)
        shown = one.lost is not None and check_placement(gone, one.lost)
        require(shown, "what is lost cannot have lain on what is gone")

    # -- orders of creation ----------------------------------------------------------------------------------

    def _alike(self, name: str) -> Alike:
        problem = self.plan.problem
        items = () if problem is None else problem.items
        demand = next(one.demands[self.number] for one in items if one.name == name)
        return demand, next(one.copies for one in self.taking if one.name == name)

    def _together(self, copies: Iterable[str]) -> Together:
        return frozenset(Counter(map(self._alike, copies)).items())

    def _none_created(self, shown: set[tuple[Alike | None, Together | None]]) -> bool:
        """Whether, by what is shown, the components can be created in no order."""
        every = self._together(one.name for one in self.taking if one.copies)
        stuck: set[Together] = set()
        seen: set[Together] = set()

        def is_stuck(left: Together) -> bool:
            if left in stuck:
                return True
            if left in seen or not left or len(seen) >= MAX_SETS:
                return False
            seen.add(left)
            for own, _ in left:
                before = Counter(dict(left))
                before[own] -= 1
                beside = frozenset((+before).items())
                if (own, beside) not in shown and not is_stuck(beside):
                    return False
            stuck.add(left)
            return True

        return is_stuck(every)
