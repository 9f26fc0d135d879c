"""Very large problems: thousands of single bins of few shapes, all numbers in arrays from the start."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from icplan.packing.problem import MAX_AMOUNT, MAX_COUNT, Bin, Kind, Problem, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]


@attrs.frozen(eq=False)
class ArrayProblem:
    """Do all copies fit? ``counts[kind]`` copies, ``free[bin, dimension]``, ``shapes[bin]``.

    ``demands[shape, kind, dimension]`` is what a copy takes in a bin of that shape; a negative number
    anywhere in it says that the kind may not lie there. Raises ValueError on arrays that do not belong
    together or have no dimension, and on numbers out of range.
    """

    counts: Ints
    shapes: Ints
    free: Ints
    demands: Ints

    def __attrs_post_init__(self) -> None:
        bins, dims = self.free.shape
        shapes, kinds, same = self.demands.shape
        if (len(self.shapes), len(self.counts), same) != (bins, kinds, dims):
            raise ValueError("arrays of unequal length")
        if not dims:
            raise ValueError("arrays without a dimension")
        if not all(a.dtype.kind == "i" for a in (self.counts, self.shapes, self.free, self.demands)):
            raise ValueError("arrays of something else than integers")
        for numbers, limit in (
            (self.counts, MAX_COUNT),
            (self.free, MAX_AMOUNT),
            (self.shapes, shapes - 1),
        ):
            if numbers.size and not 0 <= numbers.min() <= numbers.max() <= limit:
                raise ValueError(f"a number is not between 0 and {limit}")
        if self.demands.size and self.demands.max() > MAX_AMOUNT:
            raise ValueError(f"a demand is above {MAX_AMOUNT}")

    def as_problem(self) -> Problem:
        """The same problem without arrays; equal bins are one kind of bin."""
        members = Counter((shape, tuple(free)) for shape, free in self._bins())
        rows = [[tuple(d) if min(d) >= 0 else None for d in row] for row in self.demands.tolist()]
        return Problem(
            tuple(Bin(f"b{b}", n, free) for b, ((_, free), n) in enumerate(members.items())),
            tuple(
                Kind(f"k{t}", n, tuple(rows[shape][t] for shape, _ in members))
                for t, n in enumerate(self.counts.tolist())
            ),
        )

    def _bins(self) -> Iterator[tuple[int, list[int]]]:
        return zip(self.shapes.tolist(), self.free.tolist(), strict=True)


@attrs.frozen(eq=False)
class ArrayPacking:
    """The answer: where ``copies[i]`` of ``kinds[i]`` lie in bin ``bins[i]``, or a proof, or neither."""

    status: Status
    bins: Ints | None = None
    kinds: Ints | None = None
    copies: Ints | None = None
    proof: Mapping[str, Any] | None = None
    method: str = ""
