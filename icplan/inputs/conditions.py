"""The conditions of a template, true, false or not known."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.inputs.linking import key_of
from icplan.inputs.template import intrinsic
from icplan.inputs.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.resolver import Resolver
    from icplan.inputs.source import Source
    from icplan.inputs.values import Located

_WORDS: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""What YAML 1.1, which CloudFormation reads, takes for booleans where it is not in quotes."""

_NUMBER: Final = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{0,30})?(?:[eE][-+]?[0-9]{1,3})?|[-+]?\.[0-9]{1,30}")


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
        return _equal(left, right, resolver.work.sources)
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


def _equal(left: Located, right: Located, sources: Sequence[Source]) -> Truth:
    """Whether two values are the same text, as CloudFormation compares them: case and all."""
    if isinstance(left.value, Unresolved) or isinstance(right.value, Unresolved):
        if key_of(left) == key_of(right):
            return Truth(True)
        for one, other in ((left, right), (right, left)):
            if isinstance(one.value, Unresolved) and _exact(other.value) in one.value.none_of:
                return Truth(False)
        unresolved = left.value if isinstance(left.value, Unresolved) else right.value
        return Truth(None, unresolved if isinstance(unresolved, Unresolved) else None)
    texts = _exact(left.value), _exact(right.value)
    if None not in texts:
        return _same_text(str(texts[0]), str(texts[1]), sources)
    if _number(left.value) is not None and _number(right.value) is not None:
        if _number(left.value) != _number(right.value):
            return Truth(False)
        return _unknown("compares numbers that may be written otherwise; put them in quotes")
    if any(isinstance(one.value, str) for one in (left, right)) and _is_scalar(left) and _is_scalar(right):
        return Truth(False)
    return _unknown("compares what is no text")


def _same_text(left: str, right: str, sources: Sequence[Source]) -> Truth:
    """Whether two texts are equal, whatever a word without quotes in the files stands for."""
    meant = [{one, *_boolean(one, sources)} for one in (left, right)]
    if meant[0].isdisjoint(meant[1]):
        return Truth(False)
    if len(meant[0] | meant[1]) == 1:
        return Truth(True)
    return _unknown("compares a word that YAML 1.1 takes for a boolean; put it in quotes")


def _boolean(text: str, sources: Sequence[Source]) -> list[str]:
    """The boolean that a text may be: where a file has it somewhere without quotes."""
    word = _WORDS.get(text.lower())
    if word is None:
        return []
    return [word] if any(text in one.words_without_quotes for one in sources) else []


def _exact(value: Any) -> str | None:
    """The text of a scalar; None where its spelling is not known, or it is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _number(value: Any) -> Fraction | None:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    return Fraction(value) if isinstance(value, str | int | float) else None


def _is_scalar(node: Located) -> bool:
    return isinstance(node.value, str | int | float)


def _unknown(why: str) -> Truth:
    return Truth(None, Unresolved(f"condition|{why}", why))
