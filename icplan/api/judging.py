"""How a guarded write is judged: the endpoint is read, and looked at again once the verdict is there."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from icplan.api.guarded_operations import ONE_WAY, takes_copies_away, with_components
from icplan.aws.call_error import AwsCallError
from icplan.aws.parts.endpoint import NoComponentsError
from icplan.errors import AwsError, IcplanError, InputError
from icplan.snapshot.differences import what_differs
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.api.endpoint_locks import Writer
    from icplan.api.guarded_operations import Asked, GuardedOperation
    from icplan.api.write_check import WriteCheck
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.verdict import Verdict

# The solver is loaded only when a write is judged.
# ruff: noqa: PLC0415

_Answer = TypeVar("_Answer")
_MAY_NEED_INSTANCES: Final = (Outcome.FITS_AFTER_SCALE_OUT, Outcome.MAY_NOT_FIT)


def _whole(snapshot: Snapshot) -> bool:
    """Whether quotas, and what else is read beside an endpoint, were asked for."""
    state = (snapshot.data.get("Parts") or {}).get("Quotas") or {}
    return str(state.get("Status", "not-asked")) != "not-asked"


class LeftToAwsError(IcplanError):
    """AWS does not have what the write is about, or it hosts no components: AWS says so itself."""


class NotAsJudgedError(IcplanError):
    """The endpoint is another than it was judged, or planned on, to be."""

    def __init__(self, why: str, judged: str, found: str, changed: tuple[str, ...]) -> None:
        super().__init__(why)
        self.judged, self.found, self.changed = judged, found, changed


@attrs.frozen
class JudgedWrite:
    """What a write was judged on, and the verdict; ``None`` where nothing speaks against it."""

    asked: Asked
    snapshot: Snapshot | None
    verdict: Verdict | None


@attrs.define
class Judging:
    """The judging of one write: ``latest`` is what is known so far, for when it breaks off."""

    guard: WriteCheck
    operation: GuardedOperation
    params: Mapping[str, Any]
    writer: Writer
    started: float
    latest: JudgedWrite | None = None
    _runs: Snapshot | None = None
    _refreshed: bool = False
    _by_memory: bool = False
    _moved: bool = False

    @property
    def left(self) -> float:
        """Seconds that are left for reading and judging."""
        return max(0.001, self.guard.judging.seconds - (time.monotonic() - self.started))

    @property
    def starts_copies(self) -> bool:
        """Whether the write may start a copy, as far as is known of what runs."""
        if not self.operation.places or self._runs is None:
            return self.operation.places
        name = self.params.get("InferenceComponentName")
        there = [
            one for one in self._runs.data["InferenceComponents"] if one["InferenceComponentName"] == name
        ]
        return not (there and takes_copies_away(self.operation.name, self.params, there[0]))

    def judged(self) -> JudgedWrite | None:
        """The write, judged; ``None`` where there is nothing to judge.

        Raises LeftToAwsError, NotAsJudgedError, AwsError where AWS does not answer, and InputError where it
        cannot be judged.
        """
        try:
            asked = self.in_time(lambda: self.operation.asks(self.guard.sagemaker, self.params, self._where))
            return None if asked is None else self._of(asked)
        except NoComponentsError as error:
            raise LeftToAwsError(str(error)) from None
        except AwsCallError as error:
            if not error.missing:
                raise
            raise LeftToAwsError(str(error)) from None

    def in_time(self, read: Callable[[], _Answer]) -> _Answer:
        """What is read; AwsError where AWS does not answer in the time that is left."""
        from icplan.aws.parallel import within

        return within(self.left, read)

    def _where(self, component: str) -> str:
        """The endpoint that a component is on; where it was read before, that is known."""
        from icplan.aws.read import endpoint_of

        known = None if self._moved else self.guard.known.endpoint_of(component)
        self._by_memory = known is not None
        return known or endpoint_of(self.guard.sagemaker, component)

    def _of(self, asked: Asked) -> JudgedWrite | None:
        if asked.endpoint is None:
            return self._verdict(asked, None)
        self._hold(asked.endpoint)
        if self.operation.by_list:
            return self._by_list(asked, asked.endpoint)
        try:
            return self._on(asked, asked.endpoint)
        except InputError:
            if not self._by_memory:
                raise
            # It may have been made anew on another endpoint since.
            self._moved = True
            return self.judged()

    def _hold(self, endpoint: str) -> None:
        """Hold the endpoint for this write alone."""
        url = str(self.guard.sagemaker.meta.endpoint_url)
        if not self.guard.lock.acquire(url, endpoint, self.left, self.writer):
            message = f"another write to {endpoint} in this process has not ended within the time limit"
            raise AwsError(self.operation.name, f"{message}; nothing was sent")

    def _by_list(self, asked: Asked, endpoint: str) -> JudgedWrite:
        from icplan.aws.parts.components import listed

        if (account := self.guard.judging.expect_account) is not None:
            self._refuse_other_account(endpoint, account)
        found = self.in_time(lambda: listed(self.guard.sagemaker, endpoint))
        return JudgedWrite(asked, None, with_components(endpoint, found))

    def _refuse_other_account(self, endpoint: str, expected: str) -> None:
        """Of an endpoint that is not read, it is described to tell whose it is."""
        from icplan.aws.identity import owner
        from icplan.aws.parts.endpoint import describe_endpoint
        from icplan.snapshot.expected_account import refuse_account

        told, _ = self.in_time(lambda: describe_endpoint(self.guard.sagemaker, endpoint))
        refuse_account(owner(told).get("AccountId", "that is not told"), expected, endpoint)

    def _on(self, asked: Asked, endpoint: str) -> JudgedWrite:
        snapshot, verdict = self._take(asked, endpoint, whole=asked.whole)
        if self.guard.snapshot_reader is not None:
            return JudgedWrite(asked, snapshot, verdict)
        if verdict.outcome in _MAY_NEED_INSTANCES and not _whole(snapshot):
            snapshot = self._with_parts(asked, snapshot)
            verdict = self._told(self._verdict(asked, snapshot))
        if (verdict.outcome.fails and not self._refreshed) or self._is_still(snapshot):
            return JudgedWrite(asked, snapshot, verdict)
        before = snapshot
        snapshot, verdict = self._take(asked, endpoint, whole=_whole(before), anew=True)
        if not verdict.outcome.fails and not self._is_still(snapshot):
            why = (
                f"{snapshot.endpoint_name} changes faster than it can be judged; nothing was sent "
                f"(index {before.index[:8]} was judged, then {snapshot.index[:8]}, and it is another by now)"
            )
            changed = what_differs(before.data, snapshot.data)
            raise NotAsJudgedError(why, before.index, snapshot.index, changed)
        return JudgedWrite(asked, snapshot, verdict)

    def _take(
        self, asked: Asked, endpoint: str, *, whole: bool, anew: bool = False
    ) -> tuple[Snapshot, Verdict]:
        """Read the endpoint, judge the write on it, and hold the endpoint against the plan."""
        snapshot = self._read(asked, endpoint, whole=whole, anew=anew)
        plan = self.guard.unfulfilled.plan
        if plan is not None and not plan.holds(snapshot):
            snapshot = self._read(asked, endpoint, whole=whole, anew=True)
        try:
            verdict = self._told(self._verdict(asked, snapshot))
        except InputError:
            if whole or self.guard.snapshot_reader is not None:
                raise
            # The catalog may lack a type, which EC2 tells of.
            snapshot = self._with_parts(asked, snapshot)
            verdict = self._told(self._verdict(asked, snapshot))
        if plan is not None and not plan.holds(snapshot):
            why = (
                f"{endpoint} is not as it was planned on; nothing was sent "
                f"(the plan has index {plan.index[:8]}, the endpoint {snapshot.index[:8]})"
            )
            raise NotAsJudgedError(why, plan.index, snapshot.index, plan.changed(snapshot))
        return snapshot, verdict

    @staticmethod
    def _told(judged: JudgedWrite) -> Verdict:
        assert judged.verdict is not None  # noqa: S101  (a snapshot has one)
        return judged.verdict

    def _with_parts(self, asked: Asked, snapshot: Snapshot) -> Snapshot:
        """The endpoint as it was read, with quotas, usage and what else tells whether there is room."""
        from icplan.aws.read import PARTS

        client, others = self.guard.sagemaker, self.guard.others
        found = snapshot.with_parts(
            PARTS, session=others, client=client, time_limit=self.left, types=asked.types
        )
        if found.data.get("Consistent", True):
            self.guard.known.keep(snapshot.endpoint_name, found.data)
        return found

    def _read(self, asked: Asked, endpoint: str, *, whole: bool = False, anew: bool = False) -> Snapshot:
        """What the endpoint runs; the ``whole`` of it takes quotas and what other endpoints use of them.

        What was read before is only refreshed, unless it is to be read ``anew``.
        """
        snapshot = self._taken(asked, endpoint, whole=whole, anew=anew)
        self.guard.judging.refuse_other_account(snapshot)
        self._runs = snapshot
        return snapshot

    def _taken(self, asked: Asked, endpoint: str, *, whole: bool, anew: bool) -> Snapshot:
        from icplan.snapshot.snapshot import Snapshot

        if self.guard.snapshot_reader is not None:
            return self.guard.snapshot_reader(endpoint)
        client, known = self.guard.sagemaker, self.guard.known.of(endpoint)
        self._refreshed = known is not None and not whole and not anew
        if known is not None and self._refreshed:
            from icplan.aws.refresh import read_refreshed

            snapshot = Snapshot.of_redacted(read_refreshed(client, known, time_limit=self.left))
        else:
            snapshot = Snapshot.read(
                endpoint,
                session=self.guard.others if whole else None,
                client=client,
                include_usage=whole,
                time_limit=self.left,
                types=asked.types,
            )
        if snapshot.data.get("Consistent", True):
            self.guard.known.keep(endpoint, snapshot.data)
        return snapshot

    def _verdict(self, asked: Asked, snapshot: Snapshot | None) -> JudgedWrite:
        changes: Any = copy.deepcopy(list(asked.changes))
        question = changes[0] if len(changes) == 1 else changes
        verdict = self._unread(question, snapshot) or self.guard.judging.verdict(
            question, snapshot, self.left
        )
        if not self.guard.judging.is_own and len(changes) > 1 and verdict.changes[0].outcome.fails:
            raise LeftToAwsError("icplan cannot make out the configuration, which SageMaker has taken")
        self.latest = JudgedWrite(asked, snapshot, verdict)
        return self.latest

    def _unread(self, question: Any, snapshot: Snapshot | None) -> Verdict | None:
        """The verdict on a write that fits and that nobody is told of; ``None`` where more is to be said."""
        is_told = self.guard.report is not None or self.guard.judging.is_own
        if is_told or snapshot is None or self.operation.name not in ONE_WAY:
            return None
        return self.guard.judging.surely_fits(question, snapshot, self.left)

    def _is_still(self, snapshot: Snapshot) -> bool:
        """Whether the endpoint is still the one that was judged: the last look before the write is sent."""
        from icplan.aws.read import is_still

        return is_still(self.guard.sagemaker, snapshot.data, time_limit=self.left)
