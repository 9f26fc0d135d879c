"""The judge against the truth: every world and every way it may go, tried out on small fleets."""

from __future__ import annotations

import attrs
import oracle
from agreement import EXACT, WRONG, backward, forward, verdict
from hypothesis import event, given
from small_fleets import Case, one_phase_cases, rolling_cases


@given(one_phase_cases(pools=False))
def test_one_phase_is_judged_exactly(case: Case) -> None:
    """Outcome and number of instances of a create, a scaling or an update at once are the true ones."""
    change = verdict(case)
    event(str(change.outcome))
    assert forward(case, change) == EXACT


@given(one_phase_cases(pools=True))
def test_one_phase_is_judged_exactly_whichever_pool_grows(case: Case) -> None:
    """The same on two instance types, each of which may be what is launched."""
    change = verdict(case)
    event(str(change.outcome))
    assert forward(case, change) == EXACT


@given(rolling_cases(pools=False))
def test_rolling_updates_are_judged_soundly(case: Case) -> None:
    """What is promised of a rolling update holds in every world, and so does what is denied; and back."""
    change = verdict(case)
    there, back = forward(case, change), backward(case, change)
    event(f"forward {there}")
    event(f"rollback {back}")
    assert not there.startswith(WRONG)
    assert not back.startswith(WRONG)


@given(rolling_cases(pools=True))
def test_rolling_updates_are_judged_soundly_whichever_pool_grows(case: Case) -> None:
    """The same on two instance types."""
    change = verdict(case)
    there, back = forward(case, change), backward(case, change)
    event(f"forward {there}")
    event(f"rollback {back}")
    assert not there.startswith(WRONG)
    assert not back.startswith(WRONG)


@given(one_phase_cases())
def test_the_truth_is_narrower_when_more_is_known(case: Case) -> None:
    """The oracle itself: where the arrangement is known, fewer things can happen."""
    known, unknown = (oracle.truth(attrs.evolve(case, located=located)) for located in (True, False))
    assert known.worst <= unknown.worst
    assert known.best >= unknown.best
    assert known.unlimited <= unknown.unlimited
