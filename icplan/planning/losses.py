"""How many copies of a component are lost with instances, and how many run once they are placed again.

Which instances go is not known, nor, mostly, which copies lie there. So each figure is one over all
arrangements, and over all choices of the instances that go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.question import StepQuestion, copies_in
from icplan.packing.problem import Bin, Kind, Problem, Status
from icplan.packing.solver.optimise import most
from icplan.packing.solver.solve import pack
from icplan.planning.effort import portion
from icplan.planning.known_fleets import as_it_runs
from icplan.planning.room import sure_room
from icplan.rollout.steps import CapacityChange, forward_steps
from icplan.verdict.headroom import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.assumptions import Recorder
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget
    from icplan.planning.known_fleets import KnownFleet


@attrs.frozen
class LossQuestion:
    """What happens to a component when so many instances of each pool (by its place) go, ``perhaps`` more."""

    known: KnownFleet
    component: Component
    gone: Mapping[int, int]
    perhaps: Mapping[int, int]
    recorder: Recorder
    budget: Budget

    @property
    def fleet(self) -> Fleet:
        """The fleet before."""
        return self.known.fleet

    @property
    def _types(self) -> frozenset[str] | None:
        """The types of what goes, where it is told how many copies lie on which; ``None`` where it is not."""
        if self.component.by_type is None:
            return None
        return frozenset(self.fleet.pools[number].type.name for number, count in self.gone.items() if count)

    def lost(self) -> Range:
        """The fewest and the most copies that may lie on what goes."""
        types, by_type = self._types, self.component.by_type or {}
        here = self.component.placed if types is None else sum(by_type.get(kind, 0) for kind in types)
        least = _first(0, here, lambda copies: self._possible(here, stay=here - copies, go=0))
        fewer = _first(0, here - least, lambda less: self._possible(here, stay=0, go=here - less))
        return Range(least, here - fewer)

    def placed_again(self) -> Range:
        """The copies that run once all that finds room is placed again on what stays: surely, and at best.

        When nothing more finds room, each instance holds as many copies of the component as have room beside
        what else lies there. So there are never fewer than have room beside all others, which may have been
        placed again, too, or wait.
        """
        stays = tuple(
            attrs.evolve(pool, instances=pool.instances - self._going(number))
            for number, pool in enumerate(self.fleet.pools)
        )
        surely = self._surely(attrs.evolve(self.fleet, pools=stays))
        return Range(min(surely, self.component.placed), max(surely, self._at_best()))

    def after_replacement(self) -> Range:
        """The copies that run once there are as many instances as before; at best all lie as before."""
        return Range(self._surely(self.fleet), self.component.placed)

    def _going(self, number: int) -> int:
        """The most instances of a pool that go."""
        return self.gone.get(number, 0) + self.perhaps.get(number, 0)

    def _possible(self, here: int, *, stay: int, go: int) -> bool:
        """Whether what runs may lie so that of the copies ``here`` so many surely stay, and so many go.

        ``here`` counts those that lie on the types of what goes. What is not decided counts as possible.
        """
        kinds = [
            *self._others(),
            *self._elsewhere(),
            self._own("stays", stay, self._types, goes=False),
            self._own("goes", go, self._types, stays=False),
            self._own("either", here - stay - go, self._types),
        ]
        problem = Problem(self._bins(), tuple(kinds))
        return pack(problem, portion(self.budget, 8)).status is not Status.DOES_NOT_FIT

    def _at_best(self) -> int:
        """The most copies that may run on what stays, with the others as they may have lain before."""
        kinds = [*self._others(), self._own("again", 0, None, goes=False)]
        _, high = most(Problem(self._bins(), tuple(kinds)), len(kinds) - 1, portion(self.budget, 4))
        return min(high, self.component.placed)

    def _groups(self) -> Iterator[tuple[int, bool, int]]:
        """Pool, whether they go, and how many: alike instances."""
        for number, pool in enumerate(self.fleet.pools):
            gone = self.gone.get(number, 0)
            yield from ((number, goes, n) for goes, n in ((False, pool.instances - gone), (True, gone)) if n)

    def _bins(self) -> tuple[Bin, ...]:
        found = []
        for number, goes, count in self._groups():
            pool, side = self.fleet.pools[number], self.known.box.sides[number]
            name = f"{pool.type.name}{' (goes)' if goes else ''}"
            found.append(Bin(name, count, self.fleet.capacity(pool, *side.high)))
        return tuple(found)

    def _others(self) -> Iterator[Kind]:
        """The copies of the other components, each where it may lie."""
        for one in self.fleet.grouped(self.component.name):
            if one.name != self.component.name and one.placed:
                yield from self._by_type(one, one.by_type)

    def _elsewhere(self) -> Iterator[Kind]:
        """The component's copies that lie on types of which nothing goes, where that is told."""
        if self._types is not None:
            there = (self.component.by_type or {}).items()
            yield from self._by_type(
                self.component, {kind: count for kind, count in there if kind not in self._types}
            )

    def _by_type(self, component: Component, by_type: Mapping[str, int] | None) -> Iterator[Kind]:
        if by_type is None:
            yield self._kind(component, component.name, component.placed, None)
            return
        for kind, count in by_type.items():
            yield self._kind(component, f"{component.name} on {kind}", count, frozenset([kind]))

    def _own(
        self, name: str, copies: int, types: frozenset[str] | None, *, goes: bool = True, stays: bool = True
    ) -> Kind:
        """Copies of the component that lie on what goes, on what stays, or on either."""
        return self._kind(self.component, name, copies, types, goes=goes, stays=stays)

    def _kind(
        self,
        component: Component,
        name: str,
        copies: int,
        types: frozenset[str] | None,
        *,
        goes: bool = True,
        stays: bool = True,
    ) -> Kind:
        """Copies that lie on instances of some types (``None``: of any)."""
        demands = []
        for number, going, _ in self._groups():
            kind = self.fleet.pools[number].type.name
            allowed = (goes if going else stays) and (types is None or kind in types)
            demands.append(self.fleet.demand(component.need, kind) if allowed else None)
        return Kind(name, copies, tuple(demands))

    def _surely(self, fleet: Fleet) -> int:
        """The copies for which there is room on a fleet wherever the others lie, or wait for room."""
        others = tuple(
            attrs.evolve(one, placed=0, in_flight=one.copies, by_type=None, coming=0)
            for one in fleet.components
            if one.name != self.component.name
        )
        alone = attrs.evolve(as_it_runs(fleet), components=others, contents=None)
        change = CapacityChange(self.component.name, None, self.component.need, 1)
        (step,) = forward_steps(change, alone, self.recorder)
        about = StepQuestion.of(alone, step, self.known.box, portion(self.budget, 2))
        if not about.needs_resources:
            return self.component.placed
        most_there = min(self.component.placed, _most_alone(about))
        return sure_room(about, 0, most_there, mostly_all=True).low


def _most_alone(question: StepQuestion) -> int:
    """The copies that empty instances take at most."""
    pairs = zip(question.fleet.pools, question.capacities, question.demands, strict=True)
    return sum(pool.instances * copies_in(high, need) for pool, (_, high), need in pairs if need is not None)


def _first(low: int, high: int, works: Callable[[int], bool]) -> int:
    """The least number that works, where with one all greater ones do; ``high`` if none does."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle + 1, high)
    return low


def known_losses(held: Sequence[tuple[int, int]], gone: int) -> Range:
    """The fewest and the most copies on so many instances, where it is known how many each holds.

    ``held`` has pairs of a number of instances and the copies on each.
    """
    each = sorted(copies for count, copies in held for _ in range(count))
    return Range(sum(each[:gone]), sum(each[len(each) - gone :]))
