"""What a fleet of one type holds however its copies lie: asked of the same judgement as a change of one.

A condition is a step at which copies are placed beside others that lie anywhere. What it takes is the least
number of instances launched besides with which they surely find room.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.every_step import RolloutResult
from icplan.feasibility.evidence import failing_world, phases, step_premises
from icplan.feasibility.question import StepQuestion, copies_in
from icplan.feasibility.step import StepResult, example_layout
from icplan.feasibility.worst_case import (
    AlwaysFits,
    Counterexample,
    Undecided,
    estimate_extra_instances,
    fits_in_every_world,
)
from icplan.fleet.fleet import UNLIMITED, Component, Fleet, Limit
from icplan.packing.problem import Bin, Kind, Problem, Status
from icplan.packing.solver.solve import pack
from icplan.rollout.steps import (
    CapacityChange,
    CopyCounts,
    ExistingCopies,
    Scope,
    Step,
    forward_steps,
    rollback_steps,
)
from icplan.verdict.fleet_plan import HeldCondition
from icplan.verdict.outcome import Outcome
from icplan.verdict.smaller_fleets import BrokenPromise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.assumptions import Recorder
    from icplan.feasibility.worst_case import Answer
    from icplan.packing.budget import Budget
    from icplan.packing.problem import Pattern, Vector
    from icplan.planning.candidates import Candidate
    from icplan.planning.components import WantedComponent
    from icplan.verdict.fleet_plan import PlannedComponent

#: Instances above an estimate up to which the least number that suffices is looked for.
MAX_ABOVE_ESTIMATE: Final = 50


@attrs.frozen
class LostCopies:
    """Instances that are gone, and all copies of each component that there were, with what one takes."""

    instances: int
    copies: tuple[tuple[str, int, Vector | None], ...]

    def packed(
        self, world: Counterexample, component: str, question: StepQuestion
    ) -> tuple[Pattern, ...] | None:
        """How all copies that do not lie in a world, nor have room in it, lie on what is gone."""
        lying = _lying(world, question)
        lying[component] += world.room
        ((pool,), (side,)) = question.fleet.pools, world.box.sides
        size = question.fleet.capacity(pool, *side.low)
        kinds = tuple(Kind(name, n - lying[name], (demand,)) for name, n, demand in self.copies)
        if any(one.count < 0 for one in kinds):
            return None
        found = pack(Problem((Bin("lost", self.instances, size),), kinds), question.budget)
        return found.placement if found.status is Status.FITS else None


def _lying(world: Counterexample, question: StepQuestion) -> Counter[str]:
    """The copies of each component that lie on instances in a world."""
    found: Counter[str] = Counter()
    for pattern in world.patterns:
        if world.model.groups[pattern.bin].pool is not None:
            for entry, n in zip(question.step.existing, pattern.copies, strict=True):
                found[entry.component.name] += n * pattern.times
    return found


@attrs.define(eq=False)
class Asked:
    """Whether copies of a component find room on a fleet, with so many further instances.

    Answers are kept: each is a whole search. ``lost`` are the instances on which they lay before.
    """

    condition: str
    component: str
    question: StepQuestion
    change: CapacityChange
    lost: LostCopies | None = None
    answers: dict[int, Answer] = attrs.field(factory=dict, repr=False)

    @property
    def instances(self) -> int:
        """The instances that are there before any is launched."""
        return self.question.fleet.instances

    @property
    def roams(self) -> bool:
        """Whether copies beside it may lie on launched instances: more of these may then be worse."""
        return self.question.step.unpinned > 0

    def answer(self, extra: int) -> Answer:
        """Whether they surely find room with so many more instances, and what shows it."""
        if extra not in self.answers:
            self.answers[extra] = fits_in_every_world(self.question, extra)
        return self.answers[extra]

    def holds(self, extra: int) -> bool:
        """Whether they surely find room with so many more instances; false when that is not known."""
        return isinstance(self.answer(extra), AlwaysFits)

    def refuted(self, extra: int) -> bool:
        """Whether it is shown that with so many more instances they do not surely find room.

        Where something was lost, that is so if what does not lie in the world that shows it can have lain on
        what is gone.
        """
        answer = self.answer(extra)
        if isinstance(answer, Counterexample):
            return self.lost is None or self.lay_on_lost is not None
        return isinstance(answer, Undecided) and answer.nowhere and self.lost is None

    @cached_property
    def lay_on_lost(self) -> tuple[Pattern, ...] | None:
        """How what does not lie in the world without room lay on what was lost; ``None`` if it cannot."""
        answer = self.answer(0)
        if self.lost is None or not isinstance(answer, Counterexample):
            return None
        return self.lost.packed(answer, self.component, self.question)

    def broken(self, extra: int) -> BrokenPromise | None:
        """What shows that with so many more instances they do not surely find room, if that is a world."""
        answer = self.answer(extra)
        if not isinstance(answer, Counterexample) or not self.refuted(extra):
            return None
        gone = 0 if self.lost is None else self.lost.instances
        fleet = attrs.evolve(self.question.fleet, limits=(_limit(self.instances, extra),))
        return BrokenPromise(
            self.condition,
            self.component,
            self.instances + gone,
            extra,
            step_premises(fleet, self.question.step, self.question.box),
            failing_world(fleet, self.question.step, answer),
            self.lay_on_lost,
        )

    def least(self, start: int = 0) -> int | None:
        """The least number of further instances, from ``start`` on, with which they do; ``None``: not found.

        Where copies roam, a number is no answer unless as many may be launched before: in worlds that need
        more to come to this moment, nothing would be asked.
        """
        if self.holds(start):
            return start
        likely = max(start + 1, estimate_extra_instances(self.question) or 1)
        if not self.holds(likely):
            return next((n for n in range(likely + 1, likely + MAX_ABOVE_ESTIMATE) if self.holds(n)), None)
        while likely > start + 1 and self.holds(likely - 1):
            likely -= 1
        return likely

    @property
    def lacking(self) -> int:
        """Instances that it takes at least besides those there, as far as one arrangement shows."""
        found = self.answer(0)
        if not isinstance(found, Counterexample):
            return 1
        demand = next((one for one in found.arrangement.target if one is not None), None)
        if demand is None:
            return 1
        counted = found.arrangement.counted or tuple(one.capacity for one in found.arrangement.bins)
        slots = copies_in(counted[0], demand)
        return max(1, -(-(self.question.wanted - found.room) // slots)) if slots else 1

    def held(self, growth: int) -> HeldCondition:
        """The condition as a plan tells it, whose fleet may grow by so many instances."""
        fitting = [n for n, answer in self.answers.items() if n <= growth and isinstance(answer, AlwaysFits)]
        fitting = [n for n in fitting if n == growth or not self.roams]
        if not fitting:
            return HeldCondition(self.condition, self.component, None)
        extra = min(fitting)
        outcome = Outcome.FITS_AFTER_SCALE_OUT if extra else Outcome.FITS
        shown = example_layout(self.question, extra)
        step = StepResult(self.question.step, outcome, extra, self.answers[extra], shown)
        fleet = attrs.evolve(self.question.fleet, limits=(_limit(self.instances, growth),))
        back = step.step.kind == "rollback"
        judged = RolloutResult(self.change, () if back else (step,), (step,) if back else None)
        told = tuple(one for one in phases(fleet, judged, self.question.box) if one.kind != "steady")
        return HeldCondition(self.condition, self.component, self.instances + extra, told)


def _limit(instances: int, growth: int) -> Limit:
    return Limit("ICP501", growth, f"MaxInstanceCount is {instances + growth}")


@attrs.frozen
class OneType:
    """A fleet of one instance type, of any size, for components that take room."""

    candidate: Candidate
    reference: Fleet
    wanted: tuple[WantedComponent, ...]
    planned: tuple[PlannedComponent, ...]
    assumptions: Recorder
    budget: Budget
    _known: dict[object, Asked] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def fleet(self, instances: int, copies: Sequence[int]) -> Fleet:
        """The fleet with so many instances and copies; nothing limits its growth."""
        components = (
            Component(one.name, "InService", one.need, n)
            for one, n in zip(self.wanted, copies, strict=True)
            if one.need is not None
        )
        return attrs.evolve(
            self.reference,
            pools=(attrs.evolve(self.candidate.pool, instances=instances),),
            components=tuple(components),
            limits=(_limit(instances, UNLIMITED),),
            scaling={"Status": "ENABLED", "MinInstanceCount": instances},
        )

    @property
    def at_rest(self) -> tuple[int, ...]:
        """The copies of each component at rest."""
        return tuple(one.copies for one in self.planned)

    def bulk(self, component: int) -> Fraction:
        """The share of an instance that a copy takes, of what it takes most of."""
        demand = self.candidate.demands[component] or ()
        shares = (Fraction(d, c) for d, c in zip(demand, self.candidate.capacity, strict=True) if c)
        return max(shares, default=Fraction(0))

    def _once(self, key: object, make: Callable[[], Asked]) -> Asked:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    # -- an update, and going back ---------------------------------------------------------------------------

    def update(self, instances: int, component: int) -> Asked:
        """A component updated to one that reserves the same: its first batch finds as little room as any."""
        return self._once(("update", instances, component), lambda: self._update(instances, component))

    def _update(self, instances: int, component: int) -> Asked:
        fleet, change = self._changed(instances, component)
        step = forward_steps(change, fleet, self.assumptions)[0]
        return self._asked("update", fleet, change, step)

    def rollback(self, instances: int, component: int) -> Asked:
        """The old copies put back when all are gone: the most at a time, beside as many as ever."""
        return self._once(("rollback", instances, component), lambda: self._rollback(instances, component))

    def _rollback(self, instances: int, component: int) -> Asked:
        fleet, change = self._changed(instances, component)
        ahead = forward_steps(change, fleet, self.assumptions)
        back = rollback_steps(change, fleet, self.assumptions, ahead) or ()
        return self._asked("rollback", fleet, change, back[0])

    def _changed(self, instances: int, component: int) -> tuple[Fleet, CapacityChange]:
        fleet, wanted = self.fleet(instances, self.at_rest), self.wanted[component]
        before = fleet.component(wanted.name)
        assert before is not None  # noqa: S101  (every component is on the fleet)
        change = CapacityChange(
            wanted.name, before, before.need, before.placed, True, wanted.batch, wanted.rollback_batch
        )
        return fleet, change

    def _asked(self, condition: str, fleet: Fleet, change: CapacityChange, step: Step) -> Asked:
        question = StepQuestion.of(fleet, step, AllocatableBox.of(fleet), self.budget)
        return Asked(condition, change.component, question, change)

    def created_asked(self, instances: int) -> list[Asked]:
        """What was asked of creation on so many instances."""
        kept = list(self._known.items())
        return [one for key, one in kept if isinstance(key, tuple) and key[:2] == ("rest", instances)]

    # -- copies placed beside others -------------------------------------------------------------------------

    def created(self, instances: int, component: int, before: Sequence[int]) -> Asked:
        """All copies of a component placed beside those of the components created before it."""
        key = ("rest", instances, component, frozenset(before))
        return self._once(key, lambda: self._created(instances, component, before))

    def _created(self, instances: int, component: int, before: Sequence[int]) -> Asked:
        there = [one.copies if n in before else 0 for n, one in enumerate(self.planned)]
        return self._placed("rest", instances, component, self.planned[component].copies, there, None)

    def scaled(self, instances: int, component: int, *, update: bool = False) -> Asked | None:
        """A component given its most copies, while the others may have theirs or not.

        Whatever the order, a copy that finds no room is one of some component, with any of the others'
        further copies there or not. With ``update``, a batch of the component is placed besides.
        """
        one = self.planned[component]
        copies = one.most - one.copies + (one.batch_of_most if update else 0)
        if not copies:
            return None
        condition = "autoscaling+update" if update else "autoscaling"
        more = [each.most - each.copies for each in self.planned]
        more[component] = 0
        return self._once(
            (condition, instances, component),
            lambda: self._placed(condition, instances, component, copies, self.at_rest, more),
        )

    def lost(self, condition: str, left: int, gone: int, component: int) -> Asked | None:
        """What lay on so many instances placed again on those left, beside what lies there.

        Of a component no more is lost than those instances hold; of the others any part of that may be placed
        again before.
        """
        every = [min(one.copies, gone * slots) for one, slots in zip(self.planned, self._slots, strict=True)]
        copies = every[component]
        if not copies:
            return None
        rest = [one.copies - n for one, n in zip(self.planned, every, strict=True)]
        every[component] = 0
        return self._once(
            (condition, left, gone, component),
            lambda: self._lost(self._placed(condition, left, component, copies, rest, every), gone),
        )

    def _lost(self, asked: Asked, gone: int) -> Asked:
        told = zip(self.planned, self.candidate.demands, strict=True)
        asked.lost = LostCopies(gone, tuple((one.name, one.copies, demand) for one, demand in told))
        return asked

    @property
    def _slots(self) -> list[int]:
        """The most copies of each component that lie on one instance."""
        (side,) = AllocatableBox.of(self.fleet(0, self.at_rest)).sides
        offered = self.reference.capacity(self.candidate.pool, *side.high)
        return [0 if demand is None else copies_in(offered, demand) for demand in self.candidate.demands]

    def _placed(
        self,
        condition: str,
        instances: int,
        component: int,
        copies: int,
        rest: Sequence[int],
        coming: Sequence[int] | None,
    ) -> Asked:
        """Copies placed on a fleet where ``rest`` copies run, and ``coming`` ones may be there already."""
        fleet = self.fleet(instances, rest)
        if coming is not None:
            moving = (
                attrs.evolve(one, status="Updating", in_flight=n, coming=n) if n else one
                for one, n in zip(fleet.components, coming, strict=True)
            )
            fleet = attrs.evolve(fleet, components=tuple(moving))
        there = fleet.components
        existing = [ExistingCopies(one, one.placed) for one in there if one.placed]
        existing += [ExistingCopies(one, one.in_flight, Scope.MAYBE_PLACED) for one in there if one.in_flight]
        need, own = there[component].need, rest[component]
        noun = "copy" if copies == 1 else "copies"
        counts = CopyCounts((own, own), (0, copies))
        step = Step(f"place {copies} {noun}", "place", need, copies, tuple(existing), counts)
        return self._asked(condition, fleet, CapacityChange(there[component].name, None, need, copies), step)
