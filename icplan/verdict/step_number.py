"""Which step of a change, or of its rollback, a phase is."""

from __future__ import annotations

import enum

from icplan.values import frozen


class Direction(enum.StrEnum):
    """Whether a phase brings a change about, or takes it back."""

    FORWARD = "forward"
    ROLLBACK = "rollback"


@frozen
class StepNumber:
    """Which of the steps a phase is; of a rollback, the one after which it begins.

    ``of`` counts the steps forward. ``batch`` counts the copies of a batch of a rolling update, and is
    ``None`` where all copies are placed at once.
    """

    number: int
    of: int
    batch: int | None
    direction: Direction
