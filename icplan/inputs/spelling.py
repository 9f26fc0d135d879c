"""Other spellings of AWS's members: snake_case and camelCase, blocks that are lists of one, empty values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError, InputProblem
from icplan.inputs.resource import shape_rules
from icplan.inputs.values import Located, Unresolved
from icplan.requests.fields import Integer, ListOf, MapOf, Number, Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.requests.fields import Rule


def _refuse(_node: Located, name: str) -> None:
    raise InputError(InputProblem(f"{name} is there already, in another spelling"))


@attrs.frozen
class Spelling:
    """How a format writes structures. ``blocks``: a structure is a list of one, and what is empty is unset.

    ``unknown`` is told of each member that AWS does not have, and its name; ``twice``, which raises, of one
    that is there already in another spelling: which of the two counts, nobody could tell.
    """

    unknown: Callable[[Located, str], None]
    blocks: bool = False
    twice: Callable[[Located, str], None] = _refuse

    def structure(
        self, node: Located, rules: Mapping[str, Rule], aliases: Mapping[str, str] | None = None
    ) -> Located:
        """A structure whose members have AWS's names. ``aliases`` are names that no respelling explains."""
        if not isinstance(node.value, dict):
            return node
        known = {squashed(name): name for name in rules}
        renamed: dict[str, Located] = {}
        for name, child in node.value.items():
            told = (aliases or {}).get(name) or known.get(squashed(name))
            if told is None:
                if not isinstance(child.value, Unresolved) and not _empty(child):
                    self.unknown(child, name)
                continue
            value = self._value(child, rules[told])
            if value is not None and told in renamed:
                self.twice(child, name)
            if value is not None:
                renamed[told] = value
        return attrs.evolve(node, value=renamed)

    def _value(self, node: Located, rule: Rule) -> Located | None:
        if isinstance(node.value, Unresolved):
            return node
        if node.value is None or (self.blocks and self._unset(node, rule)):
            return None
        if isinstance(rule, Struct):
            inner = node.value[0] if self.blocks and isinstance(node.value, list) else node
            return self.structure(inner, shape_rules(rule.shape))
        if isinstance(rule, ListOf) and isinstance(node.value, list):
            items = [self._value(item, rule.item) for item in node.value]
            return attrs.evolve(node, value=[item for item in items if item is not None])
        if isinstance(rule, MapOf) and isinstance(node.value, dict):
            pairs = {name: child for name, child in node.value.items() if child.value is not None}
            return attrs.evolve(node, value=pairs)
        return node

    def _unset(self, node: Located, rule: Rule) -> bool:
        if _empty(node):
            return True
        counts = isinstance(rule, Integer | Number) and rule.minimum is not None and rule.minimum > 0
        return counts and node.value == 0


def _empty(node: Located) -> bool:
    return node.value in (None, "", [])


def squashed(name: str) -> str:
    """A name without what spellings differ in."""
    return name.replace("_", "").lower()
