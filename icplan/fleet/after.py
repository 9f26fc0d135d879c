"""What a snapshot becomes once a change is done, so that the next of a change set can be judged."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def after(
    data: Mapping[str, Any],
    operation: str,
    request: Mapping[str, Any],
    copies: int,
    pools: Mapping[str, int] | None,
) -> dict[str, Any]:
    """The document with the change done: ``copies`` run, on so many instances per type (unchanged if None).

    Where copies lie is not known any more.
    """
    done = copy.deepcopy(dict(data))
    done.pop("CopyLocations", None)
    components = done.setdefault("InferenceComponents", [])
    name = request["InferenceComponentName"]
    described = next((c for c in components if c["InferenceComponentName"] == name), None)
    if operation == "DeleteInferenceComponent":
        components[:] = [c for c in components if c is not described]
        return done
    if described is None:
        described = {k: request[k] for k in ("InferenceComponentName", "EndpointName") if k in request}
        described["VariantName"] = request.get(
            "VariantName", done["EndpointConfig"]["ProductionVariants"][0]["VariantName"]
        )
        components.append(described)
    _describe(described, request)
    if copies or "RuntimeConfig" in described:
        described["RuntimeConfig"] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}
    described["InferenceComponentStatus"] = "InService"
    if pools is not None:
        _resize(done, described.get("VariantName"), pools)
    return done


def _describe(described: dict[str, Any], request: Mapping[str, Any]) -> None:
    if "Specifications" in request:
        described.pop("Specification", None)
        described["Specifications"] = copy.deepcopy(request["Specifications"])
    elif "Specification" in request:
        described.pop("Specifications", None)
        merged = described.setdefault("Specification", {})
        merged.update(copy.deepcopy(request["Specification"]))


def _resize(done: dict[str, Any], variant_name: str | None, pools: Mapping[str, int]) -> None:
    """Give the variant so many instances, in the endpoint's description, which is made if there is none."""
    endpoint = done.setdefault("Endpoint", {})
    summaries = endpoint.setdefault("ProductionVariants", [])
    summary = next((s for s in summaries if s.get("VariantName") == variant_name), None)
    if summary is None:
        summary = {"VariantName": variant_name}
        summaries.append(summary)
    summary["CurrentInstanceCount"] = summary["DesiredInstanceCount"] = sum(pools.values())
    if any("InstancePools" in variant for variant in done["EndpointConfig"]["ProductionVariants"]):
        summary["InstancePools"] = [
            {"InstanceType": name, "CurrentInstanceCount": n} for name, n in pools.items()
        ]
