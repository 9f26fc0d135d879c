"""What the reservation metrics tell of a fleet at rest: how much its instances hold, the least loaded first.

Which instance holds how much is not told, but how much the one with the least holds, the one with the most,
and, where there are percentiles, each in between. Nothing is taken from them while something moves.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from icplan.fleet.reservation_metrics import METRICS
from icplan.fleet.variant import releases_idle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.assumptions import Assumptions
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Fleet, InstancePool
    from icplan.fleet.reservation_metrics import Percentage, ReservationMetric, ReservationPoint

PERIODS: Final = 3
"""Periods after the last change that must agree."""
MAX_AGE: Final = dt.timedelta(hours=1)
"""How much older than the snapshot the newest of them may be."""
PUBLISHED: Final = 60
"""How often, in seconds, an instance publishes."""
SKEW: Final = dt.timedelta(minutes=5)
"""How much newer, since clocks differ."""
ASSUMPTION: Final = "memory-reservation-denominator"

#: The low and the high end of an amount: thousandths of a core, MiB, devices.
Amounts: TypeAlias = tuple[Fraction, Fraction]


@attrs.frozen
class ReservedRanks:
    """How much of one dimension instances hold, the least loaded first: on each rank, an interval per pool.

    ``metric`` tells it, ``at`` the begin of the newest period. ``whole`` is what an instance has by that
    metric, where the fleet has one instance type.
    """

    dimension: int
    metric: str
    at: dt.datetime
    ranks: tuple[tuple[Amounts, ...], ...]
    whole: Amounts | None = None

    @property
    def named(self) -> str:
        """``GPUReservation of 02:05Z``."""
        return f"{self.metric} of {self.at.astimezone(dt.UTC):%H:%MZ}"

    def counted(self, cpu_unit: Fraction) -> tuple[tuple[tuple[int, int], ...], ...]:
        """The same in a fleet's units; an interval in which no whole number lies ends before it begins."""
        unit = cpu_unit if self.dimension == 0 else Fraction(1)
        return tuple(
            tuple((math.ceil(low / unit), math.floor(high / unit)) for low, high in rank)
            for rank in self.ranks
        )


@attrs.frozen
class Doubt:
    """Why a metric is not used; it may contradict the snapshot, or be of another moment."""

    message: str


def reserved_ranks(state: EndpointState, fleet: Fleet) -> tuple[tuple[ReservedRanks, ...], tuple[str, ...]]:
    """What the metrics of a fleet's variant tell, and why some of them are not used."""
    metrics = [one for one in state.reservations if one.variant == fleet.variant]
    if not metrics or fleet.contents is not None or not fleet.instances:
        return (), ()
    if (moving := _in_motion(state, fleet)) is not None:
        return (), (f"the reservation metrics are not used: {moving}",)
    found, doubts = [], []
    for metric in sorted(metrics, key=lambda one: METRICS.index(one.name)):
        if not _tells(fleet, metric.name):
            continue
        told = _ranks(state, fleet, metric)
        if isinstance(told, Doubt):
            doubts.append(f"{metric.name} is not used: {told.message}")
        else:
            found.append(told)
    return tuple(found), tuple(doubts)


def with_learned_memory(fleet: Fleet, assumptions: Assumptions) -> Fleet:
    """The fleet with what can be allocated, where the metric divides by less than the whole instance."""
    (pool, *others) = fleet.pools
    memory = next((one for one in fleet.reserved if one.dimension == 1 and one.whole is not None), None)
    if others or memory is None or memory.whole is None or pool.allocatable.memory.basis == "given":
        return fleet
    low, high = math.floor(memory.whole[0]), math.ceil(memory.whole[1])
    if high >= pool.type.memory_mib or assumptions.use(ASSUMPTION) != "allocatable":
        return fleet
    known = pool.allocatable.memory
    low, high = max(low, known.low), min(high, known.high)
    if low > high:
        return fleet
    interval = attrs.evolve(known, low=low, high=high, basis="inferred", source=memory.named)
    learned = attrs.evolve(pool, allocatable=attrs.evolve(pool.allocatable, memory=interval))
    return attrs.evolve(fleet, pools=(learned,))


