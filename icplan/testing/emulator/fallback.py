"""What the emulator does not know, asked of another emulator: moto, or whatever listens at a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.testing.emulator.wire import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.testing.emulator.wire import Request

_KEPT: Final = ("content-type", "x-amzn-requestid", "x-amzn-errortype")


class Fallback:
    """Hands requests on to a URL, or to a moto server that is started for it."""

    def __init__(self, target: Any) -> None:
        import urllib3  # noqa: PLC0415  (botocore brings it; only a fallback needs it here)

        self._pool = urllib3.PoolManager()
        self._stop: Callable[[], None] | None = None
        if isinstance(target, str):
            self._url = target.rstrip("/")
            return
        from moto.server import ThreadedMotoServer  # noqa: PLC0415  (moto is not among what icplan needs)

        server = ThreadedMotoServer(port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        self._url, self._stop = f"http://{host}:{port}", server.stop

    def __call__(self, request: Request) -> Response:
        """The other emulator's answer."""
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        found = self._pool.request(
            request.method, self._url + request.path, body=request.body, headers=headers, retries=False
        )
        kept = {name: value for name, value in found.headers.items() if name.lower() in _KEPT}
        return Response(found.status, kept, found.data)

    def close(self) -> None:
        """Stop what was started."""
        self._pool.clear()
        if self._stop is not None:
            self._stop()
