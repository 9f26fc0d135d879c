"""What is lost when an instance, several, a zone, a type or a quota goes, and what runs then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.assumptions import ASSUMPTIONS, Assumptions
from icplan.feasibility.evidence import pool_premises
from icplan.judge.settings import Settings
from icplan.packing.budget import Ended, OutOfTime
from icplan.planning.component_room import ComponentQuestion, room_now
from icplan.planning.drill_events import Event, events_of, left_out, refuse_lost
from icplan.planning.drill_minimum import Keep, refuse_kept
from icplan.planning.drill_notes import notes_of
from icplan.planning.effort import DRILL_EFFORT, kinds_left, portion
from icplan.planning.known_fleets import (
    PROMISES,
    as_it_runs,
    checked_catalog,
    known_fleet,
    refuse_without_components,
)
from icplan.planning.located_losses import located_figures
from icplan.planning.losses import FoundAgain, FoundLoss, LossQuestion, known_losses
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.verdict.drill import FINDS_NONE, MAY_FIND_NONE, Drill, DrillEvent, EventKind, Loss
from icplan.verdict.drill_evidence import DrilledComponent, DrillPremises, GoneTogether, LossEvidence
from icplan.verdict.headroom import Range, Room
from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from icplan.assumptions import Recorder
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget
    from icplan.planning.known_fleets import KnownFleet
    from icplan.snapshot.snapshot import Snapshot


def drill(
    snapshot: Snapshot,
    lose: Sequence[str] = (),
    keep: Keep | None = None,
    settings: Settings | None = None,
) -> Drill:
    """What each of these events does (none given: all that the snapshot lets be told), each by itself.

    :class:`InputError` for an event that is none there, or a component to keep that is not.
    """
    settings, keep = settings or Settings(), keep or Keep()
    state = read_endpoint(snapshot)
    refuse_without_components(state)
    checked_catalog(settings.catalog, snapshot)
    assumptions = Assumptions(settings.assume)
    run = _Run(state, settings, keep, assumptions.recorder(), settings.budget(DRILL_EFFORT))
    fleets = [
        known_fleet(state, name, settings.catalog, run.recorder, run.budget) for name in state.variant_names
    ]
    refuse_kept(keep, [one for known in fleets for one in known.fleet.components], state)
    refuse_lost(lose, fleets, state)
    asked = [(known, event) for known in fleets for event in events_of(known, lose)]
    events = [run.told(known, event, len(asked) - number) for number, (known, event) in enumerate(asked)]
    return Drill(
        snapshot=SnapshotIdentity(snapshot.fingerprint, snapshot.taken_at, snapshot.endpoint_name),
        events=tuple(events),
        left_out=tuple(text for known in fleets for text in left_out(known, lose)),
        notes=tuple(
            dict.fromkeys(note for known in fleets for note in notes_of(state, known, asked, assumptions))
        ),
        assumptions=tuple(
            AssumptionUse(one.name, assumptions.value(one.name), one.basis, relied_on=True)
            for one in ASSUMPTIONS
            if not one.share and one.name in run.recorder.relied_on
        ),
        premises=tuple(one for known in fleets for one in run.premises(known)),
    )


_NOTHING_FOUND: Final = FoundAgain(Range(0, None))


@attrs.frozen
class _Figures:
    """What was found of a component in an event."""

    loss: FoundLoss
    again: FoundAgain
    after: FoundAgain

    @classmethod
    def unknown(cls, component: Component) -> _Figures:
        """Nothing is known."""
        any_number = Range(0, component.placed)
        return cls(FoundLoss(any_number), FoundAgain(any_number), FoundAgain(any_number))

    @property
    def evidence(self) -> LossEvidence:
        """What proves them, but for what is the same in every event."""
        loss, again = self.loss, self.again
        return LossEvidence(loss.no_fewer, loss.no_more, loss.fewest, loss.most, again.surely, again.no_more)


@attrs.frozen
class _Run:
    """One drill: the endpoint, the settings, what is to be kept, and the work that is left."""

    state: EndpointState
    settings: Settings
    keep: Keep
    recorder: Recorder
    budget: Budget
    _alike: dict[Hashable, _Figures] = attrs.field(factory=dict, eq=False, repr=False)
    _replaced: dict[Hashable, FoundAgain] = attrs.field(factory=dict, eq=False, repr=False)
    _rooms: dict[Hashable, Room] = attrs.field(factory=dict, eq=False, repr=False)

    def told(self, known: KnownFleet, event: Event, left: int) -> DrillEvent:
        """What an event does to every component of its variant."""
        there = [one for one in known.fleet.components if one.placed]
        budget = portion(self.budget, left)
        return DrillEvent(
            kind=event.kind,
            variant=known.fleet.variant,
            name=event.name,
            instances=_by_type(known, event.gone),
            losses=tuple(
                self._loss(known, event, one, portion(budget, parts))
                for one, parts in zip(there, kinds_left([_alike(known, one) for one in there]), strict=True)
            ),
            perhaps=_by_type(known, event.perhaps),
            gone=tuple(_gone_together(known.fleet, event)),
        )

    def premises(self, known: KnownFleet) -> Iterator[DrillPremises]:
        """What the evidence of a variant stands on; nothing where of what runs nothing is sure."""
        fleet = known.fleet
        if not _tells(known):
            return
        yield DrillPremises(
            variant=fleet.variant,
            cpu_unit=fleet.cpu_unit,
            pools=pool_premises(attrs.evolve(as_it_runs(fleet), reserved=()), known.box),
            components=tuple(
                DrilledComponent(
                    name=one.name,
                    demands=tuple(fleet.demand(one.need, pool.type.name) for pool in fleet.pools),
                    placed=one.placed,
                    copies=one.copies,
                    by_type=one.by_type,
                    on_all=self._replaced.get(_of(known, one), _NOTHING_FOUND).surely,
                )
                for one in fleet.components
            ),
        )

    def _loss(self, known: KnownFleet, event: Event, component: Component, budget: Budget) -> Loss:
        if event.kind is EventKind.QUOTA:
            return self._without_growth(known, component, budget)
        copies = component.placed
        found = self._of_alike(known, event, component, budget)
        lost, again, after = found.loss.lost, found.again.runs, found.after.runs
        left = Range(copies - (copies if lost.high is None else lost.high), copies - lost.low)
        # What is left stays, and what runs before the replacement does so after it.
        again = Range(max(again.low, left.low), again.high)
        after = Range(max(after.low, again.low), after.high)
        keep = self.keep.of_component(component)
        evidence = found.evidence if _tells(known) else None
        return Loss(
            component.name, copies, lost, left, again, after, keep, left.reaches(keep), evidence=evidence
        )

    def _of_alike(self, known: KnownFleet, event: Event, component: Component, budget: Budget) -> _Figures:
        """The figures, found once for components that are alike; what there is no time for is not known."""
        alike = _alike(known, component)
        key = (event.name, alike)
        if alike is not None and key in self._alike:
            return self._alike[key]
        if self.budget.ended is Ended.TIME:
            return _Figures.unknown(component)
        try:
            found = self._figures(known, event, component, budget)
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return _Figures.unknown(component)
        if alike is not None and not self.budget.exhausted:
            self._alike[key] = found
        return found

    def _figures(self, known: KnownFleet, event: Event, component: Component, budget: Budget) -> _Figures:
        """Copies lost, those that run once they are placed again, and those after replacement."""
        unknown = _Figures.unknown(component)
        if not _tells(known):
            return unknown
        question = LossQuestion(known, component, event.gone, event.perhaps, self.recorder, budget)
        if event.kind is EventKind.ZONE and event.zone is None:
            return attrs.evolve(unknown, after=self._after(question))
        told = _where_known(known.fleet, event, component)
        loss = question.lost() if told is None else FoundLoss(told)
        again, after = question.placed_again(), self._after(question)
        located = located_figures(known, event, component)
        if located is not None:
            again = attrs.evolve(again, runs=_within(again.runs, located.again))
            after = attrs.evolve(after, runs=_within(after.runs, located.after))
        return _Figures(loss, again, after)

    def _after(self, question: LossQuestion) -> FoundAgain:
        """The copies that run once there are as many instances as before, the same after every event."""
        of = _of(question.known, question.component)
        found = self._replaced.get(of)
        if found is None:
            found = question.after_replacement()
            if not question.budget.exhausted:
                self._replaced[of] = found
        return found

    def _without_growth(self, known: KnownFleet, component: Component, budget: Budget) -> Loss:
        """Where no instance can be launched: nothing is lost, but an update may find none.

        What cannot have been placed may not run, so of that nothing is sure.
        """
        room, copies, note = self._room(known, component, budget), component.placed, None
        impossible = known.contradiction is not None
        if room.best.high == 0 and not impossible:
            note = FINDS_NONE
        elif room.sure.low == 0:
            note = MAY_FIND_NONE
        left, keep = Range(0 if impossible else copies, copies), self.keep.of_component(component)
        lost = Range(0, copies - left.low)
        return Loss(component.name, copies, lost, left, left, left, keep, left.reaches(keep), note, room=room)

    def _room(self, known: KnownFleet, component: Component, budget: Budget) -> Room:
        """Whether one more has room on what runs, found once for components that are alike."""
        alike = _alike(known, component)
        found = self._rooms.get(alike)
        if found is not None and alike is not None:
            return found
        if self.budget.ended is Ended.TIME:
            return Room(Range(0, None), Range(0, None))
        try:
            question = ComponentQuestion.of(
                component, self.state, known, self.settings.catalog, self.recorder, budget
            )
            found = room_now(question, enough=1)
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return Room(Range(0, None), Range(0, None))
        if alike is not None and not self.budget.exhausted:
            self._rooms[alike] = found
        return found


def _within(found: Range, located: Range) -> Range:
    """What two ranges have in common that are both true."""
    ends = [high for high in (found.high, located.high) if high is not None]
    return Range(max(found.low, located.low), min(ends) if ends else None)


def _alike(known: KnownFleet, component: Component) -> Hashable | None:
    """What two components have in common that lose the same; ``None`` where none is like it."""
    if component.in_flight or known.fleet.contents is not None:
        return None
    placed = None if component.by_type is None else frozenset(component.by_type.items())
    return (known.fleet.variant, component.need.key, component.placed, placed)


def _of(known: KnownFleet, component: Component) -> Hashable:
    """What stands for a component: what it has in common with those like it, or its name."""
    alike = _alike(known, component)
    return (known.fleet.variant, component.name) if alike is None else alike


def _tells(known: KnownFleet) -> bool:
    """Whether anything is sure of what runs."""
    return known.layout_known and not PROMISES & known.fleet.unsure.keys()


def _by_type(known: KnownFleet, counts: Mapping[int, int]) -> dict[str, int]:
    """Counts of instances, by the name of their type."""
    return {known.fleet.pools[number].type.name: count for number, count in counts.items()}


def _gone_together(fleet: Fleet, event: Event) -> Iterator[GoneTogether]:
    """What lies on the instances of a zone, where it is known."""
    if event.zone is not None:
        for one in fleet.contents or ():
            if one.zone == event.zone:
                yield GoneTogether(one.type, one.instances, {name: n for name, n in one.copies.items() if n})


def _where_known(fleet: Fleet, event: Event, component: Component) -> Range | None:
    """The copies lost, where it is known which instance holds how many."""
    if fleet.contents is None:
        return None
    if event.zone is not None:
        there = [one for one in fleet.contents if one.zone == event.zone]
        total = sum(one.instances * one.copies.get(component.name, 0) for one in there)
        return Range(total, total)
    low = high = 0
    for number, gone in event.gone.items():
        name = fleet.pools[number].type.name
        held = [
            (one.instances, one.copies.get(component.name, 0)) for one in fleet.contents if one.type == name
        ]
        found = known_losses(held, gone)
        low, high = low + found.low, high + (found.high or 0)
    return Range(low, high)
