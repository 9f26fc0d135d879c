"""What runs again where it is known which instance holds which copies: every choice of what goes is tried.

Copies that are lost, or wait, are placed one after another wherever there is room, in any order; what runs
is not moved. So a component has the fewest copies where others took room first, and the most where it came
first.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final

import attrs

from icplan.verdict.headroom import Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.fleet import Component, InstanceContents
    from icplan.packing.problem import Vector
    from icplan.planning.drill_events import Event
    from icplan.planning.known_fleets import KnownFleet

MAX_CHOICES: Final = 200
MAX_INSTANCES: Final = 200
MAX_WORK: Final = 400_000
"""Instances that are filled, over all choices: past it the bounds for every arrangement stand."""


@attrs.frozen
class LocatedFigures:
    """The copies that run once what finds room is placed again, and those after replacement."""

    again: Range
    after: Range


@attrs.frozen
class _Place:
    """An instance: its pool, and what the copies on it leave free at least and at most."""

    pool: int
    least: Vector
    most: Vector


def located_figures(known: KnownFleet, event: Event, component: Component) -> LocatedFigures | None:
    """Both figures exactly; ``None`` where locations are not told, or where there is too much to try."""
    contents = known.fleet.contents
    demands = [known.fleet.demand(component.need, pool.type.name) for pool in known.fleet.pools]
    if contents is None or event.perhaps or any(need is not None and not any(need) for need in demands):
        return None
    there = [sum(one.instances for one in contents if one.type == p.type.name) for p in known.fleet.pools]
    if there != [pool.instances for pool in known.fleet.pools] or sum(there) > MAX_INSTANCES:
        return None
    choices = list(itertools.islice(_choices(known, contents, event), MAX_CHOICES + 1))
    if len(choices) > MAX_CHOICES:
        return None
    again, after = [], []
    for going in choices:
        found = _of_choice(known, contents, going, component, MAX_WORK // len(choices))
        if found is None:
            return None
        again.append(found.again)
        after.append(found.after)
    return LocatedFigures(_around(again), _around(after))


def _around(figures: Sequence[Range]) -> Range:
    return Range(min(one.low for one in figures), max(one.high or 0 for one in figures))


def _choices(
    known: KnownFleet, contents: Sequence[InstanceContents], event: Event
) -> Iterator[tuple[int, ...]]:
    """How many instances of each entry go."""
    if event.zone is not None:
        yield tuple(one.instances if one.zone == event.zone else 0 for one in contents)
        return
    wanted = {known.fleet.pools[number].type.name: count for number, count in event.gone.items()}

    def some(number: int, left: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
        if number == len(contents):
            yield ()
            return
        one = contents[number]
        later = sum(other.instances for other in contents[number + 1 :] if other.type == one.type)
        wants = left.get(one.type, 0)
        for count in range(max(0, wants - later), min(one.instances, wants) + 1):
            for more in some(number + 1, {**left, one.type: wants - count}):
                yield (count, *more)

    yield from some(0, wanted)


def _of_choice(
    known: KnownFleet,
    contents: Sequence[InstanceContents],
    going: Sequence[int],
    component: Component,
    work: int,
) -> LocatedFigures | None:
    """What runs again where so many instances of each entry go."""
    fleet = known.fleet
    numbers = {pool.type.name: number for number, pool in enumerate(fleet.pools)}
    stays = list(zip(contents, going, strict=True))
    kept = {
        one.name: sum((entry.instances - gone) * entry.copies.get(one.name, 0) for entry, gone in stays)
        for one in fleet.components
    }
    places = [
        _place(known, numbers[entry.type], entry.copies)
        for entry, gone in stays
        for _ in range(entry.instances - gone)
    ]
    new = [_place(known, numbers[entry.type], {}) for entry, gone in stays for _ in range(gone)]
    if any(amount < 0 for place in places for amount in place.most):
        return None
    waiting: dict[tuple[Vector | None, ...], int] = {}
    for one in fleet.components:
        missing = one.copies - kept[one.name]
        if one.name != component.name and missing > 0:
            demands = tuple(fleet.demand(one.need, pool.type.name) for pool in fleet.pools)
            waiting[demands] = waiting.get(demands, 0) + missing
    own = tuple(fleet.demand(component.need, pool.type.name) for pool in fleet.pools)
    if math.prod(count + 1 for count in waiting.values()) ** 2 * (len(places) + len(new)) > work:
        return None
    runs, missing = kept[component.name], component.placed - kept[component.name]
    again, after = _fewest(places, own, waiting), _fewest([*places, *new], own, waiting)
    first = sum(_fits(place.most, own[place.pool]) for place in places)
    return LocatedFigures(
        Range(runs + min(missing, again), runs + min(missing, first)),
        Range(runs + min(missing, after), component.placed),
    )


def _place(known: KnownFleet, number: int, copies: Mapping[str, int]) -> _Place:
    fleet, side = known.fleet, known.box.sides[number]
    pool = fleet.pools[number]
    least, most = list(fleet.capacity(pool, *side.low)), list(fleet.capacity(pool, *side.high))
    for one in fleet.components:
        count = copies.get(one.name, 0)
        for place, amount in enumerate(fleet.demand(one.need, pool.type.name) or () if count else ()):
            least[place] -= count * amount
            most[place] -= count * amount
    return _Place(number, tuple(least), tuple(most))


def _fits(free: Vector, demand: Vector | None) -> int:
    """How many copies have room."""
    if demand is None:
        return 0
    return max(0, min(have // need for have, need in zip(free, demand, strict=True) if need))


def _fewest(
    places: Sequence[_Place], own: Sequence[Vector | None], waiting: Mapping[tuple[Vector | None, ...], int]
) -> int:
    """The fewest copies that have room, whatever of what waits has taken room before."""
    kinds = [*waiting]
    states: dict[tuple[int, ...], int] = {tuple(waiting[kind] for kind in kinds): 0}
    for place in places:
        after: dict[tuple[int, ...], int] = {}
        for left, found in states.items():
            for taken, used in _fillings(place, kinds, left):
                free = tuple(have - amount for have, amount in zip(place.least, used, strict=True))
                still = tuple(a - b for a, b in zip(left, taken, strict=True))
                count = found + _fits(free, own[place.pool])
                after[still] = min(count, after.get(still, count))
        states = after
    return min(states.values())


def _fillings(
    place: _Place, kinds: Sequence[tuple[Vector | None, ...]], left: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], Vector]]:
    """How many copies of each kind may be placed there, and what they take."""
    needs = [kind[place.pool] for kind in kinds]
    most = [0 if need is None else count for need, count in zip(needs, left, strict=True)]
    for taken in itertools.product(*(range(count + 1) for count in most)):
        used = [0] * len(place.most)
        for need, count in zip(needs, taken, strict=True):
            for number, amount in enumerate(need or ()):
                used[number] += count * amount
        if all(amount <= have for amount, have in zip(used, place.most, strict=True)):
            yield taken, tuple(used)
