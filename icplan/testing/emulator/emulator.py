"""The one control plane behind all doors: requests in, answers out, whatever the protocol."""

from __future__ import annotations

import copy
import itertools
import json
import threading
import time
from collections import Counter
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final, Literal

from icplan.testing.emulator.clock import START, Clock
from icplan.testing.emulator.errors import ServiceError
from icplan.testing.emulator.faults import Faults
from icplan.testing.emulator.region import Region
from icplan.testing.emulator.sagemaker_texts import NOT_FOUND
from icplan.testing.emulator.services import Services
from icplan.testing.emulator.settings import Behaviour, Timing
from icplan.testing.emulator.true_amounts import Machines
from icplan.testing.emulator.wire import (
    Call,
    Response,
    protocol_of,
    read_call,
    write_answer,
    write_error,
)
from icplan.testing.simulator.policies import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.testing.emulator.faults import Fault
    from icplan.testing.emulator.wire import Request

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
_READS: Final = ("Describe", "List", "Get", "Invoke")
_HTML: Final = b"<html><head><title>502 Bad Gateway</title></head><body>proxy error</body></html>"
_ACCOUNT_DIGITS: Final = 12

Time = Literal["at-once", "virtual"] | float


class ConnectionBroken(Exception):  # noqa: N818  (what a fault asks for, not one of the program)
    """The connection is to be cut without an answer."""


