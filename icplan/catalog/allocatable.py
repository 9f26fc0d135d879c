"""How much of an instance can be reserved: SageMaker keeps some and does not say how much.

Every figure here is an interval with the evidence it rests on; docs/allocatable.md tells the story.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

from icplan.catalog.data import rows
from icplan.catalog.types import Allocatable, InstanceType, Interval
from icplan.errors import InputError, InputProblem
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

GIB = 1024
RETRACT_HINT = "Take back the observation that was not about memory."

#: The most host memory that SageMaker may keep per GPU memory: with more, ml.g5.xlarge could not have placed
#: the 1024 MiB it did. A conjecture (nobody documents it), used only to promise less.
GPU_MEMORY_SHARE = (671, 1000)


@frozen
class Observation:
    """A reservation on one instance that SageMaker was seen to place, or to refuse."""

    instance_type: str
    source: str
    placed_mib: int | None = None
    refused_mib: int | None = None
    placed_cpu: float | None = None


@cache
def observations() -> tuple[Observation, ...]:
    """Every public measurement there is, with its source."""
    return tuple(
        Observation(
            row["type"], row["source"], row.get("placed_mib"), row.get("refused_mib"), row.get("placed_cpu")
        )
        for row in rows("observations.json")
    )


def estimate(kind: InstanceType, own: Sequence[Observation] = ()) -> Allocatable:
    """The intervals for a type: its own measurements, else the most careful reading of all others.

    ``own`` are a user's observations, which are trusted: what was refused lowers the high end as well.
    Observations that contradict each other raise :class:`InputError`.
    """
    mine = [seen for seen in own if seen.instance_type == kind.name]
    seen = [seen for seen in (*observations(), *mine) if seen.instance_type == kind.name]
    return Allocatable(memory=_below_refused(kind, _memory(kind, seen), mine), cpu=_cpu(kind, seen))


def _below_refused(kind: InstanceType, memory: Interval, own: Sequence[Observation]) -> Interval:
    refused = _least_refused(own)
    if refused is None:
        return memory
    if message := contradiction(own):
        raise InputError(InputProblem(f"{kind.name}: {message}", hint=RETRACT_HINT))
    high = min(memory.high, refused - 1)
    return attrs.evolve(memory, low=min(memory.low, high), high=high)


def contradiction(own: Sequence[Observation]) -> str | None:
    """Why observations of one type cannot all be true; ``None`` when they can."""
    refused = _least_refused(own)
    placed = max((seen.placed_mib for seen in own if seen.placed_mib is not None), default=0)
    if refused is None or placed < refused:
        return None
    return f"{placed} MiB was observed to be placed, and {refused} MiB to be refused"


def _least_refused(own: Sequence[Observation]) -> int | None:
    return min((seen.refused_mib for seen in own if seen.refused_mib is not None), default=None)


def _memory(kind: InstanceType, seen: Sequence[Observation]) -> Interval:
    # Rounded up: a high end that is too low would call a placeable request impossible.
    high = -(-kind.memory_mib * 95 // 100)
    careful, why = _careful_memory(kind)
    best = max((s for s in seen if s.placed_mib is not None), key=lambda s: s.placed_mib or 0, default=None)
    if best is not None and best.placed_mib is not None and best.placed_mib >= careful:
        return Interval(best.placed_mib, high, "measured", best.source)
    return Interval(min(careful, high), high, "inferred", why)


def _careful_memory(kind: InstanceType) -> tuple[int, str]:
    """A low end for a type that nobody measured, and what it is inferred from."""
    nominal = kind.memory_mib
    if not kind.accelerators:
        # The smallest host measured, 4 GiB, let 49 % be reserved; a larger one keeps no larger share.
        return (
            nominal * 49 // 100,
            "ml.c5.large, the smallest host measured, let 2024 of 4096 MiB be reserved",
        )
    low, why = _careful_beside_accelerators(nominal)
    share, whole = GPU_MEMORY_SHARE
    spared = nominal - kind.gpu_memory_mib * share // whole
    if spared < low:
        return max(min(GIB, nominal), spared), "the host has little memory beside its accelerators' own"
    return low, why


def _careful_beside_accelerators(nominal: int) -> tuple[int, str]:
    """The same by what a host with accelerators has, whatever these have of their own."""
    if nominal <= 16 * GIB:
        return min(GIB, nominal), "on ml.g5.xlarge 1024 MiB was placed and 4096 refused"
    if nominal <= 32 * GIB:
        return nominal * 5 // 16, "on ml.g5.2xlarge 10240 of 32768 MiB was placed"
    return nominal // 2, "AWS JumpStart's own default requirement is half of the EC2 memory"


def _cpu(kind: InstanceType, seen: Sequence[Observation]) -> Interval:
    cores = kind.vcpu * 1000
    careful = max(0, min(cores - 1000, cores * 5 // 6))
    best = max((int(s.placed_cpu * 1000) for s in seen if s.placed_cpu is not None), default=0)
    if best >= careful > 0:
        return Interval(best, cores, "measured", "as many cores were seen reserved on this type")
    return Interval(
        careful, cores, "inferred", "80 of 96 cores (ml.p4d.24xlarge) and 3 of 4 (ml.c5.xlarge) were reserved"
    )
