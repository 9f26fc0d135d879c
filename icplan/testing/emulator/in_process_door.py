"""The emulator inside botocore, without a socket: what would be sent is answered where it would be sent."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from icplan.testing.emulator.emulator import ConnectionBroken
from icplan.testing.emulator.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.testing.emulator.emulator import Emulator

_EVENT = "before-send"
_NAME = "icplan.testing.emulator"


def attach(emulator: Emulator, target: Any) -> Any:
    """Let a boto3 client or session, a botocore session, or one of aiobotocore be answered; it comes back.

    Every client that a session makes afterwards is answered too. What another emulator answered until now is
    answered by this one.
    """
    answering = _Answering(emulator)
    handler = answering.later if _is_async(target) else answering.now
    events = _events(target)
    events.unregister(_EVENT, unique_id=_NAME)
    events.register_first(_EVENT, handler, unique_id=_NAME)
    return target


def _events(target: Any) -> Any:
    """Where the events of a client or a session go through."""
    if hasattr(target, "meta"):
        return target.meta.events
    if hasattr(target, "events"):
        return target.events
    return target.get_component("event_emitter")


def _is_async(target: Any) -> bool:
    return type(target).__module__.startswith("aiobotocore") or "Aio" in type(_events(target)).__name__


class _Answering:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def now(self, request: Any, **_: object) -> Any:
        """Answer a request that botocore has prepared."""
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415  (who attaches has loaded botocore)

        response = self._answer(request)
        return AWSResponse(request.url, response.status, _headers(response), _Raw(response.body))

    async def later(self, request: Any, **_: object) -> Any:
        """The same for aiobotocore, which awaits what its handlers give."""
        from aiobotocore.awsrequest import AioAWSResponse  # noqa: PLC0415  (who attaches has loaded it)

        response = self._answer(request)
        return AioAWSResponse(request.url, response.status, _headers(response), _AsyncRaw(response.body))

    def _answer(self, request: Any) -> Response:
        from botocore.exceptions import ConnectionClosedError  # noqa: PLC0415  (as above)

        body = request.body or b""
        if hasattr(body, "read"):
            body = body.read()
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        data = body.encode() if isinstance(body, str) else bytes(body)
        path = urlsplit(request.url).path or "/"
        try:
            return self._emulator.handle(Request(request.method, path, headers, data))
        except ConnectionBroken:
            raise ConnectionClosedError(endpoint_url=request.url) from None


def _headers(response: Response) -> Any:
    from botocore.compat import HTTPHeaders  # noqa: PLC0415  (as above)

    return HTTPHeaders.from_dict({**response.headers, "Content-Length": str(len(response.body))})


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class _Raw(io.BytesIO):
    """A body, as urllib3 would hand it over."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """The body in one piece."""
        yield self.read()


class _AsyncRaw:
    """A body, as aiohttp would hand it over."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        """All of it."""
        return self._body
