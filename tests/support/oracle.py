"""The truth about a small case, by trying everything: every world, and in each every way it may go.

A world is an arrangement of what runs and one allocatable amount per instance type and resource. In a world,
new copies are placed one after another wherever there is room, an instance is launched (of any type that the
copies may lie on) when none has room, and any old copies leave. Written from that text alone.
"""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from support.small_fleets import Case, Component, Need, Needs, Type

Vector: TypeAlias = tuple[int, ...]
#: CPU and memory that can be allocated, per instance type.
Amounts: TypeAlias = "Mapping[str, tuple[int, int]]"
#: An instance: its type, what others leave free, old copies and new copies on it.
Instance: TypeAlias = tuple[str, Vector, int, int]
#: Instances at some moment, and the types launched by then.
Reached: TypeAlias = set[tuple[tuple[Instance, ...], tuple[str, ...]]]
#: Copies to place, and old copies that leave after that.
Step: TypeAlias = tuple[int, int]


@attrs.frozen
class Truth:
    """What can happen over all worlds.

    ``worst`` and ``best`` are the instances launched when all goes badly or well within the limits; infinity
    when copies are refused. ``unlimited`` is the worst if nothing limited launches.
    """

    worst: float
    best: float
    unlimited: float

    @property
    def outcome(self) -> str:
        if self.worst == 0:
            return "fits"
        if self.worst < math.inf:
            return "fits-after-scale-out"
        return "does-not-fit" if self.best == math.inf else "may-not-fit"


def steps(case: Case) -> list[Step]:
    """The forward steps of the change."""
    change, before = case.change, case.before
    old = before.copies if before else 0
    if change.needs is None:
        return [(change.copies - old, 0)] if change.copies > old else []
    if not old or change.batch is None:
        return [(change.copies, 0)] if change.copies else []
    size = batch_size(change.batch, old, percent=change.percent)
    found = [(min(size, old - done), min(size, old - done)) for done in range(0, old, size)]
    return [*found, (change.copies - old, 0)] if change.copies > old else found


def batch_size(batch: int, old: int, *, percent: bool) -> int:
    return max(1, min(old, math.ceil(batch * old / 100) if percent else batch))


def truth(case: Case) -> Truth:
    """What the change comes to. There must be a world."""
    plan = tuple(steps(case))
    if not plan:
        return Truth(0, 0, 0)
    worst, best, unlimited = 0.0, math.inf, 0.0
    for amounts, state in worlds(case):
        limited = Play(case, amounts, plan, *_limits(case))
        worst, best = max(worst, limited.worst(state)), min(best, limited.best(state))
        if unlimited < math.inf:
            unlimited = max(unlimited, Play(case, amounts, plan, math.inf, {}).worst(state))
    return Truth(worst, best, unlimited)


def _limits(case: Case) -> tuple[float, Mapping[str, int]]:
    """Instances that may be launched in all, and of some types."""
    if case.most is None:
        return 0, {}
    caps = {name: max(0, most - case.instances.count(name)) for name, most in case.quotas}
    return max(0, case.most - len(case.instances)), caps


def rollback_truth(case: Case) -> Truth | None:
    """What a rollback comes to, from the worst moment it may begin at; ``None`` for a change that has none.

    It may begin whenever a step is done. Old copies go back batch by batch, and as many new ones leave.
    ``best`` is that of the worst moment which some world reaches. Instances launched on the way count.
    """
    change, before = case.change, case.before
    old = before.copies if before else 0
    if change.needs is None or change.batch is None or not old:
        return None
    again = old if change.rollback is None else batch_size(change.rollback, old, percent=False)
    plan = tuple(steps(case))
    worst = 0.0
    best: dict[int, float] = {}
    for amounts, state in worlds(case):
        play = Play(case, amounts, plan, *_limits(case))
        reached: Reached = {(state, ())}
        for moment in range(len(plan)):
            reached = play.after_step(reached, moment)
            for here, launched in reached:
                bad, good = play.back(here, again, launched)
                worst = max(worst, bad)
                best[moment] = min(best.get(moment, math.inf), good)
    return Truth(worst, max(best.values(), default=0), math.inf)


# -- worlds -----------------------------------------------------------------------------------------------


def worlds(case: Case) -> Iterator[tuple[Amounts, tuple[Instance, ...]]]:
    """Every world, as amounts and the instances at the start."""
    for amounts in allocatable(case):
        for arrangement in arrangements(case, amounts):
            yield amounts, start(case, amounts, arrangement)


def allocatable(case: Case) -> Iterator[Amounts]:
    """Every choice of amounts that may make a difference: the low ends, and all sums of demands."""
    per_type = []
    for kind in case.types:
        demands = [
            (need, copies) for needs, copies in _all_needs(case) if (need := on(needs, kind.name)) is not None
        ]
        cpu = _values(kind.cpu, [(need.cpu, copies) for need, copies in demands])
        memory = _values(kind.memory, [(need.memory, copies) for need, copies in demands])
        per_type.append([(kind.name, pair) for pair in itertools.product(cpu, memory)])
    for chosen in itertools.product(*per_type):
        yield dict(chosen)


