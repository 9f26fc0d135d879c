"""Bins in which copies of one kind alone may lie: they are filled with those first, whatever else is asked.

Instances that SageMaker launches are such where all that lies stays where it is. What is left is a smaller
question, and the same one for any number of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.packing.certificate import Certificate, Fork, Weights
from icplan.packing.problem import MAX_COUNT, Packing, Pattern, Problem, Vector
from icplan.packing.solver.certificate import heaviest_bound
from icplan.packing.solver.presolve import most_copies
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class WithoutPrivateBins:
    """A problem without bins of one kind alone; ``kept`` are the others.

    ``rooms`` has of each such bin the kind, and how many of its copies one holds; ``filled`` lie there.
    """

    whole: Problem
    rest: Problem
    kept: tuple[int, ...]
    rooms: Mapping[int, tuple[int, int]]
    filled: tuple[Pattern, ...]

    @property
    def provable(self) -> bool:
        """Whether what refutes the rest refutes the whole.

        Not where so few copies are left of a kind that another bin might hold more of it, but for those that
        are elsewhere: weights for the rest do not count with that.
        """
        left = {kind: self.rest.kinds[kind].count for kind, _ in self.rooms.values()}
        return all(not count or count >= self._most_in_one(kind) for kind, count in left.items())

    def _most_in_one(self, kind: int) -> int:
        """The most copies of a kind that a bin of the rest holds."""
        rest = self.rest
        bins = zip(rest.bins, rest.kinds[kind].demands, strict=True)
        return max([most_copies(own.free, demand, MAX_COUNT) for own, demand in bins if own.count], default=0)

    def restored(self, packing: Packing) -> Packing:
        """The answer for the whole problem, by that for the rest; with a proof only if it is `provable`."""
        if packing.placement is not None:
            placed = [attrs.evolve(one, bin=self.kept[one.bin]) for one in packing.placement]
            return attrs.evolve(packing, placement=(*placed, *self.filled))
        proof = self._proof(packing.proof) if packing.proof is not None and self.provable else None
        return attrs.evolve(packing, proof=proof)

    def _proof(self, proof: Certificate) -> Certificate:
        if isinstance(proof, Fork):
            bins = tuple(self.kept[place] for place in proof.bins)
            return attrs.evolve(
                proof, bins=bins, under=self._proof(proof.under), over=self._proof(proof.over)
            )
        if not isinstance(proof, Weights):
            raise TypeError(proof)
        limits = dict(zip(self.kept, proof.limits, strict=True))
        hints = dict(zip(self.kept, proof.multipliers or (None,) * len(self.kept), strict=True))
        for place, (kind, room) in self.rooms.items():
            weight = max(0, proof.weights[kind])
            limits[place] = weight * room
            demand = self.whole.kinds[kind].demands[place]
            hints[place] = heaviest_bound(self.whole.bins[place].free, (demand,), (weight,))
        every = range(len(self.whole.bins))
        multipliers = None if proof.multipliers is None else tuple(hints[place] for place in every)
        return attrs.evolve(proof, limits=tuple(limits[place] for place in every), multipliers=multipliers)


def without_private_bins(problem: Problem) -> WithoutPrivateBins | None:
    """The problem without bins of one kind alone; ``None`` where there are none."""
    found = ((place, _room(problem, place)) for place in range(len(problem.bins)))
    rooms = {place: room for place, room in found if room is not None}
    if not rooms:
        return None
    counts = [own.count for own in problem.kinds]
    filled = []
    for place, (kind, each) in rooms.items():
        for times, copies in _fill(problem.bins[place].count, each, counts[kind]):
            filled.append(Pattern(place, times, _only(kind, copies, len(counts))))
            counts[kind] -= times * copies
    kept = tuple(place for place in range(len(problem.bins)) if place not in rooms)
    bins = tuple(problem.bins[place] for place in kept)
    kinds = tuple(
        attrs.evolve(own, count=n, demands=tuple(own.demands[place] for place in kept))
        for own, n in zip(problem.kinds, counts, strict=True)
    )
    return WithoutPrivateBins(problem, Problem(bins, kinds), kept, rooms, tuple(filled))


def _room(problem: Problem, place: int) -> tuple[int, int] | None:
    """The one kind of which copies may lie in these bins, if it is one, and how many fill one of them."""
    free = problem.bins[place].free
    may_lie = [
        (number, room)
        for number, own in enumerate(problem.kinds)
        if own.count and (room := most_copies(free, own.demands[place], MAX_COUNT))
    ]
    return may_lie[0] if len(may_lie) == 1 and problem.bins[place].count else None


def _fill(bins: int, room: int, copies: int) -> list[tuple[int, int]]:
    """Numbers of bins, and of copies in each."""
    full = min(bins, copies // room)
    last = min(room, copies - full * room) if full < bins else 0
    return [(times, each) for times, each in ((full, room), (1, last)) if times and each]


def _only(kind: int, copies: int, kinds: int) -> Vector:
    return tuple(copies if number == kind else 0 for number in range(kinds))
