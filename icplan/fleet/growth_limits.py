"""How far a fleet may grow: managed scaling, quotas, capacity reservations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.fleet.contradictions import another_runs
from icplan.fleet.fleet import UNLIMITED, Limit
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.assumptions import Assumptions
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import InstancePool
    from icplan.fleet.other_variants import OtherClaims
    from icplan.fleet.variant import Reservation, VariantState


#: The limits that managed instance scaling sets: a maximum, none that is set, and no scaling at all.
SCALING = ("ICP501", "ICP504", "ICP507")


_LEAVING = "instances that are being taken away may count against it still"

#: Endpoints that are named whose use is not known.
MAX_NAMED = 3


def growth_limits(
    state: EndpointState,
    variant: VariantState,
    pools: Sequence[InstancePool],
    assumptions: Assumptions,
    taken: OtherClaims,
) -> tuple[Limit, ...]:
    """Every limit that is told of. Without managed instance scaling only what is on its way comes.

    What is on its way has been granted, so that it comes whatever the limits say. What is being taken away is
    gone for this fleet, and may count against a limit still. Components in motion on other variants may take
    what is ``taken``.
    """
    count = _Count.of(state, variant, pools)
    found = [_managed_as_told(variant, count, assumptions, alike=another_runs(state) is None)]
    found.extend(_quotas(state, count, pools, taken))
    found.extend(_reservation(state, variant.reservation, count, pools, taken))
    return tuple(found)


@frozen
class _Count:
    """The instances of the variant that run and stay, those on their way, and those being taken away by type.

    ``here`` counts those that all variants of the endpoint use, by type.
    """

    running: int
    coming: int
    leaving: Counter[str]
    here: Counter[str]

    @classmethod
    def of(cls, state: EndpointState, variant: VariantState, pools: Sequence[InstancePool]) -> _Count:
        coming, running = variant.told.arriving, sum(pool.instances for pool in pools)
        used = variant.used
        leaving = Counter[str]()
        if not coming and used.total() > running:
            leaving = Counter({pool.type.name: used[pool.type.name] - pool.instances for pool in pools})
        return cls(running, coming, +leaving, state.used)


def _managed_as_told(variant: VariantState, count: _Count, assumptions: Assumptions, *, alike: bool) -> Limit:
    """What managed instance scaling allows; that of the endpoint wins where it runs another configuration.

    Where it runs the one described, and the two do not agree, either may be right.
    """
    told, configured = variant.told.scaling, variant.configured_scaling
    limit = _managed(variant, count, assumptions)
    if not alike or not told or not configured:
        return limit
    running = variant.running or variant.told
    other = _managed(
        attrs.evolve(variant, running=attrs.evolve(running, scaling=configured)), count, assumptions
    )
    if other.remaining == limit.remaining:
        return limit
    more, less = (limit, other) if limit.remaining > other.remaining else (other, limit)
    source = "DescribeEndpoint" if less is limit else "EndpointConfig"
    doubt = f"{source} says that {less.message}, and either may hold"
    contested = more.contested + more.remaining - less.remaining
    return attrs.evolve(more, contested=contested, doubt=f"{more.doubt}; {doubt}" if more.doubt else doubt)


def _managed(variant: VariantState, count: _Count, assumptions: Assumptions) -> Limit:
    coming = count.coming
    if variant.scaling is None:
        more = f", so no instance is added beyond the {coming} on the way" if coming else ""
        return Limit("ICP504", coming, f"managed instance scaling is off{more}")
    most = variant.most_instances
    if most is not None:
        extra = max(coming, most - count.running)
        leaving = min(count.leaving.total(), extra)
        over = extra - (most - count.running)
        doubt = _LEAVING if leaving else ""
        return Limit(
            "ICP501", extra, f"MaxInstanceCount is {most}", contested=leaving, over=over, doubt=doubt
        )
    unlimited = assumptions.use("growth-without-maximum") == "unlimited"
    return Limit("ICP507", UNLIMITED if unlimited else coming, "MaxInstanceCount is not set")


def _quotas(
    state: EndpointState, count: _Count, pools: Sequence[InstancePool], taken: OtherClaims
) -> Iterator[Limit]:
    unknown = _not_counted(state)
    # The greater of the two counts: they may have been taken at different moments.
    used = count.here | Counter[str](state.in_use or {})
    types = [pool.type.name for pool in pools]
    for quota in state.quotas:
        if quota.type is None:
            total = (count.here if quota.of_endpoint else used).total()
            left = quota.value - total + count.coming + count.leaving.total()
            free = max(count.coming, left)
            contested = taken.total + count.leaving.total()
            elsewhere = None if quota.of_endpoint else unknown
            limit = _quota(quota.name, quota.value, total, unknown=elsewhere)
            contested = min(contested, free - count.coming)
            yield attrs.evolve(
                limit,
                remaining=free,
                contested=contested,
                over=free - left,
                of_endpoint=quota.of_endpoint,
                doubt=_doubt(taken.total, count.leaving.total()),
            )
        elif quota.type in types:
            limit = _quota(quota.name, quota.value, used[quota.type], unknown=unknown, kind=quota.type)
            yield _of_type(limit, quota.value - used[quota.type], count, types, taken.by_type[quota.type])


def _of_type(limit: Limit, free: int, count: _Count, types: Sequence[str], taken: int) -> Limit:
    """The limit of a type's own quota, of which so much is not in use, what is on its way counted as used.

    Of several types, that is counted as of the first, and may be of another.
    """
    kind, coming = str(limit.type), count.coming
    free += count.leaving[kind]
    contested = taken + count.leaving[kind]
    doubt = _doubt(taken, count.leaving[kind])
    if len(types) == 1:
        extra = max(coming, free + coming)
        contested, over = min(contested, extra - coming), extra - (free + coming)
        return attrs.evolve(limit, remaining=extra, contested=contested, over=over, doubt=doubt)
    if kind == types[0]:
        free += coming
    else:
        # Where its use is counted otherwise, what is on its way may be in there.
        free, contested = free + coming, contested + coming
        doubt = doubt or "what is on its way may be of that type, and count as in use already"
    extra = max(0, free)
    contested = min(contested, extra)
    return attrs.evolve(limit, remaining=extra, contested=contested, over=extra - free, doubt=doubt)


def _doubt(taken: int, leaving: int) -> str:
    """Why not all that a limit leaves may be there for this fleet."""
    if taken:
        return f"components in motion on other variants may take {taken} of what is left"
    return _LEAVING if leaving else ""


def _not_counted(state: EndpointState) -> str | None:
    """Whose use is not among the instances in use, in words; None where all endpoints are counted."""
    if state.in_use is None:
        return " on this endpoint; what other endpoints use is not known"
    missing = state.uncounted_endpoints
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
    state: EndpointState,
    reservation: Reservation,
    count: _Count,
    pools: Sequence[InstancePool],
    taken: OtherClaims,
) -> Iterator[Limit]:
    """What a reservation has left, where instances come from it alone. What it does not tell is not known.

    Whether others come, too, where that is not said is not stated.
    """
    alone = reservation.preference == "capacity-reservations-only"
    if not alone and reservation.arn is None:
        return
    left, arn = _Left.of(reservation), reservation.arn or ""
    message, doubt = left.message(arn, alone=alone), left.doubt
    counted = reservation.used
    low = high = count.coming
    if counted is not None and len(state.variants) == 1:
        # Of what the endpoint uses already, some may be on its way.
        low = high = min(count.coming, max(0, counted - count.running))
    elif left.most != UNLIMITED:
        low = 0
    extra, sure = max(count.coming, left.most + high), left.least + low - taken.by_reservation[arn]
    if taken.by_reservation[arn]:
        doubt = doubt or _doubt(taken.by_reservation[arn], 0)
    if len(pools) > 1:
        message += "; whether a reservation serves several instance types is not known"
        sure = 0
    if not alone:
        extra, message = UNLIMITED, f"{message}; whether others come, too, is not stated"
    contested = extra - max(count.coming, 0 if left.doubt else sure)
    yield Limit("ICP503", extra, message, contested=contested, doubt=doubt)


@frozen
class _Left:
    """How many instances a reservation has left, at least and at most; ``total`` is its size, if told.

    ``own`` is what it tells of itself, and ``shared`` what EC2 reservations that are part of it do. With a
    ``doubt`` its figures are not all right.
    """

    least: int
    most: int
    total: int | None
    own: int | None = None
    shared: int = 0
    doubt: str = ""

    @classmethod
    def of(cls, reservation: Reservation) -> _Left:
        """As far as DescribeEndpoint tells.

        Whether the figures of the EC2 reservations that are shared to it are in its own is not stated.
        """
        shared = reservation.shared or ()
        counts = [count for count in shared if count is not None]
        total, own = reservation.total, reservation.available
        least, most = own or 0, own
        if own is None:
            most = None if total is None else max(0, total - (reservation.used or 0))
        least, launched = max(least, sum(counts)), reservation.launched
        known = most is not None and len(counts) == len(shared)
        most = max(0, most + sum(counts) - launched) if most is not None and known else UNLIMITED
        return cls(max(0, least - launched), most, total, own, sum(counts), _contradiction(reservation))

    def message(self, arn: str, *, alone: bool) -> str:
        """What is left, in words."""
        which = f"the capacity reservation{f' {arn}' if arn else ''}"
        of = "" if self.total is None else f" of {self.total}"
        if self.most == UNLIMITED:
            unknown = "how many it has left is not told"
            left = f"at least {self.least}{of} are left" if self.least else unknown
            return f"instances come from {which}{' alone' if alone else ''}: {left}"
        if self.shared > (self.own or 0):
            told = "" if self.own is None else f"has {self.own}{of} left, and "
            return f"{which} {told}has {self.shared} left in EC2 reservations that are part of it"
        left = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
        return f"{which} has {left}{of} left"


def _contradiction(told: Reservation) -> str:
    """Why what is told of a reservation cannot all be right."""
    used, left = told.used or 0, told.available or 0
    if told.total is None or told.shared or used + left <= told.total:
        return ""
    return f"it is said to have {told.total} in all, {left} left, and {used} in use by the endpoint"
