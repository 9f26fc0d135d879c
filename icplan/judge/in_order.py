"""Calls judged one after another: changes of the endpoint at the edges, changes of its components between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.effects.fleet_history import FleetHistory
from icplan.errors import InputError
from icplan.judge.endpoint_change import EndpointFacts, EndpointJudge, text_of
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.rules.hit import Violation, finding
from icplan.snapshot.apply import apply
from icplan.verdict.verdict import ChangeVerdict, Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.judge.change import ChangeSetState
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot

NO_ENDPOINT = (
    "Give --snapshot FILE or --endpoint NAME, or put the requests that make the endpoint before it: "
    "create_endpoint_config, then create_endpoint"
)


def told(calls: Sequence[Call], snapshot: Snapshot | None) -> list[Call]:
    """The calls, each of one operation: what makes an endpoint that is there already updates it."""
    there = {snapshot.endpoint_name} if snapshot is not None and snapshot.names_endpoint else set()
    found = []
    for call in calls:
        name = text_of(call, "EndpointName")
        operation = "UpdateEndpoint" if call.either and name in there else call.operation
        found.append(attrs.evolve(call, operation=operation, either=False))
        if operation == "CreateEndpoint" and name is not None:
            there.add(name)
    return found


def make_endpoint(calls: Sequence[Call]) -> bool:
    """Whether calls are judged without a snapshot: they begin with what makes an endpoint."""
    return bool(calls) and calls[0].operation in ("CreateEndpointConfig", "CreateEndpoint")


def judged_in_order(
    run: ChangeSetState, calls: Sequence[Call], snapshot: Snapshot | None
) -> Iterator[ChangeVerdict]:
    """The verdict of each call, on what the ones before it leave; a failing one changes nothing."""
    facts = EndpointFacts(snapshot)
    for number, call in enumerate(calls, start=1):
        if call.operation in ENDPOINT_OPERATIONS:
            verdict, facts = _endpoint(run, call, facts, calls[number:])
        elif facts.snapshot is None:
            verdict = _without_endpoint(run, call, facts)
        else:
            verdict, there = _component(run, call, facts.snapshot, number)
            facts = attrs.evolve(facts, snapshot=there)
        yield verdict
        run.failed_before = number if verdict.outcome.fails else None


def _component(
    run: ChangeSetState, call: Call, snapshot: Snapshot, number: int
) -> tuple[ChangeVerdict, Snapshot]:
    """A change of a component, and what is there after it."""
    done = run._change(call, snapshot)  # noqa: SLF001  (the step of a fold that goes on here)
    fails = done.verdict.outcome.fails
    run._note_missing(call.operation, done.verdict.inference_component_name, number, fails=fails)  # noqa: SLF001
    if done.spec is None or fails:
        return done.verdict, snapshot
    run.fleet_uncertain = run.fleet_uncertain or done.verdict.outcome is not Outcome.FITS
    if done.spec.ambiguous:
        run.unknown_demand_of = done.verdict.inference_component_name
    resized = run.between.record(done.effect, done.uncertainty, run.budget) if done.effect else None
    data = apply(snapshot.data, call.operation, call.request, done.spec, resized)
    return done.verdict, attrs.evolve(snapshot, data=data)


def _endpoint(
    run: ChangeSetState, call: Call, facts: EndpointFacts, later: Sequence[Call]
) -> tuple[ChangeVerdict, EndpointFacts]:
    """A change of the endpoint, and what is there after it."""
    name = call.request.get("EndpointConfigName")
    used = any(
        one.operation in ("CreateEndpoint", "UpdateEndpoint")
        and one.request.get("EndpointConfigName") == name
        for one in later
    )
    result = EndpointJudge(run.settings, run.assumptions, run.budget).judge(call, facts, used=used)
    verdict = result.verdict
    if run.failed_before is not None and verdict.outcome is not Outcome.INVALID:
        message = f"change {run.failed_before} fails; this one is judged as if it had not been asked for"
        note = call.located(Finding("ICP407", Severity.NOTE, message))
        verdict = attrs.evolve(verdict, findings=(*verdict.findings, note))
    if result.after.snapshot is not facts.snapshot:
        # Its instances are others: nothing is known of them but what the change says.
        run.between = FleetHistory()
        run.fleet_uncertain = run.fleet_uncertain or verdict.outcome is not Outcome.FITS
    return run._without_ignored(verdict), result.after  # noqa: SLF001


def _without_endpoint(run: ChangeSetState, call: Call, facts: EndpointFacts) -> ChangeVerdict:
    """A change of a component where no endpoint is: one that fails to be made is told as the reason."""
    if not facts.absent_because:
        raise InputError(call.problem("what the endpoint runs is not told", call.path, NO_ENDPOINT))
    endpoint = call.request.get("EndpointName", "of this set")
    message = f"the endpoint {endpoint} is not there: the change of this set that makes it fails"
    found = call.located(finding("ICP181", Violation(f"{call.path}.EndpointName", message)))
    name = str(call.request.get("InferenceComponentName", "(no name)"))
    verdict = ChangeVerdict(
        call.operation, name, Outcome.INVALID, findings=(found,), file=call.file, path=call.path
    )
    return run._without_ignored(verdict)  # noqa: SLF001


def undecided(run: ChangeSetState, call: Call) -> ChangeVerdict:
    """The verdict of a call that there was no time to look at."""
    verdict = run.undecided(call)
    if call.operation not in ENDPOINT_OPERATIONS:
        return verdict
    return attrs.evolve(
        verdict,
        inference_component_name="",
        endpoint_name=text_of(call, "EndpointName"),
        endpoint_config_name=text_of(call, "EndpointConfigName"),
    )
