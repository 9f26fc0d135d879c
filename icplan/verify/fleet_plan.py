"""`verify` of a plan: that its fleet holds what it promises, and that none is cheaper. It loads no solver.

The question that decides the steady fleet is built again from the components and promises of the file, and
compared; what its parts say of each other must agree. What a plan cannot show is said to be without evidence.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, InputProblem
from icplan.packing.checker.fleet import MAX_WORK, fleet_holds
from icplan.verdict.codec import NotAVerdict
from icplan.verdict.fleet_conditions import passing_conditions, steady_conditions
from icplan.verdict.fleet_plan import ConditionKind, Level, PlanOutcome, Within
from icplan.verdict.fleet_plan_codec import VERSION, plan_from_dict
from icplan.verdict.premises import Where
from icplan.verify.course_moves import TooLong
from icplan.verify.evidence import Effort, check_needed, check_proof
from icplan.verify.fleet_comparison import Comparison
from icplan.verify.fleet_components import demands_asked, require_as_asked
from icplan.verify.fleet_premises import FleetPremises
from icplan.verify.result import Checked, Rejected, Result, checked, require
from icplan.verify.smaller_fleets import SmallerCheck, one_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn

    from icplan.packing.fleet_problem import FleetAnswer, FleetProblem
    from icplan.verdict.fleet_plan import HeldCondition, Plan, PlannedComponent, Promise
    from icplan.verdict.phase import Phase
    from icplan.verdict.premises import Premises

PLAN = "IcplanPlan"


def verify_plan(data: Any, file: str | None = None, time_limit: float | None = None) -> tuple[Checked, ...]:
    """Check a plan, given as plain data. InputError when it is none of this version."""
    if not isinstance(data, dict) or data.get(PLAN) != VERSION:
        message = f"not a plan of version {VERSION}"
        raise InputError(InputProblem(message, file=file, hint="Make one with: icplan plan --format json"))
    try:
        plan = plan_from_dict(data)
    except NotAVerdict as error:
        raise InputError(InputProblem("not a complete plan", file=file, path=error.path)) from None
    until = None if time_limit is None else time.monotonic() + time_limit
    return tuple(_PlanCheck(plan, Effort(_no_courses, until), until).results())


def _no_courses() -> NoReturn:
    raise TooLong


@attrs.frozen
class _PlanCheck:
    plan: Plan
    effort: Effort
    until: float | None

    def results(self) -> Iterator[Checked]:
        """Of components, figures, the fleet, what it holds at its peak, what is promised and not shown."""
        yield self._checked("-", "the components", functools.partial(require_as_asked, self.plan))
        yield self._checked("-", "the figures", self._figures)
        yield self._checked("-", "the steady fleet", self._steady, str(self.plan.outcome))
        yield self._checked("-", "what it is compared with", Comparison(self.plan).check)
        for held in self.plan.held:
            if held.phases or held.movable is not None:
                check = functools.partial(self._held if held.phases else self._movable, held)
                yield self._checked(held.component or "-", held.condition, check)
        if self.plan.steady is not None:
            yield from self._missing()

    @staticmethod
    def _checked(component: str, what: str, check: Callable[[], str | None], outcome: str = "") -> Checked:
        return checked(component, what, outcome, check)

    @property
    def taking(self) -> list[PlannedComponent]:
        """The components that take room, in the order of the question's items."""
        there = {one.name: one for one in self.plan.components if one.base is None}
        items = [] if self.plan.problem is None else self.plan.problem.items
        require({one.name for one in items} == there.keys(), "the question is about other components")
        return [there[one.name] for one in items]

    # -- figures ---------------------------------------------------------------------------------------------

    def _figures(self) -> None:
        """Raise `Rejected` unless costs, counts and the outcome go together."""
        plan = self.plan
        require((plan.steady is None) is (plan.cost is None), "a fleet without a cost, or a cost without one")
        none = plan.outcome in (PlanOutcome.UNDECIDED, PlanOutcome.IMPOSSIBLE)
        require(none is (plan.steady is None), f"{plan.outcome} does not go with the fleet")
        require((plan.outcome is PlanOutcome.IMPOSSIBLE) is (plan.impossible is not None), "why is not told")
        for one in plan.components:
            require(one.copies <= one.most, f"{one.name} has more copies than it may have")
            require(max(one.batch, one.again) <= one.copies, f"{one.name} is updated in too large batches")
            require(one.batch_of_most <= one.most, f"{one.name} is updated in too large batches")
            require(bool(one.batch) is bool(one.copies and one.base is None), f"{one.name} has no batch")
        cost = {one.name: one.cost for one in plan.types}
        for fleet, told in ((plan.steady, plan.cost), (plan.peak, plan.peak_cost)):
            if fleet is None:
                continue
            require(all(one.type in cost for one in fleet), "a type was not compared")
            require(sum(cost[one.type] * one.instances for one in fleet) == told, "the cost is another")
        if plan.cost is not None:
            require(plan.bound <= plan.cost, "the bound is above the cost")
            self._require_outcome(plan.cost)
        self._require_peak()

    def _require_outcome(self, cost: int) -> None:
        plan, over = self.plan, cost - self.plan.bound
        match plan.outcome:
            case PlanOutcome.OPTIMAL:
                require(not over, "the bound does not meet the cost")
            case PlanOutcome.WITHIN_GAP:
                near = plan.gap is not None and over * 100 <= plan.gap * plan.bound
                require(near, "it is further from the bound than the gap")

    def _require_peak(self) -> None:
        plan = self.plan
        if plan.steady is None or plan.peak is None:
            require(plan.peak is None or plan.steady is not None, "a peak of no fleet")
            return
        limits = {one.name: one.limit for one in plan.types}
        steady = {one.type: one.instances for one in plan.steady}
        for one in plan.peak:
            limit = limits[one.type]
            require(one.instances >= steady.get(one.type, 0), "the peak is below the steady fleet")
            require(limit is None or one.instances <= limit, "the peak is above the limit")
            still = plan.within is Within.PEAK or one.instances == steady.get(one.type)
            require(still, "the steady fleet alone is to hold everything")
        require(steady.keys() <= {one.type for one in plan.peak}, "the peak is of other types")

    # -- the steady fleet ------------------------------------------------------------------------------------

    def _steady(self) -> str | None:
        plan = self.plan
        if plan.problem is None or plan.answer is None:
            require(plan.outcome is not PlanOutcome.OPTIMAL, "nothing shows that it is the cheapest")
            return "no question and no answer are given"
        self._require_question(plan.problem)
        holds = fleet_holds(plan.problem, plan.answer, MAX_WORK, self.until)
        if holds is None:
            return "the proof takes too long to check"
        require(holds, "the answer does not hold")
        return self._follows(plan.problem, plan.answer)

    def _require_question(self, problem: FleetProblem) -> None:
        """Raise `Rejected` unless the question is that of the components, types and promises."""
        plan = self.plan
        told = [(one.name, one.cost, one.capacity, one.limit) for one in plan.types]
        asked = [(one.name, one.cost, one.capacity, one.limit) for one in problem.options]
        require(told == asked, "the question is about other types")
        require(problem.max_types == plan.max_types and problem.max_total is None, "other types may be mixed")
        for item, component in zip(problem.items, self.taking, strict=True):
            own = demands_asked(plan, component)
            require(item.demands == own, f"a copy of {item.name} takes something else than it requests")
        expected = steady_conditions(self.taking, plan.promises, plan.within, len(problem.options))
        require(problem.conditions == tuple(expected), "the question is about other conditions")

    def _follows(self, problem: FleetProblem, answer: FleetAnswer) -> str | None:
        """Whether the outcome follows from the answer; what it leaves open."""
        plan = self.plan
        if not answer.possible:
            require(plan.outcome is PlanOutcome.IMPOSSIBLE, "the answer is another")
            return None
        smaller = SmallerCheck(plan, self.taking, self.until)
        if plan.steady is None:
            return smaller.unproven(None) if plan.outcome is PlanOutcome.IMPOSSIBLE else None
        steady = {one.type: one.instances for one in plan.steady}
        counts = tuple(steady.get(option.name, 0) for option in problem.options)
        require(problem.allows(counts), "the fleet is not allowed")
        if counts != answer.counts:
            # Of a type that both have, the plan may have more: what lasts must surely find room.
            pairs = zip(counts, answer.counts or (), strict=answer.counts is not None)
            larger = answer.counts is not None and all(not own or own >= least for own, least in pairs)
            require(larger or plan.cost != answer.high, "the answer is another fleet")
        require(plan.bound >= answer.low, "the bound is below that of the answer")
        return smaller.unproven(plan.bound) if plan.bound > answer.low else None

    def _movable(self, held: HeldCondition) -> str | None:
        """Check what passes with all copies movable: that it lies on so many instances, and on no fewer."""
        plan, answer = self.plan, held.movable
        if plan.problem is None or not plan.steady or answer is None or answer.counts is None:
            raise Rejected("no fleet is shown")
        name = f"{held.condition} of {held.component}"
        asked = [one for one in passing_conditions(self.taking, plan.promises) if one.name == name]
        require(asked, "it is not promised")
        alone = attrs.evolve(one_type(plan.problem, plan.steady[0].type), conditions=tuple(asked))
        holds = fleet_holds(alone, answer, MAX_WORK, self.until)
        if holds is None:
            return "the proof takes too long to check"
        require(holds, "what is shown does not hold")
        require(answer.optimal and answer.counts[0] == held.instances, "it takes another number")
        require(not plan.peak or plan.peak[0].instances >= answer.counts[0], "it takes more than the peak")
        return None

    # -- what it holds ---------------------------------------------------------------------------------------

    def _held(self, held: HeldCondition) -> str | None:
        """Check one condition of one component: that the evidence shows it, of this fleet."""
        plan, unproven = self.plan, None
        require(plan.steady is not None and len(plan.steady) == 1, "what surely holds is shown of one type")
        require(held.component is not None and held.instances is not None, "of whom is not told")
        peak = max((one.instances for one in plan.peak or ()), default=0)
        require(plan.peak is None or (held.instances or 0) <= peak, "it takes more than the peak")
        for phase in held.phases:
            require(phase.outcome.fits, "it does not fit")
            require(
                phase.instances_needed == held.instances or len(held.phases) > 1, "it takes another number"
            )
            check_needed(phase)
            unproven = check_proof(held.component or "", phase, self.effort) or unproven
            if phase.premises is not None:
                self._require_premises(held, phase, phase.premises)
        return unproven

    def _require_premises(self, held: HeldCondition, phase: Phase, premises: Premises) -> None:
        """Raise `Rejected` unless the evidence is of this fleet, these copies and what may be launched."""
        plan = self.plan
        assert plan.steady is not None  # noqa: S101  (the caller has looked)
        (steady,) = plan.steady
        names = [one.name for one in plan.types]
        require(steady.type in names, "of another fleet")
        kind, name = plan.types[names.index(steady.type)], held.component or ""
        stands = FleetPremises(plan, self.taking, kind, steady.instances, held.condition, name, premises)
        lost = held.condition.startswith("lost-")
        there = steady.instances - stands.gone if lost else self._instances_before(held, steady.instances)
        growth = None
        if plan.peak is not None:
            growth = 0 if lost else max(0, plan.peak[0].instances - there)
            # Where copies may lie on launched instances, all of these count: with fewer, some worlds never
            # come to this moment, and nothing would be shown of them.
            roams = any(one.where in (Where.ANYWHERE, Where.PERHAPS) for one in premises.existing)
            require(not roams or held.instances == there + growth, "fewer instances are launched")
        require(not lost or held.instances == there, "what is lost is placed again on launched instances")
        require(phase.instances_now == there, "another number of instances runs")
        before = self._created_before(name) if held.condition == ConditionKind.REST else None
        stands.require(there, growth, before)

    def _instances_before(self, held: HeldCondition, steady: int) -> int:
        """The instances that run when a condition comes up: what creation has launched stays."""
        there = steady
        for one in self.plan.held:
            if one is held:
                break
            if one.condition == ConditionKind.REST and one.phases:
                there = one.instances or there
        return there

    def _created_before(self, own: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.plan.components:
            if one.name == own:
                break
            if one.base is None and one.copies:
                found[one.name] = one.copies
        return found

    def _missing(self) -> Iterator[Checked]:
        """What is promised and not shown."""
        shown = {(one.condition, one.component) for one in self.plan.held if one.phases}
        for promise in self.plan.promises:
            lacking = self._lacking(promise, shown)
            if lacking:
                yield Checked(", ".join(lacking), promise.name, "", Result.UNPROVEN, "nothing shows it")

    def _lacking(self, promise: Promise, shown: set[tuple[str, str | None]]) -> list[str]:
        if promise.level is Level.MOVABLE:
            if promise.condition.lasts or self.plan.within is Within.STEADY:
                return []
            shown = {(one.condition, one.component) for one in self.plan.held if one.movable is not None}
        # Whether the question is about these is not for here to say.
        taking = [one for one in self.plan.components if one.base is None]
        concerned = {
            ConditionKind.UPDATE: [one.name for one in taking if one.batch],
            ConditionKind.ROLLBACK: [one.name for one in taking if one.again],
            ConditionKind.AUTOSCALING: [one.name for one in taking if one.scales],
            ConditionKind.AUTOSCALING_UPDATE: [one.name for one in taking if one.batch_of_most],
        }.get(promise.condition, [one.name for one in taking if one.copies])
        return [name for name in concerned if (promise.name, name) not in shown]
