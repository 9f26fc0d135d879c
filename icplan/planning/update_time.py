"""How long the longest update may take, as far as requests tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.batches import batch_copies, startup_timeout
from icplan.rollout.duration import pace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icplan.planning.components import WantedComponent


def longest_update(components: Iterable[WantedComponent]) -> int | None:
    """The most seconds that an update waits and its copies may take to start; ``None`` where one is open."""
    longest = 0
    for one in components:
        if not one.copies:
            continue
        request, policy = one.call.request, (one.deployment or {}).get("RollingUpdatePolicy")
        asked = [request["Specification"]] if "Specification" in request else request["Specifications"]
        start = startup_timeout(None, asked)
        if policy is None or one.batch is None or not start:
            return None
        size = batch_copies(one.batch.type, one.batch.value, one.copies)
        taken = pace(one.copies, size, int(policy["WaitIntervalInSeconds"]), start)
        longest = max(longest, taken.seconds)
    return longest
