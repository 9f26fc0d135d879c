"""The order in which components are made: as they are listed, but none before what it depends on."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from icplan.inputs.linking import key_of
from icplan.inputs.values import Unresolved, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.inputs.resource import Resource
    from icplan.inputs.values import Located


def ordered(components: Sequence[Resource]) -> list[Resource]:
    """As they are listed, but none before what it depends on; a circle is broken where it is met first."""
    ids = {one.id: number for number, one in enumerate(components)}
    needs = [{ids[one] for one in _needs(each, components) if one in ids} for each in components]
    users: dict[int, list[int]] = {}
    for number, needed in enumerate(needs):
        needed.discard(number)
        for one in needed:
            users.setdefault(one, []).append(number)
    left = [len(needed) for needed in needs]
    ready = [number for number, count in enumerate(left) if not count]
    order: dict[int, None] = {}
    for first in range(len(components)):
        while ready:
            number = heapq.heappop(ready)
            if number in order:
                continue
            order[number] = None
            for user in users.get(number, ()):
                left[user] -= 1
                if not left[user]:
                    heapq.heappush(ready, user)
        if first not in order:
            ready.append(first)
    order.update(dict.fromkeys(ready))
    return [components[number] for number in order]


def waited_for(components: Sequence[Resource]) -> dict[str, frozenset[str]]:
    """Of each component the ids of those that are done before it begins, through whatever they depend on."""
    needs = {each.id: set(_needs(each, components)) for each in components}
    found: dict[str, frozenset[str]] = {}
    for one in ordered(components):
        direct = needs[one.id] & found.keys()
        found[one.id] = frozenset(direct).union(*(found[other] for other in direct))
    return found


def dependents(component: Resource, components: Sequence[Resource]) -> frozenset[str]:
    """The ids of what is, or was, loaded into a component: that is changed, or goes, before it does."""
    name = key_of(component.member(component.kind))
    sides = ((one.id, side) for one in components for side in (one.members, one.before) if side is not None)
    return frozenset(id_ for id_, side in sides if id_ != component.id and name and _base_in(side) == name)


def _base_in(members: Located) -> str:
    """The key of the component that an adapter is loaded into."""
    specification = members.get("Specification")
    base = specification.get("BaseInferenceComponentName") if specification else None
    return "" if base is None else key_of(base)


def _needs(component: Resource, components: Sequence[Resource]) -> Iterator[str]:
    """What a component depends on: as it says itself, and by what its members refer to."""
    yield from component.after
    for _, node in walk(component.members):
        if isinstance(node.value, Unresolved) and node.value.link:
            yield node.value.link.resource
    base = _base_in(component.members)
    if base:
        yield from (one.id for one in components if key_of(one.member(one.kind)) == base)
