"""What a snapshot becomes once a change is done, so that the next of a change set can be judged.

Documents share what a change leaves as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.aws.instance_usage import arriving
from icplan.snapshot.scaling import LAUNCHED, LaunchedSince, launched_since

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from icplan.fleet.fleet import InstanceCounts
    from icplan.requests.merge import EffectiveSpec


def apply(
    data: Mapping[str, Any],
    operation: str,
    request: Mapping[str, Any],
    spec: EffectiveSpec,
    resized: InstanceCounts | None = None,
) -> dict[str, Any]:
    """The document with the change done, which makes the component ``spec``.

    The instances stay as they are without ``resized``. Where copies lie is not known any more.
    """
    done = {name: part for name, part in data.items() if name != "CopyLocations"}
    if resized is not None:
        _resize(done, resized)
    components: list[dict[str, Any]] = list(done.get("InferenceComponents", ()))
    done["InferenceComponents"] = components
    number = next((n for n, c in enumerate(components) if c["InferenceComponentName"] == spec.name), None)
    if operation == "DeleteInferenceComponent":
        if number is not None:
            del components[number]
        return done
    if number is None:
        described = {k: request[k] for k in ("InferenceComponentName", "EndpointName") if k in request}
        described["VariantName"] = request.get(
            "VariantName", done["EndpointConfig"]["ProductionVariants"][0]["VariantName"]
        )
        components.append(described)
    else:
        described = components[number] = dict(components[number])
    if {"Specification", "Specifications"} & request.keys():
        _describe(described, spec)
    if spec.copies or "RuntimeConfig" in described:
        described["RuntimeConfig"] = {"DesiredCopyCount": spec.copies, "CurrentCopyCount": spec.copies}
    described["InferenceComponentStatus"] = "InService"
    described.pop("LastModifiedTime", None)
    return done


def resized_document(data: Mapping[str, Any], resized: InstanceCounts) -> dict[str, Any]:
    """The document with the variant of that size."""
    done = dict(data)
    _resize(done, resized)
    return done


def _describe(described: dict[str, Any], spec: EffectiveSpec) -> None:
    described.pop("Specification", None)
    described.pop("Specifications", None)
    if None in spec.specifications:
        described["Specification"] = spec.specifications[None]
    else:
        described["Specifications"] = list(spec.specifications.values())


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
        since = LaunchedSince(launched_since(reservation) + launched)
        summary["CapacityReservationConfig"] = {**reservation, LAUNCHED: since}
