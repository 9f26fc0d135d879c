"""Writes followed on the local SageMaker, which takes time, rolls and rolls back: each end is told right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from support.emulated import World, needs, never_starting, rolling
from support.endpoints import GPU4

import icplan
from icplan.diagnosis.diagnosis import Basis, Ended, State
from icplan.testing import Timing
from icplan.verdict.codec import to_dict
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from icplan.diagnosis.diagnosis import Diagnosis

CHAT = "chat"


def world(copies: int = 3, devices: int = 3, most: int | None = 3, instances: int = 3, **more: Any) -> World:
    made = World.of(GPU4, instances, most, **more)
    made.create(CHAT, copies, needs(devices))
    return made


def taken(made: World) -> icplan.Snapshot:
    """What AWS tells now, taken at the emulated moment."""
    data = icplan.Snapshot.read("prod", client=made.client).to_dict()
    return icplan.Snapshot.from_dict(
        {**data, "TakenAt": made.fake.clock.date.isoformat().replace("+00:00", "Z")}
    )


def sent(made: World, deployment: dict[str, Any] | None = None) -> tuple[icplan.Snapshot, icplan.Verdict]:
    """An update checked and sent all the same: the snapshot before it, and the verdict."""
    before = taken(made)
    given_ = {} if deployment is None else {"DeploymentConfig": deployment}
    change = {"InferenceComponentName": CHAT, "Specification": {"ModelName": "m-2"}} | given_
    verdict = icplan.check(change, before)
    made.fake.clock.advance("1m")
    made.update(CHAT, deployment)
    return before, verdict


def ends(made: World, before: icplan.Snapshot, verdict: icplan.Verdict) -> tuple[Diagnosis, Diagnosis]:
    """By the verdict as it was written, and by the earlier snapshot."""
    after = taken(made)
    told = json.loads(json.dumps(to_dict(verdict)))
    return icplan.diagnose(after, CHAT, verdict=told), icplan.diagnose(after, CHAT, before=before)


def test_an_update_that_hangs_and_is_rolled_back() -> None:
    """At 2 a.m. it waits for room; the next morning it is InService, and was taken back."""
    made = world()
    limited = rolling(1, wait=60)
    limited["RollingUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 3600
    before, verdict = sent(made, limited)
    made.settle()
    by_verdict, by_before = ends(made, before, verdict)
    assert (by_verdict.ended, by_before.ended) == (Ended.ROLLED_BACK, Ended.ROLLED_BACK)
    assert by_verdict.exit_code is ExitCode.FAILS
    assert any("found no room" in cause.message for cause in by_verdict.causes)


def test_an_update_that_is_done_step_by_step() -> None:
    """Meanwhile each step is within what is told of it, and at the end it is done."""
    made = world(copies=3, devices=1, most=None)
    before, verdict = sent(made, rolling(1, wait=600))
    seen = set()
    component = made.fake.emulator.region().components[CHAT]
    while component.status == "Updating":
        found = icplan.diagnose(taken(made), CHAT, verdict=verdict)
        assert found.state is State.GOING
        assert found.step is not None
        new = len(component.of(max(component.entries)))
        assert found.step.new[0] <= new <= found.step.new[1]
        assert found.step.first <= min(3, new + 1)
        seen.add(found.step)
        made.fake.clock.advance("3m")
    assert len(seen) > 1
    by_verdict, by_before = ends(made, before, verdict)
    assert (by_verdict.ended, by_before.ended) == (Ended.DONE, Ended.DONE)
    assert by_verdict.exit_code is ExitCode.OK


def test_an_alarm_takes_it_back() -> None:
    made = world(copies=2, devices=1, most=None)
    before, verdict = sent(made, rolling(1, wait=600, alarm="errors"))
    made.fake.clock.advance("3m")
    assert any("errors" in one.message for one in icplan.diagnose(taken(made), CHAT, verdict=verdict).next)
    made.fake.set_alarm("errors")
    made.settle()
    by_verdict, by_before = ends(made, before, verdict)
    assert (by_verdict.ended, by_before.ended) == (Ended.ROLLED_BACK, Ended.ROLLED_BACK)


def test_a_rollback_that_fails() -> None:
    made = world(copies=3, devices=1, most=None, instances=1)
    before, verdict = sent(made, rolling(1, wait=60, alarm="errors"))
    while made.events(CHAT).count("batch done") < 2:
        made.fake.clock.step()
    made.fake.set_alarm("errors")
    made.settle()
    by_verdict, by_before = ends(made, before, verdict)
    assert (by_verdict.ended, by_before.ended) == (Ended.ROLLBACK_FAILED, Ended.ROLLBACK_FAILED)


def test_somebody_else_writes() -> None:
    made = world(copies=2, devices=1, most=None)
    before, verdict = sent(made)
    made.settle()
    made.client.update_inference_component(InferenceComponentName=CHAT, Specification={"ModelName": "m-9"})
    made.settle()
    assert ends(made, before, verdict)[0].ended is Ended.SUPERSEDED


def test_a_creation_whose_container_never_starts() -> None:
    """It is Creating within its time-out, and Failed after it."""
    made = World.of(GPU4, 1, timing=Timing(container_start=60, copy_stop=0))
    made.fake.container_fails("bad:1")
    before = taken(made)
    request = never_starting(CHAT)
    verdict = icplan.check(request, before)
    made.client.create_inference_component(**request)
    made.fake.clock.advance("1s")
    moving = icplan.diagnose(taken(made), CHAT, verdict=verdict)
    assert moving.worst.status == "Creating"
    assert moving.state is State.GOING
    made.settle()
    found = icplan.diagnose(taken(made), CHAT, verdict=verdict)
    assert (found.state, found.ended, found.exit_code) == (State.FAILED, Ended.FAILED, ExitCode.FAILS)
    assert found.worst.failure_reason


def test_a_deletion_is_followed_to_its_end() -> None:
    made = world(copies=1, devices=1, most=None)
    before = taken(made)
    deletion = {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": CHAT}}
    verdict = icplan.check(deletion, before)
    made.client.delete_inference_component(InferenceComponentName=CHAT)
    moving = icplan.diagnose(taken(made), CHAT, verdict=verdict)
    assert (moving.state, moving.exit_code) == (State.GOING, ExitCode.UNCERTAIN)
    made.settle()
    by_verdict, by_before = ends(made, before, verdict)
    assert (by_verdict.ended, by_verdict.exit_code) == (Ended.DELETED, ExitCode.OK)
    assert (by_before.ended, by_before.exit_code) == (Ended.DELETED, ExitCode.FAILS)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_write_ends_as_it_is_told(data: st.DataObject) -> None:
    """Updates, with and without room, alarms and time limits: the verdict tells what it has become."""
    devices = data.draw(st.integers(1, 3))
    instances = data.draw(st.integers(1, 2))
    copies = data.draw(st.integers(1, instances * (4 // devices)))
    most = data.draw(st.sampled_from([None, instances, instances + 1]))
    made = world(copies, devices, most, instances)
    deployment = data.draw(st.sampled_from([None, rolling(1, wait=60), rolling(1, 600, 1, alarm="errors")]))
    _, verdict = sent(made, deployment)
    made.fake.clock.advance(f"{data.draw(st.integers(0, 40))}m")
    if data.draw(st.booleans()):
        made.fake.set_alarm("errors")
    while_moving = icplan.diagnose(taken(made), CHAT, verdict=verdict)
    made.settle()
    found = icplan.diagnose(taken(made), CHAT, verdict=verdict)
    model = made.component(CHAT)["Specification"]["ModelName"]
    mixed = made.endpoint()["EndpointStatus"] == "UpdateRollbackFailed"
    ended = "rollback-failed" if mixed else "done" if model == "m-2" else "rolled-back"
    event(f"{while_moving.state}, then {ended}")
    assert found.ended == ended
    if while_moving.state is State.STUCK and any(c.basis is Basis.JUDGED for c in while_moving.causes):
        assert ended != "done"
