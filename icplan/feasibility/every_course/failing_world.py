"""An arrangement of a small fleet that metrics allow, and in which a step finds too little room."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.every_course.worlds import worlds_of
from icplan.feasibility.packing_model import pattern_load
from icplan.feasibility.worst_case import Counterexample, slots_in
from icplan.packing.problem import Pattern
from icplan.rollout.steps import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.feasibility.every_course.state import State
    from icplan.feasibility.every_course.worlds import Worlds
    from icplan.feasibility.question import Question
    from icplan.packing.problem import Arrangement
    from icplan.rollout.steps import Step


def failing_world(question: Question, step: Step, like: Counterexample) -> Counterexample | None:
    """The one with least room, with the instances launched as in a world ``like`` it; ``None`` if all hold.

    Raises `TooMany`. A step after which copies have left is not looked at.
    """
    settled = all(one.where is Scope.RUNNING and not one.departed for one in step.existing)
    if not settled or like.elsewhere:
        return None
    worlds, worst = worlds_of(question.fleet, question.box, question.budget), like
    found = None
    for one in worlds.worlds:
        point = AllocatableBox(tuple(side.point(side.low) for side in one.box.sides))
        arrangement = like.model.arrangement(step, point)
        for state in one.states:
            patterns = tuple(_patterns(worlds, like, arrangement, state))
            room = slots_in(arrangement, patterns)
            if room < step.placed_before + step.copies and (found is None or room < worst.room):
                found = worst = Counterexample(point, like.model, arrangement, patterns, room)
    return found


def _patterns(
    worlds: Worlds, like: Counterexample, arrangement: Arrangement, state: State
) -> Iterator[Pattern]:
    """What instances hold: by the metric that makes classes, the least loaded are of the lowest class."""
    names = {kind: name for name, kind in worlds.names.items()}
    places = {kind.name: number for number, kind in enumerate(arrangement.lying)}
    rows: Counter[tuple[int, tuple[int, ...]]] = Counter()
    for number, pool in enumerate(worlds.fleet.pools):
        mine = [
            (n, one) for n, one in enumerate(like.model.groups) if one.pool == number and not one.launched
        ]
        mine.sort(key=lambda numbered: numbered[1].reserved[-1:])
        spots = [n for n, group in mine for _ in range(group.count)]
        held = []
        for _, there, _ in (one for one in state.instances if one[0] == number):
            copies = [0] * len(places)
            for kind, n in there:
                by_type = f"{names[kind]} on {pool.type.name}"
                copies[places[by_type if by_type in places else names[kind]]] += n
            load = pattern_load(arrangement, Pattern(spots[0], 1, tuple(copies)), copies)
            held.append((load[-1], tuple(copies)))
        rows.update(zip(spots, (copies for _, copies in sorted(held)), strict=True))
    yield from (Pattern(number, times, copies) for (number, copies), times in rows.items() if any(copies))
