"""Column generation over many kinds: piloted by greedy fillings, and over a list of all patterns."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import packing_brute as brute
from support.packing_strategies import problems

from icplan.packing import Bin, Budget, Kind, Problem, Status, pack
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import check_proof
from icplan.packing.solver import greedy
from icplan.packing.solver import solve as ladder
from icplan.packing.solver.columns import generation as columns
from icplan.packing.solver.columns.column_pool import ColumnPool
from icplan.packing.solver.columns.enumeration import enumerate_patterns
from icplan.packing.solver.columns.generation import Generation
from icplan.packing.solver.columns.pricing import BinGroup, SearchLimits
from icplan.packing.solver.presolve import normalise


def many_kinds(seed: int, bins: int) -> Problem:
    """Seventy copies, no two alike, of which one or two fit in a bin."""
    draw = random.Random(seed)  # noqa: S311 - no secrets here
    sizes = [tuple(draw.randint(200, 800) for _ in range(3)) for _ in range(70)]
    return Problem((Bin("b", bins, (1000,) * 3),), tuple(Kind(f"k{i}", 1, (s,)) for i, s in enumerate(sizes)))


@pytest.mark.parametrize("seed", [1, 2])
def test_ends_only_when_nothing_is_missing_or_it_is_proven(seed: int) -> None:
    """Near the least number of bins, whichever side of it: patterns that suffice, or weights that refute."""
    for bins in range(40, 52):
        generation = Generation(ColumnPool(normalise(many_kinds(seed, bins)), Budget()))
        closed = generation.run([])
        missing = generation.pool.master.solve()
        assert missing is not None
        assert closed is not False
        assert (missing <= 1e-6) == (closed is True)


def tight(more: int) -> Problem:
    """Copies of eight kinds on eleven bins, and so many more of one kind."""
    sizes = [(4, 12288), (1, 2816), (5, 14848), (9, 24064), (4, 11520), (1, 7680), (9, 23296), (3, 17920)]
    kinds = [Kind(f"k{i}", 7 + i, (size,)) for i, size in enumerate(sizes)]
    return Problem((Bin("b", 11, (48, 186_778)),), (*kinds, Kind("more", more, (sizes[1],))))


def test_patterns_that_were_good_for_other_numbers_are_where_it_begins() -> None:
    """Of the same copies: it takes less than to begin with nothing, and the answer is no other."""
    numbers = range(125, 145)
    together = Budget()
    alone = [Budget() for _ in numbers]
    answers = [pack(tight(more), together).status for more in numbers]
    assert answers == [pack(tight(more), budget).status for more, budget in zip(numbers, alone, strict=True)]
    assert 10 * together.spent < 8 * sum(budget.spent for budget in alone)


@st.composite
def shelves(draw: st.DrawFn) -> tuple[BinGroup, np.ndarray, np.ndarray]:
    size, kinds = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    amounts = st.integers(0, 8)
    free = draw(st.lists(amounts, min_size=size, max_size=size))
    demand = st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any)
    demands = draw(st.lists(demand, min_size=kinds, max_size=kinds))
    counts = draw(st.lists(st.integers(0, 3), min_size=kinds, max_size=kinds))
    weights = draw(st.lists(st.integers(0, 9), min_size=kinds, max_size=kinds))
    shelf = BinGroup(np.array([0]), np.array([free]), np.arange(kinds), np.array(demands))
    return shelf, np.array(counts), np.array(weights)


@given(shelves())
def test_a_list_knows_the_heaviest_pattern(case: tuple[BinGroup, np.ndarray, np.ndarray]) -> None:
    """What it says weighs most is the most that any legal pattern weighs, and what it reports is legal."""
    shelf, counts, weights = case
    legal = {
        copies: sum(n * w for n, w in zip(copies, weights.tolist(), strict=True))
        for copies in product(*[range(n + 1) for n in counts.tolist()])
        if brute.legal(tuple(shelf.free[0].tolist()), [tuple(d) for d in shelf.demands.tolist()], copies)
    }
    patterns = enumerate_patterns(shelf, counts, Budget())
    if patterns is None:
        assert list(legal) == [(0,) * len(counts)]
        return
    found = patterns.heaviest(weights, counts, np.array([0]), SearchLimits(1, Budget(), keep=5))
    assert found.bounds.tolist() == [max(legal.values())]
    for _, weight, copies in found.patterns:
        assert legal[tuple(copies.tolist())] == weight > 0


@given(problems())
def test_lists_and_pilots_change_no_verdict(problem: Problem) -> None:
    """Used from the first kind and the first turn on, they answer as brute force does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladder, "MAX_PATTERNS_AT_ONCE", 0)
        patch.setattr(greedy.Greedy, "place", lambda _: None)
        patch.setattr(ladder, "volume_bound", lambda _: None)
        patch.setattr(columns, "MIN_KINDS", 0)
        patch.setattr(columns, "LISTING", 1)
        packing = pack(problem)
    assert packing.status == (Status.FITS if brute.fits(problem) else Status.DOES_NOT_FIT)
    assert packing.placement is None or check_placement(problem, packing.placement)
    assert packing.proof is None or check_proof(problem, packing.proof)
