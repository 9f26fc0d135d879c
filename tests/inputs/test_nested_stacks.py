"""Nested stacks whose templates are files are one deployment with the template that nests them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

ROOT = """\
Parameters:
  Size: {Type: Number, Default: 2}
  Stage: {Type: String, Default: live}
Conditions: {Live: !Equals [!Ref Stage, live]}
Resources:
  Serving:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./serving.yaml, Parameters: {Instances: !Ref Size}}
  Models:
    Type: AWS::CloudFormation::Stack
    Condition: Live
    Properties:
      TemplateURL: models/models.yaml
      Parameters: {Endpoint: !GetAtt Serving.Outputs.Name, Copies: 9}
"""
SERVING = """\
Parameters: {Instances: {Type: Number}}
Resources:
  Fleet:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/sagemaker
      ProductionVariants:
        - {VariantName: AllTraffic, InstanceType: ml.g5.12xlarge, InitialInstanceCount: !Ref Instances}
  Shelf:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointConfigName: !GetAtt Fleet.EndpointConfigName}
Outputs: {Name: {Value: !GetAtt Shelf.EndpointName}}
"""
MODELS = """\
Parameters: {Endpoint: {Type: String}, Copies: {Type: Number}}
Resources:
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: chat
      EndpointName: !Ref Endpoint
      VariantName: AllTraffic
      Specification:
        ModelName: m
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 1, MinMemoryRequiredInMb: 1024}
      RuntimeConfig:
        CopyCount: !Ref Copies
"""


@pytest.fixture(autouse=True)
def _stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    for name, text in (("root", ROOT), ("serving", SERVING), ("models/models", MODELS)):
        Path(f"{name}.yaml").write_text(text)


def ask(*words: str) -> tuple[int, dict[str, Any], str]:
    result = CliRunner().invoke(main, ["check", *words, "--format", "json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout else {}, result.stderr


@pytest.mark.parametrize("files", [["root.yaml"], ["root.yaml", "serving.yaml", "models/models.yaml"]])
def test_parameters_and_outputs_pass_between_the_stacks(files: list[str]) -> None:
    """Nine copies of one accelerator on two instances of four, at the line of the nested template."""
    code, told, _ = ask(*files)
    assert (code, told["Outcome"]) == (1, "does-not-fit")
    (found,) = (one for one in told["Changes"][0]["Findings"] if one["Rule"] == "ICP301")
    assert (found["File"], found["Line"], found["Have"]) == ("models/models.yaml", 13, 8)
    assert told["Parameters"] == {
        "Size": {"Value": "2", "From": "default"},
        "Stage": {"Value": "live", "From": "default"},
    }
    assert ask(*files, "--parameter", "Size=3")[0] == 0


def test_what_is_passed_is_a_related_place() -> None:
    result = CliRunner().invoke(main, ["check", "root.yaml", "--format", "sarif"])
    (found,) = (one for one in json.loads(result.stdout)["runs"][0]["results"] if one["ruleId"] == "ICP301")
    places = [one["physicalLocation"] for one in found["relatedLocations"]]
    assert ("root.yaml", 14) in {
        (one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in places
    }


def test_a_nested_stack_under_a_condition_that_does_not_hold_is_not_there() -> None:
    code, told, _ = ask("root.yaml", "--parameter", "Stage=test")
    assert (code, told["Outcome"]) == (0, "nothing-to-judge")


@pytest.mark.parametrize("url", ["https://s3.amazonaws.com/bucket/models.yaml", "nowhere.yaml", "/etc/hosts"])
def test_what_is_no_file_here_is_told_of(url: str) -> None:
    Path("root.yaml").write_text(ROOT.replace("models/models.yaml", url))
    code, told, _ = ask("root.yaml", "--strict")
    assert (code, told["Outcome"]) == (3, "nothing-to-judge")
    assert any("Models is a nested stack, which is not read" in note for note in told["Notes"])


BUCKET = "/cdk-hnb659fds-assets-111122223333-eu-west-1/x.json"


def test_an_asset_of_cdk_is_read_where_its_metadata_say() -> None:
    """The URL is put together of what is known only when it is deployed. Outside an assembly none says so."""
    root = {
        "Resources": {
            "Serving": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, BUCKET]]},
                    "Parameters": {"Instances": "1"},
                },
                "Metadata": {"aws:asset:path": "serving.yaml", "aws:asset:property": "TemplateURL"},
            },
            "Models": {
                "Type": "AWS::Serverless::Application",
                "Properties": {
                    "Location": "models/models.yaml",
                    "Parameters": {"Copies": 9, "Endpoint": {"Fn::GetAtt": "Serving.Outputs.Name"}},
                },
            },
        }
    }
    Path("root.json").write_text(json.dumps(root))
    assert ask("root.json")[0] == 2
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "root.json"}}
    Path("manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"Root": stack}}))
    assert ask("root.json")[1]["Outcome"] == "does-not-fit"


def test_a_stack_that_nests_itself_is_refused() -> None:
    text = "Resources: {Self: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: a.yaml}}}"
    Path("a.yaml").write_text(text)
    code, _, said = ask("a.yaml")
    assert (code, "nests itself" in said) == (2, True)


def test_what_is_passed_in_a_circle_is_not_known() -> None:
    Path("root.yaml").write_text(ROOT.replace("!Ref Size", "!GetAtt Serving.Outputs.Count"))
    Path("serving.yaml").write_text(
        SERVING.replace("Outputs: {", "Outputs: {Count: {Value: !Ref Instances}, ")
    )
    code, _, said = ask("root.yaml")
    assert (code, "InitialInstanceCount" in said) == (2, True)
