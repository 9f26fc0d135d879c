"""What stands between a guarded client and AWS: a write is read for, judged, and sent or refused."""

from __future__ import annotations

import copy
import logging
import time
import warnings
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.documents.safe_text import safe_text
from icplan.errors import AwsError
from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.api.endpoint_locks import EndpointLocks
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import ChangeVerdict, Finding, Verdict

LOG: Final = logging.getLogger("icplan.guard")
SECONDS: Final = 20.0
"""How long a guarded write is held up at most, by default."""
_MAY_NEED_INSTANCES: Final = (Outcome.FITS_AFTER_SCALE_OUT, Outcome.MAY_NOT_FIT)


@attrs.frozen
class GuardReport:
    """What became of one guarded write. ``sent``: it was let through; ``index``: of the endpoint judged."""

    operation: str
    component: str
    verdict: Verdict | None
    sent: bool
    milliseconds: int
    index: str | None = None
    error: str | None = None


@attrs.frozen
class Policy:
    """What is done with a write: ``send`` or ``refuse`` for each kind of answer, and what refusing means."""

    mode: str = "enforce"
    on_doubt: str = "send"
    on_undecided: str = "refuse"
    on_unreadable: str = "refuse"
    on_scale_out: str = "send"
    on_rollback: str = "send"

    def refuses(self, verdict: Verdict) -> bool:
        """Whether a write with this verdict is not to be sent."""
        outcome = verdict.outcome
        answers = {
            Outcome.UNDECIDED: self.on_undecided,
            Outcome.MAY_NOT_FIT: self.on_doubt,
            Outcome.FITS_AFTER_SCALE_OUT: self.on_scale_out,
        }
        if outcome.fails or answers.get(outcome) == "refuse":
            return True
        back = [change.rollback_outcome for change in verdict.changes if change.rollback_outcome is not None]
        return self.on_rollback == "refuse" and any(not one.fits for one in back)


