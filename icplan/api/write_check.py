"""What stands between a guarded client and AWS: each write is checked, and told of once it has its answer."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.api.agreed_plan import AgreedPlan
    from icplan.api.endpoint_locks import Lock, Writer
    from icplan.api.guarded_operations import GuardedOperation
    from icplan.api.judging_settings import JudgingSettings
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict

# A client that nobody writes with does not load what reads AWS, nor the solver.
# ruff: noqa: PLC0415

LOG: Final = logging.getLogger("icplan.guard")
ANSWERS: Final = ("send", "warn", "refuse")
"""What is done with a write, the worst last."""
_KEPT: Final = 16
"""Endpoints whose last read is kept."""
_WRITE: Final = "icplan.guard"
"""Where a write's check is in what botocore passes from the beginning of a call to its end."""


@attrs.frozen
class GuardReport:
    """What became of one guarded write. ``sent``: it was let through; ``index``: of the endpoint judged.

    ``raced`` tells what else had changed when AWS had answered, as far as the list of components shows it;
    ``calls`` counts what AWS was asked until then to judge the write.
    """

    operation: str
    component: str
    verdict: Verdict | None
    sent: bool
    milliseconds: int
    index: str | None = None
    error: str | None = None
    raced: tuple[str, ...] = ()
    calls: int = 0


@attrs.frozen
class Policy:
    """What is done with a write: ``send``, ``warn`` or ``refuse`` for each kind of answer.

    ``mode`` says what refusing means.
    """

    mode: str = "enforce"
    on_doubt: str = "send"
    on_undecided: str = "refuse"
    on_unreadable: str = "refuse"
    on_scale_out: str = "send"
    on_rollback: str = "warn"

    def answer(self, verdict: Verdict) -> str:
        """What is done with a write of this verdict."""
        outcome = verdict.outcome
        if outcome.fails:
            return "refuse"
        answers = {
            Outcome.UNDECIDED: self.on_undecided,
            Outcome.MAY_NOT_FIT: self.on_doubt,
            Outcome.FITS_AFTER_SCALE_OUT: self.on_scale_out,
        }
        found = [answers.get(outcome, "send")]
        back = [change.rollback_outcome for change in verdict.changes if change.rollback_outcome is not None]
        if any(not one.fits for one in back):
            found.append(self.on_rollback)
        return max(found, key=ANSWERS.index)


@attrs.define
class KnownEndpoints:
    """The last read of each endpoint, from which a next one starts; that of the longest ago is dropped."""

    _last: OrderedDict[str, Mapping[str, Any]] = attrs.field(factory=OrderedDict)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def keep(self, endpoint: str, data: Mapping[str, Any]) -> None:
        """An endpoint as it was just read."""
        with self._lock:
            self._last.pop(endpoint, None)
            self._last[endpoint] = data
            while len(self._last) > _KEPT:
                self._last.popitem(last=False)

    def of(self, endpoint: str) -> Mapping[str, Any] | None:
        """An endpoint as it was last read."""
        with self._lock:
            return self._last.get(endpoint)

    def endpoint_of(self, component: str) -> str | None:
        """The endpoint on which a component was when it was last read."""
        with self._lock:
            for name, data in self._last.items():
                if any(one["InferenceComponentName"] == component for one in data["InferenceComponents"]):
                    return name
        return None

    def forget_component(self, component: str) -> None:
        """A component was written to: all but its place is described anew, whatever the list says of it."""
        with self._lock:
            for name, data in self._last.items():
                there = data["InferenceComponents"]
                if any(one["InferenceComponentName"] == component for one in there):
                    self._last[name] = {
                        **data,
                        "InferenceComponents": [_less(one, component) for one in there],
                    }


_OF_A_PLACE: Final = ("InferenceComponentName", "CreationTime")


def _less(one: Mapping[str, Any], component: str) -> Mapping[str, Any]:
    if one["InferenceComponentName"] != component:
        return one
    return {name: one[name] for name in _OF_A_PLACE if name in one}


@attrs.define
class Unfulfilled:
    """The plan that the first write is held against, until it is sent."""

    plan: AgreedPlan | None

    def met(self) -> None:
        """A write of the plan was sent: the endpoint is another from then on."""
        self.plan = None


@attrs.frozen
class WriteCheck:
    """Checks each write of a client. What it keeps may be shared by threads.

    ``sagemaker`` is a client to read with, ``others`` makes those of other services.
    """

    client: Any
    sagemaker: Any
    others: Any
    snapshot_reader: Callable[[str], Snapshot] | None
    judging: JudgingSettings
    policy: Policy
    report: Callable[[GuardReport], object] | None
    lock: Lock
    unfulfilled: Unfulfilled
    wait: bool
    known: KnownEndpoints = attrs.field(factory=KnownEndpoints)

    def checks(self, operation: GuardedOperation) -> Callable[..., None]:
        """What is called before a request of the operation is built."""

        def check(params: Mapping[str, Any], model: Any, context: Any = None, **_: object) -> None:
            self.check(operation, params, model, context, threading.current_thread())

        return check

    def check(
        self, operation: GuardedOperation, params: Mapping[str, Any], model: Any, context: Any, writer: Writer
    ) -> None:
        """Refuse the request that is about to be built, or let it pass."""
        if self._botocore_refuses(params, model):
            return
        from icplan.api.one_write import OneWrite

        write = OneWrite(self, operation, params, writer)
        if isinstance(context, dict):
            context[_WRITE] = write
        try:
            write.check()
        except BaseException:
            self.lock.release(writer)
            raise

    def answered(self, context: Any = None, parsed: Any = None, **_: object) -> None:
        """AWS has answered, or the write has failed: others may go on, and it is told of."""
        write = context.pop(_WRITE, None) if isinstance(context, dict) else None
        if write is None:
            self.lock.release(threading.current_thread())
            return
        taken = isinstance(parsed, dict) and "Error" not in parsed
        try:
            write.told(taken=taken)
        finally:
            self.lock.release(write.writer)
        if taken and self.wait:
            write.followed()

    def _botocore_refuses(self, params: Mapping[str, Any], model: Any) -> bool:
        """Whether botocore's own validation, which comes next, will raise: its error says more."""
        from botocore.validate import ParamValidator

        checked = self.client.meta.config.parameter_validation
        return bool(checked) and ParamValidator().validate(params, model.input_shape).has_errors()
