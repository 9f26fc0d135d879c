"""The result of one check: verified, rejected, or without evidence."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

NO_PROOF: Final = "no proof is given"


class Result(enum.StrEnum):
    """What a check found."""

    VERIFIED = "verified"
    UNPROVEN = "without evidence"
    REJECTED = "rejected"


@attrs.frozen
class Checked:
    """The result for one phase of one change (or for another part of a file), and why it is not verified."""

    component: str
    phase: str
    outcome: str
    result: Result
    reason: str = ""


def checked(component: str, what: str, outcome: str, check: Callable[[], str | None]) -> Checked:
    """The result of a check, which says what is not proven, of a phase or a figure that comes to so much."""
    try:
        unproven = check()
    except Rejected as error:
        return Checked(component, what, outcome, Result.REJECTED, str(error))
    result = Result.UNPROVEN if unproven else Result.VERIFIED
    return Checked(component, what, outcome, result, unproven or "")


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
