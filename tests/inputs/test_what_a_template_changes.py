"""Templates against what runs: another configuration, models that are references, copies, the next update."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.cli.main import main
from icplan.errors import InputError
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
Resources:
  Model: {Type: "AWS::SageMaker::Model"}
  Fleet:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/sagemaker
      ProductionVariants:
        - VariantName: AllTraffic
          InstanceType: TYPE
          InitialInstanceCount: COUNT
          ManagedInstanceScaling: {Status: ENABLED, MinInstanceCount: 1, MaxInstanceCount: MOST}
  Shelf:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: prod
      EndpointConfigName: !GetAtt Fleet.EndpointConfigName
      RetainAllVariantProperties: RETAIN
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: a
      EndpointName: !GetAtt Shelf.EndpointName
      VariantName: AllTraffic
      Specification:
        ModelName: !GetAtt Model.ModelName
        ComputeResourceRequirements:
          NumberOfAcceleratorDevicesRequired: 2
          MinMemoryRequiredInMb: 1024
      RuntimeConfig: {CopyCount: COPIES}
"""
HERE = {"TYPE": GPU4, "COUNT": "2", "MOST": "2", "RETAIN": "false", "COPIES": "2"}


def told(
    folder: Path, runs: dict[str, Any] | None, *options: str, **words: str
) -> tuple[int, dict[str, Any]]:
    text = TEMPLATE
    for word, value in {**HERE, **words}.items():
        text = text.replace(word, value)
    (folder / "template.yaml").write_text(text)
    given = []
    if runs is not None:
        (folder / "runs.json").write_text(json.dumps(runs))
        given = ["--snapshot", str(folder / "runs.json")]
    command = ["check", str(folder / "template.yaml"), *given, *options, "--format", "json"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code in (0, 1, 3), result.stderr
    verdict: dict[str, Any] = json.loads(result.stdout)
    if verdict["Changes"]:
        assert Result.REJECTED not in {checked.result for checked in verify(verdict)}
    return result.exit_code, verdict


def running(copies: int = 2) -> dict[str, Any]:
    return snapshot(GPU4, 2, component("a", copies, 2), scaling=(1, 2))


def rules_of(verdict: dict[str, Any]) -> set[str]:
    return {one["Rule"] for change in verdict["Changes"] for one in change["Findings"]}


def test_the_same_fleet_is_no_update_of_the_endpoint(tmp_path: Path) -> None:
    _, verdict = told(tmp_path, running())
    assert [one["Operation"] for one in verdict["Changes"]] == ["UpdateInferenceComponent"]


def test_another_fleet_is_an_update_of_the_endpoint_and_a_change_of_the_set(tmp_path: Path) -> None:
    """MaxInstanceCount is raised, so that the update of the component has the room it lacked."""
    _, refused = told(tmp_path, snapshot(GPU4, 1, component("a", 2, 2), scaling=(1, 1)), COUNT="1", MOST="1")
    assert refused["Outcome"] == "does-not-fit"
    code, verdict = told(
        tmp_path,
        snapshot(GPU4, 1, component("a", 2, 2), scaling=(1, 1)),
        COUNT="1",
        MOST="2",
        RETAIN="true",
    )
    assert [one["Operation"] for one in verdict["Changes"]] == ["UpdateEndpoint", "UpdateInferenceComponent"]
    assert (code, verdict["Outcome"]) == (0, "fits-after-scale-out")
    note = next(one for one in verdict["Changes"][0]["Findings"] if one["Rule"] == "ICP328")
    assert "ManagedInstanceScaling" in note["Message"]
    assert note["Line"] == 11


def test_what_a_new_type_does_to_copies_is_not_promised(tmp_path: Path) -> None:
    code, verdict = told(tmp_path, running(1), TYPE="ml.g5.48xlarge", COPIES="1")
    assert (code, verdict["Changes"][0]["Outcome"]) == (3, "may-not-fit")
    (found,) = (one for one in verdict["Changes"][0]["Findings"] if one["Rule"] == "ICP327")
    assert found["Line"] == 9


def test_instances_are_reset_unless_the_template_retains_them(tmp_path: Path) -> None:
    runs = snapshot(GPU4, 2, component("a", 4, 2), scaling=(1, 2))
    code, verdict = told(tmp_path, runs, COUNT="1", MOST="1", COPIES="4")
    assert (code, verdict["Changes"][0]["Outcome"]) == (1, "does-not-fit")
    _, kept = told(tmp_path, runs, COUNT="1", COPIES="4", RETAIN="true")
    assert kept["Changes"][0]["Outcome"] == "fits"


@pytest.mark.parametrize("value", ["changed", "unchanged"])
def test_a_model_that_is_a_reference_is_judged_as_if_it_changed(tmp_path: Path, value: str) -> None:
    runs = snapshot(GPU4, 1, component("a", 2, 2), scaling=(1, 1))
    words = {"COUNT": "1", "MOST": "1"}
    _, verdict = told(tmp_path, runs, **words)
    row = next(one for one in verdict["Assumptions"] if one["Name"] == "unresolved-model")
    assert (row["Value"], row["ReliedOn"], row["Otherwise"]) == (
        "changed",
        True,
        {"unchanged": "may-not-fit"},
    )
    _, turned = told(tmp_path, runs, "--assume", f"unresolved-model={value}", **words)
    assert (turned["Outcome"] == "does-not-fit") is (value == "changed")


def test_copies_that_autoscaling_set_are_set_back(tmp_path: Path) -> None:
    target = {"ResourceId": "inference-component/a", "MinCapacity": 1, "MaxCapacity": 4}
    runs = running(4) | {"ScalableTargets": [target]}
    _, verdict = told(tmp_path, runs)
    assert "ICP409" in rules_of(verdict)
    row = next(one for one in verdict["Assumptions"] if one["Name"] == "template-resends-copies")
    assert row["ReliedOn"]
    _, kept = told(tmp_path, running(2) | {"ScalableTargets": [target]})
    assert "ICP409" not in rules_of(kept)


def test_a_component_that_can_never_be_updated_is_told_of(tmp_path: Path) -> None:
    """One instance at most, which the first copies fill."""
    full = {"COUNT": "1", "MOST": "1"}
    code, verdict = told(tmp_path, None, **full)
    assert (code, verdict["Outcome"]) == (0, "fits")
    assert "ICP606" in rules_of(verdict)
    code, verdict = told(tmp_path, None, "--fail-on", "update", **full)
    assert (code, verdict["FailedOn"]) == (1, ["update"])
    code, verdict = told(tmp_path, None, "--fail-on", "update", COUNT="1", MOST="2")
    assert (code, "ICP606" in rules_of(verdict)) == (0, False)


def test_a_configuration_that_is_refused_is_a_change_that_is_invalid(tmp_path: Path) -> None:
    code, verdict = told(tmp_path, None, TYPE=f"{GPU4}\n          ModelName: m")
    assert (code, verdict["Snapshot"]) == (1, None)
    assert [(one["Operation"], one["Outcome"]) for one in verdict["Changes"]] == [
        ("CreateEndpointConfig", "invalid"),
        ("CreateEndpoint", "invalid"),
        ("CreateInferenceComponent", "invalid"),
    ]
    assert verdict["Judged"] is not None


def test_a_variant_cannot_be_changed_in_place(tmp_path: Path) -> None:
    runs = running(1)
    runs["InferenceComponents"][0]["VariantName"] = "other"
    runs["EndpointConfig"]["ProductionVariants"].append(
        {"VariantName": "other", "InstanceType": GPU4, "InitialInstanceCount": 1}
    )
    code, verdict = told(tmp_path, runs)
    change = verdict["Changes"][-1]
    assert (code, change["Operation"], change["Outcome"]) == (1, "UpdateInferenceComponent", "invalid")
    found = change["Findings"][0]
    assert (found["Rule"], found["Line"]) == ("ICP408", 23)
    assert "VariantName is AllTraffic here and other where it runs" in found["Message"]


def test_python_takes_a_template_that_is_of_one_endpoint(tmp_path: Path) -> None:
    _, said = told(tmp_path, None, COUNT="1", MOST="1")
    verdict = icplan.check(tmp_path / "template.yaml")
    assert str(verdict.outcome) == said["Outcome"]
    assert [one.rule for one in verdict.findings] == [one["Rule"] for one in said["Changes"][0]["Findings"]]
    (tmp_path / "empty.yaml").write_text("Resources: {A: {Type: 'AWS::SNS::Topic'}}")
    with pytest.raises(InputError, match="changes no inference component"):
        icplan.check(tmp_path / "empty.yaml")


def test_one_component_alone_may_be_told_of(tmp_path: Path) -> None:
    for name in ("a", "Chat"):
        assert told(tmp_path, None, "--component", name)[1]["Changes"][0]["InferenceComponentName"] == "a"
    result = CliRunner().invoke(main, ["check", str(tmp_path / "template.yaml"), "--component", "b"])
    assert result.exit_code == 2
    assert "no component 'b' is changed. There are a" in result.stderr
