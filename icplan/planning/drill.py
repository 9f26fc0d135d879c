"""What is lost when an instance, several, a zone, a type or a quota goes, and what runs then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.assumptions import ASSUMPTIONS, Assumptions
from icplan.fleet.variant import releases_idle
from icplan.judge.settings import Settings
from icplan.packing.budget import Ended, OutOfTime
from icplan.planning.component_room import ComponentQuestion, room_now
from icplan.planning.drill_events import Event, events_of, left_out, refuse_lost
from icplan.planning.effort import DRILL_EFFORT, kinds_left, portion
from icplan.planning.keep import Keep, refuse_kept
from icplan.planning.known_fleets import PROMISES, checked_catalog, known_fleet, refuse_without_components
from icplan.planning.losses import LossQuestion, known_losses
from icplan.snapshot.caveats import unlocated
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.verdict.drill import Drill, DrillEvent, EventKind, Loss
from icplan.verdict.headroom import Range, Room
from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from icplan.assumptions import Recorder
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget
    from icplan.planning.known_fleets import KnownFleet
    from icplan.snapshot.snapshot import Snapshot

_ONE_MORE: Final = "a rolling update by one copy as large, or a copy more,"


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
            dict.fromkeys(note for known in fleets for note in _notes(state, known, asked, assumptions))
        ),
        assumptions=tuple(
            AssumptionUse(one.name, assumptions.value(one.name), one.basis, relied_on=True)
            for one in ASSUMPTIONS
            if not one.share and one.name in run.recorder.relied_on
        ),
    )


@attrs.frozen
class _Run:
    """One drill: the endpoint, the settings, what is to be kept, and the work that is left."""

    state: EndpointState
    settings: Settings
    keep: Keep
    recorder: Recorder
    budget: Budget
    _alike: dict[Hashable, tuple[Range, Range, Range]] = attrs.field(factory=dict, eq=False, repr=False)
    _replaced: dict[Hashable, Range] = attrs.field(factory=dict, eq=False, repr=False)
    _rooms: dict[Hashable, Room] = attrs.field(factory=dict, eq=False, repr=False)

    def told(self, known: KnownFleet, event: Event, left: int) -> DrillEvent:
        """What an event does to every component of its variant."""
        there = [one for one in known.fleet.components if one.placed]
        budget = portion(self.budget, left)
        return DrillEvent(
            kind=event.kind,
            variant=known.fleet.variant,
            name=event.name,
            instances={known.fleet.pools[number].type.name: count for number, count in event.gone.items()},
            losses=tuple(
                self._loss(known, event, one, portion(budget, parts))
                for one, parts in zip(there, kinds_left([_alike(known, one) for one in there]), strict=True)
            ),
        )

    def _loss(self, known: KnownFleet, event: Event, component: Component, budget: Budget) -> Loss:
        if event.kind is EventKind.QUOTA:
            return self._without_growth(known, component, budget)
        copies = component.placed
        lost, again, after = self._of_alike(known, event, component, budget)
        left = Range(copies - (copies if lost.high is None else lost.high), copies - lost.low)
        # What is left stays, and what runs before the replacement does so after it.
        again = Range(max(again.low, left.low), again.high)
        after = Range(max(after.low, again.low), after.high)
        keep = self.keep.of_component(component)
        return Loss(component.name, copies, lost, left, again, after, keep, left.reaches(keep))

    def _of_alike(
        self, known: KnownFleet, event: Event, component: Component, budget: Budget
    ) -> tuple[Range, Range, Range]:
        """The figures, found once for components that are alike; what there is no time for is not known."""
        alike = _alike(known, component)
        key = (event.name, alike)
        if alike is not None and key in self._alike:
            return self._alike[key]
        any_number = Range(0, component.placed)
        if self.budget.ended is Ended.TIME:
            return any_number, any_number, any_number
        try:
            found = self._figures(known, event, component, budget)
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return any_number, any_number, any_number
        if alike is not None and not self.budget.exhausted:
            self._alike[key] = found
        return found

    def _figures(
        self, known: KnownFleet, event: Event, component: Component, budget: Budget
    ) -> tuple[Range, Range, Range]:
        """Copies lost, those that run once they are placed again, and those after replacement."""
        fleet, copies = known.fleet, component.placed
        any_number = Range(0, copies)
        if not known.layout_known or PROMISES & fleet.unsure.keys():
            return any_number, any_number, any_number
        question = LossQuestion(known, component, event.gone, event.perhaps, self.recorder, budget)
        if event.kind is EventKind.ZONE and event.zone is None:
            return any_number, any_number, self._after(question)
        lost = _where_known(fleet, event, component) or question.lost()
        return lost, question.placed_again(), self._after(question)

    def _after(self, question: LossQuestion) -> Range:
        """The copies that run once there are as many instances as before, the same after every event."""
        alike = _alike(question.known, question.component)
        found = self._replaced.get(alike)
        if found is None or alike is None:
            found = question.after_replacement()
            if alike is not None and not question.budget.exhausted:
                self._replaced[alike] = found
        return found

    def _without_growth(self, known: KnownFleet, component: Component, budget: Budget) -> Loss:
        """Where no instance can be launched: nothing is lost, but an update may find none.

        What cannot have been placed may not run, so of that nothing is sure.
        """
        room, copies, note = self._room(known, component, budget), component.placed, None
        impossible = known.contradiction is not None
        if room.best.high == 0 and not impossible:
            note = f"{_ONE_MORE} finds no instance: ICP502"
        elif room.sure.low == 0:
            note = f"{_ONE_MORE} may find no instance: ICP502"
        left, keep = Range(0 if impossible else copies, copies), self.keep.of_component(component)
        lost = Range(0, copies - left.low)
        return Loss(component.name, copies, lost, left, left, left, keep, left.reaches(keep), note)

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


def _alike(known: KnownFleet, component: Component) -> Hashable | None:
    """What two components have in common that lose the same; ``None`` where none is like it."""
    if component.in_flight or known.fleet.contents is not None:
        return None
    placed = component.by_type and frozenset(component.by_type.items())
    return (known.fleet.variant, component.need.key, component.placed, placed)


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


def _notes(
    state: EndpointState,
    known: KnownFleet,
    asked: Sequence[tuple[KnownFleet, Event]],
    assumptions: Assumptions,
) -> Iterator[str]:
    """What the figures rest on."""
    fleet = known.fleet
    if any(event.kind is not EventKind.QUOTA for _, event in asked):
        yield "that SageMaker places lost copies again, and replaces instances that are lost, is inferred"
    if any(event.kind is EventKind.QUOTA for _, event in asked):
        yield _of_updates(assumptions)
    yield from (text for texts in fleet.unsure.values() for text in texts)
    yield from known.metric_doubts
    yield from unlocated(state, fleet)
    if known.metrics:
        yield f"where copies lie goes by {' and '.join(known.metrics)}"
    if known.contradiction is not None:
        yield f"{known.contradiction}; nothing is sure"
    if not fleet.mix_known:
        yield "how many instances are of which type is not told; nothing is sure"
    for one in fleet.components:
        if one.in_flight:
            yield f"{one.name} is in motion: it is counted with the {one.placed} copies that run for sure"
    if fleet.scaling is None:
        return
    if releases_idle(fleet.scaling):
        yield "CONSOLIDATION moves copies at times: where they lie now tells nothing of later (documented)"
        return
    told = "ScaleInPolicy" in fleet.scaling
    least = fleet.min_instances
    yield (
        f"an instance that is idle may be given back, down to MinInstanceCount {least} (IDLE_RELEASE, "
        f"{'documented' if told else 'inferred: no ScaleInPolicy is told'}): one is spare only below that"
    )


def _of_updates(assumptions: Assumptions) -> str:
    """Which update is meant where a quota goes, and what another one may need."""
    name = "update-without-deployment-config"
    basis = next(one.basis for one in ASSUMPTIONS if one.name == name)
    text = "a rolling update places a batch of new copies before old ones go (documented)"
    return f"{text}; one without RollingUpdatePolicy goes {name}={assumptions.value(name)} ({basis})"
