"""A boto3 SageMaker client that checks each write to inference components before it leaves."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.errors import DoesNotFit
from icplan.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.snapshot import Snapshot
    from icplan.verdict import ChangeVerdict, Verdict

GUARDED: Final = (
    "CreateInferenceComponent",
    "UpdateInferenceComponent",
    "UpdateInferenceComponentRuntimeConfig",
)
"""The operations that are checked. DeleteInferenceComponent only makes room."""

_KEPT: Final = "icplan.parameters"


def guard(
    client: Any,
    *,
    snapshot_reader: Callable[[str], Snapshot] | None = None,
    judge: Callable[..., Verdict] | None = None,
    strict: bool = False,
    **options: Any,
) -> Any:
    """Make a boto3 SageMaker client refuse writes that would fail. The same client comes back.

    Before CreateInferenceComponent, UpdateInferenceComponent and UpdateInferenceComponentRuntimeConfig are
    sent, the endpoint is read through this client and the change is judged. Nothing else is touched, and no
    parameter is altered. Guarding a client again replaces the options.

    Args:
        client: A client made by ``boto3.client("sagemaker")``. Guard it before threads share it.
        snapshot_reader: Given an endpoint's name, what it runs; by default read anew for each write.
        judge: What decides; by default `icplan.check`, called with the change, the snapshot and ``options``.
        strict: Refuse what may not fit or is undecided, too, not only what is known to fail.
        options: Passed on to `icplan.check`, such as ``assume`` or ``time_limit``.

    The guarded calls raise DoesNotFit (with the verdict) when a write would fail, AwsError when the endpoint
    cannot be read, and InputError when what it runs cannot be judged; the write is not sent then.
    Raises ValueError when ``client`` is one of another service.

    """
    if client.meta.service_model.service_name != "sagemaker":
        raise ValueError(
            f"guard takes a SageMaker client, not one of {client.meta.service_model.service_name}"
        )
    unguard(client)
    door = _Door(client, snapshot_reader, judge, strict, options)
    events = client.meta.events
    for operation in GUARDED:
        kept, sent = _events(client, operation)
        # Last, to see what other handlers made of the parameters; first, before a stub answers for AWS.
        events.register_last(kept, _keep_parameters, unique_id=_id(kept))
        events.register_first(sent, door.check, unique_id=_id(sent))
    return client


def unguard(client: Any) -> Any:
    """Take the guard off a client again, if there is one. The same client comes back."""
    for operation in GUARDED:
        for event in _events(client, operation):
            client.meta.events.unregister(event, unique_id=_id(event))
    return client


@attrs.frozen
class _Door:
    """What stands between a client and AWS. Holds no state that changes, so threads may share it."""

    client: Any
    snapshot_reader: Callable[[str], Snapshot] | None
    judge: Callable[..., Verdict] | None
    strict: bool
    options: Mapping[str, Any]

    def check(self, model: Any, context: Mapping[str, Any], **_: object) -> None:
        """Refuse the request that is about to be sent, or let it pass: an answer would replace AWS's own."""
        request = copy.deepcopy(dict(context[_KEPT]))
        snapshot = self._snapshot(request)
        judge = self.judge or _check
        verdict = judge({"Operation": model.name, "Request": request}, snapshot, **self.options)
        if verdict.outcome.fails or (self.strict and not verdict.outcome.fits):
            raise DoesNotFit(_message(request["InferenceComponentName"], verdict), verdict)

    def _snapshot(self, request: Mapping[str, Any]) -> Snapshot:
        from icplan.snapshot import Snapshot  # noqa: PLC0415  (as below)
        from icplan.sources.aws import endpoint_of  # noqa: PLC0415  (a client not guarded pays nothing)

        endpoint = request.get("EndpointName") or endpoint_of(self.client, request["InferenceComponentName"])
        if self.snapshot_reader:
            return self.snapshot_reader(endpoint)
        return Snapshot.read(endpoint, client=self.client)


def _check(change: Mapping[str, Any], snapshot: Snapshot, **options: Any) -> Verdict:
    from icplan.checking import check  # noqa: PLC0415  (the solver is loaded only when a write is made)

    return check(change, snapshot, **options)


def _events(client: Any, operation: str) -> tuple[str, str]:
    service = client.meta.service_model.service_id.hyphenize()
    return f"before-parameter-build.{service}.{operation}", f"before-call.{service}.{operation}"


def _id(event: str) -> str:
    # botocore keeps one register of ids for all events, so each event needs one of its own.
    return f"icplan.guard.{event}"


def _keep_parameters(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
    # The request that is sent is serialised already. The context is one request's own.
    context[_KEPT] = params


def _message(component: str, verdict: Verdict) -> str:
    change = min(verdict.changes, key=lambda change: change.outcome.rank)
    reason = _reason(change)
    return f"{component}: {_WORDS[verdict.outcome]}; nothing was sent" + (f". {reason}" if reason else "")


def _reason(change: ChangeVerdict) -> str:
    findings = sorted(change.findings, key=lambda finding: list(Severity).index(finding.severity))
    return " ".join(f"{findings[0].rule}: {findings[0].message}".split()) if findings else ""


_WORDS: Final = {
    Outcome.INVALID: "invalid, SageMaker would reject the request",
    Outcome.BLOCKED: "blocked, SageMaker would refuse the write now",
    Outcome.DOES_NOT_FIT: "does not fit",
    Outcome.UNDECIDED: "undecided",
    Outcome.MAY_NOT_FIT: "may not fit",
}
