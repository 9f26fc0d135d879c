"""Reservation metrics as CloudWatch would publish them for copies that lie where a test says."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from icplan.catalog.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

CHANGED, TAKEN = "2026-11-20T01:30:00Z", "2026-11-20T02:11:08Z"
NEWEST = dt.datetime(2026, 11, 20, 2, 5, tzinfo=dt.UTC)
METRICS = ("CPUReservation", "MemoryReservation", "GPUReservation")
_MEMBERS = ("NumberOfCpuCoresRequired", "MinMemoryRequiredInMb", "NumberOfAcceleratorDevicesRequired")


def shares(
    taken: Json, where: Sequence[Mapping[str, int]], types: Sequence[str], memory_share: float = 1.0
) -> list[list[float]]:
    """Per metric the percentage of each instance; memory is divided by that share of the instance."""
    needs = {
        one["InferenceComponentName"]: one["Specification"]["ComputeResourceRequirements"]
        for one in taken["InferenceComponents"]
    }
    found: list[list[float]] = [[], [], []]
    for held, name in zip(where, types, strict=True):
        kind = Catalog().lookup(name)
        wholes = (kind.vcpu, kind.memory_mib * memory_share, kind.accelerators)
        for place, (member, whole) in enumerate(zip(_MEMBERS, wholes, strict=True)):
            amount = sum(n * needs[component].get(member, 0) for component, n in held.items())
            if whole:
                found[place].append(100 * amount / whole)
    return found


def metric(name: str, values: Sequence[float], *, percentiles: bool = False, **more: Any) -> Json:
    """A metric over instances with these percentages, in three periods that agree."""
    ordered = sorted(values)
    point: Json = {
        "Minimum": ordered[0],
        "Maximum": ordered[-1],
        "Average": math.fsum(values) / len(values),
        "SampleCount": float(len(values)),
        "Unit": "Percent",
    }
    if percentiles:
        ranks = enumerate(ordered)
        point["ExtendedStatistics"] = {
            f"p{100 * (rank + 0.5) / len(values):.4f}": value for rank, value in ranks
        }
    newest, period = more.get("newest", NEWEST), 60
    times = [newest - dt.timedelta(seconds=period * back) for back in range(more.get("periods", 3))]
    return {
        "VariantName": "AllTraffic",
        "MetricName": name,
        "Period": period,
        "Datapoints": [{"Timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", **point} for at in times],
    }


def at_rest(taken: Json) -> Json:
    """The snapshot with the moments that tell when it was last changed, and taken."""
    return taken | {
        "TakenAt": TAKEN,
        "Endpoint": taken["Endpoint"] | {"LastModifiedTime": CHANGED},
        "InferenceComponents": [one | {"LastModifiedTime": CHANGED} for one in taken["InferenceComponents"]],
    }


def with_metrics(
    taken: Json,
    where: Sequence[Mapping[str, int]],
    types: Sequence[str],
    *,
    names: Sequence[str] = METRICS,
    all_values: Sequence[str] = ("GPUReservation",),
    memory_share: float = 1.0,
) -> Json:
    """The snapshot at rest, with these metrics of copies that lie so; of some of them with all values."""
    told = zip(METRICS, shares(taken, where, types, memory_share), strict=True)
    metrics = [
        metric(name, values, percentiles=name in all_values)
        for name, values in told
        if values and name in names
    ]
    return at_rest(taken) | {"Reservations": metrics}
