"""Findings on instance facts that differ from the packaged ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.catalog.catalog import builtin_types
from icplan.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.catalog.types import InstanceType
    from icplan.fleet.fleet import Fleet


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
