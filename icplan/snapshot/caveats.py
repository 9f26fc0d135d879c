"""Findings on the snapshot itself: figures that do not agree, components in motion."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from icplan.fleet.fleet import Unsure
from icplan.snapshot.scaling import releases_idle
from icplan.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.fleet.fleet import Fleet

COMPONENT_TRANSITIONS = ("Creating", "Updating", "Deleting")


def snapshot_caveats(data: Mapping[str, Any], fleet: Fleet, component: str) -> Iterator[Finding]:
    """ICP312 for each contradiction or gap, with the figure gone by, ICP313 for what is on its way.

    ICP314 says that it is not known where copies lie, ICP316 of which types the instances are, ICP320 and
    ICP323 what is not known to apply, and what is named and not there. ``data`` is the snapshot's document,
    ``component`` the one that is asked to change.
    """
    endpoint = data.get("Endpoint") or {}
    for message in (*_instances(endpoint, fleet), *_placements(data, fleet)):
        yield Finding("ICP312", Severity.WARNING, message)
    for what, messages in fleet.unsure.items():
        if what is not Unsure.MORE:
            rule = "ICP323" if what in (Unsure.HELD, Unsure.ASKED) else "ICP320"
            yield from (Finding(rule, Severity.WARNING, message) for message in messages)
    moving = [
        f"{one.name} is {one.status}"
        for one in fleet.components
        if one.status in COMPONENT_TRANSITIONS and one.name != component
    ]
    if not fleet.mix_known:
        yield Finding("ICP316", Severity.WARNING, _uncounted(endpoint, fleet))
    elif data.get("CopyLocations") and fleet.contents is None:
        yield Finding("ICP314", Severity.NOTE, _unlocated(data, fleet))
    if moving:
        message = f"{', '.join(moving)}; what may be on its way counts as perhaps there"
        yield Finding("ICP313", Severity.WARNING, message)


def _uncounted(endpoint: Mapping[str, Any], fleet: Fleet) -> str:
    """Why nothing is promised, and what would tell how many instances are of which type."""
    names = [summary.get("VariantName") for summary in endpoint.get("ProductionVariants") or ()]
    described = fleet.variant in names
    inside = f".ProductionVariants[{names.index(fleet.variant)}].InstancePools" if described else ""
    types = " or ".join(pool.type.name for pool in fleet.pools)
    if described and endpoint["ProductionVariants"][names.index(fleet.variant)].get("InstancePools"):
        return (
            f"how many of the {fleet.instances} instances that stay are {types} is not told: idle ones are "
            "being taken away, and copies may lie such that it is not known which are idle. Check again once "
            "the endpoint is at rest"
        )
    return (
        f"how many of {fleet.instances} instances are {types} is not told: $.Endpoint{inside} of the "
        "snapshot is missing. What fits may depend on it; a recent AWS CLI tells it (aws sagemaker "
        "describe-endpoint), and a recent boto3"
    )


def _unlocated(data: Mapping[str, Any], fleet: Fleet) -> str:
    """Why CopyLocations do not make the arrangement known."""
    if releases_idle(fleet.scaling):
        return "CONSOLIDATION moves copies at times, so where they lay tells nothing for sure"
    seen = Counter[str]()
    for row in data["CopyLocations"]:
        seen[row["InferenceComponentName"]] += row["Copies"]
    short = [
        f"{seen[c.name]} of {c.copies} of {c.name}" for c in fleet.components if seen[c.name] != c.placed
    ]
    if not short:
        return "copies are on their way, so where the others lie does not tell the arrangement"
    return f"CopyLocations tell of {', '.join(short)}, so the arrangement counts as not known"


def _instances(endpoint: Mapping[str, Any], fleet: Fleet) -> Iterator[str]:
    summaries = endpoint.get("ProductionVariants") or ()
    summary = next((one for one in summaries if one.get("VariantName") == fleet.variant), None)
    if summary is None:
        yield f"Endpoint does not describe variant {fleet.variant}; icplan goes by InitialInstanceCount"
        return
    pools = summary.get("InstancePools") or ()
    if not pools and "CurrentInstanceCount" not in summary:
        instead = "DesiredInstanceCount" if "DesiredInstanceCount" in summary else "InitialInstanceCount"
        yield f"Endpoint tells no CurrentInstanceCount of variant {fleet.variant}; icplan goes by {instead}"
    total, current = sum(pool["CurrentInstanceCount"] for pool in pools), summary.get("CurrentInstanceCount")
    if pools and current is not None and total != current:
        figures = f"InstancePools count {total} instances, CurrentInstanceCount is {current}"
        yield f"{figures}; icplan goes by InstancePools"


def _placements(data: Mapping[str, Any], fleet: Fleet) -> Iterator[str]:
    for one in data.get("InferenceComponents") or ():
        name, runtime = one["InferenceComponentName"], one.get("RuntimeConfig") or {}
        placed = runtime.get("PlacementStatus") or ()
        if not placed or fleet.component(name) is None:
            continue
        counted = sum(entry["CurrentCopyCount"] for entry in placed)
        current = runtime.get("CurrentCopyCount", counted)
        if counted != current:
            yield (
                f"PlacementStatus of {name} counts {counted} copies, CurrentCopyCount is {current}; either "
                "may be right, on instances of any type"
            )
