"""What is counted of a judged change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.judging.phases import phases

if TYPE_CHECKING:
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.judging.move import JudgedMove


def figures(fleet: Fleet, judged: JudgedMove, box: Box) -> dict[str, Any]:
    """The members of a verdict on a change that tell its phases and counts."""
    peaks = [fleet.instances + step.extra for step in judged.steps if step.extra is not None]
    known = len(peaks) == len(judged.steps)
    return {
        "phases": phases(fleet, judged, box),
        "copies": (judged.move.before.firm if judged.move.before else 0, judged.move.copies),
        "fleet": _described_fleet(fleet),
        "instances_now": fleet.instances,
        "peak_instances": max(peaks, default=fleet.instances) if known else None,
        "rollback_outcome": judged.rollback_outcome,
    }


def _described_fleet(fleet: Fleet) -> str:
    pools = ", ".join(f"{pool.instances} x {pool.type.name}" for pool in fleet.pools)
    if not fleet.counted:
        pools = f"{fleet.instances} x {' or '.join(pool.type.name for pool in fleet.pools)}"
    limits = "; ".join(limit.message for limit in fleet.limits)
    return f"{pools} (variant {fleet.variant}); {limits or 'no limit to its growth is known'}"
