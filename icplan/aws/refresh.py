"""Read an endpoint again that was read before: its list tells which components have to be described anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from icplan.aws.endpoint_and_list import looked_at
from icplan.aws.identity import identity
from icplan.aws.parallel import WORKERS, each, within
from icplan.aws.parts.components import changed, described, rests
from icplan.aws.parts.endpoint import configuration
from icplan.documents.json_values import as_json_values
from icplan.documents.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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
    the list; one that was not is described while the list is asked for. What was read beside the endpoint is
    left out: it may be another by now. What is not listed any more is described, too: it is gone where there
    is none. Nothing tells whether the endpoint moved between the calls that are
    made: see `icplan.aws.read.is_still`. Raises AwsError.
    """

    def read() -> dict[str, Any]:
        there = {one["InferenceComponentName"]: one for one in data["InferenceComponents"]}
        moving = [name for name, one in there.items() if not rests(one)]
        first: list[Callable[[], Any]] = [
            lambda: looked_at(client, data["Endpoint"]["EndpointName"], there.values()),
            lambda: described(client, moving, workers),
        ]
        ((endpoint, headers), summaries), beside = each(lambda ask: ask(), first)
        found = {name: one for name, one in beside.items() if name in summaries}
        # Lists lag behind, and this one is asked for in parts: that one is gone only its description tells.
        unlisted = [name for name in there if name not in summaries]
        stale = [*_stale(there, found, as_json_values(summaries)), *unlisted]
        found |= described(client, stale, workers)
        same = endpoint.get("EndpointConfigName") == data["Endpoint"].get("EndpointConfigName")
        read: dict[str, Any] = {"Endpoint": endpoint, **identity(client, endpoint, headers)}
        if not same:
            read["EndpointConfig"] = configuration(client, endpoint)
        # What is kept has been redacted: of a large endpoint that would be most of the work.
        read["InferenceComponents"] = [one for one in found.values() if one is not None]
        new: dict[str, Any] = dict(redact(as_json_values(read)))
        now = {name: there[name] for name in summaries if name not in found}
        now |= {one["InferenceComponentName"]: one for one in new["InferenceComponents"]}
        kept = {name: value for name, value in data.items() if name not in (*_OF_ONE_READ, *_BESIDE)}
        kept["Parts"] = {name: {"Status": "not-asked"} for name in data.get("Parts", ())}
        return {
            **kept,
            **new,
            "Consistent": True,
            "InferenceComponents": [now[name] for name in sorted(now)],
        }

    return within(time_limit, read)


def _stale(there: Mapping[str, Any], found: Mapping[str, Any], summaries: Mapping[str, Any]) -> Iterator[str]:
    """What is listed and is another than was known, or than what was found while it was being listed."""
    for name, summary in summaries.items():
        known = as_json_values(found[name]) if name in found else there.get(name)
        if known is None or changed(known, summary):
            yield name
