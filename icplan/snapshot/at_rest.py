"""The snapshot as it will be when everything under way has ended as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.fleet.at_rest import at_rest as endpoint_at_rest
from icplan.snapshot.read_endpoint import read_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.fleet.endpoint import EndpointState
    from icplan.snapshot.snapshot import Snapshot


@attrs.frozen
class DocumentAtRest:
    """The document then, and what to wait for, in words."""

    data: dict[str, Any]
    awaited: tuple[str, ...]


def at_rest(snapshot: Snapshot) -> DocumentAtRest | None:
    """The document at rest; ``None`` where nothing is under way."""
    then = endpoint_at_rest(read_endpoint(snapshot))
    if then is None:
        return None
    done = {
        name: part for name, part in snapshot.data.items() if name not in ("CopyLocations", "Reservations")
    }
    if "InferenceComponents" in done:
        done["InferenceComponents"] = list(_components(done["InferenceComponents"], then.state))
    if then.state.status == "InService" and "Endpoint" in done:
        done["Endpoint"] = _endpoint(done["Endpoint"], then.state)
    return DocumentAtRest(done, then.awaited)


def _components(described: list[Mapping[str, Any]], then: EndpointState) -> Iterator[Mapping[str, Any]]:
    for one in described:
        component = then.component(one["InferenceComponentName"])
        if component is None:
            continue
        if component.status == one.get("InferenceComponentStatus") or component.copies is None:
            yield one
            continue
        counts = {
            "DesiredCopyCount": component.copies.desired,
            "CurrentCopyCount": component.copies.current,
        }
        yield {**one, "InferenceComponentStatus": component.status, "RuntimeConfig": counts}


def _endpoint(described: Mapping[str, Any], then: EndpointState) -> dict[str, Any]:
    current = {
        one.name: one.running.current
        for one in (*then.variants, *then.undeclared)
        if one.running is not None and one.running.current is not None
    }
    summaries = [
        {**one, "CurrentInstanceCount": current[one["VariantName"]]} if one["VariantName"] in current else one
        for one in described.get("ProductionVariants") or ()
    ]
    variants = {"ProductionVariants": summaries} if summaries else {}
    return {**described, **variants, "EndpointStatus": "InService"}
