"""The intrinsic functions that make values out of values: Sub, Join, Split, Select, FindInMap."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from icplan.inputs.limits import MAX_TEXT
from icplan.inputs.parts import all_text
from icplan.inputs.values import Located, Origin, Unresolved, dynamic_reference, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from icplan.documents.paths import JsonPath
    from icplan.inputs.resolver import Resolver
    from icplan.inputs.values import Value

    Function = Callable[[Resolver, Any, JsonPath, int], Value | Located]

_VARIABLE = re.compile(r"\$\{(?P<literal>!)?(?P<name>[^${}]*)\}")
_PAIR = 2
_MAP_KEYS = 3


def sub(resolver: Resolver, argument: Any, inner: JsonPath, depth: int) -> Value | Located:
    """``Fn::Sub``: a text with ``${Name}`` and ``${Resource.Attribute}``, and names of its own."""
    own: dict[str, Any] = {}
    text = argument
    if isinstance(argument, list) and len(argument) == _PAIR and isinstance(argument[1], dict):
        text, own = argument
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        return resolver.unresolved("is a Sub that cannot be read", inner)
    parts: list[Located] = []
    origin = Origin(resolver.template.number, inner)
    at = 0
    for match in _VARIABLE.finditer(text):
        parts.append(Located(text[at : match.start()], origin))
        at = match.end()
        name = match["name"].strip()
        if match["literal"]:
            parts.append(Located(f"${{{match['name']}}}", origin))
        elif name in own:
            parts.append(resolver.resolve(own[name], (*inner, 1, name), depth + 1))
        elif "." in name:
            resource, _, attribute = name.partition(".")
            parts.append(resolver.attribute(resource, attribute, origin, depth + 1))
        else:
            parts.append(resolver.reference(name, origin, depth + 1))
    parts.append(Located(text[at:], origin))
    return _joined(resolver, parts, inner)


def join(resolver: Resolver, argument: Any, inner: JsonPath, depth: int) -> Value | Located:
    """``Fn::Join``: the items of a list with something between them."""
    if not isinstance(argument, list) or len(argument) != _PAIR or not isinstance(argument[0], str):
        return resolver.unresolved("is a Join that cannot be read", inner)
    items = resolver.resolve(argument[1], (*inner, 1), depth + 1)
    if not isinstance(items.value, list):
        return _because(items, resolver, inner, "is a Join of what is no list")
    between = Located(argument[0], items.origin)
    parts = [part for item in items.value for part in (between, item)][1:]
    return _joined(resolver, parts, inner)


def split(resolver: Resolver, argument: Any, inner: JsonPath, depth: int) -> Value:
    """``Fn::Split``: a text taken apart."""
    if not isinstance(argument, list) or len(argument) != _PAIR:
        return resolver.unresolved("is a Split that cannot be read", inner)
    text = resolver.resolve(argument[1], (*inner, 1), depth + 1)
    if not isinstance(text.value, str) or not isinstance(argument[0], str) or not argument[0]:
        return _because(text, resolver, inner, "is a Split of what is no text")
    resolver.work.spend(text.value.count(argument[0]))
    return [Located(part, text.origin, text.also) for part in text.value.split(argument[0])]


def select(resolver: Resolver, argument: Any, inner: JsonPath, depth: int) -> Value | Located:
    """``Fn::Select``: one item of a list."""
    if not isinstance(argument, list) or len(argument) != _PAIR:
        return resolver.unresolved("is a Select that cannot be read", inner)
    number, items = (resolver.resolve(one, (*inner, n), depth + 1) for n, one in enumerate(argument))
    if not isinstance(items.value, list):
        return _because(items, resolver, inner, "is a Select from what is no list")
    if _has_gaps(argument[1], items.value):
        return resolver.unresolved("is a Select from a list in which AWS::NoValue stands", inner)
    index = str(number.value)
    if re.fullmatch("[0-9]{1,6}", index) and int(index) < len(items.value):
        return items.value[int(index)]
    return _because(number, resolver, inner, "is a Select of an item that is not there")


def _has_gaps(written: Any, items: list[Located]) -> bool:
    """Whether an item of a list is, or may be, left out: which are counted then is not documented."""
    if isinstance(written, list):
        return len(written) != len(items)
    return "AWS::NoValue" in all_text(written)


def find_in_map(resolver: Resolver, argument: Any, inner: JsonPath, depth: int) -> Value | Located:
    """``Fn::FindInMap``: a value of ``Mappings``, else the default that may be given."""
    if not isinstance(argument, list) or len(argument) < _MAP_KEYS:
        return resolver.unresolved("is a FindInMap that cannot be read", inner)
    keys = [resolver.resolve(one, (*inner, n), depth + 1) for n, one in enumerate(argument[:_MAP_KEYS])]
    for key in keys:
        if isinstance(key.value, Unresolved):
            return key.value
    found: Any = resolver.template.section("Mappings")
    steps: JsonPath = (0, "Mappings")
    for key in keys:
        name = str(key.value)
        steps = (*steps, name)
        found = found.get(name) if isinstance(found, dict) else None
    if found is not None:
        return resolver.resolve(found, steps, depth + 1)
    further = argument[_MAP_KEYS] if len(argument) > _MAP_KEYS else None
    if isinstance(further, dict) and "DefaultValue" in further:
        return resolver.resolve(further["DefaultValue"], (*inner, _MAP_KEYS, "DefaultValue"), depth + 1)
    path = ", ".join(str(key.value) for key in keys)
    return resolver.unresolved(f"is not in the template's Mappings ({path[:120]})", inner)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "Fn::Sub": sub,
    "Fn::Join": join,
    "Fn::Split": split,
    "Fn::Select": select,
    "Fn::FindInMap": find_in_map,
}


def _joined(resolver: Resolver, parts: Sequence[Located], inner: JsonPath) -> Value | Located:
    """The text of all parts, known or not; a single part that says something is that part itself."""
    telling = [part for part in parts if part.value != ""]
    if len(telling) == 1 and isinstance(only := telling[0].value, str | Unresolved):
        dynamic = dynamic_reference(only) if isinstance(only, str) else None
        return telling[0] if dynamic is None else Located(dynamic, telling[0].origin, telling[0].also)
    written = [one for part in telling if (one := _written(part)) is not None]
    characters = sum(len(one) for one in written)
    if len(written) < len(telling) or characters > MAX_TEXT:
        return resolver.unresolved("is put together of what is no text, or too long", inner)
    resolver.make_text(characters, inner[:-1])
    text = "".join(written)
    open_parts = [part.value for part in telling if isinstance(part.value, Unresolved)]
    also = tuple(dict.fromkeys(origin for part in telling for origin in part.also))
    origin = Origin(resolver.template.number, inner[:-1])
    if not open_parts:
        if (dynamic := dynamic_reference(text)) is not None:
            return Located(dynamic, origin, also)
        return Located(text, origin, also, telling[0].parameter if len(telling) == 1 else None)
    rests_on = frozenset().union(*(one.rests_on for one in open_parts))
    first = open_parts[0]
    return Located(Unresolved(_key_of_text(telling), first.why, first.hint, rests_on=rests_on), origin, also)


def _written(part: Located) -> str | None:
    """A part of a text as it enters the text; what is unresolved by its key."""
    value = part.value
    if isinstance(value, Unresolved):
        return f"${{{value.key}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _because(node: Located, resolver: Resolver, inner: JsonPath, why: str) -> Unresolved:
    return node.value if isinstance(node.value, Unresolved) else resolver.unresolved(why, inner)


def same(one: Located, other: Located) -> bool:
    """Whether two values are equal, whatever is unresolved in them turns out to be."""
    return bool(_typed(plain(one)) == _typed(plain(other)))


def digest(*nodes: Located) -> str:
    """What two rows of values have in common only if they are equal."""
    return hashlib.sha256(json.dumps([_typed(plain(node)) for node in nodes]).encode()).hexdigest()


def _typed(value: Any) -> Any:
    """A value as JSON that keeps what is known apart from the expressions of what is not."""
    if isinstance(value, Unresolved):
        return ["?", value.key]
    if isinstance(value, dict):
        return {name: _typed(child) for name, child in value.items()}
    if isinstance(value, list):
        return ["list", *map(_typed, value)]
    return ["=", repr(value)]


def _key_of_text(parts: Sequence[Located]) -> str:
    """The key of a text: its known pieces, joined where they touch, and the keys of the others."""
    pieces: list[tuple[str, str]] = []
    for known, run in groupby(parts, lambda part: not isinstance(part.value, Unresolved)):
        if known:
            pieces.append(("=", "".join(_written(part) or "" for part in run)))
        else:
            pieces += [("?", part.value.key) for part in run if isinstance(part.value, Unresolved)]
    return "text|" + json.dumps(pieces)
