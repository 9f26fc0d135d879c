"""Updates from Specification to Specifications and back that do not say what a copy reserves."""

from __future__ import annotations

from typing import Any

import pytest
from support.endpoints import GPU4, GPU8, component, create, scale, snapshot, update
from support.verdicts import check

from icplan.verdict.codec import to_dict
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

MODEL = {"ModelName": "model-2"}
COMPUTE = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}


def described(copies: int, accelerators: int, *, several: bool) -> dict[str, Any]:
    held = component("a", copies, accelerators)
    if several:
        held["Specifications"] = [held.pop("Specification") | {"InstanceType": GPU4}]
    return held


def to_several(**members: Any) -> dict[str, Any]:
    return {"InferenceComponentName": "a", "Specifications": [{"InstanceType": GPU4} | MODEL | members]}


def to_single(**members: Any) -> dict[str, Any]:
    return {"InferenceComponentName": "a", "Specification": MODEL | members}


SWITCHES = [(False, to_several), (True, to_single)]
"""Whether the component has Specifications, and the update to the other form."""


@pytest.mark.parametrize(("several", "switch"), SWITCHES)
@pytest.mark.parametrize("accelerators", [1, 4])
def test_a_switch_that_leaves_out_what_a_copy_reserves_is_neither_promised_nor_refused(
    several: bool, switch: Any, accelerators: int
) -> None:
    """Whether there would be room for what the component reserves now or not."""
    verdict = check(snapshot(GPU4, 2, described(2, accelerators, several=several)), switch())
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    (change,) = verdict.changes
    assert [finding.severity for finding in change.findings if finding.rule == "ICP317"] == [Severity.WARNING]
    assert Severity.ERROR not in {finding.severity for finding in change.findings}
    assert not any(finding.rule.startswith("ICP5") for finding in change.findings)
    assert not any(use.threshold for use in verdict.assumptions)
    assert not change.remedies
    assert Result.REJECTED not in {checked.result for checked in verify(to_dict(verdict))}


@pytest.mark.parametrize(("several", "switch"), SWITCHES)
def test_a_switch_that_drops_members_of_what_a_copy_reserves_is_open_too(several: bool, switch: Any) -> None:
    """The accelerators may stay reserved or not."""
    taken = snapshot(GPU4, 2, described(2, 1, several=several))
    assert check(taken, switch(**COMPUTE)).outcome is Outcome.MAY_NOT_FIT


@pytest.mark.parametrize(("several", "switch"), SWITCHES)
def test_a_switch_that_says_all_that_a_copy_reserves_is_judged(several: bool, switch: Any) -> None:
    """It is what the component will reserve."""
    whole = component("a", 1, 1)["Specification"]["ComputeResourceRequirements"]
    taken = snapshot(GPU4, 2, described(2, 1, several=several))
    verdict = check(taken, switch(ComputeResourceRequirements=whole))
    assert verdict.outcome is Outcome.FITS
    assert "ICP317" not in {finding.rule for finding in verdict.findings}


def test_another_type_without_what_a_copy_reserves_is_open() -> None:
    """The entries there are speak of other types."""
    taken = snapshot(GPU8, 1, described(0, 1, several=True))
    change = {"InferenceComponentName": "a", "Specifications": [{"InstanceType": GPU8} | MODEL]}
    assert check(taken, change | {"RuntimeConfig": {"CopyCount": 1}}).outcome is Outcome.MAY_NOT_FIT


def test_what_places_nothing_fits_whatever_a_copy_reserves() -> None:
    """No copy runs, and none is asked for."""
    taken = snapshot(GPU4, 2, described(0, 1, several=False))
    assert check(taken, to_several()).outcome is Outcome.FITS


def test_what_places_nothing_after_such_a_switch_fits_even_where_what_runs_exceeds_its_instances() -> None:
    """As if taken over, the reservations of the component exceed the instances; fewer copies need none."""
    taken = snapshot(GPU4, 1, described(1, 4, several=False), component("b", 0, 1))
    verdict = check(taken, to_several() | {"RuntimeConfig": {"CopyCount": 2}}, scale("a", 1))
    assert [one.outcome for one in verdict.changes] == [Outcome.MAY_NOT_FIT, Outcome.FITS]


def test_a_rollback_from_such_a_switch_is_not_promised_either() -> None:
    """Old copies come back beside new ones of which it is not known what they reserve."""
    policy = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1}, "WaitIntervalInSeconds": 0}
    change = to_several() | {"DeploymentConfig": {"RollingUpdatePolicy": policy}}
    (judged,) = check(snapshot(GPU4, 4, described(2, 1, several=False)), change).changes
    assert (judged.outcome, judged.rollback_outcome) == (Outcome.MAY_NOT_FIT, Outcome.MAY_NOT_FIT)


def test_evidence_of_such_a_switch_is_not_shown() -> None:
    """A world in which it does not fit is one for what the component reserves now."""
    taken = snapshot(GPU4, 2, described(1, 2, several=False), component("b", 4, 1))
    (phase,) = check(taken, update("a")).changes[0].phases
    assert phase.outcome is Outcome.MAY_NOT_FIT
    assert phase.proof is not None
    verdict = check(taken, to_several())
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert [phase.proof for change in verdict.changes for phase in change.phases] == [None]


def test_the_changes_after_such_a_switch_are_not_promised_either() -> None:
    """How much room it leaves is not known; what places nothing fits."""
    taken = snapshot(GPU4, 2, described(1, 1, several=False))
    verdict = check(taken, to_several(), create("new", 1, 1), scale("a", 0))
    assert [one.outcome for one in verdict.changes] == [
        Outcome.MAY_NOT_FIT,
        Outcome.MAY_NOT_FIT,
        Outcome.FITS,
    ]
    messages = [finding.message for finding in verdict.changes[1].findings if finding.rule == "ICP317"]
    assert messages == ["what a copy of a reserves by then is not known; nothing is promised"]
