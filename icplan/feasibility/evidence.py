"""Turn results into phases with their placements and proofs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from icplan.feasibility.launches import premises
from icplan.feasibility.packing_model import PackingModel
from icplan.feasibility.worst_case import AlwaysFits, Counterexample
from icplan.packing.codec import placement_to_json, to_json
from icplan.packing.problem import Status
from icplan.verdict.verdict import Outcome, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.step import PackingResult, StepResult
    from icplan.feasibility.worst_case import Region
    from icplan.fleet.fleet import Component, Fleet


def phases(fleet: Fleet, judged: RolloutResult, box: AllocatableBox) -> tuple[Phase, ...]:
    """Every step of a change and of its rollback; one phase of rest when nothing is to be placed."""
    now = fleet.instances
    name = judged.move.component
    found = [_phase(fleet, name, step, box) for step in (*judged.steps, *(judged.rollback or ()))]
    if not judged.steps:
        found.insert(0, Phase("nothing to place", "steady", Outcome.FITS, now, now))
    return tuple(found)


def _phase(fleet: Fleet, component: str, judged: StepResult, box: AllocatableBox) -> Phase:
    now = fleet.instances
    example = judged.witness if _fits(judged) else None
    return Phase(
        name=judged.step.name,
        kind=judged.step.kind,
        outcome=judged.outcome,
        instances_now=now,
        instances_needed=None if judged.extra_instances is None else now + judged.extra_instances,
        placement=None if example is None else tuple(_placement_rows(component, example)),
        proof=_proof(fleet, judged, box),
        old=judged.step.counts.old,
        new=judged.step.counts.new,
    )


def _fits(judged: StepResult) -> bool:
    return judged.witness is not None and judged.witness.packing.status is Status.FITS


def _placement_rows(component: str, packed: PackingResult) -> Iterator[dict[str, Any]]:
    """The example layout, alike instances together."""
    names = [kind.name.split(" ")[0] for kind in packed.problem.kinds[:-1]]
    for pattern in packed.packing.placement or ():
        slot = packed.board.slots[pattern.bin]
        *running, placed = pattern.copies
        held = Counter(packed.board.pinned(slot))
        for name, n in zip(names, running, strict=True):
            held[name] += n
        yield {
            "InstanceType": packed.problem.bins[pattern.bin].name.split(" ")[0],
            "Launched": slot.launched,
            "Instances": pattern.times,
            "Running": {name: n for name, n in sorted(held.items()) if n},
            "Placed": {component: placed} if placed else {},
        }


def _proof(fleet: Fleet, judged: StepResult, box: AllocatableBox) -> dict[str, Any] | None:
    """The evidence as data that :mod:`icplan.verify` checks without the solver, and what it stands on."""
    found = _evidence(judged)
    if found is None:
        return None
    board = PackingModel.of(fleet, judged.step.existing, {})
    types = [pool.type.name for pool in fleet.pools]
    demands = [fleet.demand(judged.step.need, name) for name in types]
    return found | {
        "Types": types,
        "Box": _ranges(box),
        "Demands": [None if demand is None else list(demand) for demand in demands],
        "CpuUnit": str(fleet.cpu_unit),
        "Launchable": premises(fleet, judged.step),
        "Holds": [board.pinned(slot) for slot in board.slots if slot.pool is not None],
    }


def _evidence(judged: StepResult) -> dict[str, Any] | None:
    match judged.outcome:
        case Outcome.FITS | Outcome.FITS_AFTER_SCALE_OUT if isinstance(judged.worst_case, AlwaysFits):
            return {
                "Kind": "every-world",
                "Need": judged.step.placed_before + judged.step.copies,
                "Parts": [_part(part) for part in judged.worst_case.parts],
                "Example": _layout(judged.witness),
            }
        case Outcome.DOES_NOT_FIT if judged.witness is not None:
            return {
                "Kind": "no-world",
                **_refusal(judged.witness),
                "Others": [_refusal(packed) for packed in judged.other_proofs],
            }
        case Outcome.MAY_NOT_FIT if isinstance(judged.worst_case, Counterexample):
            world = judged.worst_case
            return {
                "Kind": "some-worlds",
                "Need": judged.step.placed_before + judged.step.copies,
                "Works": _layout(judged.witness),
                "Fails": {
                    "Arrangement": to_json(world.arrangement),
                    "Placement": placement_to_json(world.patterns),
                    "Room": world.room,
                },
            }
    return None


def _refusal(packed: PackingResult) -> dict[str, Any]:
    return {"Problem": to_json(packed.problem), "Proof": packed.packing.proof}


def _part(part: Region) -> dict[str, Any]:
    return {
        "Box": _ranges(part.box),
        "Pools": [slot.pool for slot in part.board.slots],
        "Launched": {str(pool): n for pool, n in sorted(part.launched.items())},
        "Arrangement": to_json(part.arrangement),
        "Proof": part.proof,
    }


def _ranges(box: AllocatableBox) -> list[list[int]]:
    """The box as ``[low, high]`` pairs: CPU and memory of each pool, in order."""
    pairs = []
    for side in box.sides:
        pairs += [[low, high] for low, high in zip(side.low, side.high, strict=True)]
    return pairs


def _layout(packed: PackingResult | None) -> dict[str, Any] | None:
    if packed is None or packed.packing.placement is None:
        return None
    return {"Problem": to_json(packed.problem), "Placement": placement_to_json(packed.packing.placement)}


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
