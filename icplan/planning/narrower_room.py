"""What two searches for the same room tell together: of each end the better figure, with what proves it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from icplan.verdict.headroom import Range

if TYPE_CHECKING:
    from icplan.verdict.headroom import ComponentHeadroom, Room


def narrower_row(one: ComponentHeadroom, other: ComponentHeadroom) -> ComponentHeadroom:
    """The headroom of a component of which both are true; all but the rooms is the second's."""
    now, most, crowded = (
        _narrower(*rooms)
        for rooms in ((one.now, other.now), (one.max, other.max), (one.autoscaling, other.autoscaling))
    )
    return attrs.evolve(other, now=now, max=most, autoscaling=crowded)


def _narrower(one: Room | None, other: Room | None) -> Room | None:
    return None if one is None or other is None else narrower_room(one, other)


def narrower_room(one: Room, other: Room) -> Room:
    """The room of which both are true."""
    both = (other, one)
    surely, at_best = max(both, key=lambda room: room.sure.low), max(both, key=lambda room: room.best.low)
    # Of two that tell the same, the one that shows it.
    fails = min(both, key=lambda room: (_end(room.sure), not (room.evidence and room.evidence.failing_world)))
    ends = min(both, key=lambda room: (_end(room.best), not (room.evidence and room.evidence.no_world)))
    high = fails.sure.high if _end(fails.sure) < _end(ends.best) else ends.best.high
    evidence = None if one.evidence is None else other.evidence
    if evidence is not None:
        evidence = attrs.evolve(
            evidence,
            every_world=(surely.evidence or evidence).every_world,
            failing_world=(fails.evidence or evidence).failing_world,
            layout=(at_best.evidence or evidence).layout,
            no_world=(ends.evidence or evidence).no_world,
        )
    return attrs.evolve(
        other,
        sure=Range(surely.sure.low, high),
        best=Range(max(at_best.best.low, surely.sure.low), ends.best.high),
        evidence=evidence,
    )


def _end(found: Range) -> float:
    return math.inf if found.high is None else found.high
