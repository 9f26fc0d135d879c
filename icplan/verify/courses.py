"""Every course of a change on a small fleet, tried again: which steps always work, sometimes, or never."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from icplan.verdict.outcome import Outcome
from icplan.verify.course_moves import (
    MAX_STATES,
    Amounts,
    Instance,
    Moves,
    State,
    Tally,
    TooLong,
    Work,
    counted_as,
    ordered,
    with_more,
    without,
)
from icplan.verify.course_premises import check_courses
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.packing.problem import Vector
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.courses import CourseComponent, Courses, CourseStart

#: Amounts told apart past which it takes too long.
MAX_AMOUNTS = 1000

_NEW, _LATEST = " new", " latest"


@attrs.frozen
class Worlds:
    """All that may be: the states for each choice of amounts. ``demands`` and ``copies`` go by kind."""

    start: CourseStart
    demands: Mapping[str, tuple[Vector | None, ...]]
    copies: Mapping[str, int]
    states: tuple[tuple[Amounts, frozenset[State]], ...]


@attrs.frozen
class Explored:
    """What comes of each step, of going back from each moment (and whether a step ends there), and after."""

    steps: tuple[Tally, ...]
    back: tuple[tuple[bool, Tally], ...]
    after: Worlds

    @property
    def rollback(self) -> Outcome:
        """Promised if it works from every moment, refused if it never does from one that is reached."""
        if any(reached and not tally.worked for reached, tally in self.back):
            return Outcome.DOES_NOT_FIT
        if any(tally.failed or not tally.worked for _, tally in self.back):
            return Outcome.MAY_NOT_FIT
        grew = any(tally.grew for _, tally in self.back)
        return Outcome.FITS_AFTER_SCALE_OUT if grew else Outcome.FITS


@attrs.define
class CourseChain:
    """Changes of a set in order, each tried on what the ones before it leave, as far as anyone asks for that.

    ``emptied`` is the value of the assumption on what becomes of emptied instances.
    """

    emptied: str | None
    until: float | None = None
    _left: Callable[[], Worlds | None] = lambda: None
    _tried: tuple[ChangeVerdict, Explored] | None = None

    def explored(self, change: ChangeVerdict) -> Explored:
        """All that may come of the next change; raises `TooLong`."""
        if self._tried is None or self._tried[0] is not change:
            require(change.courses is not None, "it is not told what every course was tried on")
            before = self._left() if change.courses and change.courses.start is None else None
            self._tried = change, explore(change, before, self.emptied, self.until)
        return self._tried[1]

    def then(self, change: ChangeVerdict) -> None:
        """Go on to the next change: one that fails leaves all as it is."""
        if change.outcome.fails:
            return
        if change.courses is None:
            if change.phases or not change.inference_component_name:
                self._left = lambda: None
            return
        here = attrs.evolve(self)
        self._left = lambda: here.explored(change).after

    def agrees(self, change: ChangeVerdict) -> None:
        """Raise `Rejected` unless what courses of a change are told of is what its phases speak of."""
        courses = change.courses
        if courses is not None and courses.start is not None:
            check_courses(change, courses, (courses.start, *_there(courses.start)), self.emptied)


def explore(
    change: ChangeVerdict, before: Worlds | None, emptied: str | None, until: float | None
) -> Explored:
    """Try every course of a change; raises `TooLong`."""
    courses = change.courses
    assert courses is not None  # noqa: S101  (who asks has looked)
    require(courses.start is not None or before is not None, "no change leaves what the courses start from")
    work = Work(until)
    worlds = before if courses.start is None and before is not None else _begin(courses, work)
    name = change.inference_component_name
    there, wanted = change.copies or (0, 0)
    old = name if there else None
    check_courses(change, courses, (worlds.start, worlds.demands, worlds.copies), emptied)
    steps = _steps(change)
    worlds = _with_new(worlds, courses.need, sum(placed for placed, _ in steps), work)
    run = _Run(courses, worlds, steps, old, there, wanted, work)
    forward = run.through(released=courses.released)
    if courses.back is None:
        return Explored(forward.tallies, (), forward.after(name))
    back = forward if courses.released_back is courses.released else run.through(released=True)
    return Explored(forward.tallies, back.back, forward.after(name))


def _steps(change: ChangeVerdict) -> list[tuple[int, int]]:
    """How many copies each step places, and how many old ones then leave."""
    ahead = [phase for phase in change.phases if phase.kind == "place"]
    counts = [(phase.old, phase.new) for phase in ahead]
    return [(new[1] - new[0], old[0] - old[1]) for old, new in counts if old and new]


def _there(start: CourseStart) -> tuple[dict[str, tuple[Vector | None, ...]], dict[str, int]]:
    """What a copy of each component takes, and how many copies lie there."""
    demands = {one.component: one.demands for one in start.components}
    return demands, {one.component: one.copies for one in start.components}


# -- where it starts ----------------------------------------------------------------------------------------


def _begin(courses: Courses, work: Work) -> Worlds:
    start = courses.start
    assert start is not None  # noqa: S101  (it was required)
    demands, there = _there(start)
    copies = {one.component: one.copies + one.coming for one in start.components}
    whole = tuple(pool.capacity for pool in start.pools)
    found = []
    for amounts in _told_apart(whole, demands, copies):
        moves = Moves(start, demands, amounts, work)
        arranged = _arranged(start, moves)
        comings = list(itertools.combinations_with_replacement(range(len(start.pools)), start.arriving))
        motion = tuple((one.coming, one.going) for one in start.components if one.coming or one.going)
        states = {(instances, arriving, motion) for instances in arranged for arriving in comings}
        work.spend(len(states))
        if states:
            found.append((amounts, frozenset(states)))
    require(found, "there is no world in which what runs could have been placed")
    return Worlds(start, demands, there, tuple(found))


def _arranged(start: CourseStart, moves: Moves) -> set[tuple[Instance, ...]]:
    """Every way in which what runs may lie."""
    if all(pool.holds is not None for pool in start.pools):
        return {_located(start)}
    found = _laid_out(start, moves)
    for _ in range(start.idle):
        found = {without(instances, spot) for instances in found for spot in set(instances) if not spot[1]}
    return found


def _located(start: CourseStart) -> tuple[Instance, ...]:
    """The instances with what is told to lie on each; Rejected unless all that runs does."""
    known = [
        (number, frozenset((name, n) for name, n in group.copies.items() if n), False)
        for number, pool in enumerate(start.pools)
        for group in pool.holds or ()
        for _ in range(group.instances)
    ]
    told = Counter[str]()
    for _, held, _ in known:
        told.update(dict(held))
    runs = Counter({one.component: one.copies for one in start.components if one.copies})
    require(told == runs, "others lie there")
    return ordered(known)


def _laid_out(start: CourseStart, moves: Moves) -> set[tuple[Instance, ...]]:
    """Every way to lay out what runs, copy by copy, that what is measured allows."""
    empty = [
        (number, frozenset[tuple[str, int]](), False)
        for number, pool in enumerate(start.pools)
        for _ in range(pool.count)
    ]
    found = {ordered(empty)}
    for one in start.components:
        for pool in _places(one):
            found = {
                with_more(instances, spot, one.component, 1)
                for instances in found
                for spot in moves.room(instances, one.component)
                if pool in (None, spot[0])
            }
            found = {instances for instances in found if not _too_much(start, moves, instances)}
            moves.work.spend(len(found))
    return {instances for instances in found if _as_measured(start, moves, instances)}


def _too_much(start: CourseStart, moves: Moves, instances: tuple[Instance, ...]) -> bool:
    """Whether more lies there already than a metric tells: on the most loaded ones, as many as you like."""
    for metric in start.reserved:
        loads = sorted(
            (moves.load(pool, held, metric.dimension) for pool, held, _ in instances), reverse=True
        )
        tops = sorted((max(high for _, high in rank) for rank in metric.ranks), reverse=True)
        if any(load > top for load, top in zip(loads, tops, strict=False)):
            return True
    return False


def _as_measured(start: CourseStart, moves: Moves, instances: tuple[Instance, ...]) -> bool:
    """Whether no ranks of a metric are claimed by more instances than there are ranks.

    By Hall's theorem each instance then has a rank of its own: those that it can have stand together.
    """
    for metric in start.reserved:
        spans = []
        for pool, held, _ in instances:
            load = moves.load(pool, held, metric.dimension)
            mine = [n for n, rank in enumerate(metric.ranks) if rank[pool][0] <= load <= rank[pool][1]]
            if not mine:
                return False
            spans.append((min(mine), max(mine)))
        last = len(metric.ranks)
        for low, high in itertools.combinations_with_replacement(range(last), 2):
            if sum(low <= first and end <= high for first, end in spans) > high - low + 1:
                return False
        if len(spans) != last:
            return False
    return True


def _places(one: CourseComponent) -> Iterator[int | None]:
    """Of each copy the type it lies on, ``None`` where that is not told."""
    types = one.types or ()
    for pool, count in enumerate(types):
        yield from itertools.repeat(pool, count)
    yield from itertools.repeat(None, one.copies - sum(types))


def _with_new(worlds: Worlds, need: tuple[Vector | None, ...], placed: int, work: Work) -> Worlds:
    """The same, with amounts told apart by what new copies make a difference to."""
    demands = {**worlds.demands, _NEW: need, _LATEST: need}
    motion = {one.component: one.coming for one in worlds.start.components}
    counts = {name: n + motion.get(name, 0) for name, n in worlds.copies.items()} | {
        _NEW: placed,
        _LATEST: placed,
    }
    states = [
        (amounts, states)
        for whole, states in worlds.states
        for amounts in _told_apart(whole, demands, counts)
    ]
    if len(states) > MAX_AMOUNTS:
        raise TooLong
    work.spend(len(states))
    return attrs.evolve(worlds, demands=demands, states=tuple(states))


def _told_apart(
    whole: Amounts, demands: Mapping[str, tuple[Vector | None, ...]], copies: Mapping[str, int]
) -> list[Amounts]:
    """Amounts, cut wherever some copies together take just so much: within a part nothing differs."""
    pools = []
    for pool, sides in enumerate(whole):
        cut = []
        for place, (low, high) in enumerate(sides):
            sums = {0}
            for name, row in demands.items():
                takes = 0 if (demand := row[pool]) is None else demand[place]
                most = min(copies.get(name, 0), high // takes if takes else 0)
                sums = {
                    have + n * takes for have in sums for n in range(most + 1) if have + n * takes <= high
                }
                if len(sums) > MAX_STATES:
                    raise TooLong
            starts = sorted({low, *(n for n in sums if low < n)}) if low < high else [low]
            cut.append([(one, other - 1) for one, other in itertools.pairwise([*starts, high + 1])])
        pools.append([tuple(part) for part in itertools.islice(itertools.product(*cut), MAX_AMOUNTS + 1)])
    found = list(itertools.islice(itertools.product(*pools), MAX_AMOUNTS + 1))
    if len(found) > MAX_AMOUNTS:
        raise TooLong
    return found


# -- a change -----------------------------------------------------------------------------------------------


@attrs.define
class _Through:
    """What came of a change on all worlds."""

    worlds: Worlds
    tallies: tuple[Tally, ...]
    back: tuple[tuple[bool, Tally], ...]
    ends: tuple[tuple[Amounts, frozenset[State]], ...]
    wanted: int
    keeps_old: bool

    def after(self, name: str) -> Worlds:
        """All that may be after it: the new copies go by the component's name from then on."""
        demands = {kind: row for kind, row in self.worlds.demands.items() if not kind.startswith(" ")}
        copies = {kind: n for kind, n in self.worlds.copies.items() if kind != name}
        if not self.keeps_old:
            demands[name] = self.worlds.demands[_NEW]
        if self.wanted:
            copies[name] = self.wanted
        states = tuple((amounts, frozenset(counted_as(states, _NEW, name))) for amounts, states in self.ends)
        return attrs.evolve(self.worlds, demands=demands, copies=copies, states=states)


