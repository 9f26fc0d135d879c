"""How many more fit, and what the fewest extra bins are: searches over the feasibility question."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import attrs

from icplan.packing.budget import Budget
from icplan.packing.fleet_problem import Condition, FleetItem, FleetOption, FleetProblem
from icplan.packing.problem import MAX_COUNT, Bin, Extra, Packing, Problem, Status
from icplan.packing.solver.certificate import weights_proof
from icplan.packing.solver.greedy import Greedy
from icplan.packing.solver.presolve import most_copies, normalise, restore
from icplan.packing.solver.private_bins import without_private_bins
from icplan.packing.solver.solve import few_patterns, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.packing.certificate import Certificate
    from icplan.packing.problem import Kind, Option
    from icplan.packing.solver.columns.most_of_one_kind import MostOfOneKind


#: Each number of copies that is tried has at least this part of the work that is left.
TRIAL: Final = 3


def most(
    problem: Problem, kind: int, budget: Budget | None = None, *, limit: int = MAX_COUNT
) -> tuple[int, int]:
    """Bounds (low, high) on how many more copies of one kind fit beside everything, all copies movable.

    ``(0, 0)`` also if what is there does not fit; at most so many that the kind has ``MAX_COUNT``. More than
    ``limit`` are not looked for.
    """
    budget = budget or Budget()
    question = ("most", problem, kind, limit)
    found: tuple[int, int] | None = budget.answers.get(question)
    if found is None:
        found = _most_beside_private_bins(problem, kind, budget, limit)
        if found[0] == found[1]:
            budget.answers[question] = found
    return found


def _most_beside_private_bins(problem: Problem, kind: int, budget: Budget, limit: int) -> tuple[int, int]:
    """`most`: what the kind's own bins hold is known, and the rest is asked for without them."""
    there = problem.kinds[kind].count
    if there == MAX_COUNT:
        return 0, 0
    split = without_private_bins(_with_more(problem, kind, 1))
    if split is None:
        return _most(problem, kind, budget, limit)
    own = sum(
        problem.bins[place].count * room for place, (number, room) in split.rooms.items() if number == kind
    )
    spare, most_there = max(0, own - there), max(0, min(limit, MAX_COUNT - there))
    rest = _with_count(split.rest, kind, max(0, there - own))
    low, high = most(rest, kind, budget, limit=limit if limit == MAX_COUNT else max(0, limit - spare))
    status = Status.FITS if low else pack(rest, budget).status
    if status is not Status.FITS:
        return 0, 0 if status is Status.DOES_NOT_FIT else min(high + spare, most_there)
    return min(low + spare, most_there), min(high + spare, most_there)


def _most(problem: Problem, kind: int, budget: Budget, limit: int) -> tuple[int, int]:
    """`most`, where copies of more than one kind may lie in each of the bins."""
    more = problem.kinds[kind]
    if pack(problem, budget).status is Status.DOES_NOT_FIT:
        return (0, 0)
    alone = sum(
        b.count * most_copies(b.free, demand, MAX_COUNT)
        for b, demand in zip(problem.bins, more.demands, strict=True)
    )
    high = min(max(0, min(alone, MAX_COUNT) - more.count), _by_volume(problem, kind), limit)
    low = _by_exchanges(problem, kind, high, budget)
    if low < high and not few_patterns(normalise(_with_more(problem, kind, high)), budget):
        low, high = _by_columns(problem, kind, (low, high), budget)

    def status_of(at: int, open_: int) -> Status:
        share = Fraction(1, min(TRIAL, open_.bit_length()))
        return pack(_with_more(problem, kind, at), budget.share(share, same_answers=True)).status

    return _between(status_of, low, high)


