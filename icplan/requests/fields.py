"""How a request's members are declared: one rule each, as data, on attrs classes that mirror AWS's shapes.

A rule says what botocore's model says of a member (type, bounds, pattern, values); tests compare the two.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from icplan.values import frozen

API_MODEL = "botocore 1.44.5"
"""The release whose model the declarations mirror."""


@frozen(kw_only=True)
class Text:
    """A string. Lengths count characters; ``pattern`` is AWS's, and must match the whole string.

    A value outside ``choices`` is refused, or only noted when ``open_choices`` is set, for lists that grow.
    The value of a ``sensitive`` one is never shown.
    """

    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    open_choices: bool = False
    sensitive: bool = False


@frozen(kw_only=True)
class Integer:
    """A whole number. ``True`` is none, nor is ``1.0``."""

    minimum: int | None = None
    maximum: int | None = None


@frozen(kw_only=True)
class Number:
    """A finite number, whole or not."""

    minimum: float | None = None
    maximum: float | None = None


@frozen
class Boolean:
    """``True`` or ``False``."""


@frozen(kw_only=True)
class ListOf:
    """A list whose items all follow one rule."""

    item: Rule
    min_size: int = 0
    max_size: int | None = None


@frozen(kw_only=True)
class MapOf:
    """A map from strings to values that all follow one rule."""

    key: Text
    value: Text
    min_size: int = 0
    max_size: int | None = None


@frozen
class Struct:
    """A structure, mirrored by ``shape``."""

    shape: type[Shape]


Rule: TypeAlias = Text | Integer | Number | Boolean | ListOf | MapOf | Struct


@frozen
class Member:
    """A declared member: AWS's name for it, the attribute that holds it, and its rule."""

    name: str
    attribute: str
    rule: Rule
    required: bool


@frozen(kw_only=True)
class Shape:
    """A structure of the API. Members that were left out are ``None``.

    ``extra`` carries members icplan does not know, as they came: AWS adds some each month.
    ``refused`` names members that were given but could not be read (only in a partial reading).
    """

    extra: Mapping[str, object] = attrs.field(factory=dict)
    unreadable: frozenset[str] = frozenset()

    def to_boto3(self) -> dict[str, Any]:
        """Return the boto3 dict this was read from. Tuples become lists; extra values are not copied."""
        given = ((member.name, getattr(self, member.attribute)) for member in members(type(self)))
        return {name: _plain(value) for name, value in given if value is not None} | dict(self.extra)

    def has(self, name: str) -> bool:
        """Whether the user gave the member AWS calls ``name``, readable or not."""
        if name in self.unreadable or name in self.extra:
            return True
        return any(
            member.name == name and getattr(self, member.attribute) is not None
            for member in members(type(self))
        )


_MEMBERS: dict[type[Shape], tuple[Member, ...]] = {}


def member(name: str, rule: Rule, *, required: bool = False) -> Any:
    """Declare the attribute that mirrors the member AWS calls ``name``. An optional one defaults to None."""
    metadata = {"member": (name, rule, required)}
    return attrs.field(metadata=metadata) if required else attrs.field(default=None, metadata=metadata)


def members(shape: type[Shape]) -> tuple[Member, ...]:
    """Every declared member of a shape, in AWS's order."""
    if shape not in _MEMBERS:
        _MEMBERS[shape] = _declared(shape)
    return _MEMBERS[shape]


def _declared(shape: type[Shape]) -> tuple[Member, ...]:
    declared = (
        (field.name, field.metadata["member"]) for field in attrs.fields(shape) if "member" in field.metadata
    )
    return tuple(Member(name, attribute, rule, required) for attribute, (name, rule, required) in declared)


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern of AWS's.

    Java's ``\d``, ``\s`` and ``\w`` know ASCII only. Python's re lacks ``\p``; AWS uses it in one character
    class, with ``_`` in it, where Python's Unicode ``\w`` stands for ``\p{L}\p{N}_`` exactly.
    """
    if r"\p{" not in pattern:
        return re.compile(pattern, re.ASCII)
    spaces = r" \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    return re.compile(pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", "").replace(r"\p{Z}", spaces))


def _plain(value: Any) -> Any:
    if isinstance(value, Shape):
        return value.to_boto3()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
