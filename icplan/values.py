"""Frozen values: attrs classes that share one way to be shown, compared and hashed; answers that are printed.

`attrs.frozen` writes `__repr__`, `__eq__` and `__hash__` anew for each class, and Python compiles them each
time that a program begins. A command has hundreds of classes. Here only `__init__` is left to compile.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from attrs import frozen as frozen  # noqa: PLC0414  (type checkers know what that does)
else:

    def frozen(cls: type | None = None, /, **options: Any) -> Any:
        """As `attrs.frozen`, with the same options."""
        return partial(_frozen, **options) if cls is None else _frozen(cls, **options)


#: Options about comparing: attrs writes what they ask for.
_OWN = frozenset({"eq", "order", "hash", "unsafe_hash", "cache_hash"})


def _frozen(cls: Any, **options: Any) -> Any:
    own = cls.__dict__
    if "__repr__" not in own and "repr" not in options:
        cls.__repr__ = _shown
    compares = not (_OWN & options.keys() or {"__eq__", "__hash__"} & own.keys())
    if compares:
        cls.__eq__, cls.__hash__ = _equal, _hash
    made = attrs.frozen(cls, **options)
    if compares:
        made.__compared__ = _compared([one.name for one in attrs.fields(made) if one.eq])
    return made


def _compared(names: list[str]) -> Callable[[Any], Any]:
    """What takes from a value all that makes it equal to another."""
    return attrgetter(*names) if names else _nothing


def _nothing(_: Any) -> tuple[()]:
    return ()


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = self.__class__.__compared__
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash(self.__class__.__compared__(self))


@recursive_repr()
def _shown(self: Any) -> str:
    cls = self.__class__
    fields = (one for one in attrs.fields(cls) if one.repr)
    told = (f"{one.name}={repr(getattr(self, one.name))}" for one in fields)  # noqa: RUF010
    return f"{cls.__qualname__.rpartition('>.')[2]}({', '.join(told)})"


#: What makes a text of an answer: the doors of icplan set it, since no value words anything.
in_words: Callable[[Any], str] | None = None


class Answer:
    """What icplan answers with: printed it is its report, where icplan's own reports are at hand.

    Its ``repr`` is one line: all of it would fill pages.
    """

    __slots__ = ()

    def __str__(self) -> str:
        """The report as text, without colour."""
        return repr(self) if in_words is None else in_words(self)
