"""A remedy made: the calls and the endpoint that it comes to, and the document to send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs.boto3_request import read_calls
from icplan.judge.in_order import told
from icplan.judge.remedy_context import configuring_call, endpoint_of, is_quota_on
from icplan.remedies.json_patch import apply_patch
from icplan.remedies.steps_and_risks import deploying, new_configuration, patched_calls
from icplan.requests.call import Call
from icplan.snapshot.at_rest import at_rest
from icplan.snapshot.snapshot import Snapshot
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.remedies.trial import Envelope
    from icplan.verdict.remedy import Remedy
    from icplan.verdict.remedy_steps import QuotaRaise
    from icplan.verdict.verdict import Verdict


@attrs.frozen
class AppliedRemedy:
    """What a remedy comes to: the ``document`` to send, and the question that it makes.

    The document is the patched request, the set of calls, or the request of CreateEndpointConfig. The
    question is all ``calls``, those included that give the endpoint a new configuration, asked of the
    endpoint once the quota is raised, or once it is at rest. ``place`` is that of the change among them, and
    ``source`` the file and the JSON path where it was read.
    """

    remedy: Remedy
    document: Any
    calls: tuple[Call, ...]
    snapshot: Snapshot | None
    place: int
    source: tuple[str | None, str | None] = (None, None)


def apply_remedy(
    calls: Sequence[Call], snapshot: Snapshot | None, verdict: Verdict, number: int
) -> AppliedRemedy:
    """The remedy of that number made. InputError where the verdict has no such remedy."""
    calls = told(calls, snapshot)
    for at, change in enumerate(verdict.changes):
        for remedy in change.remedies:
            if remedy.number == number:
                return _applied(remedy, calls, at, snapshot)
    raise no_such_remedy(number, len(verdict.remedies))


def _applied(remedy: Remedy, calls: Sequence[Call], at: int, snapshot: Snapshot | None) -> AppliedRemedy:
    made = configuring_call(calls, at) if remedy.target is Target.ENDPOINT_CONFIG else None
    first: list[Envelope] = []
    if remedy.target is Target.ENDPOINT_CONFIG and made is None and snapshot is not None:
        request = new_configuration(remedy, snapshot.data["EndpointConfig"])
        first = deploying(request, endpoint_of(calls, snapshot))
    done = _calls(remedy, calls, at, made)
    as_asked = all(each == [_envelope(call)] for each, call in zip(done, calls, strict=True))
    done[at] = [*first, *done[at]]
    every = [call for each in done for call in each]
    document = first[0]["Request"] if first and as_asked else _document(every)
    after = None if snapshot is None else before_calls(remedy, snapshot)
    calls_after = (Call(one["Operation"], dict(one["Request"])) for one in every)
    place = sum(map(len, done[:at])) + len(first) + len(remedy.before)
    source = calls[at].file, calls[at].path
    return AppliedRemedy(remedy, document, tuple(calls_after), after, place, source)


def calls_with(remedy: Remedy, calls: Sequence[Call], at: int) -> list[list[Call]]:
    """What each call of a set becomes with a remedy that alters nothing but calls."""
    after = patched_calls(remedy, calls[at].operation, calls[at].request)
    made = [Call(one["Operation"], dict(one["Request"])) for one in after]
    return [made if number == at else [call] for number, call in enumerate(calls)]


def _calls(remedy: Remedy, calls: Sequence[Call], at: int, made: int | None) -> list[list[Envelope]]:
    """What each call becomes with the remedy made: the change, and the configuration that the set makes."""
    envelopes = [[_envelope(call)] for call in calls]
    envelopes[at] = patched_calls(remedy, calls[at].operation, calls[at].request)
    if made is not None:
        request = apply_patch(calls[made].request, remedy.patch)
        envelopes[made] = [{"Operation": calls[made].operation, "Request": request}]
    return envelopes


def _document(calls: Sequence[Envelope]) -> Any:
    """The calls as a change file has them: a bare request where that tells which call it is."""
    if len(calls) > 1:
        return list(calls)
    return dict(calls[0]["Request"]) if _tells(calls[0]) else calls[0]


def _envelope(call: Call) -> Envelope:
    return {"Operation": call.operation, "Request": call.request}


def _tells(envelope: Envelope) -> bool:
    """Whether a bare request tells which call it is."""
    try:
        (call,) = read_calls(dict(envelope["Request"]))
    except InputError:
        return False
    return call.operation == envelope["Operation"] and not call.either


def before_calls(remedy: Remedy, snapshot: Snapshot) -> Snapshot:
    """The endpoint and the account as the remedy has them before any call is made."""
    data: dict[str, Any] = dict(snapshot.data)
    if remedy.target is Target.WAIT or remedy.once_at_rest:
        then = at_rest(snapshot)
        data = data if then is None else then.data
    if remedy.quota is not None:
        data = _with_quota(data, remedy.quota)
    return Snapshot.from_dict(data, snapshot.file)


def _with_quota(data: dict[str, Any], raised: QuotaRaise) -> dict[str, Any]:
    """The document once the quota is as large as is wanted."""
    quotas = [dict(one) for one in data.get("Quotas") or ()]
    for one in quotas:
        if is_quota_on(one, raised.type, of_endpoint=raised.of_endpoint):
            one["Value"] += raised.by
    return data | {"Quotas": quotas}


def no_such_remedy(number: int, most: int) -> InputError:
    """That the report has no remedy of that number."""
    there = f"The report has {most}, numbered from 1" if most else "The report has none"
    return InputError(InputProblem(f"there is no remedy {number} to apply", hint=there))
