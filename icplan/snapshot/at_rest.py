"""The snapshot as it will be when everything under way has ended as it was asked for."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SETTLING = ("Creating", "Updating")
_ENDPOINT = ("Creating", "Updating", "SystemUpdating", "RollingBack")


@attrs.frozen
class AtRest:
    """The document then, and what to wait for, in words."""

    data: dict[str, Any]
    awaited: tuple[str, ...]


def at_rest(data: Mapping[str, Any]) -> AtRest | None:
    """The document at rest; ``None`` where nothing is under way."""
    done = copy.deepcopy(dict(data))
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
        kept.append(one)
        runtime = one.get("RuntimeConfig") or {}
        if status in _SETTLING and "DesiredCopyCount" in runtime:
            yield f"{name} is InService"
            one["InferenceComponentStatus"] = "InService"
            wanted = runtime["DesiredCopyCount"]
            one["RuntimeConfig"] = {"DesiredCopyCount": wanted, "CurrentCopyCount": wanted}
    if "InferenceComponents" in done:
        done["InferenceComponents"] = kept


def _endpoint(done: dict[str, Any]) -> Iterator[str]:
    endpoint = done.get("Endpoint") or {}
    changes = endpoint.get("EndpointStatus") in _ENDPOINT
    for summary in endpoint.get("ProductionVariants") or ():
        current, desired = summary.get("CurrentInstanceCount"), summary.get("DesiredInstanceCount")
        # Of several types, which one an instance on its way is of is not told.
        if None not in (current, desired) and current != desired and not summary.get("InstancePools"):
            summary["CurrentInstanceCount"] = desired
            changes = True
    if changes:
        endpoint["EndpointStatus"] = "InService"
        yield "the endpoint is InService"
