"""The unit in which CPU is counted in integers: whatever copies ask for is a whole multiple of it."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

#: Units up to which an instance's CPU is counted; sums of so many stay within what a solver counts with.
MAX_UNITS = 10**11
#: With no more decimals of a core there always is a unit, on any instance there is.
DECIMALS = 8


def unit_for(amounts: Collection[Fraction], most: int) -> Fraction | None:
    """The unit, in thousandths of a core, for amounts of them and instances with up to ``most`` thousandths.

    ``None`` where they have none that a solver could count in: nothing is rounded to make one.

    It divides a thousandth where it can. Else it is the largest that divides all amounts: what copies ask for
    is then a whole number of it still, and so what an instance has may be rounded down to one.
    """
    asked = [amount for amount in amounts if amount]
    whole = math.lcm(*(amount.denominator for amount in asked))
    if whole * most <= MAX_UNITS:
        return Fraction(1, whole)
    common = Fraction(math.gcd(*(int(amount * whole) for amount in asked)), whole)
    return common if most / common <= MAX_UNITS else None
