"""A change carried out in every world: which steps, and which ways back, always work, sometimes, or never."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.every_course.state import TooMany
from icplan.feasibility.every_course.worlds import MAX_MOVES, World, Worlds
from icplan.rollout.steps import batch_size, forward_steps, rollback_size
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.assumptions import Assumptions
    from icplan.feasibility.every_course.moves import Moves
    from icplan.feasibility.every_course.state import State
    from icplan.rollout.steps import CapacityChange, Step
    from icplan.verdict.courses import Courses


@attrs.define
class Tally:
    """What came of a step in all courses, and the most instances that ran once it was done.

    It ``grows`` where an instance has been launched by then, for the step or for one before it.
    """

    fails: bool = False
    works: bool = False
    grows: bool = False
    most: int = 0

    @property
    def outcome(self) -> Outcome:
        """What can be said of it, whichever course is taken."""
        if not self.works:
            return Outcome.DOES_NOT_FIT
        if self.fails:
            return Outcome.MAY_NOT_FIT
        return Outcome.FITS_AFTER_SCALE_OUT if self.grows else Outcome.FITS


@attrs.define
class AllCourses:
    """What comes of a change. ``back`` has a tally for each moment that a rollback may begin at.

    Those are after each step, and where a step has failed half-way (``False``). ``after`` are the worlds that
    it leaves where it works. A rollback puts so many copies ``back_at_once``. ``premises`` are what all this
    follows from.
    """

    steps: list[Tally]
    back: dict[tuple[int, bool], Tally]
    after: Worlds
    back_at_once: int | None
    premises: Courses | None = None

    def show(self, step: int, outcome: Outcome) -> bool:
        """Whether every course shows that outcome of a step."""
        tally = self.steps[step]
        return (tally.fails or tally.works) and tally.outcome is outcome

    @property
    def outcome(self) -> Outcome:
        """That of the worst step that a course comes to."""
        return Outcome.worst(one.outcome for one in self.steps if one.fails or one.works)

    @property
    def rollback(self) -> Outcome:
        """Promised if it works from every moment, refused if it never does from one that is reached.

        What a step that failed half-way has launched counts against a promise, never towards a refusal.
        """
        if any(done and not one.works for (_, done), one in self.back.items()):
            return Outcome.DOES_NOT_FIT
        if any(one.fails or not one.works for one in self.back.values()):
            return Outcome.MAY_NOT_FIT
        grows = any(one.grows for one in self.back.values())
        return Outcome.FITS_AFTER_SCALE_OUT if grows else Outcome.FITS


def carry_out(worlds: Worlds, move: CapacityChange, assumptions: Assumptions) -> AllCourses:
    """Every course of a change in every world; raises `TooMany`."""
    before = move.before
    if before is not None and before.in_flight:
        raise TooMany
    steps = forward_steps(move, worlds.fleet, assumptions)
    old = worlds.names.get(move.component)
    if (old is None) != (before is None or not before.placed):
        raise TooMany
    there = before.placed if before is not None else 0
    total = sum(step.copies for step in steps)
    # Those of the batch that is being placed are told apart, since they go again if it fails.
    worlds = worlds.with_kind(move.need, total).with_kind(move.need, total)
    new, latest = len(worlds.kinds) - 2, len(worlds.kinds) - 1
    rolls = move.replaces and there > 0 and batch_size(move, there, assumptions) is not None
    size = rollback_size(move, there, assumptions) if rolls else None
    course = _Course(move, steps, old, new, latest, there, size)
    tallies = [Tally() for _ in steps]
    back: dict[tuple[int, bool], Tally] = {}
    after, work = [], 0
    for world in worlds.worlds:
        moves = worlds.moves(world.box, worlds.budget.many(MAX_MOVES) - work)
        ends = course.run(moves, set(world.states), tallies, back)
        work += moves.work
        if ends:
            after.append(World(world.box, frozenset(ends)))
    for earlier, later in itertools.pairwise(tallies):
        later.grows = later.grows or earlier.grows
    names = {name: kind for name, kind in worlds.names.items() if name != move.component}
    if move.copies:
        stays = not move.replaces and old is not None
        names[move.component] = old if stays and old is not None else new
    left = attrs.evolve(worlds, names=names, worlds=tuple(after), follow=True)
    return AllCourses(tallies, back, left, None if size is None else min(size, there))


@attrs.frozen
class _Course:
    """A change in terms of kinds: its ``old`` copies, ``there`` of them, the ``new`` ones and the ``latest``.

    ``size`` is how many old copies a rollback puts back at a time, if it may roll back.
    """

    move: CapacityChange
    steps: Sequence[Step]
    old: int | None
    new: int
    latest: int
    there: int
    size: int | None

    def run(
        self,
        moves: Moves,
        states: set[State],
        tallies: Sequence[Tally],
        back: dict[tuple[int, bool], Tally],
    ) -> set[State]:
        """Every state once the change is done; what comes of each step and way back goes into the tallies."""
        kept = self.there
        for number, (step, tally) in enumerate(zip(self.steps, tallies, strict=True)):
            if not states:
                return states
            states, refused = self._place(moves, states, self.latest, step.copies, tally)
            failed = {state.renamed(self.latest, None) for state in refused}
            self._back(moves, failed, (kept, step.counts.new[0]), back, (number, False))
            states = {state.renamed(self.latest, self.new) for state in states}
            states = self._leave(moves, states, self.old, kept - step.counts.old[1])
            kept = step.counts.old[1]
            self._back(moves, states, (kept, step.counts.new[1]), back, (number, True))
        return self._end(moves, states, kept)

    def _end(self, moves: Moves, states: set[State], kept: int) -> set[State]:
        placed = sum(step.copies for step in self.steps)
        if self.move.replaces:
            states = self._leave(moves, states, self.old, kept)
            states = self._leave(moves, states, self.new, placed - self.move.copies)
        else:
            states = self._leave(moves, states, self.old, kept + placed - self.move.copies)
            if self.old is not None:
                states = {state.renamed(self.new, self.old) for state in states}
        least = moves.fleet.min_instances
        return states if least is None else moves.released(states, least)

    @staticmethod
    def _leave(moves: Moves, states: set[State], kind: int | None, copies: int) -> set[State]:
        return states if kind is None or copies <= 0 else moves.leave(states, kind, copies)

    @staticmethod
    def _place(
        moves: Moves, states: set[State], kind: int, copies: int, tally: Tally
    ) -> tuple[set[State], set[State]]:
        moves.grew, moves.most = False, 0
        ends, refused = moves.place_all(states, kind, copies)
        tally.fails = tally.fails or bool(refused)
        tally.works = tally.works or bool(ends)
        tally.grows = tally.grows or moves.grew
        tally.most = max(tally.most, moves.most)
        return ends, refused

    def _back(
        self,
        moves: Moves,
        states: set[State],
        counts: tuple[int, int],
        back: dict[tuple[int, bool], Tally],
        moment: tuple[int, bool],
    ) -> None:
        """Old copies go back batch by batch, each before as many new ones leave."""
        if self.size is None or self.old is None or not states:
            return
        kept, new = counts
        found, whole = back.setdefault(moment, Tally()), Tally()
        while kept < self.there and states:
            now = min(self.size, self.there - kept)
            states, _ = self._place(moves, states, self.old, now, whole)
            states = self._leave(moves, states, self.new, min(now, new))
            kept, new = kept + now, new - min(now, new)
        found.fails, found.works = found.fails or whole.fails, found.works or bool(states)
        found.grows, found.most = found.grows or whole.grows, max(found.most, whole.most)
