"""How many more, and the fewest extra bins."""

from __future__ import annotations

from itertools import product

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support import packing_brute as brute
from support.packing_strategies import problems, vectors

from icplan.packing import Option, Problem, fewest, most
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import check_proof
from icplan.packing.solver.optimise import with_bins


@given(problems(most_copies=3).filter(lambda p: p.kinds), st.data())
def test_most_agrees_with_trying_everything(problem: Problem, data: st.DataObject) -> None:
    """So many more fit, and one more does not."""
    problem = attrs.evolve(
        problem, kinds=tuple(k for k in problem.kinds if all(d is None or any(d) for d in k.demands))
    )
    if not problem.kinds:
        return
    kind = data.draw(st.integers(0, len(problem.kinds) - 1))
    low, high = most(problem, kind)
    assert low == high

    def fits(more: int) -> bool:
        kinds = list(problem.kinds)
        kinds[kind] = attrs.evolve(kinds[kind], count=kinds[kind].count + more)
        return brute.fits(Problem(problem.bins, tuple(kinds)))

    if fits(0):
        assert fits(low)
        assert not fits(low + 1)
    else:
        assert low == 0


@st.composite
def with_options(draw: st.DrawFn) -> tuple[Problem, tuple[Option, ...]]:
    problem = draw(problems(most_copies=3))
    size = len(problem.bins[0].capacity)
    options = tuple(
        Option(
            f"o{o}",
            draw(vectors(size, 12)),
            tuple(draw(st.none() | vectors(size, 6)) for _ in problem.kinds),
            draw(st.integers(0, 3)),
            draw(st.integers(0, 2)),
        )
        for o in range(draw(st.integers(1, 3)))
    )
    return problem, options


@given(with_options())
def test_fewest_agrees_with_trying_everything(case: tuple[Problem, tuple[Option, ...]]) -> None:
    """The least cost is brute force's, with a placement that attains it."""
    problem, options = case
    costs = [
        sum(o.cost * n for o, n in zip(options, counts, strict=True))
        for counts in product(*[range(o.limit + 1) for o in options])
        if brute.fits(with_bins(problem, options, counts))
    ]
    extra = fewest(problem, options)
    assert extra.possible == bool(costs)
    if costs:
        assert (extra.low, extra.high) == (min(costs),) * 2
        assert extra.counts is not None
        assert extra.placement is not None
        assert check_placement(with_bins(problem, options, extra.counts), extra.placement)
        if len(options) == 1 and extra.low:
            assert extra.proof is not None
            assert check_proof(with_bins(problem, options, (extra.counts[0] - 1,)), extra.proof)
    else:
        assert extra.proof is not None
        limits = [min(o.limit, sum(k.count for k in problem.kinds)) for o in options]
        assert check_proof(with_bins(problem, options, limits), extra.proof)