def _in_motion(state: EndpointState, fleet: Fleet) -> str | None:
    """Why the metrics need not be those of the arrangement there is; ``None`` if nothing moves."""
    if state.status != "InService":
        return f"the endpoint is {state.status or 'not described'}"
    if state.taken_at is None or state.changed_at is None:
        return "TakenAt, or a LastModifiedTime, is missing, so it is not known whether they are newer"
    told = state.variant(fleet.variant).told
    if fleet.arriving or fleet.unsure or not fleet.mix_known or len(set(told.counts)) > 1:
        return "which instances run is not sure"
    if releases_idle(fleet.scaling):
        return "CONSOLIDATION moves copies at times"
    restless = [one.name for one in fleet.components if one.status != "InService" or one.in_flight]
    return f"{', '.join(restless)} is in motion, or has failed" if restless else None


def _tells(fleet: Fleet, metric: str) -> bool:
    """Whether it is known what the metric counts: of partitions and NeuronCores it is not."""
    if metric != METRICS[2]:
        return True
    return all(
        pool.accelerators and not pool.partitions and not pool.type.neuron_cores for pool in fleet.pools
    )


def _ranks(state: EndpointState, fleet: Fleet, metric: ReservationMetric) -> ReservedRanks | Doubt:
    point = _settled_point(state, fleet, metric)
    if isinstance(point, Doubt):
        return point
    dimension = METRICS.index(metric.name)
    wholes = _wholes(fleet, dimension, point)
    if isinstance(wholes, Doubt):
        return wholes
    whole = wholes[0] if len(fleet.pools) == 1 else None
    for shares in _shares(point, fleet.instances):
        ranks = tuple(
            tuple((low * each[0] / 100, high * each[1] / 100) for each in wholes) for low, high in shares
        )
        found = ReservedRanks(dimension, metric.name, point.at, ranks, whole)
        if all(low <= high for rank in found.counted(fleet.cpu_unit) for low, high in rank):
            return found
    return Doubt("nothing that copies could reserve comes to its Minimum and Maximum")


def _settled_point(state: EndpointState, fleet: Fleet, metric: ReservationMetric) -> ReservationPoint | Doubt:
    """The newest point, if those before it agree and all are newer than the last change.

    A period of which several points tell counts once, and all of them must agree.
    """
    assert state.taken_at is not None  # noqa: S101  (who asks has looked)
    assert state.changed_at is not None  # noqa: S101
    told = _distinct(metric.points, metric.period)
    fresh = [one for one in metric.points if one.at >= state.changed_at]
    periods = _distinct(fresh, metric.period)
    if len(periods) < PERIODS:
        return Doubt(
            f"{len(periods)} of its {len(told)} periods begin after the last change "
            f"({state.changed_at:%Y-%m-%dT%H:%M:%SZ}), and it takes {PERIODS}"
        )
    oldest, newest = periods[-PERIODS], periods[-1]
    if not state.taken_at - MAX_AGE <= newest.at <= state.taken_at + SKEW:
        return Doubt(f"its newest period ({newest.at:%Y-%m-%dT%H:%M:%SZ}) is not of the snapshot's time")
    last = [one for one in fresh if one.at >= oldest.at]
    if (at := _told_twice(last)) is not None:
        return Doubt(f"it tells of its period {at:%Y-%m-%dT%H:%M:%SZ} twice, and not the same")
    if not all(one.agrees(newest) for one in last):
        return Doubt(f"its last {PERIODS} periods do not agree, so something was in motion")
    if newest.samples * PUBLISHED != fleet.instances * metric.period:
        return Doubt(
            f"SampleCount is {float(newest.samples):g} in {metric.period} s; {fleet.instances} instances "
            f"publish once in {PUBLISHED} s each"
        )
    return newest


