"""What may happen next on a small fleet: copies are placed and leave, instances come and go.

A state is what each instance holds, what is on its way, and what goes on meanwhile. A copy that is placed
goes to any instance with room; where none has room, one is launched, of any type on which it may lie, as far
as the limits go. Copies leave from anywhere. Where it is not known whether a limit allows an instance, both
is tried. What is said of all courses, or of none, is then true.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import attrs

from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from icplan.packing.problem import Vector
    from icplan.verdict.courses import CourseStart

#: The type of an instance, the copies it holds by kind, and whether its last copy has left it.
Instance: TypeAlias = "tuple[int, frozenset[tuple[str, int]], bool]"
#: Instances, types on their way, and copies to come and to go of each component in motion.
State: TypeAlias = "tuple[tuple[Instance, ...], tuple[int, ...], tuple[tuple[int, int], ...]]"
#: What each type offers, at least and at most, per dimension.
Amounts: TypeAlias = "tuple[tuple[tuple[int, int], ...], ...]"

#: States looked at past which it takes too long.
MAX_STATES = 400_000


class TooLong(Exception):  # noqa: N818  (an answer, not an error)
    """There is more to try than is tried."""


@attrs.define
class Tally:
    """What came of a step in all courses, and the most instances that ran."""

    failed: bool = False
    worked: bool = False
    grew: bool = False
    most: int = 0

    @property
    def outcome(self) -> Outcome | None:
        """What it comes to; ``None`` where no course comes to it."""
        if not self.worked:
            return Outcome.DOES_NOT_FIT if self.failed else None
        if self.failed:
            return Outcome.MAY_NOT_FIT
        return Outcome.FITS_AFTER_SCALE_OUT if self.grew else Outcome.FITS


@attrs.define
class Work:
    """What is left of the states that are looked at, and the time until which they are."""

    until: float | None
    left: int = MAX_STATES

    def spend(self, states: int = 1) -> None:
        """Note that so many more are looked at; raises `TooLong`."""
        self.left -= states
        if self.left < 0 or (self.until is not None and time.monotonic() > self.until):
            raise TooLong


# -- states -------------------------------------------------------------------------------------------------


def ordered(instances: Iterable[Instance]) -> tuple[Instance, ...]:
    """Instances in the one order in which alike ones compare equal."""
    return tuple(sorted(instances, key=lambda one: (one[0], sorted(one[1]), one[2])))


def without(instances: tuple[Instance, ...], spot: Instance) -> tuple[Instance, ...]:
    """The instances but for one like this."""
    at = instances.index(spot)
    return (*instances[:at], *instances[at + 1 :])


def with_more(
    instances: tuple[Instance, ...], spot: Instance, kind: str, copies: int
) -> tuple[Instance, ...]:
    """So many more copies (or fewer) on one such instance."""
    pool, held, emptied = spot
    after = changed(held, kind, copies)
    gone = not after and (emptied or copies < 0)
    return ordered((*without(instances, spot), (pool, after, gone)))


def changed(held: frozenset[tuple[str, int]], kind: str, copies: int) -> frozenset[tuple[str, int]]:
    """What an instance holds with so many more copies of a kind, or fewer."""
    count = dict(held).get(kind, 0)
    rest = held - {(kind, count)}
    return rest | {(kind, count + copies)} if count + copies else rest


def counted_as(states: Iterable[State], kind: str, other: str | None) -> set[State]:
    """The states with copies of one kind as of another, or gone."""
    return {(ordered(_renamed(one, kind, other) for one in there), *rest) for there, *rest in states}  # type: ignore[misc]


def _renamed(one: Instance, kind: str, other: str | None) -> Instance:
    pool, held, _ = one
    count = dict(held).get(kind, 0)
    if not count:
        return one
    after = changed(held, kind, -count)
    after = after if other is None else changed(after, other, count)
    return pool, after, not after


# -- what may happen ----------------------------------------------------------------------------------------


@attrs.define
class Moves:
    """What may happen on some amounts; emptied instances are given back down to ``keeps``."""

    start: CourseStart
    demands: Mapping[str, tuple[Vector | None, ...]]
    amounts: Amounts
    work: Work
    keeps: int | None = None
    known: dict[tuple[int, frozenset[tuple[str, int]]], bool] = attrs.field(factory=dict)

    def fits(self, pool: int, held: frozenset[tuple[str, int]]) -> bool:
        """Whether one instance holds these copies."""
        key = pool, held
        if key not in self.known:
            rows = [(self.demands[name][pool], n) for name, n in held]
            self.known[key] = all(row is not None for row, _ in rows) and all(
                sum(n * row[place] for row, n in rows if row is not None) <= low
                for place, (low, _) in enumerate(self.amounts[pool])
            )
        return self.known[key]

    def load(self, pool: int, held: frozenset[tuple[str, int]], dimension: int) -> int:
        """What these copies take of one dimension of an instance."""
        rows = [(self.demands[name][pool], n) for name, n in held]
        return sum(n * row[dimension] for row, n in rows if row is not None)

    def room(self, instances: Iterable[Instance], kind: str) -> set[Instance]:
        """The instances on which one more copy has room."""
        return {spot for spot in instances if self.fits(spot[0], changed(spot[1], kind, 1))}

    def placed(self, state: State, kind: str) -> tuple[list[State], bool, bool]:
        """The states with one more copy; whether it may find no room, and whether one was launched for it."""
        instances, arriving, motion = state
        self.work.spend()
        spots = self.room(instances, kind)
        if spots:
            return [(with_more(instances, spot, kind, 1), arriving, motion) for spot in spots], False, False
        found, sure, in_vain = [], False, False
        alone = frozenset({(kind, 1)})
        for pool, demand in enumerate(self.demands[kind]):
            may, surely = self._allowed(state, pool)
            if demand is None or not may:
                continue
            if self.fits(pool, alone):
                found.append((ordered((*instances, (pool, alone, False))), arriving, motion))
                sure = sure or surely
            else:
                in_vain = True  # it is launched perhaps, and takes the place of one that has room
        return found, in_vain or not (sure or arriving), True

    def _allowed(self, state: State, pool: int) -> tuple[bool, bool]:
        """Whether one more instance of a type may run, and whether surely."""
        instances, arriving, _ = state
        counts = Counter([*(one[0] for one in instances), *arriving])
        may = surely = True
        for limit in self.start.limits:
            if pool in limit.pools:
                then = sum(counts[one] for one in limit.pools) + 1
                may, surely = may and then <= limit.most, surely and then <= limit.sure
        return may, surely

    def all_placed(
        self, states: Iterable[State], kind: str, copies: int, tally: Tally
    ) -> tuple[set[State], set[State]]:
        """The states with so many more copies, and those in which one found no room."""
        there, in_vain = set(states), set[State]()
        for _ in range(copies):
            found = set[State]()
            for state in self.settled(there):
                after, refused, launched = self.placed(state, kind)
                found.update(after)
                tally.grew = tally.grew or launched
                if refused:
                    in_vain.add(state)
            there = found
            tally.most = max([tally.most, *(len(state[0]) for state in there)])
        tally.failed, tally.worked = tally.failed or bool(in_vain), tally.worked or bool(there)
        return there, in_vain

    def left(self, states: Iterable[State], kind: str | None, copies: int) -> set[State]:
        """The states once so many copies have left, from wherever."""
        found = set(states)
        for _ in range(copies if kind else 0):
            self.work.spend(len(found))
            found = {
                (with_more(there, spot, str(kind), -1), arriving, motion)
                for there, arriving, motion in found
                for spot in {one for one in there if dict(one[1]).get(str(kind))}
            }
        return found

    def settled(self, states: Iterable[State]) -> set[State]:
        """All that may have gone on meanwhile, nothing included."""
        return self._closed(states, self._meanwhile)

    def given_back(self, states: Iterable[State], least: int) -> set[State]:
        """Emptied instances may be given back as long as so many are left."""
        return self._closed(states, lambda state: self._without_emptied(state, least))

    def _closed(self, states: Iterable[State], after: Callable[[State], Iterable[State]]) -> set[State]:
        found, todo = set(states), list(states)
        while todo:
            self.work.spend()
            for other in after(todo.pop()):
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return found

    def _meanwhile(self, state: State) -> Iterator[State]:
        instances, arriving, motion = state
        for pool in set(arriving):
            rest = list(arriving)
            rest.remove(pool)
            yield ordered((*instances, (pool, frozenset(), False))), tuple(rest), motion
        moving = [one for one in self.start.components if one.coming or one.going]
        for number, (one, (coming, going)) in enumerate(zip(moving, motion, strict=True)):
            if coming:
                then = (*motion[:number], (coming - 1, going + one.replaces), *motion[number + 1 :])
                yield from self.placed((instances, arriving, then), one.component)[0]
            if going:
                then = (*motion[:number], (coming, going - 1), *motion[number + 1 :])
                for after, _, _ in self.left({state}, one.component, 1):
                    yield after, arriving, then
        if self.keeps is not None:
            yield from self._without_emptied(state, self.keeps)

    @staticmethod
    def _without_emptied(state: State, least: int) -> Iterator[State]:
        instances, *rest = state
        for spot in {one for one in instances if one[2] and len(instances) > least}:
            yield (without(instances, spot), *rest)  # type: ignore[misc]
