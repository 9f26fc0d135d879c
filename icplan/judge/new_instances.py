"""Whether the account's quotas leave the instances that an endpoint starts with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.verdict.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.fleet.endpoint import EndpointState
    from icplan.verdict.verdict import Verdict


def may_take_instances(verdict: Verdict) -> bool:
    """Whether a change, or its way back, may take new instances, so that quotas bear on it."""
    unsure = (Outcome.FITS_AFTER_SCALE_OUT, Outcome.MAY_NOT_FIT)
    return any(
        change.operation in ENDPOINT_OPERATIONS
        or change.outcome in unsure
        or (not change.outcome.fails and change.rollback_outcome in unsure)
        for change in verdict.changes
    )


def quota_findings(after: EndpointState, before: EndpointState | None, path: str) -> Iterator[Finding]:
    """What quotas have to say of the instances that an endpoint has then, all of them new.

    ``before`` is the endpoint that they take the place of. While they start, those that it has run as well,
    so of its types nothing is certain but what is more than the quota by itself. Whether both fleets count
    against a quota on one endpoint's instances is not known, so the old one is left out there.
    """
    wanted = after.used
    mine = before.used if before else Counter[str]()
    used = Counter[str](after.in_use or {}) | mine
    whole = after.in_use is not None
    for quota in after.quotas:
        name, value = quota.name, quota.value
        if quota.of_endpoint:
            asked, taken, own = wanted.total(), 0, 0
        elif quota.type is None:
            asked, taken, own = wanted.total(), used.total(), mine.total()
        elif wanted[quota.type]:
            asked, taken, own = wanted[quota.type], used[quota.type], mine[quota.type]
        else:
            continue
        if asked + taken <= value:
            continue
        sure = asked > value or (whole and not own)
        message = (
            f"{asked} new instances are asked for, the quota {name!r} is {value}, of which {taken} are in use"
        )
        if before:
            message += "; the new fleet starts while the old one runs"
        yield Finding(
            "ICP502",
            Severity.ERROR if sure else Severity.WARNING,
            message,
            path=path,
            need=asked,
            have=value - taken,
        )