class Emulator:
    """Every account and Region, under one clock. Safe for threads: requests are carried out one by one.

    Attributes:
        requests: How many requests of each operation arrived, refused ones too.
        log: Operation and parameters of each request, in the order they arrived.

    """

    def __init__(  # noqa: PLR0913  (the settings of an emulator)
        self,
        *,
        time: Time = "at-once",
        policy: Policy = Policy.SPREAD,
        quotas: Mapping[str, int] | None = None,
        capacity: Mapping[str, int | Mapping[str, int]] | None = None,
        seed: int = 0,
        timing: Timing | None = None,
        behaviour: Behaviour | None = None,
        allocatable: Mapping[str, Mapping[str, float]] | None = None,
        region: str = REGION,
        account: str = ACCOUNT,
        start: float = START,
        judges: bool = True,
        fallback: Callable[[Request], Response] | None = None,
    ) -> None:
        self.time = time
        self.clock = Clock(time if isinstance(time, int | float) else None, start)
        self.timing, self.behaviour = timing or Timing(), behaviour or Behaviour()
        self.policy, self.seed = policy, seed
        self.default_region, self.default_account = region, account
        self.machines = Machines(self.behaviour, allocatable or {}, seed)
        self.faults = Faults(seed)
        self.requests: Counter[str] = Counter()
        self.log: list[tuple[str, dict[str, Any]]] = []
        self.journal: list[dict[str, Any]] = []
        self.lock = threading.RLock()
        self.seeds: list[dict[str, Any]] = []
        self.quotas, self.capacity, self.allocatable = quotas, capacity, allocatable
        self._regions: dict[tuple[str, str], Services] = {}
        self._numbers = itertools.count(1)
        self._remembered: dict[str, Any] = {}
        self._fallback = fallback
        self.judges = judges

    # -- what there is --------------------------------------------------------------------------------------

    def services(self, region: str | None = None, account: str | None = None) -> Services:
        """The services of an account in a Region; they come to be when they are first asked for."""
        name, account = region or self.default_region, account or self.default_account
        if (account, name) not in self._regions:
            made = Region(
                account,
                name,
                self.clock,
                self.machines,
                timing=self.timing,
                behaviour=self.behaviour,
                policy=self.policy,
                seed=self.seed,
                quotas=self.quotas,
                capacity=self.capacity,
                judges=self.judges,
            )
            self._regions[account, name] = Services(made)
        return self._regions[account, name]

    def region(self, name: str | None = None, account: str | None = None) -> Region:
        """The control plane of an account in a Region."""
        return self.services(name, account).region

    def all_services(self) -> list[Services]:
        """The services of every Region that was ever asked for."""
        return list(self._regions.values())

    def all_regions(self) -> list[Region]:
        """Every Region that was ever asked for."""
        return [services.region for services in self._regions.values()]

    @property
    def writes(self) -> int:
        """How many requests arrived that would change something."""
        return sum(count for operation, count in self.requests.items() if not operation.startswith(_READS))

    # -- requests -------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer an HTTP request. Raises ConnectionBroken where a fault breaks the connection.

        ``Date`` is the emulated time, as AWS's answers have the time that their other dates are by.
        """
        response = self._respond(request)
        date = formatdate(self.clock.now, usegmt=True)
        return Response(response.status, {"Date": date, **response.headers}, response.body)

    def _respond(self, request: Request) -> Response:
        with self.lock:
            number = next(self._numbers)
        request_id = f"{number:08x}-0000-4000-8000-000000000000"
        try:
            call = read_call(request)
        except ServiceError as error:
            return write_error(error, protocol_of(request), request_id)
        fault: Fault | None = None
        try:
            with self.lock:
                self._count(call)
                fault = self.faults.strike(call)
            if fault is not None and fault.latency:
                time.sleep(fault.latency)
            if fault is not None and fault.reset:
                raise ConnectionBroken
            if fault is not None and fault.error is not None:
                raise fault.error
            answer = self._answer(call, stale=fault is not None and fault.stale_read)
            response = write_answer(call, answer, request_id)
        except ServiceError as error:
            if error.code == "UnknownOperationException" and self._fallback is not None:
                return self._fallback(request)
            response = write_error(error, call.protocol, request_id)
        return response if fault is None else _spoilt(response, fault)

    def call(
        self, service: str, operation: str, params: dict[str, Any], region: str | None = None
    ) -> Mapping[str, Any]:
        """Do one operation as if a request had arrived. Raises ServiceError as the service would answer."""
        made = Call(service, operation, params, "json", region)
        with self.lock:
            self._count(made)
            fault = self.faults.strike(made)
        if fault is not None and fault.error is not None:
            raise fault.error
        return self._answer(made, stale=False)

    def _count(self, call: Call) -> None:
        self.requests[call.operation] += 1
        self.log.append((call.operation, call.params))

    def _answer(self, call: Call, *, stale: bool) -> Mapping[str, Any]:
        services = self.services(call.region, _account(call.access_key))
        with self.lock:
            self.clock.catch_up()
            question = json.dumps([call.service, call.operation, call.params], default=str, sort_keys=True)
            if stale:
                return self._as_before(question, call)
            at = self.clock.now
            answer = services.answer(call.service, call.operation, call.params)
            if call.operation.startswith(_READS):
                self._remembered[question] = answer
            else:
                self._keep_up(call, services, at)
        return answer

    def write_again(
        self, service: str, operation: str, params: dict[str, Any], region: str, account: str
    ) -> None:
        """Do a write of a journal."""
        services = self.services(region, account)
        at = self.clock.now
        services.answer(service, operation, params)
        self._keep_up(Call(service, operation, params, "json", region), services, at)

    def _keep_up(self, call: Call, services: Services, at: float) -> None:
        """After a write: note it, and settle it where writes are done at once."""
        region = services.region
        self.journal.append(
            {
                "At": at,
                "Account": region.account,
                "Region": region.name,
                "Service": call.service,
                "Operation": call.operation,
                "Request": copy.deepcopy(call.params),
            }
        )
        if self.time == "at-once":
            region.run_until_settled()
            self.clock.run_to(float(int(self.clock.now) + 1))

    def _as_before(self, question: str, call: Call) -> Mapping[str, Any]:
        """What the same question was answered last; what was never asked for is not there yet."""
        if question in self._remembered:
            answer: Mapping[str, Any] = self._remembered[question]
            return answer
        name = next((str(value) for key, value in call.params.items() if key.endswith("Name")), "")
        kind = "inference component" if "InferenceComponent" in call.operation else "endpoint"
        arn = self.region(call.region).arn(kind.replace(" ", "-"), name)
        raise NOT_FOUND.error(kind=kind, arn=arn)

    def run_until_settled(self) -> None:
        """Let time pass until every write is carried out."""
        with self.lock:
            for region in self.all_regions():
                region.run_until_settled()


def _spoilt(response: Response, fault: Fault) -> Response:
    """An answer as a fault leaves it."""
    if fault.html:
        return Response(fault.status or 200, {"Content-Type": "text/html"}, _HTML)
    if fault.truncate:
        return Response(response.status, response.headers, response.body[: len(response.body) // 2])
    if fault.status is not None and fault.error is None:
        return Response(fault.status, {"Content-Type": "text/plain"}, b"")
    return response


def _account(access_key: str | None) -> str | None:
    """An access key of twelve digits is the account; others belong to the one that there is by default."""
    if access_key is not None and len(access_key) == _ACCOUNT_DIGITS and access_key.isdigit():
        return access_key
    return None
