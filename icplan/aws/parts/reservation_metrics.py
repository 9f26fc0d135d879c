"""Read from CloudWatch what share of its instances copies reserve, which SageMaker publishes by default.

The statistics go over the instances of a variant; percentiles in the middle of each instance's share of the
samples give the value of each, whichever way they are reckoned.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from icplan.aws.client import paginate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

NAMESPACE: Final = "/aws/sagemaker/Endpoints"
METRICS: Final = ("CPUReservation", "MemoryReservation", "GPUReservation")
PERIOD: Final = 60
"""Seconds of a period: instances publish once in each."""
_LAG: Final = dt.timedelta(minutes=2)
"""How late a period may be complete."""
_WINDOW: Final = dt.timedelta(minutes=10)
_STATISTICS: Final = ("Minimum", "Maximum", "Average", "SampleCount")
_QUERIES: Final = 500  # the most CloudWatch takes at once
_MOST_RANKS: Final = 50
"""Instances past which percentiles, of two decimals, would not tell each from the next."""


def hides_arrangement(data: Mapping[str, Any]) -> bool:
    """Whether there is an arrangement to be learned: copies, and several instances that they may lie on."""
    return bool(data["InferenceComponents"]) and any(count > 1 for _, count in _variants(data))


def reservations(client: Any, data: Mapping[str, Any], now: dt.datetime) -> list[dict[str, Any]]:
    """The reservation metrics of the variants of a snapshot's document: those that have points.

    Raises AwsError.
    """
    end = (now - _LAG).replace(second=0, microsecond=0)
    asked = {f"q{number}": one for number, one in enumerate(_asked(data))}
    found: dict[tuple[str, str], dict[dt.datetime, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    queries = [_query(data, name, *one) for name, one in asked.items()]
    for begin in range(0, len(queries), _QUERIES):
        results = paginate(
            client,
            "GetMetricData",
            "MetricDataResults",
            MetricDataQueries=queries[begin : begin + _QUERIES],
            StartTime=end - _WINDOW,
            EndTime=end,
        )
        for one in results:
            if one["Id"] not in asked:
                continue
            variant, metric, statistic = asked[one["Id"]]
            for at, value in zip(one.get("Timestamps", ()), one.get("Values", ()), strict=False):
                found[variant, metric][at][statistic] = value
    return [
        {"VariantName": variant, "MetricName": metric, "Period": PERIOD, "Datapoints": list(_points(points))}
        for (variant, metric), points in found.items()
    ]


def _points(found: Mapping[dt.datetime, Mapping[str, float]]) -> Iterator[dict[str, Any]]:
    """The periods of which everything is told, the oldest first."""
    for at, values in sorted(found.items()):
        if all(name in values for name in _STATISTICS):
            point: dict[str, Any] = {"Timestamp": at, **{name: values[name] for name in _STATISTICS}}
            percentiles = {name: value for name, value in values.items() if name not in _STATISTICS}
            yield point | ({"ExtendedStatistics": percentiles} if percentiles else {})


def _variants(data: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The variants that run, and how many instances each has."""
    for one in data["Endpoint"].get("ProductionVariants") or ():
        yield one["VariantName"], int(one.get("CurrentInstanceCount") or 0)


def _asked(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Variant, metric and statistic of everything that is asked for."""
    for variant, instances in _variants(data):
        ranks = range(instances) if 1 < instances <= _MOST_RANKS else ()
        percentiles = [f"p{100 * (rank + 0.5) / instances:.2f}" for rank in ranks]
        for metric in METRICS:
            yield from ((variant, metric, name) for name in (*_STATISTICS, *percentiles))


def _query(data: Mapping[str, Any], name: str, variant: str, metric: str, statistic: str) -> dict[str, Any]:
    dimensions = [
        {"Name": "EndpointName", "Value": data["Endpoint"]["EndpointName"]},
        {"Name": "VariantName", "Value": variant},
    ]
    named = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": PERIOD, "Stat": statistic}}
