"""One change judged: its rules, the fleet it meets, its steps, and what is to be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs

from icplan import rules
from icplan.asked import Asked, Settings
from icplan.assumptions import ASSUMPTIONS, Assumption, Assumptions, as_share
from icplan.between import Between
from icplan.catalog.catalog import from_ec2
from icplan.duration import duration, rollback_in_time
from icplan.errors import InputError
from icplan.explain import Workshop, advice, explain
from icplan.explain.doubted import doubted
from icplan.explain.merged import merged
from icplan.explain.turns import Turn, turned
from icplan.explain.uncounted import uncounted
from icplan.explain.undecided import not_looked_at
from icplan.explain.unsettled import unsettled
from icplan.explain.workshop import Found
from icplan.fleet.after import after
from icplan.fleet.at_rest import at_rest
from icplan.fleet.facts import other_facts
from icplan.fleet.sight import sight
from icplan.fleet.unsure import Unsure, asks_elsewhere, does_not_apply
from icplan.gate import FailOn
from icplan.judging.as_known import as_known
from icplan.judging.figures import figures
from icplan.judging.known import known_box, widest
from icplan.judging.move import judge_move, launched_at_most, most_extra, outcome_of
from icplan.judging.questioned import amounts_in_question
from icplan.judging.standing import Went
from icplan.judging.uncounted import judge_uncounted
from icplan.rollout import forward
from icplan.spec.merge import EffectiveSpec, effective
from icplan.spec.parse import parse
from icplan.target import described_of, fleet_of, move_of, scheduling_of
from icplan.timeline import course
from icplan.verdict import (
    AssumptionUse,
    ChangeVerdict,
    Finding,
    Outcome,
    Remedy,
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.catalog.types import InstanceType
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.move import JudgedMove
    from icplan.judging.whatever_runs import Doubt
    from icplan.packing import Budget
    from icplan.rollout import Move
    from icplan.snapshot import Snapshot
    from icplan.spec.operations import ComponentRequest
    from icplan.verdict import Duration


#: The rule that a component has failed.
FAILED = "ICP202"
#: The rule that a component is created with no copy.
CREATED_WITH_NONE = "ICP133"


@attrs.frozen
class _Done:
    """A change's verdict and what it leaves: the component (unless it is invalid), and the instances.

    ``went`` tells how it goes, ``doubt`` what was not certain; without the former the instances stay.
    """

    verdict: ChangeVerdict
    spec: EffectiveSpec | None = None
    went: Went | None = None
    doubt: Doubt | None = None


@attrs.define
class Run:
    """Changes judged under one set of assumptions. A brief run gives outcomes and explains nothing."""

    settings: Settings
    assumptions: Assumptions
    budget: Budget
    brief: bool = False
    amounts: dict[tuple[str, str], AssumptionUse] = attrs.field(factory=dict)
    missing: dict[str, str] = attrs.field(factory=dict)
    uncertain: bool = False
    unsettled: str | None = None
    between: Between = attrs.field(factory=Between)
    failed: int | None = None
    from_assumption: int = 0
    rollbacks: bool = False
    ignored: set[str] = attrs.field(factory=set)
    types: Mapping[str, InstanceType] = attrs.field(factory=dict)

    def changes(self, changes: Sequence[Asked], snapshot: Snapshot) -> Iterator[ChangeVerdict]:
        """The verdict of each change, on what the ones before it leave; a failing one changes nothing."""
        for number, asked in enumerate(changes, start=1):
            done = self._change(asked, snapshot)
            yield done.verdict
            name, fails = done.verdict.inference_component_name, done.verdict.outcome.fails
            self._note_missing(asked.operation, name, number, fails=fails)
            self.failed = number if fails else None
            if done.spec is not None and not fails and number < len(changes):
                self.uncertain = self.uncertain or done.verdict.outcome is not Outcome.FITS
                self.unsettled = name if done.spec.unsettled else self.unsettled
                went = done.went
                resized = self.between.settle(went, done.doubt, self.budget) if went else None
                data = after(snapshot.data, asked.operation, asked.request, done.spec, resized)
                snapshot = attrs.evolve(snapshot, data=data)

    def undecided(self, asked: Asked) -> ChangeVerdict:
        """The verdict of a change that there was no time to look at."""
        name = str(asked.request.get("InferenceComponentName", "(no name)"))
        return self._verdict(asked, name, Outcome.UNDECIDED, (not_looked_at(),))

    def _note_missing(self, operation: str, name: str, number: int, *, fails: bool) -> None:
        """Note why a component is not there for the changes that come next."""
        if operation == "CreateInferenceComponent":
            self.missing.pop(name, None)
            if fails:
                self.missing[name] = "the change of this set that creates the component fails"
        elif operation == "DeleteInferenceComponent" and not fails:
            self.missing[name] = f"change {number} of this set deletes {name}"

    def _change(self, asked: Asked, snapshot: Snapshot) -> _Done:
        """The verdict, as far as it does not rest on a guess."""
        before, self.assumptions.used = self.assumptions.used, set()
        done = self._by_the_defaults(asked, snapshot)
        turns = self._turns(asked, snapshot, done.verdict.outcome)
        self.assumptions.used |= before
        if not turns:
            return done
        verdict = turned(done.verdict, turns)
        went = attrs.evolve(done.went, outcome=verdict.outcome) if done.went else None
        return attrs.evolve(done, verdict=self._without_ignored(verdict), went=went)

    def _turns(self, asked: Asked, snapshot: Snapshot, outcome: Outcome) -> list[Turn]:
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
        asked: Asked,
        snapshot: Snapshot,
        outcome: Outcome,
        *,
        last: bool,
    ) -> Turn | None:
        """The other values of an assumption that turn the outcome; ``last``: with no further one turned."""
        value, *others = assumption.choices
        after = len(ASSUMPTIONS) if last else number + 1
        outcomes = {other: self._with(assumption.name, other, asked, snapshot, after) for other in others}
        turns = {
            other: to
            for other, to in outcomes.items()
            if to is not None and (to.fails, to.fits) != (outcome.fails, outcome.fits)
        }
        return Turn(assumption.name, value, turns) if turns else None

    def _with(self, name: str, value: str, asked: Asked, snapshot: Snapshot, after: int) -> Outcome | None:
        """The outcome with another value, ``None`` if none; assumptions from ``after`` on may turn it."""
        assumptions = Assumptions({**self.assumptions.overrides, name: value})
        other = Run(self.settings, assumptions, self.budget, brief=True)
        other.between, other.missing, other.failed = self.between.again(), dict(self.missing), self.failed
        other.uncertain, other.unsettled, other.from_assumption = self.uncertain, self.unsettled, after
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

    def _by_the_defaults(self, asked: Asked, snapshot: Snapshot) -> _Done:
        name = str(asked.request.get("InferenceComponentName", "(no name)"))
        request, _ = parse(asked.operation, asked.request, asked.path)
        findings = rules.check_request(asked.operation, asked.request, asked.path)
        if request is None or _worst(findings) is Severity.ERROR:
            findings += self._besides(asked, snapshot, findings)
            return _Done(self._verdict(asked, name, Outcome.INVALID, findings))
        if asked.operation == "CreateEndpointConfig":
            raise InputError(asked.problem("icplan does not judge CreateEndpointConfig", asked.path))
        there = {one["InferenceComponentName"] for one in snapshot.data.get("InferenceComponents") or []}
        if name in self.missing.keys() - there and asked.operation != "CreateInferenceComponent":
            at = f"{asked.path}.InferenceComponentName"
            missing = Finding("ICP170", Severity.ERROR, self.missing[name], path=at)
            return _Done(self._verdict(asked, name, Outcome.INVALID, (missing,)))
        if self.budget.spent:
            return _Done(self._verdict(asked, name, Outcome.UNDECIDED, (*findings, not_looked_at())))
        return self._met(asked, cast("ComponentRequest", request), snapshot, findings)

    def _besides(
        self, asked: Asked, snapshot: Snapshot, findings: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        """What else is wrong with a request that is invalid, as if that were not; none of it an error."""
        request, _ = parse(asked.operation, asked.request, asked.path)
        unread = request is None or asked.operation == "CreateEndpointConfig"
        if self.brief or self.budget.spent or unread:
            return ()
        if any(finding.rule == CREATED_WITH_NONE for finding in findings):
            # It is created with one copy at least.
            asked = attrs.evolve(asked, request={**asked.request, "RuntimeConfig": {"CopyCount": 1}})
            request, _ = parse(asked.operation, asked.request, asked.path)
        trial = Run(self.settings, Assumptions(self.assumptions.overrides), self.budget)
        try:
            described = described_of(asked, snapshot)
            spec = effective(described, cast("ComponentRequest", request), trial.assumptions, asked.path)
            if described is None and not spec.requirements:
                return ()
            done = trial._met(asked, cast("ComponentRequest", request), snapshot, ())
        except InputError:
            return ()
        places = () if done.verdict.outcome.fits else ("ICP3", "ICP5")
        said = {(finding.rule, finding.path) for finding in findings}
        return tuple(
            attrs.evolve(one, severity=Severity.WARNING) if one.severity is Severity.ERROR else one
            for one in done.verdict.findings
            if one.rule.startswith(("ICP1", "ICP2", *places)) and (one.rule, one.path) not in said
        )

    def _met(
        self, asked: Asked, request: ComponentRequest, snapshot: Snapshot, findings: tuple[Finding, ...]
    ) -> _Done:
        """A change that is valid by itself, held against what it meets."""
        if self.failed is not None:
            message = f"change {self.failed} fails; this one is judged as if it had not been asked for"
            findings += (Finding("ICP407", Severity.NOTE, message),)
        described = described_of(asked, snapshot)
        spec = effective(described, request, self.assumptions, asked.path)
        self.types = from_ec2(snapshot.data.get("InstanceTypes") or [])
        catalog = self.settings.catalog.with_types(self.types)
        findings += tuple(merged(asked.operation, asked.request, asked.path, spec))
        findings += rules.check_against(
            asked.operation, asked.request, spec, snapshot.data, catalog, asked.path
        )
        findings = self._of_the_failed(_by_what_runs(findings, described, request, snapshot.data))
        stopped = _stopped(findings)
        if stopped is None and spec.base is not None:
            message = f"{spec.name} is loaded into the copies of {spec.base}, and reserves nothing of its own"
            findings += (Finding("ICP605", Severity.NOTE, message),)
        if stopped is Outcome.INVALID or spec.base is not None:
            return _Done(self._verdict(asked, spec.name, stopped or Outcome.FITS, findings), spec)
        if self.unsettled:
            message = f"what a copy of {self.unsettled} reserves by then is not known; nothing is promised"
            findings += (Finding("ICP317", Severity.WARNING, message),)
        amounts = dict(self.amounts)
        done = self._placed(asked, snapshot, described, spec, findings)
        if spec.unsettled or self.unsettled:
            self.amounts = amounts
            places = self.brief and bool(spec.copies or spec.deployment)
            done = attrs.evolve(done, verdict=unsettled(done.verdict, places=places))
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
        if self.assumptions["failed-component-takes-update"] == "no":
            return findings
        return tuple(
            attrs.evolve(one, severity=Severity.WARNING) if one.rule == FAILED else one for one in findings
        )

    def _placed(
        self,
        asked: Asked,
        snapshot: Snapshot,
        described: Mapping[str, Any] | None,
        spec: EffectiveSpec,
        findings: tuple[Finding, ...],
    ) -> _Done:
        """The verdict on whether everything can be placed."""
        fleet = self._fleet(asked, snapshot, described)
        move = move_of(fleet, spec, scheduling_of(asked.request, described), self.assumptions)
        fleet = fleet.counting(move.need)
        findings += (*sight(snapshot.data, fleet, spec.name), *other_facts(fleet))
        if not fleet.counted:
            time = self._time(asked, move, spec, described)
            return self._uncounted(asked, snapshot, fleet, move, spec, time, findings)
        steps = forward(move, fleet, self.assumptions)
        try:
            box = known_box(fleet, self.budget, snapshot.file)
        except InputError as error:
            over = Finding("ICP310", Severity.WARNING, self._contradiction(error))
            if not steps or Unsure.TYPES in fleet.unsure:
                outcome = Outcome.MAY_NOT_FIT if steps else Outcome.FITS
                verdict = self._verdict(asked, spec.name, outcome, (*findings, over))
                return _Done(verdict, spec, Went(fleet, widest(fleet), move, steps, outcome))
            # Nothing rests on where copies are that cannot be there.
            unknown = attrs.evolve(fleet, contents=None, counted=False)
            time = self._time(asked, move, spec, described)
            return self._uncounted(asked, snapshot, unknown, move, spec, time, (*findings, over), empty=True)
        run = course(self.between.likely(fleet), move, steps, box, self.budget)
        end = run.ending
        went = Went(fleet, box, move, steps, likely=end.pools if end else None)
        question = move, box, self.assumptions, self.budget
        doubt = self.between.doubt(
            fleet,
            snapshot.data,
            lambda data: fleet_of(
                asked,
                attrs.evolve(snapshot, data=data),
                described,
                self.settings.catalog,
                self.assumptions,
            ).counting(move.need),
            question,
        )
        if self.brief:
            verdict, went = self._briefly(asked, spec, went, doubt, findings, run.steps)
            return _Done(verdict, spec, went, doubt)
        judged = judge_move(fleet, move, box, self.assumptions, self.budget, run.steps)
        known = as_known(judged.outcome, fleet, *question) is judged.outcome
        for key, use in amounts_in_question(fleet, judged, box, self.budget):
            if known and (use.relied_on or key not in self.amounts):
                self.amounts[key] = use
        shop = self._shop(asked, fleet, judged, box, snapshot)
        said = explain(shop, asked.path)
        findings += (*said.findings, *advice(fleet, judged, box, run, self.budget))
        extra = most_extra(judged.steps)
        went = attrs.evolve(went, outcome=judged.outcome, extra=lambda: extra)
        if doubt is not None:
            sure, judged = judged.outcome, doubt.stands(judged)
            if judged.outcome is not sure:
                said = attrs.evolve(said, remedies=(), tried=())
            findings = doubted(findings, doubt, sure, judged.outcome)
        time = self._time(asked, move, spec, described)
        findings += tuple(rollback_in_time(time, self.assumptions, asked.path) if time else ())
        verdict = self._verdict(asked, spec.name, judged.outcome, findings)
        verdict = attrs.evolve(
            verdict,
            remedies=said.remedies,
            tried=said.tried,
            final_instances=went.final if judged.outcome.fits else None,
            duration=time,
            **figures(fleet, judged, box),
        )
        if not known:
            verdict = unsettled(verdict, places=True)
            went = attrs.evolve(went, outcome=verdict.outcome)
        return _Done(verdict, spec, went, doubt)

    def _fleet(self, asked: Asked, snapshot: Snapshot, described: Mapping[str, Any] | None) -> Fleet:
        """The fleet of the component's variant, and what is not sure of it and of the request."""
        fleet = fleet_of(asked, snapshot, described, self.settings.catalog, self.assumptions)
        elsewhere = asks_elsewhere(asked.request, [pool.type.name for pool in fleet.pools])
        if elsewhere is None:
            return fleet
        return attrs.evolve(fleet, unsure={**fleet.unsure, Unsure.ASKED: (elsewhere,)})

    def _briefly(
        self,
        asked: Asked,
        spec: EffectiveSpec,
        went: Went,
        doubt: Doubt | None,
        findings: tuple[Finding, ...],
        known: int,
    ) -> tuple[ChangeVerdict, Went]:
        """The outcome without its evidence, and with that of going back only where it is looked for."""
        question = went.move, went.box, self.assumptions, self.budget
        back = None
        if self.rollbacks:
            judged = judge_move(went.fleet, *question, known)
            back = (doubt.stands(judged) if doubt else judged).rollback_outcome
        outcome = as_known(outcome_of(went.fleet, *question), went.fleet, *question)
        went = attrs.evolve(went, outcome=outcome, extra=lambda: launched_at_most(went.fleet, *question))
        outcome = doubt.outcome(outcome) if doubt else outcome
        verdict = self._verdict(asked, spec.name, outcome, findings)
        return attrs.evolve(verdict, rollback_outcome=back), went

    def _contradiction(self, error: InputError) -> str:
        """That what runs cannot have been placed, and why that may be."""
        (problem,) = error.problems
        if self.uncertain:
            return f"{problem.message}; what the changes before it leave is not certain"
        return f"{problem.message}. {problem.hint}".rstrip(".")

    def _time(
        self, asked: Asked, move: Move, spec: EffectiveSpec, described: Mapping[str, Any] | None
    ) -> Duration | None:
        policy = spec.deployment.rolling_update_policy if spec.deployment else None
        return duration(move, policy, described, asked.request, self.assumptions)

    def _uncounted(
        self,
        asked: Asked,
        snapshot: Snapshot,
        fleet: Fleet,
        move: Move,
        spec: EffectiveSpec,
        time: Duration | None,
        findings: tuple[Finding, ...],
        *,
        empty: bool = False,
    ) -> _Done:
        """The verdict where it is not told how many instances are of which type."""
        judged = judge_uncounted(fleet, move, self.assumptions, self.budget, empty=empty)
        box = widest(fleet)
        if not self.brief:
            shop = self._shop(asked, fleet, judged, box, snapshot)
            findings += tuple(uncounted(shop, asked.path))
        findings += tuple(rollback_in_time(time, self.assumptions, asked.path) if time else ())
        verdict = self._verdict(asked, spec.name, judged.outcome, findings)
        counted = figures(fleet, judged, box)
        went = Went(fleet, box, move, [one.step for one in judged.steps])
        return _Done(attrs.evolve(verdict, duration=time, **counted), spec, went)

    def _tried(self, calls: Sequence[Mapping[str, Any]], snapshot: Snapshot) -> Outcome:
        """The outcome of a change set that is only tried."""
        return self._answer(calls, snapshot, rollbacks=False)[0]

    def _answer(
        self, calls: Sequence[Mapping[str, Any]], snapshot: Snapshot, *, rollbacks: bool = True
    ) -> tuple[Outcome, Outcome | None]:
        """The outcome of a change set that is only tried, and that of going back, if one can."""
        trial = Run(self.settings, Assumptions(self.assumptions.overrides), self.budget, brief=True)
        trial.between, trial.rollbacks = self.between.again(), rollbacks
        asked = [Asked(call["Operation"], call["Request"]) for call in calls]
        try:
            verdicts = list(trial.changes(asked, snapshot))
        except InputError:
            return Outcome.INVALID, None
        outcome = Outcome.worst(verdict.outcome for verdict in verdicts)
        backs = [verdict.rollback_outcome for verdict in verdicts if verdict.rollback_outcome is not None]
        return outcome, Outcome.worst(backs) if backs else None

    def _waiting(self, asked: Asked, snapshot: Snapshot) -> Found | None:
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
        return Found(Remedy("wait", text, (), outcome, rollback_outcome=back), 0)

    def _scales_out(self, outcome: Outcome) -> bool:
        """Whether an outcome fails by the instances that it needs."""
        return FailOn.SCALE_OUT in self.settings.fail_on and outcome is Outcome.FITS_AFTER_SCALE_OUT

    def _shop(self, asked: Asked, fleet: Fleet, judged: JudgedMove, box: Box, snapshot: Snapshot) -> Workshop:
        """What remedies of a change are judged with."""
        catalog = self.settings.catalog.with_types(self.types).with_shares(
            as_share(self.assumptions.peek("allocatable-memory")),
            as_share(self.assumptions.peek("allocatable-cpu")),
        )
        fail_on = self.settings.fail_on
        return Workshop(
            fleet=fleet,
            judged=judged,
            box=box,
            assumptions=self.assumptions,
            budget=self.budget,
            operation=asked.operation,
            request=asked.request,
            judge_calls=lambda calls: self._tried(calls, snapshot),
            judge_wholly=lambda calls: self._answer(calls, snapshot),
            waiting=lambda: self._waiting(asked, snapshot),
            catalog=catalog,
            fail_on=fail_on,
            aim=Outcome.FITS if FailOn.SCALE_OUT in fail_on else Outcome.FITS_AFTER_SCALE_OUT,
        )

    def _verdict(
        self, asked: Asked, name: str, outcome: Outcome, findings: Sequence[Finding]
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
        if one.rule in rules.BY_CONFIGURATION and one.severity is Severity.ERROR
        else one
        for one in findings
    )
