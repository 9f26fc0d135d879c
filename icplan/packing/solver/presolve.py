"""Exact normalisation: merge what is alike, drop what cannot matter, and the way back."""

from __future__ import annotations

from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING

import attrs

from icplan.packing.problem import Pattern, Vector
from icplan.packing.solver.measures import Measures
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from icplan.packing.problem import Kind, Problem

#: A number of bins of one class, each with the given copies per core kind.
BinFill = tuple[int, int, tuple[int, ...]]


@frozen
class MergeKeys:
    """What else must be alike for kinds and bins to be merged."""

    kinds: tuple[Hashable, ...]
    bins: tuple[Hashable, ...]


@frozen
class ReducedProblem:
    """A problem without duplicates: equal bins and kinds merged, capacities no larger than useful.

    ``demands`` is per class, then per kind; ``None`` also where not a single copy would fit. ``kinds`` and
    ``origins`` give the kinds and bins of the original behind each kind and class. ``weightless`` are kinds
    that take nothing in some bin: (kind, bin).
    """

    counts: tuple[int, ...]
    bins: tuple[int, ...]
    free: tuple[Vector, ...]
    demands: tuple[tuple[Vector | None, ...], ...]
    kinds: tuple[tuple[int, ...], ...]
    bin_origins: tuple[tuple[int, ...], ...]
    zero_demand: tuple[tuple[int, int], ...] = ()

    @cached_property
    def sizes(self) -> Measures:
        """How large the copies are beside the bins."""
        return Measures(self.counts, self.bins, self.free, self.demands)

    def room(self, k: int, t: int) -> int:
        """How many copies of kind ``t`` an empty bin of class ``k`` holds, at most all there are."""
        return most_copies(self.free[k], self.demands[k][t], self.counts[t])


def most_copies(free: Sequence[int], demand: Vector | None, count: int) -> int:
    """How many of ``count`` copies fit in what is free."""
    if demand is None:
        return 0
    room = count
    for f, d in zip(free, demand, strict=True):
        if d and f < room * d:
            room = f // d
            if not room:
                return 0
    return room


def _fits(demand: Vector | None, free: Vector) -> bool:
    return demand is not None and all(d <= f for d, f in zip(demand, free, strict=True))


