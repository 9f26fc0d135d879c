"""How far a fleet may grow: managed instance scaling, quotas, and a capacity reservation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from icplan.fleet.model import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.model import Pool

#: The account-wide quota, by its code and its name (AWS service-quotas).
ALL_INSTANCES_CODE = "L-7A3DF611"
ALL_INSTANCES_NAME = "Number of instances across active endpoints"
_PER_TYPE = re.compile(r"(ml\.\S+) for endpoint usage")


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
    snapshot: Mapping[str, Any], variant: Mapping[str, Any], summary: Mapping[str, Any], pools: Sequence[Pool]
) -> tuple[Limit, ...]:
    """Every limit the snapshot shows. Without managed instance scaling nothing is ever launched."""
    running = sum(pool.instances for pool in pools)
    settings = scaling(variant, summary)
    found = []
    if settings is None:
        found.append(Limit("ICP504", 0, "managed instance scaling is off, so no instance is ever added"))
    elif (most := settings.get("MaxInstanceCount")) is not None:
        found.append(Limit("ICP501", max(0, most - running), f"MaxInstanceCount is {most}"))
    found.extend(_quotas(snapshot, pools, running))
    found.extend(_reservation(summary, running))
    return tuple(found)


def _quotas(snapshot: Mapping[str, Any], pools: Sequence[Pool], running: int) -> Iterator[Limit]:
    used = snapshot.get("InstancesInUse")
    for quota in snapshot.get("Quotas") or []:
        name, value = str(quota.get("QuotaName", "")), int(quota["Value"])
        if quota.get("QuotaCode") == ALL_INSTANCES_CODE or name == ALL_INSTANCES_NAME:
            in_use = max(running, sum(used.values())) if used is not None else running
            yield _quota(ALL_INSTANCES_NAME, value, in_use, None)
        elif match := _PER_TYPE.fullmatch(name):
            here = sum(pool.instances for pool in pools if pool.type.name == match[1])
            if any(pool.type.name == match[1] for pool in pools):
                in_use = max(here, used.get(match[1], 0)) if used is not None else here
                yield _quota(name, value, in_use, match[1])


def _quota(name: str, value: int, in_use: int, kind: str | None) -> Limit:
    return Limit(
        "ICP502",
        max(0, value - in_use),
        f"the quota {name!r} is {value}, of which {in_use} are in use",
        kind,
        f"The account-level service limit '{name}' is {value} Instances, with current utilization of "
        f"{in_use} Instances and a request delta of {{delta}} Instances.",
    )


def _reservation(summary: Mapping[str, Any], running: int) -> Iterator[Limit]:
    reservation = summary.get("CapacityReservationConfig") or {}
    if reservation.get("CapacityReservationPreference") != "capacity-reservations-only":
        return
    available = reservation.get("AvailableInstanceCount")
    if available is not None:
        total = reservation.get("TotalInstanceCount", running + available)
        yield Limit("ICP503", max(0, available), f"the capacity reservation has {available} of {total} left")
