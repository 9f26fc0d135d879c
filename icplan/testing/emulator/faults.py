"""Faults on demand: errors, delays, broken connections and nonsense, for whichever requests a test names."""

from __future__ import annotations

import fnmatch
import random
import time
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.testing.emulator.errors import ServiceError
from icplan.testing.emulator.sagemaker_texts import ACCESS_DENIED, THROTTLED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.testing.emulator.wire import Call

_SERVICES: Final = {"servicequotas": "service-quotas"}
"""Services whose IAM prefix is not their name here."""
_NAMES: Final = ("InferenceComponentName", "EndpointName", "EndpointConfigName", "ModelName", "ResourceId")
_EVERYTHING: Final = "*"


@attrs.define
class Fault:
    """What happens to the requests it matches, ``times`` times (None: always) with a probability.

    An ``error`` is answered, or a bare ``status``; ``latency`` comes before the answer; ``reset`` breaks the
    connection, ``truncate`` cuts the answer short, ``html`` answers as a proxy would, ``stale_read`` answers
    what the same question was answered last.
    """

    service: str = _EVERYTHING
    operation: str = _EVERYTHING
    when: Callable[[Mapping[str, Any]], bool] | None = None
    times: int | None = None
    probability: float = 1
    error: ServiceError | None = None
    status: int | None = None
    latency: float = 0
    reset: bool = False
    truncate: bool = False
    html: bool = False
    stale_read: bool = False
    resource: str | None = None

    def matches(self, call: Call, draw: random.Random) -> bool:
        """Whether it strikes; it is then used up by one."""
        named = fnmatch.fnmatchcase(call.service, self.service) and fnmatch.fnmatchcase(
            call.operation, self.operation
        )
        if not named or self.times == 0 or (self.when is not None and not self.when(call.params)):
            return False
        if self.resource is not None and not self._names(call):
            return False
        if self.probability < 1 and draw.random() >= self.probability:
            return False
        self.times = None if self.times is None else self.times - 1
        return True

    def _names(self, call: Call) -> bool:
        return any(
            fnmatch.fnmatchcase(f"{place}{call.params.get(name, '')}", str(self.resource))
            for name in _NAMES
            for place in ("", "/")
        )


class Faults:
    """The faults that are arranged, in the order in which they were."""

    def __init__(self, seed: int) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311  (repeatable is what is wanted)
        self._rate: float | None = None
        self._allowance = 0.0
        self._asked = 0.0

    def add(  # noqa: PLR0913  (one for each kind of fault)
        self,
        *,
        service: str = _EVERYTHING,
        operation: str = _EVERYTHING,
        when: Callable[[Mapping[str, Any]], bool] | None = None,
        times: int | None = None,
        probability: float = 1,
        error: ServiceError | tuple[str, str] | str | None = None,
        status: int | None = None,
        latency: float = 0,
        reset: bool = False,
        truncate: bool = False,
        html: bool = False,
        stale_read: bool = False,
        resource: str | None = None,
    ) -> Fault:
        """Arrange a fault. An ``error`` is its code, or code and message; names may hold ``*``.

        Raises ValueError for an error that is none.
        """
        if isinstance(error, str):
            error = ServiceError(error, "arranged by the test", status)
        elif isinstance(error, tuple):
            if list(map(type, error)) != [str, str]:
                raise ValueError(f"an error is a code, or a code and a message, not {error!r}")
            error = ServiceError(*error, status)
        fault = Fault(
            service, operation, when, times, probability, error, status, latency, reset, truncate, html,
            stale_read, resource,
        )  # fmt: skip
        self._faults.append(fault)
        return fault

    def deny(self, action: str, resource: str | None = None) -> Fault:
        """Refuse an IAM action such as ``sagemaker:DescribeEndpoint``, for some resources or all."""
        prefix, _, operation = action.partition(":")
        service = _SERVICES.get(prefix, prefix)
        if operation.startswith("Invoke"):
            service = "sagemaker-runtime"
        user = "arn:aws:iam::123456789012:user/emulator"
        error = ACCESS_DENIED.error(user=user, action=action, resource=resource or _EVERYTHING)
        return self.add(service=service, operation=operation, error=error, resource=resource)

    def rate_limit(self, per_second: float | None) -> None:
        """Throttle what comes faster than this, in real time; None lifts the limit."""
        self._rate, self._allowance, self._asked = per_second, per_second or 0.0, time.monotonic()

    def clear(self) -> None:
        """Take all faults back."""
        self._faults.clear()
        self._rate = None

    def __len__(self) -> int:
        return len(self._faults)

    def strike(self, call: Call) -> Fault | None:
        """The first fault that strikes a request. Raises the throttling error if requests come too fast."""
        if self._rate is not None and not self._within_rate(self._rate):
            raise THROTTLED.error()
        return next((fault for fault in self._faults if fault.matches(call, self._random)), None)

    def _within_rate(self, rate: float) -> bool:
        now = time.monotonic()
        self._allowance = min(rate, self._allowance + (now - self._asked) * rate)
        self._asked = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True
