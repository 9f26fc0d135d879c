"""The likely run of a change: how far it gets, and how it ends, where that can be told by counting."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool, running

from icplan.assumptions import Assumptions
from icplan.effects.forecast import MAX_COPIES, UNKNOWN, Forecast, forecast
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.packing import Budget
from icplan.rollout.steps import Batch, CapacityChange, forward_steps

EACH, PER_INSTANCE = need(2000), 4
NAME = "ml.a.xlarge"
COUNT = st.integers(1, 4)


def run(instances: int, old: int, new: int, most: int, **more: Any) -> Forecast:
    """A component scaled from ``old`` to ``new`` copies, where ``most`` instances may be added."""
    there = running("ic", old, EACH)
    on = fleet(pool(NAME, instances), components=(there,), more=most)
    move = attrs.evolve(CapacityChange("ic", there, EACH, new), **more)
    return forecast(on, move, forward_steps(move, on, Assumptions()), AllocatableBox.of(on), Budget())


@given(COUNT, st.integers(0, 16), st.integers(1, 16), st.integers(0, 3))
def test_a_run_launches_as_many_as_are_full_and_stops_at_the_limit(
    instances: int, old: int, more: int, most: int
) -> None:
    old = min(old, instances * PER_INSTANCE)
    found = run(instances, old, old + more, most)
    wanted = max(instances, -(-(old + more) // PER_INSTANCE))
    if wanted - instances > most:
        assert (found.steps, found.ending) == (0, None)
    else:
        assert found.steps == 1
        assert found.ending is not None
        assert found.ending.pools == {NAME: wanted}


@given(st.integers(2, 4), st.integers(1, 16))
def test_copies_spread_evenly_or_fill_one_instance_after_another(instances: int, copies: int) -> None:
    copies = min(copies, instances * PER_INSTANCE)
    spread, packed = (run(instances, 0, copies, 0, binpack=packs).ending for packs in (False, True))
    assert spread is not None
    assert packed is not None
    assert spread.together == -(-copies // instances)
    assert packed.together == min(copies, PER_INSTANCE)


@given(st.integers(1, 3), st.integers(1, 3))
def test_a_rolling_update_with_room_for_its_batch_ends_on_the_instances_it_began_on(
    instances: int, batch: int
) -> None:
    copies = instances * PER_INSTANCE - batch
    found = run(instances, copies, copies, 0, replaces=True, batch=Batch("COPY_COUNT", batch))
    assert found.steps == -(-copies // batch)
    assert found.ending is not None
    assert found.ending.instances == instances


def test_a_run_of_too_many_copies_is_not_made() -> None:
    assert run(1, 1, MAX_COPIES, 0) is UNKNOWN
    assert run(1, 1, MAX_COPIES - 1, 0) is not UNKNOWN
