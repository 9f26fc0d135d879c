"""Calls to AWS: made one way, and refused with one clear line that says what is needed."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import attrs
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import Session as BotocoreSession

from icplan.aws.call_error import AwsCallError, one_line, refused
from icplan.aws.response_check import faults, of_the_exchange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TIMEOUTS: Final = Config(
    connect_timeout=10, read_timeout=30, max_pool_connections=32, user_agent_extra="icplan"
)
_RETRIES: Final = Config(retries={"mode": "adaptive", "total_max_attempts": 9})
PATIENT: Final = _TIMEOUTS.merge(_RETRIES)
"""How icplan's own clients behave: an endpoint of many components takes many calls, and AWS throttles."""


@attrs.frozen
class Patience:
    """How long AWS is waited for, and how often it is asked; None for what is usual."""

    connect_timeout: float | None = None
    read_timeout: float | None = None
    max_attempts: int | None = None

    @property
    def config(self) -> Config:
        """The same as botocore has it."""
        told: dict[str, Any] = {
            name: seconds
            for name, seconds in (
                ("connect_timeout", self.connect_timeout),
                ("read_timeout", self.read_timeout),
            )
            if seconds is not None
        }
        if self.max_attempts is not None:
            told["retries"] = {"mode": "adaptive", "total_max_attempts": self.max_attempts}
        return Config(**told)


def _config(session: Any) -> Config:
    """The usual one, unless AWS_MAX_ATTEMPTS, AWS_RETRY_MODE or the session itself say otherwise."""
    told = any(os.environ.get(name) for name in ("AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"))
    usual = _TIMEOUTS if told else PATIENT
    core = getattr(session, "_session", None)
    own = core.get_default_client_config() if isinstance(core, BotocoreSession) else None
    return usual if own is None else usual.merge(own)


TRIES: Final = 3
"""How often an answer that is none is asked for."""
MAX_FAULTS: Final = 3
"""Faults of an answer that are named."""
_UNREADABLE = (ResponseParserError, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What botocore's parsers raise where an answer has other types than its model says."""


def make_client(session: Any, service: str, operation: str, region: str | None = None) -> Any:
    """A client of a boto3 session, made in order to call ``operation``. Raises AwsError.

    ``region`` is for a service that is not in each. Where neither it nor the session has one (boto3 knows
    AWS_DEFAULT_REGION and profiles), AWS_REGION names it.
    """
    try:
        return session.client(service, region_name=region or region_of(session), config=_config(session))
    except BotoCoreError as error:
        raise refused(operation, "", error) from None


def region_of(session: Any) -> str | None:
    """The Region of a session; where it has none, the one of the environment that boto3 does not know."""
    return session.region_name or os.environ.get("AWS_REGION") or None


def make_session(
    operation: str,
    region: str | None = None,
    profile: str | None = None,
    patience: Patience | None = None,
) -> Any:
    """A boto3 session, what is not given from the environment, to call ``operation``. Raises AwsError."""
    import boto3  # noqa: PLC0415  (slower to load than botocore, and often the caller brings a session)

    try:
        made = boto3.Session(region_name=region, profile_name=profile)
        if patience is not None and patience != Patience():
            made._session.set_default_client_config(patience.config)  # noqa: SLF001  (boto3 has no way to it)
    except BotoCoreError as error:
        raise refused(operation, "", error) from None
    return made


def call(client: Any, operation: str, **arguments: Any) -> dict[str, Any]:
    """What AWS answers to ``operation`` (such as ``DescribeEndpoint``). Raises `AwsCallError`."""
    answer, _ = call_with_headers(client, operation, **arguments)
    return answer


def call_with_headers(
    client: Any, operation: str, **arguments: Any
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The same, with the headers of the HTTP answer."""
    answer = _asked(client, operation, (), arguments)
    metadata = answer.pop("ResponseMetadata", None) or {}
    return answer, metadata.get("HTTPHeaders") or {}


def paginate(client: Any, operation: str, member: str, **arguments: Any) -> list[Any]:
    """The items that all pages of ``operation`` hold in ``member``. Raises `AwsCallError`."""
    given, items, token = dict(arguments), list[Any](), ""
    while True:
        page = _asked(client, operation, (member,), given)
        items += page[member]
        following = str(page.get("NextToken") or "")
        if not following:
            return items
        if following == token:
            raise AwsCallError(operation, "AWS gives the same page again and again")
        token = given["NextToken"] = following


#: Where the operations that are asked are noted, if anybody wants to know.
_noted: ContextVar[list[str] | None] = ContextVar("_noted", default=None)


@contextmanager
def noted_calls() -> Iterator[list[str]]:
    """The operations that are asked inside, and in the threads that `icplan.aws.parallel` begins there."""
    calls: list[str] = []
    token = _noted.set(calls)
    try:
        yield calls
    finally:
        _noted.reset(token)


#: Operations that are being waited for, by thread, with the moment (monotonic) they were sent.
_pending: dict[int, tuple[float, str]] = {}


def waiting_for(since: float) -> str | None:
    """The operation that has been waited for the longest, of those sent after a moment."""
    sent = [found for found in list(_pending.values()) if found[0] >= since]
    return min(sent)[1] if sent else None


def waiting_in(thread: int) -> str | None:
    """The operation that a thread waits for."""
    found = _pending.get(thread)
    return None if found is None else found[1]


def _asked(client: Any, operation: str, needed: Sequence[str], arguments: Mapping[str, Any]) -> Any:
    """An answer that is what the API defines; asked for again where it is not, as for a broken connection."""
    thread, said, ask = threading.get_ident(), "", getattr(client, xform_name(operation))
    noted = _noted.get()
    for _ in range(TRIES):
        if noted is not None:
            noted.append(operation)
        _pending[thread] = (time.monotonic(), operation)
        try:
            answer = ask(**arguments)
        except (BotoCoreError, ClientError) as error:
            raise refused(operation, _service(client), error) from None
        except _UNREADABLE as error:
            said = f"{type(error).__name__} in reading it"
            continue
        finally:
            _pending.pop(thread, None)
        found = list(islice(_faults(client, operation, needed, answer), MAX_FAULTS))
        if not found:
            return answer
        said = f"{', '.join(found)}; {of_the_exchange(answer.get('ResponseMetadata') or {})}"
    raise AwsCallError(
        operation, f"AWS's answer is not what its API defines ({one_line(said)}): a proxy?", passing=True
    )


def _faults(client: Any, operation: str, needed: Sequence[str], answer: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"no {member}" for member in needed if not isinstance(answer.get(member), list))
    shape = client.meta.service_model.operation_model(operation).output_shape
    yield from (fault for fault in faults(answer, shape) if fault[3:] not in needed)


def _service(client: Any) -> str:
    return str(client.meta.service_model.service_id)
