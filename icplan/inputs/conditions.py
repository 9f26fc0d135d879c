"""The conditions of a template, true, false or not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from icplan.inputs.linking import key_of
from icplan.inputs.template import intrinsic
from icplan.inputs.values import Unresolved, plain

if TYPE_CHECKING:
    from icplan.documents.paths import JsonPath
    from icplan.inputs.resolver import Resolver
    from icplan.inputs.values import Located

_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""What YAML 1.1, which CloudFormation reads, takes for booleans."""


@attrs.frozen
class Truth:
    """Whether a condition holds; None where that is not known, and then why, and what to give."""

    holds: bool | None
    unresolved: Unresolved | None = None


def truth(resolver: Resolver, node: Any, steps: JsonPath, depth: int) -> Truth:
    """Whether an expression of conditions holds."""
    function = intrinsic(node)
    if function is None and isinstance(node, dict) and len(node) == 1 and "Condition" in node:
        function = "Condition", node["Condition"], "Condition"
    if function is None or not resolver.spend(depth):
        return _unknown("is not a condition icplan can read")
    name, argument, step = function
    inner = (*steps, step)
    if name == "Condition" and isinstance(argument, str):
        return resolver.condition(argument, depth + 1)
    if not isinstance(argument, list) or not argument:
        return _unknown(f"rests on {name}, which is not read")
    if name == "Fn::Equals" and len(argument) == 2:  # noqa: PLR2004  (the two sides)
        left, right = (
            resolver.resolve(one, (*inner, number), depth + 1) for number, one in enumerate(argument)
        )
        return _equal(left, right)
    parts = [truth(resolver, one, (*inner, number), depth + 1) for number, one in enumerate(argument)]
    if name == "Fn::Not" and len(parts) == 1:
        holds = parts[0].holds
        return Truth(None if holds is None else not holds, parts[0].unresolved)
    if name in ("Fn::And", "Fn::Or"):
        return _joined(parts, decisive=name == "Fn::Or")
    return _unknown(f"rests on {name}, which is not read")


def _joined(parts: list[Truth], *, decisive: bool) -> Truth:
    """And or Or: one part of the decisive value decides, whatever the others are."""
    if any(part.holds is decisive for part in parts):
        return Truth(decisive)
    open_part = next((part for part in parts if part.holds is None), None)
    return open_part or Truth(not decisive)


def _equal(left: Located, right: Located) -> Truth:
    if isinstance(left.value, Unresolved) or isinstance(right.value, Unresolved):
        if key_of(left) == key_of(right):
            return Truth(True)
        for one, other in ((left, right), (right, left)):
            told = one.value.none_of if isinstance(one.value, Unresolved) else ()
            if not isinstance(other.value, Unresolved) and canonical(plain(other)) in map(canonical, told):
                return Truth(False)
        unresolved = left.value if isinstance(left.value, Unresolved) else right.value
        return Truth(None, unresolved if isinstance(unresolved, Unresolved) else None)
    return Truth(canonical(plain(left)) == canonical(plain(right)))


def canonical(value: Any) -> str:
    """A value as Equals compares it: numbers and booleans as their texts, in any of YAML's spellings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and value == int(value):
        return str(int(value))
    text = value if isinstance(value, str) else str(value)
    return _WORDS.get(text.lower(), text.lower() if text.lower() in ("true", "false") else text)


def _unknown(why: str) -> Truth:
    return Truth(None, Unresolved(f"condition|{why}", why))
