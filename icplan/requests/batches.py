"""How many batches a rolling update takes, and how long each may take to start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