@attrs.frozen
class _Run:
    """A change: ``there`` of its ``old`` copies, of which it makes ``wanted`` in its steps."""

    courses: Courses
    worlds: Worlds
    steps: Sequence[tuple[int, int]]
    old: str | None
    there: int
    wanted: int
    work: Work

    def through(self, *, released: bool) -> _Through:
        """Every course on every world."""
        tallies = tuple(Tally() for _ in self.steps)
        back: dict[tuple[int, bool], Tally] = {}
        ends = []
        for amounts, states in self.worlds.states:
            keeps = self.worlds.start.least if released else None
            moves = Moves(self.worlds.start, self.worlds.demands, amounts, self.work, keeps)
            end = self._one(moves, set(states), tallies, back)
            if end:
                ends.append((amounts, frozenset(end)))
        for earlier, later in itertools.pairwise(tallies):
            later.grew = later.grew or earlier.grew  # what was launched is there in the steps that follow
        reached = tuple((done, tally) for (_, done), tally in back.items())
        keeps_old = not self.courses.replaces and self.old is not None
        return _Through(self.worlds, tallies, reached, tuple(ends), self.wanted, keeps_old)

    def _one(
        self, moves: Moves, states: set[State], tallies: Sequence[Tally], back: dict[tuple[int, bool], Tally]
    ) -> set[State]:
        kept, new = self.there, 0
        for number, ((placed, leaves), tally) in enumerate(zip(self.steps, tallies, strict=True)):
            if not states:
                return states
            states, refused = moves.all_placed(states, _LATEST, placed, tally)
            # What a batch that fails has placed goes again.
            self._back(moves, counted_as(refused, _LATEST, None), (kept, new), back, (number, False))
            states = moves.left(counted_as(states, _LATEST, _NEW), self.old, leaves)
            kept, new = kept - leaves, new + placed
            self._back(moves, states, (kept, new), back, (number, True))
        if self.courses.replaces:
            states = moves.left(states, self.old, kept)
            states = moves.left(states, _NEW, new - self.wanted)
        else:
            states = moves.left(states, self.old, kept + new - self.wanted)
        least = self.worlds.start.least
        return states if least is None else moves.given_back(states, least)

    def _back(
        self,
        moves: Moves,
        states: set[State],
        counts: tuple[int, int],
        back: dict[tuple[int, bool], Tally],
        moment: tuple[int, bool],
    ) -> None:
        """Old copies are put back batch by batch; as many new ones leave after each."""
        if not self.courses.back or self.old is None or not states:
            return
        (kept, new), whole, tally = counts, Tally(), back.setdefault(moment, Tally())
        while kept < self.there and states:
            now = min(self.courses.back, self.there - kept)
            states, _ = moves.all_placed(states, self.old, now, whole)
            states = moves.left(states, _NEW, min(now, new))
            kept, new = kept + now, new - min(now, new)
        tally.failed, tally.worked = tally.failed or whole.failed, tally.worked or bool(states)
        tally.grew, tally.most = tally.grew or whole.grew, max(tally.most, whole.most)
