"""What may be launched by the time copies are placed: evidence rests on each such launch, and on no other."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from icplan.verdict.premises import Where
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.verdict.premises import Premises

#: Instances launched by pool, and copies by their place among those that exist that lie on them.
Launch: TypeAlias = "tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]"

#: Ways to launch past which it is not looked whether each was thought of.
MAX_LAUNCHES = 10_000
_TOO_MANY = "instances may be launched in more ways than are looked through"


def require_launchable(premises: Premises, launched: Mapping[int, int]) -> None:
    """Raise `Rejected` where instances of a type are launched by no one."""
    able = {*premises.own, *premises.back, *(pool for _, pools in premises.others for pool in pools)}
    for pool, count in launched.items():
        known = 0 <= pool < len(premises.pools)
        require(known and (pool in able or count <= premises.arriving), "no one launches such instances")


def written(counts: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    """Counts that are not zero, in order."""
    return tuple(sorted((number, count) for number, count in counts.items() if count))


def require_every_launch(premises: Premises, extra: int, found: set[Launch]) -> str | None:
    """Raise `Rejected` unless there is a part for every launch that may be worst; say what is not proven."""
    ways = list(itertools.islice(_worst_launches(premises, extra), MAX_LAUNCHES + 1))
    if len(ways) > MAX_LAUNCHES:
        return _TOO_MANY
    require(set(ways) == found, "the parts are not all that may be launched")
    return None


def require_worst_launch(premises: Premises, extra: int, launch: Launch) -> str | None:
    """Raise `Rejected` unless a launch is one that may be worst; say what is not proven."""
    ways = list(itertools.islice(_worst_launches(premises, extra), MAX_LAUNCHES + 1))
    if len(ways) > MAX_LAUNCHES:
        return _TOO_MANY
    require(launch in ways, "no such instances are launched in the worst case")
    return None


def require_within_limits(premises: Premises, launched: Mapping[int, int]) -> None:
    """Raise `Rejected` where more instances are launched than there may be."""
    require_launchable(premises, launched)
    require(sum(launched.values()) <= premises.together[1], "more is launched than there may be")
    for pool, count in launched.items():
        most = max(premises.pools[pool].launchable[1], premises.arriving)
        require(count <= most + premises.arriving, "more of a type is launched than there may be")


def _worst_launches(premises: Premises, extra: int) -> Iterator[Launch]:
    """What others launch, and what is launched besides, up to ``extra`` instances in all.

    Of a type that what is placed can use, others may take what they may, or leave it.
    """
    extra = min(extra, premises.together[0])
    left = [pool.launchable[1] for pool in premises.pools]
    taken = [
        pool.launchable[0] if number in premises.own else pool.launchable[1]
        for number, pool in enumerate(premises.pools)
    ]
    yield from _launches_within(premises, extra, taken)
    yield from _launches_within(premises, extra, left)


def _launches_within(premises: Premises, extra: int, most_of: Sequence[int]) -> Iterator[Launch]:
    """Those with at most so many instances of each type."""
    waiting = [
        (
            number,
            one.coming,
            [n for n, d in enumerate(one.demands) if d is not None and n not in premises.own],
        )
        for number, one in enumerate(premises.existing)
        if one.where is Where.PERHAPS
    ]
    for arrived in _mixes(range(len(most_of)), min(premises.arriving, extra)):
        caps = [max(0, most - arrived[pool]) for pool, most in enumerate(most_of)]
        rest = extra - arrived.total()
        wanted = [(n, coming, [p for p in pools if caps[p]]) for n, coming, pools in waiting]
        for elsewhere, theirs in _theirs(premises, [one for one in wanted if one[2]], caps, rest):
            for more in _own(premises, caps, rest - theirs.total()):
                yield written(arrived + theirs + more), written(elsewhere)


def _theirs(
    premises: Premises, wanted: Sequence[tuple[int, int, list[int]]], caps: Sequence[int], most: int
) -> Iterator[tuple[dict[int, int], Counter[int]]]:
    """Instances launched for copies that may wait, one for each, and for those that a rollback takes back."""
    for counts in itertools.product(*(range(min(coming, most) + 1) for _, coming, _ in wanted)):
        theirs = Counter[int]()
        for count, (_, _, pools) in zip(counts, wanted, strict=True):
            for pool in pools:
                fitting = min(count, caps[pool] - theirs[pool])
                theirs[pool] += fitting
                count -= fitting  # noqa: PLW2901
        if theirs.total() != sum(counts) or sum(counts) > most:
            continue
        elsewhere = {number: count for count, (number, _, _) in zip(counts, wanted, strict=True)}
        roaming = [range(min(most, caps[pool] - theirs[pool]) + 1) for pool in premises.back]
        for more in itertools.product(*roaming):
            both = theirs + Counter(dict(zip(premises.back, more, strict=True)))
            if both.total() <= most:
                yield elsewhere, both


def _own(premises: Premises, caps: Sequence[int], most: int) -> Iterator[Counter[int]]:
    """The instances launched for what is placed, as many as may be: the worst first, where that is known."""
    ranked = _worst_first(premises)
    pools = [pool for pool in (premises.own if ranked is None else ranked) if caps[pool]]
    most = min(most, sum(caps[pool] for pool in pools))
    if ranked is None:
        yield from _mixes(pools, most, caps)
        return
    found = Counter[int]()
    for pool in pools:
        found[pool] = min(caps[pool], most - found.total())
    yield found


def _mixes(pools: Sequence[int], count: int, caps: Sequence[int] | None = None) -> Iterator[Counter[int]]:
    """Every choice of types for so many instances."""
    if not pools:
        yield Counter()
        return
    first, *rest = pools
    behind = sum(caps[pool] for pool in rest) if caps else count * len(rest)
    for here in range(max(0, count - behind), min(count, caps[first] if caps else count) + 1):
        for others in _mixes(rest, count - here, caps) if rest else (Counter[int](),):
            yield Counter({first: here}) + others


def _worst_first(premises: Premises) -> list[int] | None:
    """The types that what is placed can use, by room; ``None`` where the amounts allow several orders.

    Nor is there an order where other copies may lie on launched instances.
    """
    if len(premises.own) == 1:
        return premises.own
    if any(one.where in (Where.ANYWHERE, Where.PERHAPS) and one.copies for one in premises.existing):
        return None
    slots = {pool: (_slots(premises, pool, 0), _slots(premises, pool, 1)) for pool in premises.own}
    ranked = sorted(premises.own, key=lambda pool: slots[pool])
    steady = all(slots[one][1] <= slots[other][0] for one, other in itertools.pairwise(ranked))
    return ranked if steady else None


def _slots(premises: Premises, pool: int, end: int) -> int:
    """How many of the copies to be placed an empty instance takes, of the least or the most it may offer."""
    demand, sides = premises.target.demands[pool] or (), premises.pools[pool].capacity
    return min(
        (side[end] // amount for side, amount in zip(sides, demand, strict=False) if amount), default=0
    )


def require_best_launches(premises: Premises, tried: Sequence[Mapping[int, int]]) -> str | None:
    """Raise `Rejected` unless what was tried does at least as much as any launch that may be."""
    pools, need = [*premises.own, *premises.back], premises.target.copies
    each = {n: max(premises.pools[n].launchable[1], premises.arriving) for n in pools}
    most = premises.together[1]
    loose = [one.copies for one in premises.existing if one.where is Where.ANYWHERE]
    if not loose:
        # Copies of the phase alone lie on launched instances: how many have room there is what counts.
        room = max((_room(premises, pool) for pool in premises.own), default=0)
        best = max(
            sum(n * _slots(premises, p, 1) for p, n in one.items() if p in premises.own) for one in tried
        )
        require(best >= min(room, need), "more may be launched than was tried")
        return None
    useful = need + sum(
        one.copies for one in premises.existing if one.where in (Where.ANYWHERE, Where.PERHAPS)
    )
    if any(all(one.get(n, 0) >= min(most, each[n], useful) for n in pools) for one in tried):
        return None
    for count, launched in enumerate(_most_launches(premises, pools, useful)):
        if count == MAX_LAUNCHES:
            return _TOO_MANY
        wanted = {n: min(launched[n], useful) for n in pools}
        found = any(all(one.get(n, 0) >= wanted[n] for n in pools) for one in tried)
        require(found, "more may be launched than was tried")
    return None


def _room(premises: Premises, arrives: int) -> int:
    """The room of the most that may be launched, where all that is on its way is of one type."""
    left, room = premises.together[1], 0
    for pool in sorted(premises.own, key=lambda one: -_slots(premises, one, 1)):
        cap = premises.pools[pool].launchable[1]
        count = min(left, max(cap, premises.arriving) if pool == arrives else cap)
        left, room = left - count, room + count * _slots(premises, pool, 1)
    return room


def _most_launches(premises: Premises, pools: Sequence[int], useful: int) -> Iterator[Counter[int]]:
    """The largest launches, but for more instances besides those on their way than copies can use."""
    most = premises.together[1]
    for arrived in _mixes(pools, min(premises.arriving, most)):
        caps = [min(useful, max(0, pool.launchable[1] - arrived[n])) for n, pool in enumerate(premises.pools)]
        here = [pool for pool in pools if caps[pool]]
        rest = min(useful, most - arrived.total(), sum(caps[pool] for pool in here))
        for more in _mixes(here, rest, caps):
            yield arrived + more
