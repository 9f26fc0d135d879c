"""The cause of a refusal is held against the phase that is refused: a forged one is noticed."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, event, given
from support.endpoints import GPU4, component, scale, snapshot
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases
from support.tampering import proven

import icplan
from icplan.packing.checker.first_fit import first_fit
from icplan.packing.problem import Bin, Kind, Problem
from icplan.verdict.codec import to_dict
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Callable

#: Two instances, each with one copy of big, which takes most of it.
BESIDE = snapshot(GPU4, 2, component("big", 2, 3, 8192), component("small", 1, 1, 1024))
GROWING = snapshot(GPU4, 2, component("ic", 2, 3, 30_000), component("other", 1, 1, 4096), scaling=(1, 4))


def made(taken: Any, change: Any) -> Any:
    """The JSON verdict on a change that is refused, as it is read from a file."""
    verdict = json.loads(json.dumps(to_dict(icplan.check(change, icplan.Snapshot.from_dict(taken)))))
    assert verdict["Changes"][0]["Cause"]["Minimal"]
    assert proven(verdict)
    return verdict


FORGED: dict[str, Callable[[Any], object]] = {
    "another phase": lambda cause: cause.update(Phase="place 1 copy"),
    "no copies": lambda cause: cause.update(Copies=0),
    "fewer copies": lambda cause: cause.update(Copies=cause["Copies"] - 1),
    "more copies": lambda cause: cause.update(Copies=cause["Copies"] + 1),
    "no resource": lambda cause: cause.update(Resources=[]),
    "another resource": lambda cause: cause.update(Resources=["memory"]),
    "what is no resource": lambda cause: cause["Resources"].append("disk"),
    "a resource twice": lambda cause: cause["Resources"].append(cause["Resources"][0]),
    "a component that is not there": lambda cause: cause["Components"].append("ghost"),
    "a type that is not there": lambda cause: cause["InstanceTypes"].append("ml.g5.2xlarge"),
    "no limits": lambda cause: cause.update(Limits=[]),
    "what is no limit": lambda cause: cause.update(Limits=["ICP301"]),
    "a limit that does not bind": lambda cause: cause["Limits"].append("ICP502"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_cause_is_refused(how: str) -> None:
    """Whichever member of it says something else than the phase."""
    verdict = made(GROWING, scale("ic", 9))
    FORGED[how](verdict["Changes"][0]["Cause"])
    assert {checked.result for checked in verify(verdict)} >= {Result.REJECTED}


def test_components_that_hold_the_rest_cannot_be_left_out() -> None:
    """Without them there is room."""
    verdict = made(BESIDE, scale("small", 4))
    cause = verdict["Changes"][0]["Cause"]
    assert "big" in cause["Components"]
    assert cause["InstanceTypes"] == [GPU4]
    for member in ("Components", "InstanceTypes"):
        forged = copy.deepcopy(verdict)
        forged["Changes"][0]["Cause"][member] = []
        assert not proven(forged)


def test_what_fits_has_no_cause() -> None:
    """A cause of another verdict is none of one that fits."""
    refused, fits = (
        to_dict(icplan.check(scale("ic", n), icplan.Snapshot.from_dict(GROWING))) for n in (9, 2)
    )
    assert proven(fits)
    fits["Changes"][0]["Cause"] = refused["Changes"][0]["Cause"]
    assert not proven(fits)


@pytest.mark.slow
@given(one_phase_cases() | rolling_cases())
def test_a_cause_that_is_written_is_accepted(case: Case) -> None:
    """Nothing that is tried against a cause refuses a true one, of any number of resources and limits."""
    verdict = to_dict(judged(case))
    (change,) = verdict["Changes"]
    assume("Cause" in change)
    event(str(change["Cause"]["Resources"]))
    assert Result.REJECTED not in {checked.result for checked in verify(verdict)}


def test_what_is_laid_out_at_once_fits() -> None:
    """Copies that may lie on few instances come first; too much work is not tried."""
    bins = (Bin("small", 1, (4,)), Bin("large", 1, (8,), (2,)))
    kinds = (Kind("anywhere", 2, ((3,), (3,))), Kind("small alone", 1, ((4,), None)))
    assert first_fit(Problem(bins, kinds))
    assert not first_fit(Problem(bins, (*kinds, Kind("more", 1, ((1,), (1,))))))
    assert not first_fit(Problem((Bin("many", 10**6, (4,)),), (Kind("one", 1, ((3,),)),)))
