"""Re-check a drill file without the solver: what goes, what is left, and what runs again."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError, InputProblem
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import proof_holds
from icplan.verdict.drill import MAY_FIND_NONE, EventKind, event_name
from icplan.verdict.drill_codec import TITLE, VERSION, NotADrill, from_dict
from icplan.verdict.drill_evidence import LossEvidence
from icplan.verdict.headroom import Range
from icplan.verify.drill_fleet import DrilledFleet
from icplan.verify.drill_located import runs_again
from icplan.verify.drill_quota import quota_holds
from icplan.verify.evidence import Effort, parts_are_all_worlds
from icplan.verify.result import NO_PROOF, Checked, Rejected, built, checked, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from icplan.packing.certificate import Certificate
    from icplan.packing.problem import Pattern, Problem
    from icplan.verdict.drill import Drill, DrillEvent, Loss
    from icplan.verdict.drill_evidence import DrilledComponent, DrillPremises
    from icplan.verdict.evidence import EveryWorld


def verify_drill(value: Any, file: str | None = None, time_limit: float | None = None) -> tuple[Checked, ...]:
    """Check every figure of a drill file; InputError where it is none."""
    if value.get(TITLE) != VERSION:
        message = f"a drill of another version; this icplan reads version {VERSION}"
        raise InputError(InputProblem(message, file=file, path=f"$.{TITLE}"))
    try:
        drill = from_dict(value)
    except NotADrill as error:
        raise InputError(InputProblem("not a complete drill", file=file, path=error.path)) from None
    until = None if time_limit is None else time.monotonic() + time_limit
    return tuple(_results(drill, Effort(until=until)))


def _results(drill: Drill, effort: Effort) -> Iterator[Checked]:
    yield checked("-", "all events", "", lambda: _consistent(drill))
    premises = {one.variant: one for one in drill.premises}
    for event in drill.events:
        for loss in event.losses:
            own = premises.get(event.variant)
            if own is None:
                check_nothing = partial(_nothing_claimed, event, loss)
                yield checked(loss.component, event.name, str(loss.left), check_nothing)
            else:
                check = _LossCheck(own, event, loss, effort)
                for what, figure, each in check.parts():
                    yield checked(loss.component, f"{event.name}: {what}", figure, each)


def _consistent(drill: Drill) -> None:
    """The parts of the file agree with each other."""
    premises = {one.variant: one for one in drill.premises}
    require(len(premises) == len(drill.premises), "a variant is told of twice")
    for event in drill.events:
        for loss in event.losses:
            _require_figures(event, loss)
        own = premises.get(event.variant)
        if own is not None:
            DrilledFleet(own, event).require_possible()
            _require_named(own, event)
            there = {one.name: one.placed for one in own.components if one.placed}
            told = [(loss.component, loss.copies) for loss in event.losses]
            require(sorted(told) == sorted(there.items()), "the components are others than run")


def _require_named(premises: DrillPremises, event: DrillEvent) -> None:
    """Raise `Rejected` where an event is called something else than goes."""
    there = {pool.type: pool.count for pool in premises.pools}
    zone = event.kind is EventKind.ZONE
    require(zone or not (event.perhaps or event.gone), "what else goes is told of a zone alone")
    if zone or event.kind is EventKind.QUOTA:
        known = all(pool.holds is not None for pool in premises.pools)
        require(bool(event.gone) is bool(event.instances), "what goes is told otherwise")
        require(known or not event.gone, "it is not known what lies there")
        return
    require(len(event.instances) == 1, "another number of types goes")
    ((kind, count),) = event.instances.items()
    called = event_name(event.kind, kind, count, there[kind])
    require(event.name == called, "the event is called otherwise")
    whole = event.kind is not EventKind.TYPE or count == there[kind]
    require(whole and (event.kind is not EventKind.INSTANCE or count == 1), "another number goes")


def _require_figures(event: DrillEvent, loss: Loss) -> None:
    copies, lost = loss.copies, loss.lost
    require(lost.high is not None and lost.high <= copies, "more is lost than runs")
    left = Range(copies - (lost.high or 0), copies - lost.low)
    require(loss.left == left, "what is left is not what is not lost")
    require(loss.kept is left.reaches(loss.keep), "what is kept is another number than is left")
    again, after = loss.placed_again, loss.after_replacement
    ends = (left.low, again.low, after.low)
    require(tuple(sorted(ends)) == ends, "fewer run than were left")
    most = (again.high, after.high)
    require(None not in most and max(one or 0 for one in most) <= copies, "more run than before")
    quota = event.kind is EventKind.QUOTA
    require(quota or loss.room is None, "a room is told where something goes")
    require(not (quota and (event.instances or event.perhaps)), "nothing goes with a quota")


def _nothing_claimed(event: DrillEvent, loss: Loss) -> str | None:
    """Where the premises are not told, only what needs none may be."""
    if event.kind is EventKind.QUOTA:
        claims = loss.note != MAY_FIND_NONE or loss.lost not in (Range(0, 0), Range(0, loss.copies))
        return NO_PROOF if claims else None
    nothing, whole = Range(0, loss.copies), loss.copies
    claims = loss.lost != nothing or bool(loss.placed_again.low or loss.after_replacement.low)
    return NO_PROOF if claims or loss.placed_again.high != whole else None


@attrs.frozen
class _LossCheck:
    """The figures of one component in one event."""

    premises: DrillPremises
    event: DrillEvent
    loss: Loss
    effort: Effort

    def parts(self) -> Iterator[tuple[str, str, Callable[[], str | None]]]:
        """What is checked, its figure, and how."""
        loss = self.loss
        if self.event.kind is EventKind.QUOTA:
            figure = "" if loss.room is None else f"{loss.room.sure}, {loss.room.best}"
            yield "room for a copy more", figure, self._quota
            return
        yield "lost", str(loss.lost), self._lost
        yield "placed again", str(loss.placed_again), self._again
        yield "after replacement", str(loss.after_replacement), self._after

    def _quota(self) -> str | None:
        return quota_holds(self.premises, self._own, self.loss, self.effort)

    @property
    def _evidence(self) -> LossEvidence:
        return self.loss.evidence or LossEvidence()

    @property
    def _fleet(self) -> DrilledFleet:
        fleet = DrilledFleet(self.premises, self.event)
        fleet.require_possible()
        return fleet

    @property
    def _own(self) -> DrilledComponent:
        for one in self.premises.components:
            if one.name == self.loss.component and one.placed == self.loss.copies:
                return one
        raise Rejected("the components are others than run")

    # -- what is lost ----------------------------------------------------------------------------------------

    def _lost(self) -> str | None:
        """Check both ends of what is lost: that it is no fewer and no more, and that it may be as many."""
        fleet, own, lost = self._fleet, self._own, self.loss.lost
        high = lost.high or 0
        if self.event.kind is EventKind.ZONE and not self.event.gone:
            return None if lost == Range(0, own.placed) else NO_PROOF
        if all(pool.holds is not None for pool in self.premises.pools):
            self._require_known(own)
            return None
        here, evidence, unproven = fleet.here(own), self._evidence, None
        require(high <= here, "more is lost than lies there")
        if lost.low:
            fewer = built(partial(fleet.lying, own, stay=here - lost.low + 1, go=0))
            unproven = self._refuted(fewer, evidence.no_fewer)
        if high < here:
            more = built(partial(fleet.lying, own, stay=0, go=high + 1))
            unproven = self._refuted(more, evidence.no_more) or unproven
        few = built(partial(fleet.lying, own, stay=here - lost.low, go=0))
        many = built(partial(fleet.lying, own, stay=0, go=high))
        return _lies(few, evidence.fewest) or _lies(many, evidence.most) or unproven

    def _require_known(self, own: DrilledComponent) -> None:
        """Hold what is lost against what lies on each instance."""
        if self.event.kind is EventKind.ZONE:
            self._require_zone(own)
            return
        low = high = 0
        for pool in self.premises.pools:
            gone, held = self.event.instances.get(pool.type, 0), pool.holds or ()
            each = sorted(one.copies.get(own.name, 0) for one in held for _ in range(one.instances))
            require(len(each) == pool.count, "what lies on some instances is not told")
            low, high = low + sum(each[:gone]), high + sum(each[len(each) - gone :])
        require(self.loss.lost == Range(low, high), "another number lies on what goes")

    def _require_zone(self, own: DrilledComponent) -> None:
        there: Counter[tuple[str, frozenset[tuple[str, int]]]] = Counter()
        for pool in self.premises.pools:
            for one in pool.holds or ():
                there[pool.type, _some(one.copies)] += one.instances
        going, by_type = Counter[tuple[str, frozenset[tuple[str, int]]]](), Counter[str]()
        for each in self.event.gone:
            going[each.type, _some(each.copies)] += each.instances
            by_type[each.type] += each.instances
        require(going <= there, "instances go that are not there")
        require(by_type == Counter(self.event.instances), "others go than are told")
        total = sum(one.instances * one.copies.get(own.name, 0) for one in self.event.gone)
        require(self.loss.lost == Range(total, total), "another number lies on what goes")

    # -- what runs again -------------------------------------------------------------------------------------

    def _again(self) -> str | None:
        """Check that as many are surely placed again, and no more."""
        loss, own = self.loss, self._own
        if self.event.kind is EventKind.ZONE and not self.event.gone:
            same = loss.placed_again == Range(0, own.placed)
            return None if same else NO_PROOF
        located = runs_again(self.premises, self.event, own)
        if located is not None and _holds(loss.placed_again, located[0], loss.left.low):
            return None
        low, high, unproven = loss.placed_again.low, loss.placed_again.high or 0, None
        if low > loss.left.low:
            unproven = self._has_room(self._fleet, low, self._evidence.again)
        if high < own.placed:
            more = built(partial(self._fleet.again, own, high + 1))
            unproven = self._refuted(more, self._evidence.not_again) or unproven
        return unproven

    def _after(self) -> str | None:
        """Check that as many surely run once there are as many instances as before."""
        loss, own = self.loss, self._own
        require(loss.after_replacement.high == own.placed, "all may lie as before")
        if loss.after_replacement.low <= loss.placed_again.low:
            return None
        located = runs_again(self.premises, self.event, own)
        if located is not None and _holds(loss.after_replacement, located[1], loss.placed_again.low):
            return None
        return self._has_room(DrilledFleet(self.premises), loss.after_replacement.low, own.on_all)

    def _has_room(self, fleet: DrilledFleet, copies: int, proof: EveryWorld | None) -> str | None:
        """Check that every world has room for so many copies, wherever others lie or wait."""
        own = self._own
        if not any(demand is None or any(demand) for demand in own.demands):
            require(fleet.stays, "no instance is left")
            return None
        if proof is None:
            return NO_PROOF
        require(proof.need >= copies, "fewer copies are shown to run")
        return parts_are_all_worlds(proof, fleet.after(own, proof.need), 0, self.effort)

    def _refuted(self, problem: Problem, proof: Certificate | None) -> str | None:
        if proof is None:
            return NO_PROOF
        holds = None if self.effort.tired else proof_holds(problem, proof, until=self.effort.until)
        return self.effort.refuses(holds, "the proof does not hold")


def _holds(told: Range, true: Range, before: int) -> bool:
    """Whether what is told leaves out nothing that may be; ``before``: what ran already goes on."""
    return told.low <= max(before, true.low) and (told.high or 0) >= (true.high or 0)


def _some(copies: Any) -> frozenset[tuple[str, int]]:
    return frozenset((name, n) for name, n in copies.items() if n)


def _lies(problem: Problem, placement: tuple[Pattern, ...] | None) -> str | None:
    if placement is None:
        return "that as few, or as many, may lie on what goes is not shown"
    require(check_placement(problem, placement), "the layout is not possible")
    return None
