"""A request held against botocore's model, as SageMaker's own front door does it.

botocore itself checks types, what is required, and lower bounds before it sends; patterns, enumerations and
upper bounds it leaves to the service. Here all of it is checked, for who speaks no botocore too.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from icplan.testing.emulator.sagemaker_texts import CONSTRAINT, INVALID, MALFORMED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float, Decimal),
    "double": (int, float, Decimal),
    "boolean": (bool,),
    "list": (list, tuple),
    "structure": (dict,),
    "map": (dict,),
}
_NAMES: Final = {str: "STRING_VALUE", bool: "TRUE_VALUE", list: "START_ARRAY", dict: "START_OBJECT"}
_JAVA: Final = {
    "string": "String",
    "integer": "Integer",
    "long": "Long",
    "float": "Float",
    "double": "Double",
    "boolean": "Boolean",
    "list": "Collection",
    "structure": "Structure",
    "map": "Map",
}


def validate(params: Mapping[str, Any], shape: Any) -> None:
    """Raise the ServiceError with which AWS refuses the request, if it does."""
    _check_types(params, shape)
    found = list(_violations(params, shape, ""))
    if found:
        many = "" if len(found) == 1 else "s"
        raise INVALID.error(count=len(found), s=many, faults="; ".join(found))


def _check_types(value: Any, shape: Any) -> None:
    """A value of another JSON type cannot be read at all, which is told before any constraint."""
    if value is None:
        return
    accepted = _JSON_TYPES.get(shape.type_name)
    if accepted is None:  # timestamps and blobs are read where the request is
        return
    if not isinstance(value, accepted) or (isinstance(value, bool) and shape.type_name != "boolean"):
        given = _NAMES.get(type(value), "NUMBER_VALUE")
        text = f"{given} can not be converted to a {_JAVA[shape.type_name]}"
        raise MALFORMED.error(why=text)
    for item, inside in _parts(value, shape):
        _check_types(item, inside)


def _parts(value: Any, shape: Any) -> Iterator[tuple[Any, Any]]:
    """The values inside a value, each with its shape."""
    match shape.type_name:
        case "structure":
            yield from ((value[name], member) for name, member in shape.members.items() if name in value)
        case "list":
            yield from ((item, shape.member) for item in value)
        case "map":
            yield from ((item, shape.value) for item in value.values())


def _violations(value: Any, shape: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            yield from _of_structure(value, shape, path)
        case "list":
            yield from _of_length(value, shape, path)
            for number, item in enumerate(value, start=1):
                yield from _of_item(item, shape.member, f"{path}.{number}.member")
        case "map":
            yield from _of_length(value, shape, path)
            for key, item in value.items():
                yield from _violations(key, shape.key, path)
                yield from _of_item(item, shape.value, f"{path}.{key}.member")
        case "string":
            yield from _of_text(value, shape, path)
        case "integer" | "long" | "float" | "double":
            yield from _of_number(value, shape, path)


def _of_structure(value: Mapping[str, Any], shape: Any, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        at = f"{path}.{_java(name)}".removeprefix(".")
        if value.get(name) is not None:
            yield from _violations(value[name], member, at)
        elif name in shape.required_members:
            yield _text(None, at, "not be null")


def _of_item(item: Any, shape: Any, path: str) -> Iterator[str]:
    if item is None:
        yield _text(None, path, "not be null")
    else:
        yield from _violations(item, shape, path)


def _of_length(value: Any, shape: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and len(value) < least:
        yield _text(_shown(value), path, f"have length greater than or equal to {least}")
    if most is not None and len(value) > most:
        yield _text(_shown(value), path, f"have length less than or equal to {most}")


def _of_text(value: str, shape: Any, path: str) -> Iterator[str]:
    yield from _of_length(value, shape, path)
    if (pattern := shape.metadata.get("pattern")) and not compiled(pattern).fullmatch(value):
        yield _text(value, path, f"satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield _text(value, path, f"satisfy enum value set: [{', '.join(shape.enum)}]")


def _of_number(value: float, shape: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield _text(_shown(value), path, f"have value greater than or equal to {least}")
    if most is not None and value > most:
        yield _text(_shown(value), path, f"have value less than or equal to {most}")


def _text(value: str | None, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return CONSTRAINT.fill(value=shown, path=path, constraint=constraint)


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    return str(value)


def _java(name: str) -> str:
    """``EndpointName`` as SageMaker writes it in these texts."""
    return name[:1].lower() + name[1:]


_CLASSES: Final = {"N": r"\d", "Z": r"\s", "Print": r"\x20-\x7e", "ASCII": r"\x00-\x7f"}
"""Java's character classes within brackets; letters and what is not here are taken as ``\\w``."""
_SURROGATES: Final = r"\uD800\uDC00-\uDBFF\uDFFF"
_TOKEN: Final = re.compile(r"\\p\{(\w+)\}|\\.|[\[\]]|.", re.DOTALL)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the API's, which is Java's, as Python can say it: never narrower than it is."""
    text = pattern.replace(_SURROGATES, r"\U00010000-\U0010FFFF").replace(r"\z", r"\Z")
    parts, inside = [], False
    for token in _TOKEN.finditer(text):
        if name := token[1]:
            known = _CLASSES.get(name, r"\w")
            parts.append(known if inside else f"[{known}]")
        else:
            inside = token[0] == "[" or (inside and token[0] != "]")
            parts.append(token[0])
    return re.compile("".join(parts))