def _all_needs(case: Case) -> Iterator[tuple[Needs, int]]:
    yield from ((component.needs, component.copies) for component in case.components)
    asked = case.change.needs or (case.before.needs if case.before else {})
    yield asked, max(case.change.copies, case.before.copies if case.before else 0)


def _values(interval: tuple[int, int], demands: Sequence[tuple[int, int]]) -> list[int]:
    low, high = interval
    sums = {0}
    for amount, copies in demands:
        sums = {have + n * amount for have in sums for n in range(copies + 1)}
    return sorted({low, *(value for value in sums if low < value <= high)})


def arrangements(case: Case, amounts: Amounts) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every legal arrangement, per instance the copies of each component; alike ones once."""
    if case.located:
        only = tuple(zip(*(component.where for component in case.components), strict=True))
        if not only:
            only = ((),) * len(case.instances)
        if all(_legal(case, amounts, name, held) for name, held in zip(case.instances, only, strict=True)):
            yield only
        return
    seen = set()
    ways = [list(_ways(case, component)) for component in case.components]
    for chosen in itertools.product(*ways):
        per_instance = tuple(zip(*chosen, strict=True)) if chosen else ((),) * len(case.instances)
        key = tuple(sorted(zip(case.instances, per_instance, strict=True)))
        if key in seen:
            continue
        seen.add(key)
        if all(_legal(case, amounts, name, held) for name, held in key):
            yield per_instance


def _ways(case: Case, component: Component) -> Iterator[tuple[int, ...]]:
    for way in _compositions(component.copies, len(case.instances)):
        if any(n and on(component.needs, t) is None for n, t in zip(way, case.instances, strict=True)):
            continue
        if not case.by_type or _by_type(case, way) == _by_type(case, component.where):
            yield way


def _by_type(case: Case, way: Sequence[int]) -> dict[str, int]:
    counts = dict.fromkeys(case.instances, 0)
    for name, copies in zip(case.instances, way, strict=True):
        counts[name] += copies
    return counts


def _compositions(total: int, places: int) -> Iterator[tuple[int, ...]]:
    if places == 0:
        if total == 0:
            yield ()
        return
    for here in range(total + 1):
        for rest in _compositions(total - here, places - 1):
            yield (here, *rest)


def _legal(case: Case, amounts: Amounts, name: str, held: Sequence[int]) -> bool:
    return min(_free(case, amounts, name, held), default=0) >= 0


def _free(case: Case, amounts: Amounts, name: str, held: Sequence[int], leave_out: str = "") -> Vector:
    free = capacity(case, name, amounts)
    for component, copies in zip(case.components, held, strict=True):
        if copies and component.name != leave_out:
            taken = demand(case, component.needs, name)
            assert taken is not None
            free = tuple(f - copies * d for f, d in zip(free, taken, strict=True))
    return free


def start(case: Case, amounts: Amounts, arrangement: tuple[tuple[int, ...], ...]) -> tuple[Instance, ...]:
    """The instances of a world; old copies of the component that changes are kept apart from the others."""
    names = [component.name for component in case.components]
    mine = names.index(case.change.name) if case.change.name in names else None
    found = []
    for name, held in zip(case.instances, arrangement, strict=True):
        free = _free(case, amounts, name, held, leave_out=case.change.name)
        found.append((name, free, 0 if mine is None else held[mine], 0))
    return tuple(sorted(found))


# -- amounts and demands ----------------------------------------------------------------------------------


def on(needs: Needs, name: str) -> Need | None:
    return needs.get(name, needs.get(None))


def _partitions(case: Case) -> list[str]:
    return sorted({partition for kind in case.types for partition in kind.layout})


def capacity(case: Case, name: str, amounts: Amounts) -> Vector:
    kind = next(kind for kind in case.types if kind.name == name)
    return (*amounts[name], kind.devices, *(kind.layout.count(p) for p in _partitions(case)))


def demand(case: Case, needs: Needs, name: str) -> Vector | None:
    need = on(needs, name)
    if need is None:
        return None
    return (need.cpu, need.memory, need.devices, *(int(p == need.partition) for p in _partitions(case)))


# -- what can happen in a world ---------------------------------------------------------------------------


class Play:
    """All ways in which the steps may go in one world."""

    def __init__(
        self, case: Case, amounts: Amounts, plan: tuple[Step, ...], most: float, caps: Mapping[str, int]
    ) -> None:
        self.case, self.amounts, self.plan, self.most, self.caps = case, amounts, plan, most, caps
        before = case.before
        self.old = before.needs if before else {}
        self.new = case.change.needs or self.old
        self.search = cache(self._search)
        self.back = cache(self._back)

    def worst(self, state: tuple[Instance, ...]) -> float:
        return self.search(state, 0, self.plan[0][0], ())[0]

    def best(self, state: tuple[Instance, ...]) -> float:
        return self.search(state, 0, self.plan[0][0], ())[1]

    def room(self, instance: Instance, *, old: bool = False) -> bool:
        """Whether one more copy has room."""
        name, free, olds, news = instance
        asked = demand(self.case, self.old if old else self.new, name)
        if asked is None:
            return False
        for needs, copies in ((self.old, olds), (self.new, news)):
            taken = demand(self.case, needs, name) if copies else None
            if taken:
                free = tuple(f - copies * d for f, d in zip(free, taken, strict=True))
        return all(f >= d for f, d in zip(free, asked, strict=True))

    def placed(
        self, state: tuple[Instance, ...], launched: tuple[str, ...], *, old: bool = False
    ) -> Iterator[tuple[tuple[Instance, ...], tuple[str, ...]] | None]:
        """Every state after one more copy; ``None`` where it is refused."""
        spots = [i for i in sorted(set(state)) if self.room(i, old=old)]
        for spot in spots:
            yield _swapped(state, spot, _more(spot, 1, old=old)), launched
        if spots:
            return
        types = [
            kind
            for kind in self.case.types
            if demand(self.case, self.old if old else self.new, kind.name) is not None
            and len(launched) < self.most
            and launched.count(kind.name) < self.caps.get(kind.name, math.inf)
        ]
        if not types:
            yield None
        for kind in types:
            fresh = self.fresh(kind)
            if self.room(fresh, old=old):
                now = tuple(sorted((*state, _more(fresh, 1, old=old))))
                yield now, tuple(sorted((*launched, kind.name)))
            else:
                yield None  # an instance on which the copy has no room was launched in vain

    def fresh(self, kind: Type) -> Instance:
        return (kind.name, capacity(self.case, kind.name, self.amounts), 0, 0)

    def _search(
        self, state: tuple[Instance, ...], number: int, left: int, launched: tuple[str, ...]
    ) -> tuple[float, float]:
        """The most and the fewest instances launched from here on to the end."""
        if left == 0:
            after = [self._next(gone, number, launched) for gone in leaving(state, self.plan[number][1])]
            return max(worst for worst, _ in after), min(best for _, best in after)
        worst, best = 0.0, math.inf
        for after_one in self.placed(state, launched):
            if after_one is None:
                worst = math.inf
                continue
            now, then = after_one
            bad, good = self.search(now, number, left - 1, then)
            worst, best = max(worst, bad), min(best, good)
        return worst, best

    def _next(
        self, state: tuple[Instance, ...], number: int, launched: tuple[str, ...]
    ) -> tuple[float, float]:
        if number + 1 == len(self.plan):
            return len(launched), len(launched)
        return self.search(state, number + 1, self.plan[number + 1][0], launched)

    def after_step(self, reached: Reached, number: int) -> Reached:
        """Every state once a step is done, from these."""
        place, leave = self.plan[number]
        for _ in range(place):
            found = (after for state, launched in reached for after in self.placed(state, launched))
            reached = {after for after in found if after is not None}
        return {(gone, launched) for state, launched in reached for gone in leaving(state, leave)}

    def _back(
        self, state: tuple[Instance, ...], again: int, launched: tuple[str, ...]
    ) -> tuple[float, float]:
        """The most and the fewest instances launched by the end of a rollback from here."""
        before = self.case.before
        gone_by_now = (before.copies if before else 0) - sum(instance[2] for instance in state)
        if not gone_by_now:
            return len(launched), len(launched)
        batch = min(again, gone_by_now)
        leave = min(batch, sum(instance[3] for instance in state))
        reached: set[tuple[tuple[Instance, ...], tuple[str, ...]] | None] = {(state, launched)}
        for _ in range(batch):
            reached = {
                after for one in reached for after in ([None] if one is None else self.placed(*one, old=True))
            }
        worst, best = 0.0, math.inf
        for one in reached:
            if one is None:
                worst = math.inf
                continue
            for gone in leaving(one[0], leave, old=False):
                bad, good = self.back(gone, again, one[1])
                worst, best = max(worst, bad), min(best, good)
        return worst, best


def leaving(state: tuple[Instance, ...], copies: int, *, old: bool = True) -> Iterator[tuple[Instance, ...]]:
    """Every state after so many old (or new) copies have left."""
    seen = set()
    there = [olds if old else news for _, _, olds, news in state]
    for way in itertools.product(*(range(min(copies, here) + 1) for here in there)):
        if sum(way) == copies:
            now = tuple(sorted(_more(i, -n, old=old) for i, n in zip(state, way, strict=True)))
            if now not in seen:
                seen.add(now)
                yield now


def _more(instance: Instance, copies: int, *, old: bool) -> Instance:
    name, free, olds, news = instance
    return (name, free, olds + copies, news) if old else (name, free, olds, news + copies)


def _swapped(state: tuple[Instance, ...], before: Instance, after: Instance) -> tuple[Instance, ...]:
    rest = list(state)
    rest.remove(before)
    return tuple(sorted((*rest, after)))
