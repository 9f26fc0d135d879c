"""The uncertainty set: a range of allocatable CPU and memory per pool of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.values import frozen

if TYPE_CHECKING:
    from icplan.fleet.fleet import Fleet, InstancePool

#: Where CPU and memory stand in a fleet's dimensions: the two whose capacity is an interval.
UNCERTAIN_DIMENSIONS = (0, 1)


@frozen
class Range:
    """The allocatable (CPU, memory) of one pool's instances: any value from ``low`` to ``high``.

    CPU is in the fleet's units.
    """

    low: tuple[int, int]
    high: tuple[int, int]

    def point(self, at: tuple[int, int]) -> Range:
        """The side that holds one value only."""
        return Range(at, at)


@frozen
class AllocatableBox:
    """A side per pool, in the fleet's order."""

    sides: tuple[Range, ...]

    @classmethod
    def of(cls, fleet: Fleet) -> AllocatableBox:
        """Everything the catalog allows."""
        return cls(
            tuple(
                Range(
                    (fleet.cpu_units(pool.allocatable.cpu.low), pool.allocatable.memory.low),
                    (fleet.cpu_units(pool.allocatable.cpu.high), pool.allocatable.memory.high),
                )
                for pool in fleet.pools
            )
        )

    @classmethod
    def nominal(cls, fleet: Fleet) -> AllocatableBox:
        """The catalog's low ends up to what the instances have in all; what a user gave stays as it is."""
        sides = zip(cls.of(fleet).sides, cls.whole(fleet).sides, fleet.pools, strict=True)
        return cls(tuple(Range(side.low, _top(side, top, pool)) for side, top, pool in sides))

    @classmethod
    def whole(cls, fleet: Fleet) -> AllocatableBox:
        """All that the instances have, whatever a user gave: more cannot be."""
        tops = ((fleet.cpu_units(pool.type.vcpu * 1000), pool.type.memory_mib) for pool in fleet.pools)
        return cls(tuple(Range(top, top) for top in tops))

    @property
    def best(self) -> AllocatableBox:
        """The most favourable corner."""
        return AllocatableBox(tuple(side.point(side.high) for side in self.sides))

    @property
    def worst(self) -> AllocatableBox:
        """The least favourable corner."""
        return AllocatableBox(tuple(side.point(side.low) for side in self.sides))

    def at_least(self, floor: tuple[tuple[int, int], ...]) -> AllocatableBox:
        """The part of the box in which each pool has so much; low ends never pass high ends."""
        return AllocatableBox(
            tuple(
                attrs.evolve(side, low=_between(side, least))
                for side, least in zip(self.sides, floor, strict=True)
            )
        )

    def with_low(self, pool: int, dimension: int, low: int) -> AllocatableBox:
        """The box with another low end; its high ends stay."""
        side = self.sides[pool]
        return self._with(pool, attrs.evolve(side, low=replaced(side.low, dimension, low)))

    def with_high(self, pool: int, dimension: int, high: int) -> AllocatableBox:
        """The box with another high end, below which its low end stays."""
        side = self.sides[pool]
        low = replaced(side.low, dimension, min(side.low[dimension], high))
        return self._with(pool, Range(low, replaced(side.high, dimension, high)))

    def split(self, at: AllocatableBox) -> tuple[AllocatableBox, AllocatableBox] | None:
        """Cut the box just below the first value of the point ``at`` that lies above a low end."""
        for number, (side, point) in enumerate(zip(self.sides, at.sides, strict=True)):
            for dimension in UNCERTAIN_DIMENSIONS:
                cut = point.low[dimension]
                if side.low[dimension] < cut:
                    below = attrs.evolve(side, high=replaced(side.high, dimension, cut - 1))
                    above = attrs.evolve(side, low=replaced(side.low, dimension, cut))
                    return self._with(number, below), self._with(number, above)
        return None

    def _with(self, number: int, side: Range) -> AllocatableBox:
        return AllocatableBox((*self.sides[:number], side, *self.sides[number + 1 :]))


def replaced(pair: tuple[int, int], place: int, value: int) -> tuple[int, int]:
    """The pair with one of its two values replaced."""
    return (value, pair[1]) if place == 0 else (pair[0], value)


def _top(side: Range, whole: Range, pool: InstancePool) -> tuple[int, int]:
    """The most of one pool: what a user gave, else all that there is."""
    known = (pool.allocatable.cpu, pool.allocatable.memory)
    ends = zip(known, side.high, whole.high, strict=True)
    cpu, memory = (given if one.basis == "given" else most for one, given, most in ends)
    return cpu, memory


def _between(side: Range, least: tuple[int, int]) -> tuple[int, int]:
    cpu, memory = (min(h, max(low, m)) for low, h, m in zip(side.low, side.high, least, strict=True))
    return cpu, memory
