"""What is reckoned for many patterns at once is what each of them comes to by itself."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from icplan.packing.problem import Arrangement, Bin, Kind
from icplan.packing.solver.arrangement.model import arrangement_model
from icplan.packing.solver.patterns import every_pattern

if TYPE_CHECKING:
    from icplan.packing.problem import Vector

AMOUNTS = st.integers(0, 4)
VECTORS = st.tuples(AMOUNTS, AMOUNTS)


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    """Up to two kinds of bins, with copies of which some leave, and room that counts otherwise."""
    bins = tuple(
        Bin(f"b{n}", draw(st.integers(1, 2)), draw(st.tuples(*[st.integers(0, 9)] * 2)))
        for n in range(draw(st.integers(1, 2)))
    )
    kinds = tuple(
        Kind(f"k{n}", draw(st.integers(0, 3)), tuple(draw(st.none() | VECTORS) for _ in bins))
        for n in range(draw(st.integers(0, 3)))
    )
    target = tuple(draw(st.none() | VECTORS.filter(any)) for _ in bins)
    counted = tuple(tuple(draw(st.integers(0, most)) for most in one.capacity) for one in bins)
    leaves = tuple(draw(st.integers(0, kind.count)) for kind in kinds)
    return Arrangement(bins, kinds, target, leaves=leaves, counted=draw(st.sampled_from([None, counted])))


@given(arrangements())
def test_slots_beside_fillings_are_those_beside_each(arrangement: Arrangement) -> None:
    model = arrangement_model(arrangement)
    core = model.core
    for k in range(len(core.bins)):
        fillings = every_pattern(core.free[k], core.demands[k], core.counts, 10_000)
        assert fillings is not None
        each = [model.slots(k, copies) for copies, _ in fillings]
        assert model.slots_beside(k, fillings) == each


@given(
    st.tuples(*[st.integers(-1, 9)] * 2),
    st.lists(st.tuples(st.none() | VECTORS, st.integers(0, 3)), max_size=3),
    st.integers(1, 40),
)
def test_every_pattern_is_every_filling_that_has_room(
    free: Vector, kinds: list[tuple[Vector | None, int]], limit: int
) -> None:
    demands, counts = [demand for demand, _ in kinds], [count for _, count in kinds]
    expected: list[tuple[int, ...]] = [()]
    for demand, count in kinds:
        most = 0 if demand is None else count
        expected = [(*copies, n) for copies in expected for n in range(most + 1)]
    takes = [demand or (0, 0) for demand in demands]

    def left(copies: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            have - sum(map(mul, copies, amounts))
            for have, amounts in zip(free, [[d[0] for d in takes], [d[1] for d in takes]], strict=True)
        )

    filled = [(copies, left(copies)) for copies in expected if not any(copies) or min(left(copies)) >= 0]
    found = every_pattern(free, demands, counts, limit)
    assert found == (filled if found is not None else None)
    assert (found is None) <= (len(filled) > 0)
    if len(filled) <= limit and min(free) >= 0:
        assert found is not None
