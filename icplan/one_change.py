"""One change judged: its rules, the fleet it meets, its steps, and what is to be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs

from icplan import rules
from icplan.asked import Asked, Settings
from icplan.assumptions import Assumptions
from icplan.between import Between
from icplan.catalog.catalog import from_ec2
from icplan.duration import duration, rollback_in_time
from icplan.errors import InputError
from icplan.explain import Workshop, advice, explain
from icplan.explain.doubted import doubted
from icplan.explain.merged import merged
from icplan.explain.uncounted import uncounted
from icplan.explain.undecided import not_looked_at
from icplan.explain.unsettled import unsettled
from icplan.fleet.after import after
from icplan.fleet.sight import sight
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
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.move import JudgedMove
    from icplan.judging.whatever_runs import Doubt
    from icplan.packing import Budget
    from icplan.rollout import Move
    from icplan.snapshot import Snapshot
    from icplan.spec.operations import ComponentRequest
    from icplan.verdict import Duration


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
    ignored: set[str] = attrs.field(factory=set)

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

    def _note_missing(self, operation: str, name: str, number: int, *, fails: bool) -> None:
        """Note why a component is not there for the changes that come next."""
        if operation == "CreateInferenceComponent":
            self.missing.pop(name, None)
            if fails:
                self.missing[name] = "the change of this set that creates the component fails"
        elif operation == "DeleteInferenceComponent" and not fails:
            self.missing[name] = f"change {number} of this set deletes {name}"

    def _change(self, asked: Asked, snapshot: Snapshot) -> _Done:
        name = str(asked.request.get("InferenceComponentName", "(no name)"))
        request, _ = parse(asked.operation, asked.request, asked.path)
        findings = rules.check_request(asked.operation, asked.request, asked.path)
        if request is None or _worst(findings) is Severity.ERROR:
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

    def _met(
        self, asked: Asked, request: ComponentRequest, snapshot: Snapshot, findings: tuple[Finding, ...]
    ) -> _Done:
        """A change that is valid by itself, held against what it meets."""
        if self.failed is not None:
            message = f"change {self.failed} fails; this one is judged as if it had not been asked for"
            findings += (Finding("ICP407", Severity.NOTE, message),)
        described = described_of(asked, snapshot)
        spec = effective(described, request, self.assumptions, asked.path)
        catalog = self.settings.catalog.with_types(from_ec2(snapshot.data.get("InstanceTypes") or []))
        findings += tuple(merged(asked.operation, asked.request, asked.path, spec))
        findings += rules.check_against(
            asked.operation, asked.request, spec, snapshot.data, catalog, asked.path
        )
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
            stopping = attrs.evolve(done.verdict, outcome=stopped, remedies=(), tried=())
            done = attrs.evolve(done, verdict=stopping)
        return done

    def _placed(
        self,
        asked: Asked,
        snapshot: Snapshot,
        described: Mapping[str, Any] | None,
        spec: EffectiveSpec,
        findings: tuple[Finding, ...],
    ) -> _Done:
        """The verdict on whether everything can be placed."""
        fleet = fleet_of(asked, snapshot, described, self.settings.catalog, self.assumptions)
        move = move_of(fleet, spec, scheduling_of(asked.request, described), self.assumptions)
        fleet = fleet.counting(move.need)
        findings += tuple(sight(snapshot.data, fleet, spec.name))
        if not fleet.counted:
            time = self._time(asked, move, spec, described)
            return self._uncounted(asked, fleet, move, spec, time, findings)
        steps = forward(move, fleet, self.assumptions)
        try:
            box = known_box(fleet, self.budget, snapshot.file)
        except InputError as error:
            over = Finding("ICP310", Severity.WARNING, self._contradiction(error))
            if steps:
                # Nothing rests on where copies are that cannot be there.
                unknown = attrs.evolve(fleet, contents=None, counted=False)
                time = self._time(asked, move, spec, described)
                return self._uncounted(asked, unknown, move, spec, time, (*findings, over), empty=True)
            verdict = self._verdict(asked, spec.name, Outcome.FITS, (*findings, over))
            return _Done(verdict, spec, Went(fleet, widest(fleet), move, steps, Outcome.FITS))
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
            outcome = outcome_of(fleet, *question)
            went = attrs.evolve(went, outcome=outcome, extra=lambda: launched_at_most(fleet, *question))
            outcome = doubt.outcome(outcome) if doubt else outcome
            return _Done(self._verdict(asked, spec.name, outcome, findings), spec, went, doubt)
        judged = judge_move(fleet, move, box, self.assumptions, self.budget, run.steps)
        for key, use in amounts_in_question(fleet, judged, box, self.budget):
            if use.relied_on or key not in self.amounts:
                self.amounts[key] = use
        shop = self._shop(asked, fleet, judged, box, lambda calls: self._tried(calls, snapshot))
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
        return _Done(verdict, spec, went, doubt)

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
            shop = self._shop(asked, fleet, judged, box, lambda _: judged.outcome)
            findings += tuple(uncounted(shop, asked.path))
        findings += tuple(rollback_in_time(time, self.assumptions, asked.path) if time else ())
        verdict = self._verdict(asked, spec.name, judged.outcome, findings)
        counted = figures(fleet, judged, box)
        went = Went(fleet, box, move, [one.step for one in judged.steps])
        return _Done(attrs.evolve(verdict, duration=time, **counted), spec, went)

    def _tried(self, calls: Sequence[Mapping[str, Any]], snapshot: Snapshot) -> Outcome:
        """The outcome of a change set that is only tried."""
        trial = Run(self.settings, Assumptions(self.assumptions.overrides), self.budget, brief=True)
        trial.between = self.between.again()
        asked = [Asked(call["Operation"], call["Request"]) for call in calls]
        try:
            return Outcome.worst(verdict.outcome for verdict in trial.changes(asked, snapshot))
        except InputError:
            return Outcome.INVALID

    def _shop(
        self,
        asked: Asked,
        fleet: Fleet,
        judged: JudgedMove,
        box: Box,
        tried: Callable[[Sequence[Mapping[str, Any]]], Outcome],
    ) -> Workshop:
        """What remedies of a change are judged with."""
        return Workshop(
            fleet, judged, box, self.assumptions, self.budget, asked.operation, asked.request, tried
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
