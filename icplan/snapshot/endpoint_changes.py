"""What a snapshot becomes once its endpoint is made, gets another configuration, or other instance counts."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from icplan.snapshot.contradictions import types_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Data = Mapping[str, Any]


def created(data: Data | None, endpoint: str, configuration: Data) -> dict[str, Any]:
    """The document once the endpoint runs its first instances, and nothing on them.

    What ``data`` tells of the account (quotas, use, types) stays.
    """
    done = _without_endpoint(data or {"IcplanSnapshot": 1})
    done["EndpointConfig"] = copy.deepcopy(dict(configuration))
    done["Endpoint"] = {
        "EndpointName": endpoint,
        "EndpointStatus": "InService",
        "EndpointConfigName": configuration["EndpointConfigName"],
        "ProductionVariants": [_started(one) for one in configuration["ProductionVariants"]],
    }
    done["InferenceComponents"] = []
    return done


def reconfigured(data: Data, configuration: Data, *, retained: bool) -> dict[str, Any]:
    """The document once the endpoint runs another configuration.

    With ``retained`` the number of instances of each variant is what it is, else what the configuration says.
    Components on variants that are gone are not in it: what becomes of them is not documented.
    """
    done = copy.deepcopy(dict(data))
    done.pop("CopyLocations", None)
    old = {one["VariantName"]: one for one in data["EndpointConfig"]["ProductionVariants"]}
    live = {one["VariantName"]: one for one in (data.get("Endpoint") or {}).get("ProductionVariants") or ()}
    variants = configuration["ProductionVariants"]
    summaries = []
    for variant in variants:
        name = variant["VariantName"]
        summary = _started(variant)
        if retained and name in old:
            kept = live.get(name) or _started(old[name])
            names = ["CurrentInstanceCount", "DesiredInstanceCount"]
            if types_of(variant) == types_of(old[name]):
                names.append("InstancePools")
            summary |= {member: copy.deepcopy(kept[member]) for member in names if member in kept}
        summaries.append(summary)
    endpoint = done.setdefault("Endpoint", {"EndpointName": _endpoint_name(data)})
    endpoint |= {
        "EndpointConfigName": configuration["EndpointConfigName"],
        "ProductionVariants": summaries,
    }
    done["EndpointConfig"] = copy.deepcopy(dict(configuration))
    there = [one["VariantName"] for one in variants]
    only = next(iter(old)) if len(old) == 1 else None
    kept_components = []
    for one in done.get("InferenceComponents") or []:
        variant_name = one.get("VariantName", only)
        if variant_name not in there and "BaseInferenceComponentName" not in (one.get("Specification") or {}):
            continue
        if variant_name in there:
            one["VariantName"] = variant_name
        (one.get("RuntimeConfig") or {}).pop("PlacementStatus", None)
        kept_components.append(one)
    done["InferenceComponents"] = kept_components
    return done


def recounted(data: Data, counts: Mapping[str, int]) -> dict[str, Any]:
    """The document once variants have so many instances."""
    done = copy.deepcopy(dict(data))
    done.pop("CopyLocations", None)
    endpoint = done.setdefault("Endpoint", {"EndpointName": _endpoint_name(data)})
    summaries = endpoint.setdefault("ProductionVariants", [])
    for name, count in counts.items():
        summary = next((one for one in summaries if one.get("VariantName") == name), None)
        if summary is None:
            summary = {"VariantName": name}
            summaries.append(summary)
        summary.pop("InstancePools", None)
        summary |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
    return done


def lost_components(data: Data, configuration: Data) -> list[str]:
    """The components on variants that a configuration does not have."""
    there = {one["VariantName"] for one in configuration["ProductionVariants"]}
    old = [one["VariantName"] for one in data["EndpointConfig"]["ProductionVariants"]]
    only = old[0] if len(old) == 1 else None
    return [
        str(one["InferenceComponentName"])
        for one in data.get("InferenceComponents") or ()
        if one.get("VariantName", only) not in there
        and "BaseInferenceComponentName" not in (one.get("Specification") or {})
    ]


def _started(variant: Data) -> dict[str, Any]:
    """A variant as it is described once its first instances run."""
    described: dict[str, Any] = {"VariantName": variant["VariantName"]}
    count = variant.get("InitialInstanceCount")
    if isinstance(count, int) and "InstancePools" not in variant:
        described |= {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
    return described


def _endpoint_name(data: Data) -> str:
    named = [data.get("Endpoint") or {}, *(data.get("InferenceComponents") or [])]
    names = [part["EndpointName"] for part in named if "EndpointName" in part]
    return str(names[0] if names else data["EndpointConfig"].get("EndpointConfigName", "unnamed"))


def _without_endpoint(data: Data) -> dict[str, Any]:
    aside = ("Endpoint", "EndpointConfig", "InferenceComponents", "CopyLocations", "ScalableTargets")
    return {name: copy.deepcopy(value) for name, value in data.items() if name not in aside}
