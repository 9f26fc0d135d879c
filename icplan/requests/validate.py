"""The one walk over a request: it builds the typed shape and collects every problem on the way.

A value of the right type that breaks another rule (too long, out of range) is kept in what is built, so that
later rules can still speak of it. One of a wrong type, and a number too large for the API, is left out and
named in ``refused``; a structure that lacks a required member, and a list with an unreadable item, are left
out whole.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from icplan.documents.nearest import nearest
from icplan.requests import aws_messages as foreseen
from icplan.requests.fields import (
    API_MODEL,
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
from icplan.requests.problems import (
    FieldProblem,
    FieldRule,
    ProblemCollector,
    display,
    display_name,
    member_path,
    shown_number,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_INT32 = (-(2**31), 2**31 - 1)
"""Bounds of an integer of the API: Smithy's integer has 32 bits."""
_FLOAT32 = (-3.4028234663852886e38, 3.4028234663852886e38)
"""Bounds of a float of the API: Smithy's float is IEEE single precision."""
_KEPT = 2**63
"""Larger numbers are not handed on: nothing later could even print or divide a number of any length."""
_DIGITS = 16
"""A text of fewer digits may have been meant for a number."""
_GUESSED = 20
"""Problems of a request up to which it is guessed what a name was to be: guessing takes time."""
_MAX_NAME_LENGTH = 64
"""Characters of a name up to which it is guessed what it was to be."""


_N = TypeVar("_N", int, float)


_LAST_MEMBER: Final = re.compile(r"(?<![^.])[\w-]+(\[\d+\])*$")


class _Unreadable:
    """Stands for a value that could not be read."""


_REFUSED: Final = _Unreadable()


