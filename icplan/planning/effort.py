"""How the work of one run is shared out: so much for each question, and the same on every machine."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from icplan.packing.budget import Budget

#: Units of work for headroom, and for drills, where nobody says how many: a second or two.
HEADROOM_EFFORT: Final = 1_500_000
DRILL_EFFORT: Final = 1_000_000


def portion(budget: Budget, of: int, parts: int = 1) -> Budget:
    """So many of equal portions of what is left; what is found with it is known to all."""
    return budget.share(Fraction(parts, of), same_answers=True)


def kinds_left(keys: Sequence[Hashable | None]) -> list[int]:
    """At each place, how many kinds of questions are left to ask: those of one key are asked once.

    Each without a key is one by itself.
    """
    kinds = [number if key is None else key for number, key in enumerate(keys)]
    every, left = len(set(kinds)), []
    seen: set[Hashable] = set()
    for kind in kinds:
        left.append(max(1, every - len(seen)))
        seen.add(kind)
    return left
