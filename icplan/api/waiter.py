"""A waiter as boto3's are, for what no status tells: whether a write to a component came to its end."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.api.sent_writes import writes_of
from icplan.api.wait import POLL, TIMEOUT, wait
from icplan.documents.safe_text import safe_text
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.api.check import SnapshotSource
    from icplan.api.diagnose import VerdictSource
    from icplan.diagnosis.following import Ending
    from icplan.inputs.calls import ChangeSource

NAME: Final = "InferenceComponentSettled"
"""The waiter's name, as WaiterError tells it."""


@attrs.frozen
class WaiterConfig:
    """How often a waiter looks, and how often at most, unless a call of ``wait`` says otherwise."""

    delay: float = POLL
    max_attempts: int = math.ceil(TIMEOUT / POLL)


@attrs.frozen
class ComponentWaiter:
    """Follows a write to a component to its end. Made by `icplan.waiter`."""

    client: Any
    config: WaiterConfig = attrs.field(factory=WaiterConfig)
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    more: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def name(self) -> str:
        """The waiter's name."""
        return NAME

    def wait(
        self,
        *,
        InferenceComponentName: str,  # noqa: N803  (as boto3 has it)
        EndpointName: str | None = None,  # noqa: N803
        Verdict: VerdictSource | None = None,  # noqa: N803
        Before: SnapshotSource | None = None,  # noqa: N803
        Request: ChangeSource | None = None,  # noqa: N803
        WaiterConfig: Mapping[str, Any] | None = None,  # noqa: N803
    ) -> Ending:
        """Return once the write is done as it was asked for; botocore's WaiterError where it ends otherwise.

        Args:
            InferenceComponentName: The component that was written to.
            EndpointName: Its endpoint, if what is known from before does not tell.
            Verdict, Before, Request: What is known from before the write, as `icplan.wait` has it. Of a
                write that this client has sent guarded it is known.
            WaiterConfig: ``Delay`` in seconds and ``MaxAttempts``, as boto3 has them.

        Raises InputError where there is nothing to compare with, and AwsError where AWS cannot be asked.

        """
        if Verdict is None and Before is None and Request is None:
            Verdict = writes_of(self.client).last(InferenceComponentName)  # noqa: N806
        delay, attempts = self._times(WaiterConfig or {})
        ending = wait(
            InferenceComponentName,
            client=self.client,
            endpoint=EndpointName,
            verdict=Verdict,
            before=Before,
            request=Request,
            timeout=delay * attempts,
            poll=delay,
            sleep=self.sleep,
            clock=self.clock,
            **self.more,
        )
        if ending.exit_code == 0:
            return ending
        from botocore.exceptions import WaiterError  # noqa: PLC0415  (who waits has loaded it)

        raise WaiterError(
            name=NAME,
            reason=safe_text(f"{InferenceComponentName}: {ending.end}: {ending.because}"),
            last_response=_last_response(ending),
        )

    def _times(self, given: Mapping[str, Any]) -> tuple[float, int]:
        """Seconds between looks, and how many looks at most."""
        unknown = sorted(given.keys() - {"Delay", "MaxAttempts"})
        if unknown:
            raise InputError(InputProblem(f"WaiterConfig has Delay and MaxAttempts, not {unknown[0]}"))
        delay, attempts = given.get("Delay", self.config.delay), given.get("MaxAttempts")
        if not isinstance(delay, int | float) or isinstance(delay, bool) or not 0 < delay < math.inf:
            raise InputError(InputProblem(f"WaiterConfig: Delay must be seconds above 0, not {delay!r}"))
        attempts = self.config.max_attempts if attempts is None else attempts
        if not isinstance(attempts, int) or isinstance(attempts, bool) or attempts < 1:
            message = f"WaiterConfig: MaxAttempts must be a whole number above 0, not {attempts!r}"
            raise InputError(InputProblem(message))
        return delay, attempts


def _last_response(ending: Ending) -> Any:
    """What was last seen, as far as DescribeInferenceComponent names it, and how it ended."""
    found, copies = ending.situation, ending.situation.copies
    seen: dict[str, Any] = {
        "InferenceComponentName": ending.component,
        "InferenceComponentStatus": found.status,
        "End": str(ending.end),
        "Because": ending.because,
    }
    if copies is not None:
        seen["RuntimeConfig"] = {"CurrentCopyCount": copies[0], "DesiredCopyCount": copies[1]}
    return seen


def waiter(client: Any, **settings: Any) -> ComponentWaiter:
    """A waiter with boto3's interface for writes to inference components: evidence, not a status.

    ``waiter(client).wait(InferenceComponentName=..., WaiterConfig={"Delay": 15, "MaxAttempts": 160})`` comes
    back when the write that this client has sent guarded is done; an update that was rolled back, and is
    InService again, is a WaiterError. ``settings`` are those of `icplan.wait` that concern the judgement,
    such as ``stuck_after`` and ``assume``, and ``sleep`` and ``clock`` for tests.
    """
    own = {name: settings.pop(name) for name in ("sleep", "clock") if name in settings}
    return ComponentWaiter(client, more=settings, **own)
