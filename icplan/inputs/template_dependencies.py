"""What a resource of a template waits for: as it says, by what it refers to, and by its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.inputs.programs import references

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from icplan.inputs.resolver import Resolver

Node = tuple[int, str]
"""A resource: the number of its template, and its logical id."""


@attrs.define
class Dependencies:
    """Of all templates of a deployment, by their resolvers. ``judged`` are the types of what is judged."""

    by_number: Mapping[int, Resolver]
    judged: Collection[str]
    _direct: dict[Node, list[Node]] = attrs.field(factory=dict, init=False)

    def of(self, number: int, name: str) -> frozenset[str]:
        """The ids of the judged resources that must be there first, also where others stand between."""
        found: set[str] = set()
        seen: set[Node] = {(number, name)}
        waiting = [(number, name)]
        while waiting:
            for node in self._waits_for(waiting.pop()):
                self.by_number[node[0]].work.spend()
                if node in seen:
                    continue
                seen.add(node)
                kind = self._entry(node).get("Type")
                if isinstance(kind, str) and kind in self.judged:
                    found.add(f"{node[0]}|{node[1]}")
                else:
                    waiting.append(node)
        return frozenset(found)

    def _waits_for(self, node: Node) -> list[Node]:
        if node not in self._direct:
            self._direct[node] = list(dict.fromkeys(self._found(node)))
        return self._direct[node]

    def _found(self, node: Node) -> Iterator[Node]:
        number, _ = node
        resolver, entry = self.by_number[number], self._entry(node)
        needs = entry.get("DependsOn")
        named = [one for one in (needs if isinstance(needs, list) else [needs]) if isinstance(one, str)]
        for name in (*named, *references(entry.get("Properties"), resolver.branches)):
            if name in resolver.template.section("Resources") and self._is_made(resolver, name):
                yield number, name
                if (nested := resolver.nested.get(name)) is not None:
                    inner = nested.template
                    yield from ((inner.number, one) for one in inner.section("Resources"))
        if (parent := resolver.template.source.parent) is not None:
            yield from self._waits_for(parent)

    def _is_made(self, resolver: Resolver, name: str) -> bool:
        """Whether a resource is surely made: for one that is not, nothing waits."""
        condition = resolver.template.entry("Resources", name).get("Condition")
        return condition is None or (isinstance(condition, str) and bool(resolver.condition(condition).holds))

    def _entry(self, node: Node) -> Mapping[str, Any]:
        return self.by_number[node[0]].template.entry("Resources", node[1])
