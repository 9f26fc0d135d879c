"""What runs again in a drill where it is told what lies on each instance, reckoned anew for every choice."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from icplan.verdict.headroom import Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.packing.problem import Vector
    from icplan.verdict.drill import DrillEvent
    from icplan.verdict.drill_evidence import DrilledComponent, DrillPremises

    #: The place of its pool, and the copies on it, in the order of the components.
    Instance: TypeAlias = tuple[int, tuple[int, ...]]
    #: What a copy takes on each type; ``None`` where it may not lie.
    Demands: TypeAlias = tuple[Vector | None, ...]

_MOST_TRIED: Final = 20_000
_MOST_INSTANCES: Final = 200
_MOST_FILLED: Final = 1_600_000


def runs_again(
    premises: DrillPremises, event: DrillEvent, own: DrilledComponent
) -> tuple[Range, Range] | None:
    """The copies that run once placed again, and after replacement; ``None`` where that is not told."""
    there = _instances(premises)
    if there is None or event.perhaps or any(need is not None and not any(need) for need in own.demands):
        return None
    going = _going(premises, event, there) if len(there) <= _MOST_INSTANCES else None
    if going is None:
        return None
    again, after = [], []
    for gone in going:
        stays = [*(Counter(there) - Counter(gone)).elements()]
        empty = [(pool, (0,) * len(premises.components)) for pool, _ in gone]
        found = _after(premises, own, stays, empty, _MOST_FILLED // len(going))
        if found is None:
            return None
        again.append(found[0])
        after.append(found[1])
    return _around(again), _around(after)


def _around(found: Sequence[Range]) -> Range:
    return Range(min(one.low for one in found), max(one.high or 0 for one in found))


def _instances(premises: DrillPremises) -> list[Instance] | None:
    names = [one.name for one in premises.components]
    found: list[Instance] = []
    for number, pool in enumerate(premises.pools):
        held = pool.holds or ()
        if pool.holds is None or sum(one.instances for one in held) != pool.count:
            return None
        for one in held:
            found += [(number, _copies(one.copies, names))] * one.instances
    return found


def _copies(held: Mapping[str, int], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(held.get(name, 0) for name in names)


def _going(
    premises: DrillPremises, event: DrillEvent, there: Sequence[Instance]
) -> list[tuple[Instance, ...]] | None:
    """The instances that may go together, each choice once."""
    places = {pool.type: number for number, pool in enumerate(premises.pools)}
    if event.gone:
        names = [one.name for one in premises.components]
        alike = [[(places[one.type], _copies(one.copies, names))] * one.instances for one in event.gone]
        return [tuple(itertools.chain.from_iterable(alike))]
    choices: list[tuple[Instance, ...]] = [()]
    for one, n in sorted(Counter(there).items()):
        kind = premises.pools[one[0]].type
        most = min(n, event.instances.get(kind, 0))
        choices = [(*each, *(one,) * more) for each in choices for more in range(most + 1)]
        choices = [each for each in choices if len(each) <= sum(event.instances.values())]
        if len(choices) > _MOST_TRIED:
            return None
    wanted = Counter({places[kind]: count for kind, count in event.instances.items()})
    return [each for each in choices if Counter(pool for pool, _ in each) == wanted] or None


def _after(
    premises: DrillPremises,
    own: DrilledComponent,
    stays: Sequence[Instance],
    empty: Sequence[Instance],
    most: int,
) -> tuple[Range, Range] | None:
    at = premises.components.index(own)
    runs = sum(copies[at] for _, copies in stays)
    missing = own.placed - runs
    waits: Counter[Demands] = Counter()
    for number, one in enumerate(premises.components):
        if number != at:
            waits[one.demands] += max(0, one.copies - sum(copies[number] for _, copies in stays))
    waits = +waits
    every = len(stays) + len(empty)
    if math.prod(n + 1 for n in waits.values()) ** 2 * every > most:
        return None
    free = [_free(premises, one) for one in (*stays, *empty)]
    if any(high < 0 for _, each in free for _, high in each):
        return None
    first = sum(_room([high for _, high in each], own.demands[pool]) for pool, each in free[: len(stays)])
    least, later = (_least(own, part, waits) for part in (free[: len(stays)], free))
    return (
        Range(runs + min(missing, least), runs + min(missing, first)),
        Range(runs + min(missing, later), own.placed),
    )


def _free(premises: DrillPremises, one: Instance) -> tuple[int, list[tuple[int, int]]]:
    """What is free on an instance, of each resource at least and at most."""
    pool, copies = one
    used = [0] * len(premises.pools[pool].capacity)
    for component, count in zip(premises.components, copies, strict=True):
        for number, amount in enumerate(component.demands[pool] or ()):
            used[number] += amount * count
    pairs = zip(premises.pools[pool].capacity, used, strict=True)
    return pool, [(low - amount, high - amount) for (low, high), amount in pairs]


def _room(free: Sequence[int], need: Sequence[int] | None) -> int:
    if need is None:
        return 0
    return max(0, min(have // amount for have, amount in zip(free, need, strict=True) if amount))


def _least(
    own: DrilledComponent,
    places: Sequence[tuple[int, list[tuple[int, int]]]],
    waits: Mapping[Demands, int],
) -> int:
    """The fewest copies that have room, whatever of the others was placed before them."""
    kinds = list(waits)

    @cache
    def least(number: int, left: tuple[int, ...]) -> int:
        if number == len(places):
            return 0
        pool, free = places[number]
        return min(
            _room([low - amount for (low, _), amount in zip(free, used, strict=True)], own.demands[pool])
            + least(number + 1, tuple(a - b for a, b in zip(left, taken, strict=True)))
            for taken, used in _fillings([kind[pool] for kind in kinds], [high for _, high in free], left)
        )

    return least(0, tuple(waits[kind] for kind in kinds))


def _fillings(
    needs: Sequence[Vector | None], most: Sequence[int], left: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """What of the others may be placed on an instance, and what that takes."""
    ranges = [range(1 if need is None else n + 1) for need, n in zip(needs, left, strict=True)]
    for taken in itertools.product(*ranges):
        used = [0] * len(most)
        for need, count in zip(needs, taken, strict=True):
            for number, amount in enumerate(need or ()):
                used[number] += amount * count
        if all(amount <= have for amount, have in zip(used, most, strict=True)):
            yield taken, used
