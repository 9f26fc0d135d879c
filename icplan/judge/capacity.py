"""Whether everything that a change asks for can be placed, and what is to be said of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import attrs

from icplan.assumptions import as_share
from icplan.effects.instance_bounds import ChangeEffect
from icplan.errors import InputError
from icplan.explain.advice import advice
from icplan.explain.findings import explain
from icplan.explain.shortage import Case, unknown_mix_reasons
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.every_course.refine_steps import all_courses, needs_every_course
from icplan.feasibility.every_step import (
    check_rollout,
    decide_rollout,
    most_further_instances,
    most_launched,
)
from icplan.feasibility.evidence import copies_of, fleet_told, verdict_figures
from icplan.feasibility.metric_consistency import settled_by, without_unexplained
from icplan.feasibility.question import Question
from icplan.feasibility.sensitivity import allocatable_assumptions
from icplan.feasibility.tighten import allocatable_box, catalog_box
from icplan.feasibility.weaken import Part, Reason, reported_outcome, weakened_findings, without_parts
from icplan.fleet.contradictions import asks_elsewhere
from icplan.fleet.endpoint import EndpointState
from icplan.fleet.fleet import Unsure
from icplan.judge.resolve import capacity_change, fleet_for, scheduling_of
from icplan.judge.state import concluded, forecast_of, with_likely_end
from icplan.judge.weaken_result import Lowering
from icplan.judge.what_if import waiting
from icplan.remedies.trial import RemedySearch, best_values, enough_anew, looked_for
from icplan.rollout.duration import duration, rollback_in_time
from icplan.snapshot.caveats import overridden_facts, snapshot_caveats
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import FailOn
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.catalog.catalog import Catalog
    from icplan.effects.forecast import Forecast
    from icplan.feasibility.every_course.explore import AllCourses
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.uncertain_fleet import FleetUncertainty
    from icplan.fleet.fleet import Fleet, InstanceCounts
    from icplan.judge.resolve import ResolvedChange
    from icplan.judge.state import ChangeResult
    from icplan.judge.weaken_result import Reported
    from icplan.judge.what_if import Trials
    from icplan.remedies.trial import RemedyCandidate
    from icplan.rollout.steps import CapacityChange
    from icplan.verdict.change_verdict import Cause
    from icplan.verdict.phase import Duration

    Findings = tuple[Finding, ...]


def judge_capacity(change: ResolvedChange, findings: Findings, trials: Trials) -> ChangeResult:
    """The result of a change that nothing refuses before it comes to its capacity."""
    run, endpoint = change.run, change.state.endpoint
    run.budget.charge(units_of(len(endpoint.components), explains=run.explains))
    fleet = _fleet(change)
    wanted = capacity_change(
        fleet, change.spec, scheduling_of(change.call.request, change.described), change.recorder
    )
    fleet = _counting(change, fleet, wanted)
    findings += (*snapshot_caveats(endpoint, fleet, change.spec.name), *overridden_facts(fleet))
    by_catalog = Question(fleet, wanted, catalog_box(fleet), run.assumptions, _catalog(change), run.budget)
    if not fleet.mix_known:
        from icplan.feasibility.overcommitted import refused_however_split  # noqa: PLC0415  (mostly it is known)

        if wrong := refused_however_split(fleet, endpoint.origin.file):
            return _overcommitted(change, by_catalog, findings, wrong, None)
        courses = _courses(change, by_catalog, by_catalog.box if fleet.scale_in else None)
        return _unknown_mix(change, by_catalog, findings, courses=courses)
    steps = by_catalog.steps
    courses = _courses(change, by_catalog, None)
    try:
        box = allocatable_box(fleet, run.budget, endpoint.origin.file)
    except InputError as error:
        return _overcommitted(change, by_catalog, findings, error, courses)
    if any(one.refused_mib is not None for one in change.catalog.observed):
        findings += tuple(_refuted(change, fleet))
    fleet, doubts = without_unexplained(fleet, box, run.budget)
    findings += doubts
    question = attrs.evolve(by_catalog, box=box, fleet=fleet)
    effect = ChangeEffect(fleet, box, wanted, steps)
    if not run.explains:
        return _decided(change, question, effect, findings, courses)
    likely = forecast_of(change.state, effect, run.budget)
    return _explained(change, question, with_likely_end(effect, likely), likely, findings, trials, courses)


def what_runs(change: ResolvedChange) -> dict[str, Any]:
    """The members of a verdict that tell what a change meets, where nothing more is asked of it."""
    return fleet_told(_fleet(change))


def units_of(components: int, *, explains: bool) -> int:
    """What it takes to read the fleet and the change, and to tell of it, whatever is to be searched."""
    return 5000 + 80 * components if explains else 1000 + 10 * components


def _fleet(change: ResolvedChange) -> Fleet:
    """The fleet of the component's variant, and what is not sure of it and of the request."""
    run, call = change.run, change.call
    fleet = fleet_for(call, change.state, change.described, run.settings.catalog, change.recorder)
    elsewhere = asks_elsewhere(call.request, [pool.type.name for pool in fleet.pools])
    if elsewhere is None:
        return fleet
    return attrs.evolve(fleet, unsure={**fleet.unsure, Unsure.ASKED: (elsewhere,)})


