"""CloudWatch metrics: what instances reserve, as SageMaker publishes it, and what is put by hand.

`CPUReservation`, `MemoryReservation` and `GPUReservation` are there for every variant that hosts components
(dimensions EndpointName and VariantName). Which copy runs on which instance shows only where the endpoint
configuration has `MetricsConfig.EnableEnhancedMetrics`.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from icplan.catalog.catalog import builtin_types
from icplan.testing.emulator.other_service_texts import (
    COUNTS,
    NO_EXPRESSIONS,
    NO_STATISTIC,
    NO_STATISTIC_SETS,
)
from icplan.testing.emulator.pages import numbered
from icplan.testing.simulator.instances import demand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from icplan.testing.emulator.fleet import Fleet, LiveInstance
    from icplan.testing.emulator.region import Region

_ENDPOINTS: Final = "/aws/sagemaker/Endpoints"
_COMPONENTS: Final = "/aws/sagemaker/InferenceComponents"
_RESERVATIONS: Final = ("CPUReservation", "MemoryReservation", "GPUReservation")
_ENHANCED: Final = ("CPUUtilizationNormalized", "MemoryUtilizationNormalized", "GPUUtilizationNormalized")
_PERIOD: Final = 60
_PAGE: Final = 500
_PARTS: Final = 10**9
_PERCENT: Final = 100

Dimensions = tuple[tuple[str, str], ...]
Key = tuple[str, str, Dimensions]
"""A metric: its namespace, name and dimensions."""


class Metrics:
    """What CloudWatch knows: per metric the values in force from a time on, and the points put by hand."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._in_force: dict[Key, list[tuple[float, tuple[float, ...]]]] = defaultdict(list)
        self._points: dict[Key, list[tuple[float, float, float]]] = defaultdict(list)
        self._seen = -1

    def sample(self) -> None:
        """Note what is in force from now on, where it has changed."""
        if self._region.generation == self._seen:
            return
        self._seen = self._region.generation
        found = dict(self._now())
        for key in {*self._in_force, *found}:
            values, series = found.get(key, ()), self._in_force[key]
            if not series or series[-1][1] != values:
                series.append((self._region.clock.now, values))
                self._region.alarms.metric_changed(key)

    def _now(self) -> Iterator[tuple[Key, tuple[float, ...]]]:
        region = self._region
        hosting = {one.endpoint.name for one in region.components.values()}
        for endpoint in region.endpoints.values():
            if endpoint.name not in hosting:
                continue
            for variant in endpoint.variants.values():
                if variant.fleet is None:
                    continue
                dimensions = (("EndpointName", endpoint.name), ("VariantName", variant.name))
                ready = [one for one in variant.fleet.instances if one.ready]
                shares = [reservations(variant.fleet, one) for one in ready]
                for place, name in enumerate(_RESERVATIONS):
                    values = [share[place] for share in shares if share[place] is not None]
                    yield (
                        (_ENDPOINTS, name, dimensions),
                        tuple(float(value) for value in values if value is not None),
                    )
            config = region.configs.get(endpoint.config_name, {})
            if config.get("MetricsConfig", {}).get("EnableEnhancedMetrics"):
                yield from self._enhanced(endpoint.name)

    def _enhanced(self, endpoint: str) -> Iterator[tuple[Key, tuple[float, ...]]]:
        """One series per copy and metric: which instance it runs on stands in the dimensions."""
        for component in self._region.components.values():
            if component.endpoint.name != endpoint:
                continue
            for one in component.copies:
                if not one.shown:
                    continue
                dimensions = (
                    ("EndpointName", endpoint),
                    ("VariantName", component.variant or ""),
                    ("InferenceComponentName", component.name),
                    ("InstanceId", one.instance.id),
                    ("ContainerId", one.container),
                )
                for name in _ENHANCED:
                    yield (_COMPONENTS, name, dimensions), (0.0,)

    # -- operations -----------------------------------------------------------------------------------------

    def list_metrics(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """One page of metrics; a filter without a value takes any."""
        since = self._region.clock.now - 3 * 3600 if "RecentlyActive" in params else -math.inf
        wanted = [(one["Name"], one.get("Value")) for one in params.get("Dimensions", ())]
        found = [
            {
                "Namespace": key[0],
                "MetricName": key[1],
                "Dimensions": [{"Name": name, "Value": value} for name, value in key[2]],
            }
            for key in sorted({*self._in_force, *self._points})
            if params.get("Namespace") in (None, key[0])
            and params.get("MetricName") in (None, key[1])
            and all(
                dict(key[2]).get(name, "") == value or (value is None and name in dict(key[2]))
                for name, value in wanted
            )
            and self._last(key) >= since
        ]
        return numbered("Metrics", found, params, _PAGE)

    def _last(self, key: Key) -> float:
        """When a metric last had a value."""
        series, points = self._in_force.get(key), self._points.get(key)
        if series and series[-1][1]:
            return self._region.clock.now
        return max(series[-1][0] if series else -math.inf, points[-1][0] if points else -math.inf)

    def get_metric_data(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The values of metrics, period by period."""
        start, end = params["StartTime"], params["EndTime"]
        results = []
        for query in params["MetricDataQueries"]:
            if "MetricStat" not in query:
                raise NO_EXPRESSIONS.error()
            stat = query["MetricStat"]
            key = key_of(stat["Metric"])
            points = list(self._statistics(key, start, end, stat["Period"], [stat["Stat"]]))
            if params.get("ScanBy") != "TimestampAscending":
                points.reverse()
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label", key[1]),
                    "Timestamps": [at for at, _ in points],
                    "Values": [values[stat["Stat"]] for _, values in points],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    def get_metric_statistics(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The statistics of one metric, period by period."""
        asked = [*params.get("Statistics", ()), *params.get("ExtendedStatistics", ())]
        found = []
        for at, values in self._statistics(
            key_of(params), params["StartTime"], params["EndTime"], params["Period"], asked
        ):
            plain = {name: value for name, value in values.items() if not name.startswith("p")}
            point = {"Timestamp": at, "Unit": "Percent", **plain}
            if len(plain) < len(values):
                point["ExtendedStatistics"] = {n: v for n, v in values.items() if n.startswith("p")}
            found.append(point)
        return {"Label": params["MetricName"], "Datapoints": found}

    def put_metric_data(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Points put by hand."""
        for one in params.get("MetricData", ()):
            key = key_of({"Namespace": params["Namespace"], **one})
            at = one["Timestamp"].timestamp() if "Timestamp" in one else self._region.clock.now
            self._points[key] += [(at, value, weight) for value, weight in _put_values(one)]
            self._region.alarms.metric_changed(key)
        return {}

    def known(self, key: Key) -> bool:
        """Whether a metric ever had a value."""
        return key in self._points or key in self._in_force

    def value(self, key: Key, begin: float, end: float, statistic: str) -> float | None:
        """A statistic of what was published in a time; None where nothing was."""
        values = sorted(self._values(key, begin, end))
        return _statistic(statistic, values) if values else None

    # -- statistics -----------------------------------------------------------------------------------------

    def _statistics(
        self, key: Key, start: datetime, end: datetime, period: int, asked: Iterable[str]
    ) -> Iterator[tuple[float, dict[str, float]]]:
        first = int(start.timestamp()) // period * period
        last = min(end.timestamp(), self._region.clock.now + 1)
        for begin in itertools.takewhile(lambda at: at < last, itertools.count(first, period)):
            values = sorted(self._values(key, begin, min(begin + period, last)))
            if values:
                yield begin, {name: _statistic(name, values) for name in asked}

    def _values(self, key: Key, begin: float, end: float) -> Iterator[tuple[float, float]]:
        """What was published in a time, with its weight: every minute what was in force, and what was put."""
        for at in range(-(-int(begin) // _PERIOD) * _PERIOD, math.ceil(end), _PERIOD):
            yield from ((value, 1.0) for value in self._at(key, at))
        yield from ((value, weight) for at, value, weight in self._points.get(key, ()) if begin <= at < end)

    def _at(self, key: Key, at: float) -> tuple[float, ...]:
        found: tuple[float, ...] = ()
        for since, values in self._in_force.get(key, ()):
            if since > at:
                break
            found = values
        return found


def reservations(fleet: Fleet, instance: LiveInstance) -> tuple[Fraction | None, ...]:
    """The percentages of an instance's CPU, memory and accelerators that its copies reserve.

    The denominator is the whole instance, as in the developer guide (1024 MiB of 32 GiB are 3.125 %).
    """
    kind = builtin_types().get(instance.machine.name)
    if kind is None:
        return (None, None, None)
    held: dict[str, int] = defaultdict(int)
    for version, copies in instance.copies.items():
        for resource, amount in (demand(fleet.components, version, kind.name) or {}).items():
            held[resource] += copies * amount
    layout = instance.machine.layout
    cut = len(layout) * kind.accelerators
    devices = held["accelerators"] if not layout else sum(held[name] for name in set(layout))
    whole = cut if layout else kind.accelerators
    return (
        Fraction(_PERCENT * held["cpu"], kind.vcpu * _PARTS),
        Fraction(_PERCENT * held["memory"], kind.memory_mib),
        Fraction(_PERCENT * devices, whole) if whole else None,
    )


def _put_values(datum: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """The values of a point with how often each was seen."""
    if "StatisticValues" in datum:
        raise NO_STATISTIC_SETS.error()
    values = datum.get("Values") or [datum.get("Value", 0.0)]
    weights = datum.get("Counts") or [1.0] * len(values)
    if len(weights) != len(values):
        raise COUNTS.error()
    yield from zip(map(float, values), map(float, weights), strict=True)


def key_of(metric: Mapping[str, Any]) -> Key:
    """The metric that a request names, whatever the order of its dimensions."""
    dimensions = tuple((one["Name"], one["Value"]) for one in metric.get("Dimensions", ()))
    return metric["Namespace"], metric["MetricName"], tuple(sorted(dimensions, key=_dimension_order))


def _dimension_order(dimension: tuple[str, str]) -> tuple[int, str]:
    known = ("EndpointName", "VariantName", "InferenceComponentName", "InstanceId", "ContainerId")
    name = dimension[0]
    return (known.index(name) if name in known else len(known), name)


def _statistic(name: str, values: Sequence[tuple[float, float]]) -> float:
    """One statistic of sorted values, each with its weight."""
    count = math.fsum(weight for _, weight in values)
    match name:
        case "Minimum":
            return values[0][0]
        case "Maximum":
            return values[-1][0]
        case "Sum":
            return math.fsum(value * weight for value, weight in values)
        case "SampleCount":
            return count
        case "Average":
            return math.fsum(value * weight for value, weight in values) / count
    if not name.startswith("p"):
        raise NO_STATISTIC.error(name=name)
    least = Fraction(name[1:]) / _PERCENT * Fraction(count)
    reached = itertools.accumulate(Fraction(weight) for _, weight in values)
    return next((value for (value, _), so_far in zip(values, reached, strict=True) if so_far >= least))
