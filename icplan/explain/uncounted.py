"""What is said of a change where it is not told how many instances are of which type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.explain.case import Case
from icplan.explain.shortage import impossible
from icplan.explain.undecided import undecided
from icplan.judging.uncounted import favourable
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.explain.workshop import Workshop
    from icplan.verdict import Finding


def uncounted(shop: Workshop, path: str) -> Iterator[Finding]:
    """What finds no room however the instances are split; that they are not counted is said elsewhere."""
    worst = shop.judged.worst_step
    if worst is None:
        return
    if worst.outcome is Outcome.DOES_NOT_FIT:
        at_best = attrs.evolve(shop, fleet=favourable(shop.fleet, worst.step, shop.box))
        yield from impossible(Case(at_best, path, ()), worst)
    elif worst.outcome is Outcome.UNDECIDED:
        yield undecided(worst)
