"""The pure integer problem: copies of few kinds, bins of few kinds. Nothing of SageMaker is in here."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

#: An amount per dimension, all integers. Every vector of one problem has the same length.
Vector = tuple[int, ...]

#: The largest amount and count: sums of their products stay within 64 bits where a library needs that.
LARGEST_AMOUNT = 10**12
LARGEST_COUNT = 10**6


@attrs.frozen
class Kind:
    """Copies that are alike.

    ``demands`` has one entry per kind of bin, in the problem's order: what one copy takes there, or
    ``None`` where it may not lie.
    """

    name: str
    count: int
    demands: tuple[Vector | None, ...]


@attrs.frozen
class Bin:
    """Bins that are alike: ``count`` of them, each with ``capacity``, of which ``used`` is taken already."""

    name: str
    count: int
    capacity: Vector
    used: Vector | None = None

    @property
    def free(self) -> Vector:
        """What is left of the capacity (never below zero)."""
        if self.used is None:
            return self.capacity
        return tuple(max(0, c - u) for c, u in zip(self.capacity, self.used, strict=True))


def validate(bins: tuple[Bin, ...], kinds: tuple[Kind, ...]) -> None:
    """Refuse what no exact search may be given: a negative or huge number, or vectors of unequal length.

    A negative demand would make a search loop zero times and "prove" infeasibility.
    """
    lengths = {len(b.capacity) for b in bins} | {len(d) for k in kinds for d in k.demands if d is not None}
    lengths |= {len(b.used) for b in bins if b.used is not None}
    if len(lengths) > 1:
        raise ValueError(f"vectors of unequal length: {sorted(lengths)}")
    for kind in kinds:
        if len(kind.demands) != len(bins):
            raise ValueError(f"{kind.name}: {len(kind.demands)} demands for {len(bins)} kinds of bin")
    amounts = [a for b in bins for a in (*b.capacity, *(b.used or ()))]
    amounts += [a for k in kinds for d in k.demands if d is not None for a in d]
    counts = [b.count for b in bins] + [k.count for k in kinds]
    for numbers, limit in ((amounts, LARGEST_AMOUNT), (counts, LARGEST_COUNT)):
        for number in numbers:
            if not 0 <= number <= limit:
                raise ValueError(f"{number} is not between 0 and {limit}")


@attrs.frozen
class Problem:
    """Do all copies of all kinds fit in the bins?"""

    bins: tuple[Bin, ...]
    kinds: tuple[Kind, ...]

    def __attrs_post_init__(self) -> None:
        validate(self.bins, self.kinds)


@attrs.frozen
class Arrangement:
    """How many copies of ``target`` have room beside copies that lie somewhere, no one knows where?

    Every copy of every kind in ``lying`` lies in some bin, legally for the bins' *capacities*. Of kind
    ``i``, ``leaves[i]`` copies then leave (which ones is unknown too). Only then the room for the target
    (its demand per bin kind, ``None`` where it may not lie) is counted, against ``counted`` (a capacity
    per bin kind, at most the bin's own; the bin's own where ``None``).
    """

    bins: tuple[Bin, ...]
    lying: tuple[Kind, ...]
    target: tuple[Vector | None, ...]
    leaves: tuple[int, ...] | None = None
    counted: tuple[Vector, ...] | None = None


class Status(enum.StrEnum):
    """An answer, or the honest lack of one."""

    FITS = "fits"
    DOES_NOT_FIT = "does-not-fit"
    UNDECIDED = "undecided"


@attrs.frozen
class Pattern:
    """``times`` bins of kind ``bin``, each with ``copies``: a number per kind, in the problem's order."""

    bin: int
    times: int
    copies: tuple[int, ...]


@attrs.frozen
class Packing:
    """Whether all fits: with a placement, or a proof (data for :mod:`icplan.packing.check`), or undecided.

    ``proof`` is ``None`` when the verdict could not be certified. ``method`` names the rung that decided.
    """

    status: Status
    placement: tuple[Pattern, ...] | None = None
    proof: Mapping[str, Any] | None = None
    method: str = ""


@attrs.frozen
class Slots:
    """Bounds on the least (or the greatest) number of target copies that have room: ``low <= exact <= high``.

    ``arrangement`` attains ``high`` (least) or ``low`` (greatest); ``proof`` certifies the other bound.
    ``possible`` is false when the lying copies cannot lie in the bins at all (``proof`` then says why).
    """

    low: int
    high: int
    arrangement: tuple[Pattern, ...] | None = None
    proof: Mapping[str, Any] | None = None
    possible: bool = True
