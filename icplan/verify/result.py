"""The result of one check: verified, rejected, or without evidence."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.verdict.verdict import Phase

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


def checked(component: str, phase: Phase, check: Callable[[], str | None]) -> Checked:
    """The result of the check of a phase, which says what is not proven."""
    try:
        unproven = check()
    except Rejected as error:
        return Checked(component, phase.name, phase.outcome, Result.REJECTED, str(error))
    result = Result.UNPROVEN if unproven else Result.VERIFIED
    return Checked(component, phase.name, phase.outcome, result, unproven or "")


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
