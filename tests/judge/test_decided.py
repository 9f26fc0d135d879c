"""What is decided without being explained is what a whole judgement says."""

from __future__ import annotations

from hypothesis import assume, event, given
from support.small_fleets import Case, catalog, one_phase_cases, request, settings, snapshot

import icplan
from icplan.api.given_settings import checked_settings
from icplan.api.guarded_operations import ONE_WAY
from icplan.inputs.calls import calls_of
from icplan.judge.change_set import decided, judge


@given(one_phase_cases())
def test_of_a_write_that_is_not_rolled_back_the_outcome_and_the_states_are_the_same(case: Case) -> None:
    """They are all that a guard goes by; so a write that fits need not be explained."""
    (call,) = calls_of(request(case))
    assume(call.operation in ONE_WAY)
    taken = icplan.Snapshot.from_dict(snapshot(case))
    given_ = checked_settings(allocatable=settings(case), catalog=catalog(case))
    found, whole = decided(call, taken, given_), judge([call], taken, given_)
    event(str(found.outcome))
    (one,), (other,) = found.changes, whole.changes
    assert (found.outcome, one.before, one.expected) == (whole.outcome, other.before, other.expected)
    assert other.rollback_outcome is None
    assert found.snapshot.index == whole.snapshot.index
