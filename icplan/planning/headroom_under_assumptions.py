"""What holds of headroom whichever values the assumptions have that nobody has set."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import attrs

from icplan.assumptions import ASSUMPTIONS, Assumptions
from icplan.planning.component_room import AUTOSCALING, MAX, NOW
from icplan.verdict.headroom import LargestBatch, Range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.verdict.headroom import ComponentHeadroom, Room

#: Combinations of values that assumptions which nobody has set may have: past them only each alone is tried.
MAX_COMBINED: Final = 8


def other_values(assumptions: Assumptions, relied_on: frozenset[str]) -> list[Assumptions]:
    """The assumptions with other values of those that it rests on and that nobody has set."""
    open_ = [one for one in ASSUMPTIONS if one.name in relied_on and not assumptions.given(one.name)]
    open_ = [one for one in open_ if not (one.promises and one.refuses)]
    ways = list(itertools.product(*([(one.name, choice) for choice in one.choices] for one in open_)))
    if len(ways) > MAX_COMBINED:
        ways = [((one.name, choice),) for one in open_ for choice in one.choices]
    defaults = {one.name: one.choices[0] for one in open_}
    chosen = [{**defaults, **dict(way)} for way in ways]
    return [Assumptions({**assumptions.overrides, **way}) for way in chosen if way != defaults]


def whatever_holds(
    rows: Sequence[ComponentHeadroom],
    others: Sequence[ComponentHeadroom],
    assumptions: Assumptions,
    relied_on: frozenset[str],
) -> list[ComponentHeadroom]:
    """The rows as far as they hold under other values, too, of assumptions that may not carry them."""
    open_ = [one for one in ASSUMPTIONS if one.name in relied_on and not assumptions.given(one.name)]
    promises = any(not one.promises for one in open_)
    refuses = any(not one.refuses for one in open_)
    return [
        _row_of_both(row, other, promises=promises, refuses=refuses)
        for row, other in zip(rows, others, strict=True)
    ]


def _row_of_both(
    row: ComponentHeadroom, other: ComponentHeadroom, *, promises: bool, refuses: bool
) -> ComponentHeadroom:
    now, most, crowded = (
        _both(row.at(moment), other.at(moment), promises=promises, refuses=refuses)
        for moment in (NOW, MAX, AUTOSCALING)
    )
    found = attrs.evolve(row, now=now, max=most, autoscaling=crowded)
    if not promises:
        return found
    return attrs.evolve(
        found,
        largest_batch=_smaller(row.largest_batch, other.largest_batch),
        largest_batch_at_max=_smaller(row.largest_batch_at_max, other.largest_batch_at_max),
    )


def _smaller(one: LargestBatch | None, other: LargestBatch | None) -> LargestBatch | None:
    """The batches that surely go under both."""
    if one is None or other is None:
        return None
    return LargestBatch(
        min(one.update, other.update),
        min(one.with_rollback, other.with_rollback),
        min(one.with_equal_rollback, other.with_equal_rollback),
    )


def _both(room: Room | None, other: Room | None, *, promises: bool, refuses: bool) -> Room | None:
    """What of a room is sure under another value, and what of it may be more."""
    if room is None or other is None:
        return room
    sure, best, evidence = room.sure, room.best, room.evidence
    if promises and other.sure.low < sure.low:
        sure = Range(other.sure.low, sure.high)
    higher = other.best.high is None or (best.high is not None and other.best.high > best.high)
    if refuses and higher:
        best = Range(best.low, other.best.high)
        evidence = None if evidence is None else attrs.evolve(evidence, no_world=None)
    return attrs.evolve(room, sure=sure, best=best, evidence=evidence)
