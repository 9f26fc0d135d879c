"""One change judged: its rules first, then what it meets, then whatever rests on a guess is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.assumptions import ASSUMPTIONS
from icplan.errors import InputError
from icplan.feasibility.every_course.refine_steps import NOT_AHEAD
from icplan.fleet.at_rest import at_rest
from icplan.fleet.contradictions import does_not_apply
from icplan.judge.capacity import judge_capacity, what_runs
from icplan.judge.component_states import with_states
from icplan.judge.resolve import ResolvedChange, resolve
from icplan.judge.state import ChangeResult, SetState, concluded, name_in, without_ignored
from icplan.judge.unset_assumptions import turning_guesses, without_guesses
from icplan.judge.what_if import Trials
from icplan.requests.differences import differences
from icplan.rules.registry import BY_CONFIGURATION, check_call, check_call_against
from icplan.rules.update import merge_findings
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import BASE_NOT_IN_SERVICE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.assumptions import Assumptions, Recorder
    from icplan.judge.state import Run
    from icplan.requests.call import Call

Findings = tuple[Finding, ...]

#: Assumptions whose default carries a promise and a refusal, and so all that follows from it.
CARRIES_ALL = frozenset(one.name for one in ASSUMPTIONS if one.promises and one.refuses)
#: The rule that a component has failed.
FAILED = "ICP202"
#: The rule that a component is created with no copy.
CREATED_WITH_NONE = "ICP133"


def judge_change(run: Run, state: SetState, call: Call) -> ChangeResult:
    """The verdict on a call, as far as it does not rest on a guess, and what it leaves."""
    recorder = run.assumptions.recorder()
    result = _by_the_defaults(run, recorder, state, call)
    if run.explains:
        result = attrs.evolve(result, verdict=with_states(result.verdict, state.endpoint, result.spec))
    result = attrs.evolve(result, relied_on=result.relied_on | recorder.relied_on)
    guessed = any(not run.assumptions.given(name) for name in result.relied_on - NOT_AHEAD - CARRIES_ALL)
    if guessed and result.lowering is not None:
        # With another value the change takes another course, which was not tried.
        result = attrs.evolve(result, lowering=attrs.evolve(result.lowering, courses=None))
    turns = turning_guesses(run, result, lambda other: _outcome(other, state, call))
    if not turns:
        return result
    verdict = without_guesses(result.verdict, turns, run.budget.ended)
    effect = attrs.evolve(result.effect, outcome=verdict.outcome) if result.effect else None
    return without_ignored(attrs.evolve(result, verdict=verdict, effect=effect), run.settings.ignore)


def undecided(run: Run, call: Call) -> ChangeResult:
    """The result of a call that there was no time to look at."""
    from icplan.explain.uncertainty import not_judged  # noqa: PLC0415  (mostly it is known)

    return concluded(run, call, Outcome.UNDECIDED, (not_judged(run.budget.ended),))


def _outcome(run: Run, state: SetState, call: Call) -> Outcome | None:
    """The outcome with other assumptions; ``None`` where those make no sense."""
    try:
        return judge_change(run, state, call).verdict.outcome
    except InputError:
        return None


def _by_the_defaults(run: Run, recorder: Recorder, state: SetState, call: Call) -> ChangeResult:
    findings = check_call(call)
    if call.typed is None or any(finding.severity is Severity.ERROR for finding in findings):
        findings += _besides(run, state, call, findings)
        return concluded(run, call, Outcome.INVALID, findings)
    if call.operation == "CreateEndpointConfig":
        raise InputError(call.problem("icplan does not judge CreateEndpointConfig", call.path))
    if absent := _absent(state, call):
        return concluded(run, call, Outcome.INVALID, absent)
    if run.budget.exhausted:
        from icplan.explain.uncertainty import not_judged  # noqa: PLC0415  (mostly it is known)

        return concluded(run, call, Outcome.UNDECIDED, (*findings, not_judged(run.budget.ended)))
    return _against_snapshot(run, recorder, state, call, findings)


def _absent(state: SetState, call: Call) -> Findings:
    """That a component is not there because of a change of this set."""
    name, there = name_in(call), {one.name for one in state.endpoint.components}
    if name not in state.absent_because.keys() - there or call.operation == "CreateInferenceComponent":
        return ()
    at = f"{call.path}.InferenceComponentName"
    return (Finding("ICP170", Severity.ERROR, state.absent_because[name], path=at),)


def _besides(run: Run, state: SetState, call: Call, findings: Findings) -> Findings:
    """What else is wrong with a request that is invalid, as if that were not; none of it an error."""
    unread = call.typed is None or call.operation == "CreateEndpointConfig"
    if not run.explains or run.budget.exhausted or unread:
        return ()
    if any(finding.rule == CREATED_WITH_NONE for finding in findings):
        # It is created with one copy at least.
        call = attrs.evolve(call, request={**call.request, "RuntimeConfig": {"CopyCount": 1}})
    trial, start = run.assumptions.recorder(), SetState(state.endpoint, fleets=state.fleets)
    try:
        change = resolve(run, trial, start, call)
        if change.described is None and not change.spec.requirements:
            return ()
        done = _against_snapshot(run, trial, start, call, ())
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
    run: Run, recorder: Recorder, state: SetState, call: Call, findings: Findings
) -> ChangeResult:
    """A change that is valid by itself, held against what it meets, and what it changes."""
    change = resolve(run, recorder, state, call)
    done = _of_what_it_meets(run, recorder, state, change, findings)
    if not run.explains:
        return done
    changed = differences(change.described, change.spec)
    return attrs.evolve(done, verdict=attrs.evolve(done.verdict, changed=changed))


def _of_what_it_meets(
    run: Run, recorder: Recorder, state: SetState, change: ResolvedChange, findings: Findings
) -> ChangeResult:
    call, spec = change.call, change.spec
    findings = _of_the_failed(recorder, (*findings, *_of_the_state(change)))
    stopped = _stopped(findings)
    if stopped is None and spec.base is not None:
        message = f"{spec.name} is loaded into the copies of {spec.base}, and reserves nothing of its own"
        findings += (Finding("ICP605", Severity.NOTE, message),)
    if stopped is Outcome.INVALID or spec.base is not None:
        doubtful = any(one.rule == BASE_NOT_IN_SERVICE for one in findings)
        otherwise = Outcome.MAY_NOT_FIT if doubtful else Outcome.FITS
        return concluded(run, call, stopped or otherwise, findings, spec=spec)
    if state.unknown_demand_of:
        from icplan.rules.capacity_doubts import UnknownDemand  # noqa: PLC0415  (as above)

        findings += (UnknownDemand(state.unknown_demand_of).finding,)
    if stopped is not None and _ends_by_itself(findings) and at_rest(state.endpoint) is not None:
        # What comes of it then is judged of the endpoint at rest.
        return concluded(run, call, stopped, findings, what_runs(change), spec)
    trials = Trials(run.outcomes_only(), state.start(), call, judge_change)
    done = judge_capacity(change, findings, trials)
    if stopped is not None:
        # What would make room does not help while the state refuses any change.
        stopping = attrs.evolve(done.verdict, outcome=stopped, remedies=(), tried=())
        done = attrs.evolve(done, verdict=stopping)
    return done


def _ends_by_itself(findings: Findings) -> bool:
    """Whether what refuses a change is under way, and no failure."""
    return all(one.rule != FAILED or one.severity is not Severity.ERROR for one in findings)


def _of_the_state(change: ResolvedChange) -> Iterator[Finding]:
    """What the rules say of the request beside what it meets."""
    call, state, spec = change.call, change.state, change.spec
    if state.failed_before is not None:
        message = f"change {state.failed_before} fails; this one is judged as if it had not been asked for"
        yield Finding("ICP407", Severity.NOTE, message)
    met = (
        *merge_findings(call.operation, call.request, call.path, spec),
        *check_call_against(call, spec, state.endpoint, change.catalog),
    )
    asked = getattr(call.typed, "variant_name", None)
    variant = change.described.variant or asked if change.described else asked
    # None refuses a request by a configuration that may not be the one that runs.
    softened = BY_CONFIGURATION if does_not_apply(state.endpoint, variant) else frozenset()
    for one in met:
        error = one.severity is Severity.ERROR
        yield attrs.evolve(one, severity=Severity.WARNING) if error and one.rule in softened else one


def _of_the_failed(assumptions: Assumptions, findings: Findings) -> Findings:
    """The findings; that a component has failed stops its change only if such a write is refused."""
    if all(finding.rule != FAILED for finding in findings):
        return findings
    if assumptions.use("failed-component-takes-update") == "no":
        return findings
    return tuple(
        attrs.evolve(one, severity=Severity.WARNING) if one.rule == FAILED else one for one in findings
    )


def _stopped(findings: Findings) -> Outcome | None:
    """What the findings alone decide: an error of the request, or of the state it meets."""
    errors = [finding.rule for finding in findings if finding.severity is Severity.ERROR]
    if any(rule.startswith("ICP1") for rule in errors):
        return Outcome.INVALID
    return Outcome.BLOCKED if any(rule.startswith("ICP2") for rule in errors) else None
