"""Calls judged one after another: changes of the endpoint at the edges, changes of its components between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import WHAT_RUNS, InputError
from icplan.judge.change import judge_change
from icplan.judge.change import undecided as undecided_change
from icplan.judge.endpoint_facts import EndpointFacts, endpoint_verdict, text_of
from icplan.judge.endpoint_in_set import judge_endpoint, on_new_instances
from icplan.judge.state import ChangeResult, SetState, concluded, state_after
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.rules.base import Violation, finding
from icplan.rules.registry import RULES, check_call
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.judge.state import Run
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot

NO_ENDPOINT = (
    f"Give {WHAT_RUNS}, or put the requests that make the endpoint before it: "
    "create_endpoint_config, then create_endpoint"
)


def told(calls: Sequence[Call], snapshot: Snapshot | None) -> list[Call]:
    """The calls, each of one operation: what makes an endpoint that is there already updates it."""
    there = {snapshot.endpoint_name} if snapshot is not None and snapshot.names_endpoint else set()
    found = []
    for call in calls:
        name = text_of(call, "EndpointName")
        operation = "UpdateEndpoint" if call.either and name in there else call.operation
        found.append(attrs.evolve(call, operation=operation, either=False) if call.either else call)
        if operation == "CreateEndpoint" and name is not None:
            there.add(name)
    return found


def make_endpoint(calls: Sequence[Call]) -> bool:
    """Whether calls are judged without a snapshot: they begin with what makes an endpoint."""
    return bool(calls) and calls[0].operation in ("CreateEndpointConfig", "CreateEndpoint")


def judged_in_order(run: Run, calls: Sequence[Call], state: SetState | None) -> Iterator[ChangeResult]:
    """The result of each call, on what the ones before it leave; a failing one changes nothing.

    ``state`` is what the first call meets, ``None`` where there is no endpoint yet.
    """
    facts, failed_before = EndpointFacts(state.endpoint if state else None), None
    for number, call in enumerate(calls, start=1):
        if call.operation in ENDPOINT_OPERATIONS:
            result, after = judge_endpoint(run, call, facts, calls[number:], failed_before)
            if after.state is not None and after.state is not facts.state:
                state = on_new_instances(state or SetState(after.state), after, result)
            facts = after
        elif state is None or _failed_to_be_made(state, call, facts):
            result = _without_endpoint(run, call, facts)
        else:
            result = judge_change(run, attrs.evolve(state, goes_on=number < len(calls)), call)
        yield result
        if number == len(calls):
            return
        failed_before = number if result.verdict.outcome.fails else None
        if state is not None and call.operation not in ENDPOINT_OPERATIONS:
            state = state_after(run, state, call, result)
            facts = attrs.evolve(facts, state=state.endpoint)
        elif state is not None:
            state = attrs.evolve(state, done=number, failed_before=failed_before)


def _failed_to_be_made(state: SetState, call: Call, facts: EndpointFacts) -> bool:
    """Whether a call is on an endpoint of the set that is not there, and the snapshot is of none."""
    return state.endpoint.described_name is None and text_of(call, "EndpointName") in facts.absent_because


def undecided(run: Run, call: Call) -> ChangeResult:
    """The result of a call that there was no time to look at."""
    if call.operation not in ENDPOINT_OPERATIONS:
        return undecided_change(run, call)
    from icplan.explain.uncertainty import not_judged  # noqa: PLC0415  (mostly it is known)

    return ChangeResult(endpoint_verdict(call, Outcome.UNDECIDED, (not_judged(run.budget.ended),)))


def _without_endpoint(run: Run, call: Call, facts: EndpointFacts) -> ChangeResult:
    """The result of a change of a component where no endpoint is; one that fails to be made is the reason."""
    if not facts.absent_because:
        raise InputError(call.problem("what the endpoint runs is not told", call.path, NO_ENDPOINT))
    endpoint = text_of(call, "EndpointName") or "of this set"
    message = f"the endpoint {endpoint} is not there: the change of this set that makes it fails"
    found = finding(RULES["ICP181"], Violation(f"{call.path}.EndpointName", message))
    return concluded(run, call, Outcome.INVALID, (*check_call(call), found))
