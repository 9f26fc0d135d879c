"""Re-check a headroom file without the solver: each end of each number, and that the parts agree."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError, InputProblem
from icplan.packing.checker.placement import check_placement
from icplan.verdict.headroom_codec import TITLE, VERSION, NotHeadroom, from_dict
from icplan.verify.evidence import (
    Effort,
    failing_world_holds,
    is_problem,
    no_world_holds,
    parts_are_all_worlds,
)
from icplan.verify.launches import require_within_limits, require_worst_launch, written
from icplan.verify.result import NO_PROOF, Checked, Result, checked, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.verdict.headroom import ComponentHeadroom, Headroom, LargestBatch, Room, RoomEvidence, Wanted
    from icplan.verdict.premises import Premises

_PREMISES = "a problem is not that of the premises"


def verify_headroom(
    value: Any, file: str | None = None, time_limit: float | None = None
) -> tuple[Checked, ...]:
    """Check every number of a headroom file that carries a proof; InputError where it is none."""
    if value.get(TITLE) != VERSION:
        message = f"headroom of another version; this icplan reads version {VERSION}"
        raise InputError(InputProblem(message, file=file, path=f"$.{TITLE}"))
    try:
        headroom = from_dict(value)
    except NotHeadroom as error:
        raise InputError(InputProblem("not a complete headroom", file=file, path=error.path)) from None
    until = None if time_limit is None else time.monotonic() + time_limit
    return tuple(_results(headroom, until))


def _results(headroom: Headroom, until: float | None) -> Iterator[Checked]:
    effort = Effort(until=until)
    for row in headroom.components.values():
        for moment in ("now", "max", "autoscaling"):
            room = row.at(moment)
            if room is not None:
                yield from _room(row, moment, room, effort)
    yield checked("-", "all components", "", lambda: _consistent(headroom))


def _room(row: ComponentHeadroom, moment: str, room: Room, effort: Effort) -> Iterator[Checked]:
    name, evidence = row.name, room.evidence
    if evidence is None:
        claims = bool(room.sure.low or room.best.low) or room.best.high is not None
        reason = NO_PROOF if claims else ""
        result = Result.UNPROVEN if claims else Result.VERIFIED
        yield Checked(name, f"sure and at best, {moment}", f"{room.sure}, {room.best}", result, reason)
        return
    yield checked(name, f"sure, {moment}", str(room.sure), partial(_sure, row, moment, effort))
    yield checked(name, f"at best, {moment}", str(room.best), partial(_best, room, evidence, effort))


def _sure(row: ComponentHeadroom, moment: str, effort: Effort) -> str | None:
    room = row.at(moment)
    if room is None or room.evidence is None:
        return NO_PROOF
    _premises(row, moment, room, room.evidence)
    low = sure_low(room, room.evidence, effort)
    return _sure_high(room, room.evidence) or low


def _best(room: Room, evidence: RoomEvidence, effort: Effort) -> str | None:
    low = _best_low(room, evidence)
    return best_high(room, evidence, effort) or low


def _premises(row: ComponentHeadroom, moment: str, room: Room, evidence: RoomEvidence) -> None:
    """What the numbers stand on is of this component and moment."""
    for premises in (evidence.sure_premises, evidence.best_premises):
        own = sum(one.copies for one in premises.existing if one.component == row.name)
        there = 0 if row.new else row.copies - room.waiting
        require(own == there, "another number of copies runs")
        grows = premises.together != (0, 0) or premises.arriving or room.launched
        require(moment != "now" or not grows, "instances are launched now")
        require(room.launched <= premises.together[0], "more is launched than is sure")
        require(premises.pools == evidence.sure_premises.pools, "the instances are others at best")
        require(premises.target.demands == evidence.sure_premises.target.demands, "a copy is another at best")


def _for(premises: Premises, copies: int) -> Premises:
    return attrs.evolve(premises, target=attrs.evolve(premises.target, copies=copies))


def sure_low(room: Room, evidence: RoomEvidence, effort: Effort) -> str | None:
    """Check that every world takes as many copies as are sure; say what is not proven."""
    if not room.sure.low:
        return None
    proof = evidence.every_world
    if proof is None:
        return NO_PROOF
    require(proof.need >= room.waiting + room.sure.low, "fewer copies are shown to fit")
    return parts_are_all_worlds(proof, _for(evidence.sure_premises, proof.need), room.launched, effort)


def _sure_high(room: Room, evidence: RoomEvidence) -> str | None:
    if room.sure.high is None or room.sure.high == room.best.high:
        return None  # No more than at best, which is shown apart.
    world = evidence.failing_world
    if world is None:
        return NO_PROOF
    need, premises = room.waiting + room.sure.high + 1, evidence.sure_premises
    failing_world_holds(world, need, None, premises)
    launch = (written(world.launched), written(world.elsewhere))
    return require_worst_launch(premises, room.launched, launch)


def _best_low(room: Room, evidence: RoomEvidence) -> str | None:
    if room.best.low <= room.sure.low:
        return None  # What is sure works at best, too, which is shown apart.
    layout = evidence.layout
    if layout is None:
        return NO_PROOF
    premises = _for(evidence.best_premises, room.waiting + room.best.low)
    require_within_limits(premises, layout.launched)
    require(is_problem(layout.problem, premises, layout.launched, 1), _PREMISES)
    require(check_placement(layout.problem, layout.placement), "the layout is not possible")
    return None


def best_high(room: Room, evidence: RoomEvidence, effort: Effort) -> str | None:
    """Check that no world takes more copies than fit at best; say what is not proven."""
    if room.best.high is None:
        return None
    if evidence.no_world is None:
        return NO_PROOF
    premises = _for(evidence.best_premises, room.waiting + room.best.high + 1)
    return no_world_holds(evidence.no_world, premises, None, effort)


def _consistent(headroom: Headroom) -> None:
    """The parts of the file agree with each other."""
    fleets = {fleet.variant: fleet for fleet in headroom.fleets}
    require(len(fleets) == len(headroom.fleets), "a variant is told of twice")
    for row in headroom.components.values():
        require(row.variant in fleets, "a component is on a variant that is not told of")
        fleet = fleets[row.variant]
        rooms = [room for moment in ("now", "max", "autoscaling") if (room := row.at(moment)) is not None]
        for room in rooms:
            _ordered(room)
            if room.evidence is not None:
                pools = room.evidence.sure_premises.pools
                require({one.type: one.count for one in pools} == dict(fleet.pools), "other instances run")
        _batches(row.now, row.largest_batch)
        _batches(row.max, row.largest_batch_at_max)
    for fleet in headroom.fleets:
        require(sum(fleet.pools.values()) == fleet.instances, "the instances are not those of all types")
        require(fleet.max_instances.low >= fleet.instances, "fewer instances there may be than run")
    for wanted in headroom.at_least:
        _wanted(headroom, wanted)


def _wanted(headroom: Headroom, wanted: Wanted) -> None:
    row = headroom.components.get(wanted.component)
    room = None if row is None or wanted.at not in headroom.at else row.at(wanted.at)
    met = None if room is None else room.holds(wanted.copies)
    require(row is not None and wanted.met is met, "what is wanted is met otherwise")


def _ordered(room: Room) -> None:
    ends = ((room.sure.low, room.best.low), (room.sure.high, room.best.high))
    require(
        all(big is None or (small is not None and small <= big) for small, big in ends),
        "more is sure than fits at best",
    )


def _batches(room: Room | None, batch: LargestBatch | None) -> None:
    """A batch is placed beside all old copies, so that it is no larger than the room that is sure."""
    if batch is None or room is None:
        return
    require(batch.update <= room.sure.low, "a batch is larger than the room that is sure")
    back = (batch.with_rollback, batch.with_equal_rollback, batch.update)
    require(tuple(sorted(back)) == back, "a batch that goes back goes forward, too")
