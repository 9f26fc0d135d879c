"""One change judged: its rules, the fleet it meets, its steps, and what is to be said of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

import attrs

from icplan.assumptions import ASSUMPTIONS, Assumption, Assumptions, as_share
from icplan.catalog.catalog import from_ec2
from icplan.effects.fleet_history import FleetHistory
from icplan.effects.forecast import forecast
from icplan.effects.instance_bounds import ChangeEffect
from icplan.errors import InputError
from icplan.explain.advice import advice
from icplan.explain.findings import explain
from icplan.explain.shortage import Case, unknown_mix_findings
from icplan.explain.uncertainty import not_judged_finding, uncertain_fleet_finding
from icplan.feasibility.as_known import as_known
from icplan.feasibility.every_course.sharpen import (
    NO_COURSE,
    all_courses,
    needs_every_course,
    others_act,
    sharpened,
)
from icplan.feasibility.every_step import check_rollout, most_further_instances, most_launched, quick_outcome
from icplan.feasibility.evidence import verdict_figures
from icplan.feasibility.sensitivity import allocatable_assumptions
from icplan.feasibility.tighten import allocatable_box, catalog_box
from icplan.feasibility.unknown_mix import check_unknown_mix
from icplan.feasibility.weaken import unknown_demand
from icplan.fleet.fleet import Unsure
from icplan.judge.guesses import OtherOutcome, without_guesses
from icplan.judge.resolve import capacity_change, described_component, fleet_for, scheduling_of
from icplan.remedies.kinds import best_values, remedies, tried
from icplan.remedies.search import RemedyCandidate, RemedySearch
from icplan.requests.call import Call
from icplan.requests.merge import EffectiveSpec, merge
from icplan.requests.parse import parse
from icplan.rollout.duration import duration, rollback_in_time
from icplan.rollout.steps import forward_steps
from icplan.rules.check import BY_CONFIGURATION, check_against, check_request
from icplan.rules.update import merge_findings
from icplan.snapshot.apply import apply, resized_document
from icplan.snapshot.at_rest import at_rest
from icplan.snapshot.caveats import snapshot_caveats
from icplan.snapshot.contradictions import asks_elsewhere, does_not_apply
from icplan.snapshot.instance_facts import overridden_facts
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import AssumptionUse, ChangeVerdict, Finding, Outcome, Remedy, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_course.carry_out import AllCourses
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.uncertain_fleet import FleetUncertainty
    from icplan.fleet.fleet import Fleet
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.requests.operations import ComponentRequest
    from icplan.rollout.steps import CapacityChange
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Duration


#: The rule that a component has failed.
FAILED = "ICP202"
#: The rule that a component is created with no copy.
CREATED_WITH_NONE = "ICP133"


@attrs.frozen
class ChangeResult:
    """A change's verdict and what it leaves: the component (unless it is invalid), and the instances.

    ``went`` tells how it goes, ``doubt`` what was not certain; without the former the instances stay.
    ``courses`` are all that the change may take, where every one was tried.
    """

    verdict: ChangeVerdict
    spec: EffectiveSpec | None = None
    effect: ChangeEffect | None = None
    uncertainty: FleetUncertainty | None = None
    courses: AllCourses | None = None


@attrs.define
class ChangeSetState:
    """Changes judged under one set of assumptions. A brief run gives outcomes and explains nothing."""

    settings: Settings
    assumptions: Assumptions
    budget: Budget
    brief: bool = False
    allocatable_used: dict[tuple[str, str], AssumptionUse] = attrs.field(factory=dict)
    absent_because: dict[str, str] = attrs.field(factory=dict)
    fleet_uncertain: bool = False
    unknown_demand_of: str | None = None
    between: FleetHistory = attrs.field(factory=FleetHistory)
    failed_before: int | None = None
    from_assumption: int = 0
    rollbacks: bool = False
    goes_on: bool = False
    ignored: set[str] = attrs.field(factory=set)
    types: Mapping[str, InstanceType] = attrs.field(factory=dict)

    def changes(self, changes: Sequence[Call], snapshot: Snapshot) -> Iterator[ChangeVerdict]:
        """The verdict of each change, on what the ones before it leave; a failing one changes nothing."""
        for number, asked in enumerate(changes, start=1):
            self.goes_on = number < len(changes)
            done = self._change(asked, snapshot)
            yield done.verdict
            name, fails = done.verdict.inference_component_name, done.verdict.outcome.fails
            self._note_missing(asked.operation, name, number, fails=fails)
            self.failed_before = number if fails else None
            if done.spec is not None and not fails and number < len(changes):
                self.fleet_uncertain = self.fleet_uncertain or done.verdict.outcome is not Outcome.FITS
                self.unknown_demand_of = name if done.spec.ambiguous else self.unknown_demand_of
                effect = done.effect
                resized = self.between.record(effect, done.uncertainty, self.budget) if effect else None
                if effect:
                    self.between.worlds = done.courses.after if done.courses else None
                data = apply(snapshot.data, asked.operation, asked.request, done.spec, resized)
                snapshot = attrs.evolve(snapshot, data=data)

    def undecided(self, asked: Call) -> ChangeVerdict:
        """The verdict of a change that there was no time to look at."""
        name = str(asked.request.get("InferenceComponentName", "(no name)"))
        return self._verdict(asked, name, Outcome.UNDECIDED, (not_judged_finding(),))

    def _note_missing(self, operation: str, name: str, number: int, *, fails: bool) -> None:
        """Note why a component is not there for the changes that come next."""
        if operation == "CreateInferenceComponent":
            self.absent_because.pop(name, None)
            if fails:
                self.absent_because[name] = "the change of this set that creates the component fails"
        elif operation == "DeleteInferenceComponent" and not fails:
            self.absent_because[name] = f"change {number} of this set deletes {name}"

    def _change(self, asked: Call, snapshot: Snapshot) -> ChangeResult:
        """The verdict, as far as it does not rest on a guess."""
        before, self.assumptions.used = self.assumptions.used, set()
        done = self._by_the_defaults(asked, snapshot)
        if any(not self.assumptions.given(name) for name in self.assumptions.used - NO_COURSE):
            # With another value the change takes another course, which was not tried.
            done = attrs.evolve(done, courses=None)
        turns = self._turns(asked, snapshot, done.verdict.outcome)
        self.assumptions.used |= before
        if not turns:
            return done
        verdict = without_guesses(done.verdict, turns)
        effect = attrs.evolve(done.effect, outcome=verdict.outcome) if done.effect else None
        return attrs.evolve(done, verdict=self._without_ignored(verdict), effect=effect)

    def _turns(self, asked: Call, snapshot: Snapshot, outcome: Outcome) -> list[OtherOutcome]:
        """The assumptions that the change relied on, of which another value gives no such outcome.

        Only what may carry a promise, or a refusal, is left as it is; and what somebody has set. Each is
        turned alone, and together with others only where none turns it alone.
        """
        if not outcome.fails and not outcome.fits:
            return []
        relied = [
            (number, one)
            for number, one in enumerate(ASSUMPTIONS)
            if number >= self.from_assumption
            and one.name in self.assumptions.used
            and not self.assumptions.given(one.name)
            and not (one.refuses if outcome.fails else one.promises)
        ]
        for last in (True, False):
            found = [self._turn(number, one, asked, snapshot, outcome, last=last) for number, one in relied]
            if turns := [turn for turn in found if turn is not None]:
                return turns
        return []

    def _turn(
        self,
        number: int,
        assumption: Assumption,
        asked: Call,
        snapshot: Snapshot,
        outcome: Outcome,
        *,
        last: bool,
    ) -> OtherOutcome | None:
        """The other values of an assumption that turn the outcome; ``last``: with no further one turned."""
        value, *others = assumption.choices
        after = len(ASSUMPTIONS) if last else number + 1
        outcomes = {other: self._with(assumption.name, other, asked, snapshot, after) for other in others}
        turns = {
            other: to
            for other, to in outcomes.items()
            if to is not None and (to.fails, to.fits) != (outcome.fails, outcome.fits)
        }
        return OtherOutcome(assumption.name, value, turns) if turns else None

    def _with(self, name: str, value: str, asked: Call, snapshot: Snapshot, after: int) -> Outcome | None:
        """The outcome with another value, ``None`` if none; assumptions from ``after`` on may turn it."""
        assumptions = Assumptions({**self.assumptions.overrides, name: value})
        other = ChangeSetState(self.settings, assumptions, self.budget, brief=True)
        other.between, other.absent_because, other.failed_before = (
            self.between.copy(),
            dict(self.absent_because),
            self.failed_before,
        )
        other.fleet_uncertain, other.unknown_demand_of, other.from_assumption = (
            self.fleet_uncertain,
            self.unknown_demand_of,
            after,
        )
        try:
            return other._change(asked, snapshot).verdict.outcome
        except InputError:
            return None

    def _without_ignored(self, verdict: ChangeVerdict) -> ChangeVerdict:
        """The verdict without the findings that are to be ignored."""
        self.ignored |= {finding.rule for finding in verdict.findings} & self.settings.ignore.keys()
        kept = tuple(finding for finding in verdict.findings if finding.rule not in self.ignored)
        order = list(Severity)
        return attrs.evolve(
            verdict, findings=tuple(sorted(kept, key=lambda finding: order.index(finding.severity)))
        )

    def _by_the_defaults(self, asked: Call, snapshot: Snapshot) -> ChangeResult:
        name = str(asked.request.get("InferenceComponentName", "(no name)"))
        request, _ = parse(asked.operation, asked.request, asked.path)
        findings = check_request(asked.operation, asked.request, asked.path)
        if request is None or _worst(findings) is Severity.ERROR:
            findings += self._besides(asked, snapshot, findings)
            return ChangeResult(self._verdict(asked, name, Outcome.INVALID, findings))
        if asked.operation == "CreateEndpointConfig":
            raise InputError(asked.problem("icplan does not judge CreateEndpointConfig", asked.path))
        there = {one["InferenceComponentName"] for one in snapshot.data.get("InferenceComponents") or []}
        if name in self.absent_because.keys() - there and asked.operation != "CreateInferenceComponent":
            at = f"{asked.path}.InferenceComponentName"
            absent_because = Finding("ICP170", Severity.ERROR, self.absent_because[name], path=at)
            return ChangeResult(self._verdict(asked, name, Outcome.INVALID, (absent_because,)))
        if self.budget.exhausted:
            return ChangeResult(
                self._verdict(asked, name, Outcome.UNDECIDED, (*findings, not_judged_finding()))
            )
        return self._against_snapshot(asked, cast("ComponentRequest", request), snapshot, findings)

    def _besides(self, asked: Call, snapshot: Snapshot, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """What else is wrong with a request that is invalid, as if that were not; none of it an error."""
        request, _ = parse(asked.operation, asked.request, asked.path)
        unread = request is None or asked.operation == "CreateEndpointConfig"
        if self.brief or self.budget.exhausted or unread:
            return ()
        if any(finding.rule == CREATED_WITH_NONE for finding in findings):
            # It is created with one copy at least.
            asked = attrs.evolve(asked, request={**asked.request, "RuntimeConfig": {"CopyCount": 1}})
            request, _ = parse(asked.operation, asked.request, asked.path)
        trial = ChangeSetState(self.settings, Assumptions(self.assumptions.overrides), self.budget)
        try:
            described = described_component(asked, snapshot)
            spec = merge(described, cast("ComponentRequest", request), trial.assumptions, asked.path)
            if described is None and not spec.requirements:
                return ()
            done = trial._against_snapshot(asked, cast("ComponentRequest", request), snapshot, ())
        except InputError:
            return ()
        places = () if done.verdict.outcome.fits else ("ICP3", "ICP5")
        said = {(finding.rule, finding.path) for finding in findings}
        return tuple(
            attrs.evolve(one, severity=Severity.WARNING) if one.severity is Severity.ERROR else one
            for one in done.verdict.findings
            if one.rule.startswith(("ICP1", "ICP2", *places)) and (one.rule, one.path) not in said
        )

    def _against_snapshot(
        self, asked: Call, request: ComponentRequest, snapshot: Snapshot, findings: tuple[Finding, ...]
    ) -> ChangeResult:
        """A change that is valid by itself, held against what it meets."""
        if self.failed_before is not None:
            message = f"change {self.failed_before} fails; this one is judged as if it had not been asked for"
            findings += (Finding("ICP407", Severity.NOTE, message),)
        described = described_component(asked, snapshot)
        spec = merge(described, request, self.assumptions, asked.path)
        self.types = from_ec2(snapshot.data.get("InstanceTypes") or [])
        catalog = self.settings.catalog.with_types(self.types)
        findings += tuple(merge_findings(asked.operation, asked.request, asked.path, spec))
        findings += check_against(asked.operation, asked.request, spec, snapshot.data, catalog, asked.path)
        findings = self._of_the_failed(_by_what_runs(findings, described, request, snapshot.data))
        stopped = _stopped(findings)
        if stopped is None and spec.base is not None:
            message = f"{spec.name} is loaded into the copies of {spec.base}, and reserves nothing of its own"
            findings += (Finding("ICP605", Severity.NOTE, message),)
        if stopped is Outcome.INVALID or spec.base is not None:
            return ChangeResult(self._verdict(asked, spec.name, stopped or Outcome.FITS, findings), spec)
        if self.unknown_demand_of:
            message = (
                f"what a copy of {self.unknown_demand_of} reserves by then is not known; nothing is promised"
            )
            findings += (Finding("ICP317", Severity.WARNING, message),)
        allocatable_used = dict(self.allocatable_used)
        done = self._capacity(asked, snapshot, described, spec, findings)
        if spec.ambiguous or self.unknown_demand_of:
            self.allocatable_used = allocatable_used
            places = self.brief and bool(spec.copies or spec.deployment)
            done = attrs.evolve(done, verdict=unknown_demand(done.verdict, places_copies=places))
        if stopped is not None:
            # What would make room does not help while the state refuses any change.
            waiting = None if self.brief else self._waiting(asked, snapshot)
            left = () if waiting is None else (waiting.remedy,)
            stopping = attrs.evolve(done.verdict, outcome=stopped, remedies=left, tried=())
            done = attrs.evolve(done, verdict=stopping)
        return done

    def _of_the_failed(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings; that a component has failed stops its change only if such a write is refused."""
        if all(finding.rule != FAILED for finding in findings):
            return findings
        if self.assumptions.use("failed-component-takes-update") == "no":
            return findings
        return tuple(
            attrs.evolve(one, severity=Severity.WARNING) if one.rule == FAILED else one for one in findings
        )

    def _capacity(
        self,
        asked: Call,
        snapshot: Snapshot,
        described: Mapping[str, Any] | None,
        spec: EffectiveSpec,
        findings: tuple[Finding, ...],
    ) -> ChangeResult:
        """The verdict on whether everything can be placed."""
        fleet = self._fleet(asked, snapshot, described)
        move = capacity_change(fleet, spec, scheduling_of(asked.request, described), self.assumptions)
        fleet = fleet.counting(move.need)
        findings += (*snapshot_caveats(snapshot.data, fleet, spec.name), *overridden_facts(fleet))
        if not fleet.mix_known:
            time = self._time(asked, move, spec, described)
            courses = self._courses(fleet, move, catalog_box(fleet) if fleet.scale_in else None)
            return self._unknown_mix(asked, snapshot, fleet, move, spec, time, findings, courses=courses)
        steps = forward_steps(move, fleet, self.assumptions)
        courses = self._courses(fleet, move, None)
        try:
            box = allocatable_box(fleet, self.budget, snapshot.file)
        except InputError as error:
            over = Finding("ICP310", Severity.WARNING, self._contradiction(error))
            if not steps or Unsure.TYPES in fleet.unsure:
                outcome = Outcome.MAY_NOT_FIT if steps else Outcome.FITS
                verdict = self._verdict(asked, spec.name, outcome, (*findings, over))
                return ChangeResult(
                    verdict, spec, ChangeEffect(fleet, catalog_box(fleet), move, steps, outcome)
                )
            # Nothing rests on where copies are that cannot be there.
            unknown = attrs.evolve(fleet, contents=None, mix_known=False)
            time = self._time(asked, move, spec, described)
            return self._unknown_mix(
                asked, snapshot, unknown, move, spec, time, (*findings, over), empty=True, courses=courses
            )
        run = forecast(self.between.forecast_fleet(fleet), move, steps, box, self.budget)
        end = run.ending
        effect = ChangeEffect(fleet, box, move, steps, likely=end.pools if end else None)
        question = move, box, self.assumptions, self.budget
        uncertainty = self.between.uncertainty(
            fleet,
            lambda counts: fleet_for(
                asked,
                attrs.evolve(snapshot, data=functools.reduce(resized_document, counts, snapshot.data)),
                described,
                self.settings.catalog,
                self.assumptions,
            ).counting(move.need),
            question,
        )
        if self.brief:
            verdict, effect, courses = self._briefly(
                asked, spec, effect, uncertainty, findings, run.steps, courses
            )
            return ChangeResult(verdict, spec, effect, uncertainty, courses)
        judged, courses = self._rolled_out(fleet, move, box, run.steps, courses)
        known = as_known(judged.outcome, fleet, *question) is judged.outcome
        for key, use in allocatable_assumptions(fleet, judged, box, self.budget):
            if known and (use.relied_on or key not in self.allocatable_used):
                self.allocatable_used[key] = use
        shop = self._remedy_search(asked, fleet, judged, box, snapshot)
        found = remedies(shop)
        proposed, vain = tuple(one.remedy for one in found), () if found else tried(shop)
        case = self._case(asked, fleet, judged, box, found, shop.catalog)
        findings += (*explain(case), *advice(fleet, judged, box, run, self.budget))
        extra = most_further_instances(judged.steps)
        effect = attrs.evolve(effect, outcome=judged.outcome, extra=lambda: extra)
        if uncertainty is not None:
            sure, judged = judged.outcome, judged if courses else uncertainty.weakened(judged)
            if judged.outcome is not sure:
                proposed, vain = (), ()
            findings = uncertain_fleet_finding(findings, uncertainty, sure, judged.outcome)
        time = self._time(asked, move, spec, described)
        findings += tuple(rollback_in_time(time, self.assumptions, asked.path) if time else ())
        verdict = self._verdict(asked, spec.name, judged.outcome, findings)
        verdict = attrs.evolve(
            verdict,
            remedies=proposed,
            tried=vain,
            final_instances=effect.final if judged.outcome.fits else None,
            duration=time,
            **verdict_figures(fleet, judged, box),
        )
        if not known:
            verdict = unknown_demand(verdict, places_copies=True)
            effect = attrs.evolve(effect, outcome=verdict.outcome)
        return ChangeResult(verdict, spec, effect, uncertainty, courses)

    def _rolled_out(
        self,
        fleet: Fleet,
        move: CapacityChange,
        box: AllocatableBox,
        known: int,
        courses: AllCourses | None,
    ) -> tuple[RolloutResult, AllCourses | None]:
        """Every step and the way back, exact where every course is tried; those that were."""
        judged = check_rollout(fleet, move, box, self.assumptions, self.budget, known)
        if courses is None and (self.goes_on or needs_every_course(fleet, judged)):
            courses = self._courses(fleet, move, box)
        return sharpened(judged, courses, fleet, self.assumptions), courses

    def _courses(self, fleet: Fleet, move: CapacityChange, box: AllocatableBox | None) -> AllCourses | None:
        """Every course of the change, where the fleet is small enough to try them."""
        if self.budget.exhausted or self.unknown_demand_of:
            return None
        worlds = self.between.worlds_before(fleet, box)
        return all_courses(worlds, fleet, move, self.assumptions)

    def _fleet(self, asked: Call, snapshot: Snapshot, described: Mapping[str, Any] | None) -> Fleet:
        """The fleet of the component's variant, and what is not sure of it and of the request."""
        fleet = fleet_for(asked, snapshot, described, self.settings.catalog, self.assumptions)
        elsewhere = asks_elsewhere(asked.request, [pool.type.name for pool in fleet.pools])
        if elsewhere is None:
            return fleet
        return attrs.evolve(fleet, unsure={**fleet.unsure, Unsure.ASKED: (elsewhere,)})

    def _briefly(
        self,
        asked: Call,
        spec: EffectiveSpec,
        effect: ChangeEffect,
        uncertainty: FleetUncertainty | None,
        findings: tuple[Finding, ...],
        known: int,
        courses: AllCourses | None,
    ) -> tuple[ChangeVerdict, ChangeEffect, AllCourses | None]:
        """The outcome without its evidence, and with that of going back only where it is looked for."""
        fleet, move = effect.fleet, effect.move
        question = move, effect.box, self.assumptions, self.budget
        back, quick = None, quick_outcome(fleet, *question)
        if courses is None and (self.goes_on or quick is Outcome.MAY_NOT_FIT or others_act(fleet)):
            courses = self._courses(fleet, move, effect.box)
        if self.rollbacks:
            judged, courses = self._rolled_out(fleet, move, effect.box, known, courses)
            weaker = uncertainty.weakened(judged) if uncertainty and not courses else judged
            back = weaker.rollback_outcome
        if courses:
            quick = courses.outcome
        outcome = as_known(quick, fleet, *question)
        effect = attrs.evolve(effect, outcome=outcome, extra=lambda: most_launched(fleet, *question))
        outcome = uncertainty.outcome(outcome) if uncertainty and not courses else outcome
        verdict = self._verdict(asked, spec.name, outcome, findings)
        return attrs.evolve(verdict, rollback_outcome=back), effect, courses

    def _contradiction(self, error: InputError) -> str:
        """That what runs cannot have been placed, and why that may be."""
        (problem,) = error.problems
        if self.fleet_uncertain:
            return f"{problem.message}; what the changes before it leave is not certain"
        return f"{problem.message}. {problem.hint}".rstrip(".")

    def _time(
        self, asked: Call, move: CapacityChange, spec: EffectiveSpec, described: Mapping[str, Any] | None
    ) -> Duration | None:
        policy = spec.deployment.rolling_update_policy if spec.deployment else None
        return duration(move, policy, described, asked.request, self.assumptions)

    def _unknown_mix(  # noqa: PLR0913  (the parts of one change)
        self,
        asked: Call,
        snapshot: Snapshot,
        fleet: Fleet,
        move: CapacityChange,
        spec: EffectiveSpec,
        time: Duration | None,
        findings: tuple[Finding, ...],
        *,
        empty: bool = False,
        courses: AllCourses | None = None,
    ) -> ChangeResult:
        """The verdict where it is not told how many instances are of which type."""
        judged = check_unknown_mix(fleet, move, self.assumptions, self.budget, empty=empty)
        box = catalog_box(fleet)
        judged = sharpened(judged, courses, fleet, self.assumptions)
        if not self.brief:
            shop = self._remedy_search(asked, fleet, judged, box, snapshot)
            findings += tuple(unknown_mix_findings(self._case(asked, fleet, judged, box, (), shop.catalog)))
        findings += tuple(rollback_in_time(time, self.assumptions, asked.path) if time else ())
        verdict = self._verdict(asked, spec.name, judged.outcome, findings)
        counted = verdict_figures(fleet, judged, box)
        effect = ChangeEffect(fleet, box, move, [one.step for one in judged.steps])
        verdict = attrs.evolve(verdict, duration=time, **counted)
        return ChangeResult(verdict, spec, effect, courses=courses)

    def _what_if(self, calls: Sequence[Mapping[str, Any]], snapshot: Snapshot) -> Outcome:
        """The outcome of a change set that is only tried."""
        return self._answer(calls, snapshot, rollbacks=False)[0]

    def _answer(
        self, calls: Sequence[Mapping[str, Any]], snapshot: Snapshot, *, rollbacks: bool = True
    ) -> tuple[Outcome, Outcome | None]:
        """The outcome of a change set that is only tried, and that of going back, if one can."""
        trial = ChangeSetState(
            self.settings, Assumptions(self.assumptions.overrides), self.budget, brief=True
        )
        trial.between, trial.rollbacks = self.between.copy(), rollbacks
        asked = [Call(call["Operation"], call["Request"]) for call in calls]
        try:
            verdicts = list(trial.changes(asked, snapshot))
        except InputError:
            return Outcome.INVALID, None
        outcome = Outcome.worst(verdict.outcome for verdict in verdicts)
        backs = [verdict.rollback_outcome for verdict in verdicts if verdict.rollback_outcome is not None]
        return outcome, Outcome.worst(backs) if backs else None

    def _waiting(self, asked: Call, snapshot: Snapshot) -> RemedyCandidate | None:
        """The remedy to wait, where something is under way, and once it has ended the change fits."""
        then = at_rest(snapshot.data)
        if then is None:
            return None
        call = {"Operation": asked.operation, "Request": asked.request}
        outcome, back = self._answer([call], attrs.evolve(snapshot, data=then.data))
        wanted = back is None or back.fits or FailOn.ROLLBACK not in self.settings.fail_on
        if not outcome.fits or not wanted or self._scales_out(outcome):
            return None
        text = f"wait until {' and '.join(then.awaited)}, and check again"
        return RemedyCandidate(Remedy("wait", text, (), outcome, rollback_outcome=back), 0)

    def _scales_out(self, outcome: Outcome) -> bool:
        """Whether an outcome fails by the instances that it needs."""
        return FailOn.SCALE_OUT in self.settings.fail_on and outcome is Outcome.FITS_AFTER_SCALE_OUT

    def _case(
        self,
        asked: Call,
        fleet: Fleet,
        judged: RolloutResult,
        box: AllocatableBox,
        found: Sequence[RemedyCandidate],
        catalog: Catalog,
    ) -> Case:
        """What findings of a change may speak of; ``found`` are the remedies that help."""
        rest = self.assumptions, self.budget, catalog, asked.request, asked.path
        return Case(fleet, judged, box, *rest, best_values(found))

    def _remedy_search(
        self, asked: Call, fleet: Fleet, judged: RolloutResult, box: AllocatableBox, snapshot: Snapshot
    ) -> RemedySearch:
        """What remedies of a change are judged with."""
        catalog = self.settings.catalog.with_types(self.types).with_shares(
            as_share(self.assumptions.value("allocatable-memory")),
            as_share(self.assumptions.value("allocatable-cpu")),
        )
        fail_on = self.settings.fail_on
        return RemedySearch(
            fleet=fleet,
            judged=judged,
            box=box,
            assumptions=self.assumptions,
            budget=self.budget,
            operation=asked.operation,
            request=asked.request,
            outcome_of_calls=lambda calls: self._what_if(calls, snapshot),
            judge_wholly=lambda calls: self._answer(calls, snapshot),
            waiting=lambda: self._waiting(asked, snapshot),
            catalog=catalog,
            fail_on=fail_on,
            goal=Outcome.FITS if FailOn.SCALE_OUT in fail_on else Outcome.FITS_AFTER_SCALE_OUT,
        )

    def _verdict(
        self, asked: Call, name: str, outcome: Outcome, findings: Sequence[Finding]
    ) -> ChangeVerdict:
        self.ignored |= {finding.rule for finding in findings} & self.settings.ignore.keys()
        kept = [asked.located(finding) for finding in findings if finding.rule not in self.ignored]
        order = list(Severity)
        return ChangeVerdict(
            operation=asked.operation,
            inference_component_name=name,
            file=asked.file,
            path=asked.path,
            outcome=outcome,
            findings=tuple(sorted(kept, key=lambda finding: order.index(finding.severity))),
        )


def _worst(findings: Sequence[Finding]) -> Severity | None:
    order = list(Severity)
    return min((finding.severity for finding in findings), key=order.index, default=None)


def _stopped(findings: Sequence[Finding]) -> Outcome | None:
    """What the findings alone decide: an error of the request, or of the state it meets."""
    errors = [finding.rule for finding in findings if finding.severity is Severity.ERROR]
    if any(rule.startswith("ICP1") for rule in errors):
        return Outcome.INVALID
    return Outcome.BLOCKED if any(rule.startswith("ICP2") for rule in errors) else None


def _by_what_runs(
    findings: tuple[Finding, ...],
    described: Mapping[str, Any] | None,
    request: ComponentRequest,
    data: Mapping[str, Any],
) -> tuple[Finding, ...]:
    """The findings, none of which refuses a request by a configuration that may not be the one that runs."""
    variant = (described or {}).get("VariantName", getattr(request, "variant_name", None))
    if not does_not_apply(data, variant):
        return findings
    return tuple(
        attrs.evolve(one, severity=Severity.WARNING)
        if one.rule in BY_CONFIGURATION and one.severity is Severity.ERROR
        else one
        for one in findings
    )
