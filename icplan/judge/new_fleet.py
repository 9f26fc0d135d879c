"""Whether all that runs on a variant fits on other instances, on which every copy is placed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.feasibility.every_step import RolloutResult, check_forward, decide_rollout
from icplan.feasibility.evidence import phases
from icplan.feasibility.question import Question, StepQuestion
from icplan.feasibility.step import decide_step
from icplan.feasibility.tighten import allocatable_box, catalog_box
from icplan.fleet.fleet import InstanceCounts
from icplan.rollout.steps import CapacityChange, CopyCounts, ExistingCopies, Scope, Step
from icplan.verdict.outcome import Outcome
from icplan.verdict.phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.assumptions import Recorder
    from icplan.catalog.catalog import Catalog
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget


@attrs.frozen
class PlacedAnew:
    """What comes of placing everything anew.

    ``instances`` are the fewest on which it is sure to fit, where so many are allowed; ``unplaced`` is the
    component that decides, and ``why`` says why nothing at all can help. ``phases`` are what shows it.
    """

    outcome: Outcome
    instances: int
    unplaced: str | None = None
    why: str | None = None
    phases: tuple[Phase, ...] = ()


def place_anew(
    fleet: Fleet,
    catalog: Catalog,
    assumptions: Recorder,
    budget: Budget,
    known: AllocatableBox | None = None,
    *,
    shown: bool = True,
) -> PlacedAnew:
    """Whether the fleet, empty at first, takes its components in any order and wherever their copies go.

    ``known`` tells what can be allocated, where more is known of these instance types than the catalog has.
    Evidence is given where it is to be ``shown``.
    """
    there = [one for one in fleet.components if one.copies]
    if not there:
        return PlacedAnew(Outcome.FITS, fleet.instances, phases=(nothing_to_place(fleet),))
    if not fleet.mix_known:
        return PlacedAnew(
            Outcome.MAY_NOT_FIT,
            fleet.instances,
            why="how many instances of which type there will be is not told",
        )
    fleet = fleet.moved()
    most = _largest(fleet)
    try:
        allocatable_box(most, budget)
    except InputError as error:
        said = error.problems[0].message.replace("what runs cannot have been placed: ", "")
        refused = _all_at_once(fleet, budget) if shown else ()
        return PlacedAnew(Outcome.DOES_NOT_FIT, fleet.instances, why=said, phases=refused)
    anew = _Anew(catalog, assumptions, budget, known)
    outcome, unplaced = anew.in_any_order(fleet)
    shows = tuple(anew.phases(fleet)) if shown else ()
    if outcome is not Outcome.FITS_AFTER_SCALE_OUT:
        return PlacedAnew(outcome, fleet.instances, unplaced, phases=shows)
    return PlacedAnew(outcome, anew.fewest(fleet, most), unplaced, phases=shows)


def nothing_to_place(fleet: Fleet) -> Phase:
    """That a variant has nothing to place."""
    now = fleet.instances
    return Phase("nothing to place", "steady", Outcome.FITS, now, now, variant=fleet.variant)


def _all_at_once(fleet: Fleet, budget: Budget) -> tuple[Phase, ...]:
    """What shows that all copies together find no room, however far the fleet may grow."""
    *others, last = (one for one in fleet.components if one.copies)
    lying = tuple(ExistingCopies(_there(one), one.copies, Scope.ANYWHERE) for one in others)
    counts = CopyCounts((0, 0), (0, last.copies))
    step = Step(f"place {last.copies} copies", "place", last.need, last.copies, lying, counts)
    box = catalog_box(fleet)
    judged = decide_step(StepQuestion.of(fleet, step, box, budget))
    if judged.outcome is not Outcome.DOES_NOT_FIT:
        return ()
    change = CapacityChange(last.name, None, last.need, last.copies)
    return tuple(_named(fleet, last, RolloutResult(change, (judged,), None), box))


def _named(fleet: Fleet, component: Component, judged: RolloutResult, box: AllocatableBox) -> Iterator[Phase]:
    """The phases of placing a component anew: whose copies, and on which variant."""
    for phase in phases(fleet, judged, box):
        name = f"{component.name}: {phase.name}"
        yield attrs.evolve(phase, name=name, component=component.name, variant=fleet.variant)


@attrs.frozen
class _Anew:
    """What everything is placed anew with."""

    catalog: Catalog
    assumptions: Recorder
    budget: Budget
    known: AllocatableBox | None

    def in_any_order(self, fleet: Fleet) -> tuple[Outcome, str | None]:
        """The worst outcome, and the component that it is of.

        Whatever the order, a copy that finds no room is one of some component, with any of the others' copies
        there or not.
        """
        found = []
        for one, question in self._each(fleet):
            decided = decide_rollout(question)
            self.assumptions.note(decided.relied_on)
            found.append((decided.outcome, one.name))
        worst = min(found, key=lambda each: each[0].rank)
        return worst[0], None if worst[0] is Outcome.FITS else worst[1]

    def phases(self, fleet: Fleet) -> Iterator[Phase]:
        """What shows the outcome: a phase for each component, with all others there or not."""
        for one, question in self._each(fleet):
            yield from _named(question.fleet, one, check_forward(question), question.box)

    def _each(self, fleet: Fleet) -> Iterator[tuple[Component, Question]]:
        there = [one for one in fleet.components if one.copies]
        for one in there:
            others = tuple(_perhaps(other) for other in there if other is not one)
            around = attrs.evolve(fleet, components=others)
            change = CapacityChange(one.name, None, one.need, one.copies)
            box = self.known or catalog_box(around)
            yield one, Question(around, change, box, self.assumptions, self.catalog, self.budget)

    def fewest(self, fleet: Fleet, most: Fleet) -> int:
        """The fewest instances on which everything fits whatever its order, looked for by halves."""
        if len(fleet.pools) > 1:
            return most.instances
        (pool,) = fleet.pools
        low, high = fleet.instances + 1, most.instances
        while low < high:
            middle = (low + high) // 2
            sized = InstanceCounts(fleet, {pool.type.name: middle}).resized_fleet()
            if self.in_any_order(sized)[0] is Outcome.FITS:
                high = middle
            else:
                low = middle + 1
        return low


def _there(component: Component) -> Component:
    """The component with all its copies, wherever they lie."""
    return attrs.evolve(component, placed=component.copies, in_flight=0, coming=0, by_type=None)


def _perhaps(component: Component) -> Component:
    """The component, of which any copy may be there already or be yet to come."""
    return attrs.evolve(
        component,
        status="Creating",
        placed=0,
        in_flight=component.copies,
        coming=component.copies,
        by_type=None,
    )


def _largest(fleet: Fleet) -> Fleet:
    """The fleet with all the instances that it may have, or that could matter."""
    copies = sum(one.copies for one in fleet.components)
    counts = {}
    for pool in fleet.pools:
        room = [limit.remaining for limit in fleet.limits if limit.type in (None, pool.type.name)]
        counts[pool.type.name] = pool.instances + min([*room, copies])
    return InstanceCounts(fleet, counts).resized_fleet()
