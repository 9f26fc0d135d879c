"""The result of one check: verified, rejected, or without evidence."""

from __future__ import annotations

import enum

import attrs


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


#: What reading malformed data may raise.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
