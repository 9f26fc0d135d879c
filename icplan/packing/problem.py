"""The pure integer problem: copies of few kinds, bins of few kinds. Nothing of SageMaker is in here."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.certificate import Certificate, ProvenBound

#: An amount per dimension, all integers. Every vector of one problem has the same length.
Vector = tuple[int, ...]

#: The largest amount and count: sums of their products stay within 64 bits where a library needs that.
MAX_AMOUNT = 10**12
MAX_COUNT = 10**6
#: As they were called before.
LARGEST_AMOUNT, LARGEST_COUNT = MAX_AMOUNT, MAX_COUNT


@frozen
class Kind:
    """Copies that are alike.

    ``demands`` has one entry per kind of bin, in the problem's order: what one copy takes there, or
    ``None`` where it may not lie.
    """

    name: str
    count: int
    demands: tuple[Vector | None, ...]


@frozen
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
    for kind in kinds:
        if len(kind.demands) != len(bins):
            raise ValueError(f"{kind.name}: {len(kind.demands)} demands for {len(bins)} kinds of bin")
    _same_length(
        [b.capacity for b in bins]
        + [b.used for b in bins if b.used is not None]
        + [d for k in kinds for d in k.demands if d is not None]
    )
    counts = [b.count for b in bins] + [k.count for k in kinds]
    if wrong := [n for n in counts if type(n) is not int or not 0 <= n <= MAX_COUNT]:
        raise _not_within(wrong[0], MAX_COUNT)


def _same_length(vectors: Sequence[Vector]) -> None:
    lengths = {len(v) for v in vectors}
    if len(lengths) > 1:
        raise ValueError(f"vectors of unequal length: {sorted(lengths)}")
    if wrong := [n for v in vectors for n in v if type(n) is not int or not 0 <= n <= MAX_AMOUNT]:
        raise _not_within(wrong[0], MAX_AMOUNT)


def _not_within(number: object, limit: int) -> ValueError:
    return ValueError(f"{number!r} is not an integer between 0 and {limit}")


@frozen
class Problem:
    """Do all copies of all kinds fit in the bins?"""

    bins: tuple[Bin, ...]
    kinds: tuple[Kind, ...]

    def __attrs_post_init__(self) -> None:
        validate(self.bins, self.kinds)


@frozen
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

    def __attrs_post_init__(self) -> None:
        validate(self.bins, self.lying)
        if len(self.target) != len(self.bins):
            raise ValueError(f"target: {len(self.target)} demands for {len(self.bins)} kinds of bin")
        demands = [d for d in self.target if d is not None]
        _same_length([b.capacity for b in self.bins] + demands)
        if not all(map(any, demands)):
            raise ValueError("target: demands nothing where it may lie, so that its room has no end")
        self._validate_leaves()
        self._validate_counted()

    def _validate_leaves(self) -> None:
        if self.leaves is None:
            return
        if wrong := [n for n in self.leaves if type(n) is not int or not 0 <= n <= MAX_COUNT]:
            raise _not_within(wrong[0], MAX_COUNT)
        if len(self.leaves) != len(self.lying):
            raise ValueError(f"{len(self.leaves)} numbers of leaving copies for {len(self.lying)} kinds")
        for kind, leaving in zip(self.lying, self.leaves, strict=True):
            if leaving > kind.count:
                raise ValueError(f"{kind.name}: {leaving} of {kind.count} copies leave")

    def _validate_counted(self) -> None:
        if self.counted is None:
            return
        if len(self.counted) != len(self.bins):
            raise ValueError(f"{len(self.counted)} counted capacities for {len(self.bins)} kinds of bin")
        _same_length([b.capacity for b in self.bins] + list(self.counted))
        for b, counted in zip(self.bins, self.counted, strict=True):
            if any(low > high for low, high in zip(counted, b.capacity, strict=True)):
                raise ValueError(f"{b.name}: more is counted than its capacity")


class Status(enum.StrEnum):
    """An answer, or the honest lack of one."""

    FITS = "fits"
    DOES_NOT_FIT = "does-not-fit"
    UNDECIDED = "undecided"


@frozen
class Pattern:
    """``times`` bins of kind ``bin``, each with ``copies``: a number per kind, in the problem's order.

    Bins in no pattern of a placement are empty. ``leaving`` says how many of the copies leave, per kind
    (``None``: none do).
    """

    bin: int
    times: int
    copies: tuple[int, ...]
    leaving: tuple[int, ...] | None = None


@frozen
class Packing:
    """Whether all fits: with a placement, or a proof, or undecided.

    ``proof`` is ``None`` when the verdict could not be certified. ``method`` names the rung that decided.
    """

    status: Status
    placement: tuple[Pattern, ...] | None = None
    proof: Certificate | None = None
    method: str = ""


@frozen
class Slots:
    """Bounds on the least (or the greatest) number of target copies that have room: ``low <= exact <= high``.

    ``arrangement`` attains ``high`` (least) or ``low`` (greatest); ``proof`` certifies the other bound.
    ``possible`` is false when the lying copies cannot lie in the bins at all (``proof`` then says why).
    """

    low: int
    high: int
    arrangement: tuple[Pattern, ...] | None = None
    proof: ProvenBound | None = None
    possible: bool = True


@frozen
class Option:
    """A kind of bin that could be had: at most ``limit`` more of them, for ``cost`` each.

    ``demands`` has one entry per kind of the problem: what one copy takes there, or ``None``.
    """

    name: str
    capacity: Vector
    demands: tuple[Vector | None, ...]
    cost: int = 1
    limit: int = MAX_COUNT


@frozen
class Extra:
    """Bounds on the least cost of extra bins: ``low <= exact <= high``; ``high`` is ``None`` if not known.

    ``counts`` (per option) and ``placement`` attain ``high``; in the placement, option ``i`` is bin kind
    ``len(problem.bins) + i``. ``possible`` is false when not even all options to their limits suffice:
    ``proof`` is then one for the problem widened by all of them. Of a single option it otherwise shows that
    one bin fewer does not suffice.
    """

    low: int
    high: int | None
    counts: tuple[int, ...] | None = None
    placement: tuple[Pattern, ...] | None = None
    proof: Certificate | None = None
    possible: bool = True
