"""Whether everything that a change asks for can be placed, and what is to be said of it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import attrs

from icplan.assumptions import as_share
from icplan.effects.instance_bounds import ChangeEffect
from icplan.errors import InputError
from icplan.explain.advice import advice
from icplan.explain.findings import explain
from icplan.explain.shortage import Case, unknown_mix_findings
from icplan.explain.uncertainty import uncertain_fleet_finding
from icplan.feasibility.as_known import as_known
from icplan.feasibility.every_course.sharpen import all_courses, needs_every_course, others_act, sharpened
from icplan.feasibility.every_step import check_rollout, most_further_instances, most_launched, quick_outcome
from icplan.feasibility.evidence import verdict_figures
from icplan.feasibility.sensitivity import allocatable_assumptions
from icplan.feasibility.tighten import allocatable_box, catalog_box
from icplan.feasibility.unknown_mix import check_unknown_mix
from icplan.feasibility.weaken import unknown_demand
from icplan.fleet.contradictions import asks_elsewhere
from icplan.fleet.endpoint import EndpointState
from icplan.fleet.fleet import Unsure
from icplan.judge.resolve import capacity_change, fleet_for, scheduling_of
from icplan.judge.state import concluded, forecast_of, with_likely_end
from icplan.judge.what_if import waiting
from icplan.remedies.search import RemedySearch, best_values, looked_for
from icplan.rollout.duration import duration, rollback_in_time
from icplan.rollout.steps import forward_steps
from icplan.snapshot.caveats import snapshot_caveats
from icplan.snapshot.instance_facts import overridden_facts
from icplan.verdict.gate import FailOn
from icplan.verdict.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.catalog.catalog import Catalog
    from icplan.effects.forecast import Forecast
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_course.carry_out import AllCourses
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.uncertain_fleet import FleetUncertainty
    from icplan.fleet.fleet import Fleet, InstanceCounts
    from icplan.judge.resolve import ResolvedChange
    from icplan.judge.state import ChangeResult
    from icplan.judge.what_if import Trials
    from icplan.remedies.search import RemedyCandidate
    from icplan.rollout.steps import CapacityChange
    from icplan.verdict.verdict import Duration

    Findings = tuple[Finding, ...]


def judge_capacity(change: ResolvedChange, findings: Findings, trials: Trials) -> ChangeResult:
    """The result of a change that nothing refuses before it comes to its capacity."""
    run, endpoint = change.run, change.state.endpoint
    fleet = _fleet(change)
    move = capacity_change(
        fleet, change.spec, scheduling_of(change.call.request, change.described), run.assumptions
    )
    fleet = fleet.counting(move.need)
    findings += (*snapshot_caveats(endpoint, fleet, change.spec.name), *overridden_facts(fleet))
    if not fleet.mix_known:
        courses = _courses(change, fleet, move, catalog_box(fleet) if fleet.scale_in else None)
        return _unknown_mix(change, fleet, move, findings, courses=courses)
    steps = forward_steps(move, fleet, run.assumptions)
    courses = _courses(change, fleet, move, None)
    try:
        box = allocatable_box(fleet, run.budget, endpoint.origin.file)
    except InputError as error:
        findings += (Finding("ICP310", Severity.WARNING, _contradiction(change, error)),)
        if not steps or Unsure.TYPES in fleet.unsure:
            outcome = Outcome.MAY_NOT_FIT if steps else Outcome.FITS
            effect = ChangeEffect(fleet, catalog_box(fleet), move, steps, outcome)
            return attrs.evolve(_concluded(change, outcome, findings), effect=effect)
        # Nothing rests on where copies are that cannot be there.
        unknown = attrs.evolve(fleet, contents=None, mix_known=False)
        return _unknown_mix(change, unknown, move, findings, empty=True, courses=courses)
    effect = ChangeEffect(fleet, box, move, steps)
    if not run.explains:
        return _decided(change, effect, findings, courses)
    likely = forecast_of(change.state, effect, run.budget)
    return _explained(change, with_likely_end(effect, likely), likely, findings, trials, courses)


def _fleet(change: ResolvedChange) -> Fleet:
    """The fleet of the component's variant, and what is not sure of it and of the request."""
    run, call = change.run, change.call
    fleet = fleet_for(call, change.state, change.described, run.settings.catalog, run.assumptions)
    elsewhere = asks_elsewhere(call.request, [pool.type.name for pool in fleet.pools])
    if elsewhere is None:
        return fleet
    return attrs.evolve(fleet, unsure={**fleet.unsure, Unsure.ASKED: (elsewhere,)})


