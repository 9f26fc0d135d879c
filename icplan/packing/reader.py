"""Plain JSON data read member by member: what is not as it must be is refused, with the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unreadable(ValueError):  # noqa: N818 - an answer, not an error
    """The data is not what it should be, at ``path``."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: missing, or of another type")
        self.path = path


@frozen
class Node:
    """A value and where it stands."""

    value: Any
    path: str = "$"

    def __getitem__(self, name: str) -> Node:
        """A member that must be there."""
        if not isinstance(self.value, dict):
            raise Unreadable(self.path)
        if name not in self.value:
            raise Unreadable(f"{self.path}.{name}")
        return Node(self.value[name], f"{self.path}.{name}")

    def get(self, name: str) -> Node | None:
        """A member, or ``None`` where it is not there or null."""
        if not isinstance(self.value, dict):
            raise Unreadable(self.path)
        return None if self.value.get(name) is None else self[name]

    def may(self, name: str) -> Node | None:
        """A member that must be there, or ``None`` where it is null."""
        found = self[name]
        return None if found.value is None else found

    def items(self) -> list[Node]:
        """The entries of a list."""
        if not isinstance(self.value, (list, tuple)):
            raise Unreadable(self.path)
        return [Node(entry, f"{self.path}[{number}]") for number, entry in enumerate(self.value)]

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of an object."""
        if not isinstance(self.value, dict) or not all(isinstance(name, str) for name in self.value):
            raise Unreadable(self.path)
        return ((name, self[name]) for name in self.value)

    def integer(self) -> int:
        """An integer. True and False are integers to Python alone."""
        if type(self.value) is not int:
            raise Unreadable(self.path)
        return self.value

    def count(self) -> int:
        """An integer that is not below zero."""
        if self.integer() < 0:
            raise Unreadable(self.path)
        return self.integer()

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise Unreadable(self.path)
        return str(self.value)

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise Unreadable(self.path)
        return self.value

    def number(self) -> float:
        """A number."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise Unreadable(self.path)
        return self.value

    def counts(self) -> tuple[int, ...]:
        """A list of integers that are not below zero."""
        return tuple(entry.count() for entry in self.items())

    def data(self) -> dict[str, Any]:
        """An object, as it is."""
        if not isinstance(self.value, dict):
            raise Unreadable(self.path)
        return self.value
