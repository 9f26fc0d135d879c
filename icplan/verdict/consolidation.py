"""Whether an endpoint's fleet is larger than its components need, as data."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.verdict.fleet_plan import TypeCount


class Worth(enum.StrEnum):
    """What it comes to."""

    WORTH_IT = "worth-it"
    NOT_WORTH_IT = "not-worth-it"
    NOTHING_TO_SAVE = "nothing-to-save"
    NOT_KNOWN = "not-known"


@attrs.frozen
class ByItself:
    """What SageMaker does without being asked, and how that is known."""

    message: str
    basis: str


@attrs.frozen
class Moves:
    """How many copies must go to another instance, at least and at most, of so many in all.

    ``known`` tells whether it is known which instance holds which copy.
    """

    least: int
    most: int
    copies: int
    known: bool = False


@attrs.frozen
class Consolidation:
    """What runs now beside what a plan would run.

    Costs are in the plan's measure, of an hour where they are money; that of now is ``None`` where a type
    that runs has no price. ``threshold`` is what savings are held against, as it was given;
    ``configuration`` is the request of CreateEndpointConfig that says what the endpoint's configuration does.
    """

    endpoint: str
    taken_at: str | None
    snapshot: str
    now: tuple[TypeCount, ...]
    needed: tuple[TypeCount, ...] | None
    cost_now: int | None
    cost_needed: int | None
    worth: Worth
    threshold: str | None = None
    moves: Moves | None = None
    by_itself: tuple[ByItself, ...] = ()
    notes: tuple[str, ...] = ()
    configuration: Mapping[str, Any] | None = None

    @property
    def savings(self) -> int | None:
        """What the plan costs less, negative where it costs more; ``None`` where that is not known."""
        if self.cost_now is None or self.cost_needed is None:
            return None
        return self.cost_now - self.cost_needed
