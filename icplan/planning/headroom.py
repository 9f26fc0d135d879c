"""How many more copies of each component fit on an endpoint, what ends that, and what nothing can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.assumptions import ASSUMPTIONS, Assumptions
from icplan.documents.nearest import nearest
from icplan.errors import InputError, InputProblem
from icplan.fleet.dimensions import counted
from icplan.judge.settings import Settings
from icplan.packing.budget import Ended, OutOfTime
from icplan.planning.amount_sensitivity import amount_sensitivity
from icplan.planning.component_room import (
    AUTOSCALING,
    MAX,
    NOW,
    ComponentQuestion,
    best_looked_for,
    not_known,
    renamed,
    rooms_of,
    with_batches,
)
from icplan.planning.effort import HEADROOM_EFFORT, kinds_left, portion
from icplan.planning.headroom_under_assumptions import other_values, whatever_holds
from icplan.planning.known_fleets import checked_catalog, known_fleet, refuse_without_components
from icplan.planning.narrower_room import narrower_row
from icplan.planning.new_component import read_requirement
from icplan.planning.stranded import stranded
from icplan.snapshot.caveats import unlocated
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.verdict.headroom import (
    ComponentHeadroom,
    FleetHeadroom,
    Headroom,
    Range,
    Wanted,
)
from icplan.verdict.verdict import AssumptionUse, SnapshotIdentity

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from icplan.assumptions import Recorder
    from icplan.fleet.endpoint import EndpointState
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget
    from icplan.planning.known_fleets import KnownFleet
    from icplan.requests.call import Call
    from icplan.snapshot.snapshot import Snapshot

MOMENTS: Final = (NOW, MAX, AUTOSCALING)
#: A component has so many times an equal share of the work at first, since most take far less.
LARGE_SHARES: Final = 3
SURE_SHARES: Final = 5


@attrs.frozen
class HeadroomQuestion:
    """What is asked: of which components (none: of all), of which new one, at which moments, and how much."""

    components: tuple[str, ...] = ()
    requirement: Call | None = None
    at: tuple[str, ...] = (NOW, MAX)
    at_least: Mapping[str, int] = attrs.field(factory=dict)


def headroom(
    snapshot: Snapshot, asked: HeadroomQuestion | None = None, settings: Settings | None = None
) -> Headroom:
    """How many more copies fit; :class:`InputError` for what makes no sense, or is not in the snapshot."""
    asked, settings = asked or HeadroomQuestion(), settings or Settings()
    state = read_endpoint(snapshot)
    refuse_without_components(state)
    checked_catalog(settings.catalog, snapshot)
    budget = settings.budget(HEADROOM_EFFORT)
    reading = _Reading(asked, state, settings, budget)
    assumptions = Assumptions(settings.assume)
    recorder = assumptions.recorder()
    rows, fleets = reading.read(recorder)
    relied_on = recorder.relied_on
    for other in other_values(assumptions, relied_on):
        rows = whatever_holds(rows, reading.read(other.recorder())[0], assumptions, relied_on)
    components = {row.name: row for row in rows}
    return Headroom(
        snapshot=SnapshotIdentity(snapshot.fingerprint, snapshot.taken_at, snapshot.endpoint_name),
        components=components,
        fleets=fleets,
        at=asked.at,
        at_least=tuple(_wanted(asked, components, state)),
        assumptions=tuple(_uses(assumptions, relied_on)),
    )


@attrs.frozen
class _Reading:
    """One reading of the endpoint, under certain assumptions."""

    asked: HeadroomQuestion
    state: EndpointState
    settings: Settings
    budget: Budget
    _alike: dict[Hashable, ComponentHeadroom] = attrs.field(factory=dict, eq=False, repr=False)
    _batches: dict[Hashable, ComponentHeadroom] = attrs.field(factory=dict, eq=False, repr=False)

    def read(self, recorder: Recorder) -> tuple[list[ComponentHeadroom], tuple[FleetHeadroom, ...]]:
        """Every component's headroom, and what there is to say of each variant's instances."""
        known = {name: self._fleet(name, recorder) for name in self.state.variant_names}
        shown = self._names(known)
        rows, fleets = [], []
        for variant, one in known.items():
            every = [
                ComponentQuestion.of(component, self.state, one, self.settings.catalog, recorder, self.budget)
                for component in one.fleet.components
                if component.status != "Deleting"
            ]
            wanted = [question for question in every if question.name in shown]
            own = self._rows(wanted)
            told = {row.name: row for row in own}
            rows += own
            fleets.append(self._told(variant, one, every, told))
        if self.asked.requirement is not None:
            rows.append(self._required(self.asked.requirement, recorder))
        return rows, tuple(fleets)

    def _rows(self, wanted: Sequence[ComponentQuestion]) -> list[ComponentHeadroom]:
        """The headroom of components; what is not exact is asked again with the work that is left.

        By then arrangements are known that were found for others. What fits at best is looked for before
        all else: that is found sooner than what surely does.
        """
        self._look_for_best(wanted)
        rooms = attrs.evolve(self, budget=portion(self.budget, 5, parts=4))
        left = kinds_left([question.alike for question in wanted])
        shares = [1 + parts // SURE_SHARES for parts in left]
        rows = [rooms._headroom(one, share) for one, share in zip(wanted, shares, strict=True)]  # noqa: SLF001
        rooms._ask_again(wanted, rows)  # noqa: SLF001
        left = kinds_left([question.alike for question in wanted])
        rows = [self._with_batches(*one) for one in zip(wanted, rows, left, strict=True)]
        return [self._with_amounts(question, row) for question, row in zip(wanted, rows, strict=True)]

    def _look_for_best(self, wanted: Sequence[ComponentQuestion]) -> None:
        """Look for what fits at best, with part of the work; twice for what is not found at once."""
        budget = portion(self.budget, 5, parts=3)
        open_ = [*{one.name if one.alike is None else one.alike: one for one in wanted}.values()]
        for shares in (LARGE_SHARES, 1):
            still_open = []
            for left, question in zip(range(len(open_), 0, -1), open_, strict=True):
                if not self._best_is_found(question, portion(budget, max(1, left // shares))):
                    still_open.append(question)
            open_ = still_open

    def _best_is_found(self, question: ComponentQuestion, budget: Budget) -> bool:
        if self.budget.exhausted:
            return True
        try:
            return best_looked_for(attrs.evolve(question, budget=budget))
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return True

    def _ask_again(self, wanted: Sequence[ComponentQuestion], rows: list[ComponentHeadroom]) -> None:
        """Ask what is not exact again; what was found before is not given up."""
        open_ = [number for number, row in enumerate(rows) if not _exact(row)]
        for number in open_:
            self._alike.pop(wanted[number].alike, None)
        left = kinds_left([wanted[number].alike for number in open_])
        for number, parts in zip(open_, left, strict=True):
            if not self.budget.exhausted:
                rows[number] = narrower_row(rows[number], self._headroom(wanted[number], parts))

    def _with_batches(
        self, question: ComponentQuestion, row: ComponentHeadroom, parts: int
    ) -> ComponentHeadroom:
        """With the largest batches, which those that are alike have in common."""
        key = question.alike
        found = self._batches.get(key)
        if found is None or key is None:
            if self.budget.ended is Ended.TIME:
                return row
            try:
                found = with_batches(attrs.evolve(question, budget=portion(self.budget, parts)), row)
            except OutOfTime as alarm:
                alarm.caught()
                self.budget.end()
                return row
            self._batches[key] = found
        at_max = found.largest_batch_at_max
        return attrs.evolve(row, largest_batch=found.largest_batch, largest_batch_at_max=at_max)

    def _with_amounts(self, question: ComponentQuestion, row: ComponentHeadroom) -> ComponentHeadroom:
        """With what of its room hangs on amounts that are not documented, as far as work is left for that."""
        if row.now is None or self.budget.exhausted:
            return row
        budget = portion(self.budget, 4)
        try:
            note = amount_sensitivity(attrs.evolve(question, budget=budget), row.now)
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return row
        return row if note is None else attrs.evolve(row, notes=(*row.notes, note))

    def _headroom(self, question: ComponentQuestion, parts: int) -> ComponentHeadroom:
        """The headroom of a component, with one of so many parts of the work that is left.

        Components that are alike have the same. What there is no time for is not known.
        """
        key = question.alike
        found = self._alike.get(key)
        if found is not None and key is not None:
            return renamed(found, question)
        if self.budget.ended is Ended.TIME:
            return not_known(question)
        try:
            found = rooms_of(attrs.evolve(question, budget=portion(self.budget, parts)), self.asked.at)
        except OutOfTime as alarm:
            alarm.caught()
            self.budget.end()
            return not_known(question)
        if key is not None and not self.budget.exhausted:
            self._alike[key] = found
        return found

    def _fleet(self, variant: str, recorder: Recorder) -> KnownFleet:
        return known_fleet(self.state, variant, self.settings.catalog, recorder, self.budget)

    def _names(self, known: Mapping[str, KnownFleet]) -> set[str]:
        """The components to tell of; InputError for one that is not there, or has no room of its own."""
        there = [one for fleet in known.values() for one in fleet.fleet.components]
        names = [one.name for one in there if one.status != "Deleting"]
        for name in self.asked.components:
            if name not in names:
                raise InputError(_not_there(name, names, self.state))
        shown = self.asked.components or (() if self.asked.requirement is not None else names)
        return {*shown, *(name for name in self.asked.at_least if name in names)}

    def _required(self, call: Call, recorder: Recorder) -> ComponentHeadroom:
        required = read_requirement(call, self.state, self.settings, recorder, self.budget)
        known = known_fleet(
            self.state, required.variant, self.settings.catalog, recorder, self.budget, required.need
        )
        question = ComponentQuestion.of_new(
            required, self.state, known, self.settings.catalog, recorder, self.budget
        )
        return self._headroom(question, 1)

    def _told(
        self,
        variant: str,
        known: KnownFleet,
        every: Sequence[ComponentQuestion],
        told: Mapping[str, ComponentHeadroom],
    ) -> FleetHeadroom:
        fleet = known.fleet
        least, most = (_more_instances(fleet, sure=sure) for sure in (True, False))
        unsure = [text for texts in fleet.unsure.values() for text in texts]
        leaving = [one.name for one in fleet.components if one.status == "Deleting"]
        notes = [*unsure, *known.metric_doubts, *unlocated(self.state, fleet)]
        notes += [f"{name} is being deleted; it counts until it is gone" for name in leaving]
        notes += [
            _counted_beside(one) for one in fleet.components if one.name not in told and _unsettled(one)
        ]
        if known.contradiction is not None:
            notes.append(f"{known.contradiction}; nothing is sure")
        if not fleet.mix_known:
            notes.append("how many instances are of which type is not told; nothing is sure")
        return FleetHeadroom(
            variant=variant,
            pools={pool.type.name: pool.instances for pool in fleet.pools},
            instances=fleet.instances,
            max_instances=Range(fleet.instances + least, None if known.endless else fleet.instances + most),
            limits=tuple(limit.message for limit in fleet.limits),
            stranded=tuple(stranded(known, every, told)),
            notes=tuple(notes),
            metrics=known.metrics,
            resources=tuple(fleet.dimensions),
        )


def _more_instances(fleet: Fleet, *, sure: bool) -> int:
    """How many more instances may be launched in all, within the limits of each type, too."""
    of_types = (fleet.scale_out_allowance(pool.type.name, sure=sure) for pool in fleet.pools)
    return min(fleet.scale_out_allowance(sure=sure), sum(of_types))


def _unsettled(component: Component) -> bool:
    """Whether it is to be told how a component counts that is not told of itself."""
    return component.status == "Failed" or (component.in_flight > 0 and component.status != "Deleting")


def _counted_beside(component: Component) -> str:
    if component.in_flight:
        copies = f"{component.placed} to {component.copies} copies"
        is_ = "is in motion" if component.status == "InService" else f"is {component.status}"
        return f"{component.name} {is_}; it counts with {copies}"
    return f"{component.name} has failed; {counted(component.copies, 'copy')} counted as lying there"


def _exact(row: ComponentHeadroom) -> bool:
    """Whether all that is told of a component is."""
    rooms = [room for room in (row.now, row.max, row.autoscaling) if room is not None]
    return all(room.sure.exact and room.best.exact for room in rooms)


def _not_there(name: str, names: Sequence[str], state: EndpointState) -> InputProblem:
    described = state.component(name)
    if described is not None:
        why = "is being deleted" if described.status == "Deleting" else "reserves nothing of its own"
        return InputProblem(f"{name} {why}, so it has no headroom", file=state.origin.file)
    near = nearest(name, names)
    there = f"It has {', '.join(sorted(names))}" if names else "It has none"
    hint = f"Did you mean {near}? {there}" if near else there
    return InputProblem(
        f"the snapshot has no inference component {name!r}", file=state.origin.file, hint=hint
    )


def _wanted(
    asked: HeadroomQuestion, rows: Mapping[str, ComponentHeadroom], state: EndpointState
) -> Iterator[Wanted]:
    """What --at-least asks for, at the first of the moments."""
    for name, copies in asked.at_least.items():
        if name not in rows:
            raise InputError(_not_there(name, list(rows), state))
        room = rows[name].at(asked.at[0])
        yield Wanted(name, copies, asked.at[0], None if room is None else room.holds(copies))


def _uses(assumptions: Assumptions, relied_on: frozenset[str]) -> Iterator[AssumptionUse]:
    for one in ASSUMPTIONS:
        if not one.share and one.name in relied_on:
            yield AssumptionUse(one.name, assumptions.value(one.name), one.basis, relied_on=True)
