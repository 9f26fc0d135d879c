"""What is said of a change where it is not told how many instances are of which type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.explain.case import Case
from icplan.explain.shortage import shortage_findings
from icplan.explain.undecided import undecided_finding
from icplan.judging.uncounted import best_case_fleet
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.explain.workshop import RemedySearch
    from icplan.verdict import Finding


def unknown_mix_findings(shop: RemedySearch, path: str) -> Iterator[Finding]:
    """What finds no room however the instances are split; that they are not counted is said elsewhere."""
    worst = shop.judged.worst_step
    if worst is None:
        return
    if worst.outcome is Outcome.DOES_NOT_FIT:
        at_best = attrs.evolve(shop, fleet=best_case_fleet(shop.fleet, worst.step, shop.box))
        yield from shortage_findings(Case(at_best, path, ()), worst)
    elif worst.outcome is Outcome.UNDECIDED:
        yield undecided_finding(worst)
