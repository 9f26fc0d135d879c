"""The largest batch with which a rolling update of a component surely goes, forward and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_course.refine_steps import all_courses
from icplan.feasibility.every_course.state import TooMany
from icplan.feasibility.every_course.worlds import worlds_of
from icplan.feasibility.every_step import surely_fits_all
from icplan.feasibility.question import Question
from icplan.feasibility.step import surely_fits
from icplan.feasibility.weaken import type_may_change
from icplan.planning.effort import portion
from icplan.remedies.trial import largest_that
from icplan.rollout.steps import Batch, may_come, rollback_size, rollback_steps
from icplan.rules.rolling import MAX_PERCENT, MIN_PERCENT
from icplan.verdict.headroom import LargestBatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.feasibility.every_course.explore import AllCourses
    from icplan.fleet.fleet import Fleet
    from icplan.planning.component_room import ComponentQuestion
    from icplan.verdict.headroom import Room


def legal_batches(copies: int) -> range:
    """The batches that AWS documents for so many copies: 5 to 50 percent of them."""
    return range(max(1, -(-copies * MIN_PERCENT // 100)), copies * MAX_PERCENT // 100 + 1)


def largest_batch(question: ComponentQuestion, fleet: Fleet, room: Room) -> LargestBatch | None:
    """The largest legal batch on a fleet with that room; ``None`` where none is legal.

    The new copies are taken to reserve what the old ones do, as at a restart or with a model as large.
    """
    legal = legal_batches(question.copies)
    if not legal:
        return None
    if _only_room_counts(question, fleet):
        return _by_room(question, legal, room)
    asked = _Rolling(attrs.evolve(question, budget=portion(question.budget, 2)), fleet)

    def largest(most: int, works: Callable[[int], bool]) -> int:
        return largest_that(legal.start, most, works, likely_all=True) or 0

    ahead = largest(min(legal[-1], room.sure.low), asked.goes)
    if not ahead:
        return LargestBatch(0, 0, 0)
    back = largest(ahead, asked.goes_and_returns)
    equal = ahead if back == ahead else largest(ahead, asked.returns_in_batches)
    return LargestBatch(ahead, back, max(back, equal))


def largest_batch_grown(
    question: ComponentQuestion, room: Room, now: LargestBatch | None
) -> LargestBatch | None:
    """The largest legal batch where instances may be launched, of which there is that room; ``now``: without.

    What goes without a launch goes so there, too: of one type, none is launched while there is room.
    """
    fleet, legal = question.known.fleet, legal_batches(question.copies)
    if now is None or len(fleet.pools) > 1 or fleet.arriving:
        return largest_batch(question, fleet, room)
    if now.with_rollback == legal[-1] <= room.sure.low:
        return now
    found = largest_batch(question, fleet, room)
    if found is None or now.update > room.sure.low:
        return found
    return LargestBatch(
        max(found.update, now.update),
        max(found.with_rollback, now.with_rollback),
        max(found.with_equal_rollback, now.with_equal_rollback),
    )


def _only_room_counts(question: ComponentQuestion, fleet: Fleet) -> bool:
    """Whether the room for copies tells all: no instance comes, and nothing else moves.

    Copies that give way to ones that reserve the same leave as much room as those take, forward and back.
    """
    grows = len(fleet.pools) > 1 or fleet.arriving or fleet.scale_out_allowance()
    return not grows and not may_come(question.about(fleet).step.existing)


def _by_room(question: ComponentQuestion, legal: range, room: Room) -> LargestBatch:
    """The largest batch where one needs room for itself beside all copies, and what goes back for itself."""
    ahead = min(legal[-1], room.sure.low)
    if ahead < legal.start:
        return LargestBatch(0, 0, 0)
    again = rollback_size(question.change, question.copies, question.recorder)
    return LargestBatch(ahead, ahead if again <= room.sure.low else 0, ahead)


@attrs.frozen
class _Rolling:
    """Rolling updates of a component to copies that reserve what its old ones do."""

    question: ComponentQuestion
    fleet: Fleet

    def goes(self, batch: int) -> bool:
        """Whether it surely goes forward."""
        asked = self._asked(batch, None)
        if surely_fits_all(asked):
            return True
        courses = self._courses(asked)
        return courses is not None and courses.outcome.fits

    def goes_and_returns(self, batch: int) -> bool:
        """Whether it surely goes back, too, as SageMaker does unless it is told otherwise."""
        return self.goes(batch) and self._returns(self._asked(batch, None))

    def returns_in_batches(self, batch: int) -> bool:
        """Whether it surely goes back in such batches."""
        return self.goes(batch) and self._returns(self._asked(batch, batch))

    def _courses(self, asked: Question) -> AllCourses | None:
        """Every course, where instances of several types may come and go, of which bounds tell little."""
        fleet = asked.fleet
        if len(fleet.pools) == 1 or self.question.budget.exhausted:
            return None
        try:
            worlds = worlds_of(fleet, asked.box, asked.budget)
        except TooMany:
            return None
        return all_courses(worlds, fleet, asked.change, asked.assumptions, asked.budget)

    def _asked(self, batch: int, back: int | None) -> Question:
        own = self.question
        change = attrs.evolve(
            own.change,
            copies=own.copies,
            replaces=True,
            batch=Batch("COPY_COUNT", batch),
            rollback_batch=None if back is None else Batch("COPY_COUNT", back),
        )
        catalog = own.catalog
        return Question(self.fleet, change, own.known.box, own.recorder, catalog, own.budget)

    def _returns(self, asked: Question) -> bool:
        steps = rollback_steps(asked.change, asked.fleet, asked.assumptions, asked.steps) or ()
        by_bounds = all(
            surely_fits(about) and not type_may_change(about, asked.assumptions)
            for about in map(asked.about, steps)
        )
        courses = None if by_bounds else self._courses(asked)
        return by_bounds or (courses is not None and courses.outcome.fits and courses.rollback.fits)
