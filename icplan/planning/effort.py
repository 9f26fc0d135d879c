"""How the work of one run is shared out: so much for each question, and the same on every machine."""

from __future__ import annotations

import math
from typing import Final

from icplan.packing.budget import Budget

#: Units of work for headroom, and for drills, where nobody says how many: a second or two.
HEADROOM_EFFORT: Final = 1_500_000
DRILL_EFFORT: Final = 1_000_000


def portion(budget: Budget, of: int, parts: int = 1) -> Budget:
    """So many of equal portions of what is left; what is found with it is known to all."""
    left = budget.units_left
    effort = parts * left // of if math.isfinite(left) else left
    return Budget(budget.seconds, budget.clock, effort=effort, share_of=budget, answers=budget.answers)
