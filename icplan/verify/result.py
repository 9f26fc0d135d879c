"""The result of one check: verified, rejected, or without evidence."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Result(enum.StrEnum):
    """What a check found."""

    VERIFIED = "verified"
    UNPROVEN = "without evidence"
    REJECTED = "rejected"


@attrs.frozen
class Checked:
    """The result for one phase of one change (or for a part of the verdict), and why it is not verified."""

    component: str
    phase: str
    outcome: str
    result: Result
    reason: str = ""


class Rejected(Exception):  # noqa: N818  (an answer, not an error)
    """The verdict contradicts itself, or its evidence does not prove what it says."""


def require(holds: object, otherwise: str) -> None:
    """Raise :class:`Rejected` with the reason unless something holds."""
    if not holds:
        raise Rejected(otherwise)


def built(make: Callable[[], _T]) -> _T:
    """What the premises make; :class:`Rejected` where they make no packing problem."""
    try:
        return make()
    except ValueError as error:
        raise Rejected(f"the premises make no problem: {error}") from None
