"""ICP136 and ICP137: the batches of a rolling update, and the time they take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from icplan.rules.entries import entries
from icplan.rules.hit import Hit
from icplan.spec.operations import UpdateInferenceComponent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.rules.endpoint import Placed
    from icplan.rules.entries import Asked
    from icplan.rules.hit import Check
    from icplan.spec.component import CapacitySize, RollingUpdatePolicy

LEAST_PERCENT, MOST_PERCENT = 5, 50
_TIMES = ("ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds")
_POLICY = "DeploymentConfig.RollingUpdatePolicy"


def percent_out_of_range(case: Asked) -> Iterator[Hit]:
    """ICP136, for a percentage."""
    policy = _policy(case)
    if policy is None or policy.maximum_batch_size.type != "CAPACITY_PERCENT":
        return
    percent = policy.maximum_batch_size.value
    if not LEAST_PERCENT <= percent <= MOST_PERCENT:
        message = f"{percent} percent is outside {LEAST_PERCENT} to {MOST_PERCENT}"
        yield Hit(
            f"{case.path}.{_POLICY}.MaximumBatchSize.Value", message, percent, MOST_PERCENT, MOST_PERCENT
        )


def batch_out_of_range(case: Placed) -> Iterator[Hit]:
    """ICP136, for a number of copies."""
    policy, copies = _policy(case.asked), _copies(case)
    if policy is None or not copies or policy.maximum_batch_size.type != "COPY_COUNT":
        return
    batch = policy.maximum_batch_size.value
    if LEAST_PERCENT * copies <= 100 * batch <= MOST_PERCENT * copies:
        return
    most = copies * MOST_PERCENT // 100 or None
    percent = f"{100 * batch / copies:.0f} percent"
    message = f"{batch} of {copies} copies is {percent}, outside {LEAST_PERCENT} to {MOST_PERCENT}"
    yield Hit(f"{case.asked.path}.{_POLICY}.MaximumBatchSize.Value", message, batch, most, most)


def out_of_time(case: Placed) -> Iterator[Hit]:
    """ICP137."""
    policy, copies = _policy(case.asked), _copies(case)
    limit = policy.maximum_execution_timeout_in_seconds if policy else None
    if policy is None or limit is None or not copies:
        return
    batches = _batches(policy.maximum_batch_size, copies)
    waits = batches * policy.wait_interval_in_seconds
    starts = batches * _start_limit(case)
    if waits + starts <= limit:
        return
    if waits > limit:
        message = f"{batches} batches wait {waits} s in all, more than the {limit} s the update may take"
    else:
        message = (
            f"{batches} batches wait {waits} s and may start for {starts} s, more than the {limit} s "
            "the update may take"
        )
    at = f"{case.asked.path}.{_POLICY}.MaximumExecutionTimeoutInSeconds"
    yield Hit(at, message, waits + starts, limit)


def _policy(case: Asked) -> RollingUpdatePolicy | None:
    """The policy of an update; it is used only when a specification changes."""
    request = case.request
    if not isinstance(request, UpdateInferenceComponent) or request.deployment_config is None:
        return None
    return request.deployment_config.rolling_update_policy


def _copies(case: Placed) -> int:
    """The copies that run now: a batch is compared with these."""
    runtime = (case.described or {}).get("RuntimeConfig") or {}
    return runtime.get("DesiredCopyCount") or 0


def _batches(size: CapacitySize, copies: int) -> int:
    """How many batches replace the copies; a percentage rounds up to whole copies."""
    batch = size.value if size.type == "COPY_COUNT" else math.ceil(copies * size.value / 100)
    return math.ceil(copies / batch)


def _start_limit(case: Placed) -> int:
    """How many seconds a copy may take to download and to start, as far as it is told."""
    described = ((case.described or {}).get("Specification") or {}).get("StartupParameters") or {}
    asked = [entry.startup_parameters for entry, _ in entries(case.asked) if entry.startup_parameters]
    return max((_seconds({**described, **one.to_boto3()}) for one in asked), default=_seconds(described))


def _seconds(parameters: Mapping[str, Any]) -> int:
    return sum(parameters.get(name) or 0 for name in _TIMES)


REQUEST_CHECKS: Mapping[str, Check[Asked]] = {"ICP136": percent_out_of_range}
CHECKS: Mapping[str, Check[Placed]] = {"ICP136": batch_out_of_range, "ICP137": out_of_time}
