"""What SageMaker may do with a small fleet next: place a copy, launch, release, and what goes on meanwhile.

A new copy goes to any instance with room. Where none has room an instance is launched, of any type on which
the copy may lie, as far as the limits go. Where it is not known whether a limit allows one more, both are
tried, so that what holds in all courses, and what holds in none, is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.feasibility.every_course.state import State, TooMany, more
from icplan.packing.budget import Ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from icplan.feasibility.every_course.state import Held
    from icplan.fleet.fleet import Demand, Fleet
    from icplan.packing.budget import Budget
    from icplan.packing.problem import Vector


#: What it takes to look at one move.
UNITS_PER_MOVE: Final = 10


@attrs.frozen
class Cap:
    """The most instances of some pools together: surely so many, and never more than ``most``."""

    pools: frozenset[int]
    sure: float
    most: float


@attrs.frozen
class Mover:
    """A component in motion, by kind; where it ``replaces``, each copy that comes lets one there go."""

    kind: int
    replaces: bool


@attrs.frozen
class Placed:
    """The states with one more copy; whether it may be refused, and whether an instance that ran had room."""

    states: tuple[State, ...]
    refused: bool
    at_once: bool


@attrs.define
class Moves:
    """The moves on one choice of amounts. ``work`` counts how many were looked at, at most ``limit``.

    Each takes units of the ``budget``, whose clock ends them as well.

    While copies are placed, emptied instances may be given back if at least so many as ``keeps`` are left.
    """

    fleet: Fleet
    capacities: Sequence[Vector]
    kinds: Sequence[Demand]
    movers: Sequence[Mover]
    caps: Sequence[Cap]
    limit: int
    budget: Budget
    keeps: int | None = None
    work: int = 0
    grew: bool = False
    most: int = 0
    _rooms: dict[tuple[int, Held], bool] = attrs.field(factory=dict)

    # -- room and limits ------------------------------------------------------------------------------------

    def holds(self, pool: int, held: Held) -> bool:
        """Whether an instance of the pool has room for these copies."""
        key = pool, held
        if key not in self._rooms:
            self._rooms[key] = self._holds(pool, held)
        return self._rooms[key]

    def _holds(self, pool: int, held: Held) -> bool:
        left = list(self.capacities[pool])
        for kind, copies in held:
            demand = self.fleet.demand(self.kinds[kind], self.fleet.pools[pool].type.name)
            if demand is None:
                return False
            left = [have - copies * takes for have, takes in zip(left, demand, strict=True)]
        return min(left) >= 0

    def load(self, pool: int, held: Held) -> Vector:
        """What these copies take of an instance of the pool, per dimension."""
        total = [0] * len(self.fleet.dimensions)
        for kind, copies in held:
            demand = self.fleet.demand(self.kinds[kind], self.fleet.pools[pool].type.name)
            for place, takes in enumerate(demand or ()):
                total[place] += copies * takes
        return tuple(total)

    def _may_lie(self, kind: int, pool: int) -> bool:
        return self.fleet.demand(self.kinds[kind], self.fleet.pools[pool].type.name) is not None

    def _grants(self, state: State, pool: int) -> tuple[bool, bool]:
        """Whether one more instance of the pool may be launched, and whether surely."""
        counts = state.per_pool
        may = surely = True
        for cap in self.caps:
            if pool in cap.pools:
                there = sum(counts[one] for one in cap.pools) + 1
                may, surely = may and there <= cap.most, surely and there <= cap.sure
        return may, surely

    # -- one copy -------------------------------------------------------------------------------------------

    def place(self, state: State, kind: int) -> Placed:
        """Every way to place one more copy."""
        self._count()
        spots = {one for one in set(state.instances) if self.holds(one[0], more(one[1], kind, 1))}
        if spots:
            return Placed(tuple(state.put(spot, kind) for spot in spots), refused=False, at_once=True)
        found, surely, vain = [], False, False
        for pool in range(len(self.fleet.pools)):
            may, sure = self._grants(state, pool)
            if not may or not self._may_lie(kind, pool):
                continue
            if self.holds(pool, ((kind, 1),)):
                found.append(state.launched(pool, ((kind, 1),)))
                surely = surely or sure
            else:
                # It is not known whether a type that has no room even so is launched, in vain.
                vain = True
        refused = vain or not (surely or state.arriving)
        return Placed(tuple(found), refused, at_once=False)

    def place_all(self, states: Iterable[State], kind: int, copies: int) -> tuple[set[State], set[State]]:
        """Every state once so many copies are placed, and every one in which a copy is refused."""
        there, refused = set(states), set[State]()
        for _ in range(copies):
            found = set[State]()
            for state in self.settled(there):
                placed = self.place(state, kind)
                found.update(placed.states)
                self.grew = self.grew or not placed.at_once
                if placed.refused:
                    refused.add(state)
            there = found
            self.most = max((self.most, *(len(state.instances) for state in there)))
        return there, refused

    def leave(self, states: Iterable[State], kind: int, copies: int) -> set[State]:
        """Every state once so many copies have left, whichever they are."""
        found = set(states)
        for _ in range(copies):
            self._count(len(found))
            found = {state.put(spot, kind, -1) for state in found for spot in state.holding(kind)}
        return found

    # -- meanwhile ------------------------------------------------------------------------------------------

    def settled(self, states: Iterable[State]) -> set[State]:
        """All that may have happened by itself before the next copy is placed, nothing included."""
        found = set(states)
        todo = list(found)
        while todo:
            for after in self._next(todo.pop()):
                if after not in found:
                    found.add(after)
                    todo.append(after)
        self._count(len(found))
        return found

    def _next(self, state: State) -> Iterator[State]:
        for pool in set(state.arriving):
            yield state.arrived(pool)
        if self.keeps is not None:
            yield from self._without_emptied(state, self.keeps)
        for number, ((coming, going), mover) in enumerate(zip(state.motion, self.movers, strict=True)):
            if coming:
                then = state.moved(number, coming - 1, going + mover.replaces)
                yield from self.place(then, mover.kind).states
            if going:
                then = state.moved(number, coming, going - 1)
                yield from (then.put(spot, mover.kind, -1) for spot in state.holding(mover.kind))

    def released(self, states: Iterable[State], least: int) -> set[State]:
        """Emptied instances may be given back, as long as ``least`` are left."""
        found = set(states)
        todo = list(found)
        while todo:
            state = todo.pop()
            self._count()
            for after in self._without_emptied(state, least):
                if after not in found:
                    found.add(after)
                    todo.append(after)
        return found

    @staticmethod
    def _without_emptied(state: State, least: int) -> Iterator[State]:
        if len(state.instances) > least:
            yield from (state.released(spot) for spot in {one for one in state.instances if one[2]})

    def _count(self, more_work: int = 1) -> None:
        self.work += more_work
        self.budget.charge(UNITS_PER_MOVE * more_work)
        if self.work > self.limit or self.budget.ended is Ended.TIME:
            raise TooMany
