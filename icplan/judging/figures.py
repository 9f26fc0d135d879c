"""What is counted of a judged change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.judging.phases import phases

if TYPE_CHECKING:
    from icplan.fleet.model import Component, Fleet
    from icplan.judging.box import AllocatableBox
    from icplan.judging.move import RolloutResult

#: Components of which a report tells what runs.
MOST_LISTED = 12


def verdict_figures(fleet: Fleet, judged: RolloutResult, box: AllocatableBox) -> dict[str, Any]:
    """The members of a verdict on a change that tell its phases and counts."""
    peaks = [
        fleet.instances + step.extra_instances for step in judged.steps if step.extra_instances is not None
    ]
    known = len(peaks) == len(judged.steps)
    return {
        "phases": phases(fleet, judged, box),
        "copies": (judged.move.before.placed if judged.move.before else 0, judged.move.copies),
        "fleet": _described_fleet(fleet),
        "runs": _runs(fleet),
        "instances_now": fleet.instances,
        "peak_instances": max(peaks, default=fleet.instances) if known else None,
        "rollback_outcome": judged.rollback_outcome,
    }


def _described_fleet(fleet: Fleet) -> str:
    pools = ", ".join(f"{pool.instances} x {pool.type.name}" for pool in fleet.pools)
    if not fleet.mix_known:
        pools = f"{fleet.instances} x {' or '.join(pool.type.name for pool in fleet.pools)}"
    limits = "; ".join(limit.message for limit in fleet.limits)
    return f"{pools} (variant {fleet.variant}); {limits or 'no limit to its growth is known'}"


def _runs(fleet: Fleet) -> str:
    """What was counted: the copies of each component, and the figure of instances with its source."""
    there = [one for one in fleet.components if one.copies]
    said = [_copies(one) for one in there[:MOST_LISTED]]
    if len(there) > MOST_LISTED:
        said.append(f"{len(there) - MOST_LISTED} other components")
    noun = "instance" if fleet.instances == 1 else "instances"
    return f"{', '.join(said) or 'nothing'}; {fleet.instances} {noun} by {fleet.counted_by}"


def _copies(one: Component) -> str:
    perhaps = f" to {one.copies}" if one.in_flight else ""
    state = "" if one.status == "InService" else f" ({one.status})"
    return f"{one.name} {one.placed}{perhaps}{state}"
