"""What is said where something cannot be judged, and which values count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from icplan.cli.main import main

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "verdict.schema.json").read_text())
TEMPLATE = """
Parameters:
  Copies: {Type: Number}
  Stage: {Type: String, Default: trial, AllowedValues: [trial, live]}
Conditions:
  Live: !Equals [!Ref Stage, live]
  Open: !Equals [!Ref Copies, 3]
Resources:
  Fleet:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/serve
      ProductionVariants:
        - {VariantName: main, InstanceType: ml.g5.xlarge, InitialInstanceCount: 2}
  Shore:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointConfigName: !GetAtt Fleet.EndpointConfigName}
  Dune:
    Type: AWS::SageMaker::InferenceComponent
    Condition: CONDITION
    Properties:
      InferenceComponentName: NAME
      EndpointName: ENDPOINT
      VariantName: main
      Specification:
        ModelName: dune
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 1, MinMemoryRequiredInMb: 1024}
      RuntimeConfig: {CopyCount: !Ref Copies}
"""


def check(
    tmp_path: Path,
    *arguments: str,
    condition: str = "Live",
    endpoint: str = "!GetAtt Shore.EndpointName",
    name: str = "Dune",
) -> Any:
    file = tmp_path / "template.yaml"
    text = TEMPLATE.replace("CONDITION", condition).replace("ENDPOINT", endpoint).replace("NAME", name)
    file.write_text(text)
    return CliRunner().invoke(main, ["check", str(file), *arguments])


def test_nothing_is_declared_under_the_default(tmp_path: Path) -> None:
    result = check(tmp_path)
    assert result.exit_code == 0
    assert result.stdout.startswith("NOTHING TO JUDGE")
    assert "Stage=trial (default)" in " ".join(result.stdout.split())
    told = json.loads(check(tmp_path, "--format", "json").stdout)
    jsonschema.validate(told, SCHEMA)
    assert (told["Outcome"], told["Changes"]) == ("nothing-to-judge", [])


def test_a_value_that_counts_must_be_given(tmp_path: Path) -> None:
    result = check(tmp_path, "--parameter", "Stage=live")
    assert result.exit_code == 2
    assert "CopyCount is parameter Copies, which has no value. --parameter Copies=VALUE" in result.stderr
    assert "template.yaml:28" in result.stderr
    assert check(tmp_path, "--parameter", "Stage=live", "--parameter", "Copies=2").exit_code == 0
    assert check(tmp_path, "--parameter", "Stage=live", "--parameter", "Copies=3").exit_code == 1


def test_a_condition_that_is_not_known_names_the_parameter(tmp_path: Path) -> None:
    """With 3 copies it is there, and has no room."""
    result = check(tmp_path, condition="Open")
    assert result.exit_code == 3
    shown = " ".join(result.stdout.split())
    assert "it fits with Copies=other than 3; it does not fit with Copies=3" in shown


def test_the_ref_of_an_endpoint_is_its_arn(tmp_path: Path) -> None:
    arguments = ("--parameter", "Stage=live", "--parameter", "Copies=2")
    result = check(tmp_path, *arguments, endpoint="!Ref Shore")
    assert result.exit_code == 2
    assert "use GetAtt Shore.EndpointName" in result.stderr


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("Nowhere=1", "no template has a parameter"),
        ("Stage=other", "none of its AllowedValues"),
        ("x", "NAME=VALUE"),
    ],
)
def test_parameters_that_are_wrong(tmp_path: Path, argument: str, said: str) -> None:
    result = check(tmp_path, "--parameter", argument)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_parameter_file(tmp_path: Path) -> None:
    file = tmp_path / "parameters.json"
    for content in (
        [
            {"ParameterKey": "Stage", "ParameterValue": "live"},
            {"ParameterKey": "Copies", "ParameterValue": "2"},
        ],
        {"Parameters": {"Stage": "live", "Copies": 2}},
        ["Stage=live", "Copies=2"],
    ):
        file.write_text(json.dumps(content))
        assert check(tmp_path, "--parameter-file", str(file)).exit_code == 0
        assert "NOTHING" not in check(tmp_path, "--parameter-file", str(file)).stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("state.json", '{"format_version": "1.0", "values": {}}', "is a state"),
        ("plan.json", '{"format_version": "2.0", "resource_changes": []}', "icplan reads 0.x and 1.x"),
        ("log.json", '{"@level":"info","@message":"x"}\n{"@level":"info"}', "log of plan -json"),
        (
            "m.yaml",
            "apiVersion: sagemaker.aws.services.k8s.io/v1alpha1\nkind: InferenceComponent\nspec: {}\n",
            "It is sagemaker.services.k8s.aws",
        ),
        (
            "m.yaml",
            (
                "apiVersion: sagemaker.services.k8s.aws/v1alpha1\nkind: InferenceComponent\n"
                "spec:\n  inferenceComponentName: $NAME\n"
            ),
            "placeholder, $NAME",
        ),
        (
            "m.yaml",
            (
                "apiVersion: sagemaker.services.k8s.aws/v1alpha1\nkind: InferenceComponent\n"
                "spec:\n  deploymentConfig: {}\n"
            ),
            "no member deploymentConfig",
        ),
        (
            "t.yaml",
            "Transform: Mine\nResources: {A: {Type: 'AWS::SNS::Topic'}}\n",
            "give the processed template",
        ),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, name: str, content: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 2
    assert said.lower() in result.stderr.lower()


def test_requests_and_templates_are_not_mixed(tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_text('{"InferenceComponentName": "a"}')
    result = check(tmp_path, str(request))
    assert result.exit_code == 2
    assert "is a request" in result.stderr


def test_a_request_with_a_tag_is_refused_as_ever(tmp_path: Path) -> None:
    file = tmp_path / "request.yaml"
    file.write_text("InferenceComponentName: !Ref Resources\n")
    result = CliRunner().invoke(main, ["check", str(file), "--snapshot", "x.json"])
    assert result.exit_code == 2
    assert "Tags such as !Ref belong to templates" in result.stderr


def test_a_component_that_runs_is_updated_on_what_the_snapshot_says(tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot.json"
    specification = {
        "ModelName": "old",
        "ComputeResourceRequirements": {
            "NumberOfAcceleratorDevicesRequired": 1,
            "MinMemoryRequiredInMb": 1024,
        },
    }
    variant = {"VariantName": "main", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2}
    runs = {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "live-shore", "EndpointStatus": "InService"},
        "EndpointConfig": {"ProductionVariants": [variant]},
        "InferenceComponents": [
            {
                "InferenceComponentName": "Dune",
                "EndpointName": "live-shore",
                "VariantName": "main",
                "InferenceComponentStatus": "InService",
                "Specification": specification,
                "RuntimeConfig": {"DesiredCopyCount": 2, "CurrentCopyCount": 2},
            }
        ],
    }
    snapshot.write_text(json.dumps(runs))
    given = ("--parameter", "Stage=live", "--parameter", "Copies=2", "--snapshot", str(snapshot))
    told = json.loads(check(tmp_path, *given, "--format", "json").stdout)
    assert [change["Operation"] for change in told["Changes"]] == ["UpdateInferenceComponent"]
    result = check(tmp_path, *given, name="!Sub ${AWS::StackName}-dune")
    assert result.exit_code == 2
    assert "whether Dune runs already is not known" in result.stderr
    assert "--stack-name" in result.stderr
    variant["InstanceType"] = "ml.g5.2xlarge"
    snapshot.write_text(json.dumps(runs))
    result = check(tmp_path, *given)
    assert result.exit_code == 1
    shown = " ".join(result.stdout.split())
    assert "update endpoint live-shore" in shown
    assert "goes from ml.g5.2xlarge to ml.g5.xlarge" in shown


@pytest.mark.parametrize(
    ("declared", "given", "why"),
    [
        ("{Type: Number, MinValue: 1, MaxValue: 6}", "9", "is above its MaxValue, 6"),
        ("{Type: Number, MinValue: 1}", "0", "is below its MinValue, 1"),
        ("{Type: Number}", "two", "is no number"),
        ("{Type: String, MaxLength: 1}", "10", "is longer than its MaxLength, 1"),
    ],
)
def test_what_cloudformation_refuses_of_a_parameter_is_refused(
    tmp_path: Path, declared: str, given: str, why: str
) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(_with_names("Live").replace("{Type: Number}", declared))
    words = ["check", str(file), "--parameter", f"Copies={given}", "--parameter", "Stage=live"]
    result = CliRunner().invoke(main, words)
    said = " ".join(result.output.split())
    assert (result.exit_code, f"the value given for parameter Copies {why}" in said) == (2, True), said


def _with_names(condition: str) -> str:
    text = TEMPLATE.replace("CONDITION", condition)
    return text.replace("ENDPOINT", "!GetAtt Shore.EndpointName").replace("NAME", "Dune")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("ModelName: dune", "ModelName: !Ref Modl", "refers to Modl, which is neither a parameter nor"),
        ("ModelName: dune", "ModelName: !GetAtt Modl.ModelName", "refers to Modl, which is no resource"),
        ("ModelName: dune", "ModelName: !Sub 'x-${Modl}'", "refers to Modl, which is neither"),
        (
            "Condition: Live",
            "DependsOn: Fleat",
            "DependsOn names Fleat, which is no resource of the template",
        ),
    ],
)
def test_a_name_that_nothing_has_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    file = tmp_path / "t.yaml"
    words = ["check", str(file), "--parameter", "Copies=1", "--parameter", "Stage=live"]
    file.write_text(_with_names("Live").replace(old, new))
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, why in " ".join(result.output.split())) == (2, True), result.output
    file.write_text("Transform: AWS::Serverless-2016-10-31" + file.read_text())
    assert CliRunner().invoke(main, words).exit_code == 0
