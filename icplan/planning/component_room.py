"""The headroom of one component: its room at each moment, what binds there, and the largest batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.feasibility.packing_model import PackingModel
from icplan.feasibility.question import StepQuestion
from icplan.feasibility.unknown_mix import best_case_fleet
from icplan.fleet.dimensions import counted
from icplan.fleet.fleet import MAX_NAMED, Unsure
from icplan.planning.binding import binding_resources
from icplan.planning.effort import portion
from icplan.planning.known_fleets import GROWS, PROMISES, REFUSALS, as_it_runs
from icplan.planning.largest_batch import largest_batch, largest_batch_grown
from icplan.planning.room import best_room, beyond, room_of
from icplan.rollout.steps import CapacityChange, ExistingCopies, Scope, forward_steps
from icplan.verdict.headroom import ComponentHeadroom, Range, Room

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from icplan.assumptions import Recorder
    from icplan.catalog.catalog import Catalog
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget
    from icplan.planning.known_fleets import KnownFleet
    from icplan.planning.new_component import Requirement
    from icplan.requests.from_describe import EndpointComponent
    from icplan.rollout.steps import Step

NOW: Final = "now"
MAX: Final = "max"
AUTOSCALING: Final = "autoscaling"


@attrs.frozen
class ComponentQuestion:
    """How many more copies of a component fit on a fleet.

    ``change`` asks for one more than run; ``waiting`` copies beside those that run were asked for before.
    ``vague`` tells that it is not known what a copy reserves.
    """

    known: KnownFleet
    change: CapacityChange
    copies: int
    waiting: int
    catalog: Catalog
    recorder: Recorder
    budget: Budget
    notes: tuple[str, ...] = ()
    vague: bool = False

    @classmethod
    def of(
        cls,
        component: Component,
        state: EndpointState,
        known: KnownFleet,
        catalog: Catalog,
        recorder: Recorder,
        budget: Budget,
    ) -> ComponentQuestion:
        """The question of one that is there."""
        described = state.component(component.name)
        wanted = _wanted(described, component)
        return cls(
            known,
            CapacityChange(component.name, component, component.need, component.placed + 1),
            wanted,
            max(0, wanted - component.placed),
            catalog,
            recorder,
            budget,
            tuple(_of_its_state(component, state)),
        )

    @classmethod
    def of_new(
        cls,
        required: Requirement,
        state: EndpointState,
        known: KnownFleet,
        catalog: Catalog,
        recorder: Recorder,
        budget: Budget,
    ) -> ComponentQuestion:
        """The question of one that is to be created."""
        unsure = dict(known.fleet.unsure)
        if required.elsewhere is not None:
            unsure[Unsure.ASKED] = (required.elsewhere,)
        known = attrs.evolve(known, fleet=attrs.evolve(known.fleet, unsure=unsure))
        change = CapacityChange(required.name, None, required.need, 1)
        notes = [*_of_endpoint(state), *((required.elsewhere,) if required.elsewhere else ())]
        return cls(known, change, 0, 0, catalog, recorder, budget, tuple(notes), required.vague)

    @property
    def name(self) -> str:
        """The component's name."""
        return self.change.component

    @property
    def alike(self) -> Hashable | None:
        """What two components have in common that have the same headroom; ``None`` where none is like it."""
        before, fleet = self.change.before, self.known.fleet
        if before is None or before.in_flight or fleet.contents is not None:
            return None
        others = fleet.autoscaling_max.get(self.name)
        return (
            fleet.variant,
            self.change.need.key,
            before.placed,
            self.copies,
            self.waiting,
            others,
            id(self.recorder),
        )

    def about(self, fleet: Fleet) -> StepQuestion:
        """The question of one more copy on a fleet."""
        (step,) = forward_steps(self.change, fleet, self.recorder)
        # In one order for all components: what was found of the arrangement for one helps with the next.
        step = attrs.evolve(step, existing=tuple(sorted(step.existing, key=_by_name)))
        return StepQuestion.of(fleet, step, self.known.box, self.budget)


def _by_name(entry: ExistingCopies) -> tuple[str, str]:
    return entry.component.name, entry.where.name


def renamed(row: ComponentHeadroom, question: ComponentQuestion) -> ComponentHeadroom:
    """The headroom of a component that is like another.

    Where very many are put together, what proves it speaks of the other alone.
    """
    notes = (*question.notes, *_why_a_range(question, (row.now, row.max, row.autoscaling)))
    found = attrs.evolve(row, name=question.name, notes=notes)
    if len(question.known.fleet.components) <= MAX_NAMED:
        return found
    now, most, crowded = (
        None if room is None else attrs.evolve(room, evidence=None)
        for room in (row.now, row.max, row.autoscaling)
    )
    return attrs.evolve(found, now=now, max=most, autoscaling=crowded)