@attrs.define
class Validator:
    """Reads values against rules; ``found`` grows as it goes."""

    found: ProblemCollector = attrs.field(factory=ProblemCollector)
    root: str = "$"
    around: list[type[Shape]] = attrs.field(factory=list)

    def shape(self, shape: type[Shape], value: object, path: str) -> Shape | None:
        """Read a structure, or return None when its type is wrong or a required member is missing."""
        self.root = path
        read = self._struct(Struct(shape), value, path)
        return read if isinstance(read, Shape) else None

    def _report(
        self, kind: FieldRule, path: str, message: str, hint: str | None = None, answer: str | None = None
    ) -> _Unreadable:
        self.found.add(FieldProblem(message, path=path, hint=hint, kind=kind, aws_error=answer))
        return _REFUSED

    def _parameter(self, path: str) -> str:
        """What botocore calls the member at a path: the way to it from the request, which itself is empty."""
        return path[len(self.root) :].removeprefix(".")

    def _named(self, path: str) -> str:
        """The member at a path, as a message begins with it."""
        at = self._parameter(path)
        last = _LAST_MEMBER.search(at)
        return last[0] if last else at or "the request"

    def _value(self, rule: Rule, value: object, path: str) -> Any:
        if value is None:
            answer = foreseen.wrong_type(self._parameter(path), None, _ACCEPTED[type(rule)])
            hint = "Leave the member out instead"
            message = f"{self._named(path)} is null, which botocore refuses"
            return self._report(FieldRule.NULL, path, message, hint, answer)
        match rule:
            case Text():
                return self._text(rule, value, path)
            case Integer():
                return self._integer(rule, value, path)
            case Number():
                return self._number(rule, value, path)
            case Boolean():
                return value if isinstance(value, bool) else self._wrong_type(rule, value, path)
            case ListOf():
                return self._list(rule, value, path)
            case MapOf():
                return self._map(rule, value, path)
            case Struct():
                return self._struct(rule, value, path)

    def _wrong_type(self, rule: Rule, value: object, path: str, hint: str | None = None) -> _Unreadable:
        hidden = _secret(rule) or (isinstance(value, str) and isinstance(rule, ListOf | MapOf | Struct))
        at = self._parameter(path)
        answer = None if hidden else foreseen.wrong_type(at, value, _ACCEPTED[type(rule)])
        shown = f"the string {display(value)}" if isinstance(value, str) and not hidden else type_name(value)
        message = f"{self._named(path)} must be {_CALLED[type(rule)]}, is {shown}"
        return self._report(FieldRule.TYPE, path, message, hint, answer)

    def _text(self, rule: Text, value: object, path: str) -> str | _Unreadable:
        if not isinstance(value, str):
            return self._wrong_type(rule, value, path)
        if not _encodable(value):
            return self._report(
                FieldRule.TYPE, path, f"{self._named(path)} has a lone surrogate, which is no UTF-8"
            )
        what, at = self._named(path), self._parameter(path)
        what += "" if rule.sensitive else f" {display(value)}"
        repeated = None if rule.sensitive else value
        if len(value) < rule.min_length:
            message = f"{what} is too short: {len(value)} characters, at least {rule.min_length}"
            answer = foreseen.too_short(at, len(value), rule.min_length)
            self._report(FieldRule.LENGTH, path, message, answer=answer)
        elif rule.max_length is not None and len(value) > rule.max_length:
            message = f"{what} is too long: {len(value)} characters, at most {rule.max_length}"
            constraint = f"have length less than or equal to {rule.max_length}"
            self._report(
                FieldRule.LENGTH, path, message, answer=foreseen.constraint_failed(at, constraint, repeated)
            )
        elif rule.pattern and not compiled(rule.pattern).fullmatch(value):
            message = f"{what} does not match the pattern {rule.pattern}"
            constraint = "satisfy regular expression pattern"
            self._report(
                FieldRule.PATTERN, path, message, answer=foreseen.constraint_failed(at, constraint, repeated)
            )
        self._choice(rule, value, path)
        return value

    def _choice(self, rule: Text, value: str, path: str) -> None:
        if not rule.choices or value in rule.choices:
            return
        answer = foreseen.constraint_failed(self._parameter(path), "satisfy enum value set", value)
        what = f"{self._named(path)} {display(value)}"
        if rule.open_choices:
            message = f"{what} is not in the API model icplan was written against"
            self._report(FieldRule.NEW_CHOICE, path, message, answer=answer)
        else:
            message = f"{what} is not one of {', '.join(rule.choices)}"
            self._report(FieldRule.CHOICE, path, message, answer=answer)

    def _integer(self, rule: Integer, value: object, path: str) -> int | _Unreadable:
        if isinstance(value, bool) or not isinstance(value, int):
            whole = _whole(value)
            return self._wrong_type(rule, value, path, None if whole is None else f"Write {whole}")
        return self._bounded(value, rule, _INT32, path)

    def _number(self, rule: Number, value: object, path: str) -> float | _Unreadable:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._wrong_type(rule, value, path)
        if isinstance(value, float) and not math.isfinite(value):
            return self._report(FieldRule.TYPE, path, f"{self._named(path)} must be a finite number")
        return self._bounded(value, rule, _FLOAT32, path)

    def _bounded(
        self, value: _N, rule: Integer | Number, representable: tuple[float, float], path: str
    ) -> _N | _Unreadable:
        least, most = rule.minimum, rule.maximum
        lowest = representable[0] if least is None else least
        highest = representable[1] if most is None else most
        at = self._parameter(path)
        if value < lowest:
            message = f"{self._named(path)} is {shown_number(value)}, which is too small: at least {lowest}"
            answer = None if least is None else foreseen.too_small(at, value, least)
            self._report(FieldRule.RANGE, path, message, answer=answer)
        elif value > highest:
            message = f"{self._named(path)} is {shown_number(value)}, which is too large: at most {highest}"
            # What the API's number cannot hold is refused before any constraint is looked at.
            beyond = most is None or value > representable[1]
            constraint = f"have value less than or equal to {most}"
            answer = None if beyond else foreseen.constraint_failed(at, constraint, value)
            self._report(FieldRule.RANGE, path, message, answer=answer)
        return value if abs(value) <= _KEPT else _REFUSED

    def _size(self, rule: ListOf | MapOf, size: int, path: str) -> None:
        at = self._parameter(path)
        if size < rule.min_size:
            message = f"{self._named(path)} has {size} entries, needs at least {rule.min_size}"
            self._report(FieldRule.SIZE, path, message, answer=foreseen.too_short(at, size, rule.min_size))
        elif rule.max_size is not None and size > rule.max_size:
            message = f"{self._named(path)} has {size} entries, may have at most {rule.max_size}"
            constraint = f"have length less than or equal to {rule.max_size}"
            self._report(FieldRule.SIZE, path, message, answer=foreseen.constraint_failed(at, constraint))

    def _list(self, rule: ListOf, value: object, path: str) -> tuple[Any, ...] | _Unreadable:
        if not isinstance(value, list | tuple):
            return self._wrong_type(rule, value, path)
        self._size(rule, len(value), path)
        items = tuple(self._value(rule.item, item, f"{path}[{index}]") for index, item in enumerate(value))
        return _REFUSED if any(item is _REFUSED for item in items) else items

    def _map(self, rule: MapOf, value: object, path: str) -> dict[str, str] | _Unreadable:
        if not isinstance(value, dict):
            return self._wrong_type(rule, value, path)
        self._size(rule, len(value), path)
        before = len(self.found)
        read: dict[str, str] = {}
        sound = True
        for name, item in value.items():
            inside = member_path(path, name)
            key, text = self._value(rule.key, name, inside), self._value(rule.value, item, inside)
            sound = sound and key is not _REFUSED and text is not _REFUSED
            read[name] = text
        # AWS answers for a map as a whole, and repeats all its values.
        self.found.forget_answers(before)
        return read if sound else _REFUSED

    def _struct(self, rule: Struct, value: object, path: str) -> Shape | _Unreadable:
        if not isinstance(value, dict):
            return self._wrong_type(rule, value, path)
        shape = rule.shape
        read: dict[str, Any] = {}
        refused: set[str] = set()
        complete = True
        missing = [member.name for member in members(shape) if member.required and member.name not in value]
        misspelt = self._misspelt(shape, value) if missing else frozenset()
        self.around.append(shape)
        for member in members(shape):
            if member.name not in value:
                if member.name in missing:
                    complete = False
                    if member.name not in misspelt:
                        self._missing(shape, member.name, path)
                continue
            item = self._value(member.rule, value[member.name], member_path(path, member.name))
            if item is not _REFUSED:
                read[member.attribute] = item
            else:
                refused.add(member.name)
                complete = complete and not member.required
        extra = self._extra(shape, value, path)
        for name in missing:
            if name in misspelt:  # how it is spelt is why it is missing, and has been said first
                self._missing(shape, name, path)
        self.around.pop()
        return shape(**read, extra=extra, unreadable=frozenset(refused)) if complete else _REFUSED

    def _misspelt(self, shape: type[Shape], value: Mapping[object, object]) -> frozenset[str]:
        """The members that others of the value, which are none, were likely meant to be."""
        known = [member.name for member in members(shape)]
        unknown = (name for name in value if isinstance(name, str) and name not in known)
        first = itertools.islice(unknown, _GUESSED)
        meant = (_in_other_case(name, known) or self._nearest(name, known) for name in first)
        return frozenset(name for name in meant if name)

    def _missing(self, shape: type[Shape], name: str, path: str) -> None:
        at = self._parameter(path)
        message = f"{at or shape.__name__} lacks the required member {name}"
        self._report(FieldRule.REQUIRED, path, message, answer=foreseen.missing(at, name))

    def _extra(self, shape: type[Shape], value: Mapping[object, object], path: str) -> dict[str, object]:
        known = {member.name for member in members(shape)}
        extra: dict[str, object] = {}
        for name, item in value.items():
            if not isinstance(name, str):
                self._report(
                    FieldRule.TYPE,
                    member_path(path, name),
                    f"a member's name must be a string, is {type_name(name)}",
                )
            elif name not in known:
                self._unknown(shape, name, path)
                extra[name] = item
        return extra

    def _unknown(self, shape: type[Shape], name: str, path: str) -> None:
        """A member that differs from a known one in case only is a slip, which every botocore refuses."""
        at, known = self._parameter(path), [member.name for member in members(shape)]
        message = f"{display_name(name)} is no member of {at or shape.__name__}"
        answer = foreseen.unknown(at, name, known)
        if meant := _in_other_case(name, known):
            self._report(FieldRule.MISSPELT, member_path(path, name), message, f"Write {meant}", answer)
        else:
            hint = self._outer(name) or self._guessed(name, known)
            message = f"{message} in the API model of {API_MODEL}"
            self._report(FieldRule.UNKNOWN, member_path(path, name), message, hint, answer)

    def _outer(self, name: str) -> str | None:
        """Where a member belongs that one of the structures around this one has."""
        for levels, shape in enumerate(reversed(self.around[:-1]), start=1):
            if any(member.name == name for member in members(shape)):
                up = "one level" if levels == 1 else f"{levels} levels"
                return f"It goes {up} up, into {shape.__name__}"
        return None

    def _guessed(self, name: str, known: list[str]) -> str | None:
        near = self._nearest(name, known)
        return f"Did you mean {near}?" if near else None

    def _nearest(self, name: str, known: list[str]) -> str | None:
        if len(name) > _MAX_NAME_LENGTH or len(self.found) > _GUESSED:
            return None
        return nearest(name, known)


