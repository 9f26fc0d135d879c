"""`icplan.wait`: follow a write to its real end."""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from icplan.api.check import check, snapshot_of
from icplan.api.diagnose import verdict_of
from icplan.api.given_settings import checked_settings
from icplan.diagnosis.diagnose import Evidence
from icplan.diagnosis.following import TOLERATED_LOOKS, Ending, Following
from icplan.documents.json_values import iso
from icplan.documents.safe_errors import safe_errors
from icplan.errors import AwsError, InputError, InputProblem
from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from icplan.api.check import SnapshotSource
    from icplan.api.diagnose import VerdictSource
    from icplan.aws.poll_once import Look
    from icplan.catalog.catalog import Catalog
    from icplan.diagnosis.diagnosis import Situation
    from icplan.inputs.calls import ChangeSource

_Answer = TypeVar("_Answer")

TIMEOUT: Final = 2400.0
POLL: Final = 15.0
STUCK_AFTER: Final = 900.0
_JITTER: Final = 0.1
_MOST_BACK_OFF: Final = 8
_LEAST: Final = 1.0
"""Seconds that AWS has to answer, however little time is left."""
_LOOK: Final = 60.0
"""Seconds after which a look has failed."""
_LONGEST: Final = 86_400.0


@safe_errors()
def wait(  # noqa: PLR0913  (one for each kind of setting)
    component: str,
    *,
    client: Any = None,
    endpoint: str | None = None,
    verdict: VerdictSource | None = None,
    before: SnapshotSource | None = None,
    request: ChangeSource | None = None,
    timeout: float = TIMEOUT,
    poll: float = POLL,
    stuck_after: float = STUCK_AFTER,
    progress: Callable[[Situation], object] | None = None,
    assume: Mapping[str, str] | None = None,
    allocatable: Iterable[str] = (),
    catalog: Catalog | None = None,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], dt.datetime] | None = None,
) -> Ending:
    """Follow a write to a component until evidence tells how it ended, with two calls a look.

    Args:
        component: The component that was written to.
        client: A boto3 client of SageMaker; by default one is made from the environment.
        endpoint: Its endpoint; by default the one that the verdict or the earlier snapshot is of.
        verdict: What `icplan.check` said of the write before it was sent (a value, its JSON, or a file).
        before: Instead of it, a snapshot of before the write; with ``request``, the write itself, it tells as
            much as a verdict does.
        timeout, poll, stuck_after: Seconds: in all, between looks, and that nothing may move for once it is
            not known to go on.
        progress: Is given the situation whenever it is another.
        assume, allocatable, catalog: As `icplan.check` has them.
        sleep, clock, now: For tests: how time passes, and what it is (by default what AWS's answers say).

    Raises :class:`~icplan.errors.InputError` where there is nothing to compare with, and
    :class:`~icplan.errors.AwsError` where AWS cannot be asked; what may pass (throttling, a broken
    connection) only after some looks in a row.

    """
    settings = checked_settings(assume, allocatable, catalog, math.inf, {})
    evidence = _evidence(verdict, before, request)
    endpoint = endpoint or _endpoint_of(evidence)

    from icplan.aws.client import make_client, make_session  # noqa: PLC0415  (boto3 only where AWS is asked)

    if client is None:
        client = make_client(make_session("DescribeEndpoint"), "sagemaker", "DescribeEndpoint")
    looks = _Looks(client, endpoint, component)
    started, told = clock(), None
    following: Following | None = None
    while True:
        left = timeout - (clock() - started)
        if following is None and (base := looks.base(left)) is not None:
            following = Following(component, base, evidence, settings, stuck_after)
        seen = None if following is None else looks.next(left)
        seconds = clock() - started
        if seen is not None and following is not None:
            at = now() if now else seen.at
            found, ending = following.take(seen.endpoint, seen.component, seconds, iso(at))
            shown = found.status, found.copies, found.state, found.step
            if progress is not None and told != shown:
                told = shown
                progress(found)
            if ending is not None:
                return ending
            if seconds >= timeout:
                return following.timeout(found, seconds)
        pause = poll * looks.back_off * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (no secret)
        sleep(min(pause, max(0.0, timeout - seconds)))


@attrs.define
class _Looks:
    """Looks at a component and its endpoint. Some in a row may fail, if AWS may well answer the next time."""

    client: Any
    endpoint: str
    component: str
    failed: int = 0
    told: AwsError | None = None
    """What AWS itself last said against it: more than that it was late."""

    def base(self, left: float) -> Snapshot | None:
        """The whole endpoint, as `next` has it."""
        seconds = _within_bounds(left, _LONGEST)
        return self._asked(left, lambda: Snapshot.read(self.endpoint, client=self.client, time_limit=seconds))

    def next(self, left: float) -> Look | None:
        """What is there, ``left`` seconds before the end; ``None`` where AWS does not tell this time."""
        from icplan.aws.parallel import within  # noqa: PLC0415
        from icplan.aws.poll_once import look  # noqa: PLC0415  (boto3 only where AWS is asked)

        def ask() -> Look:
            return look(self.client, self.endpoint, self.component)

        return self._asked(left, lambda: within(_within_bounds(left, _LOOK), ask))

    def _asked(self, left: float, ask: Callable[[], _Answer]) -> _Answer | None:
        try:
            found = ask()
        except AwsError as error:
            self.failed += 1
            # Only an error that AWS answered has this.
            passing: bool | None = getattr(error, "passing", None)
            if passing is not None or self.told is None:
                self.told = error
            if passing is False or self.failed > TOLERATED_LOOKS or left <= 0:
                raise self.told from None
            return None
        self.failed, self.told = 0, None
        return found

    @property
    def back_off(self) -> int:
        """How many times as long as usual it is before the next look."""
        return min(1 << self.failed, _MOST_BACK_OFF)


def _within_bounds(seconds: float, most: float) -> float:
    """A time limit for AWS's answers: not so short that there can be none."""
    return min(max(_LEAST, seconds), most)


def _evidence(
    verdict: VerdictSource | None, before: SnapshotSource | None, request: ChangeSource | None
) -> Evidence:
    if verdict is not None and (before is not None or request is not None):
        raise InputError(InputProblem("give a verdict, or an earlier snapshot, not both"))
    if verdict is not None:
        return Evidence(verdict=verdict_of(verdict))
    if before is None:
        message = (
            "there is nothing to compare with: give the verdict on the write, or a snapshot of before it"
        )
        raise InputError(InputProblem(message))
    earlier = snapshot_of(before)
    return Evidence(before=earlier) if request is None else Evidence(verdict=check(request, earlier))


def _endpoint_of(evidence: Evidence) -> str:
    name = ""
    if evidence.verdict is not None:
        name = evidence.verdict.snapshot.endpoint_name
    elif evidence.before is not None and evidence.before.names_endpoint:
        name = evidence.before.endpoint_name
    if not name:
        raise InputError(InputProblem("what is known from before names no endpoint"))
    return name
