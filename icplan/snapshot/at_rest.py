"""The snapshot as it will be when everything under way has ended as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTLING = ("Creating", "Updating")
_ENDPOINT = ("Creating", "Updating", "SystemUpdating", "RollingBack")


@attrs.frozen
class AtRest:
    """The document then, and what to wait for, in words."""

    data: dict[str, Any]
    awaited: tuple[str, ...]


def at_rest(data: Mapping[str, Any]) -> AtRest | None:
    """The document at rest; ``None`` where nothing is under way."""
    done = dict(data)
    awaited = (*_components(done), *_endpoint(done))
    if not awaited:
        return None
    done.pop("CopyLocations", None)
    return AtRest(done, awaited)


def _components(done: dict[str, Any]) -> Iterator[str]:
    kept = []
    for one in done.get("InferenceComponents") or ():
        name, status = one["InferenceComponentName"], one.get("InferenceComponentStatus")
        if status == "Deleting":
            yield f"{name} is gone"
            continue
        runtime = one.get("RuntimeConfig") or {}
        if status in SETTLING and "DesiredCopyCount" in runtime:
            yield f"{name} is InService"
            wanted = runtime["DesiredCopyCount"]
            counts = {"DesiredCopyCount": wanted, "CurrentCopyCount": wanted}
            kept.append({**one, "InferenceComponentStatus": "InService", "RuntimeConfig": counts})
        else:
            kept.append(one)
    if "InferenceComponents" in done:
        done["InferenceComponents"] = kept


def _endpoint(done: dict[str, Any]) -> Iterator[str]:
    endpoint = dict(done.get("Endpoint") or {})
    changes = endpoint.get("EndpointStatus") in _ENDPOINT
    summaries = list(endpoint.get("ProductionVariants") or ())
    for number, summary in enumerate(summaries):
        current, desired = summary.get("CurrentInstanceCount"), summary.get("DesiredInstanceCount")
        # Of several types, which one an instance on its way is of is not told.
        if None not in (current, desired) and current != desired and not summary.get("InstancePools"):
            summaries[number] = {**summary, "CurrentInstanceCount": desired}
            changes = True
    if changes:
        variants = {"ProductionVariants": summaries} if summaries else {}
        done["Endpoint"] = endpoint | variants | {"EndpointStatus": "InService"}
        yield "the endpoint is InService"