def _between(status_of: Callable[[int, int], Status], low: int, high: int) -> tuple[int, int]:
    """The most that fits, between bounds, from so many that do: in steps that double, then by halves.

    ``status_of`` is told by how much bounds are apart, too. What fits is mostly far below what would fit
    alone, and little above what exchanges find.
    """
    tried, step = low, 1
    while tried < high:
        at = min(tried + step, (tried + high + 1) // 2)
        status = status_of(at, high - tried)
        if status is Status.DOES_NOT_FIT:
            high, step = at - 1, 1
            continue
        tried, step = at, 2 * step
        low = at if status is Status.FITS else low
    return low, high


def _by_exchanges(problem: Problem, kind: int, high: int, budget: Budget) -> int:
    """How many more copies an arrangement leaves room for that exchanges lead to; it is kept for `pack`.

    Where patterns are few, all of them are soon tried: then NumPy is not loaded.
    """
    if high < 2 or few_patterns(normalise(_with_more(problem, kind, high)), budget):  # noqa: PLR2004
        return 0
    from icplan.packing.solver.arrangement.roomiest import roomiest  # noqa: PLC0415 - NumPy costs 0.1 s

    more, layout = roomiest(problem, kind, high, budget)
    if more:
        packing = Packing(Status.FITS, placement=layout, method="exchanges")
        budget.answers.setdefault(("pack", _with_more(problem, kind, more)), packing)
    return more


def _by_columns(problem: Problem, kind: int, bounds: tuple[int, int], budget: Budget) -> tuple[int, int]:
    """Closer bounds by column generation; what attains and what proves them is kept for `pack`."""
    from icplan.packing.solver.columns.most_of_one_kind import most_of_one_kind  # noqa: PLC0415 - NumPy and OR-Tools

    low, high = bounds
    core = normalise(_with_more(problem, kind, high))
    own = next((number for number, members in enumerate(core.kinds) if kind in members), None)
    if own is None:
        return bounds
    there = core.counts[own] - high
    question = ("most", core.counts, core.bins, core.free, core.demands, own)
    found: MostOfOneKind | None = budget.answers.get(question)
    if found is None:
        greedy = Greedy(core, budget)
        greedy.place()
        found = most_of_one_kind(core, own, there + low, budget, greedy.fillings)
        if found.low == found.high:
            budget.answers[question] = found
    most, bound = found.low - there, found.high - there
    if found.loads is not None:
        placed = restore(_with_more(problem, kind, most), core, found.loads)
        packing = Packing(Status.FITS, placement=placed, method="columns")
        budget.answers.setdefault(("pack", _with_more(problem, kind, most)), packing)
    if found.weights is not None:
        one_more = _with_more(problem, kind, bound + 1)
        proof = weights_proof(core, found.weights, len(problem.bins), len(problem.kinds))
        packing = Packing(Status.DOES_NOT_FIT, proof=proof, method="columns")
        budget.answers.setdefault(("pack", one_more), packing)
    return most, bound


def _by_volume(problem: Problem, kind: int) -> int:
    """No more copies of a kind than the volume that all others leave has room for, each at its least."""
    most = MAX_COUNT
    for place in range(len(problem.bins[0].free) if problem.bins else 0):
        left = sum(b.count * b.free[place] for b in problem.bins)
        left -= sum(one.count * _least(one, place) for one in problem.kinds)
        if each := _least(problem.kinds[kind], place):
            most = min(most, max(0, left) // each)
    return most


def _least(kind: Kind, place: int) -> int:
    """What a copy takes at least of a dimension."""
    return min((demand[place] for demand in kind.demands if demand is not None), default=0)


def _with_more(problem: Problem, kind: int, more: int) -> Problem:
    return _with_count(problem, kind, problem.kinds[kind].count + more)


def _with_count(problem: Problem, kind: int, count: int) -> Problem:
    kinds = list(problem.kinds)
    kinds[kind] = attrs.evolve(kinds[kind], count=count)
    return Problem(problem.bins, tuple(kinds))


def fewest(problem: Problem, options: Sequence[Option], budget: Budget | None = None) -> Extra:
    """The least cost of extra bins with which everything fits.

    That is the cheapest fleet of which the bins that are there cost nothing, and its one condition is that
    all copies fit.
    """
    budget = budget or Budget()
    total = sum(kind.count for kind in problem.kinds)
    limits = tuple(min(option.limit, total) for option in options)
    everything = pack(with_bins(problem, options, limits), budget)
    if everything.status == Status.DOES_NOT_FIT:
        return Extra(0, None, proof=everything.proof, possible=False)
    # Its linear programs load NumPy and OR-Tools, which `most` and a plain check do without.
    from icplan.packing.solver.fleet.cheapest import cheapest_fleet  # noqa: PLC0415

    answer = cheapest_fleet(_as_fleet(problem, options, limits), budget)
    if not answer.possible:
        return Extra(0, None, possible=False)
    if answer.counts is not None and answer.placements is not None:
        counts = answer.counts[len(problem.bins) :]
        proof = _one_fewer(problem, options, counts, budget) if answer.optimal else None
        return Extra(answer.low, answer.high, counts, answer.placements[0], proof)
    if everything.status == Status.FITS:
        return Extra(answer.low, _cost(options, limits), limits, everything.placement)
    return Extra(answer.low, None)


def _as_fleet(problem: Problem, options: Sequence[Option], limits: Sequence[int]) -> FleetProblem:
    """Bins that are there as options without a cost, then the options."""
    there = [FleetOption(b.name, b.free, 0, b.count) for b in problem.bins]
    extra = [FleetOption(o.name, o.capacity, o.cost, n) for o, n in zip(options, limits, strict=True)]
    items = tuple(
        FleetItem(kind.name, (*kind.demands, *(option.demands[i] for option in options)))
        for i, kind in enumerate(problem.kinds)
    )
    counts = tuple(kind.count for kind in problem.kinds)
    return FleetProblem((*there, *extra), items, (Condition("all fit", counts),))


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
