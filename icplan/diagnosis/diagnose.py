"""The diagnosis of an endpoint, or of one of its components: what hangs, what has failed, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.diagnosis.conflicting_raises import told_apart
from icplan.diagnosis.described import DescribedComponent, described, moment
from icplan.diagnosis.diagnosis import Basis, Diagnosis, Ended, Situation, State, Statement, worst_first
from icplan.diagnosis.ended import CREATE_ANEW, End, by_before, by_verdict, without_evidence
from icplan.diagnosis.endpoint import CONTACT_SUPPORT, endpoint_situation
from icplan.diagnosis.failure_reason import lacks_ec2_capacity, lacks_room, read_failure
from icplan.diagnosis.known_change import KnownChange, earlier, known_change
from icplan.diagnosis.under_way import under_way
from icplan.documents.nearest import nearest
from icplan.errors import InputError, InputProblem
from icplan.judge.settings import Settings
from icplan.snapshot.age import SKEW
from icplan.verdict.verdict import SnapshotIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict


@attrs.frozen
class Evidence:
    """What is known from before: a verdict on the write, or an earlier snapshot; at most one of them."""

    verdict: Verdict | None = None
    before: Snapshot | None = None


def diagnose(
    snapshot: Snapshot,
    component: str | None = None,
    evidence: Evidence | None = None,
    settings: Settings | None = None,
) -> Diagnosis:
    """How a component stands; without one, the endpoint and all of its components that are not at rest.

    InputError for a component that neither the snapshot nor the evidence has, and for evidence that tells
    nothing of it: of another endpoint or component, or of a later time.
    """
    evidence, settings = evidence or Evidence(), settings or Settings()
    _refuse_elsewhere(snapshot, evidence)
    _refuse_later(snapshot, evidence)
    components = {
        one["InferenceComponentName"]: one for one in snapshot.data.get("InferenceComponents") or ()
    }
    told = _told(evidence)
    if component is not None and component not in {*components, *told}:
        raise _unknown(component, sorted({*components, *told}), snapshot)
    if evidence.verdict is not None and (not told or component not in {None, *told}):
        raise _of_another(component, told, evidence.verdict, snapshot)
    names = [component] if component is not None else [*components, *sorted(told - components.keys())]
    found = [_situation(name, components.get(name), snapshot, evidence, settings) for name in names]
    if component is None:
        asked = told if evidence.verdict is not None else set()
        found = [one for one in found if one.name in asked or _speaks(one)]
        endpoint = endpoint_situation(snapshot)
        if not found or endpoint.state is not State.AT_REST:
            found.append(endpoint)
    identity = SnapshotIdentity(snapshot.fingerprint, snapshot.taken_at, snapshot.endpoint_name)
    return Diagnosis(identity, told_apart(worst_first(tuple(found))))


def _refuse_elsewhere(snapshot: Snapshot, evidence: Evidence) -> None:
    """Refuse evidence of another endpoint."""
    other = None
    if evidence.verdict is not None:
        other = evidence.verdict.snapshot.endpoint_name
    elif evidence.before is not None and evidence.before.names_endpoint:
        other = evidence.before.endpoint_name
    if other and snapshot.names_endpoint and other.lower() != snapshot.endpoint_name.lower():
        what = "verdict" if evidence.verdict is not None else "earlier snapshot"
        message = f"the {what} is of endpoint {other!r}, the snapshot of {snapshot.endpoint_name!r}"
        raise InputError(InputProblem(message, file=snapshot.file))


def _refuse_later(snapshot: Snapshot, evidence: Evidence) -> None:
    """Refuse evidence of a time after the snapshot: what it tells of is not before the write."""
    if evidence.verdict is not None:
        what, told = "the verdict was made on a snapshot of", evidence.verdict.snapshot.taken_at
    else:
        what, told = "the earlier snapshot is of", evidence.before.taken_at if evidence.before else None
    then, taken = moment(told), moment(snapshot.taken_at)
    if then is not None and taken is not None and then > taken + SKEW:
        message = f"{what} {told}, which is later than the snapshot to diagnose ({snapshot.taken_at})"
        raise InputError(InputProblem(message, file=snapshot.file))


def _of_another(component: str | None, told: set[str], verdict: Verdict, snapshot: Snapshot) -> InputError:
    """That a verdict would not be used: it is of other components, or of none."""
    of = ", ".join(sorted(told)) or f"no inference component, but of {verdict.changes[0].subject}"
    but = "" if component is None or not told else f", not of {component!r}"
    return InputError(InputProblem(f"the verdict is of {of}{but}: it tells nothing here", file=snapshot.file))


def _told(evidence: Evidence) -> set[str]:
    """The components that the verdict is about, or that the earlier snapshot has."""
    if evidence.verdict is not None:
        return {one.inference_component_name for one in evidence.verdict.changes} - {""}
    if evidence.before is None:
        return set()
    return {one["InferenceComponentName"] for one in evidence.before.data.get("InferenceComponents") or ()}


def _unknown(name: str, known: list[str], snapshot: Snapshot) -> InputError:
    near = nearest(name, known)
    there = f"It has {', '.join(known)}" if known else "It has none"
    hint = f"Did you mean {near}? {there}" if near else there
    return InputError(
        InputProblem(f"the snapshot has no inference component {name!r}", file=snapshot.file, hint=hint)
    )


def _speaks(one: Situation) -> bool:
    """Whether a component is worth a word where all are looked at."""
    return one.state is not State.AT_REST or one.ended is not None


def _situation(
    name: str, data: Mapping[str, Any] | None, snapshot: Snapshot, evidence: Evidence, settings: Settings
) -> Situation:
    known = known_change(evidence.verdict, name)
    component = None if data is None else described(data, snapshot)
    if component is not None and component.moves:
        return under_way(component, known, snapshot, settings)
    end = _end(name, component, known, snapshot, evidence)
    if component is None:
        return _gone(name, end)
    return _at_its_end(component, end, known)


def _end(
    name: str,
    component: DescribedComponent | None,
    known: KnownChange | None,
    snapshot: Snapshot,
    evidence: Evidence,
) -> End:
    if known is not None:
        return by_verdict(component, known, snapshot)
    if evidence.before is not None:
        return by_before(component, earlier(evidence.before, name), snapshot)
    if component is None:
        raise InputError(InputProblem(f"the snapshot has no inference component {name!r}"))
    return without_evidence(component, snapshot)


def _gone(name: str, end: End) -> Situation:
    known = end.how is not Ended.NOT_KNOWN
    return Situation(
        name=name,
        status="(not there)",
        state=State.GONE if known else State.NOT_KNOWN,
        what=name,
        ended=end.how,
        ended_because=end.because,
        as_asked=end.as_asked,
    )


def _at_its_end(component: DescribedComponent, end: End, known: KnownChange | None) -> Situation:
    """A component that has settled."""
    failed = component.status == "Failed"
    state = State.FAILED if failed else State.NOT_KNOWN if end.how is Ended.NOT_KNOWN else State.AT_REST
    copies = None
    if component.current is not None and component.desired is not None:
        copies = (component.current, component.desired)
    verb = "" if known is None else f"{_VERB.get(known.last.operation, 'change')} of "
    return Situation(
        name=component.name,
        status=component.status,
        state=state,
        what=f"{verb}{component.name}",
        copies=copies,
        since=component.since,
        elapsed_seconds=component.elapsed_seconds,
        causes=tuple(_causes(component, end)),
        can=tuple(_can(component, end)),
        must_not=tuple(_must_not(component)),
        ended=end.how,
        ended_because=end.because,
        as_asked=end.as_asked,
        failure_reason=component.failure_reason,
    )


_VERB = {
    "CreateInferenceComponent": "creation",
    "UpdateInferenceComponent": "update",
    "UpdateInferenceComponentRuntimeConfig": "scaling",
    "DeleteInferenceComponent": "deletion",
}


def _causes(component: DescribedComponent, end: End) -> Iterator[Statement]:
    if component.failure_reason is not None:
        other = " (of another write: this one is done)" if end.how is Ended.DONE else ""
        yield Statement(f'FailureReason: "{component.failure_reason}"{other}', Basis.SNAPSHOT)
        yield from read_failure(component.failure_reason)


def _can(component: DescribedComponent, end: End) -> Iterator[Statement]:
    if component.status == "Failed":
        yield CREATE_ANEW
        return
    if end.how is Ended.ROLLBACK_FAILED:
        yield CONTACT_SUPPORT
    elif end.how is not Ended.DONE and lacks_ec2_capacity(component.failure_reason):
        text = (
            "try that write again later, or on another instance type, as AWS's text says; a capacity "
            "reservation keeps instances for it, and instance pools go on to their next type. What EC2 has, "
            "icplan check cannot see"
        )
        yield Statement(text, Basis.DOCUMENTED)
    elif end.how in (Ended.ROLLED_BACK, Ended.SUPERSEDED):
        check = "take a new snapshot and check the change again: icplan check tells"
        if end.how is Ended.SUPERSEDED or lacks_room(component.failure_reason):
            yield Statement(f"{check} what would make it fit", Basis.JUDGED)
            return
        text = f"mend first what the FailureReason tells: it speaks of no lack of room. Then {check} the rest"
        yield Statement(text, Basis.JUDGED)


def _must_not(component: DescribedComponent) -> Iterator[Statement]:
    if component.status == "Failed":
        text = "count on an update of it: whether a Failed component takes one is not documented"
        yield Statement(text, Basis.NOT_DOCUMENTED)
