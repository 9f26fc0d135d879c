"""The most copies of one kind by column generation, and bins in which copies of one kind alone may lie."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import packing_brute as brute
from support.packing_strategies import problems

from icplan.packing import Bin, Budget, Kind, Packing, Problem, Status, most, pack
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import check_proof
from icplan.packing.solver import optimise
from icplan.packing.solver import solve as ladder
from icplan.packing.solver.columns.most_of_one_kind import most_of_one_kind
from icplan.packing.solver.presolve import normalise
from icplan.packing.solver.private_bins import without_private_bins

#: More copies than have room in any of these.
MANY = 60


def with_more(problem: Problem, kind: int, more: int) -> Problem:
    kinds = list(problem.kinds)
    kinds[kind] = attrs.evolve(kinds[kind], count=kinds[kind].count + more)
    return Problem(problem.bins, tuple(kinds))


def most_by_trying(problem: Problem, kind: int) -> int:
    return max(more for more in range(MANY) if brute.fits(with_more(problem, kind, more)))


@st.composite
def one_of_which_there_are_to_be_more(draw: st.DrawFn) -> tuple[Problem, int]:
    """A problem that fits, and a kind of it that takes something wherever it may lie."""
    problem = draw(problems(most_copies=3).filter(lambda p: bool(p.kinds)))
    kind = draw(st.integers(0, len(problem.kinds) - 1))
    own = problem.kinds[kind]
    demands = tuple(d if d is None or any(d) else None for d in own.demands)
    kinds = (*problem.kinds[:kind], attrs.evolve(own, demands=demands), *problem.kinds[kind + 1 :])
    return Problem(problem.bins, kinds), kind


@given(one_of_which_there_are_to_be_more())
def test_bounds_by_columns_are_true_and_mostly_meet(case: tuple[Problem, int]) -> None:
    """No layout has more than the bound, and there is one with the copies that were found."""
    problem, kind = case
    if not brute.fits(problem):
        return
    core = normalise(with_more(problem, kind, MANY))
    if not core.bins:
        return
    own = next(number for number, members in enumerate(core.kinds) if kind in members)
    there = core.counts[own] - MANY
    exact = there + most_by_trying(problem, kind)
    found = most_of_one_kind(core, own, there, Budget(), [])
    assert found.low <= exact <= found.high
    if found.loads is not None:
        lying = [sum(times * copies[t] for _, times, copies in found.loads) for t in range(len(core.counts))]
        assert lying == [found.low if t == own else n for t, n in enumerate(core.counts)]


@given(one_of_which_there_are_to_be_more())
def test_what_columns_find_is_kept_as_layout_and_proof(case: tuple[Problem, int]) -> None:
    problem, kind = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladder, "MAX_PATTERNS_AT_ONCE", 0)
        patch.setattr(optimise, "_by_exchanges", lambda *_: 0)
        budget = Budget()
        low, high = most(problem, kind, budget)
    kept: dict[Problem, Packing] = {
        key[1]: found for key, found in budget.answers.items() if isinstance(key, tuple) and key[0] == "pack"
    }
    assert low == high == (most_by_trying(problem, kind) if brute.fits(problem) else 0)
    for asked, found in kept.items():
        assert (found.status is Status.FITS) == brute.fits(asked)
        assert found.placement is None or check_placement(asked, found.placement)
        assert found.proof is None or check_proof(asked, found.proof)


@given(problems())
def test_without_private_bins_the_answer_is_the_same_and_proven(problem: Problem) -> None:
    split = without_private_bins(problem)
    if split is None:
        return
    assert len(split.rest.bins) < len(problem.bins)
    found = split.restored(pack(split.rest))
    assert found.status == (Status.FITS if brute.fits(problem) else Status.DOES_NOT_FIT)
    assert found.placement is None or check_placement(problem, found.placement)
    assert found.proof is None or check_proof(problem, found.proof)
    assert found.proof is not None or found.status is Status.FITS or not split.provable
    assert pack(problem).proof is not None or found.status is Status.FITS


def test_a_few_copies_left_for_bins_that_hold_more_of_them() -> None:
    """Two of five have to share a bin that holds three with what lies there: weights for two do not do."""
    bins = (Bin("old", 1, (9,)), Bin("new", 1, (9,)))
    kinds = (Kind("lying", 1, ((5,), None)), Kind("more", 5, ((3,), (3,))))
    problem = Problem(bins, kinds)
    split = without_private_bins(problem)
    assert split is not None
    assert not split.provable
    found = pack(problem)
    assert found.status is Status.DOES_NOT_FIT
    assert found.proof is not None
    assert check_proof(problem, found.proof)


def test_more_instances_for_one_kind_alone_take_no_further_search() -> None:
    """What lies stays on the old bins: for any number of new ones the same question is left."""
    sizes = [(4, 12288), (1, 2816), (5, 14848), (9, 24064), (4, 11520), (1, 7680), (9, 23296), (3, 17920)]
    lying = [Kind(f"k{i}", 7 + i, (size, None)) for i, size in enumerate(sizes)]
    budget = Budget()

    def room(new: int) -> tuple[int, int]:
        bins = (Bin("old", 11, (48, 186_778)), Bin("new", new, (48, 186_778)))
        return most(Problem(bins, (*lying, Kind("more", 0, (sizes[1], sizes[1])))), len(lying), budget)

    first = room(1)
    assert first[0] == first[1]
    spent = budget.spent
    assert [room(new) for new in (2, 5)] == [(first[0] + 48, first[1] + 48), (first[0] + 192, first[1] + 192)]
    assert budget.spent - spent < spent // 2
