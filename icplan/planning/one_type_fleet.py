"""How large a fleet of one instance type must be, always and at its peak, for everything that it promises."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from icplan.packing.solver.fleet.cheapest import cheapest_fleet
from icplan.planning.creation_order import creation_order
from icplan.planning.fleet_question import fleet_problem
from icplan.verdict.fleet_conditions import conditions_of, passing_conditions
from icplan.verdict.fleet_plan import ConditionKind, HeldCondition, Level, Within
from icplan.verdict.smaller_fleets import SmallerFleets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from icplan.packing.budget import Budget
    from icplan.packing.fleet_problem import FleetAnswer
    from icplan.planning.robust_conditions import Asked, OneType
    from icplan.planning.settings import PlanSettings
    from icplan.verdict.fleet_plan import Promise

#: Instances by which a peak is raised where more of them turn out to be worse for some condition.
MAX_RAISED: Final = 20


@attrs.frozen
class PeakNeed:
    """What a condition takes of one component: so many instances; ``None`` where that is not known.

    ``movable`` shows it, where all copies are.
    """

    condition: ConditionKind
    component: str | None
    instances: int | None
    movable: FleetAnswer | None = attrs.field(default=None, repr=False)


@attrs.frozen
class SizedFleet:
    """A fleet of one type that holds everything.

    ``steady`` instances always run, and ``created`` once all components are there; ``peak`` run at most,
    ``None`` where that was not found. ``order`` is the one in which components are created. ``raised_by`` is
    what a smaller fleet does not surely hold, and ``exact`` tells whether no smaller one holds everything.
    """

    type: OneType
    steady: int
    created: int
    peak: int | None
    needs: tuple[PeakNeed, ...]
    order: tuple[int, ...]
    asked: tuple[Asked, ...] = attrs.field(default=(), repr=False)
    raised_by: Asked | None = attrs.field(default=None, repr=False)
    exact: bool = True

    @property
    def cost(self) -> int:
        """Of the steady fleet."""
        return self.steady * self.type.candidate.cost

    def for_less(self, conditions: Collection[ConditionKind]) -> SizedFleet:
        """The same fleet, were only these of its conditions held, with all that last among them."""
        needs = tuple(one for one in self.needs if one.condition in conditions)
        known = [one.instances for one in needs if one.instances is not None]
        peak = max([self.created, *known]) if len(known) == len(needs) else None
        return attrs.evolve(self, needs=needs, peak=peak)

    def held(self) -> Iterator[HeldCondition]:
        """What each condition takes of each component, with what shows it."""
        peak = self.created if self.peak is None else self.peak
        for asked in self.asked:
            lost = asked.condition.startswith("lost-")  # nothing is launched for what is lost
            yield asked.held(0 if lost else max(0, peak - asked.instances))
        shown = {(asked.condition, asked.component) for asked in self.asked}
        for need in self.needs:
            if need.component is not None and (str(need.condition), need.component) not in shown:
                yield HeldCondition(str(need.condition), need.component, need.instances, movable=need.movable)


@attrs.frozen
class Failing:
    """What a fleet was not found to hold surely: ``proven`` where an arrangement shows that it does not.

    Whatever is done, it takes ``lacking`` more instances at least.
    """

    asked: Asked
    lacking: int
    proven: bool


@attrs.define
class Refuted:
    """Fleets of a type that were shown not to hold everything: by what, with so many launched besides."""

    asked: list[tuple[Asked, int]] = attrs.field(factory=list)
    peak: FleetAnswer | None = None

    def note(self, asked: Asked, growth: int = 0) -> None:
        """Keep one that a world refutes."""
        if asked.refuted(growth):
            self.asked.append((asked, growth))


@attrs.frozen
class Sizing:
    """Finds how large a fleet of one type must be.

    ``too_large`` are fleets that hold everything, but take more instances at their peak than there may be;
    ``unproven`` are those passed by, by their instances, though nothing shows that they do not hold it;
    ``refuted`` has what shows it of the others.
    """

    type: OneType
    settings: PlanSettings
    budget: Budget
    too_large: list[SizedFleet] = attrs.field(factory=list, init=False, eq=False, repr=False)
    unproven: list[int] = attrs.field(factory=list, init=False, eq=False, repr=False)
    refuted: Refuted = attrs.field(factory=Refuted, init=False, eq=False, repr=False)
    _failed: list[tuple[str, str]] = attrs.field(factory=list, init=False, eq=False, repr=False)

    @cached_property
    def movable(self) -> FleetAnswer:
        """The fewest instances with which everything that lasts holds, all copies movable."""
        problem = fleet_problem([self.type.candidate], self.type.planned, self.settings)
        return cheapest_fleet(problem, self.budget)

    def sized(self) -> SizedFleet | None:
        """The smallest fleet that holds everything; ``None`` where none was found."""
        if self.movable.counts is None:
            return None
        steady, limit = self.movable.counts[0], self.type.candidate.limit
        enough = self._enough(steady)
        most = enough if limit is None else min(enough, limit)
        exact, raised = self.movable.optimal, None
        while steady <= most:
            failing = self._failing(steady)
            if failing is not None and self._gives_up(steady):
                return None
            if failing is not None:
                # The arrangement that shows it stays one, with further instances beside it.
                exact, raised = self._passed_by(steady, failing.proven) and exact, failing.asked
                steady += failing.lacking
                continue
            found = attrs.evolve(self._at_peak(steady), exact=exact, raised_by=raised)
            if found.peak is None or limit is None or found.peak <= limit:
                return found
            if self._gives_up(steady):
                return None
            self.too_large.append(found)
            exact = self._passed_by(steady, self._surely_too_large(found, limit)) and exact
            steady += 1
        if limit is None or limit > most:
            self.unproven.append(steady)
        return None

    @property
    def surely_none(self) -> bool:
        """Whether it is shown that no fleet holds everything, once one was looked for."""
        if not self.movable.possible:
            return True
        return self.movable.counts is not None and self.movable.optimal and not self.unproven

    def _passed_by(self, steady: int, proven: bool) -> bool:
        """Note a fleet that is not taken; whether it is shown that it does not hold everything."""
        if not proven:
            self.unproven.append(steady)
        return proven

    def _gives_up(self, steady: int) -> bool:
        """Whether nothing is left to look at this fleet, and larger ones, with."""
        if not self.type.budget.exhausted:
            return False
        self.unproven.append(steady)
        return True

    def _enough(self, least: int) -> int:
        """A number of instances at which each copy may have one of its own, whatever is lost."""
        planned = self.type.planned
        more = max((max(one.batch, one.again, one.batch_of_most) for one in planned), default=0)
        needed = sum(one.most for one in planned) + more
        enough = needed + (1 if self.sure(ConditionKind.LOST_INSTANCE) else 0)
        zone = self.sure(ConditionKind.LOST_ZONE)
        if zone is not None and zone.zones is not None and zone.zones > 1:
            # Of n instances over z zones, n - ceil(n / z) stay.
            enough = max(enough, -(-needed * zone.zones // (zone.zones - 1)))
        return max(least, enough) + 1

    def sure(self, condition: ConditionKind) -> Promise | None:
        """What is surely to be held of a condition, if it is."""
        promise = self.settings.promise(condition)
        return promise if promise is not None and promise.level is Level.SURELY else None

    def _failing(self, steady: int) -> Failing | None:
        """What so many instances do not surely hold, though no further one may be launched for it."""
        for one in self._always(steady):
            if not one.holds(0):
                self._failed[:] = [(one.condition, one.component)]
                self.refuted.note(one)
                return Failing(one, one.lacking, one.refuted(0))
        if self.settings.within is Within.STEADY and self.sure(ConditionKind.REST):
            order = creation_order(self.type, steady)
            for one in self._creation(steady, order.numbers):
                if not one.holds(0):
                    self._note_creation(steady, 0)
                    return Failing(one, order.lacking, order.proven)
        return None

    def _note_creation(self, steady: int, growth: int) -> None:
        """Keep the worlds that leave no order in which components can be created."""
        for one in self.type.created_asked(steady):
            if growth in one.answers:
                self.refuted.note(one, growth)

    def _always(self, steady: int) -> list[Asked]:
        """What must hold on the instances that always run, the likeliest to fail first."""
        asked = list(self._losses(steady))
        if self.settings.within is Within.STEADY:
            asked += self._passing(steady)
        # What failed on a smaller fleet is the likeliest to fail again.
        asked.sort(key=lambda one: (one.condition, one.component) not in self._failed)
        return asked

    def _losses(self, steady: int) -> Iterator[Asked]:
        for kind in (ConditionKind.LOST_INSTANCE, ConditionKind.LOST_ZONE):
            if promise := self.sure(kind):
                gone = 1 if promise.zones is None else -(-steady // promise.zones)
                for number in range(len(self.type.planned)):
                    asked = self.type.lost(promise.name, max(0, steady - gone), gone, number)
                    if asked is not None:
                        yield asked

    def _creation(self, instances: int, order: Sequence[int]) -> Iterator[Asked]:
        for place, number in enumerate(order):
            if self.type.planned[number].copies:
                yield self.type.created(instances, number, order[:place])

    def _passing(self, instances: int) -> Iterator[Asked]:
        """What passes, and may take further instances, those first that will take most."""
        planned = self.type.planned
        largest = sorted(range(len(planned)), key=lambda n: -self.type.bulk(n) * planned[n].batch)
        if self.sure(ConditionKind.UPDATE):
            yield from (self.type.update(instances, n) for n in largest if planned[n].batch)
        largest.sort(key=lambda n: -self.type.bulk(n) * planned[n].again)
        if self.sure(ConditionKind.ROLLBACK):
            yield from (self.type.rollback(instances, n) for n in largest if planned[n].again)
        for kind in (ConditionKind.AUTOSCALING, ConditionKind.AUTOSCALING_UPDATE):
            if self.sure(kind):
                updated = kind is ConditionKind.AUTOSCALING_UPDATE
                asked = (self.type.scaled(instances, n, update=updated) for n in range(len(planned)))
                yield from (one for one in asked if one is not None)

    # -- the peak --------------------------------------------------------------------------------------------

    def _at_peak(self, steady: int) -> SizedFleet:
        """The fleet with so many instances, and the most that run at times."""
        asked: list[Asked] = []
        order = tuple(range(len(self.type.planned)))
        created: int | None = steady
        needs: list[PeakNeed] = []
        if self.sure(ConditionKind.REST):
            order, created = self._created(steady, asked)
            needs.append(PeakNeed(ConditionKind.REST, None, created))
        peak = created
        if self.settings.within is Within.PEAK and created is not None:
            passing = list(self._passing(created))
            peak = _peak(passing, created, needs)
            needs += self._movable_needs()
            asked += passing
        else:
            asked += self._passing(steady) if self.settings.within is Within.STEADY else ()
        asked += self._losses(steady)
        unknown = peak is None or any(one.instances is None for one in needs)
        most = None if unknown else max([peak or 0, *(one.instances or 0 for one in needs)])
        return SizedFleet(self.type, steady, created or steady, most, tuple(needs), order, tuple(asked))

    def _created(self, steady: int, shown: list[Asked]) -> tuple[tuple[int, ...], int | None]:
        """An order of creation, within the limit if one is found, and the instances once all are there."""
        order = creation_order(self.type, steady)
        created = self._launched_at_creation(steady, order.numbers, asked := [])
        limit = self.type.candidate.limit
        if limit is not None and limit > steady and (created is None or created > limit):
            other = creation_order(self.type, steady, limit - steady)
            also: list[Asked] = []
            fewer = self._launched_at_creation(steady, other.numbers, also) if other.found else None
            if fewer is not None and (created is None or fewer < created):
                order, created, asked = other, fewer, also
        shown += asked
        return order.numbers, created

    def _surely_too_large(self, found: SizedFleet, limit: int) -> bool:
        """Whether it is shown that from so many steady instances on, more run at times than there may be.

        All that lies on the steady instances alone may lie so, whatever the order in which it was created.
        """
        extra = limit - found.steady
        if self.settings.within is Within.PEAK:
            movable = (one for one in found.needs if self.sure(one.condition) is None)
            if any(one.instances is not None and one.instances > limit for one in movable):
                self.refuted.peak = self._movable_peak()
                return True
            broken = next((one for one in self._passing(found.steady) if one.refuted(extra)), None)
            if broken is not None:
                self.refuted.note(broken, extra)
                return True
        if not self.sure(ConditionKind.REST):
            return False
        order = creation_order(self.type, found.steady, extra)
        self._note_creation(found.steady, extra)
        return not order.found and order.proven

    def _movable_peak(self) -> FleetAnswer:
        """Whether as many instances as there may be hold what passes, all copies movable."""
        promises = [one for one in self.settings.promises if one.level is Level.MOVABLE]
        problem = fleet_problem([self.type.candidate], self.type.planned, self.settings)
        passing = tuple(passing_conditions(self.type.planned, promises))
        return cheapest_fleet(attrs.evolve(problem, conditions=passing), self.budget)

    def smaller(self, bound: int | None) -> SmallerFleets:
        """What shows that no fleet of the type that costs less than the bound holds everything."""
        cost = self.type.candidate.cost
        found = (one.broken(growth) for one, growth in self.refuted.asked)
        broken = (one for one in found if one is not None and (bound is None or one.instances * cost < bound))
        movable = self.movable
        if movable.possible:
            movable = attrs.evolve(movable, high=None, counts=None, placements=None)
        return SmallerFleets(self.type.candidate.name, movable, self.refuted.peak, tuple(broken))

    @property
    def open_from(self) -> int | None:
        """What the cheapest fleet costs of which it is not known that it does not hold everything.

        ``None`` where there is none, but the one that was found.
        """
        if not self.movable.optimal:
            return self.movable.low if self.movable.possible else None
        return min(self.unproven) * self.type.candidate.cost if self.unproven else None

    def _launched_at_creation(self, steady: int, order: Sequence[int], shown: list[Asked]) -> int | None:
        """The instances once all components are created, one after another: what is launched stays."""
        there = steady
        for place, number in enumerate(order):
            if not self.type.planned[number].copies:
                continue
            asked = self.type.created(there, number, order[:place])
            shown.append(asked)
            extra = asked.least()
            if extra is None:
                return None
            there += extra
        return there

    def _movable_needs(self) -> Iterator[PeakNeed]:
        """The instances for what passes, were all copies laid out anew for it."""
        candidate = attrs.evolve(self.type.candidate, limit=None)
        for promise in self.settings.promises:
            if promise.condition.lasts or promise.level is Level.SURELY:
                continue
            for condition in conditions_of(promise, self.type.planned, 1):
                problem = fleet_problem([candidate], self.type.planned, self.settings)
                problem = attrs.evolve(problem, conditions=(condition,))
                answer = cheapest_fleet(problem, self.budget)
                found = answer.counts[0] if answer.counts and answer.optimal else None
                name = condition.name.partition(" of ")[2] or None
                yield PeakNeed(promise.condition, name, found, answer if answer.counts else None)


def _peak(passing: Sequence[Asked], there: int, needs: list[PeakNeed]) -> int | None:
    """The most instances that any of these takes; what each of them needs is added where it raises it."""
    peak = there
    for one in passing:
        if one.holds(peak - there):
            continue
        extra = one.least(peak - there)
        peak = peak if extra is None else there + extra
        needs.append(_need(one, None if extra is None else peak))
        if extra is None:
            return None
    for _ in range(MAX_RAISED):
        # Where others may lie on launched instances, too, more of these need not be better.
        worse = [one for one in passing if one.roams and not one.holds(peak - there)]
        if not worse:
            return peak
        peak += 1
        needs.append(_need(worse[0], peak))
    return None


def _need(asked: Asked, instances: int | None) -> PeakNeed:
    return PeakNeed(ConditionKind(asked.condition.partition(":")[0]), asked.component, instances)
