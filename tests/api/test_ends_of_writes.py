"""Each way in which a write may end, followed by `icplan.wait` on the local SageMaker's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.emulated import World, needs, never_starting, rolling
from support.endpoints import GPU4

import icplan
from icplan.diagnosis.following import End, Ending
from icplan.testing import Timing
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.diagnosis.diagnosis import Situation

CHAT = "chat"
NEW: dict[str, Any] = {"InferenceComponentName": CHAT, "Specification": {"ModelName": "m-2"}}


def followed(
    made: World,
    request: dict[str, Any],
    meanwhile: Callable[[Situation], object] | None = None,
    **options: Any,
) -> Ending:
    """Judged, sent whatever the verdict, and followed by that verdict alone."""
    before = icplan.Snapshot.read("prod", client=made.client)
    verdict = icplan.check(request, before)
    made.fake.clock.advance("1m")
    call = "update_inference_component_runtime_config"
    if "Specification" in request:
        call = "update_inference_component" if before.data["InferenceComponents"] else ""
    getattr(made.client, call or "create_inference_component")(**request)
    return made.waited(CHAT, verdict=verdict, progress=meanwhile, **({"timeout": 20_000} | options))


def world(copies: int, devices: int, instances: int = 3, most: int | None = None) -> World:
    made = World.of(GPU4, instances, most)
    made.create(CHAT, copies, needs(devices))
    return made


def test_an_alarm_takes_an_update_back() -> None:
    """Once the first of its copies is new."""
    made = world(copies=2, devices=1)

    def alarm(found: Situation) -> None:
        if found.step is not None and found.step.new[0]:
            made.fake.set_alarm("errors")

    ending = followed(made, NEW | {"DeploymentConfig": rolling(1, wait=600, alarm="errors")}, alarm)
    assert made.component(CHAT)["InferenceComponentStatus"] == "InService"
    assert (ending.end, ending.exit_code) == (End.ROLLED_BACK, ExitCode.FAILS)


def test_a_later_step_that_finds_no_room_takes_an_update_back() -> None:
    """Two free devices take the first copy of the new size, and nothing takes the second."""
    made = world(copies=2, devices=1, instances=1)
    larger = {"Specification": {"ModelName": "m-2", "ComputeResourceRequirements": needs(2)}}
    limited = rolling(1, wait=60)
    limited["RollingUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 3600
    ending = followed(made, NEW | larger | {"DeploymentConfig": limited}, stuck_after=9000)
    assert "batch done" in made.events(CHAT)
    assert (ending.end, ending.exit_code) == (End.ROLLED_BACK, ExitCode.FAILS)


def test_an_update_whose_rollback_fails_is_an_end_of_its_own() -> None:
    made = world(copies=3, devices=1, instances=1)

    def alarm(_: Situation) -> None:
        if made.events(CHAT).count("batch done") >= 2:
            made.fake.set_alarm("errors")

    ending = followed(made, NEW | {"DeploymentConfig": rolling(1, wait=60, alarm="errors")}, alarm)
    assert (ending.end, ending.exit_code) == (End.ROLLBACK_FAILED, ExitCode.FAILS)


@pytest.mark.parametrize(("patience", "end"), [(3600, End.FAILED), (300, End.TIMEOUT)])
def test_a_container_that_never_starts(patience: float, end: End) -> None:
    """Until its time-out it is known to go on."""
    made = World.of(GPU4, 1, timing=Timing(container_start=60, copy_stop=0))
    made.fake.container_fails("bad:1")
    assert followed(made, never_starting(CHAT), timeout=patience).end is end


@pytest.mark.parametrize("scales", [True, False])
def test_autoscaling_that_writes_meanwhile(*, scales: bool) -> None:
    """It takes the place of a write of copies; of an update, which asked for none, it changes nothing."""
    made = world(copies=1, devices=1)

    left = [True]

    def interfere(_: Situation) -> None:
        if left.pop() if left else False:
            made.settle()
            made.scale(CHAT, 3)

    request = {"InferenceComponentName": CHAT, "DesiredRuntimeConfig": {"CopyCount": 2}} if scales else NEW
    ending = followed(made, request, interfere)
    expected = (End.SUPERSEDED, ExitCode.FAILS) if scales else (End.DONE, ExitCode.OK)
    assert (ending.end, ending.exit_code) == expected
