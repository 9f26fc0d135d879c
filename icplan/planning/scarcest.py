"""Which resource decides how many instances there must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.fleet.dimensions import digits, memory
from icplan.fleet.fleet import MEMORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.fleet.fleet import Fleet
    from icplan.planning.candidates import Candidate
    from icplan.verdict.fleet_plan import PlannedComponent


def totals(candidate: Candidate, copies: Sequence[int]) -> tuple[int, ...]:
    """What so many copies of each component take together, per dimension."""
    found = [0] * len(candidate.capacity)
    for demand, n in zip(candidate.demands, copies, strict=True):
        for place, amount in enumerate(demand or ()):
            found[place] += n * amount
    return tuple(found)


def _place(candidate: Candidate, copies: Sequence[int]) -> int:
    """The dimension of which these copies take the largest share of an instance."""
    taken = totals(candidate, copies)
    having = [place for place, there in enumerate(candidate.capacity) if there]
    return max(having, key=lambda place: (taken[place] / candidate.capacity[place], place), default=0)


def binding_dimension(fleet: Fleet, candidate: Candidate, copies: Sequence[int]) -> str:
    """The resource that these copies are shortest of."""
    return fleet.dimensions[_place(candidate, copies)]


def least_by_volume(candidate: Candidate, copies: Sequence[int]) -> int:
    """The instances that hold as much as these copies take, could copies be cut."""
    place, taken = _place(candidate, copies), totals(candidate, copies)
    there = candidate.capacity[place]
    return -(-taken[place] // there) if there else 0


def needed_and_each(fleet: Fleet, candidate: Candidate, copies: Sequence[int]) -> str:
    """``accelerators: 41 needed, 8 each``."""
    place = _place(candidate, copies)
    needed = _amount(fleet, place, totals(candidate, copies)[place])
    each = _amount(fleet, place, candidate.capacity[place])
    return f"{fleet.dimensions[place]}: {needed} needed, {each} each"


def filled(fleet: Fleet, candidate: Candidate, components: Sequence[PlannedComponent], instances: int) -> str:
    """``accelerators: 41 of 44``."""
    copies = [one.copies for one in components]
    place = _place(candidate, copies)
    needed = _amount(fleet, place, totals(candidate, copies)[place])
    there = _amount(fleet, place, candidate.capacity[place] * instances)
    return f"{fleet.dimensions[place]}: {needed} of {there}"


def _amount(fleet: Fleet, place: int, amount: int) -> str:
    """An amount of a dimension without the name of what it is of."""
    dimension = fleet.dimensions[place]
    exact = fleet.thousandths(dimension, amount)
    return memory(exact) if dimension == MEMORY else digits(dimension, exact)
