"""How many instances run of each type, where AWS's answers count them only in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.fleet.fleet import Component, Fleet, InstancePool


def resolve_type_mix(fleet: Fleet, located: Mapping[str, int]) -> Fleet:
    """The fleet with the one split over its types that what lies there allows; else with none that counts.

    ``located`` is the number of instances per type on which copies are known to lie.
    """
    least = [_least(fleet, pool, located.get(pool.type.name, 0)) for pool in fleet.pools]
    if sum(least) != fleet.instances:
        return attrs.evolve(fleet, mix_known=False)
    pools = (attrs.evolve(pool, instances=n) for pool, n in zip(fleet.pools, least, strict=True))
    return attrs.evolve(fleet, pools=tuple(pools))


def scaled_in(fleet: Fleet, leaving: int) -> Fleet:
    """The fleet without instances that are being taken away: idle ones, of the lowest priority first.

    Where it is not known which are idle, how many are left of each type does not count.
    """
    left, known = {pool.type.name: pool.instances for pool in fleet.pools}, True
    lowest_first = sorted(fleet.pools, key=lambda pool: -pool.priority)
    for pool in lowest_first:
        fewest = pool.instances - _may_hold(fleet, pool)
        most = max(fewest, pool.instances - _least(fleet, pool, 0))
        known = known and (leaving <= fewest or fewest == most)
        gone = max(0, min(leaving, most))
        left[pool.type.name] -= gone
        leaving -= gone
    for pool in lowest_first:
        # More leave than can be idle: what runs then contradicts what is there.
        gone = max(0, min(leaving, left[pool.type.name]))
        left[pool.type.name] -= gone
        leaving -= gone
    pools = tuple(attrs.evolve(pool, instances=left[pool.type.name]) for pool in fleet.pools)
    return attrs.evolve(fleet, pools=pools, mix_known=known or len(pools) == 1)


def _may_hold(fleet: Fleet, pool: InstancePool) -> int:
    """The most instances of a pool on which copies may lie."""
    copies = 0
    for component in fleet.components:
        demand = fleet.demand(component.need, pool.type.name)
        if demand is not None and _slots(_max_capacity(fleet, pool), demand):
            firm = component.placed
            if component.by_type is not None:
                firm = component.by_type.get(pool.type.name, 0)
            copies += firm + component.in_flight
    return min(pool.instances, copies)


def _least(fleet: Fleet, pool: InstancePool, located: int) -> int:
    """The fewest instances of a pool that hold what is known to lie on them."""
    most = _max_capacity(fleet, pool)
    load = [0] * len(most)
    bounds = [located]
    for component in fleet.components:
        copies, demand = _copies_on(fleet, component, pool), fleet.demand(component.need, pool.type.name)
        if not copies or demand is None:
            continue
        bounds.append(-(-copies // max(1, _slots(most, demand))))
        load = [taken + copies * amount for taken, amount in zip(load, demand, strict=True)]
    bounds += [-(-taken // there) for taken, there in zip(load, most, strict=True) if there]
    return max(bounds)


def _copies_on(fleet: Fleet, component: Component, pool: InstancePool) -> int:
    """How many copies surely lie on a pool: as AWS tells, or all where no other pool can hold one."""
    if component.by_type is not None:
        return component.by_type.get(pool.type.name, 0)
    able = []
    for other in fleet.pools:
        demand = fleet.demand(component.need, other.type.name)
        if demand is not None and _slots(_max_capacity(fleet, other), demand):
            able.append(other)
    return component.placed if able == [pool] else 0


def _max_capacity(fleet: Fleet, pool: InstancePool) -> tuple[int, ...]:
    """The most an instance can offer: all that it has, or what a user says of it."""
    cpu = fleet.cpu_units(max(pool.type.vcpu * 1000, pool.allocatable.cpu.high))
    return fleet.capacity(pool, cpu, max(pool.type.memory_mib, pool.allocatable.memory.high))


def _slots(most: tuple[int, ...], demand: tuple[int, ...]) -> int:
    return min((there // amount for there, amount in zip(most, demand, strict=True) if amount), default=1)
