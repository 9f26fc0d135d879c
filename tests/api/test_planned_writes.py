"""A guard that holds a write against the plan it was agreed on."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from support.emulated import World, needs

import icplan
from icplan.api.guard_errors import EndpointChanged
from icplan.report.formats import render

if TYPE_CHECKING:
    from pathlib import Path

    from icplan.api.write_check import GuardReport

GROW = {"InferenceComponentName": "chat", "RuntimeConfig": {"CopyCount": 2}}


def world() -> World:
    made = World.of("ml.g5.2xlarge", 4)
    made.create("chat", 1, needs(1))
    made.create("embed", 1, needs(1))
    return made


def planned(made: World) -> icplan.Verdict:
    return icplan.check(GROW, icplan.Snapshot.read("prod", client=made.client))


def plans(verdict: icplan.Verdict, folder: Path) -> list[Any]:
    """Everything that a plan may be given as."""
    text = render(verdict, "json")
    (folder / "verdict.json").write_text(text)
    index = verdict.snapshot.index
    assert index is not None
    return [verdict, json.loads(text), str(folder / "verdict.json"), index, index[:8]]


@pytest.mark.parametrize("which", range(5))
def test_the_planned_write_is_sent_to_the_endpoint_as_it_was_planned_on(which: int, tmp_path: Path) -> None:
    made = world()
    client = icplan.guard(made.client, plan=plans(planned(made), tmp_path)[which])
    client.update_inference_component(**GROW)
    made.settle()
    assert made.copies("chat") == (2, 2)
    # What it leaves is another endpoint; the next write is judged as any.
    client.update_inference_component_runtime_config(
        InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": 3}
    )


@pytest.mark.parametrize("which", range(5))
def test_it_is_not_sent_once_the_endpoint_is_another(which: int, tmp_path: Path) -> None:
    """Even though it still fits: what was agreed on is something else."""
    made = world()
    verdict = planned(made)
    made.scale("embed", 2)
    made.settle()
    reports: list[GuardReport] = []
    client = icplan.guard(made.client, plan=plans(verdict, tmp_path)[which], report=reports.append)
    with pytest.raises(EndpointChanged, match="is not as it was planned on") as caught:
        client.update_inference_component(**GROW)
    error = caught.value
    assert verdict.snapshot.index is not None
    assert verdict.snapshot.index.startswith(error.judged)
    assert error.found == icplan.Snapshot.read("prod", client=made.client).index
    assert error.verdict.outcome == "fits"
    assert made.copies("chat") == (1, 1)
    assert [one.sent for one in reports] == [False]
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (again.judged, again.found, again.changed) == (error.judged, error.found, error.changed)


def test_what_has_changed_is_told_as_far_as_the_plan_tells_how_it_was() -> None:
    made = world()
    verdict = planned(made)
    made.scale("chat", 2)
    made.settle()
    with pytest.raises(EndpointChanged, match="chat has 2 copies instead of 1") as caught:
        icplan.guard(made.client, plan=verdict).update_inference_component(
            InferenceComponentName="chat", Specification={"ModelName": "m-2"}
        )
    assert caught.value.changed == ("chat has 2 copies instead of 1",)


def test_what_is_no_plan_is_refused() -> None:
    made = world()
    with pytest.raises(icplan.InputError):
        icplan.guard(made.client, plan={"IcplanVerdict": 7})
    by_hand = made.fake.snapshot("prod")
    with pytest.raises(icplan.InputError, match="tells no index"):
        icplan.guard(made.client, plan=icplan.check(GROW, by_hand))
