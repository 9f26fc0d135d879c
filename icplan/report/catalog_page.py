"""The catalog's facts in words, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.catalog import partitions
from icplan.catalog.allocatable import observations
from icplan.catalog.catalog import builtin_types
from icplan.fleet.dimensions import cores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.catalog.allocatable import Observation
    from icplan.catalog.catalog import Catalog
    from icplan.catalog.types import InstanceType


def table(catalog: Catalog) -> Iterator[str]:
    """A line per type."""
    yield f"{'type':<24}{'vCPU':>5}{'memory MiB':>12}  accelerators"
    for name in {**builtin_types(), **catalog.types}:
        kind = catalog.lookup(name)
        yield f"{name:<24}{kind.vcpu:>5}{kind.memory_mib:>12}  {_devices(kind)}".rstrip()


def type_page(kind: InstanceType, catalog: Catalog) -> Iterator[str]:
    """All that is known of one type."""
    known = catalog.allocatable(kind)
    yield kind.name
    yield f"  vCPU          {kind.vcpu}"
    yield f"  memory        {kind.memory_mib} MiB"
    yield f"  accelerators  {_devices(kind) or 'none'}"
    yield f"  source        {kind.source} (confidence: {kind.confidence})"
    if kind.note:
        yield f"  note          {kind.note}"
    yield ""
    yield "  of which SageMaker lets components reserve"
    memory, cpu = known.memory, known.cpu
    yield f"    memory      {memory.low} to {memory.high} MiB, {memory.basis}"
    yield f"                {memory.source}"
    yield f"    CPU         {cores(cpu.low)} to {cores(cpu.high)} cores, {cpu.basis}"
    yield f"                {cpu.source}"
    seen = [seen for seen in (*observations(), *catalog.observed) if seen.instance_type == kind.name]
    told = [f"    {what}: {one.source}" for one in seen if (what := _what(one))]
    if told:
        yield ""
        yield "  seen on one instance"
        yield from told
    if kind.mig_gpu:
        gpu = partitions.gpu(kind.mig_gpu)
        yield ""
        yield f"  partitions    {', '.join(gpu.profiles)}"
        yield f"                {gpu.source} (confidence: {gpu.confidence})"


def _what(seen: Observation) -> str:
    """What was seen; nothing of a refusal that says nothing of memory alone."""
    if seen.refused_mib is not None:
        return f"{seen.refused_mib} MiB refused"
    cpu = f" and {seen.placed_cpu:g} cores" if seen.placed_cpu else ""
    return f"{seen.placed_mib} MiB{cpu} placed" if seen.placed_mib is not None else ""


def _devices(kind: InstanceType) -> str:
    if not kind.accelerators:
        return ""
    return (
        f"{kind.accelerators} x {kind.accelerator_name}" if kind.accelerator_name else f"{kind.accelerators}"
    )
