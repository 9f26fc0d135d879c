"""The problems that the premises of a drill make: what may go, and what stays, of a fleet."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import attrs

from icplan.packing.problem import Bin, Kind, Problem
from icplan.verdict.premises import ExistingPremise, PoolPremise, Premises, TargetPremise, Where
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.packing.problem import Vector
    from icplan.verdict.drill import DrillEvent
    from icplan.verdict.drill_evidence import DrilledComponent, DrillPremises

    #: What a copy takes on each type; ``None`` where it may not lie.
    Demands: TypeAlias = tuple[Vector | None, ...]


@attrs.frozen
class DrilledFleet:
    """A fleet of which the instances of an event go (``None``: none does), as its premises tell it."""

    premises: DrillPremises
    event: DrillEvent | None = None

    def require_possible(self) -> None:
        """Raise `Rejected` where more go than there are, or copies lie on types that are not there."""
        there = {pool.type: pool.count for pool in self.premises.pools}
        require(len(there) == len(self.premises.pools), "a type is told of twice")
        for one in self.premises.components:
            if one.by_type is not None:
                whole = sum(one.by_type.values()) == one.placed and one.by_type.keys() <= there.keys()
                require(whole, f"the copies of {one.name} are not those of all types")
        if self.event is not None:
            going = Counter(self.event.instances) + Counter(self.event.perhaps)
            require(all(n <= there.get(kind, 0) for kind, n in going.items()), "more go than there are")

    @property
    def gone(self) -> Mapping[str, int]:
        """The instances that go, by type."""
        return {} if self.event is None else self.event.instances

    def here(self, own: DrilledComponent) -> int:
        """The copies that lie on types of which an instance goes, or on any where that is not told."""
        if own.by_type is None:
            return own.placed
        return sum(count for kind, count in own.by_type.items() if self.gone.get(kind))

    def lying(self, own: DrilledComponent, *, stay: int, go: int) -> Problem:
        """Whether copies may lie so that so many of one component stay, and so many go."""
        here = self.here(own)
        types = None if own.by_type is None else frozenset(kind for kind, n in self.gone.items() if n)
        demands, elsewhere = self._demands(own, types), []
        for kind, count in sorted((own.by_type or {}).items()):
            if types is not None and kind not in types:
                elsewhere.append(self._kind(count, self._demands(own, frozenset([kind]))))
        kinds = (
            *self._others(own),
            *elsewhere,
            self._kind(stay, demands, goes=False),
            self._kind(go, demands, stays=False),
            self._kind(here - stay - go, demands),
        )
        return Problem(self._bins(), kinds)

    def again(self, own: DrilledComponent, copies: int) -> Problem:
        """Whether so many copies may run on what stays, with the others as they may have lain before."""
        return Problem(self._bins(), (*self._others(own), self._kind(copies, self._demands(own), goes=False)))

    def after(self, own: DrilledComponent, copies: int) -> Premises:
        """What so many copies stand on where others may lie anywhere on what stays, or wait."""
        waiting: Counter[Demands] = Counter()
        for one in self._beside(own):
            waiting[one.demands] += one.copies
        return Premises(
            pools=tuple(self._staying(pool) for pool in self.premises.pools),
            existing=tuple(
                ExistingPremise(f"others+{number}", demands, waiting[demands], 0, Where.PERHAPS)
                for number, demands in enumerate(sorted(+waiting, key=_in_order))
            ),
            target=TargetPremise(own.demands, copies),
            cpu_unit=self.premises.cpu_unit,
            arriving=0,
            together=(0, 0),
        )

    @property
    def stays(self) -> int:
        """The instances that stay for sure."""
        return sum(self._staying(pool).count for pool in self.premises.pools)

    def _staying(self, pool: PoolPremise) -> PoolPremise:
        perhaps = {} if self.event is None else self.event.perhaps
        count = pool.count - self.gone.get(pool.type, 0) - perhaps.get(pool.type, 0)
        return PoolPremise(pool.type, count, pool.capacity, None, (0, 0))

    def _beside(self, own: DrilledComponent) -> Iterator[DrilledComponent]:
        return (one for one in self.premises.components if one is not own)

    def _groups(self) -> Iterator[tuple[int, bool, int]]:
        for number, pool in enumerate(self.premises.pools):
            gone = self.gone.get(pool.type, 0)
            yield from ((number, goes, n) for goes, n in ((False, pool.count - gone), (True, gone)) if n)

    def _bins(self) -> tuple[Bin, ...]:
        pools = self.premises.pools
        return tuple(
            Bin(f"{pools[number].type}{' (goes)' if goes else ''}", n, _most(pools[number]))
            for number, goes, n in self._groups()
        )

    def running(self, but: DrilledComponent | None = None) -> Counter[Demands]:
        """The copies that run for sure, by what one takes on each type on which it may lie."""
        found: Counter[Demands] = Counter()
        for one in self.premises.components:
            if one is but:
                continue
            if one.by_type is None:
                found[one.demands] += one.placed
            else:
                for kind, count in one.by_type.items():
                    found[self._demands(one, frozenset([kind]))] += count
        return +found

    def perhaps(self, but: DrilledComponent) -> Counter[Demands]:
        """The copies of the other components of which it is not sure that they run."""
        found: Counter[Demands] = Counter()
        for one in self._beside(but):
            found[one.demands] += one.copies - one.placed
        return +found

    def _others(self, own: DrilledComponent) -> Iterator[Kind]:
        found = self.running(own)
        for demands in sorted(found, key=_in_order):
            yield self._kind(found[demands], demands)

    def _demands(self, one: DrilledComponent, types: frozenset[str] | None = None) -> Demands:
        pools = self.premises.pools
        return tuple(
            demand if types is None or pool.type in types else None
            for pool, demand in zip(pools, one.demands, strict=True)
        )

    def _kind(self, copies: int, demands: Demands, *, goes: bool = True, stays: bool = True) -> Kind:
        rows = (demands[n] if (goes if going else stays) else None for n, going, _ in self._groups())
        return Kind("copies", copies, tuple(rows))


def _most(pool: PoolPremise) -> Vector:
    return tuple(high for _, high in pool.capacity)


def _in_order(demands: Demands) -> tuple[Vector, ...]:
    return tuple(one or () for one in demands)
