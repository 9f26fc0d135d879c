"""The guard for clients of aiobotocore: the same as `icplan.guard`, and nothing waits but the call itself.

Endpoints are read, and writes judged, in a thread, by a client of botocore with the same credentials, Region
and kind of endpoint.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.api.guard import events_of, guarded_of_client
from icplan.api.guard_settings import GuardSettings
from icplan.aws.sibling_session import SiblingSession, credentials_of

if TYPE_CHECKING:
    from icplan.api.guarded_operations import GuardedOperation
    from icplan.api.write_check import WriteCheck

_MODULES: Final = ("aiobotocore", "aioboto3")
_SETTINGS: Final = (
    *("mode", "on_doubt", "on_undecided", "on_unreadable", "on_scale_out", "on_rollback", "plan", "config"),
    *("report", "lock", "wait", "session", "snapshot_reader", "judge"),
)
_NONE: Final[dict[str, Any]] = dict.fromkeys(("report", "session", "snapshot_reader", "judge"))


def guard(client: Any, *, strict: bool = False, **settings: Any) -> Any:
    """Make an asynchronous client refuse writes that would fail. The same client comes back.

    ``settings`` are those of `icplan.guard`; ``report``, ``judge``, ``snapshot_reader`` and ``lock`` are
    called in another thread. Raises TypeError for a client that is not asynchronous.
    """
    if type(client).__module__.partition(".")[0] not in _MODULES or not hasattr(client, "meta"):
        raise TypeError("icplan.aio.guard takes a client of aiobotocore; icplan.guard takes those of boto3")
    told: dict[str, Any] = {name: settings.pop(name) for name in _SETTINGS if name in settings}
    if strict:
        told["on_doubt"] = "refuse"
    told = {**_NONE, "wait": False, **told}
    checks = _Checks(client, GuardSettings.of(**told, options=settings))
    unguard(client)
    for operation in guarded_of_client(client):
        before, *after = events_of(client, operation)
        client.meta.events.register_last(before, checks.of(operation), unique_id=_id(before))
        for event in after:
            client.meta.events.register_last(event, checks.answered, unique_id=_id(event))
    return client


def unguard(client: Any) -> Any:
    """Take the guard off an asynchronous client again, if there is one. The same client comes back."""
    for operation in guarded_of_client(client):
        for event in events_of(client, operation):
            client.meta.events.unregister(event, unique_id=_id(event))
    return client


@attrs.define
class _Checks:
    """The handlers of one client. What checks is made anew when the credentials are others."""

    client: Any
    settings: GuardSettings
    credentials: Any = attrs.field(default=None, repr=False)
    check: WriteCheck | None = None

    def of(self, operation: GuardedOperation) -> Any:
        """What is awaited before a request of the operation is built."""

        async def handler(params: Any, model: Any, context: Any = None, **_: object) -> None:
            check, writer = await self._now(), asyncio.current_task()
            await asyncio.to_thread(check.check, operation, params, model, context, writer)

        return handler

    async def answered(self, context: Any = None, parsed: Any = None, **_: object) -> None:
        """What is awaited once AWS has answered, or the write has failed."""
        if self.check is not None:
            await asyncio.to_thread(self.check.answered, context=context, parsed=parsed)

    async def _now(self) -> WriteCheck:
        found = credentials_of(self.client)
        now = None if found is None else await found.get_frozen_credentials()
        if self.check is None or now != self.credentials:
            self.check = await asyncio.to_thread(self._made, now)
            self.credentials = now
        return self.check

    def _made(self, credentials: Any) -> WriteCheck:
        others = SiblingSession(self.client, credentials)
        client = others.client(self.client.meta.service_model.service_name)
        return self.settings.check_of(client)


def _id(event: str) -> str:
    return f"icplan.aio.guard.{event}"
