"""A waiter with boto3's interface: what is done by evidence returns, everything else is a WaiterError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import WaiterError
from support.emulated import World, needs, rolling

import icplan

if TYPE_CHECKING:
    from icplan.api.waiter import ComponentWaiter

UPDATE: dict[str, Any] = {
    "InferenceComponentName": "chat",
    "Specification": {"ModelName": "m-2", "ComputeResourceRequirements": needs(1)},
    "DeploymentConfig": rolling(1, back=1),
}


def world(most: int | None = 3) -> World:
    made = World.of("ml.g5.2xlarge", 2, most=most)
    made.create("chat", 2, needs(1))
    made.fake.clock.advance("1m")
    return made


def waiter(made: World) -> ComponentWaiter:
    return icplan.waiter(
        made.client,
        sleep=lambda seconds: made.fake.clock.advance(f"{max(1, round(seconds))}s"),
        clock=lambda: made.fake.clock.now,
        now=lambda: made.fake.clock.date,
    )


def guarded(made: World, **settings: Any) -> Any:
    return icplan.guard(made.client, session=made.fake.session(), **settings)


def test_what_a_guarded_client_has_sent_is_waited_for_by_its_name_alone() -> None:
    made = world()
    guarded(made).update_inference_component(**UPDATE)
    ending = waiter(made).wait(InferenceComponentName="chat")
    assert ending.end == "done"
    assert made.component("chat")["Specification"]["ModelName"] == "m-2"


def test_a_rolled_back_update_is_an_error_though_it_is_in_service() -> None:
    made = world(most=None)
    guarded(made, mode="report").update_inference_component(**UPDATE)
    with pytest.raises(WaiterError, match="chat: rolled-back: ") as caught:
        waiter(made).wait(InferenceComponentName="chat", WaiterConfig={"Delay": 60, "MaxAttempts": 200})
    told: dict[str, Any] = {**caught.value.last_response}
    assert (told["InferenceComponentStatus"], told["End"]) == ("InService", "rolled-back")


def test_the_configuration_is_boto3s() -> None:
    made = world()
    guarded(made).update_inference_component(**UPDATE)
    before = made.fake.clock.now
    with pytest.raises(WaiterError, match="timeout"):
        waiter(made).wait(InferenceComponentName="chat", WaiterConfig={"Delay": 5, "MaxAttempts": 2})
    assert made.fake.clock.now - before <= 15
    for wrong in ({"Delay": 0}, {"MaxAttempts": 0}, {"Delay": "5"}, {"Retries": 3}):
        with pytest.raises(icplan.InputError, match="WaiterConfig"):
            waiter(made).wait(InferenceComponentName="chat", WaiterConfig=wrong)


def test_without_a_guard_it_wants_what_was_there_before() -> None:
    made = world()
    before = icplan.Snapshot.read("prod", client=made.client)
    made.client.update_inference_component(**UPDATE)
    with pytest.raises(icplan.InputError, match="nothing to compare with"):
        waiter(made).wait(InferenceComponentName="chat")
    ending = waiter(made).wait(InferenceComponentName="chat", Before=before, Request=UPDATE)
    assert ending.end == "done"
    assert waiter(made).name == "InferenceComponentSettled"
    assert (waiter(made).config.delay, waiter(made).config.max_attempts) == (15, 160)


def test_a_guard_waits_itself_if_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()
    waits = waiter(made)
    monkeypatch.setattr("icplan.api.waiter.ComponentWaiter", lambda _: waits)
    guarded(made, wait=True).update_inference_component(**UPDATE)
    assert made.component("chat")["Specification"]["ModelName"] == "m-2"
