"""A write followed to its real end, on the local SageMaker's clock: hours in milliseconds."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.emulated import World, needs, rolling

import icplan
from icplan.diagnosis.codec import ending_to_dict
from icplan.diagnosis.following import End, Ending
from icplan.diagnosis.words import headline
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.diagnosis.diagnosis import Situation


def update(name: str = "chat", model: str = "m-2") -> dict[str, Any]:
    """A rolling update's request; its model is there."""
    return {
        "InferenceComponentName": name,
        "Specification": {"ModelName": model, "ComputeResourceRequirements": needs(1)},
        "DeploymentConfig": rolling(1),
    }


def world(copies: int = 2, instances: int = 2, most: int | None = 3) -> World:
    made = World.of("ml.g5.2xlarge", instances, most=most)
    made.create("chat", copies, needs(1))
    return made


def follow(
    world: World,
    send: Callable[[], object],
    request: dict[str, Any] | None = None,
    name: str = "chat",
    **options: Any,
) -> Ending:
    """What a write comes to, judged by what was there before it; time passes on the emulated clock."""
    before = icplan.Snapshot.read("prod", client=world.client)
    world.fake.clock.advance("1m")
    send()
    return world.waited(name, before=before, request=request, **options)


def test_an_update_that_is_done() -> None:
    made = world()
    told: list[Situation] = []
    request = update()
    ending = follow(
        made, lambda: made.client.update_inference_component(**request), request, progress=told.append
    )
    assert (ending.end, ending.exit_code) == (End.DONE, ExitCode.OK)
    assert made.component("chat")["Specification"]["ModelName"] == "m-2"
    assert len(told) > 2, "each step is told"
    assert ending.seconds > 60


@pytest.mark.parametrize("poll", [5, 15])
def test_copies_that_were_new_are_not_told_as_fewer_later(poll: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is being rolled back nothing shows, so what was seen is told as what has been."""
    # Looks at times of chance may all miss the moment at which a copy is new.
    monkeypatch.setattr("icplan.api.wait.random.uniform", lambda _least, _most: 1.0)
    made = world(copies=3, instances=3, most=4)
    request = update()
    lines: list[str] = []
    follow(
        made,
        lambda: made.client.update_inference_component(**request),
        request,
        progress=lambda found: lines.append(headline(found)),
        timeout=9000,
        poll=poll,
    )
    told = [
        re.search(r"(\d+)(?: to (\d+))? of 3 copies (are|is|have been|has been) new", one) for one in lines
    ]
    counts = [(int(one[1]), int(one[2] or one[1])) for one in told if one is not None]
    assert max(least for least, _ in counts) >= 1
    assert [least for least, _ in counts] == sorted(least for least, _ in counts)
    assert all(least <= most for least, most in counts)


def test_an_update_that_rolls_back_is_not_done_though_it_is_in_service() -> None:
    """There is no room for a new copy beside the old ones, and no instance comes."""
    made = world(most=None)
    request = update()
    ending = follow(made, lambda: made.client.update_inference_component(**request), request, timeout=9000)
    assert made.component("chat")["InferenceComponentStatus"] == "InService"
    assert (ending.end, ending.exit_code) == (End.ROLLED_BACK, ExitCode.FAILS)
    assert "FailureReason" in ending.because


def test_a_creation_that_fails_and_one_that_is_done() -> None:
    made = world(copies=1)
    request = {
        "InferenceComponentName": "new",
        "EndpointName": "prod",
        "VariantName": "v",
        "Specification": {"ModelName": "m-1", "ComputeResourceRequirements": needs(1)},
        "RuntimeConfig": {"CopyCount": 1},
    }
    ending = follow(made, lambda: made.client.create_inference_component(**request), request, "new")
    assert (ending.end, ending.exit_code) == (End.DONE, ExitCode.OK)
    full = world(copies=2, most=None)
    ending = follow(
        full, lambda: full.client.create_inference_component(**request), request, "new", timeout=90_000
    )
    assert (ending.end, ending.exit_code) in (
        (End.FAILED, ExitCode.FAILS),
        (End.STUCK, ExitCode.UNCERTAIN),
    )


def test_a_deletion_that_was_asked_for_and_one_that_was_not() -> None:
    made = world(copies=1)
    request = {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": "chat"}}
    ending = follow(
        made, lambda: made.client.delete_inference_component(InferenceComponentName="chat"), request
    )
    assert (ending.end, ending.exit_code) == (End.DELETED, ExitCode.OK)
    other = world(copies=1)
    scale = {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": 2}}
    ending = follow(
        other, lambda: other.client.delete_inference_component(InferenceComponentName="chat"), scale
    )
    assert (ending.end, ending.exit_code) == (End.DELETED, ExitCode.FAILS)


def test_a_write_that_someone_else_wrote_over() -> None:
    made = world(copies=1)
    request = update()

    def send() -> None:
        made.client.update_inference_component(**request)
        made.settle()
        made.update("chat", rolling(1), "m-3")
        made.settle()

    ending = follow(made, send, request)
    assert (ending.end, ending.exit_code) == (End.SUPERSEDED, ExitCode.FAILS)


def test_what_was_never_sent_is_not_known_and_said_so() -> None:
    made = world(copies=1)
    ending = follow(made, lambda: None, update())
    assert (ending.end, ending.exit_code) == (End.NOT_KNOWN, ExitCode.ERROR)
    assert "not sent" in ending.because


def test_out_of_time_says_what_it_still_is() -> None:
    made = world()
    request = update()
    ending = follow(made, lambda: made.client.update_inference_component(**request), request, timeout=30)
    assert (ending.end, ending.exit_code) == (End.TIMEOUT, ExitCode.UNCERTAIN)
    assert "Updating" in ending.because
    assert json.loads(json.dumps(ending_to_dict(ending)))["End"] == "timeout"


def test_two_calls_a_look() -> None:
    made = world()
    request = update()
    made.client.update_inference_component(**request)
    looks: list[str] = []

    def sleep(seconds: float) -> None:
        looks.append("sleep")
        made.fake.clock.advance(f"{max(1, round(seconds))}s")

    made.client.meta.events.register("before-call.sagemaker.*", lambda model, **_: looks.append(model.name))
    icplan.wait(
        "chat",
        client=made.client,
        before=icplan.Snapshot.read("prod", client=made.client),
        timeout=300,
        sleep=sleep,
        clock=lambda: made.fake.clock.now,
    )
    rounds = "\n".join(looks).split("sleep")[1:]
    assert {len(one.split()) for one in rounds} == {2}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "nothing to compare with"),
        ({"verdict": "v.json", "before": "s.json"}, "not both"),
    ],
)
def test_there_has_to_be_one_thing_to_compare_with(given: dict[str, Any], said: str) -> None:
    with pytest.raises(icplan.InputError, match=said):
        icplan.wait("chat", client=None, **given)
