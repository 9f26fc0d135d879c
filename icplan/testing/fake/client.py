"""A small SageMaker control plane on this machine, for tests of whatever calls SageMaker.

    with FakeSageMaker(snapshot_dict) as fake:
        client = fake.client()                       # a boto3 client that talks to the fake alone
        client.update_inference_component_runtime_config(
            InferenceComponentName="llama", DesiredRuntimeConfig={"CopyCount": 3}
        )
        assert fake.requests["UpdateInferenceComponentRuntimeConfig"] == 1

It speaks SageMaker's JSON protocol over HTTP on the loopback interface, so that a test counts what really
leaves the client. It knows DescribeEndpoint, DescribeEndpointConfig, DescribeInferenceComponent,
ListEndpoints and ListInferenceComponents (with pages), and Create-, Update-, DeleteInferenceComponent and
UpdateInferenceComponentRuntimeConfig. What they do is told in `icplan.testing.fake_state`.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from icplan.testing.fake.control_plane import OPERATIONS, REGION, State
from icplan.testing.fake.pagination import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

_TARGET: Final = "SageMaker."
_CONTENT_TYPE: Final = "application/x-amz-json-1.1"
_DATES: Final = ("CreationTime", "LastModifiedTime", "ResolutionTime", "StartTime")
_READS: Final = ("Describe", "List")


@attrs.define
class _Refusal:
    """An answer arranged in advance, for as many requests as ``times`` says; None is every one."""

    error: ServiceError
    times: int | None
    when: Callable[[Mapping[str, Any]], bool]


class FakeSageMaker:
    """A local SageMaker, running from its making until `close`; best used with ``with``. Safe for threads.

    It does not judge capacity, nor scale: whatever is asked for is done at once, on however few instances,
    and none is ever added. Whether a change fits is for `icplan.check` and `icplan.guard` to say.

    Attributes:
        requests: How many requests of each operation arrived, refused ones too, by the operation's name.
        log: Operation and parameters of each request, in the order they arrived.

    """

    def __init__(self, *snapshots: Mapping[str, Any]) -> None:
        """Start with the endpoint of each snapshot, given as the dict a snapshot file holds.

        Raises TypeError for what is no such dict.
        """
        for snapshot in snapshots:
            _refuse_what_is_no_dict(snapshot)
        self.requests: Counter[str] = Counter()
        self.log: list[tuple[str, dict[str, Any]]] = []
        self._state = State()
        self._refusals: dict[str, list[_Refusal]] = {}
        self._clients: list[Any] = []
        self._lock = threading.Lock()
        for snapshot in snapshots:
            self._state.add(snapshot)
        self._server = _server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens: an ``endpoint_url`` for any SDK."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def writes(self) -> int:
        """How many requests arrived that would change something."""
        return sum(count for operation, count in self.requests.items() if not operation.startswith(_READS))

    def client(self) -> Any:
        """A boto3 SageMaker client with made-up credentials. It never retries, so that counts are exact."""
        import boto3  # noqa: PLC0415  (only tests that ask for a client need boto3)
        from botocore.config import Config  # noqa: PLC0415

        client = boto3.client(
            "sagemaker",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",  # noqa: S106
            config=Config(retries={"total_max_attempts": 1}, proxies={}),  # a proxy would not reach us
        )
        self._clients.append(client)
        return client

    def refuse(
        self,
        operation: str,
        code: str,
        message: str = "refused by the test",
        *,
        times: int | None = None,
        when: Callable[[Mapping[str, Any]], bool] | None = None,
    ) -> None:
        """Answer ``operation`` with an AWS error: always, ``times`` times, or when ``when(parameters)``.

        ``fake.refuse("DescribeEndpoint", "AccessDeniedException")``
        """
        refusal = _Refusal(ServiceError(code, message), times, when or _always)
        with self._lock:
            self._refusals.setdefault(operation, []).append(refusal)

    def close(self) -> None:
        """Stop listening, and close the clients made here. What has been counted stays readable."""
        for client in self._clients:
            client.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Do one operation, as if a request had arrived. Raises ServiceError as the service would answer."""
        with self._lock:
            self.requests[operation] += 1
            self.log.append((operation, params))
            self._refuse_if_arranged(operation, params)
            if operation not in OPERATIONS:
                raise ServiceError("UnknownOperationException", f"FakeSageMaker does not know {operation}")
            answer: dict[str, Any] = _with_seconds(getattr(self._state, _snake(operation))(params))
            return answer

    def _refuse_if_arranged(self, operation: str, params: Mapping[str, Any]) -> None:
        for refusal in self._refusals.get(operation, []):
            if refusal.times != 0 and refusal.when(params):
                refusal.times = None if refusal.times is None else refusal.times - 1
                raise refusal.error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _refuse_what_is_no_dict(snapshot: object) -> None:
    if not isinstance(snapshot, Mapping):
        hint = "icplan.Snapshot.load(path).to_dict() gives the dict of a file"
        raise TypeError(f"FakeSageMaker takes a snapshot as a dict, not a {type(snapshot).__name__}; {hint}")


def _always(_params: Mapping[str, Any]) -> bool:
    return True


def _snake(operation: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in operation).lstrip("_")


def _with_seconds(value: Any, name: str = "") -> Any:
    """A copy in which dates are seconds, as SageMaker's protocol has them."""
    if isinstance(value, dict) and name != "Environment":
        return {member: _with_seconds(part, member) for member, part in value.items()}
    if isinstance(value, list):
        return [_with_seconds(part) for part in value]
    if isinstance(value, str) and name in _DATES:
        return datetime.fromisoformat(value).timestamp()
    return value


def _server(fake: FakeSageMaker) -> ThreadingHTTPServer:
    class Handler(_Handler):
        owner = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    """One HTTP request. HTTP/1.0, so that no connection outlives its answer."""

    owner: FakeSageMaker
    timeout = 10

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.headers.get("X-Amz-Target", "")
        try:
            status, answer = 200, self.owner.answer(target.removeprefix(_TARGET), _parameters(body))
        except ServiceError as error:
            status, answer = error.status, {"__type": error.code, "message": error.message}
        except (KeyError, TypeError, ValueError, AttributeError):  # botocore would not have sent it
            status, answer = 400, {"__type": "ValidationException", "message": "the request is malformed"}
        self._send(status, answer)

    def _send(self, status: int, answer: Mapping[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", _CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr: the test reads `FakeSageMaker.log`."""


def _parameters(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise ServiceError("SerializationException", "the body is no JSON object")
    return params