@attrs.frozen
class WriteCheck:
    """Checks each write. Holds no state of its own but the locks, so threads may share it."""

    client: Any
    session: Any
    snapshot_reader: Callable[[str], Snapshot] | None
    judge: Callable[..., Verdict] | None
    policy: Policy
    report: Callable[[GuardReport], object] | None
    locks: EndpointLocks
    seconds: float
    options: Mapping[str, Any]

    def check(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        """Refuse the request that is about to be built, or let it pass."""
        if self._botocore_refuses(params, model):
            return
        write = _Write(self, params, str(model.name), time.monotonic())
        try:
            write.check()
        except BaseException:
            self.locks.release()
            raise

    def answered(self, **_: object) -> None:
        """AWS has answered, or the write has failed: others may go on."""
        self.locks.release()

    def _botocore_refuses(self, params: Mapping[str, Any], model: Any) -> bool:
        """Whether botocore's own validation, which comes next, will raise: its error says more."""
        from botocore.validate import ParamValidator  # noqa: PLC0415  (the client has loaded botocore)

        checked = self.client.meta.config.parameter_validation
        return bool(checked) and ParamValidator().validate(params, model.input_shape).has_errors()


@attrs.define
class _Write:
    """One write, from its reading to the moment it is sent."""

    guard: WriteCheck
    params: Mapping[str, Any]
    operation: str
    started: float

    @property
    def left(self) -> float:
        return max(0.001, self.guard.seconds - (time.monotonic() - self.started))

    def check(self) -> None:
        policy = self.guard.policy
        try:
            endpoint = self._endpoint()
            self._wait_for(endpoint)
            snapshot, verdict = self._judged(endpoint)
        except AwsError as error:
            self._told(None, None, sent=policy.on_unreadable == "send", error=str(error))
            if policy.on_unreadable == "send":
                LOG.warning("%s is sent unchecked: %s", self._name, error)
                return
            raise
        refused = policy.refuses(verdict)
        self._told(verdict, snapshot, sent=not refused or policy.mode != "enforce")
        if refused:
            self._refuse(verdict)

    def _wait_for(self, endpoint: str) -> None:
        """Hold the endpoint for this write alone."""
        if not self.guard.locks.acquire(endpoint, self.left):
            message = f"another write to {endpoint} in this process has not ended within the time limit"
            raise AwsError(self.operation, f"{message}; nothing was sent")

    def _judged(self, endpoint: str) -> tuple[Snapshot, Verdict]:
        snapshot = self._read(endpoint)
        verdict = self._judge(snapshot)
        if self.guard.snapshot_reader is not None or verdict.outcome.fails:
            return snapshot, verdict
        if verdict.outcome in _MAY_NEED_INSTANCES and "Quotas" not in snapshot.data:
            snapshot = self._read(endpoint, whole=True)
            verdict = self._judge(snapshot)
        if verdict.outcome.fails or self._is_as_judged(snapshot):
            return snapshot, verdict
        again = self._read(endpoint, whole="Quotas" in snapshot.data)
        verdict = self._judge(again)
        if not verdict.outcome.fails and not self._is_as_judged(again):
            self._refuse_changed(snapshot, again, verdict)
        return again, verdict

    def _read(self, endpoint: str, *, whole: bool = False) -> Snapshot:
        """What the endpoint runs; the ``whole`` of it takes quotas and what other endpoints use of them."""
        from icplan.snapshot.snapshot import Snapshot  # noqa: PLC0415  (a client not guarded pays nothing)

        if self.guard.snapshot_reader is not None:
            return self.guard.snapshot_reader(endpoint)
        session = None
        if whole:
            from icplan.aws.other_services import SiblingSession  # noqa: PLC0415

            session = self.guard.session or SiblingSession(self.guard.client)
        return Snapshot.read(
            endpoint, session=session, client=self.guard.client, include_usage=whole, time_limit=self.left
        )

    def _judge(self, snapshot: Snapshot) -> Verdict:
        change = {"Operation": self.operation, "Request": copy.deepcopy(dict(self.params))}
        if self.guard.judge is not None:
            return self.guard.judge(change, snapshot, **self.guard.options)
        from icplan.api.check import check  # noqa: PLC0415  (the solver is loaded only when a write is made)

        return check(change, snapshot, **{**self.guard.options, "time_limit": self.left})

    def _is_as_judged(self, snapshot: Snapshot) -> bool:
        """Whether the endpoint is still the one that was judged: the last look before the write is sent."""
        from icplan.aws.read import is_still  # noqa: PLC0415

        return is_still(self.guard.client, snapshot.data, time_limit=self.left)

    def _endpoint(self) -> str:
        if name := self.params.get("EndpointName"):
            return str(name)
        from icplan.aws.read import endpoint_of  # noqa: PLC0415

        return endpoint_of(self.guard.client, self.params["InferenceComponentName"])

    @property
    def _name(self) -> str:
        return str(self.params.get("InferenceComponentName"))

    def _refuse(self, verdict: Verdict) -> None:
        message = safe_text(_message(self._name, verdict))
        if self.guard.policy.mode == "warn":
            warnings.warn(message.replace("; nothing was sent", "; it is sent all the same"), stacklevel=2)
        if self.guard.policy.mode == "enforce":
            from icplan.api.guard_errors import RefusedWrite  # noqa: PLC0415  (botocore is loaded by now)

            raise RefusedWrite(message, verdict, self.operation)

    def _refuse_changed(self, judged: Snapshot, found: Snapshot, verdict: Verdict) -> None:
        from icplan.api.guard_errors import EndpointChanged  # noqa: PLC0415

        indexes = judged.index, found.index
        message = (
            f"{self._name}: {judged.endpoint_name} changes faster than it can be judged; nothing was sent "
            f"(index {indexes[0][:8]} was judged, then {indexes[1][:8]}, and it is another by now)"
        )
        raise EndpointChanged(safe_text(message), verdict, self.operation, *indexes)

    def _told(
        self, verdict: Verdict | None, snapshot: Snapshot | None, *, sent: bool, error: str | None = None
    ) -> None:
        spent = round(1000 * (time.monotonic() - self.started))
        index = None if snapshot is None or self.guard.report is None else snapshot.index
        outcome = "not judged" if verdict is None else str(verdict.outcome)
        LOG.info("%s %s: %s, %s, %d ms", self.operation, self._name, outcome, _DONE[sent], spent)
        if self.guard.report is not None:
            self.guard.report(GuardReport(self.operation, self._name, verdict, sent, spent, index, error))


_DONE: Final = {True: "sent", False: "refused"}


def _message(component: str, verdict: Verdict) -> str:
    change = min(verdict.changes, key=lambda change: change.outcome.rank)
    reason = _reason(change)
    return f"{component}: {_OUTCOME_TEXT[verdict.outcome]}; nothing was sent" + (
        f". {reason}" if reason else ""
    )


def _reason(change: ChangeVerdict) -> str:
    findings = sorted(change.findings, key=lambda finding: list(Severity).index(finding.severity))
    limits = [found for found in findings if found.rule in _LIMITS and found.aws_error]
    told = dict.fromkeys([*findings[:1], *limits[:1]])
    return " ".join("; ".join(map(_sentence, told)).split())


def _sentence(found: Finding) -> str:
    said = f" (AWS would say: {found.aws_error})" if found.aws_error else ""
    return f"{found.rule}: {found.message}{said}"


_LIMITS: Final = ("ICP501", "ICP502", "ICP503", "ICP504")
"""What keeps an endpoint from growing, where more instances would do."""


_OUTCOME_TEXT: Final = {
    Outcome.INVALID: "invalid, SageMaker would reject the request",
    Outcome.BLOCKED: "blocked, SageMaker would refuse the write now",
    Outcome.DOES_NOT_FIT: "does not fit",
    Outcome.UNDECIDED: "undecided",
    Outcome.MAY_NOT_FIT: "may not fit",
    Outcome.FITS_AFTER_SCALE_OUT: "fits only after scale-out",
    Outcome.FITS: "its rollback may not fit",
}
