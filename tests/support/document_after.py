"""A snapshot once a change is done, as AWS would show it: what `EndpointState.apply` is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.aws.instance_usage import arriving
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from icplan.fleet.endpoint import Alteration, EndpointState
    from icplan.fleet.fleet import InstanceCounts
    from icplan.fleet.variant import VariantState
    from icplan.requests.from_describe import EndpointComponent


#: What was launched out of a reservation since AWS told of it: no document of AWS's has it.
LAUNCHED = "LaunchedSince"


def state_shown(data: Mapping[str, Any]) -> EndpointState:
    """The state that a document shows which a change has left."""
    state = read_endpoint(Snapshot(data))
    summaries = (data.get("Endpoint") or {}).get("ProductionVariants") or ()
    since = {
        one["VariantName"]: (one.get("CapacityReservationConfig") or {}).get(LAUNCHED, 0) for one in summaries
    }
    return attrs.evolve(state, variants=tuple(_since(one, since.get(one.name, 0)) for one in state.variants))


def _since(variant: VariantState, launched: int) -> VariantState:
    if variant.running is None:
        return variant
    reservation = attrs.evolve(variant.running.reservation, launched=launched)
    return attrs.evolve(variant, running=attrs.evolve(variant.running, reservation=reservation))


def document_after(data: Mapping[str, Any], done: Alteration) -> dict[str, Any]:
    """The document with a change done. Where copies lie is not known any more."""
    after = {name: part for name, part in data.items() if name != "CopyLocations"}
    if done.instances is not None:
        after = resized_document(after, done.instances)
    components = list(after.get("InferenceComponents", ()))
    names = [one["InferenceComponentName"] for one in components]
    there = names.index(done.name) if done.name in names else len(names)
    components[there : there + 1] = [] if done.component is None else [described(done.component)]
    return after | {"InferenceComponents": components}


def described(component: EndpointComponent) -> dict[str, Any]:
    """A component as DescribeInferenceComponent shows it."""
    several = None not in component.specifications
    shown: dict[str, Any] = {
        "InferenceComponentName": component.name,
        "InferenceComponentStatus": component.status,
        "VariantName": component.variant,
        "EndpointName": component.endpoint,
        "Specifications": list(component.specifications.values()) if several else None,
        "Specification": component.specifications.get(None),
        "FailureReason": component.failure,
    }
    if component.copies is not None:
        placed = [{"InstanceType": kind, "CurrentCopyCount": n} for kind, n in component.copies.placed]
        counts = {
            "DesiredCopyCount": component.copies.desired,
            "CurrentCopyCount": component.copies.current,
            "PlacementStatus": placed or None,
        }
        shown["RuntimeConfig"] = {name: value for name, value in counts.items() if value is not None}
    return {name: value for name, value in shown.items() if value is not None}


def resized_document(data: Mapping[str, Any], resized: InstanceCounts) -> dict[str, Any]:
    """The document with the variant of that size."""
    done = dict(data)
    _resize(done, resized)
    return done


def _resize(done: dict[str, Any], resized: InstanceCounts) -> None:
    """Give the variant so many instances, in the endpoint's description, which is made if there is none."""
    endpoint = dict(done.get("Endpoint", {}))
    summaries = list(endpoint.get("ProductionVariants", ()))
    done["Endpoint"], endpoint["ProductionVariants"] = endpoint, summaries
    name = resized.fleet.variant
    number = next((n for n, s in enumerate(summaries) if s.get("VariantName") == name), len(summaries))
    summary = dict(summaries[number]) if number < len(summaries) else {"VariantName": name}
    summaries[number:] = [summary, *summaries[number + 1 :]]
    coming = arriving(summary)
    launched = max(0, sum(resized.delta.values()))
    _update_usage(done, summary, resized, coming)
    summary["CurrentInstanceCount"] = resized.instances
    # What is on its way comes first where instances are launched.
    summary["DesiredInstanceCount"] = resized.instances + max(0, coming - launched)
    if any("InstancePools" in variant for variant in done["EndpointConfig"]["ProductionVariants"]):
        summary["InstancePools"] = [
            {"InstanceType": name, "CurrentInstanceCount": n} for name, n in resized.pools.items()
        ]


def _update_usage(
    done: dict[str, Any], summary: dict[str, Any], resized: InstanceCounts, coming: int
) -> None:
    """Count what was launched, less what was released, where quotas and reservations are reckoned.

    Of the former, ``coming`` instances were on their way, and count there already.
    """
    used: dict[str, int] = dict(done.get("InstancesInUse", {}))
    if "InstancesInUse" in done:
        done["InstancesInUse"] = used
    left = coming
    for pool in resized.fleet.pools if "InstancesInUse" in done else ():
        name, delta = pool.type.name, resized.delta[pool.type.name]
        counted = max(0, min(left, delta))
        left -= counted
        # The count may be older than the endpoint's own.
        used[name] = max(pool.instances + counted, used.get(name, 0)) + delta - counted
    reservation = summary.get("CapacityReservationConfig")
    if reservation:
        delta = sum(resized.delta.values())
        granted = max(0, reservation.get("UsedByCurrentEndpoint", 0) - resized.fleet.instances)
        if len(done["EndpointConfig"]["ProductionVariants"]) > 1:
            granted = 0
        launched = delta - max(0, min(coming, granted, delta))
        since = reservation.get(LAUNCHED, 0) + launched
        summary["CapacityReservationConfig"] = {**reservation, LAUNCHED: since}
