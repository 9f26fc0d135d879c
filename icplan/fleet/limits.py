"""How far a fleet may grow: managed instance scaling, quotas, and a capacity reservation."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.fleet.model import Limit
from icplan.sources.quota_names import ALL_INSTANCES, ALL_INSTANCES_CODE, PER_TYPE
from icplan.sources.usage import arriving, instances_by_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.assumptions import Assumptions
    from icplan.fleet.model import Pool

#: The limits that managed instance scaling sets: a maximum, none that is set, and no scaling at all.
SCALING = ("ICP501", "ICP504", "ICP507")
#: Instances: more than any endpoint has.
UNLIMITED = 10**6

_PER_TYPE = re.compile(PER_TYPE.format(r"(ml\.\S+)"))


def scaling(variant: Mapping[str, Any], summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The managed instance scaling in force, when it is enabled: the endpoint's own wins."""
    settings: Mapping[str, Any] = (
        summary.get("ManagedInstanceScaling") or variant.get("ManagedInstanceScaling") or {}
    )
    return settings if settings.get("Status", "ENABLED" if settings else None) == "ENABLED" else None


def consolidates(managed: Mapping[str, Any] | None) -> bool:
    """Whether a sweeper moves copies at times, so that where they lay tells nothing for sure."""
    return ((managed or {}).get("ScaleInPolicy") or {}).get("Strategy") == "CONSOLIDATION"


def limits(
    snapshot: Mapping[str, Any],
    variant: Mapping[str, Any],
    summary: Mapping[str, Any],
    pools: Sequence[Pool],
    assumptions: Assumptions,
) -> tuple[Limit, ...]:
    """Every limit the snapshot shows. Without managed instance scaling only what is on its way comes."""
    running = sum(pool.instances for pool in pools)
    found = [_managed(scaling(variant, summary), running, arriving(summary), assumptions)]
    found.extend(_quotas(snapshot, summary, pools))
    found.extend(_reservation(snapshot, summary, running))
    return tuple(found)


def _managed(
    settings: Mapping[str, Any] | None, running: int, coming: int, assumptions: Assumptions
) -> Limit:
    if settings is None:
        more = f"is added beyond the {coming} on the way" if coming else "is ever added"
        return Limit("ICP504", coming, f"managed instance scaling is off, so no instance {more}")
    most = settings.get("MaxInstanceCount")
    if most is not None:
        return Limit("ICP501", max(0, most - running), f"MaxInstanceCount is {most}")
    unlimited = assumptions["growth-without-maximum"] == "unlimited"
    return Limit("ICP507", UNLIMITED if unlimited else coming, "MaxInstanceCount is not set")


def _quotas(
    snapshot: Mapping[str, Any], summary: Mapping[str, Any], pools: Sequence[Pool]
) -> Iterator[Limit]:
    here = instances_by_type(snapshot.get("Endpoint") or {}, snapshot["EndpointConfig"])
    everywhere = snapshot.get("InstancesInUse")
    # The greater of the two counts: they may have been taken at different moments.
    used = here | Counter[str](everywhere or {})
    # The fleet has yet to launch what is on its way, in the pool that comes first; the quota has granted it.
    granted = arriving(summary)
    types = [pool.type.name for pool in pools]
    for quota in snapshot.get("Quotas") or []:
        name, value = str(quota.get("QuotaName", "")), int(quota["Value"])
        whole = everywhere is not None
        if quota.get("QuotaCode") == ALL_INSTANCES_CODE or name == ALL_INSTANCES:
            yield _quota(ALL_INSTANCES, value, used.total(), granted, whole=whole)
        elif (match := _PER_TYPE.fullmatch(name)) and match[1] in types:
            coming = granted if match[1] == types[0] else 0
            yield _quota(name, value, used[match[1]], coming, whole=whole, kind=match[1])


def _quota(name: str, value: int, used: int, granted: int, *, whole: bool, kind: str | None = None) -> Limit:
    """The limit of a quota; ``whole`` where the use of all endpoints is known, not of this one alone."""
    are = "is" if used == 1 else "are"
    in_use = f"{used} {are} in use"
    if not whole:
        in_use = f"at least {used} {are} in use on this endpoint; what other endpoints use is not known"
    # AWS goes on with the use and the request, of which the former is known only with every endpoint's.
    utilization = (
        f", with current utilization of {used} Instances and a request delta of {{delta}} Instances."
    )
    return Limit(
        "ICP502",
        max(0, value - used + granted),
        f"the quota {name!r} is {value}, of which {in_use}",
        kind,
        f"The account-level service limit '{name}' is {value} Instances{utilization if whole else ''}",
    )


def _reservation(snapshot: Mapping[str, Any], summary: Mapping[str, Any], running: int) -> Iterator[Limit]:
    reservation = summary.get("CapacityReservationConfig") or {}
    if reservation.get("CapacityReservationPreference") != "capacity-reservations-only":
        return
    available = reservation.get("AvailableInstanceCount")
    if available is not None:
        if len(snapshot["EndpointConfig"]["ProductionVariants"]) == 1:
            # Of what the endpoint uses already, some may be on its way.
            granted = max(0, reservation.get("UsedByCurrentEndpoint", 0) - running)
            available += min(arriving(summary), granted)
        total = reservation.get("TotalInstanceCount", running + available)
        yield Limit("ICP503", max(0, available), f"the capacity reservation has {available} of {total} left")
