"""How far a fleet may grow: managed scaling, quotas, capacity reservations."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.aws.instance_usage import arriving, instances_by_type, instances_of
from icplan.aws.quota_names import ALL_INSTANCES, ALL_INSTANCES_CODE, PER_TYPE
from icplan.fleet.fleet import UNLIMITED, Limit
from icplan.snapshot.scaling import launched_since, most_instances, reservation_of, scaling_in_force

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from icplan.assumptions import Assumptions
    from icplan.fleet.fleet import InstancePool
    from icplan.snapshot.other_variants import OtherClaims


#: The limits that managed instance scaling sets: a maximum, none that is set, and no scaling at all.
SCALING = ("ICP501", "ICP504", "ICP507")


#: Endpoints that are named whose use is not known.
MAX_NAMED = 3

_PER_TYPE = re.compile(PER_TYPE.format(r"(ml\.\S+)"))


def growth_limits(
    snapshot: Mapping[str, Any],
    variant: Mapping[str, Any],
    summary: Mapping[str, Any],
    pools: Sequence[InstancePool],
    assumptions: Assumptions,
    taken: OtherClaims,
) -> tuple[Limit, ...]:
    """Every limit the snapshot shows. Without managed instance scaling only what is on its way comes.

    What is on its way has been granted, so that it comes whatever the limits say. What is being taken away is
    gone for this fleet, and may count against a limit still. Components in motion on other variants may take
    what is ``taken``.
    """
    count = _Count.of(snapshot, variant, summary, pools)
    found = [_managed(scaling_in_force(variant, summary), count, assumptions)]
    found.extend(_quotas(snapshot, count, pools, taken))
    found.extend(_reservation(snapshot, reservation_of(variant, summary), count, pools, taken))
    return tuple(found)


@attrs.frozen
class _Count:
    """The instances of the variant that run and stay, those on their way, and those being taken away by type.

    ``here`` counts those that all variants of the endpoint use, by type.
    """

    running: int
    coming: int
    leaving: Counter[str]
    here: Counter[str]

    @classmethod
    def of(
        cls,
        snapshot: Mapping[str, Any],
        variant: Mapping[str, Any],
        summary: Mapping[str, Any],
        pools: Sequence[InstancePool],
    ) -> _Count:
        coming, running = arriving(summary), sum(pool.instances for pool in pools)
        used = instances_of(summary, variant)
        leaving = Counter[str]()
        if not coming and used.total() > running:
            leaving = Counter({pool.type.name: used[pool.type.name] - pool.instances for pool in pools})
        here = instances_by_type(snapshot.get("Endpoint") or {}, snapshot["EndpointConfig"])
        return cls(running, coming, +leaving, here)


def _managed(settings: Mapping[str, Any] | None, count: _Count, assumptions: Assumptions) -> Limit:
    coming = count.coming
    if settings is None:
        more = f"is added beyond the {coming} on the way" if coming else "is ever added"
        return Limit("ICP504", coming, f"managed instance scaling is off, so no instance {more}")
    most = most_instances(settings)
    if most is not None:
        extra = max(coming, most - count.running)
        leaving = min(count.leaving.total(), extra)
        over = extra - (most - count.running)
        return Limit("ICP501", extra, f"MaxInstanceCount is {most}", contested=leaving, over=over)
    unlimited = assumptions.use("growth-without-maximum") == "unlimited"
    return Limit("ICP507", UNLIMITED if unlimited else coming, "MaxInstanceCount is not set")


def _quotas(
    snapshot: Mapping[str, Any], count: _Count, pools: Sequence[InstancePool], taken: OtherClaims
) -> Iterator[Limit]:
    everywhere = snapshot.get("InstancesInUse")
    # The greater of the two counts: they may have been taken at different moments.
    used = count.here | Counter[str](everywhere or {})
    types = [pool.type.name for pool in pools]
    for quota in snapshot.get("Quotas") or []:
        name, value = str(quota.get("QuotaName", "")), int(quota["Value"])
        unknown = _not_counted(snapshot)
        if quota.get("QuotaCode") == ALL_INSTANCES_CODE or name == ALL_INSTANCES:
            left = value - used.total() + count.coming + count.leaving.total()
            free = max(count.coming, left)
            contested = taken.total + count.leaving.total()
            limit = _quota(ALL_INSTANCES, value, used.total(), unknown=unknown)
            contested = min(contested, free - count.coming)
            yield attrs.evolve(limit, remaining=free, contested=contested, over=free - left)
        elif (match := _PER_TYPE.fullmatch(name)) and match[1] in types:
            limit = _quota(name, value, used[match[1]], unknown=unknown, kind=match[1])
            yield _of_type(limit, value - used[match[1]], count, types, taken.by_type[match[1]])


def _of_type(limit: Limit, free: int, count: _Count, types: Sequence[str], taken: int) -> Limit:
    """The limit of a type's own quota, of which so much is not in use, what is on its way counted as used.

    Of several types, that is counted as of the first, and may be of another.
    """
    kind, coming = str(limit.type), count.coming
    free += count.leaving[kind]
    contested = taken + count.leaving[kind]
    if len(types) == 1:
        extra = max(coming, free + coming)
        contested, over = min(contested, extra - coming), extra - (free + coming)
        return attrs.evolve(limit, remaining=extra, contested=contested, over=over)
    if kind == types[0]:
        free += coming
    else:
        # Where its use is counted otherwise, what is on its way may be in there.
        free, contested = free + coming, contested + coming
    extra = max(0, free)
    return attrs.evolve(limit, remaining=extra, contested=min(contested, extra), over=extra - free)


def _not_counted(snapshot: Mapping[str, Any]) -> str | None:
    """Whose use is not among the instances in use, in words; None where all endpoints are counted."""
    if snapshot.get("InstancesInUse") is None:
        return " on this endpoint; what other endpoints use is not known"
    missing = (snapshot.get("Parts") or {}).get("InstancesInUse", {}).get("Missing") or ()
    if not missing:
        return None
    more = f" and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
    verb = "uses" if len(missing) == 1 else "use"
    return f"; what {', '.join(missing[:MAX_NAMED])}{more} {verb} is not known"


def _quota(name: str, value: int, used: int, *, unknown: str | None, kind: str | None = None) -> Limit:
    """The limit of a quota; ``unknown`` says whose use is not known."""
    are = "is" if used == 1 else "are"
    in_use = f"{used} {are} in use" if unknown is None else f"at least {used} {are} in use{unknown}"
    # AWS goes on with the use and the request, of which the former is known only with every endpoint's.
    utilization = (
        f", with current utilization of {used} Instances and a request delta of {{delta}} Instances."
    )
    if unknown is not None:
        utilization = ""
    return Limit(
        "ICP502",
        0,
        f"the quota {name!r} is {value}, of which {in_use}",
        kind,
        f"The account-level service limit '{name}' is {value} Instances{utilization}",
    )


def _reservation(
    snapshot: Mapping[str, Any],
    reservation: Mapping[str, Any],
    count: _Count,
    pools: Sequence[InstancePool],
    taken: OtherClaims,
) -> Iterator[Limit]:
    """What a reservation has left, where instances come from it alone. What it does not tell is not known."""
    if reservation.get("CapacityReservationPreference") != "capacity-reservations-only":
        return
    left, arn = _Left.of(reservation), reservation.get("MlReservationArn", "")
    message = left.message(arn)
    counted = reservation.get("UsedByCurrentEndpoint")
    low = high = count.coming
    if counted is not None and len(snapshot["EndpointConfig"]["ProductionVariants"]) == 1:
        # Of what the endpoint uses already, some may be on its way.
        low = high = min(count.coming, max(0, counted - count.running))
    elif left.most != UNLIMITED:
        low = 0
    extra, sure = max(count.coming, left.most + high), left.least + low - taken.by_reservation[arn]
    if len(pools) > 1:
        message += "; whether a reservation serves several instance types is not known"
        sure = 0
    yield Limit("ICP503", extra, message, contested=extra - max(count.coming, sure))


@attrs.frozen
class _Left:
    """How many instances a reservation has left, at least and at most; ``total`` is its size, if told."""

    least: int
    most: int
    total: int | None

    @classmethod
    def of(cls, reservation: Mapping[str, Any]) -> _Left:
        """As far as DescribeEndpoint tells.

        Whether the figures of the EC2 reservations that are shared to it are in its own is not stated.
        """
        shared = reservation.get("Ec2CapacityReservations") or ()
        counts = [one["AvailableInstanceCount"] for one in shared if "AvailableInstanceCount" in one]
        total, own = reservation.get("TotalInstanceCount"), reservation.get("AvailableInstanceCount")
        least, most = own, own
        if own is None:
            least = 0
            most = None if total is None else max(0, total - reservation.get("UsedByCurrentEndpoint", 0))
        least, launched = max(least, sum(counts)), launched_since(reservation)
        known = most is not None and len(counts) == len(shared)
        most = max(0, most + sum(counts) - launched) if most is not None and known else UNLIMITED
        return cls(max(0, least - launched), most, total)

    def message(self, arn: str) -> str:
        """What is left, in words."""
        which = f"the capacity reservation{f' {arn}' if arn else ''}"
        of = "" if self.total is None else f" of {self.total}"
        if self.most == UNLIMITED:
            unknown = "how many it has left is not told"
            left = f"at least {self.least}{of} are left" if self.least else unknown
            return f"instances come from {which} alone: {left}"
        left = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
        return f"{which} has {left}{of} left"
