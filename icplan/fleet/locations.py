"""The arrangement, where someone measured it: ``CopyLocations`` turned into instances and what they hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from icplan.fleet.fleet import InstanceContents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, InstancePool


def known_contents(
    state: EndpointState, pools: Sequence[InstancePool], components: Sequence[Component]
) -> tuple[InstanceContents, ...] | None:
    """Instances grouped by what they hold, or ``None`` when not every firm copy is located.

    Nor are they known where copies are located on more instances than run, or on a type that does not run.
    """
    mine = {component.name for component in components}
    located = [one for one in state.locations if one.component in mine]
    if not located:
        return None
    held: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    zones: dict[tuple[str, str], str] = {}
    for one in located:
        instance = one.type, one.instance
        held[instance][one.component] += one.copies
        zones[instance] = one.zone or ""
    running = {pool.type.name: pool.instances for pool in pools}
    if any(count > running.get(kind, 0) for kind, count in Counter(kind for kind, _ in held).items()):
        return None
    seen = sum(held.values(), Counter())
    if any(seen[component.name] != component.placed or component.in_flight for component in components):
        return None
    groups = Counter(
        (kind[0], zones[kind], tuple(sorted((name, n) for name, n in copies.items() if n)))
        for kind, copies in held.items()
    )
    for pool in pools:
        empty = pool.instances - sum(1 for kind, _ in held if kind == pool.type.name)
        if empty:
            groups[pool.type.name, "", ()] += empty
    return tuple(
        InstanceContents(kind, n, dict(copies), zone or None)
        for (kind, zone, copies), n in sorted(groups.items())
    )


def located_on(state: EndpointState, components: Sequence[Component]) -> Counter[str]:
    """On how many instances of each type copies of these components are located."""
    mine = {component.name for component in components}
    places = {(one.type, one.instance) for one in state.locations if one.component in mine and one.copies}
    return Counter(kind for kind, _ in places)
