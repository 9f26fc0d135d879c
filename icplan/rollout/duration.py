"""How long a rolling update and its rollback may take, against the time the update is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.requests.batches import startup_timeout
from icplan.rollout.steps import batch_size, copies_to_replace, rollback_size
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.phase import Duration, Pace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.assumptions import Assumptions
    from icplan.requests.component import RollingUpdatePolicy
    from icplan.requests.from_describe import EndpointComponent
    from icplan.rollout.steps import CapacityChange


def duration(
    move: CapacityChange,
    policy: RollingUpdatePolicy | None,
    described: EndpointComponent | None,
    request: Mapping[str, Any],
    assumptions: Assumptions,
) -> Duration | None:
    """The batches of a rolling update and of a rollback when all old copies are gone, and their times.

    ``None`` for a change that replaces no running copies in batches. A rollback's batches are taken to wait
    as those of the update do, which is not documented.
    """
    assumptions = assumptions.recorder()  # which is dropped: no outcome rests on how long it takes
    old = move.before.placed if move.before else 0
    size = batch_size(move, old, assumptions) if policy and move.replaces and old else None
    if policy is None or size is None:
        return None
    asked = [request["Specification"]] if "Specification" in request else request.get("Specifications") or []
    wait = policy.wait_interval_in_seconds
    ahead = pace(copies_to_replace(move, old, assumptions), size, wait, startup_timeout(described, asked))
    back = pace(old, rollback_size(move, old, assumptions), wait, startup_timeout(described))
    return Duration(ahead, back, policy.maximum_execution_timeout_in_seconds)


def pace(copies: int, size: int, wait: int, start: int) -> Pace:
    """The batches of ``size`` that ``copies`` take, and the seconds that all wait, and may take to start."""
    batches = -(-copies // size)
    return Pace(batches, batches * wait, batches * start)


def rollback_in_time(found: Duration, assumptions: Assumptions, path: str) -> Iterator[Finding]:
    """ICP406: a rollback from the last batch may outlast the limit, where the update itself does not."""
    limit, update, back = found.limit_seconds, found.update, found.rollback
    if limit is None or update.seconds > limit or update.seconds + back.seconds <= limit:
        return
    counts = assumptions.use("timeout-covers-rollback") == "yes"
    need = back.seconds + (update.seconds if counts else 0)
    if need <= limit:
        return
    batches = f"{back.batches} batch{'' if back.batches == 1 else 'es'}"
    message = (
        f"a rollback of the whole update takes {batches}, which may wait and start for {back.seconds} s"
        + (f" after the {update.seconds} s of the update, {need} s in all" if counts else "")
        + f", more than the {limit} s it may take; whether a rollback counts in that limit is not documented"
    )
    at = f"{path}.DeploymentConfig.RollingUpdatePolicy.MaximumExecutionTimeoutInSeconds"
    yield Finding("ICP406", Severity.WARNING, message, path=at, need=need, have=limit)
