"""The steps of a change and of its way back: how many copies of which kind run at each moment."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool, running

from icplan.assumptions import Assumptions
from icplan.rollout.steps import Batch, CapacityChange, CopyCounts, forward_steps, rollback_steps

OLD, NEW = need(1000), need(2000)
COPIES = st.integers(0, 12)
BATCHES = st.builds(Batch, st.just("COPY_COUNT"), st.integers(1, 6)) | st.builds(
    Batch, st.just("CAPACITY_PERCENT"), st.integers(5, 50)
)
FLEET = fleet(pool("ml.a.xlarge", 4), components=(running("other", 3, OLD),))


def replacing(old: int, new: int, batch: Batch, back: Batch | None = None) -> CapacityChange:
    return CapacityChange("ic", running("ic", old, OLD), NEW, new, True, batch, back)


@given(COPIES)
def test_a_new_component_places_all_its_copies_beside_the_others(copies: int) -> None:
    steps = forward_steps(CapacityChange("ic", None, NEW, copies), FLEET, Assumptions())
    assert [step.copies for step in steps] == [copies] * bool(copies)
    assert all({entry.component.name for entry in step.existing} == {"other"} for step in steps)


@given(COPIES, COPIES)
def test_scaling_places_only_what_is_more(old: int, new: int) -> None:
    move = CapacityChange("ic", running("ic", old, OLD), OLD, new)
    assert sum(step.copies for step in forward_steps(move, FLEET, Assumptions())) == max(0, new - old)


@given(st.integers(1, 12), COPIES, BATCHES)
def test_a_rolling_update_replaces_every_old_copy_batch_by_batch(old: int, new: int, batch: Batch) -> None:
    """Each step begins where the one before it ended, and at most one batch more runs than ran."""
    steps = forward_steps(replacing(old, new, batch), FLEET, Assumptions())
    size = batch.copies(old, Assumptions())
    rolling = [step for step in steps if step.counts.old != (0, 0)]
    assert len(rolling) == math.ceil(old / size)
    assert rolling[0].counts == CopyCounts((old, rolling[0].counts.old[1]), (0, rolling[0].copies))
    for before, after in pairwise(rolling):
        assert (before.counts.old[1], before.counts.new[1]) == (after.counts.old[0], after.counts.new[0])
    for step in rolling:
        assert step.copies <= size
        assert step.counts.old[0] + step.counts.new[1] <= old + size
        assert step.placed_before == step.counts.new[0]
    assert rolling[-1].counts.old[1] == 0
    assert sum(step.copies for step in steps) == max(old, new)


@given(st.integers(1, 12), st.integers(1, 12), BATCHES, st.none() | BATCHES)
def test_from_wherever_a_rollback_begins_its_steps_put_all_old_copies_back(
    old: int, new: int, batch: Batch, again: Batch | None
) -> None:
    move = replacing(old, new, batch, again)
    reached = forward_steps(move, FLEET, Assumptions())
    back = rollback_steps(move, FLEET, Assumptions(), reached)
    assert back is not None
    ways = {(step.counts.old[0], step.counts.new[0]): step for step in back}
    for begin in reached:
        kept, fresh = begin.counts.old[1], begin.counts.new[1]
        while kept < old:
            step = ways[kept, fresh]
            assert step.need == OLD
            assert step.copies == step.counts.old[1] - kept > 0
            kept, fresh = step.counts.old[1], step.counts.new[1]
        assert fresh >= 0
    assert all(1 <= step.after_step <= len(reached) for step in back)


def test_what_replaces_nothing_has_no_way_back() -> None:
    move = CapacityChange("ic", running("ic", 2, OLD), OLD, 4)
    assert rollback_steps(move, FLEET, Assumptions(), forward_steps(move, FLEET, Assumptions())) is None