def _uncertainty(change: ResolvedChange, effect: ChangeEffect) -> FleetUncertainty | None:
    """What the changes before leave uncertain of the fleet."""
    run, endpoint = change.run, change.state.endpoint

    def read(counts: Sequence[InstanceCounts]) -> Fleet:
        state = change.state.seen_as(functools.reduce(EndpointState.resized, counts, endpoint))
        fleet = fleet_for(change.call, state, change.described, run.settings.catalog, run.assumptions)
        return fleet.counting(effect.move.need)

    question = effect.move, effect.box, run.assumptions, run.budget
    return change.state.history.uncertainty(effect.fleet, read, question)


def _contradiction(change: ResolvedChange, error: InputError) -> str:
    """That what runs cannot have been placed, and why that may be."""
    (problem,) = error.problems
    if change.state.fleet_uncertain:
        return f"{problem.message}; what the changes before it leave is not certain"
    return f"{problem.message}. {problem.hint}".rstrip(".")


def _courses(
    change: ResolvedChange, fleet: Fleet, move: CapacityChange, box: AllocatableBox | None
) -> AllCourses | None:
    """Every course of the change, where the fleet is small enough to try them."""
    run, state = change.run, change.state
    if run.budget.exhausted or state.unknown_demand_of:
        return None
    return all_courses(state.history.worlds_before(fleet, box), fleet, move, run.assumptions)


def _decided(
    change: ResolvedChange, effect: ChangeEffect, findings: Findings, courses: AllCourses | None
) -> ChangeResult:
    """The outcome without its evidence; its likely end and going back are looked at where they matter."""
    run, uncertainty = change.run, _uncertainty(change, effect)
    question = effect.move, effect.box, run.assumptions, run.budget
    fleet, quick = effect.fleet, quick_outcome(effect.fleet, *question)
    if courses is None and (change.state.goes_on or quick is Outcome.MAY_NOT_FIT or others_act(fleet)):
        courses = _courses(change, fleet, effect.move, effect.box)
    outcome = as_known(courses.outcome if courses else quick, fleet, *question)
    effect = attrs.evolve(effect, outcome=outcome, extra=lambda: most_launched(fleet, *question))
    outcome = uncertainty.outcome(outcome) if uncertainty and not courses else outcome
    return attrs.evolve(
        _concluded(change, outcome, findings),
        effect=effect,
        uncertainty=uncertainty,
        only_decided=True,
        courses=courses,
    )


def _explained(
    change: ResolvedChange,
    effect: ChangeEffect,
    likely: Forecast,
    findings: Findings,
    trials: Trials,
    courses: AllCourses | None,
) -> ChangeResult:
    """The outcome with its evidence, why it is so, and what would work instead."""
    run, fleet, box = change.run, effect.fleet, effect.box
    question = effect.move, box, run.assumptions, run.budget
    uncertainty = _uncertainty(change, effect)
    judged = check_rollout(fleet, *question, likely.steps)
    if courses is None and (change.state.goes_on or needs_every_course(fleet, judged)):
        courses = _courses(change, fleet, effect.move, box)
    judged = sharpened(judged, courses, fleet, run.assumptions)
    known = as_known(judged.outcome, fleet, *question) is judged.outcome
    amounts = dict(allocatable_assumptions(fleet, judged, box, run.budget)) if known else {}
    search = _remedy_search(change, judged, effect, trials)
    found, vain = _remedies(search, trials)
    proposed = tuple(one.remedy for one in found)
    findings += (
        *explain(_case(change, fleet, judged, box, found)),
        *advice(fleet, judged, box, likely, run.budget),
    )
    extra = most_further_instances(judged.steps)
    effect = attrs.evolve(effect, outcome=judged.outcome, extra=lambda: extra)
    if uncertainty is not None:
        sure, judged = judged.outcome, judged if courses else uncertainty.weakened(judged)
        if judged.outcome is not sure:
            proposed, vain = (), ()
        findings = uncertain_fleet_finding(findings, uncertainty, sure, judged.outcome)
    time = _time(change, effect.move)
    findings += tuple(rollback_in_time(time, run.assumptions, change.call.path) if time else ())
    figures = {
        **verdict_figures(fleet, judged, box),
        "remedies": proposed,
        "tried": vain,
        "final_instances": effect.final if judged.outcome.fits else None,
        "duration": time,
    }
    result = concluded(run, change.call, judged.outcome, findings, figures, change.spec)
    if not known:
        result = attrs.evolve(result, verdict=unknown_demand(result.verdict, places_copies=True))
        effect = attrs.evolve(effect, outcome=result.verdict.outcome)
    return attrs.evolve(result, effect=effect, uncertainty=uncertainty, amounts=amounts, courses=courses)


