"""Findings on the snapshot itself: figures that do not agree, components in motion, facts of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from icplan.catalog.catalog import builtin_types
from icplan.fleet.contradictions import located_beyond
from icplan.fleet.dimensions import counted
from icplan.fleet.fleet import Unsure
from icplan.fleet.variant import releases_idle
from icplan.verdict.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.catalog.types import InstanceType
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, Fleet
    from icplan.fleet.variant import VariantState

COMPONENT_TRANSITIONS = ("Creating", "Updating", "Deleting")


def snapshot_caveats(state: EndpointState, fleet: Fleet, component: str) -> Iterator[Finding]:
    """ICP312 for each contradiction or gap, with the figure gone by, ICP313 for what is on its way.

    ICP314 says that it is not known where copies lie, ICP316 of which types the instances are, ICP320 and
    ICP323 what is not known to apply, and what is named and not there, ICP324 which metrics are not used.
    ``component`` is the one that is asked to change.
    """
    variant = state.variant(fleet.variant)
    for message in (*_instances(variant), *_placements(state, fleet), *located_beyond(state, variant)):
        yield Finding("ICP312", Severity.WARNING, message)
    for what, messages in fleet.unsure.items():
        if what is not Unsure.MORE:
            rule = "ICP323" if what in (Unsure.HELD, Unsure.ASKED) else "ICP320"
            yield from (Finding(rule, Severity.WARNING, message) for message in messages)
    moving = [
        f"{one.name} is {one.status}{_may_hold(one)}"
        for one in fleet.components
        if one.status in COMPONENT_TRANSITIONS and one.name != component
    ]
    if not fleet.mix_known:
        yield Finding("ICP316", Severity.WARNING, _uncounted(variant, fleet))
    else:
        yield from (Finding("ICP314", Severity.NOTE, message) for message in unlocated(state, fleet))
    yield from (Finding("ICP324", Severity.WARNING, doubt) for doubt in fleet.reserved_doubts)
    if moving:
        message = ", ".join(moving)
        if fleet.scale_out_allowance():
            message += "; instances that it launches are not in the peak"
        yield Finding("ICP313", Severity.WARNING, message)


def _may_hold(moving: Component) -> str:
    """How many copies it may have at the moment, where that is not one number."""
    counts = f"{moving.placed} to {moving.copies} copies"
    return f" and may hold {counts} meanwhile" if moving.in_flight else ""


def _uncounted(variant: VariantState, fleet: Fleet) -> str:
    """Why nothing is promised, and what would tell how many instances are of which type."""
    told = variant.running
    inside = f".ProductionVariants[{told.number}].InstancePools" if told else ""
    types = " or ".join(pool.type.name for pool in fleet.pools)
    if told and told.started and not told.pools:
        instances = "the instance that starts is" if fleet.instances == 1 else "the instances that start are"
        return (
            f"whether {instances} {types} is not known before: InstancePools tell which types come first, "
            "and not how many of each there will be. What fits may depend on it"
        )
    if told and told.pools:
        return (
            f"how many of the {fleet.instances} instances that stay are {types} is not told: idle ones are "
            "being taken away, and copies may lie such that it is not known which are idle. Check again once "
            "the endpoint is at rest"
        )
    return (
        f"how many of {counted(fleet.instances, 'instance')} are {types} is not told: $.Endpoint{inside} of "
        "the snapshot is missing. What fits may depend on it; a recent AWS CLI tells it (aws sagemaker "
        "describe-endpoint), and a recent boto3"
    )


def unlocated(state: EndpointState, fleet: Fleet) -> Iterator[str]:
    """Why CopyLocations do not make the arrangement known, where they do not."""
    if state.locations and fleet.contents is None:
        yield _why_not(state, fleet)


def _why_not(state: EndpointState, fleet: Fleet) -> str:
    """Why CopyLocations do not make the arrangement known."""
    if releases_idle(fleet.scaling):
        return "CONSOLIDATION moves copies at times, so where they lay tells nothing for sure"
    seen = Counter[str]()
    for one in state.locations:
        seen[one.component] += one.copies
    types = {pool.type.name for pool in fleet.pools}
    mine = {component.name for component in fleet.components}
    foreign = any(one.component in mine and one.type not in types for one in state.locations)
    if foreign or any(located_beyond(state, state.variant(fleet.variant))):
        return "CopyLocations contradict what runs, so the arrangement counts as not known"
    short = [
        f"{seen[c.name]} of {c.copies} of {c.name}" for c in fleet.components if seen[c.name] != c.placed
    ]
    if not short:
        return "copies are on their way, so where the others lie does not tell the arrangement"
    return f"CopyLocations tell of {', '.join(short)}, so the arrangement counts as not known"


def _instances(variant: VariantState) -> Iterator[str]:
    told = variant.running
    if told is None:
        yield f"Endpoint does not describe variant {variant.name}; icplan goes by InitialInstanceCount"
        return
    if not told.pools and told.current is None and not told.started:
        instead = "InitialInstanceCount" if told.desired is None else "DesiredInstanceCount"
        yield f"Endpoint tells no CurrentInstanceCount of variant {variant.name}; icplan goes by {instead}"
    total = sum((told.pools or {}).values())
    if told.pools and told.current is not None and total != told.current:
        figures = f"InstancePools count {total} instances, CurrentInstanceCount is {told.current}"
        yield f"{figures}; icplan goes by InstancePools"


def _placements(state: EndpointState, fleet: Fleet) -> Iterator[str]:
    for one in state.components:
        if one.copies is None or not one.copies.placed or fleet.component(one.name) is None:
            continue
        counted = sum(count for _, count in one.copies.placed)
        current = counted if one.copies.current is None else one.copies.current
        if counted != current:
            yield (
                f"PlacementStatus of {one.name} counts {counted} copies, CurrentCopyCount is {current}; "
                "either may be right, on instances of any type"
            )


def overridden_facts(fleet: Fleet) -> Iterator[Finding]:
    """ICP330 for each type of the fleet of which the snapshot or the configuration says something else."""
    for pool in fleet.pools:
        known = builtin_types().get(pool.type.name)
        if known is not None and (differs := list(_differences(pool.type, known))):
            message = f"{pool.type.name} has {', '.join(differs)} by {pool.type.source}"
            yield Finding("ICP330", Severity.WARNING, message)


def _differences(given: InstanceType, known: InstanceType) -> Iterator[str]:
    for what, own, theirs in (
        ("vCPU", given.vcpu, known.vcpu),
        ("MiB of memory", given.memory_mib, known.memory_mib),
        ("accelerators", given.accelerators, known.accelerators),
        ("Neuron cores a device", given.neuron_cores, known.neuron_cores),
    ):
        # A configuration says nothing of Neuron cores: what it leaves out is no other fact.
        if own != theirs and (own or what != "Neuron cores a device"):
            yield f"{own} {what} (packaged: {theirs})"
