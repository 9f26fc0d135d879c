"""What was found of an arrangement for other targets, or other amounts: as good a start for this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from icplan.packing.budget import Budget
    from icplan.packing.solver.arrangement.model import ArrangementModel
    from icplan.packing.solver.presolve import BinFill

#: Arrangements of the same copies that are kept: the first, which is any, and the last found.
MAX_KEPT = 30


def lying(room: ArrangementModel) -> Hashable:
    """All that the arrangements of what lies depend on, whatever the target is."""
    core = room.core
    return ("lying", core.counts, core.bins, core.free, core.demands, room.stays)


def arrangements_of(room: ArrangementModel, budget: Budget) -> dict[tuple[BinFill, ...], None]:
    """The arrangements of the same copies that are known, in the order in which they were found."""
    found: dict[tuple[BinFill, ...], None] = budget.answers.setdefault(lying(room), {})
    return found


def keep(room: ArrangementModel, budget: Budget, loads: Sequence[BinFill]) -> None:
    """Keep an arrangement for the targets that come next."""
    known = arrangements_of(room, budget)
    if len(known) >= MAX_KEPT:
        del known[list(known)[1]]
    known[tuple(loads)] = None


def slots_left(room: ArrangementModel, loads: Sequence[BinFill]) -> int:
    """The slots that an arrangement leaves; bins that no load mentions are empty."""
    nothing = (0,) * len(room.core.counts)
    empty = list(room.core.bins)
    total = 0
    for k, times, copies in loads:
        empty[k] -= times
        total += times * room.slots(k, copies)
    return total + sum(n * room.slots(k, nothing) for k, n in enumerate(empty) if n)
