"""Read from CloudWatch which instance holds which copies, where an endpoint publishes enhanced metrics.

Each copy has a container, and its metrics name the component, the container and the instance. Series stay
listed for hours after a copy is gone, so only those with points in the last periods count, and of a component
only if there are as many as it has copies: never a guess.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.aws.client import paginate
from icplan.aws.parts.quotas import instance_types

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE: Final = "/aws/sagemaker/InferenceComponents"
COMPONENT, INSTANCE, CONTAINER, VARIANT = "InferenceComponentName", "InstanceId", "ContainerId", "VariantName"
"""The dimensions of enhanced metrics of components, by AWS's notebook on them (endpoint_metrics_helper.py).

A series per accelerator has one more."""
_PERIODS: Final = 3
_LAG: Final = dt.timedelta(minutes=2)
"""How late a period may be complete."""
_USUAL: Final = 60
_QUERIES: Final = 500  # the most CloudWatch takes at once


@attrs.frozen
class Locations:
    """Rows for CopyLocations, and the components of which not every copy is seen, with how many are."""

    rows: list[dict[str, Any]]
    unseen: Mapping[str, str]


def publishes_locations(config: Mapping[str, Any]) -> bool:
    """Whether the endpoint's configuration asks for enhanced metrics."""
    return bool((config.get("MetricsConfig") or {}).get("EnableEnhancedMetrics"))


def copy_locations(client: Any, data: Mapping[str, Any], now: dt.datetime) -> Locations:
    """Where the copies of a snapshot's document lie. Raises AwsError."""
    seen = _with_points(client, data, _listed(client, data["Endpoint"]["EndpointName"]), now)
    types = {
        variant["VariantName"]: sorted(set(instance_types(variant)))
        for variant in data["EndpointConfig"]["ProductionVariants"]
    }
    rows: list[dict[str, Any]] = []
    unseen: dict[str, str] = {}
    for one in data["InferenceComponents"]:
        name, copies = one[COMPONENT], (one.get("RuntimeConfig") or {}).get("CurrentCopyCount") or 0
        mine = {(copy[INSTANCE], copy[CONTAINER]) for copy in seen if copy[COMPONENT] == name}
        kinds = types.get(str(one.get(VARIANT)), [])
        if len(mine) != copies:
            unseen[name] = f"{len(mine)} of its {copies} copies are seen"
        elif len(kinds) != 1:
            unseen[name] = "its variant has several instance types, of which metrics do not tell"
        else:
            counts = Counter(instance for instance, _ in mine)
            rows += (
                {COMPONENT: name, INSTANCE: instance, "InstanceType": kinds[0], "Copies": count}
                for instance, count in sorted(counts.items())
            )
    return Locations(rows, unseen)


def _listed(client: Any, endpoint: str) -> list[tuple[str, list[dict[str, str]]]]:
    """A metric of each copy that was there in the last hours: its name, and all its dimensions."""
    metrics = paginate(
        client,
        "ListMetrics",
        "Metrics",
        Namespace=NAMESPACE,
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": CONTAINER}, {"Name": INSTANCE}],
        RecentlyActive="PT3H",
    )
    found: dict[tuple[str, ...], tuple[str, list[dict[str, str]]]] = {}
    for one in metrics:
        told = _told(one["Dimensions"])
        if told.keys() >= {COMPONENT, INSTANCE, CONTAINER}:
            copy = told[COMPONENT], told[INSTANCE], told[CONTAINER]
            found.setdefault(copy, (one["MetricName"], one["Dimensions"]))
    return list(found.values())


def _told(dimensions: list[dict[str, str]]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in dimensions}


def _with_points(
    client: Any, data: Mapping[str, Any], listed: list[tuple[str, list[dict[str, str]]]], now: dt.datetime
) -> list[dict[str, str]]:
    """The copies of which something was published in the last periods."""
    config = data["EndpointConfig"].get("MetricsConfig") or {}
    period = max(_USUAL, int(config.get("MetricPublishFrequencyInSeconds") or _USUAL))
    end = (now - _LAG).replace(second=0, microsecond=0)
    found: list[dict[str, str]] = []
    for begin in range(0, len(listed), _QUERIES):
        asked = {f"q{number}": one for number, one in enumerate(listed[begin : begin + _QUERIES])}
        results = paginate(
            client,
            "GetMetricData",
            "MetricDataResults",
            MetricDataQueries=[_query(name, *one, period) for name, one in asked.items()],
            StartTime=end - dt.timedelta(seconds=_PERIODS * period),
            EndTime=end,
        )
        found += [_told(asked[one["Id"]][1]) for one in results if one["Id"] in asked and one.get("Values")]
    return found


def _query(name: str, metric: str, dimensions: list[dict[str, str]], period: int) -> dict[str, Any]:
    named = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": period, "Stat": "SampleCount"}}
