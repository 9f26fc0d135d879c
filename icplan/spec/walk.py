"""The one walk over a request: it builds the typed shape and collects every problem on the way.

A value of the right type that breaks another rule (too long, out of range) is kept in what is built, so that
later rules can still speak of it. One of a wrong type, and a number too large for the API, is left out and
named in ``refused``; a structure that lacks a required member, and a list with an unreadable item, are left
out whole.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from icplan.spec.fields import (
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Number,
    Rule,
    Shape,
    Struct,
    Text,
    compiled,
    members,
)
from icplan.spec.problems import FieldProblem, Kind, child, shown, shown_number, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_INT32 = (-(2**31), 2**31 - 1)
"""Bounds of an integer of the API: Smithy's integer has 32 bits."""
_FLOAT32 = (-3.4028234663852886e38, 3.4028234663852886e38)
"""Bounds of a float of the API: Smithy's float is IEEE single precision."""
_KEPT = 2**63
"""Larger numbers are not handed on: nothing later could even print or divide a number of any length."""


_N = TypeVar("_N", int, float)


class _Refused:
    """Stands for a value that could not be read."""


_REFUSED: Final = _Refused()


@attrs.define
class Walk:
    """Reads values against rules; ``problems`` grows as it goes, in document order."""

    problems: list[FieldProblem] = attrs.field(factory=list)

    def shape(self, shape: type[Shape], value: object, path: str) -> Shape | None:
        """Read a structure, or return None when its type is wrong or a required member is missing."""
        read = self._struct(shape, value, path)
        return read if isinstance(read, Shape) else None

    def _report(self, kind: Kind, path: str, message: str, hint: str | None = None) -> _Refused:
        self.problems.append(FieldProblem(message, path=path, hint=hint, kind=kind))
        return _REFUSED

    def _value(self, rule: Rule, value: object, path: str) -> Any:
        if value is None:
            return self._report(
                Kind.NULL, path, "is null, which botocore refuses", "Leave the member out instead"
            )
        match rule:
            case Text():
                return self._text(rule, value, path)
            case Integer():
                return self._integer(rule, value, path)
            case Number():
                return self._number(rule, value, path)
            case Boolean():
                return value if isinstance(value, bool) else self._wrong_type("a boolean", value, path)
            case ListOf():
                return self._list(rule, value, path)
            case MapOf():
                return self._map(rule, value, path)
            case Struct():
                return self._struct(rule.shape, value, path)

    def _wrong_type(self, expected: str, value: object, path: str) -> _Refused:
        return self._report(Kind.TYPE, path, f"must be {expected}, is {type_name(value)}")

    def _text(self, rule: Text, value: object, path: str) -> str | _Refused:
        if not isinstance(value, str):
            return self._wrong_type("a string", value, path)
        what = "is" if rule.sensitive else f"{shown(value)} is"
        if not _encodable(value):
            return self._report(Kind.TYPE, path, "is a string with a lone surrogate, which is no UTF-8")
        if len(value) < rule.min_length:
            self._report(
                Kind.LENGTH, path, f"{what} too short: {len(value)} characters, at least {rule.min_length}"
            )
        elif rule.max_length is not None and len(value) > rule.max_length:
            self._report(
                Kind.LENGTH, path, f"{what} too long: {len(value)} characters, at most {rule.max_length}"
            )
        elif rule.pattern and not compiled(rule.pattern).fullmatch(value):
            what = "the value does" if rule.sensitive else f"{shown(value)} does"
            self._report(Kind.PATTERN, path, f"{what} not match the pattern {rule.pattern}")
        self._choice(rule, value, path)
        return value

    def _choice(self, rule: Text, value: str, path: str) -> None:
        if not rule.choices or value in rule.choices:
            return
        if rule.open_choices:
            self._report(
                Kind.NEW_CHOICE, path, f"{shown(value)} is not in the API model icplan was written against"
            )
        else:
            self._report(Kind.CHOICE, path, f"{shown(value)} is not one of {', '.join(rule.choices)}")

    def _integer(self, rule: Integer, value: object, path: str) -> int | _Refused:
        if isinstance(value, bool) or not isinstance(value, int):
            hint = (
                f"Write {int(value)}"
                if isinstance(value, float) and value.is_integer() and abs(value) < 2**53
                else None
            )
            message = f"must be an integer, is {type_name(value)}"
            return self._report(Kind.TYPE, path, message, hint)
        return self._bounded(value, rule, _INT32, path)

    def _number(self, rule: Number, value: object, path: str) -> float | _Refused:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._wrong_type("a number", value, path)
        if isinstance(value, float) and not math.isfinite(value):
            return self._wrong_type("a finite number", value, path)
        return self._bounded(value, rule, _FLOAT32, path)

    def _bounded(
        self, value: _N, rule: Integer | Number, representable: tuple[float, float], path: str
    ) -> _N | _Refused:
        lowest = representable[0] if rule.minimum is None else rule.minimum
        highest = representable[1] if rule.maximum is None else rule.maximum
        if value < lowest:
            self._report(Kind.RANGE, path, f"{shown_number(value)} is too small: at least {lowest}")
        elif value > highest:
            self._report(Kind.RANGE, path, f"{shown_number(value)} is too large: at most {highest}")
        return value if abs(value) <= _KEPT else _REFUSED

    def _size(self, rule: ListOf | MapOf, size: int, path: str) -> None:
        if size < rule.min_size:
            self._report(Kind.SIZE, path, f"has {size} entries, needs at least {rule.min_size}")
        elif rule.max_size is not None and size > rule.max_size:
            self._report(Kind.SIZE, path, f"has {size} entries, may have at most {rule.max_size}")

    def _list(self, rule: ListOf, value: object, path: str) -> tuple[Any, ...] | _Refused:
        if not isinstance(value, list | tuple):
            return self._wrong_type("a list", value, path)
        self._size(rule, len(value), path)
        items = tuple(self._value(rule.item, item, f"{path}[{index}]") for index, item in enumerate(value))
        return _REFUSED if any(item is _REFUSED for item in items) else items

    def _map(self, rule: MapOf, value: object, path: str) -> dict[str, str] | _Refused:
        if not isinstance(value, dict):
            return self._wrong_type("an object", value, path)
        self._size(rule, len(value), path)
        read: dict[str, str] = {}
        sound = True
        for name, item in value.items():
            inside = child(path, name)
            key, text = self._value(rule.key, name, inside), self._value(rule.value, item, inside)
            sound = sound and key is not _REFUSED and text is not _REFUSED
            read[name] = text
        return read if sound else _REFUSED

    def _struct(self, shape: type[Shape], value: object, path: str) -> Shape | _Refused:
        if not isinstance(value, dict):
            return self._wrong_type("an object", value, path)
        read: dict[str, Any] = {}
        refused: set[str] = set()
        complete = True
        for member in members(shape):
            if member.name not in value:
                if member.required:
                    self._report(Kind.REQUIRED, path, f"lacks the required member {member.name}")
                    complete = False
                continue
            item = self._value(member.rule, value[member.name], child(path, member.name))
            if item is not _REFUSED:
                read[member.attribute] = item
            else:
                refused.add(member.name)
                complete = complete and not member.required
        extra = self._extra(shape, value, path)
        return shape(**read, extra=extra, refused=frozenset(refused)) if complete else _REFUSED

    def _extra(self, shape: type[Shape], value: Mapping[object, object], path: str) -> dict[str, object]:
        known = {member.name for member in members(shape)}
        extra: dict[str, object] = {}
        for name, item in value.items():
            if not isinstance(name, str):
                self._report(
                    Kind.TYPE, child(path, name), f"a member's name must be a string, is {type_name(name)}"
                )
            elif name not in known:
                self._unknown(name, known, child(path, name))
                extra[name] = item
        return extra

    def _unknown(self, name: str, known: set[str], path: str) -> None:
        """A member that differs from a known one in case only is a slip, which every botocore refuses."""
        folded = name.replace("_", "").casefold()
        meant = [candidate for candidate in sorted(known) if candidate.casefold() == folded]
        if meant:
            self._report(Kind.MISSPELT, path, "is no member of this structure", f"Write {meant[0]}")
        else:
            self._report(Kind.UNKNOWN, path, "is a member icplan does not know")


def _encodable(text: str) -> bool:
    """Whether the text is valid UTF-8; JSON escapes can smuggle in half a surrogate pair."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
