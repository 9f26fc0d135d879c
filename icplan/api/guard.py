"""A boto3 SageMaker client that checks each write to inference components before it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.api.write_check import GuardReport
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict

GUARDED: Final = (
    "CreateInferenceComponent",
    "UpdateInferenceComponent",
    "UpdateInferenceComponentRuntimeConfig",
)
"""The operations that are checked. DeleteInferenceComponent only makes room."""
_MODES: Final = ("enforce", "warn", "report")
_ANSWERS: Final = ("send", "refuse")


def guard(  # noqa: PLR0913  (one for each kind of setting)
    client: Any,
    *,
    mode: str = "enforce",
    on_doubt: str = "send",
    on_undecided: str = "refuse",
    on_unreadable: str = "refuse",
    on_scale_out: str = "send",
    on_rollback: str = "send",
    report: Callable[[GuardReport], object] | None = None,
    session: Any = None,
    snapshot_reader: Callable[[str], Snapshot] | None = None,
    judge: Callable[..., Verdict] | None = None,
    strict: bool = False,
    **options: Any,
) -> Any:
    """Make a boto3 SageMaker client refuse writes that would fail. The same client comes back.

    Before CreateInferenceComponent, UpdateInferenceComponent and UpdateInferenceComponentRuntimeConfig are
    sent, the endpoint is read through this client and the change is judged; where it takes new instances, or
    that is not known, quotas and what all endpoints use of them are read, too, with the client's own
    credentials. The last thing before sending is a look whether the endpoint is still as it was judged; a
    window of one call stays, since SageMaker has no compare-and-set. In one process one write to an endpoint
    is under way at a time. Nothing else is touched, and no parameter is altered. Guarding a client again
    replaces the options.

    Args:
        client: A client made by ``boto3.client("sagemaker")``. Guard it before threads share it.
        mode: ``enforce`` raises; ``warn`` warns, and ``report`` only reports: both send the write.
        on_doubt, on_undecided, on_unreadable, on_scale_out, on_rollback: ``send`` or ``refuse`` what may not
            fit, what is undecided, what an endpoint that cannot be read is to get, what needs new instances,
            and what may not roll back.
        report: Is given a `GuardReport` of each write.
        session: The boto3 session that makes clients of other services, for quotas; by default they are made
            with the client's credentials, for its Region and its kind of endpoint.
        snapshot_reader: Given an endpoint's name, what it runs; by default read anew for each write.
        judge: What decides; by default `icplan.check`, called with the change, the snapshot and ``options``.
        strict: The same as ``on_doubt="refuse"``.
        options: Passed on to `icplan.check`, such as ``assume``. ``time_limit`` is for reading and judging
            together, 20 seconds by default.

    The guarded calls raise DoesNotFit (with the verdict; it is a botocore ClientError, too) when a write
    would fail, or nothing is known of it, AwsError when the endpoint cannot be read, and InputError when what
    it runs cannot be judged; the write is not sent then.
    Raises TypeError when ``client`` is no boto3 client, ValueError when it is one of another service or for a
    setting that is none, and InputError for a ``time_limit`` that is none.

    """
    from icplan.api.endpoint_locks import EndpointLocks  # noqa: PLC0415  (who guards nothing pays nothing)
    from icplan.api.write_check import SECONDS, Policy, WriteCheck  # noqa: PLC0415

    _refuse_others(client)
    answers = {
        "on_doubt": "refuse" if strict else on_doubt,
        "on_undecided": on_undecided,
        "on_unreadable": on_unreadable,
        "on_scale_out": on_scale_out,
        "on_rollback": on_rollback,
    }
    for name, value in (("mode", mode), *answers.items()):
        allowed = _MODES if name == "mode" else _ANSWERS
        if value not in allowed:
            raise ValueError(f"{name} is one of {', '.join(allowed)}, not {value!r}")
    if "time_limit" in options:
        _check_time_limit(options["time_limit"])
    unguard(client)
    seconds = float(options.get("time_limit", SECONDS))
    check = WriteCheck(
        client,
        session,
        snapshot_reader,
        judge,
        Policy(mode, **answers),
        report,
        EndpointLocks(),
        seconds,
        options,
    )
    for event, handler in _handlers(client, check):
        # Last, to see what other handlers have made of the parameters.
        client.meta.events.register_last(event, handler, unique_id=_id(event))
    return client


def unguard(client: Any) -> Any:
    """Take the guard off a client again, if there is one. The same client comes back."""
    for event, _ in _handlers(client):
        client.meta.events.unregister(event, unique_id=_id(event))
    return client


def _refuse_others(client: Any) -> None:
    if not hasattr(client, "meta"):
        raise TypeError(f"guard takes a boto3 SageMaker client, not a {type(client).__name__}")
    if type(client).__module__.partition(".")[0] == "aiobotocore":
        raise TypeError("guard takes a client of boto3; those of aiobotocore are not supported yet")
    if client.meta.service_model.service_name != "sagemaker":
        raise ValueError(
            f"guard takes a SageMaker client, not one of {client.meta.service_model.service_name}"
        )


def _check_time_limit(limit: Any) -> None:
    from icplan.judge.settings import Settings  # noqa: PLC0415  (only who gives one pays for the catalog)

    Settings(time_limit=limit)


def _handlers(client: Any, check: Any = None) -> list[tuple[str, Any]]:
    """Which events are listened to, and what is done then."""
    # An error raised here stops the request even where a stub would answer for AWS: stubs answer later.
    service = client.meta.service_model.service_id.hyphenize()
    answered = ("after-call", "after-call-error")
    return [
        (f"{event}.{service}.{operation}", check and (check.answered if event in answered else check.check))
        for operation in GUARDED
        for event in ("before-parameter-build", *answered)
    ]


def _id(event: str) -> str:
    # botocore keeps one register of ids for all events, so each event needs one of its own.
    return f"icplan.guard.{event}"
