"""How many instances may run after a change: the fewest, the most, and those that may be released."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st
from support.fleets import fleet, need, pool, running

from icplan.assumptions import Assumptions
from icplan.effects.instance_bounds import ChangeEffect, InstanceBounds, bounds_after
from icplan.feasibility.allocatable_box import AllocatableBox
from icplan.packing import Budget
from icplan.rollout.steps import CapacityChange, forward_steps
from icplan.verdict.outcome import Outcome

COUNT, EACH = st.integers(1, 8), 2000
FEW = st.integers(0, 6)
PER_INSTANCE = 4


def scaled(instances: int, old: int, new: int, outcome: Outcome, extra: int | None) -> ChangeEffect:
    """A component scaled on instances that hold `PER_INSTANCE` copies each."""
    there = running("ic", old, need(EACH))
    on = fleet(pool("ml.a.xlarge", instances), components=(there,), more=10, least=0)
    move = CapacityChange("ic", there, need(EACH), new)
    steps = forward_steps(move, on, Assumptions())
    return ChangeEffect(on, AllocatableBox.of(on), move, steps, outcome, lambda: extra)


@given(COUNT, FEW, st.none() | st.integers(0, 10), st.integers(0, 10))
def test_released_are_no_more_than_may_be_and_never_below_the_least(
    instances: int, releasable: int, least: int | None, running_now: int
) -> None:
    on = fleet(pool("ml.a.xlarge", instances), least=least)
    bounds = attrs.evolve(InstanceBounds.of(on), releasable=releasable)
    gone = bounds.released(on, running_now)
    assert gone == (0 if least is None else max(0, min(releasable, running_now - least)))
    assert bounds.fewest(on) == instances - bounds.released(on, instances)


@given(COUNT, st.integers(0, 32), FEW)
def test_no_fewer_run_than_hold_what_lies_there(instances: int, copies: int, releasable: int) -> None:
    copies = min(copies, PER_INSTANCE * instances)
    on = scaled(instances, copies, copies, Outcome.FITS, None).fleet
    bounds = attrs.evolve(InstanceBounds.of(on), releasable=releasable)
    fewest = bounds.fewest_that_hold(on, AllocatableBox.of(on), Budget())
    assert fewest == max(bounds.fewest(on), -(-copies // PER_INSTANCE))


@given(COUNT, FEW, FEW)
def test_what_fits_launches_nothing(instances: int, old: int, new: int) -> None:
    went = scaled(instances, old, new, Outcome.FITS, 0)
    counts, after = bounds_after(went, InstanceBounds.of(went.fleet), Budget())
    assert (counts.instances, after.at_least) == (instances, instances)
    assert after.releasable == went.copies_removed == max(0, old - new)


@given(COUNT, st.integers(1, 4), st.integers(1, PER_INSTANCE))
def test_launches_that_every_layout_needs_are_sure(instances: int, extra: int, last: int) -> None:
    """Full instances, and copies for so many more, of which the last may be partly filled."""
    old = instances * PER_INSTANCE
    went = scaled(
        instances, old, old + (extra - 1) * PER_INSTANCE + last, Outcome.FITS_AFTER_SCALE_OUT, extra
    )
    counts, after = bounds_after(went, InstanceBounds.of(went.fleet), Budget())
    assert counts.instances == after.at_least == instances + extra


@given(COUNT, st.integers(1, 4))
def test_where_the_number_is_not_known_any_copy_may_have_had_one(instances: int, more: int) -> None:
    went = scaled(instances, 1, 1 + more, Outcome.MAY_NOT_FIT, None)
    counts, after = bounds_after(went, InstanceBounds.of(went.fleet), Budget())
    assert (after.at_least, counts.instances) == (instances, instances + more)