def not_known(question: ComponentQuestion) -> ComponentHeadroom:
    """The headroom of a component that there was no time to look at."""
    nothing = Room(Range(0, None), Range(0, None))
    return ComponentHeadroom(
        name=question.name,
        variant=question.known.fleet.variant,
        copies=question.copies,
        now=nothing,
        max=None,
        autoscaling=None,
        new=question.change.before is None,
        notes=(*question.notes, "was not looked at: the time limit was reached"),
    )


def room_now(question: ComponentQuestion, enough: int | None = None) -> Room:
    """The room of a component on the instances that run; more than ``enough`` copies are not looked for."""
    return _known(question, _room(question, as_it_runs(question.known.fleet), enough))


def best_looked_for(question: ComponentQuestion) -> bool:
    """Look for the room that is best now, which is kept for `rooms_of`; whether it is found exactly."""
    about = question.about(as_it_runs(question.known.fleet))
    if not question.known.layout_known or not about.needs_resources:
        return True
    best = best_room(about)
    return best.low == best.high


def rooms_of(question: ComponentQuestion, at: Sequence[str]) -> ComponentHeadroom:
    """The room of a component at some moments, and what binds it now."""
    known = question.known
    fleet = known.fleet
    # What is found of the room now leaves little to find of what it is at the maximum, but that little.
    now = room_now(attrs.evolve(question, budget=portion(question.budget, 10, parts=9)))
    rooms: dict[str, Room | None] = {NOW: now}
    if MAX in at and not known.endless:
        grows = fleet.scale_out_allowance() or fleet.arriving or fleet.unsure
        rooms[MAX] = _room_at_max(question, now) if grows else now
    if AUTOSCALING in at and not known.endless and fleet.autoscaling_max:
        rooms[AUTOSCALING] = _grown(question, _known(question, _crowded_room(question, fleet)), now)
    binds, scattered = _binds(question, now)
    return ComponentHeadroom(
        name=question.name,
        variant=fleet.variant,
        copies=question.copies,
        now=now,
        max=rooms.get(MAX),
        autoscaling=rooms.get(AUTOSCALING),
        binds=binds,
        scattered=scattered,
        new=question.change.before is None,
        notes=(*question.notes, *_why_a_range(question, rooms.values())),
    )


def _room_at_max(question: ComponentQuestion, now: Room) -> Room:
    room = no_less_than(now, _known(question, _room(question, question.known.fleet)))
    return _grown(question, room, now)


def no_less_than(now: Room, at_max: Room) -> Room:
    """The room with more instances, as far as that is found, by the room on those that run.

    Where more are launched, what lies on the others lies there as it may if none were, or is missing there:
    so what fits now fits then. A figure that follows from that alone has no proof of its own.
    """
    sure, best = at_max.sure, at_max.best
    evidence = at_max.evidence
    if now.sure.low > sure.low:
        sure = Range(now.sure.low, sure.high)
        evidence = evidence and attrs.evolve(evidence, every_world=None)
    if now.best.low > best.low:
        best = Range(now.best.low, best.high)
        evidence = evidence and attrs.evolve(evidence, layout=None)
    return attrs.evolve(at_max, sure=sure, best=best, evidence=evidence)


def with_batches(question: ComponentQuestion, row: ComponentHeadroom) -> ComponentHeadroom:
    """The headroom of a component with the largest batches that its rooms allow."""
    before, fleet = question.change.before, question.known.fleet
    settled = before is not None and before.placed == before.copies == question.copies
    if not settled or not question.known.layout_known or row.now is None:
        return row
    now = largest_batch(question, as_it_runs(fleet), row.now)
    at_max = None if row.max is None else largest_batch_grown(question, row.max, now)
    return attrs.evolve(row, largest_batch=now, largest_batch_at_max=at_max)


def _room(question: ComponentQuestion, fleet: Fleet, enough: int | None = None) -> Room:
    if question.known.layout_known:
        return room_of(question.about(fleet), question.waiting, enough=enough)
    return _unknown_room(question, fleet)


def _unknown_room(question: ComponentQuestion, fleet: Fleet) -> Room:
    """Where it is not told what lies on instances of which type: the most that any split of them takes."""
    about = question.about(attrs.evolve(fleet, contents=None))
    if not about.needs_resources:
        return room_of(about, question.waiting)
    best = best_case_fleet(about)
    own = () if question.known.contradiction else tuple(_own(about.step, question.name))
    about = attrs.evolve(about, fleet=best, step=attrs.evolve(about.step, existing=own))
    high = best_room(about).high
    nothing_sure = beyond(question.waiting, Range(0, high))
    return Room(nothing_sure, nothing_sure, waiting=question.waiting)


