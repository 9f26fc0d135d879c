"""Which instances may have been launched by the time copies are placed, and by whom.

Whatever is launched counts against the limits, whoever needs it: the change itself, other components that are
in motion, copies that a rollback takes back. An instance on its way has a type already, known or not.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.rollout.steps import Scope
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.feasibility.question import StepQuestion
    from icplan.fleet.fleet import Demand, Fleet
    from icplan.rollout.steps import ExistingCopies, Step

#: Ways to launch after which the search says that it does not know.
MAX_LAUNCHES = 100


@frozen
class Launch:
    """Instances launched by pool, and copies that wait for an instance of their own, by their place beside.

    The latter lie on launched instances on which the step's copies cannot.
    """

    by_pool: Mapping[int, int]
    elsewhere: Mapping[int, int] = attrs.field(factory=dict)


@frozen
class Launchable:
    """The most instances that may be launched before or while a step is placed.

    ``most`` is that of all types together, ``free`` that of each pool besides what is ``arriving``, which has
    a type that is not known where there are several.
    """

    arriving: int
    most: int
    free: tuple[int, ...]

    @classmethod
    def of(cls, fleet: Fleet, *, sure: bool) -> Launchable:
        """What the limits of a fleet leave, at least (``sure``) or at most."""
        free = (fleet.scale_out_allowance(pool.type.name, sure=sure) for pool in fleet.pools)
        return cls(fleet.arriving, fleet.scale_out_allowance(sure=sure), tuple(free))

    @classmethod
    def least_favourable(cls, question: StepQuestion, extra: int) -> tuple[Launchable, ...]:
        """What is left where nobody may launch more than is sure.

        Others may take of a type or leave it: it may be worse to have fewer instances of a type that the step
        can use, or more of it in place of a better one.
        """
        least, most = cls.of(question.fleet, sure=True), cls.of(question.fleet, sure=False)
        left = tuple(min(extra, free) for free in most.free)
        taken = tuple(
            min(extra, least.free[pool]) if pool in question.usable else free
            for pool, free in enumerate(left)
        )
        return tuple(attrs.evolve(least, free=free) for free in dict.fromkeys((taken, left)))

    @classmethod
    def endless(cls, fleet: Fleet, extra: int) -> Launchable:
        """Were there no limits."""
        return cls(min(fleet.arriving, extra), extra, (extra,) * len(fleet.pools))

    def arrivals(self, pools: Sequence[int], extra: int) -> Iterator[dict[int, int]]:
        """Every choice of types for what arrives, as many as ``extra``."""
        here = min(self.arriving, extra)
        if not here or not pools:
            yield {}
            return
        yield from launch_mixes(pools, dict.fromkeys(pools, here), here)

    def besides(self, arrived: Mapping[int, int]) -> dict[int, int]:
        """What may be launched of each pool besides what has arrived."""
        return {pool: max(0, free - arrived.get(pool, 0)) for pool, free in enumerate(self.free)}


def usable(fleet: Fleet, need: Demand) -> list[int]:
    """The pools on whose instances such a copy may lie."""
    return [n for n, pool in enumerate(fleet.pools) if fleet.demand(need, pool.type.name) is not None]


def launched_for_others(question: StepQuestion) -> list[int]:
    """The pools that the step cannot use, and copies of the change that lie anywhere can."""
    anywhere = [entry for entry in question.step.existing if entry.where is Scope.ANYWHERE]
    able = {pool for entry in anywhere for pool in usable(question.fleet, entry.component.need)}
    return sorted(able.difference(question.usable)) if able else []


def other_launches(question: StepQuestion) -> int:
    """The most instances launched on which the step's copies may not lie: others' launches, and arrivals."""
    fleet = question.fleet
    if len(fleet.pools) == 1:
        return 0
    waiting = sum(_waits(entry) for entry in question.step.existing if _barred(question, entry))
    roaming = fleet.scale_out_allowance() if launched_for_others(question) else 0
    return fleet.arriving + waiting + roaming


def launches_before(
    question: StepQuestion, allowed: Sequence[Launchable], extra: int, ranked: Sequence[int] | None
) -> list[Launch] | None:
    """Every way that may be worst to launch up to ``extra`` instances in all; ``None`` if they are too many.

    ``ranked`` are the pools that the step can use, from the worst choice to the best, where they have such an
    order.
    """
    found: dict[object, Launch] = {}
    for way in (way for one in allowed for way in _ways(question, one, extra, ranked)):
        # What arrives may be of a type that is launched besides: then two ways come to the same.
        found.setdefault((frozenset(way.by_pool.items()), frozenset(way.elsewhere.items())), way)
        if len(found) > MAX_LAUNCHES:
            return None
    return list(found.values())


def _ways(
    question: StepQuestion, allowed: Launchable, extra: int, ranked: Sequence[int] | None
) -> Iterator[Launch]:
    extra = min(extra, allowed.most)
    own, pools = question.usable, range(len(question.fleet.pools))
    for arrived in allowed.arrivals(pools, extra):
        caps, rest = allowed.besides(arrived), extra - sum(arrived.values())
        for waits, theirs in _theirs(question, caps, rest):
            here = rest - sum(theirs.values())
            for more in _own(ranked, own, caps, here):
                yield Launch(combined(arrived, theirs, more), waits)


def _own(
    ranked: Sequence[int] | None, own: Sequence[int], caps: Mapping[int, int], extra: int
) -> Iterable[dict[int, int]]:
    """The instances launched for the step itself, as many as may be."""
    pools = [pool for pool in (ranked or own) if caps[pool]]
    if not pools or not extra:
        return [{}]
    return [launch_first(pools, caps, extra)] if ranked else launch_mixes(pools, caps, extra)


def _theirs(
    question: StepQuestion, caps: Mapping[int, int], extra: int
) -> Iterator[tuple[dict[int, int], dict[int, int]]]:
    """The instances that others launch of types that the step cannot use, and the copies that wait for them.

    Copies in motion lie there, one on each at least; those of the change itself may have left them again.
    """
    barred = [
        (number, _waits(entry), [pool for pool in _barred_pools(question, entry) if caps[pool]])
        for number, entry in enumerate(question.step.existing)
        if _barred(question, entry)
    ]
    roaming = [pool for pool in launched_for_others(question) if caps[pool]]
    for waits in _waiting([(number, copies) for number, copies, pools in barred if pools], extra):
        theirs: dict[int, int] | None = {}
        for number, _, pools in barred:
            theirs = _placed(waits.get(number, 0), pools, caps, theirs)
        if theirs is None:
            continue
        left = {pool: caps[pool] - theirs.get(pool, 0) for pool in roaming}
        for more in _up_to(roaming, left, extra - sum(theirs.values())):
            yield waits, combined(theirs, more)


def _waits(entry: ExistingCopies) -> int:
    """How many of the copies may have to be placed yet: what is being taken away launches nothing."""
    return min(entry.copies, entry.component.coming)


def _barred(question: StepQuestion, entry: ExistingCopies) -> bool:
    """Whether copies may wait for an instance on which those of the step cannot lie."""
    return entry.where is Scope.MAYBE_PLACED and bool(_barred_pools(question, entry))


def _barred_pools(question: StepQuestion, entry: ExistingCopies) -> list[int]:
    able = usable(question.fleet, entry.component.need)
    return [pool for pool in able if pool not in question.usable]


def _waiting(copies: Sequence[tuple[int, int]], most: int) -> Iterator[dict[int, int]]:
    if not copies:
        yield {}
        return
    (number, count), *others = copies
    for here in range(min(count, most) + 1):
        for rest in _waiting(others, most - here):
            yield {**({number: here} if here else {}), **rest}


def _placed(
    copies: int, pools: Sequence[int], caps: Mapping[int, int], there: dict[int, int] | None
) -> dict[int, int] | None:
    """An instance for each of the copies, besides those there; ``None`` if the limits do not allow it."""
    if there is None:
        return None
    found = dict(there)
    for pool in pools:
        more = min(copies, caps[pool] - found.get(pool, 0))
        if more > 0:
            found[pool] = found.get(pool, 0) + more
            copies -= more
    return None if copies > 0 else found


def _up_to(pools: Sequence[int], caps: Mapping[int, int], extra: int) -> Iterator[dict[int, int]]:
    """Every choice of at most so many instances."""
    if not pools:
        yield {}
        return
    first, *rest = pools
    for here in range(min(extra, caps[first]) + 1):
        for others in _up_to(rest, caps, extra - here):
            yield {first: here, **others}


def helpful_launches(
    question: StepQuestion, allowed: Launchable, useful: int, ranked: Sequence[int]
) -> list[dict[int, int]]:
    """The launches that help a step most: what fails with each of them fails with any.

    ``ranked`` are the pools that it can use, from the best to the worst, and ``useful`` is a number of
    instances past which more do not help.
    """
    roaming = launched_for_others(question)
    pools = [*ranked, *roaming]
    if not pools:
        return [{}]
    found = list(
        itertools.islice(_helpful(question.step, allowed, useful, ranked, roaming), MAX_LAUNCHES + 1)
    )
    if len(found) <= MAX_LAUNCHES:
        return [dict(way) for way in dict.fromkeys(tuple(sorted(way.items())) for way in found)]
    # Where there are too many, more than may be launched of all types together.
    most = min(allowed.most, useful)
    return [{pool: min(most, max(allowed.free[pool], allowed.arriving)) for pool in pools}]


def _helpful(
    step: Step, allowed: Launchable, useful: int, ranked: Sequence[int], roaming: Sequence[int]
) -> Iterator[dict[int, int]]:
    pools = [*ranked, *roaming]
    for arrived in allowed.arrivals(pools, allowed.most):
        caps, rest = allowed.besides(arrived), allowed.most - sum(arrived.values())
        caps = {pool: min(cap, useful) for pool, cap in caps.items()}
        here = [pool for pool in pools if caps[pool]]
        if not here or not rest:
            yield {pool: min(n, useful) for pool, n in arrived.items()}
            continue
        # Only where copies of the step alone lie on launched instances are those with most room the best.
        loose = any(entry.where is Scope.ANYWHERE for entry in step.existing)
        more = (
            launch_mixes(here, caps, min(rest, useful))
            if loose
            else [launch_first(here, caps, min(rest, useful))]
        )
        for one in more:
            both = combined(arrived, one)
            yield {pool: min(n, useful) for pool, n in both.items()}


def combined(*parts: Mapping[int, int]) -> dict[int, int]:
    """The instances of several launches, by pool."""
    total: dict[int, int] = {}
    for part in parts:
        for pool, n in part.items():
            total[pool] = total.get(pool, 0) + n
    return {pool: n for pool, n in sorted(total.items()) if n}


def launch_first(pools: Sequence[int], caps: Mapping[int, int], extra: int) -> dict[int, int]:
    """Launch the first pools' instances first, each up to its cap."""
    launched = {}
    for pool in pools:
        launched[pool] = min(extra, caps[pool])
        extra -= launched[pool]
    return launched


def launch_mixes(pools: Sequence[int], caps: Mapping[int, int], extra: int) -> Iterator[dict[int, int]]:
    """Every way to launch so many instances of some pools; where caps allow fewer, all that they allow."""
    first, *rest = pools
    behind = sum(caps[pool] for pool in rest)
    for here in range(min(caps[first], max(0, extra - behind)), min(extra, caps[first]) + 1):
        if not rest:
            yield {first: here}
            continue
        for others in launch_mixes(rest, caps, extra - here):
            yield {first: here, **others}
