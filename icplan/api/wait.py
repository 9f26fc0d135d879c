"""`icplan.wait`: follow a write to its real end."""

from __future__ import annotations

import datetime as dt
import math
import random
import time
from typing import TYPE_CHECKING, Any, Final

from icplan.api.check import check, checked_settings, snapshot_of
from icplan.api.diagnose import verdict_of
from icplan.diagnosis.diagnose import Evidence
from icplan.diagnosis.following import Ending, Following
from icplan.documents.json_values import iso
from icplan.documents.safe_errors import safe_errors
from icplan.errors import InputError, InputProblem
from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from icplan.api.check import SnapshotSource
    from icplan.api.diagnose import VerdictSource
    from icplan.catalog.catalog import Catalog
    from icplan.diagnosis.values import Situation
    from icplan.inputs.calls import ChangeSource

TIMEOUT: Final = 2400.0
POLL: Final = 15.0
STUCK_AFTER: Final = 900.0
_JITTER: Final = 0.1


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
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
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
        sleep, clock, now: For tests: how time passes, and what it is.

    Raises :class:`~icplan.errors.InputError` where there is nothing to compare with, and
    :class:`~icplan.errors.AwsError` where AWS cannot be asked.

    """
    settings = checked_settings(assume, allocatable, catalog, math.inf, {})
    evidence = _evidence(verdict, before, request)
    endpoint = endpoint or _endpoint_of(evidence)

    from icplan.aws.client import make_client, make_session  # noqa: PLC0415  (boto3 only where AWS is asked)
    from icplan.aws.follow import look  # noqa: PLC0415

    if client is None:
        client = make_client(make_session("DescribeEndpoint"), "sagemaker", "DescribeEndpoint")
    base = Snapshot.read(endpoint, client=client)
    following = Following(component, base, evidence, settings, stuck_after)
    started, told = clock(), None
    while True:
        seen = look(client, endpoint, component)
        seconds = clock() - started
        found, ending = following.take(seen.endpoint, seen.component, seconds, iso(now()))
        if progress is not None and told != (shown := (found.status, found.copies, found.state, found.step)):
            told = shown
            progress(found)
        if ending is not None:
            return ending
        if seconds >= timeout:
            return following.timeout(found, seconds)
        pause = poll * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (no secret)
        sleep(min(pause, max(0.0, timeout - seconds)))


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
