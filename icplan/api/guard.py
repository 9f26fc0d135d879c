"""A boto3 SageMaker client that checks each write to inference components before it leaves."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.safe_text import safe_text
from icplan.errors import DoesNotFit
from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import ChangeVerdict, Verdict

GUARDED: Final = (
    "CreateInferenceComponent",
    "UpdateInferenceComponent",
    "UpdateInferenceComponentRuntimeConfig",
)
"""The operations that are checked. DeleteInferenceComponent only makes room."""


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
        strict: Refuse what may not fit, too, not only what is known to fail or is undecided.
        options: Passed on to `icplan.check`, such as ``assume`` or ``time_limit``.

    The guarded calls raise DoesNotFit (with the verdict) when a write would fail, or nothing is known of it,
    AwsError when the endpoint cannot be read, and InputError when what it runs cannot be judged; the write is
    not sent then.
    Raises TypeError when ``client`` is no boto3 client, ValueError when it is one of another service, and
    InputError for a ``time_limit`` that is none.

    """
    if not hasattr(client, "meta"):
        raise TypeError(f"guard takes a boto3 SageMaker client, not a {type(client).__name__}")
    if client.meta.service_model.service_name != "sagemaker":
        raise ValueError(
            f"guard takes a SageMaker client, not one of {client.meta.service_model.service_name}"
        )
    if "time_limit" in options:
        _check_time_limit(options["time_limit"])
    unguard(client)
    door = _RequestCheck(client, snapshot_reader, judge, strict, options)
    for event in _events(client):
        # Last, to see what other handlers have made of the parameters.
        client.meta.events.register_last(event, door.check, unique_id=_id(event))
    return client


def unguard(client: Any) -> Any:
    """Take the guard off a client again, if there is one. The same client comes back."""
    for event in _events(client):
        client.meta.events.unregister(event, unique_id=_id(event))
    return client


@attrs.frozen
class _RequestCheck:
    """What stands between a client and AWS. Holds no state that changes, so threads may share it."""

    client: Any
    snapshot_reader: Callable[[str], Snapshot] | None
    judge: Callable[..., Verdict] | None
    strict: bool
    options: Mapping[str, Any]

    def check(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        """Refuse the request that is about to be built, or let it pass."""
        if self._botocore_refuses(params, model):
            return
        component = params.get("InferenceComponentName")
        snapshot = self._snapshot(params)
        judge = self.judge or _check
        change = {"Operation": model.name, "Request": copy.deepcopy(dict(params))}
        verdict = judge(change, snapshot, **self.options)
        undecided = verdict.outcome is Outcome.UNDECIDED
        if verdict.outcome.fails or undecided or (self.strict and not verdict.outcome.fits):
            raise DoesNotFit(safe_text(_message(str(component), verdict)), verdict)

    def _botocore_refuses(self, params: Mapping[str, Any], model: Any) -> bool:
        """Whether botocore's own validation, which comes next, will raise: its error says more."""
        from botocore.validate import ParamValidator  # noqa: PLC0415  (the client has loaded botocore)

        checked = self.client.meta.config.parameter_validation
        return bool(checked) and ParamValidator().validate(params, model.input_shape).has_errors()

    def _snapshot(self, request: Mapping[str, Any]) -> Snapshot:
        from icplan.aws.read import endpoint_of  # noqa: PLC0415  (a client not guarded pays nothing)
        from icplan.snapshot.snapshot import Snapshot  # noqa: PLC0415  (as below)

        endpoint = request.get("EndpointName") or endpoint_of(self.client, request["InferenceComponentName"])
        if self.snapshot_reader:
            return self.snapshot_reader(endpoint)
        return Snapshot.read(endpoint, client=self.client)


def _check(change: Mapping[str, Any], snapshot: Snapshot, **options: Any) -> Verdict:
    from icplan.api.check import check  # noqa: PLC0415  (the solver is loaded only when a write is made)

    return check(change, snapshot, **options)


def _check_time_limit(limit: Any) -> None:
    from icplan.judge.settings import Settings  # noqa: PLC0415  (only who gives one pays for the catalog)

    Settings(time_limit=limit)


def _events(client: Any) -> list[str]:
    # An error raised here stops the request even where a stub would answer for AWS: stubs answer later.
    service = client.meta.service_model.service_id.hyphenize()
    return [f"before-parameter-build.{service}.{operation}" for operation in GUARDED]


def _id(event: str) -> str:
    # botocore keeps one register of ids for all events, so each event needs one of its own.
    return f"icplan.guard.{event}"


def _message(component: str, verdict: Verdict) -> str:
    change = min(verdict.changes, key=lambda change: change.outcome.rank)
    reason = _reason(change)
    return f"{component}: {_OUTCOME_TEXT[verdict.outcome]}; nothing was sent" + (
        f". {reason}" if reason else ""
    )


def _reason(change: ChangeVerdict) -> str:
    findings = sorted(change.findings, key=lambda finding: list(Severity).index(finding.severity))
    return " ".join(f"{findings[0].rule}: {findings[0].message}".split()) if findings else ""


_OUTCOME_TEXT: Final = {
    Outcome.INVALID: "invalid, SageMaker would reject the request",
    Outcome.BLOCKED: "blocked, SageMaker would refuse the write now",
    Outcome.DOES_NOT_FIT: "does not fit",
    Outcome.UNDECIDED: "undecided",
    Outcome.MAY_NOT_FIT: "may not fit",
}
