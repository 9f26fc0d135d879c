"""What a document must look like, as data, and the walk that names each place where it does not."""

from __future__ import annotations

import datetime as dt
import enum
import math
import re
from typing import TYPE_CHECKING, Any, Final

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.documents.paths import JsonPath, Step

MAX_COUNT: Final = 2**31 - 1
"""AWS's integers have 32 bits."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Scalar(enum.Enum):
    """A value without parts. Each member's value is how a message asks for it."""

    TEXT = "a string that is not empty"
    ANY_TEXT = "a string"
    COUNT = "a whole number from 0 to 2147483647"
    NUMBER = "a number from 0 to 2147483647"
    FLAG = "true or false"
    TIME = "a time with its zone (RFC 3339), such as 2026-11-20T02:11:08Z"


@frozen
class Members:
    """An object. Members it does not list are nobody's business here."""

    known: Mapping[str, Shape]
    required: tuple[str, ...] = ()


@frozen
class ListOf:
    """A list of one kind of thing, of at least ``minimum`` items."""

    item: Shape
    minimum: int = 0


@frozen
class MapOf:
    """An object whose member names are data."""

    value: Shape


Shape = Scalar | Members | ListOf | MapOf


def check(value: Any, shape: Shape, report: Callable[[JsonPath, str], None], steps: JsonPath = ()) -> None:
    """Call ``report`` with the steps to each part of ``value`` that ``shape`` forbids, and what is wrong.

    Messages name types and members, never values: a value may be a secret.
    """
    match shape:
        case Scalar():
            if not _is(value, shape):
                # Of a text that is no time, its type says nothing.
                instead = (
                    "" if shape is Scalar.TIME and isinstance(value, str) else f", not {describe_type(value)}"
                )
                report(steps, f"must be {shape.value}{instead}")
        case ListOf():
            _check_list(value, shape, report, steps)
        case Members():
            _check_object(value, shape, report, steps)
        case MapOf():
            if _is_kind(value, dict, "an object", report, steps):
                for name, member in value.items():
                    check(member, shape.value, report, (*steps, name))


def describe_type(value: Any) -> str:
    """How a message calls a plain value: by its type, and as empty or negative where that is the fault."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return _kind_of_number(value)
        case str():
            return "a string" if value else "an empty string"
        case list():
            return "a list"
        case dict():
            return "an object"
    return f"a Python {type(value).__name__}"


def _kind_of_number(value: float) -> str:
    if value < 0:
        return "a negative number"
    if value > MAX_COUNT:
        return "a larger number"
    return "a whole number" if isinstance(value, int) else "a number with a point"


def _is(value: Any, leaf: Scalar) -> bool:
    match leaf:
        case Scalar.TEXT:
            return isinstance(value, str) and bool(value)
        case Scalar.ANY_TEXT:
            return isinstance(value, str)
        case Scalar.COUNT:
            return type(value) is int and 0 <= value <= MAX_COUNT
        case Scalar.NUMBER:
            return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= MAX_COUNT
        case Scalar.FLAG:
            return isinstance(value, bool)
        case Scalar.TIME:
            return isinstance(value, str) and _is_time(value)


def _is_time(text: str) -> bool:
    if _TIME.fullmatch(text) is None:
        return False
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_list(value: Any, shape: ListOf, report: Callable[[JsonPath, str], None], steps: JsonPath) -> None:
    if not _is_kind(value, list, "a list", report, steps):
        return
    if len(value) < shape.minimum:
        report(steps, "must not be empty")
    for index, item in enumerate(value):
        check(item, shape.item, report, (*steps, index))


def _check_object(
    value: Any, shape: Members, report: Callable[[JsonPath, str], None], steps: JsonPath
) -> None:
    if not _is_kind(value, dict, "an object", report, steps):
        return
    for name in shape.required:
        if name not in value:
            report(steps, f"{name} is missing")
    for name, member in shape.known.items():
        if name in value:
            child: tuple[Step, ...] = (*steps, name)
            check(value[name], member, report, child)


def _is_kind(
    value: Any, kind: type, expected: str, report: Callable[[JsonPath, str], None], steps: JsonPath
) -> bool:
    if isinstance(value, kind):
        return True
    report(steps, f"must be {expected}, not {describe_type(value)}")
    return False
