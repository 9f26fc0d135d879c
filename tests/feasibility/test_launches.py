"""Which instances may have been launched: every choice that the limits allow, and no other."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, need_on, pool

from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.feasibility.launches import (
    Launchable,
    combined,
    helpful_launches,
    launch_first,
    launch_mixes,
    launches_before,
    usable,
)
from icplan.feasibility.question import StepQuestion
from icplan.packing import Budget
from icplan.rollout.steps import CopyCounts, Step

if TYPE_CHECKING:
    from icplan.fleet.fleet import Fleet

NAMES = ("ml.a.xlarge", "ml.b.xlarge", "ml.c.xlarge")
CAPS = st.lists(st.integers(0, 4), min_size=1, max_size=3)
EXTRA = st.integers(0, 8)
STEP = Step("place", "place", need(1000), 2, (), CopyCounts((0, 0), (0, 2)))


def about(on: Fleet) -> StepQuestion:
    return StepQuestion.of(on, STEP, AllocatableBox.of(on), Budget())


@given(CAPS, EXTRA)
def test_a_mix_is_every_way_to_launch_so_many(caps: list[int], extra: int) -> None:
    pools = range(len(caps))
    found = [tuple(way[pool] for pool in pools) for way in launch_mixes(pools, dict(enumerate(caps)), extra)]
    wanted = min(extra, sum(caps))
    every = itertools.product(*(range(cap + 1) for cap in caps))
    assert sorted(found) == [way for way in every if sum(way) == wanted]


@given(CAPS, EXTRA)
def test_the_first_pools_come_first(caps: list[int], extra: int) -> None:
    launched = launch_first(range(len(caps)), dict(enumerate(caps)), extra)
    assert sum(launched.values()) == min(extra, sum(caps))
    started = [number for number, n in launched.items() if n]
    assert all(launched[number] == caps[number] for number in started[:-1])


@given(st.lists(st.dictionaries(st.integers(0, 2), st.integers(0, 3)), max_size=3))
def test_launches_together_are_their_sum(parts: list[dict[int, int]]) -> None:
    found = combined(*parts)
    assert all(found.get(pool, 0) == sum(part.get(pool, 0) for part in parts) for pool in range(3))
    assert all(found.values())


@given(st.lists(st.integers(0, 3), min_size=1, max_size=3), EXTRA, EXTRA, EXTRA)
def test_no_way_to_launch_passes_a_limit(free: list[int], most: int, extra: int, arriving: int) -> None:
    """What arrives is of one of the types, whichever, and comes first."""
    on = fleet(*(pool(name, 1) for name in NAMES[: len(free)]))
    allowed = Launchable(min(arriving, most), most, tuple(free))
    ways = launches_before(about(on), [allowed], extra, None)
    if ways is None:
        return
    assert ways
    here = min(allowed.arriving, extra, most)
    for way in ways:
        beyond = sum(max(0, n - free[number]) for number, n in way.by_pool.items())
        assert here <= sum(way.by_pool.values()) <= min(extra, most)
        assert beyond <= here
    # No way leaves an instance that it might launch: fewer never are worse to have than more.
    assert all(
        sum(way.by_pool.values()) >= min(extra, most, max(free)) for way in ways if not allowed.arriving
    )


@given(st.lists(st.integers(0, 3), min_size=1, max_size=3), EXTRA, st.integers(1, 8))
def test_helpful_launches_are_within_the_limits_and_of_use(free: list[int], most: int, useful: int) -> None:
    on = fleet(*(pool(name, 1) for name in NAMES[: len(free)]))
    for way in helpful_launches(about(on), Launchable(0, most, tuple(free)), useful, range(len(free))):
        assert sum(way.values()) == min(most, useful, sum(min(n, useful) for n in free))
        assert all(n <= free[number] for number, n in way.items())


def test_usable_are_the_types_that_a_need_names() -> None:
    on = fleet(*(pool(name, 1) for name in NAMES))
    assert usable(on, need_on(**{NAMES[0]: 1, NAMES[2]: 1})) == [0, 2]
    assert usable(on, need(1)) == [0, 1, 2]