def _counting(change: ResolvedChange, fleet: Fleet, asked: CapacityChange) -> Fleet:
    try:
        return fleet.counting(asked.need)
    except InputError as error:
        (problem,) = error.problems
        hint, path = problem.hint or "", f"{change.call.path}.Specification"
        raise InputError(change.call.problem(problem.message, path, hint)) from None


def _uncertainty(change: ResolvedChange, question: Question) -> FleetUncertainty | None:
    """What the changes before leave uncertain of the fleet."""
    run, endpoint = change.run, change.state.endpoint

    def read(counts: Sequence[InstanceCounts]) -> Fleet:
        state = change.state.seen_as(functools.reduce(EndpointState.resized, counts, endpoint))
        fleet = fleet_for(change.call, state, change.described, run.settings.catalog, change.recorder)
        return fleet.counting(question.change.need)

    return change.state.history.uncertainty(question, read)


def _overcommitted(
    change: ResolvedChange,
    question: Question,
    findings: Findings,
    error: InputError,
    courses: AllCourses | None,
) -> ChangeResult:
    """The result where what runs cannot have been placed: nothing rests on where it is, or what is free.

    Of what earlier changes leave, the ``courses`` of these tell more: the snapshot need not be wrong.
    """
    from icplan.feasibility.overcommitted import told_by  # noqa: PLC0415  (mostly there is room for it)
    from icplan.rules.capacity_doubts import Overcommitted  # noqa: PLC0415  (as above)

    fleet, steps, endpoint = question.fleet, question.steps, change.state.endpoint
    (problem,) = error.problems
    members = () if change.state.fleet_uncertain else told_by(fleet, endpoint)
    findings += (Overcommitted(problem.message, problem.hint or "", members, problem.file).finding,)
    if not steps or {Unsure.TYPES, Unsure.COPIES} & fleet.unsure.keys():
        # What cannot lie there may have been read wrong, so nothing is known of the room for a step.
        outcome, _ = reported_outcome(Outcome.FITS, {Reason.UNSURE_SNAPSHOT} if steps else ())
        effect = ChangeEffect(fleet, question.box, question.change, steps, outcome)
        found = _concluded(change, outcome, findings)
        return attrs.evolve(found, effect=effect, relied_on=question.relied_on)
    unknown = attrs.evolve(
        question, fleet=attrs.evolve(fleet.moved(), mix_known=False), box=AllocatableBox.whole(fleet)
    )
    known = courses if change.state.fleet_uncertain else None
    return _unknown_mix(change, unknown, findings, overcommitted=True, courses=known)


def _refuted(change: ResolvedChange, fleet: Fleet) -> Iterator[Finding]:
    """The observations that what runs speaks against."""
    from icplan.feasibility.overcommitted import refuted  # noqa: PLC0415  (few have any)

    for message in refuted(fleet, change.catalog.observed, change.run.budget):
        yield Finding("ICP312", Severity.WARNING, message)


def _courses(change: ResolvedChange, question: Question, box: AllocatableBox | None) -> AllCourses | None:
    """Every course of the change, where the fleet is small enough to try them."""
    run, state = change.run, change.state
    if run.budget.exhausted or state.unknown_demand_of:
        return None
    worlds = state.history.worlds_before(question.fleet, box, run.budget)
    return all_courses(worlds, question.fleet, question.change, run.assumptions, run.budget)


