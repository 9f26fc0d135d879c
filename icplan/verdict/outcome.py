"""What will happen to a change, as one word from worst to best."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Outcome(enum.StrEnum):
    """What will happen to a change. Members stand from worst to best."""

    INVALID = "invalid"
    BLOCKED = "blocked"
    DOES_NOT_FIT = "does-not-fit"
    UNDECIDED = "undecided"
    MAY_NOT_FIT = "may-not-fit"
    FITS_AFTER_SCALE_OUT = "fits-after-scale-out"
    FITS = "fits"

    @property
    def rank(self) -> int:
        """Position from worst (0) to best."""
        return _RANKS[self]

    @property
    def fits(self) -> bool:
        """Whether every copy is placed in every world, now or after scale-out."""
        return self in (Outcome.FITS, Outcome.FITS_AFTER_SCALE_OUT)

    @property
    def fails(self) -> bool:
        """Whether the change is known to fail."""
        return self in (Outcome.INVALID, Outcome.BLOCKED, Outcome.DOES_NOT_FIT)

    @staticmethod
    def worst(outcomes: Iterable[Outcome]) -> Outcome:
        """The worst of several; ``fits`` when there is none."""
        return min(outcomes, key=_RANKS.__getitem__, default=Outcome.FITS)


_RANKS = {outcome: rank for rank, outcome in enumerate(Outcome)}
