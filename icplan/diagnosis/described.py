"""One component as DescribeInferenceComponent tells it: status, copies, times, policy, failure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from icplan.documents.redact import redact_text
from icplan.judge.component_states import state_of
from icplan.requests.batches import batch_copies, startup_timeout
from icplan.requests.from_describe import EndpointComponent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.component_state import ComponentState

SETTLED = ("InService", "Failed")


@attrs.frozen
class Policy:
    """A rolling update's policy, as LastDeploymentConfig has it; a limit that is not set is ``None``."""

    batch_type: str
    batch_value: int
    wait_seconds: int
    limit_seconds: int | None
    alarms: tuple[str, ...] = ()

    def batch(self, copies: int) -> int:
        """How many of so many copies are replaced at a time; a percentage is rounded up."""
        return batch_copies(self.batch_type, self.batch_value, copies)


@attrs.frozen
class DescribedComponent:
    """What is told of a component, each as far as it is."""

    name: str
    status: str
    desired: int | None
    current: int | None
    modified: dt.datetime | None
    elapsed_seconds: int | None
    failure_reason: str | None
    policy: Policy | None
    start_seconds: int
    state: ComponentState | None
    data: Mapping[str, Any]

    @property
    def moves(self) -> bool:
        """Whether something is under way."""
        return self.status not in SETTLED

    @property
    def since(self) -> str | None:
        """Its LastModifiedTime, as text."""
        return None if self.modified is None else written(self.modified)


def described(data: Mapping[str, Any], snapshot: Snapshot) -> DescribedComponent:
    """The component as it is told."""
    component = EndpointComponent.of(data)
    runtime = data.get("RuntimeConfig") or {}
    desired = runtime.get("DesiredCopyCount")
    placed = runtime.get("PlacementStatus")
    counted = sum(one["CurrentCopyCount"] for one in placed) if placed else None
    current = runtime.get("CurrentCopyCount", counted)
    modified, reason = moment(data.get("LastModifiedTime")), data.get("FailureReason")
    return DescribedComponent(
        name=data["InferenceComponentName"],
        status=str(data.get("InferenceComponentStatus", "InService")),
        desired=desired if desired is not None else current,
        current=current,
        modified=modified,
        elapsed_seconds=elapsed(modified, snapshot),
        failure_reason=redact_text(str(reason)) if reason else None,
        policy=policy_of(data.get("LastDeploymentConfig")),
        start_seconds=startup_timeout(component),
        state=state_of(component),
        data=data,
    )


def policy_of(deployment: Mapping[str, Any] | None) -> Policy | None:
    """The rolling policy of a DeploymentConfig, if it tells its batch."""
    rolling = (deployment or {}).get("RollingUpdatePolicy") or {}
    size = rolling.get("MaximumBatchSize") or {}
    if not {"Type", "Value"} <= size.keys():
        return None
    rollback = (deployment or {}).get("AutoRollbackConfiguration")
    alarms = rollback.get("Alarms") if isinstance(rollback, dict) else None
    names = [one.get("AlarmName") for one in alarms or () if isinstance(one, dict)]
    return Policy(
        size["Type"],
        size["Value"],
        rolling.get("WaitIntervalInSeconds", 0),
        rolling.get("MaximumExecutionTimeoutInSeconds"),
        tuple(str(name) for name in names if name),
    )


def moment(value: Any) -> dt.datetime | None:
    """A time of AWS's, as ISO 8601 text or seconds; ``None`` for what is none."""
    try:
        if isinstance(value, str):
            found = dt.datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = dt.datetime.fromtimestamp(value, dt.UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def elapsed(since: dt.datetime | None, snapshot: Snapshot) -> int | None:
    """The seconds until the snapshot was taken; ``None`` where one of the moments is not told."""
    taken = moment(snapshot.taken_at)
    if since is None or taken is None or taken < since:
        return None
    return int((taken - since).total_seconds())


def written(when: dt.datetime) -> str:
    """A moment as ISO 8601 text in UTC, to the second."""
    return when.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
