"""Components that a plan or a change set replaces under another name, or on another endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

CREATED, DELETED = "CreateInferenceComponent", "DeleteInferenceComponent"


def members(name: str, endpoint: str = "prod") -> dict[str, Any]:
    return {
        "name": name,
        "endpoint_name": endpoint,
        "variant_name": "AllTraffic",
        "specification": [
            {
                "model_name": "m",
                "compute_resource_requirements": [
                    {"number_of_accelerator_devices_required": 4, "min_memory_required_in_mb": 1024}
                ],
            }
        ],
        "runtime_config": [{"copy_count": 1}],
    }


def plan(actions: list[str], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    kind = "aws_sagemaker_inference_component"
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    entry = {"address": f"{kind}.chat", "mode": "managed", "type": kind, "name": "chat", "change": change}
    return {"format_version": "1.2", "resource_changes": [entry]}


def properties(name: str) -> str:
    compute = {"NumberOfAcceleratorDevicesRequired": "4", "MinMemoryRequiredInMb": "1024"}
    told = {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "m", "ComputeResourceRequirements": compute},
        "RuntimeConfig": {"CopyCount": "1"},
    }
    return json.dumps({"Properties": told})


def change_set(**told: str) -> dict[str, Any]:
    change = {
        "Action": "Modify",
        "LogicalResourceId": "Chat",
        "ResourceType": "AWS::SageMaker::InferenceComponent",
        "Replacement": "True",
        "AfterContext": properties("b"),
        **told,
    }
    return {"ChangeSetName": "c", "Changes": [{"Type": "Resource", "ResourceChange": change}]}


def ask(folder: Path, document: Any, most: int, *options: str) -> tuple[str, list[tuple[str, str]], Any]:
    """The outcome, the calls that are made, and all that is told, where one copy of ``a`` fills the fleet."""
    (folder / "file.json").write_text(json.dumps(document))
    runs = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, most))
    (folder / "runs.json").write_text(json.dumps(runs))
    command = ["check", "file.json", "--snapshot", "runs.json", "--no-config", "--format", "json", *options]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = CliRunner().invoke(main, command)
    assert result.stdout, result.stderr
    told = json.loads(result.stdout)
    calls = [(one["Operation"], one["InferenceComponentName"]) for one in told["Changes"]]
    return told["Outcome"], calls, told


NEW_NAME = (members("a"), members("b"))


@pytest.mark.parametrize(("most", "outcome"), [(1, "does-not-fit"), (2, "fits-after-scale-out")])
def test_what_is_replaced_under_another_name_goes_once_the_new_one_is_there(
    tmp_path: Path, most: int, outcome: str
) -> None:
    found = ask(tmp_path, plan(["create", "delete"], *NEW_NAME), most)
    assert found[:2] == (outcome, [(CREATED, "b"), (DELETED, "a")])
    assert not any("left alone" in note for note in found[2]["Notes"])


def test_what_is_replaced_under_another_name_may_go_first(tmp_path: Path) -> None:
    found = ask(tmp_path, plan(["delete", "create"], *NEW_NAME), 1)
    assert found[:2] == ("fits", [(DELETED, "a"), (CREATED, "b")])


@pytest.mark.parametrize(
    "told",
    [
        {"BeforeContext": properties("a")},
        {"PhysicalResourceId": "arn:aws:sagemaker:us-east-1:111122223333:inference-component/a"},
    ],
    ids=["before", "identity"],
)
@pytest.mark.parametrize(("most", "outcome"), [(1, "does-not-fit"), (2, "fits-after-scale-out")])
def test_a_change_set_deletes_what_there_was(
    tmp_path: Path, told: dict[str, str], most: int, outcome: str
) -> None:
    found = ask(tmp_path, change_set(**told), most)
    assert found[:2] == (outcome, [(CREATED, "b"), (DELETED, "a")])


@pytest.mark.parametrize("actions", [["create", "delete"], ["delete", "create"]])
def test_what_moves_to_another_endpoint_goes_from_the_one_it_was_on(
    tmp_path: Path, actions: list[str]
) -> None:
    """The snapshot is of the old endpoint; of the new one, which no file declares, nothing can be told."""
    document = plan(actions, members("a", "prod"), members("a", "stage"))
    config = "aws_sagemaker_endpoint_configuration"
    variant = {"variant_name": "AllTraffic", "instance_type": GPU4, "initial_instance_count": 1}
    role = "arn:aws:iam::111122223333:role/sagemaker"
    made = {"name": "one", "execution_role_arn": role, "production_variants": [variant]}
    for kind, after in (
        (config, made),
        ("aws_sagemaker_endpoint", {"name": "stage", "endpoint_config_name": "one"}),
    ):
        change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}}
        entry = {"address": f"{kind}.e", "mode": "managed", "type": kind, "name": "e", "change": change}
        document["resource_changes"].insert(0, entry)
    (tmp_path / "file.json").write_text(json.dumps(document))
    (tmp_path / "runs.json").write_text(json.dumps(snapshot(GPU4, 1, component("a", 1, 4))))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        command = ["check", "file.json", "--snapshot", "runs.json", "--no-config", "--format", "json"]
        result = CliRunner().invoke(main, command)
    assert result.stdout, result.stderr
    calls = {
        (verdict["Snapshot"]["EndpointName"], one["Operation"], one["Outcome"])
        for verdict in json.loads(result.stdout)["Verdicts"]
        for one in verdict["Changes"]
    }
    assert calls == {("stage", CREATED, "fits"), ("prod", DELETED, "fits")}
