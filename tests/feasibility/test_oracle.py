"""The judge against the truth: every world and every way it may go, tried out on small fleets."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import event, given
from support import oracle
from support.agreement import EXACT, WRONG, backward, forward, rolling_tally, shown, verdict
from support.small_fleets import (
    Case,
    Change,
    Component,
    Need,
    Needs,
    Type,
    judged,
    one_phase_cases,
    rolling_cases,
)

from icplan.verdict.codec import to_dict
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


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


def test_few_rolling_updates_are_left_in_doubt(record_property: Callable[[str, object], None]) -> None:
    """Where brute force knows the outcome, icplan nearly always does, and is never wrong."""
    counts = rolling_tally(100, 77)
    record_property("counts", f"against brute force:\n{shown(counts)}")
    for found in counts.values():
        assert not [label for label in found if label.startswith(WRONG)]
        assert 50 * (found.total() - found[EXACT]) <= found.total()


@given(one_phase_cases())
def test_the_truth_is_narrower_when_more_is_known(case: Case) -> None:
    """The oracle itself: where the arrangement is known, fewer things can happen."""
    known, unknown = (oracle.truth(attrs.evolve(case, located=located)) for located in (True, False))
    assert known.worst <= unknown.worst
    assert known.best >= unknown.best
    assert known.unlimited <= unknown.unlimited


@given(one_phase_cases(pools=True) | rolling_cases(pools=True))
def test_layouts_launch_no_more_than_may_be(case: Case) -> None:
    """A layout that shows how a phase works keeps to MaxInstanceCount and to the quota of each type."""
    for phase in verdict(case).phases:
        launched = Counter[str]()
        for row in phase.placement or ():
            launched[row["InstanceType"]] += row["Instances"] if row["Launched"] else 0
        assert launched.total() <= max(0, (case.most or 0) - len(case.instances))
        for name, most in case.quotas:
            assert launched[name] <= most - case.instances.count(name)


def test_a_layout_launches_the_type_that_has_quota_left() -> None:
    """The first type would do as well, but no more of it may run."""
    types = (Type("ml.a", (4000, 4000), (512, 512)), Type("ml.b", (4000, 4000), (512, 512)))
    full = Component("x", {None: Need(512)}, (1,))
    case = Case(types, ("ml.b",), (full,), Change("x", 2), most=4, quotas=(("ml.a", 0),))
    (phase,) = verdict(case).phases
    (launched,) = [row for row in phase.placement or () if row["Launched"]]
    assert (launched["InstanceType"], launched["Instances"]) == ("ml.b", 1)


def test_a_rollback_is_refused_where_no_choice_of_types_helps() -> None:
    """One instance may be launched; one of each type would do, but that is one too many."""
    types = (Type("ml.a", (2000, 2000), (640, 1024), 4), Type("ml.b", (3500, 3500), (512, 512), 4))
    x = Component("x", {None: Need(128, 0, 3)}, (1,))
    case = Case(types, ("ml.a",), (x,), Change("x", 2, x.needs, batch=1, rollback=1), most=2)
    change = verdict(case)
    assert (change.outcome, change.rollback_outcome) == ("fits-after-scale-out", "does-not-fit")
    assert backward(case, change) == EXACT
    checked = verify(to_dict(judged(case)))
    assert {one.result for one in checked} == {Result.VERIFIED}


def test_an_update_is_refused_where_no_world_allows_all_its_steps() -> None:
    """Each step works in some world, no world allows both: nobody can stand where the rollback would fail."""
    types = (Type("ml.a", (2000, 2000), (640, 1024), 0), Type("ml.b", (2000, 2000), (640, 640), 4))
    x = Component("x", {"ml.b": Need(384, 0, 3)}, (0, 1))
    y = Component("y", {"ml.b": Need(128, 0, 1), "ml.a": Need(256)}, (2, 0))
    needs: Needs = {"ml.b": Need(512, 250, 1), "ml.a": Need(512, 1000)}
    case = Case(types, ("ml.a", "ml.b"), (x, y), Change("y", 2, needs, batch=50, percent=True))
    change = verdict(case)
    assert change.outcome == "does-not-fit"
    assert not forward(case, change).startswith(WRONG)


def test_a_rollback_is_promised_only_if_it_fits_where_the_update_stops_early() -> None:
    """Where the last copies find no room, old ones must come back from the moment before."""
    kind = Type("ml.a", (4000, 4000), (128, 300))
    x = Component("x", {None: Need(128)}, (1, 1, 1, 0))
    case = Case((kind,), ("ml.a",) * 4, (x,), Change("x", 5, {None: Need(128)}, batch=1))
    # With 128 MiB an instance, 3 copies are replaced, 2 more are refused, and 3 beside 3 are too many for 4.
    assert oracle.rollback_truth(attrs.evolve(case, located=True)) == oracle.Truth(math.inf, 0, math.inf)
    (change,) = judged(case).changes
    assert change.rollback_outcome == "may-not-fit"


def test_what_has_just_left_has_room_to_come_back() -> None:
    """One copy at a time, there and back: whatever the instances offer, the room just freed is there."""
    kind = Type("ml.a", (4000, 4000), (512, 712), 4)
    x = Component("x", {None: Need(300, 1000, 1)}, (1, 1))
    case = Case((kind,), ("ml.a", "ml.a"), (x,), Change("x", 2, x.needs, batch=1, rollback=1))
    change = verdict(case)
    assert (change.outcome, change.rollback_outcome) == ("may-not-fit", "fits")
    assert backward(case, change) == EXACT
