"""The emulator over HTTP/1.1 on the loopback interface: connections are kept, and many may come at once."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from icplan.testing.emulator.controls import over_http
from icplan.testing.emulator.emulator import ConnectionBroken
from icplan.testing.emulator.wire import Request, Response

if TYPE_CHECKING:
    from icplan.testing.emulator.emulator import Emulator

_BACKLOG: Final = 512
_OWN: Final = "/_icplan/"
_MAX_BODY: Final = 64 * 1024 * 1024


class HttpDoor:
    """A server that listens from its making until `close`."""

    def __init__(self, emulator: Emulator, port: int = 0) -> None:
        class Handler(_Handler):
            owner = emulator

        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens: an ``endpoint_url`` for any SDK."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = _BACKLOG
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    owner: Emulator
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # head and body leave in one piece
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        try:
            if self.path.startswith(_OWN):
                status, answer = over_http(self.owner, self.path.removeprefix(_OWN), body)
                response = Response(status, {"Content-Type": "application/json"}, answer)
            else:
                response = self.owner.handle(request)
        except ConnectionBroken:
            self._reset()
            return
        self._send(response)

    def do_GET(self) -> None:
        """Read the clock or the log in a browser, below ``/_icplan/``."""
        self.do_POST()

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > _MAX_BODY:
            text = json.dumps({"__type": "SerializationException", "message": "bad Content-Length"}).encode()
            self.close_connection = True
            self._send(Response(400, {"Content-Type": "application/json"}, text))
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            """Trailers tell nothing here."""
        return b"".join(parts)

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)
        self.wfile.flush()

    def _reset(self) -> None:
        """Cut the connection, so that the client sees a reset and not an end."""
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # on, no time
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr: a test reads the log of the emulator."""
