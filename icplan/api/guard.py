"""A boto3 client, or a session, that checks each write that bears on capacity before it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from icplan.api.agreed_plan import PlanSource
    from icplan.api.endpoint_locks import LockSource
    from icplan.api.given_settings import ConfigSource
    from icplan.api.guard_settings import GuardSettings
    from icplan.api.guarded_operations import GuardedOperation
    from icplan.api.write_check import GuardReport, WriteCheck
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict

# Who guards nothing pays nothing.
# ruff: noqa: PLC0415

_ASYNCHRONOUS: Final = ("aiobotocore", "aioboto3")
_SERVICE_IDS: Final = ("sagemaker", "application-auto-scaling")
"""Those of the services that are guarded, as botocore's events name them."""


def guard(  # noqa: PLR0913  (one for each kind of setting)
    client: Any,
    *,
    mode: str = "enforce",
    on_doubt: str = "send",
    on_undecided: str = "refuse",
    on_unreadable: str = "refuse",
    on_scale_out: str = "send",
    on_rollback: str = "warn",
    plan: PlanSource | None = None,
    config: ConfigSource = None,
    report: Callable[[GuardReport], object] | None = None,
    lock: LockSource = "process",
    wait: bool = False,
    session: Any = None,
    snapshot_reader: Callable[[str], Snapshot] | None = None,
    judge: Callable[..., Verdict] | None = None,
    strict: bool = False,
    **options: Any,
) -> Any:
    """Make a boto3 client, or a session, refuse writes that would fail. The same one comes back.

    Guarded are the writes to inference components (create, update, scale, delete), CreateEndpointConfig (by
    the rules of the request), UpdateEndpoint and UpdateEndpointWeightsAndCapacities (whether what runs still
    fits), DeleteEndpoint (whether components run on it), and of a client of Application Auto Scaling
    RegisterScalableTarget (a maximum that cannot fit: a warning, no more). A session guards every such client
    that is made from it afterwards.

    Before one of these is sent, the endpoint is read through this client and the change is judged; where it
    takes new instances, or that is not known, quotas and what all endpoints use of them are read, too, with
    the client's own credentials. Of an endpoint that was read before only what its list says has changed is
    read again. The last thing before sending is a look whether the endpoint is still as it was judged; a
    window of one call stays, since SageMaker has no compare-and-set. In one process one write to an endpoint
    is under way at a time. Nothing else is touched, and no parameter is altered. What AWS does not have is
    left to it to refuse. Guarding again replaces the options.

    Args:
        client: A client made by ``boto3.client``, of ``sagemaker`` or ``application-autoscaling``, or a
            session. Guard it before threads share it.
        mode: ``enforce`` raises; ``warn`` warns, and ``report`` only reports: both send the write.
        on_doubt, on_undecided, on_unreadable, on_scale_out, on_rollback: ``send``, ``warn`` (and send) or
            ``refuse`` what may not fit, what is undecided, what an endpoint that cannot be read is to get,
            what needs new instances, and what may not roll back.
        plan: A verdict, or the index of the endpoint it was made on: the first write is sent only to that
            endpoint as it was then.
        config: The path of an ``icplan.toml`` (or of a ``pyproject.toml``), read once, now; ``True``: of the
            one that the command would find. What is given here wins over it. An endpoint of another account
            than its ``expect-account`` is never written to; ``fail-on`` and groups are the command's alone.
        report: Is given a `GuardReport` of each write, when it has its answer or is not sent.
        lock: Held from reading to AWS's answer: by default one of the process for each endpoint; ``None``;
            or a context manager (or what gives one for an endpoint's name) that holds other processes up.
        wait: Each write to a component is followed to its end; botocore's WaiterError if that is a bad one.
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
    Raises TypeError when ``client`` is neither, and for an option that `icplan.check` does not take,
    ValueError when it is one of another service or for a setting that is none, and InputError for a ``plan``,
    a ``config`` or an option's value that is none.

    """
    from icplan.api.guard_settings import GuardSettings

    _refuse_others(client)
    settings = GuardSettings.of(
        mode=mode,
        on_doubt="refuse" if strict else on_doubt,
        on_undecided=on_undecided,
        on_unreadable=on_unreadable,
        on_scale_out=on_scale_out,
        on_rollback=on_rollback,
        plan=plan,
        config=config,
        report=report,
        lock=lock,
        wait=wait,
        session=session,
        snapshot_reader=snapshot_reader,
        judge=judge,
        options=options,
    )
    unguard(client)
    if is_session(client):
        _register_session(client, settings)
    else:
        _register(client, settings)
    return client