def _own(step: Step, name: str) -> Iterator[ExistingCopies]:
    """The component's own copies, of which it does not count on which type they lie."""
    for entry in step.existing:
        if entry.component.name == name:
            yield attrs.evolve(entry, component=attrs.evolve(entry.component, by_type=None))


def _crowded_room(question: ComponentQuestion, fleet: Fleet) -> Room:
    """The room once all others have been asked for as many copies as autoscaling may ask for.

    In the worst case they may wait for room, or have found it anywhere; at best all have found it.
    """
    crowded = attrs.evolve(
        fleet, components=tuple(_scaled(fleet, one, question.name) for one in fleet.components)
    )
    if not question.known.layout_known:
        return _unknown_room(question, crowded)
    at_best = question.about(fleet)
    more = tuple(
        ExistingCopies(one, count, Scope.ANYWHERE)
        for one in fleet.components
        if one.name != question.name and (count := _to_come(fleet, one))
    )
    step = attrs.evolve(at_best.step, existing=(*at_best.step.existing, *more))
    return room_of(question.about(crowded), question.waiting, attrs.evolve(at_best, step=step))


def _scaled(fleet: Fleet, component: Component, besides: str) -> Component:
    more = 0 if component.name == besides else _to_come(fleet, component)
    return attrs.evolve(component, in_flight=component.in_flight + more, coming=component.coming + more)


def _to_come(fleet: Fleet, component: Component) -> int:
    """The copies that autoscaling may add."""
    return max(0, fleet.autoscaling_max.get(component.name, 0) - component.copies)


def _known(question: ComponentQuestion, room: Room) -> Room:
    """The room as far as the parts of the snapshot that it rests on apply."""
    unsure = {Unsure.TYPES} if question.vague else set(question.known.fleet.unsure)
    sure, best, evidence = room.sure, room.best, room.evidence
    if PROMISES & unsure:
        sure, best = Range(0, sure.high), Range(0, best.high)
    if REFUSALS & unsure:
        sure, best = Range(sure.low, None), Range(best.low, None)
    if (PROMISES | REFUSALS) & unsure:
        evidence = None
    return attrs.evolve(room, sure=sure, best=best, evidence=evidence)


def _grown(question: ComponentQuestion, room: Room, now: Room) -> Room:
    """The room on a fleet that has grown, as far as its limits are known."""
    if not GROWS & question.known.fleet.unsure.keys():
        return room
    low = min(room.sure.low, now.sure.low)
    return attrs.evolve(room, sure=Range(low, None), best=Range(low, None), evidence=None)


def _why_a_range(question: ComponentQuestion, rooms: Iterable[Room | None]) -> Iterator[str]:
    """Why a room is not one number, where nothing that is said of the snapshot makes it so."""
    known = question.known
    if question.vague:
        yield "reserves what is not told for sure, so its room is not either"
    elif known.layout_known and not known.fleet.unsure:
        ends = [end for room in rooms if room is not None for end in (room.sure, room.best)]
        if any(end.high is not None and not end.exact for end in ends):
            yield "is told as a range: the search did not settle it"


def _binds(question: ComponentQuestion, now: Room) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The resources that end the room now, in a world that has least of it where one is known."""
    about = question.about(as_it_runs(question.known.fleet))
    if not question.known.layout_known or not about.needs_resources:
        return (), ()
    fails = now.evidence.failing_world if now.evidence else None
    model = PackingModel.of(about.fleet, about.step.existing, {})
    return binding_resources(about, model, fails)


def _wanted(described: EndpointComponent | None, component: Component) -> int:
    """The copies that it is to have."""
    copies = described.copies if described else None
    wanted = copies.desired if copies else None
    return component.placed if wanted is None else wanted


def _of_its_state(component: Component, state: EndpointState) -> Iterator[str]:
    """What is to be known of a component or endpoint that takes no write now, or is in motion."""
    yield from _of_endpoint(state)
    if component.status == "Failed":
        held = f"{counted(component.copies, 'copy')} of it" if component.copies else "no copy of it"
        yield f"has failed; {held} counted as lying there, and whether it takes a write is not documented"
    elif component.status != "InService":
        yield f"is {component.status}; it takes no write before it is InService"
    if component.in_flight:
        yield f"has {component.placed} to {component.copies} copies now, since something is under way"


def _of_endpoint(state: EndpointState) -> Iterator[str]:
    if state.status not in (None, "InService"):
        yield f"the endpoint is {state.status}; it may take no write before it is InService"
