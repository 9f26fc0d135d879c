"""How many copies of a component are lost with instances, and how many run once they are placed again.

Which instances go is not known, nor, mostly, which copies lie there. So each figure is one over all
arrangements, and over all choices of the instances that go.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import attrs

from icplan.feasibility.question import StepQuestion, copies_in
from icplan.packing.problem import Bin, Kind, Problem, Status
from icplan.packing.solver.optimise import most
from icplan.packing.solver.solve import pack
from icplan.planning.effort import portion
from icplan.planning.known_fleets import as_it_runs
from icplan.planning.room import every_world_of, sure_room
from icplan.rollout.steps import CapacityChange, forward_steps
from icplan.verdict.headroom import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.assumptions import Recorder
    from icplan.fleet.fleet import Component, Fleet
    from icplan.packing.budget import Budget
    from icplan.packing.certificate import Certificate
    from icplan.packing.problem import Packing, Pattern, Vector
    from icplan.planning.known_fleets import KnownFleet
    from icplan.verdict.evidence import EveryWorld

    #: What a copy takes on each type; ``None`` where it may not lie.
    Demands: TypeAlias = tuple[Vector | None, ...]


@attrs.frozen
class FoundLoss:
    """The copies that are lost at once, and what proves both ends."""

    lost: Range
    no_fewer: Certificate | None = None
    no_more: Certificate | None = None
    fewest: tuple[Pattern, ...] | None = None
    most: tuple[Pattern, ...] | None = None


@attrs.frozen
class FoundAgain:
    """The copies that run once what finds room is placed again, and what proves both ends."""

    runs: Range
    surely: EveryWorld | None = None
    no_more: Certificate | None = None


@attrs.frozen
class LossQuestion:
    """What happens to a component when so many instances of each pool (by its place) go, ``perhaps`` more.

    Other components of which copies take the same are told of together, in an order of what they take: their
    names mean nothing here, so that what is found holds for each component like this one.
    """

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

    def lost(self) -> FoundLoss:
        """The fewest and the most copies that may lie on what goes."""
        types, by_type = self._types, self.component.by_type or {}
        here = self.component.placed if types is None else sum(by_type.get(kind, 0) for kind in types)
        least = _first(0, here, lambda copies: self._possible(here, stay=here - copies, go=0))
        fewer = _first(0, here - least, lambda less: self._possible(here, stay=0, go=here - less))
        most_lost = here - fewer
        return FoundLoss(
            Range(least, most_lost),
            no_fewer=self._lies(here, stay=here - least + 1, go=0).proof if least else None,
            no_more=self._lies(here, stay=0, go=most_lost + 1).proof if fewer else None,
            fewest=self._lies(here, stay=here - least, go=0).placement,
            most=self._lies(here, stay=0, go=most_lost).placement,
        )

    def placed_again(self) -> FoundAgain:
        """The copies that run once all that finds room is placed again on what stays: surely, and at best.

        When nothing more finds room, each instance holds as many copies of the component as have room beside
        what else lies there. So there are never fewer than have room beside all others, which may have been
        placed again, too, or wait.
        """
        stays = tuple(
            attrs.evolve(pool, instances=pool.instances - self._going(number))
            for number, pool in enumerate(self.fleet.pools)
        )
        surely, shown = self._surely(attrs.evolve(self.fleet, pools=stays))
        high, proof = self._at_best()
        return FoundAgain(Range(surely, max(surely, high)), shown, proof)

    def after_replacement(self) -> FoundAgain:
        """The copies that run once there are as many instances as before; at best all lie as before."""
        surely, shown = self._surely(self.fleet)
        return FoundAgain(Range(surely, self.component.placed), shown)

    def _going(self, number: int) -> int:
        """The most instances of a pool that go."""
        return self.gone.get(number, 0) + self.perhaps.get(number, 0)

    def _possible(self, here: int, *, stay: int, go: int) -> bool:
        """Whether what runs may lie so; what is not decided counts as possible."""
        return self._lies(here, stay=stay, go=go).status is not Status.DOES_NOT_FIT

    def _lies(self, here: int, *, stay: int, go: int) -> Packing:
        """How what runs may lie so that of the copies ``here`` so many surely stay, and so many go.

        ``here`` counts those that lie on the types of what goes.
        """
        own = self._demands(self.component, self._types)
        kinds = [
            *self._others(),
            *self._elsewhere(),
            self._kind("stays", stay, own, goes=False),
            self._kind("goes", go, own, stays=False),
            self._kind("either", here - stay - go, own),
        ]
        return pack(Problem(self._bins(), tuple(kinds)), portion(self.budget, 8))

    def _at_best(self) -> tuple[int, Certificate | None]:
        """The most copies that may run on what stays, with the others as they may have lain before.

        And the proof that it is no more, unless it is all.
        """
        own, others = self._demands(self.component), [*self._others()]
        problem = Problem(self._bins(), (*others, self._kind("again", 0, own, goes=False)))
        _, high = most(problem, len(others), portion(self.budget, 4))
        if high >= self.component.placed:
            return self.component.placed, None
        more = Problem(self._bins(), (*others, self._kind("again", high + 1, own, goes=False)))
        return high, pack(more, portion(self.budget, 4)).proof

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
        found: Counter[Demands] = Counter()
        for one in self.fleet.components:
            if one.name == self.component.name:
                continue
            if one.by_type is None:
                found[self._demands(one)] += one.placed
            else:
                for kind, count in one.by_type.items():
                    found[self._demands(one, frozenset([kind]))] += count
        for demands in sorted(+found, key=in_order):
            yield self._kind("others", found[demands], demands)

    def _elsewhere(self) -> Iterator[Kind]:
        """The component's copies that lie on types of which nothing goes, where that is told."""
        if self._types is not None:
            for kind, count in sorted((self.component.by_type or {}).items()):
                if kind not in self._types:
                    demands = self._demands(self.component, frozenset([kind]))
                    yield self._kind(f"on {kind}", count, demands)

    def _demands(self, component: Component, types: frozenset[str] | None = None) -> Demands:
        """What a copy takes on each type, of those on which it may lie (``None``: on any)."""
        return tuple(
            self.fleet.demand(component.need, pool.type.name)
            if types is None or pool.type.name in types
            else None
            for pool in self.fleet.pools
        )

    def _kind(
        self, name: str, copies: int, demands: Demands, *, goes: bool = True, stays: bool = True
    ) -> Kind:
        """Copies that lie on what goes, on what stays, or on either."""
        rows = (
            demands[number] if (goes if going else stays) else None for number, going, _ in self._groups()
        )
        return Kind(name, copies, tuple(rows))

    def _surely(self, fleet: Fleet) -> tuple[int, EveryWorld | None]:
        """The copies for which there is room on a fleet wherever the others lie, or wait for room."""
        alone = attrs.evolve(as_it_runs(fleet.moved()), components=tuple(self._waiting()))
        change = CapacityChange(self.component.name, None, self.component.need, 1)
        (step,) = forward_steps(change, alone, self.recorder)
        about = StepQuestion.of(alone, step, self.known.box, portion(self.budget, 2))
        if not about.needs_resources:
            return (self.component.placed if fleet.instances else 0), None
        most_there = min(self.component.placed, _most_alone(about))
        room = sure_room(about, 0, most_there, mostly_all=True)
        return room.low, every_world_of(about, room)

    def _waiting(self) -> Iterator[Component]:
        """The other components, as if they lay anywhere, or waited."""
        found: dict[Demands, tuple[Component, int]] = {}
        for one in self.fleet.components:
            if one.name != self.component.name and one.copies:
                demands = self._demands(one)
                first, copies = found.get(demands, (one, 0))
                found[demands] = first, copies + one.copies
        for number, demands in enumerate(sorted(found, key=in_order)):
            first, copies = found[demands]
            name = f"others+{number}"
            yield attrs.evolve(first, name=name, placed=0, in_flight=copies, by_type=None, coming=0)


def in_order(demands: Demands) -> tuple[Vector, ...]:
    """What to sort by: where nothing may lie first."""
    return tuple(one or () for one in demands)


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
