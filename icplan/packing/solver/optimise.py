"""How many more fit, and what the fewest extra bins are: searches over the feasibility question."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

import attrs

from icplan.packing.budget import Budget
from icplan.packing.certificate import Weights
from icplan.packing.problem import MAX_COUNT, Bin, Extra, Problem, Status
from icplan.packing.solver.certificate import heaviest_bound
from icplan.packing.solver.presolve import most_copies
from icplan.packing.solver.solve import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.certificate import Certificate
    from icplan.packing.problem import Option, Packing


def most(problem: Problem, kind: int, budget: Budget | None = None) -> tuple[int, int]:
    """Bounds (low, high) on how many more copies of one kind fit beside everything, all copies movable.

    ``(0, 0)`` also if what is there does not fit; at most so many that the kind has ``MAX_COUNT``.
    """
    budget = budget or Budget()
    more = problem.kinds[kind]
    if pack(problem, budget).status == Status.DOES_NOT_FIT:
        return (0, 0)
    alone = sum(
        b.count * most_copies(b.free, demand, MAX_COUNT)
        for b, demand in zip(problem.bins, more.demands, strict=True)
    )
    low, high = 0, max(0, min(alone, MAX_COUNT) - more.count)
    sure, step = low, 1
    while low < high:
        # Doubling first: what still fits is mostly far below what would fit alone.
        at = min(low + step, (low + high + 1) // 2)
        status = pack(_with_more(problem, kind, at), budget).status
        if status == Status.DOES_NOT_FIT:
            high, step = at - 1, 1
        elif status == Status.FITS:
            low = sure = at
            step *= 2
        else:
            break
    return (sure, high)


def _with_more(problem: Problem, kind: int, more: int) -> Problem:
    kinds = list(problem.kinds)
    kinds[kind] = attrs.evolve(kinds[kind], count=kinds[kind].count + more)
    return Problem(problem.bins, tuple(kinds))


@attrs.frozen
class _Cut:
    """The extra bins must carry so much weight together, or exceed ``counts`` somewhere."""

    carries: tuple[int, ...]
    needed: int
    counts: tuple[int, ...] | None = None

    def met(self, counts: Sequence[int]) -> bool:
        if self.counts is not None:
            return any(a > b for a, b in zip(counts, self.counts, strict=True))
        return sum(c * n for c, n in zip(self.carries, counts, strict=True)) >= self.needed


def fewest(problem: Problem, options: Sequence[Option], budget: Budget | None = None) -> Extra:
    """The least cost of extra bins with which everything fits.

    Every infeasible choice leaves weights that say how much the extra bins must carry; the next choice is
    the cheapest that carries all of it, so the first that is feasible is the cheapest of all.
    """
    budget = budget or Budget()
    total = sum(kind.count for kind in problem.kinds)
    limits = tuple(min(option.limit, total) for option in options)
    everything = pack(with_bins(problem, options, limits), budget)
    if everything.status == Status.DOES_NOT_FIT:
        return Extra(0, None, proof=everything.proof, possible=False)
    high = None
    known: tuple[tuple[int, ...], Packing] | None = None
    if everything.status == Status.FITS:
        high = _cost(options, limits)
        known = (limits, everything)
    cuts: list[_Cut] = []
    low = 0
    while True:
        counts = cheapest(options, limits, cuts)
        if counts is None:
            break
        low = _cost(options, counts)
        packing = pack(with_bins(problem, options, counts), budget)
        if packing.status == Status.FITS:
            return Extra(low, low, counts, packing.placement, _one_fewer(problem, options, counts, budget))
        if packing.status == Status.UNDECIDED:
            break
        cuts.append(_cut(problem, options, counts, packing))
    if known is None:
        return Extra(low, high)
    return Extra(low, high, known[0], known[1].placement)


def _one_fewer(
    problem: Problem, options: Sequence[Option], counts: tuple[int, ...], budget: Budget
) -> Certificate | None:
    """Of a single option, the proof that one bin fewer does not suffice."""
    if len(counts) != 1 or not counts[0] or not options[0].cost:
        return None
    return pack(with_bins(problem, options, (counts[0] - 1,)), budget).proof


def with_bins(problem: Problem, options: Sequence[Option], counts: Sequence[int]) -> Problem:
    """The problem with so many extra bins of each option."""
    extra = tuple(Bin(o.name, n, o.capacity) for o, n in zip(options, counts, strict=True))
    kinds = tuple(
        attrs.evolve(kind, demands=(*kind.demands, *(o.demands[i] for o in options)))
        for i, kind in enumerate(problem.kinds)
    )
    return Problem((*problem.bins, *extra), kinds)


def _cost(options: Sequence[Option], counts: Sequence[int]) -> int:
    return sum(o.cost * n for o, n in zip(options, counts, strict=True))


def _cut(problem: Problem, options: Sequence[Option], counts: tuple[int, ...], packing: Packing) -> _Cut:
    """What an infeasible choice teaches about all choices."""
    proof = packing.proof
    if not isinstance(proof, Weights):
        return _Cut((), 0, counts)
    weights, own = proof.weights, len(problem.bins)
    needed = sum(w * kind.count for w, kind in zip(weights, problem.kinds, strict=True))
    needed -= sum(limit * b.count for limit, b in zip(proof.limits, problem.bins, strict=False))
    carries = []
    for o, option in enumerate(options):
        if counts[o]:
            carries.append(proof.limits[own + o])
        else:
            carries.append(_most_weight(problem, option, weights))
    return _Cut(tuple(carries), needed)


def _most_weight(problem: Problem, option: Option, weights: Sequence[int]) -> int:
    """More than this no bin of the option can carry, whatever lies in it."""
    scale, *multipliers = heaviest_bound(option.capacity, option.demands, weights)
    held = sum(map(mul, multipliers, option.capacity))
    for kind, demand, weight in zip(problem.kinds, option.demands, weights, strict=True):
        if demand is not None:
            held += max(0, scale * weight - sum(map(mul, multipliers, demand))) * kind.count
    return int(held // scale)


def cheapest(
    options: Sequence[Option], limits: Sequence[int], cuts: Sequence[_Cut]
) -> tuple[int, ...] | None:
    """The cheapest counts that meet all cuts; of equal ones the first in order of the options."""
    best: tuple[int, tuple[int, ...]] | None = None
    stack: list[tuple[int, ...]] = [()]
    while stack:
        chosen = stack.pop()
        at = len(chosen)
        fullest = (*chosen, *limits[at:])
        if not all(cut.met(fullest) for cut in cuts):
            continue
        paid = _cost(options[:at], chosen)
        if best is not None and paid >= best[0]:
            continue
        if at == len(options):
            best = (paid, chosen)
            continue
        first = _first(limits, cuts, chosen)
        last = _last(limits, cuts, chosen)
        stack += [(*chosen, n) for n in range(last, first - 1, -1)]
    return None if best is None else best[1]


def _first(limits: Sequence[int], cuts: Sequence[_Cut], chosen: tuple[int, ...]) -> int:
    """The fewest of the next option with which the cuts can still be met."""
    at = len(chosen)
    low, high = 0, limits[at]
    while low < high:
        middle = (low + high) // 2
        if all(cut.met((*chosen, middle, *limits[at + 1 :])) for cut in cuts):
            high = middle
        else:
            low = middle + 1
    return low


def _last(limits: Sequence[int], cuts: Sequence[_Cut], chosen: tuple[int, ...]) -> int:
    """The fewest of the next option with which the cuts are met without any further one."""
    at = len(chosen)
    rest = (0,) * (len(limits) - at - 1)
    low, high = 0, limits[at]
    while low < high:
        middle = (low + high) // 2
        if all(cut.met((*chosen, middle, *rest)) for cut in cuts):
            high = middle
        else:
            low = middle + 1
    return low
