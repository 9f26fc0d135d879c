"""What a rule has to say of a change, and the findings that are left out."""

from __future__ import annotations

import enum

import attrs

from icplan.values import frozen


class Severity(enum.StrEnum):
    """How much a finding matters. Members stand from worst to mildest."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@frozen
class Amount:
    """What is needed and what there is of something, as far as each is known."""

    need: float | None
    have: float | None
    unit: str | None


@frozen
class Finding:
    """One thing a rule has to say of a change.

    ``need``, ``have`` and ``largest_that_works`` are the parts of a capacity message: the first two in
    ``unit``, the last in ``largest_unit``, or in the unit of the member at ``path`` where they are ``None``.
    ``aws_error`` is the text AWS is expected to answer with, where one is known. ``amounts`` are those of the
    change, for a finding without a figure.
    """

    rule: str
    severity: Severity
    message: str
    path: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    need: float | None = None
    have: float | None = None
    largest_that_works: float | None = None
    aws_error: str | None = None
    unit: str | None = None
    largest_unit: str | None = None
    amounts: tuple[Amount, ...] = attrs.field(default=(), eq=False)

    @property
    def measured(self) -> tuple[Amount, ...]:
        """Its own figures, else the amounts of the change that it is about."""
        own = Amount(self.need, self.have, self.unit)
        return (own,) if self.need is not None or not self.amounts else self.amounts


@frozen
class LeftOut:
    """A rule whose findings of one change are left out, and why: by the file there, or as a follow-up."""

    rule: str
    reason: str
    file: str | None = None
    line: int | None = None

    @property
    def shown(self) -> str:
        """The rule, and where it is ignored."""
        return f"{self.rule} at {self.file}{f':{self.line}' if self.line else ''}" if self.file else self.rule
