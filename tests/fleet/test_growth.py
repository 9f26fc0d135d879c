"""How far a fleet may grow, and which copies have to be placed, where figures differ or are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, scale, snapshot

import icplan
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict


def check(taken: dict[str, Any], change: dict[str, Any], **options: Any) -> Verdict:
    return icplan.check(change, icplan.Snapshot.from_dict(taken), **options)


def running(copies: int, desired: int, accelerators: int) -> dict[str, Any]:
    """A component of which fewer copies run than are desired."""
    counts = {"CurrentCopyCount": copies, "DesiredCopyCount": desired}
    return component("a", copies, accelerators, RuntimeConfig=counts)


def arriving(taken: dict[str, Any], desired: int, **more: Any) -> dict[str, Any]:
    """The same endpoint with more instances desired than there are."""
    taken["Endpoint"]["ProductionVariants"][0] |= {"DesiredInstanceCount": desired, **more}
    return taken


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 6), st.integers(1, 4), st.integers(1, 3))
def test_copies_that_do_not_run_yet_need_room_like_any_other(
    copies: int, more: int, wanted: int, accelerators: int, instances: int
) -> None:
    """Scaling asks for the same, however many copies were desired and never came."""
    copies = min(copies, instances * (4 // accelerators))
    as_desired = check(snapshot(GPU4, instances, running(copies, copies, accelerators)), scale("a", wanted))
    short = check(snapshot(GPU4, instances, running(copies, copies + more, accelerators)), scale("a", wanted))
    assert short.outcome is as_desired.outcome


def test_fewer_copies_than_were_desired_may_still_be_too_many() -> None:
    """Two of four copies run and fill both instances: three do not fit either, two do."""
    taken = snapshot(GPU4, 2, running(2, 4, 4))
    assert check(taken, scale("a", 3)).outcome is Outcome.DOES_NOT_FIT
    assert check(taken, scale("a", 2)).outcome is Outcome.FITS


@pytest.mark.parametrize("scaling", [None, (1, 3)])
def test_an_instance_on_its_way_comes_whatever_the_scaling(scaling: tuple[int, int] | None) -> None:
    """Desired, it will be there; a further one only where managed instance scaling may add it."""
    taken = arriving(snapshot(GPU4, 2, component("a", 2, 4), scaling=scaling), 3)
    verdict = check(taken, scale("a", 3))
    assert verdict.outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert check(taken, scale("a", 4)).outcome is Outcome.DOES_NOT_FIT


@pytest.mark.parametrize("used", [3, 2])
def test_a_reservation_has_granted_what_is_on_its_way(used: int) -> None:
    """Nothing of it is left, but one is on its way, whether it is counted as used already: it alone comes."""
    taken = arriving(
        snapshot(GPU4, 2, component("a", 2, 4), scaling=(1, 5)),
        3,
        CapacityReservationConfig={
            "CapacityReservationPreference": "capacity-reservations-only",
            "TotalInstanceCount": 3,
            "AvailableInstanceCount": 0,
            "UsedByCurrentEndpoint": used,
        },
    )
    assert check(taken, scale("a", 3)).outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert check(taken, scale("a", 4)).outcome is Outcome.DOES_NOT_FIT


def test_growth_without_a_maximum_is_an_assumption() -> None:
    """Nothing says how far it goes, so neither answer is given as a fact."""
    taken = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 1))
    del taken["EndpointConfig"]["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"]
    verdict = check(taken, create("b", 2, 4))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    (use,) = [one for one in verdict.assumptions if one.name == "growth-without-maximum"]
    assert use.relied_on
    assert use.otherwise == {"unlimited": Outcome.FITS_AFTER_SCALE_OUT}
    assert "ICP507" in {finding.rule for finding in verdict.findings}
    settled = check(taken, create("b", 2, 4), assume={"growth-without-maximum": "unlimited"})
    assert settled.outcome is Outcome.FITS_AFTER_SCALE_OUT
