"""What a diagnosis says reads as one account: no statement contradicts another, or lacks its other half."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click
import pytest
from support.endpoints import GPU4, component, snapshot
from support.histories import NAME, moment, rolling, stamped

import icplan
from icplan.diagnosis.diagnosis import State
from icplan.report.diagnosis_text import render_diagnosis
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from icplan.diagnosis.diagnosis import Diagnosis

QUOTA = f"{GPU4} for endpoint usage"


def updating(taken: dict[str, Any], minutes: int = 60, **members: Any) -> dict[str, Any]:
    policy = rolling(1, 1, MaximumExecutionTimeoutInSeconds=3600)
    told = {"InferenceComponentStatus": "Updating", "LastDeploymentConfig": policy} | members
    return stamped(stamped(taken, 0), minutes, **told)


def text(found: Diagnosis) -> str:
    return " ".join(click.unstyle(render_diagnosis(found)).split())


def test_a_failed_component_that_is_to_go() -> None:
    failed = component("embed", 1, 4, InferenceComponentStatus="Failed")
    said = text(icplan.diagnose(updating(snapshot(GPU4, 2, component(NAME, 1, 4), failed, scaling=(1, 2)))))
    assert "delete embed, which has failed and holds 1 copy; that another component" in said


@pytest.mark.parametrize(("minutes", "over"), [(59, False), (61, True)])
def test_a_time_limit_that_is_over_is_not_to_come(minutes: int, over: bool) -> None:
    taken = updating(snapshot(GPU4, 3, component(NAME, 2, 1)), 5 + minutes, LastModifiedTime=moment(5))
    found = icplan.diagnose(taken, NAME)
    said = [one.message for one in found.next]
    assert said[0].startswith(f"it {'was to time out' if over else 'times out'} at {moment(65)}")
    assert said[1] == ("from then on it rolls back, which is not over yet" if over else "it then rolls back")
    assert any("has been over for" in one.message for one in found.causes) == over


def test_an_endpoint_that_rolls_back_is_not_said_to_fail_surely() -> None:
    taken = snapshot(GPU4, 3, component(NAME, 2, 1))
    taken["Endpoint"] = {**taken.get("Endpoint", {}), "EndpointName": "prod", "EndpointStatus": "RollingBack"}
    found = icplan.diagnose(taken)
    assert text(found).startswith("ROLLING BACK: endpoint prod; RollingBack")
    assert (found.state, found.exit_code) == (State.FAILING, ExitCode.FAILS)


@pytest.mark.parametrize("named", [QUOTA, "Number of instances across active endpoints"])
def test_a_quota_is_asked_for_by_the_code_that_the_snapshot_lacks(named: str) -> None:
    taken = updating(snapshot(GPU4, 2, component(NAME, 2, 4), scaling=(1, 6)))
    taken |= {"Quotas": [{"QuotaName": named, "Value": 2}]}
    (advice,) = (one for one in icplan.diagnose(taken, NAME).can if "raise the quota" in one.message)
    (command,) = advice.commands
    words = shlex.split(command)
    assert words[1:3] == ["service-quotas", "request-service-quota-increase"]
    assert words[words.index("--quota-code") + 1].startswith("L-")
    assert words[words.index("--desired-value") + 1] == "3.0"


def test_the_fixes_are_those_of_a_command_that_can_be_typed() -> None:
    taken = updating(snapshot(GPU4, 3, component(NAME, 3, 4))) | {"Region": "us-east-1"}
    said = text(icplan.diagnose(taken, NAME))
    assert "the fixes that icplan check CHANGE --endpoint prod --region us-east-1 gives" in said


def test_raises_of_one_limit_for_two_components_are_told_apart() -> None:
    both = snapshot(GPU4, 3, component(NAME, 2, 4), component("bge", 1, 4), scaling=(1, 3))
    taken = updating(both)
    moving = taken["InferenceComponents"][0]
    other = taken["InferenceComponents"][1]
    for member in ("InferenceComponentStatus", "LastDeploymentConfig", "LastModifiedTime"):
        other[member] = moving[member]
    found = icplan.diagnose(taken)
    raises = {one.name: [a for a in one.can if a.raises is not None] for one in found.situations}
    (of_chat,), (of_bge,) = raises[NAME], raises["bge"]
    assert of_chat.raises is not None
    assert of_bge.raises is not None
    assert of_chat.raises.number < of_bge.raises.number
    assert of_chat.message.endswith(f"that is for chat alone, and bge needs more: {of_bge.raises.how}")
    assert "alone" not in of_bge.message
    (alone,) = (one for one in icplan.diagnose(taken, NAME).can if one.raises is not None)
    assert "alone" not in alone.message
