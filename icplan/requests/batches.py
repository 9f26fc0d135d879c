"""How many batches a rolling update takes, and how long each may take to start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from icplan.requests.from_describe import EndpointComponent

_TIMES = ("ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds")


def batch_copies(kind: str, value: int, copies: int, *, down: bool = False) -> int:
    """How many of ``copies`` one batch replaces, at least 1 and at most all.

    ``kind`` is COPY_COUNT or CAPACITY_PERCENT. A percentage is rounded up to whole copies, or ``down`` (which
    of them SageMaker does is not stated).
    """
    if kind == "COPY_COUNT":
        return max(1, min(value, copies))
    exact = value * copies
    return max(1, min(exact // 100 if down else -(-exact // 100), copies))


class BatchSize(Protocol):
    """A batch as a request tells it: COPY_COUNT or CAPACITY_PERCENT, and how many of these."""

    @property
    def type(self) -> str:
        """In what it is counted."""

    @property
    def value(self) -> int:
        """How many of these."""


def sized_batch(size: BatchSize, copies: int, use: Callable[[str], str]) -> int:
    """How many of ``copies`` a batch replaces; ``use`` tells the value of an assumption, and notes it."""
    down = size.type == "CAPACITY_PERCENT" and use("batch-rounding") == "down"
    return batch_copies(size.type, size.value, copies, down=down)


@frozen
class UpdateBatches:
    """The copies that updates of a component place at a time.

    An update places ``batch`` new copies beside those at rest (all of them, unless it ``rolls``), a rollback
    ``again`` old ones beside the new, and an update of the most copies there may be ``batch_of_most``.
    """

    batch: int
    again: int
    batch_of_most: int
    rolls: bool

    @classmethod
    def of(
        cls,
        copies: int,
        most: int,
        maximum: BatchSize | None,
        rollback: BatchSize | None,
        use: Callable[[str], str],
    ) -> UpdateBatches:
        """Those of a component with so many copies and these batches in its DeploymentConfig."""
        whole = maximum is None and use("update-without-deployment-config") == "all-at-once"

        def forward(count: int) -> int:
            if not count or maximum is None:
                return count if whole else min(1, count)
            return sized_batch(maximum, count, use)

        # Where all new copies are placed beside the old ones, these run until the new ones are in service.
        again = 0 if whole or not copies else _put_back(copies, rollback, use)
        return cls(forward(copies), again, forward(most), not whole)


def _put_back(copies: int, rollback: BatchSize | None, use: Callable[[str], str]) -> int:
    if rollback is not None:
        return sized_batch(rollback, copies, use)
    return copies if use("rollback-without-batch") == "all-at-once" else 1


def startup_timeout(described: EndpointComponent | None, asked: Sequence[Mapping[str, Any]] = ()) -> int:
    """How many seconds a copy may take to download its model and to start, as far as it is told.

    ``asked`` are the specifications of a request; members they leave out keep what is described.
    """
    known = {
        kind: entry.get("StartupParameters") or {}
        for kind, entry in (described.specifications if described else {}).items()
    }
    every = list(known.values())
    if asked:
        pairs = [(entry.get("InstanceType"), entry.get("StartupParameters") or {}) for entry in asked]
        every = [{**known.get(kind, known.get(None, {})), **times} for kind, times in pairs]
    return max((sum(times.get(name) or 0 for name in _TIMES) for times in every), default=0)
