"""Numbers of remedies: from 1 in a verdict, and one after another in a report of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict


def renumbered(verdict: Verdict, after: int) -> tuple[Verdict, dict[int, int]]:
    """The verdict with its remedies numbered on from ``after``, and by the new number the one each had."""
    old: dict[int, int] = {}
    changes = []
    for change in verdict.changes:
        remedies = []
        for remedy in change.remedies:
            number = after + len(old) + 1
            old[number] = remedy.number or number
            remedies.append(attrs.evolve(remedy, number=number))
        changes.append(attrs.evolve(change, remedies=tuple(remedies)))
    return attrs.evolve(verdict, changes=tuple(changes)), old