def _useful(free: Vector, column: Sequence[Vector | None], counts: Sequence[int]) -> Vector:
    """The capacity rounded down to what copies could fill at all: no legal pattern is lost."""
    useful = []
    for j, room in enumerate(free):
        sizes = [d[j] for d in column if d is not None]
        step = gcd(*sizes)
        total = sum(n * d[j] for d, n in zip(column, counts, strict=True) if d is not None)
        useful.append(min(room // step * step, total) if step else 0)
    return tuple(useful)


def _home(kind: Kind, present: Sequence[int], *, everywhere: bool) -> int | None:
    """A bin where the kind takes nothing; with ``everywhere`` only if it does so wherever it may lie."""
    allowed = [b for b in present if kind.demands[b] is not None]
    empty = [b for b in allowed if not any(kind.demands[b] or ())]
    return empty[0] if empty and (not everywhere or len(empty) == len(allowed)) else None


def normalise(problem: Problem, tags: MergeKeys | None = None) -> ReducedProblem:
    """The core of a problem; it fits if and only if the problem does.

    With ``tags`` only what is alike in them too is merged, and bins are kept that hold nothing.
    """
    present = [b for b, bins in enumerate(problem.bins) if bins.count]
    free = [problem.bins[b].free for b in present]
    zero_demand = []
    merged: dict[Hashable, list[int]] = {}
    rows = []
    for i, kind in enumerate(problem.kinds):
        if not kind.count:
            continue
        home = _home(kind, present, everywhere=tags is not None)
        if home is not None:
            zero_demand.append((i, home))
            continue
        places = [(kind.demands[b], f) for b, f in zip(present, free, strict=True)]
        row = tuple(demand if _fits(demand, f) else None for demand, f in places)
        members = merged.setdefault((row, tags.kinds[i] if tags else None), [])
        if not members:
            rows.append(row)
        members.append(i)
    counts = tuple(sum(problem.kinds[i].count for i in members) for members in merged.values())
    classes: dict[Hashable, list[int]] = {}
    contents = []
    for at, b in enumerate(present):
        column = tuple(row[at] for row in rows)
        if tags is None and not any(d is not None for d in column):
            continue
        content = (_useful(free[at], column, counts), column)
        members = classes.setdefault((content, tags.bins[b] if tags else None), [])
        if not members:
            contents.append(content)
        members.append(b)
    return ReducedProblem(
        counts=counts,
        bins=tuple(sum(problem.bins[b].count for b in members) for members in classes.values()),
        free=tuple(useful for useful, _ in contents),
        demands=tuple(column for _, column in contents),
        kinds=tuple(tuple(members) for members in merged.values()),
        bin_origins=tuple(tuple(members) for members in classes.values()),
        zero_demand=tuple(zero_demand),
    )


def restore(problem: Problem, core: ReducedProblem, loads: Iterable[BinFill]) -> tuple[Pattern, ...]:
    """The placement in terms of the original kinds and bins; copies beyond those there are, are left out."""
    left = [[(i, problem.kinds[i].count) for i in members] for members in core.kinds]
    bins = [[(b, problem.bins[b].count) for b in members] for members in core.bin_origins]
    placed: list[Pattern] = []
    for k, times, copies in loads:
        remaining = times
        while remaining:
            shares, repeat = _next_share(left, copies)
            b, there = bins[k][0]
            repeat = min(repeat, remaining, there)
            bins[k][0] = (b, there - repeat)
            if there == repeat:
                bins[k].pop(0)
            remaining -= repeat
            if shares:
                _take(left, shares, repeat)
                row = [0] * len(problem.kinds)
                for i, n in shares.values():
                    for original, number in zip(i, n, strict=True):
                        row[original] = number
                placed.append(Pattern(b, repeat, tuple(row)))
    return _with_weightless(problem, core, _joined(placed))


def drop_surplus(loads: Iterable[BinFill], counts: Sequence[int]) -> list[BinFill]:
    """The loads without the copies that are more than there are."""
    left = list(counts)
    kept: list[BinFill] = []
    for k, bins, copies in loads:
        remaining = bins
        while remaining:
            taken = tuple([min(c, n) for c, n in zip(copies, left, strict=True)])
            times = min([remaining] + [n // c for c, n in zip(taken, left, strict=True) if c])
            kept.append((k, times, taken))
            left = [n - times * c for c, n in zip(taken, left, strict=True)]
            remaining -= times
    return kept


def _next_share(
    left: list[list[tuple[int, int]]], copies: tuple[int, ...]
) -> tuple[dict[int, tuple[list[int], list[int]]], int]:
    """Which originals the next bin gets per core kind, and how many bins in a row can get just that."""
    shares: dict[int, tuple[list[int], list[int]]] = {}
    repeat = 10**18
    for t, wanted in enumerate(copies):
        members: list[int] = []
        numbers: list[int] = []
        for original, there in left[t]:
            if wanted <= 0:
                break
            number = min(wanted, there)
            members.append(original)
            numbers.append(number)
            repeat = min(repeat, there // number)
            wanted -= number  # noqa: PLW2901
        if members:
            shares[t] = (members, numbers)
    return shares, repeat


def _take(
    left: list[list[tuple[int, int]]], shares: dict[int, tuple[list[int], list[int]]], times: int
) -> None:
    for t, (_, numbers) in shares.items():
        kept = [(i, n - times * taken) for (i, n), taken in zip(left[t], numbers, strict=False)]
        left[t] = [(i, n) for i, n in kept if n] + left[t][len(numbers) :]


def _joined(placed: list[Pattern]) -> list[Pattern]:
    """Equal patterns as one, in a fixed order."""
    times: dict[tuple[int, tuple[int, ...]], int] = {}
    for p in placed:
        times[p.bin, p.copies] = times.get((p.bin, p.copies), 0) + p.times
    return [
        Pattern(b, n, copies) for (b, copies), n in sorted(times.items(), key=lambda e: (e[0][0], e[0][1]))
    ]


def _with_weightless(problem: Problem, core: ReducedProblem, placed: list[Pattern]) -> tuple[Pattern, ...]:
    for i, b in core.zero_demand:
        if not problem.kinds[i].count:
            continue
        at = next((at for at, p in enumerate(placed) if p.bin == b), None)
        base = (0,) * len(problem.kinds) if at is None else placed[at].copies
        if at is not None:
            shorter = attrs.evolve(placed[at], times=placed[at].times - 1)
            placed[at : at + 1] = [shorter] if shorter.times else []
        copies = tuple(problem.kinds[i].count if x == i else n for x, n in enumerate(base))
        placed.append(Pattern(b, 1, copies))
    return tuple(placed)