def _distinct(points: Sequence[ReservationPoint], period: int) -> list[ReservationPoint]:
    """A point for each period, the newest kept: those that begin within a period of it are of the same."""
    found: list[ReservationPoint] = []
    for one in reversed(points):
        # A division of times, as the seconds of a period may be more than a time can be.
        apart = None if not found else (found[-1].at - one.at) // dt.timedelta(seconds=1)
        if apart is None or apart >= max(1, period):
            found.append(one)
    return found[::-1]


def _told_twice(points: Sequence[ReservationPoint]) -> dt.datetime | None:
    """The begin of a period of which two points tell otherwise; points are in the order of time."""
    for one, other in itertools.pairwise(points):
        if one.at == other.at and not one.agrees(other):
            return one.at
    return None


def _wholes(fleet: Fleet, dimension: int, point: ReservationPoint) -> list[Amounts] | Doubt:
    """What the metric takes as the whole of an instance of each pool.

    Devices are whole. Of memory and CPU it is the whole instance as documented, or, it may be, what can be
    allocated; of one instance type the sum that is reserved and the average tell which.
    """
    possible = [_possible(pool, dimension) for pool in fleet.pools]
    if len(fleet.pools) > 1:
        return possible
    ((low, high),) = possible
    (pool,) = fleet.pools
    total = _total(fleet, pool, dimension)
    least, most = point.average.low * fleet.instances, point.average.high * fleet.instances
    if not total:
        return possible if not least else Doubt("nothing is reserved, and its Average is not 0")
    if not most:
        return Doubt("its Average is 0, and something is reserved")
    low = max(low, 100 * total / most)
    high = high if not least else min(high, 100 * total / least)
    if low > high:
        reserved = float(100 * total / (possible[0][1] * fleet.instances))
        return Doubt(
            f"its Average does not go with what the components reserve ({reserved:.6g} % of whole instances)"
        )
    return [(low, high)]


def _possible(pool: InstancePool, dimension: int) -> Amounts:
    if dimension == 0:
        return Fraction(pool.allocatable.cpu.low), Fraction(pool.type.vcpu * 1000)
    if dimension == 1:
        return Fraction(pool.allocatable.memory.low), Fraction(pool.type.memory_mib)
    return Fraction(pool.accelerators), Fraction(pool.accelerators)


def _total(fleet: Fleet, pool: InstancePool, dimension: int) -> Fraction:
    """What all copies reserve, in thousandths of a core, MiB or devices."""
    unit = fleet.cpu_unit if dimension == 0 else Fraction(1)
    demands = ((one.placed, fleet.demand(one.need, pool.type.name)) for one in fleet.components)
    return unit * sum(copies * demand[dimension] for copies, demand in demands if demand is not None)


def _shares(point: ReservationPoint, instances: int) -> Iterator[list[tuple[Fraction, Fraction]]]:
    """The percentage of each instance, the least loaded first: by percentiles, then by the ends alone.

    Percentiles count where they tell of every instance and, all of them together, make the average: else they
    need not be the values of single instances.
    """
    ends = {1: point.least, instances: point.most}
    told = _told(point, instances) | ends
    low, high = sum(one.low for one in told.values()), sum(one.high for one in told.values())
    average = point.average
    if len(told) == instances and low <= average.high * instances and average.low * instances <= high:
        yield _between(told, point, instances)
    yield _between(ends, point, instances)


def _told(point: ReservationPoint, instances: int) -> dict[int, Percentage]:
    """What percentiles tell of instances, by their rank: that of the sample at which a percentile stands."""
    each = point.samples / instances
    return {
        math.ceil(max(1, math.ceil(share * point.samples)) / each): value
        for share, value in point.percentiles.items()
    }


def _between(
    told: Mapping[int, Percentage], point: ReservationPoint, instances: int
) -> list[tuple[Fraction, Fraction]]:
    """Of each rank no less than on those before it, and no more than on those after."""
    lows, highs = [Fraction(0)], [point.most.high]
    for rank in range(1, instances + 1):
        lows.append(max(lows[-1], told[rank].low) if rank in told else lows[-1])
    for rank in range(instances, 0, -1):
        highs.append(min(highs[-1], told[rank].high) if rank in told else highs[-1])
    return list(zip(lows[1:], reversed(highs[1:]), strict=True))