def unguard(client: Any) -> Any:
    """Take the guard off a client or a session again, if there is one. The same one comes back.

    A client that was made from a guarded session stays guarded: it has to be given itself.
    """
    if is_session(client):
        for event in _births():
            _events(client).unregister(event, unique_id=_id(event))
        return client
    for event in _events_of(client):
        client.meta.events.unregister(event, unique_id=_id(event))
    return client


def is_session(client: Any) -> bool:
    """Whether it makes clients: a session of boto3 or of botocore."""
    return not hasattr(client, "meta") and (hasattr(client, "create_client") or hasattr(client, "client"))


def _refuse_others(client: Any) -> None:
    from icplan.api.guarded_operations import SERVICES

    if type(client).__module__.partition(".")[0] in _ASYNCHRONOUS:
        raise TypeError(
            "guard takes a client or a session of boto3; icplan.aio.guard takes those of aiobotocore"
        )
    if is_session(client):
        return
    if not hasattr(client, "meta"):
        raise TypeError(f"guard takes a boto3 SageMaker client, or a session, not a {type(client).__name__}")
    service = client.meta.service_model.service_name
    if service not in SERVICES:
        raise ValueError(
            f"guard takes a SageMaker client, not one of {service} (or one of application-autoscaling)"
        )


def _register(client: Any, settings: GuardSettings) -> None:
    check = settings.check_of(client)
    for operation in guarded_of_client(client):
        for event, handler in _handlers(client, operation, check):
            # Last, to see what other handlers have made of the parameters.
            client.meta.events.register_last(event, handler, unique_id=_id(event))


def _handlers(client: Any, operation: GuardedOperation, check: WriteCheck) -> list[tuple[str, Any]]:
    """Which events of an operation are listened to, and what is done then."""
    # An error raised here stops the request even where a stub would answer for AWS: stubs answer later.
    before, *after = events_of(client, operation)
    return [(before, check.checks(operation)), *((event, check.answered) for event in after)]


def events_of(client: Any, operation: GuardedOperation) -> tuple[str, str, str]:
    """The events of botocore around an operation: before a request is built, and once there is an answer."""
    of = f"{client.meta.service_model.service_id.hyphenize()}.{operation.name}"
    return f"before-parameter-build.{of}", f"after-call.{of}", f"after-call-error.{of}"


def guarded_of_client(client: Any) -> Iterator[GuardedOperation]:
    """The operations of a client's service that are guarded."""
    from icplan.api.guarded_operations import guarded_of

    return guarded_of(client.meta.service_model.service_name)


def _events_of(client: Any) -> Iterator[str]:
    return (event for operation in guarded_of_client(client) for event in events_of(client, operation))


def _id(event: str) -> str:
    # botocore keeps one register of ids for all events, so each event needs one of its own.
    return f"icplan.guard.{event}"


# -- sessions -----------------------------------------------------------------------------------------------


def _events(session: Any) -> Any:
    """The emitter whose handlers each client of the session gets a copy of."""
    return session.events if hasattr(session, "events") else session.get_component("event_emitter")


def _births() -> tuple[str, ...]:
    """The events of botocore before the class of a client is made, of each service."""
    return tuple(f"creating-client-class.{service}" for service in _SERVICE_IDS)


def _register_session(session: Any, settings: GuardSettings) -> None:
    class Guarded:
        """Beside botocore's own class: what it makes is guarded from the beginning."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            _register(self, settings)

    def add(base_classes: list[type], **_: object) -> None:
        base_classes.insert(0, Guarded)

    for event in _births():
        _events(session).register(event, add, unique_id=_id(event))