def _unknown_demand(change: ResolvedChange) -> bool:
    """Whether it is not known what a copy of the component, or of one before it, reserves."""
    return bool(change.spec.ambiguous or change.state.unknown_demand_of)


def _lowering(
    change: ResolvedChange, question: Question, judged: RolloutResult, courses: AllCourses | None
) -> Lowering:
    """What may make less of what was judged; every course is tried where that may tell more."""
    if courses is None and (change.state.goes_on or needs_every_course(question.fleet, judged)):
        courses = _courses(change, question, question.box)
    return Lowering(question, courses, _uncertainty(change, question), _unknown_demand(change))


def _decided(
    change: ResolvedChange,
    question: Question,
    effect: ChangeEffect,
    findings: Findings,
    courses: AllCourses | None,
) -> ChangeResult:
    """The outcome without its evidence; its likely end and going back are looked at where they matter."""
    judged = decide_rollout(question)
    lowering = _lowering(change, question, judged, courses)
    reported = lowering.reported(judged)
    effect = attrs.evolve(effect, outcome=reported.known, extra=lambda: most_launched(question))
    return attrs.evolve(
        _concluded(change, reported.outcome, findings, {"copies": copies_of(question.change)}),
        effect=effect,
        lowering=lowering,
        relied_on=reported.final.relied_on,
        only_decided=True,
    )


def _explained(
    change: ResolvedChange,
    question: Question,
    effect: ChangeEffect,
    likely: Forecast,
    findings: Findings,
    trials: Trials,
    courses: AllCourses | None,
) -> ChangeResult:
    """The outcome with its evidence, why it is so, and what would work instead."""
    # What is likely may begin as no metric allows, so it shows nothing then.
    judged = check_rollout(question, 0 if question.fleet.reserved else likely.steps)
    lowering = _lowering(change, question, judged, courses)
    reported = lowering.reported(judged)
    decided = reported.decided
    doubtful = reported.unsure or lowering.unknown_demand
    amounts = {} if doubtful else dict(allocatable_assumptions(question, decided))
    search = _remedy_search(change, question, decided, trials)
    found, vain = _remedies(search, trials)
    helps = tuple(one.remedy for one in found)
    if Part.REMEDIES in reported.lost_by_fleet:
        helps, vain = (), ()
    case = _case(change, question, decided, found)
    of_capacity = weakened_findings(
        (*findings, *explain(case), *advice(question, decided, likely)), reported.lost_by_fleet
    )
    findings = (*of_capacity, *_of_what_is_not_known(change, lowering, reported))
    extra = most_further_instances(decided.steps)
    effect = attrs.evolve(effect, outcome=reported.known, extra=lambda: extra)
    time = _time(change, question.change)
    findings += tuple(rollback_in_time(time, change.recorder, change.call.path) if time else ())
    figures = {
        **_figures(change, lowering, reported.final),
        "cause": _cause(case) if reported.final.outcome is Outcome.DOES_NOT_FIT else None,
        "remedies": helps,
        "tried": vain,
        "final_instances": effect.final if reported.outcome.fits else None,
        "duration": time,
    }
    result = concluded(change.run, change.call, reported.outcome, findings, figures, change.spec)
    verdict = without_parts(result.verdict, reported.lost)
    return attrs.evolve(
        result,
        verdict=verdict,
        effect=effect,
        lowering=lowering,
        relied_on=reported.final.relied_on,
        amounts=amounts,
    )


def _of_what_is_not_known(
    change: ResolvedChange, lowering: Lowering, reported: Reported
) -> Iterator[Finding]:
    """What is to be said of instances that may run or not, and of what metrics have settled."""
    decided, shown = reported.decided, reported.on_any_fleet
    if lowering.uncertainty is not None:
        from icplan.explain.uncertainty import unknown_instances  # noqa: PLC0415  (mostly it is known)

        whichever = shown.outcome
        if shown.rollback_outcome is not None and shown.rollback_outcome is not decided.rollback_outcome:
            whichever = Outcome.worst((whichever, shown.rollback_outcome))
        unknown = unknown_instances(lowering.uncertainty, decided.outcome, whichever)
        yield from (one.finding for one in unknown)
    if change.state.done == 0:
        yield from settled_by(lowering.question, decided)