def _in_other_case(name: str, known: list[str]) -> str | None:
    """The member that differs from a name in case and underscores only."""
    folded = name.replace("_", "").casefold()
    return next((one for one in known if one.casefold() == folded), None)


_CALLED: Final[Mapping[type[Rule], str]] = {
    Text: "a string",
    Integer: "an integer",
    Number: "a number",
    Boolean: "a boolean",
    ListOf: "a list",
    MapOf: "an object",
    Struct: "an object",
}
_ACCEPTED: Final[Mapping[type[Rule], tuple[type, ...]]] = {
    Text: foreseen.TEXT,
    Integer: foreseen.INTEGER,
    Number: foreseen.NUMBER,
    Boolean: foreseen.BOOLEAN,
    ListOf: foreseen.LIST,
    MapOf: foreseen.OBJECT,
    Struct: foreseen.OBJECT,
}


def _secret(rule: Rule) -> bool:
    """Whether a value that was meant for the member may be a secret, of whatever type it is."""
    return rule.sensitive if isinstance(rule, Text) else isinstance(rule, MapOf) and rule.value.sensitive


def _encodable(text: str) -> bool:
    """Whether the text is valid UTF-8; JSON escapes can smuggle in half a surrogate pair."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _whole(value: object) -> int | None:
    """The integer that was meant by a float, or by a text of digits."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else None
    digits = value.replace("_", "").replace(",", "").strip() if isinstance(value, str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < _DIGITS else None
