"""Every way in which the copies of a small fleet may lie on the instances that run."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

from icplan.feasibility.every_course.metric_match import Measured
from icplan.feasibility.every_course.state import State, TooMany, more

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.feasibility.every_course.moves import Moves
    from icplan.feasibility.every_course.state import Instance
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.problem import Vector

#: Ways past which no more are looked at with the usual effort, and where metrics leave fewer of them.
MAX_WAYS, MAX_WAYS_MEASURED = 4000, 12_000


def arrangements(moves: Moves, components: Sequence[Component]) -> set[tuple[Instance, ...]]:
    """What each instance may hold; raises `TooMany`."""
    fleet = moves.fleet
    if fleet.contents is not None:
        return {_known(fleet, components)}
    now = tuple(pool.instances for pool in fleet.pools)
    counts = now if fleet.scale_in is None else fleet.scale_in.instances
    running = [n for n, count in enumerate(counts) for _ in range(count)]
    measured = Measured.of(fleet, len(running))
    limit = moves.budget.many(MAX_WAYS_MEASURED if measured else MAX_WAYS)
    states = {State(tuple((pool, (), False) for pool in running))}
    for kind, one in enumerate(components):
        for wanted in _where(fleet, one):
            moves.work += len(states)
            states = {
                state.put(spot, kind)
                for state in states
                for spot in set(state.instances)
                if wanted in (None, spot[0]) and moves.holds(spot[0], more(spot[1], kind, 1))
            }
            if measured:
                states = {state for state in states if measured.may_become(_loads(moves, state))}
            if len(states) > limit:
                raise TooMany
    if measured:
        states = {state for state in states if measured.explains(_loads(moves, state))}
    for _ in range(len(running) - fleet.instances):
        # Only idle ones are taken away; which of them is not told.
        states = {state.released(one) for state in states for one in set(state.instances) if not one[1]}
    return {state.instances for state in states}


def _loads(moves: Moves, state: State) -> list[tuple[int, Vector]]:
    """The pool of each instance, and what lies on it."""
    return [(pool, moves.load(pool, held)) for pool, held, _ in state.instances]


def _where(fleet: Fleet, one: Component) -> Iterator[int | None]:
    """For each copy that is there the pool where it lies, ``None`` where that is not told."""
    there = one.placed + one.in_flight - one.coming
    counts: Counter[int | None] = Counter()
    if one.by_type is not None:
        for number, pool in enumerate(fleet.pools):
            counts[number] += one.by_type.get(pool.type.name, 0)
    yield from counts.elements()
    yield from itertools.repeat(None, max(0, there - counts.total()))


def _known(fleet: Fleet, components: Sequence[Component]) -> tuple[Instance, ...]:
    kinds = {one.name: kind for kind, one in enumerate(components)}
    pools = {pool.type.name: number for number, pool in enumerate(fleet.pools)}
    contents = fleet.contents or ()
    told = Counter[str]()
    for content in contents:
        for name, n in content.copies.items():
            told[name] += n * content.instances
    if told != Counter({one.name: one.placed for one in components}) or any(o.in_flight for o in components):
        raise TooMany
    return tuple(
        sorted(
            (pools[one.type], tuple(sorted((kinds[name], n) for name, n in one.copies.items() if n)), False)
            for one in contents
            for _ in range(one.instances)
        )
    )