def _unknown_mix(
    change: ResolvedChange,
    fleet: Fleet,
    move: CapacityChange,
    findings: Findings,
    *,
    empty: bool = False,
    courses: AllCourses | None = None,
) -> ChangeResult:
    """The result where it is not told how many instances are of which type."""
    run, time = change.run, _time(change, move)
    judged = check_unknown_mix(fleet, move, run.assumptions, run.budget, empty=empty)
    box = catalog_box(fleet)
    judged = sharpened(judged, courses, fleet, run.assumptions)
    if run.explains:
        findings += tuple(unknown_mix_findings(_case(change, fleet, judged, box, ())))
    findings += tuple(rollback_in_time(time, run.assumptions, change.call.path) if time else ())
    figures = {**verdict_figures(fleet, judged, box), "duration": time}
    result = concluded(run, change.call, judged.outcome, findings, figures, change.spec)
    effect = ChangeEffect(fleet, box, move, [one.step for one in judged.steps])
    return attrs.evolve(result, effect=effect, courses=courses)


def _concluded(change: ResolvedChange, outcome: Outcome, findings: Findings) -> ChangeResult:
    return concluded(change.run, change.call, outcome, findings, spec=change.spec)


def _time(change: ResolvedChange, move: CapacityChange) -> Duration | None:
    deployment = change.spec.deployment
    policy = deployment.rolling_update_policy if deployment else None
    return duration(move, policy, change.described, change.call.request, change.run.assumptions)


def _case(
    change: ResolvedChange,
    fleet: Fleet,
    judged: RolloutResult,
    box: AllocatableBox,
    found: Sequence[RemedyCandidate],
) -> Case:
    """What findings of a change may speak of; ``found`` are the remedies that help."""
    run, call = change.run, change.call
    rest = run.assumptions, run.budget, _catalog(change), call.request, call.path
    return Case(fleet, judged, box, *rest, best_values(found))


def _catalog(change: ResolvedChange) -> Catalog:
    """The run's catalog, with the shares that assumptions say can be allocated."""
    assumptions = change.run.assumptions
    return change.catalog.with_shares(
        as_share(assumptions.value("allocatable-memory")), as_share(assumptions.value("allocatable-cpu"))
    )


def _remedy_search(
    change: ResolvedChange, judged: RolloutResult, effect: ChangeEffect, trials: Trials
) -> RemedySearch:
    """What remedies of a change are judged with."""
    run, fail_on = change.run, change.run.settings.fail_on
    return RemedySearch(
        fleet=effect.fleet,
        judged=judged,
        box=effect.box,
        assumptions=run.assumptions,
        budget=run.budget,
        operation=change.call.operation,
        request=change.call.request,
        what_if=trials,
        fail_on=fail_on,
        goal=Outcome.FITS if FailOn.SCALE_OUT in fail_on else Outcome.FITS_AFTER_SCALE_OUT,
    )


def _remedies(search: RemedySearch, trials: Trials) -> tuple[list[RemedyCandidate], tuple[str, ...]]:
    """What helps, where to wait comes first; if nothing does, the names of what was turned in vain."""
    if not looked_for(search):
        return [], ()
    # Loaded only where something is looked for.
    from icplan.remedies.kinds import remedies, tried  # noqa: PLC0415

    found = remedies(search)
    wait = waiting(trials, search.fail_on)
    found = found if wait is None else [wait, *found]
    return found, () if found else tried(search)
