"""How large copies are beside the bins, and in which orders to place them: computed once per problem."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.packing.problem import Vector

#: One number from a kind's sizes per dimension.
MEASURES: tuple[Callable[[Sequence[float]], float], ...] = (
    sum,
    max,
    lambda row: sum(x * x for x in row),
    lambda row: max(row) + min(row),
    lambda row: sum(sorted(row)[-2:]),
)


@frozen
class Measures:
    """``counts`` copies per kind, ``bins`` per class, ``free`` room per class, demands per class and kind."""

    counts: Sequence[int]
    bins: Sequence[int]
    free: Sequence[Vector]
    demands: Sequence[Sequence[Vector | None]]

    @cached_property
    def least(self) -> list[Vector]:
        """The least a copy of each kind takes of each dimension in any class."""
        nothing = (0,) * len(self.free[0]) if self.free else ()
        columns = ([d for d in column if d is not None] for column in zip(*self.demands, strict=True))
        return [tuple(map(min, zip(*set(column), strict=True))) if column else nothing for column in columns]

    @cached_property
    def rooms(self) -> list[int]:
        """All room per dimension."""
        return [
            sum(m * f for m, f in zip(self.bins, free, strict=True)) for free in zip(*self.free, strict=True)
        ]

    @cached_property
    def scarcity(self) -> list[float]:
        """Per dimension the share of all room that all copies take, where they take least."""
        taken = [
            sum(n * d for n, d in zip(self.counts, least, strict=True))
            for least in zip(*self.least, strict=True)
        ]
        return [t / room if room else 0.0 for t, room in zip(taken, self.rooms, strict=True)]

    @cached_property
    def weights(self) -> list[float]:
        """Per dimension what a unit of it counts: more where it is scarce."""
        total = sum(self.bins)
        return [
            share * total / room if room else 0.0
            for share, room in zip(self.scarcity, self.rooms, strict=True)
        ]

    @cached_property
    def kinds(self) -> list[list[float]]:
        """Per kind and dimension its demand as a share of the mean room, weighted by scarcity."""
        return [[w * d for w, d in zip(self.weights, least, strict=True)] for least in self.least]

    @cached_property
    def homes(self) -> list[int]:
        """Per kind the number of bins it may lie in."""
        return [
            sum(m for m, demand in zip(self.bins, column, strict=True) if demand is not None)
            for column in zip(*self.demands, strict=True)
        ]

    def orders(self) -> Iterator[list[int]]:
        """Orders of the kinds: largest first by several measures, and the same after those with few homes."""
        seen = []
        for measure in MEASURES:
            largest = sorted(range(len(self.kinds)), key=lambda t: -measure(self.kinds[t]))
            for order in (largest, sorted(largest, key=self.homes.__getitem__)):
                if order not in seen:
                    seen.append(order)
                    yield order
