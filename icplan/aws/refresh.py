"""Read an endpoint again that was read before: its list tells which components have to be described anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.aws.identity import identity
from icplan.aws.parallel import WORKERS, within
from icplan.aws.parts.components import changed, described, listed
from icplan.aws.parts.endpoint import configuration, describe_endpoint
from icplan.documents.json_values import as_json_values
from icplan.documents.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OF_ONE_READ: Final = ("ClockSkew", "Index", "Notes")
_BESIDE: Final = (
    *("ScalableTargets", "ScalingActivities", "Quotas", "InstancesInUse", "InstanceTypes"),
    *("Reservations", "CopyLocations"),
)


def read_refreshed(
    client: Any, data: Mapping[str, Any], *, time_limit: float | None = None, workers: int = WORKERS
) -> dict[str, Any]:
    """An endpoint and its components as they are now, from a snapshot's document of an earlier read.

    A component is described anew unless it was at rest and its status and LastModifiedTime are still those of
    the list. What was read beside the endpoint is left out: it may be another by now. Nothing tells whether
    the endpoint moved between the two calls that are made: see `icplan.aws.read.is_still`. Raises AwsError.
    """

    def read() -> dict[str, Any]:
        endpoint, headers = describe_endpoint(client, data["Endpoint"]["EndpointName"])
        summaries = listed(client, endpoint["EndpointName"])
        there = {one["InferenceComponentName"]: one for one in data["InferenceComponents"]}
        stale = list(_stale(there, as_json_values(summaries)))
        found = described(client, stale, workers)
        same = endpoint.get("EndpointConfigName") == data["Endpoint"].get("EndpointConfigName")
        config = data["EndpointConfig"] if same else configuration(client, endpoint)
        now = {name: there[name] for name in summaries if name not in found}
        now |= {name: one for name, one in found.items() if one is not None}
        kept = {name: value for name, value in data.items() if name not in (*_OF_ONE_READ, *_BESIDE)}
        kept |= identity(client, endpoint, headers)
        kept |= {"Endpoint": endpoint, "EndpointConfig": config, "Consistent": True}
        kept["Parts"] = {name: {"Status": "not-asked"} for name in data.get("Parts", ())}
        kept["InferenceComponents"] = [now[name] for name in sorted(now)]
        return redact(as_json_values(kept))

    return within(time_limit, read)


def _stale(there: Mapping[str, Any], summaries: Mapping[str, Any]) -> Iterator[str]:
    for name, summary in summaries.items():
        if name not in there or changed(there[name], summary) or not _rests(there[name]):
            yield name


def _rests(component: Mapping[str, Any]) -> bool:
    """Whether a component was settled: of one that is not, more than its status changes."""
    runtime = component.get("RuntimeConfig") or {}
    copies = {runtime[name] for name in ("DesiredCopyCount", "CurrentCopyCount") if name in runtime}
    return component.get("InferenceComponentStatus") == "InService" and len(copies) <= 1
