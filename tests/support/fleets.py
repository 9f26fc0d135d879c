"""Fleets as plain values, for tests of what knows no document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.catalog.types import Allocatable, InstanceType, Interval
from icplan.fleet.fleet import UNLIMITED, Component, Demand, Fleet, InstancePool, Limit
from icplan.requests.from_describe import Requirements

if TYPE_CHECKING:
    from collections.abc import Mapping


def need(memory: int = 1000, accelerators: int = 0, cpu: int = 0) -> Demand:
    """The same on every type: MiB, devices, thousandths of a core."""
    return Demand({None: Requirements(memory, cpu, accelerators)})


def need_on(**memory: int) -> Demand:
    """So many MiB on each type that is named, and no place on others."""
    return Demand({name: Requirements(amount) for name, amount in memory.items()})


def running(name: str, copies: int, each: Demand, by_type: Mapping[str, int] | None = None) -> Component:
    """A component of which all copies run."""
    return Component(name, "InService", each, copies, by_type=by_type)


def pool(
    name: str, instances: int, memory: tuple[int, int] = (8000, 8000), devices: int = 4, priority: int = 1
) -> InstancePool:
    """Instances that can allocate so much memory, at least and at most, and 8 cores."""
    known = Allocatable(Interval(*memory, "given", "a test"), Interval(8000, 8000, "given", "a test"))
    return InstancePool(
        InstanceType(name, 8, memory[1], devices), instances, known, devices, priority=priority
    )


def fleet(
    *pools: InstancePool,
    components: tuple[Component, ...] = (),
    more: int | None = None,
    least: int | None = None,
) -> Fleet:
    """An endpoint that may grow by ``more`` instances; with ``least``, idle ones are released down to it."""
    limit = Limit("ICP501", UNLIMITED if more is None else more, "a test's limit")
    scaling = None if least is None else {"MinInstanceCount": least}
    return Fleet("prod", "AllTraffic", pools, components, (limit,), scaling)
