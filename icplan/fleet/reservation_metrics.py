"""What CloudWatch publishes of the shares of instances that copies reserve, as typed values.

`CPUReservation`, `MemoryReservation` and `GPUReservation` have a percentage per instance; their statistics go
over the instances of a variant, and do not tell which is which.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

METRICS: Final = ("CPUReservation", "MemoryReservation", "GPUReservation")
"""The metrics, in the order of a fleet's dimensions."""

PERCENTILE: Final = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,10})?|100)", re.ASCII)
"""How CloudWatch calls a percentile: ``p50``, ``p16.67``."""

#: Decimals past which a percentage tells nothing but how it was reckoned: it comes as a binary fraction.
_DECIMALS: Final = 6


@attrs.frozen
class Percentage:
    """A percentage as it is shown: the true one is within half a unit of the last place shown."""

    low: Fraction
    high: Fraction

    @classmethod
    def shown(cls, number: float) -> Percentage:
        """What a number in an answer can stand for."""
        digits = Decimal(str(number))
        exponent = digits.as_tuple().exponent
        places = min(_DECIMALS, max(0, -exponent if isinstance(exponent, int) else 0))
        value, half = Fraction(digits), Fraction(1, 2 * 10**places)
        return cls(max(Fraction(0), value - half), value + half)

    def agrees(self, other: Percentage) -> bool:
        """Whether both can stand for the same."""
        return self.low <= other.high and other.low <= self.high


@attrs.frozen
class ReservationPoint:
    """The statistics of one period: over all instances, each of which was sampled as often as any.

    ``percentiles`` go by the share of the samples that are no larger.
    """

    at: dt.datetime
    least: Percentage
    most: Percentage
    average: Percentage
    samples: Fraction
    percentiles: Mapping[Fraction, Percentage] = attrs.field(factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> ReservationPoint:
        """A data point as CloudWatch answers it."""
        told = data.get("ExtendedStatistics") or {}
        found = ((PERCENTILE.fullmatch(name), value) for name, value in told.items())
        return cls(
            at=dt.datetime.fromisoformat(data["Timestamp"]),
            least=Percentage.shown(data["Minimum"]),
            most=Percentage.shown(data["Maximum"]),
            average=Percentage.shown(data["Average"]),
            samples=Fraction(Decimal(str(data["SampleCount"]))),
            percentiles={
                Fraction(match[1]) / 100: Percentage.shown(value) for match, value in found if match
            },
        )

    def agrees(self, other: ReservationPoint) -> bool:
        """Whether nothing has moved between this period and another."""
        mine, theirs = (self.least, self.most, self.average), (other.least, other.most, other.average)
        both = self.percentiles.keys() & other.percentiles.keys()
        return (
            self.samples == other.samples
            and all(one.agrees(two) for one, two in zip(mine, theirs, strict=True))
            and all(self.percentiles[share].agrees(other.percentiles[share]) for share in both)
        )


@attrs.frozen
class ReservationMetric:
    """The points of a metric of a variant, the oldest first; each is of ``period`` seconds."""

    variant: str
    name: str
    period: int
    points: tuple[ReservationPoint, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> ReservationMetric:
        """An entry of a snapshot's ``Reservations``."""
        points = sorted(map(ReservationPoint.of, data["Datapoints"]), key=lambda point: point.at)
        return cls(data["VariantName"], data["MetricName"], data["Period"], tuple(points))