def _unknown_mix(
    change: ResolvedChange,
    question: Question,
    findings: Findings,
    *,
    overcommitted: bool = False,
    courses: AllCourses | None = None,
) -> ChangeResult:
    """The result where it is not told how many instances are of which type."""
    run, fleet, time = change.run, question.fleet, _time(change, question.change)
    from icplan.feasibility.unknown_mix import check_unknown_mix  # noqa: PLC0415  (mostly it is known)

    lowering = Lowering(question, courses, None, _unknown_demand(change))
    reported = lowering.reported(check_unknown_mix(question, overcommitted=overcommitted))
    if run.explains:
        reasons = unknown_mix_reasons(_case(change, question, reported.decided, ()))
        findings += tuple(one.finding for one in reasons)
    findings += tuple(rollback_in_time(time, change.recorder, change.call.path) if time else ())
    figures = {**_figures(change, lowering, reported.final), "duration": time}
    result = concluded(run, change.call, reported.outcome, findings, figures, change.spec)
    verdict = without_parts(result.verdict, reported.lost)
    effect = ChangeEffect(fleet, question.box, question.change, question.steps)
    relied_on = reported.final.relied_on
    return attrs.evolve(result, verdict=verdict, effect=effect, lowering=lowering, relied_on=relied_on)


def _figures(change: ResolvedChange, lowering: Lowering, final: RolloutResult) -> dict[str, Any]:
    """The phases of a change with their evidence, and its counts."""
    question = lowering.question
    courses = None if lowering.unknown_demand else lowering.courses
    return verdict_figures(question.fleet, final, question.box, courses, goes_on=change.state.goes_on)


def _concluded(
    change: ResolvedChange, outcome: Outcome, findings: Findings, figures: Mapping[str, Any] | None = None
) -> ChangeResult:
    return concluded(change.run, change.call, outcome, findings, figures, change.spec)


def _time(change: ResolvedChange, wanted: CapacityChange) -> Duration | None:
    deployment = change.spec.deployment
    policy = deployment.rolling_update_policy if deployment else None
    return duration(wanted, policy, change.described, change.call.request, change.run.assumptions)


def _cause(case: Case) -> Cause | None:
    from icplan.explain.smallest_cause import cause_of  # noqa: PLC0415  (only where there is one)

    return cause_of(case)


def _case(
    change: ResolvedChange, question: Question, judged: RolloutResult, found: Sequence[RemedyCandidate]
) -> Case:
    """What findings of a change may speak of; ``found`` are the remedies that help."""
    call, state = change.call, change.state
    return Case(
        question,
        judged,
        call.request,
        call.path,
        best_values(found),
        enough_anew(found),
        runs_now=not (state.configured_by_set or state.fleet_uncertain),
    )


def _catalog(change: ResolvedChange) -> Catalog:
    """The run's catalog, with the shares that assumptions say can be allocated."""
    assumptions = change.run.assumptions
    return change.catalog.with_shares(
        as_share(assumptions.value("allocatable-memory")), as_share(assumptions.value("allocatable-cpu"))
    )


def _remedy_search(
    change: ResolvedChange, question: Question, judged: RolloutResult, trials: Trials
) -> RemedySearch:
    """What remedies of a change are judged with."""
    fail_on = change.run.settings.fail_on
    return RemedySearch(
        question=question,
        judged=judged,
        operation=change.call.operation,
        request=change.call.request,
        what_if=attrs.evolve(trials, question=question),
        fail_on=fail_on,
        goal=Outcome.FITS if FailOn.SCALE_OUT in fail_on else Outcome.FITS_AFTER_SCALE_OUT,
        endpoint=change.state.endpoint.name,
        configuration=None if change.state.configured_by_set else change.state.endpoint.configuration,
    )


def _remedies(search: RemedySearch, trials: Trials) -> tuple[list[RemedyCandidate], tuple[str, ...]]:
    """What helps, where to wait comes first; if nothing does, the names of what was turned in vain."""
    if not looked_for(search):
        return [], ()
    # Loaded only where something is looked for.
    from icplan.remedies.search import remedies, tried  # noqa: PLC0415

    found = remedies(search)
    wait = waiting(trials, search.fail_on)
    found = found if wait is None else [wait, *found]
    return found, () if found else tried(search)
