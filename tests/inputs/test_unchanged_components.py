"""A template of what runs already: CloudFormation sends no update of a resource that stays as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

from icplan.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "InferenceComponentName"
Template = dict[str, Any]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def running(**told: Any) -> dict[str, Any]:
    """An endpoint without room: chat and embed hold seven of its eight accelerators."""
    chat = {**component("chat", 2, 3), **told}
    return snapshot(GPU4, 2, chat, component("embed", 1, 1), scaling=(1, 2))


def template(chat: int = 2, embed: int = 1) -> Template:
    resources = {}
    for name, copies in (("chat", chat), ("embed", embed)):
        (runs,) = (one for one in running()["InferenceComponents"] if one[NAME] == name)
        own = {member: runs[member] for member in (NAME, "EndpointName", "VariantName", "Specification")}
        resources[name.title()] = {
            "Type": "AWS::SageMaker::InferenceComponent",
            "Properties": {**own, "RuntimeConfig": {"CopyCount": copies}},
        }
    return {"Resources": resources}


def check(asked: Any, runs: dict[str, Any]) -> tuple[int, str]:
    Path("t.json").write_text(json.dumps(asked))
    Path("../runs.json").write_text(json.dumps(runs))
    words = ("check", "--strict", "--no-config", "--snapshot", "../runs.json", "t.json")
    result = CliRunner().invoke(main, words)
    return result.exit_code, " ".join(result.output.split())


def test_an_unchanged_template_of_a_tight_endpoint_passes() -> None:
    code, said = check(template(), running())
    assert code == 0, said
    assert "chat, embed ask for what runs already: CloudFormation sends no update of them" in said


def test_a_request_of_the_same_is_sent_and_turns_on_what_becomes_of_it() -> None:
    properties = template()["Resources"]["Chat"]["Properties"]
    asked = {NAME: "chat", "Specification": properties["Specification"]}
    code, said = check(asked, running())
    assert (code, "ICP321" in said) == (1, True), said


def test_what_is_not_sent_is_not_in_motion_beside_what_is() -> None:
    """The one accelerator that is left is for another."""
    asked = template()
    properties = asked["Resources"]["Embed"]["Properties"]
    asked["Resources"]["Extra"] = {
        "Type": "AWS::SageMaker::InferenceComponent",
        "Properties": {**properties, NAME: "extra"},
    }
    code, said = check(asked, running())
    assert (code, "ICP331" in said) == (0, False), said
    assert "chat, embed ask for what runs already" in said


def other_model(asked: Template) -> None:
    asked["Resources"]["Chat"]["Properties"]["Specification"] = {
        **asked["Resources"]["Chat"]["Properties"]["Specification"],
        "ModelName": "another",
    }


def one_more(asked: Template) -> None:
    asked["Resources"]["Chat"]["Properties"]["RuntimeConfig"] = {"CopyCount": 3}


@pytest.mark.parametrize("change", [other_model, one_more])
def test_what_is_changed_is_sent(change: Callable[[Template], None]) -> None:
    asked = template()
    change(asked)
    code, said = check(asked, running())
    assert (code, "chat asks" in said, "chat, embed ask" in said) == (1, False, False), said


@pytest.mark.parametrize(
    "told",
    [
        {"InferenceComponentStatus": "Failed"},
        {"RuntimeConfig": {"CurrentCopyCount": 1, "DesiredCopyCount": 2}},
    ],
)
def test_what_is_not_in_service_is_not_known_to_stay(told: dict[str, Any]) -> None:
    _, said = check(template(), running(**told))
    assert "embed asks for what runs already" in said


def test_autoscaling_raises_what_the_template_leaves() -> None:
    asked = template()
    asked["Resources"]["Target"] = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
            "ResourceId": "inference-component/chat",
            "MinCapacity": 3,
            "MaxCapacity": 4,
        },
    }
    code, said = check(asked, running())
    assert code == 1, said
