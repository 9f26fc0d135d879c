"""What a snapshot becomes once a change is done, so that the next of a change set can be judged."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.fleet.model import Fleet
    from icplan.spec.merge import EffectiveSpec


@attrs.frozen
class Resized:
    """A fleet as it was, and how many instances of each type it has then."""

    fleet: Fleet
    pools: Mapping[str, int]

    @property
    def more(self) -> dict[str, int]:
        """The instances launched per type, less those released."""
        return {pool.type.name: self.pools[pool.type.name] - pool.instances for pool in self.fleet.pools}


def after(
    data: Mapping[str, Any],
    operation: str,
    request: Mapping[str, Any],
    spec: EffectiveSpec,
    resized: Resized | None = None,
) -> dict[str, Any]:
    """The document with the change done, which makes the component ``spec``.

    The instances stay as they are without ``resized``. Where copies lie is not known any more.
    """
    done = copy.deepcopy(dict(data))
    done.pop("CopyLocations", None)
    if resized is not None:
        _resize(done, resized)
    components = done.setdefault("InferenceComponents", [])
    described = next((c for c in components if c["InferenceComponentName"] == spec.name), None)
    if operation == "DeleteInferenceComponent":
        components[:] = [c for c in components if c is not described]
        return done
    if described is None:
        described = {k: request[k] for k in ("InferenceComponentName", "EndpointName") if k in request}
        described["VariantName"] = request.get(
            "VariantName", done["EndpointConfig"]["ProductionVariants"][0]["VariantName"]
        )
        components.append(described)
    if {"Specification", "Specifications"} & request.keys():
        _describe(described, spec)
    if spec.copies or "RuntimeConfig" in described:
        described["RuntimeConfig"] = {"DesiredCopyCount": spec.copies, "CurrentCopyCount": spec.copies}
    described["InferenceComponentStatus"] = "InService"
    return done


def _describe(described: dict[str, Any], spec: EffectiveSpec) -> None:
    described.pop("Specification", None)
    described.pop("Specifications", None)
    if None in spec.entries:
        described["Specification"] = copy.deepcopy(spec.entries[None])
    else:
        described["Specifications"] = copy.deepcopy(list(spec.entries.values()))


def _resize(done: dict[str, Any], resized: Resized) -> None:
    """Give the variant so many instances, in the endpoint's description, which is made if there is none."""
    endpoint = done.setdefault("Endpoint", {})
    summaries = endpoint.setdefault("ProductionVariants", [])
    name = resized.fleet.variant
    summary = next((s for s in summaries if s.get("VariantName") == name), None)
    if summary is None:
        summary = {"VariantName": name}
        summaries.append(summary)
    summary["CurrentInstanceCount"] = summary["DesiredInstanceCount"] = sum(resized.pools.values())
    if any("InstancePools" in variant for variant in done["EndpointConfig"]["ProductionVariants"]):
        summary["InstancePools"] = [
            {"InstanceType": name, "CurrentInstanceCount": n} for name, n in resized.pools.items()
        ]
    _account(done, summary, resized)


def _account(done: dict[str, Any], summary: dict[str, Any], resized: Resized) -> None:
    """Count what was launched, less what was released, where quotas and reservations are reckoned."""
    used = done.get("InstancesInUse")
    if used is not None:
        for pool in resized.fleet.pools:
            name = pool.type.name
            # The count may be older than the endpoint's own.
            used[name] = max(pool.instances, used.get(name, 0)) + resized.more[name]
    reservation = summary.get("CapacityReservationConfig") or {}
    if "AvailableInstanceCount" in reservation:
        left = reservation["AvailableInstanceCount"] - sum(resized.more.values())
        reservation["AvailableInstanceCount"] = max(0, left)
