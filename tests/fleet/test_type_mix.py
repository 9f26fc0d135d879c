"""How instances that are counted only in all are split over types: no split that what lies there forbids."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from support.fleets import fleet, need_on, pool, running

from icplan.fleet.type_mix import resolve_type_mix, scaled_in

if TYPE_CHECKING:
    from icplan.fleet.fleet import Fleet

A, B, ROOM = "ml.a.xlarge", "ml.b.xlarge", 8000


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Two types, each with copies that lie on it alone, and perhaps some that lie anywhere."""
    each = {A: draw(st.sampled_from((2000, 3000, 8000))), B: draw(st.sampled_from((4000, 5000)))}
    components = [
        running(f"on-{name[3]}", draw(st.integers(0, 5)), need_on(**{name: amount}))
        for name, amount in each.items()
    ]
    if draw(st.booleans()):
        components.append(running("any", draw(st.integers(0, 2)), need_on(**{A: 1000, B: 1000})))
    counts = [draw(st.integers(0, 5)) for _ in each]
    pools = (pool(A, counts[0], priority=1), pool(B, counts[1], priority=2))
    return fleet(*pools, components=tuple(components))


def holds(shown: Fleet, split: tuple[int, ...]) -> bool:
    """Whether so many instances of each type hold the copies that lie on that type alone."""
    for component, count in zip(shown.components, split, strict=False):
        (name,) = component.need.requirements
        each = component.need.requirements[name].memory_mib
        if component.placed > count * (ROOM // each):
            return False
    return True


@settings(max_examples=400)  # each takes next to nothing
@given(fleets())
def test_a_split_is_told_only_where_it_is_the_one_that_holds_what_lies_there(shown: Fleet) -> None:
    total = shown.instances
    splits = [s for s in itertools.product(range(total + 1), repeat=2) if sum(s) == total]
    possible = [split for split in splits if holds(shown, split)]
    found = resolve_type_mix(shown, {})
    assert found.instances == total
    if found.mix_known:
        assert possible == [tuple(pool.instances for pool in found.pools)]
    else:
        assert len(possible) != 1


@given(fleets(), st.integers(0, 12))
def test_those_taken_away_are_as_many_as_are_told(shown: Fleet, leaving: int) -> None:
    found = scaled_in(shown, leaving)
    assert found.instances == max(0, shown.instances - leaving)
    assert all(
        after.instances <= before.instances for after, before in zip(found.pools, shown.pools, strict=True)
    )


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 10))
def test_idle_instances_of_the_lowest_priority_go_first(first: int, last: int, leaving: int) -> None:
    found = scaled_in(fleet(pool(A, first, priority=1), pool(B, last, priority=2)), leaving)
    left = {one.type.name: one.instances for one in found.pools}
    assert left[B] == max(0, last - leaving)
    assert left[A] == max(0, first - max(0, leaving - last))
    assert found.mix_known
