"""Small random problems and arrangements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from icplan.packing import (
    Arrangement,
    Bin,
    Condition,
    FleetItem,
    FleetOption,
    FleetProblem,
    InstanceLost,
    Kind,
    NothingLost,
    OptionLost,
    Problem,
    ZoneLost,
)

if TYPE_CHECKING:
    from icplan.packing import Vector


def vectors(size: int, most: int) -> st.SearchStrategy[Vector]:
    return st.tuples(*[st.integers(0, most)] * size)


@st.composite
def bins_and_kinds(
    draw: st.DrawFn, most_copies: int = 4, most_bins: int = 3
) -> tuple[tuple[Bin, ...], tuple[Kind, ...]]:
    size = draw(st.integers(1, 3))
    bins = tuple(
        Bin(
            f"b{b}",
            draw(st.integers(0 if b else 1, most_bins)),
            draw(vectors(size, 12)),
            draw(st.none() | vectors(size, 5)),
        )
        for b in range(draw(st.integers(1, 2)))
    )
    demands = st.tuples(*[st.one_of(vectors(size, 7), vectors(size, 7), st.none())] * len(bins))
    kinds = tuple(
        Kind(f"k{i}", draw(st.integers(0, most_copies)), draw(demands))
        for i in range(draw(st.integers(0, 3)))
    )
    return bins, kinds


@st.composite
def problems(draw: st.DrawFn, most_copies: int = 6) -> Problem:
    return Problem(*draw(bins_and_kinds(most_copies)))


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    bins, lying = draw(bins_and_kinds(3))
    size = len(bins[0].capacity)
    target = tuple(draw(st.one_of(vectors(size, 4).filter(any), st.none())) for _ in bins)
    leaves = draw(st.none() | st.tuples(*[st.integers(0, k.count) for k in lying]))
    counted = draw(
        st.none() | st.tuples(*[st.tuples(*[st.integers(0, c) for c in b.capacity]) for b in bins])
    )
    return Arrangement(bins, lying, target, leaves, counted)


@st.composite
def fleet_problems(draw: st.DrawFn, most_copies: int = 3, most_items: int = 3) -> FleetProblem:
    """Few items, one option or two, and conditions of every kind."""
    size = draw(st.integers(1, 3))
    limits = st.none() | st.integers(0, 4)
    options = tuple(
        FleetOption(f"o{t}", draw(vectors(size, 12)), draw(st.integers(0, 9)), draw(limits))
        for t in range(draw(st.integers(1, 2)))
    )
    demands = st.tuples(*[st.one_of(vectors(size, 7), vectors(size, 7), st.none())] * len(options))
    items = tuple(FleetItem(f"i{i}", draw(demands)) for i in range(draw(st.integers(0, most_items))))
    return FleetProblem(
        options,
        items,
        tuple(draw(st.lists(conditions(len(options), len(items), most_copies), max_size=4))),
        draw(st.none() | st.integers(0, 2)),
        draw(st.none() | st.integers(0, 6)),
    )


@st.composite
def conditions(draw: st.DrawFn, options: int, items: int, most_copies: int) -> Condition:
    """A condition of so many options and items."""
    lost = draw(
        st.sampled_from([NothingLost(), NothingLost()])
        | st.builds(InstanceLost, st.integers(0, options - 1))
        | st.builds(ZoneLost, st.integers(1, 3))
        | st.builds(OptionLost, st.integers(0, options - 1))
    )
    counts = draw(st.tuples(*[st.integers(0, most_copies)] * items))
    return Condition(draw(st.sampled_from(["rest", "update", "lost"])), counts, lost)
