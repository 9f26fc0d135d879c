"""What is looked up when a stack is deployed is not known: neither its name nor a default stands for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
Parameters: {P: PARAMETER}
Mappings: {Copies: {all: {chat: VALUE}}}
Resources:
  Fleet:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/serve
      ProductionVariants: [{VariantName: main, InstanceType: ml.g5.xlarge, InitialInstanceCount: 2}]
  Shore:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: shore, EndpointConfigName: !GetAtt Fleet.EndpointConfigName}
  Dune:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: dune
      EndpointName: ENDPOINT
      VariantName: main
      Specification:
        ModelName: dune
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 1, MinMemoryRequiredInMb: 1024}
      RuntimeConfig: {CopyCount: COPIES}
"""
SSM = "{Type: 'AWS::SSM::Parameter::Value<String>', Default: '1'}"


def check(
    folder: Path,
    *arguments: str,
    parameter: str = SSM,
    copies: str = "!Ref P",
    endpoint: str = "shore",
    value: str = "x",
) -> tuple[int, str]:
    text = TEMPLATE.replace("PARAMETER", parameter).replace("COPIES", copies)
    (folder / "t.yaml").write_text(text.replace("ENDPOINT", endpoint).replace("VALUE", value))
    result = CliRunner().invoke(main, ["check", str(folder / "t.yaml"), *arguments])
    return result.exit_code, " ".join(result.output.split())


def test_a_default_is_the_name_of_what_is_looked_up(tmp_path: Path) -> None:
    code, said = check(tmp_path)
    assert code == 2
    assert "CopyCount is what SSM has for parameter P, which is not known" in said
    assert "--parameter P=VALUE, with what SSM has" in said
    assert check(tmp_path, "--parameter", "P=2")[0] == 0
    assert check(tmp_path, "--parameter", "P=3")[0] == 1


def test_allowed_values_are_names_too(tmp_path: Path) -> None:
    parameter = SSM.replace("}", ", AllowedValues: ['1', '2']}")
    assert check(tmp_path, parameter=parameter)[0] == 2
    assert check(tmp_path, "--all-parameters", parameter=parameter)[0] == 2
    assert check(tmp_path, "--parameter", "P=3", parameter=parameter)[0] == 1


@pytest.mark.parametrize("name", ["/dune/endpoint", "shore"])
def test_a_name_that_is_given_is_no_value(tmp_path: Path, name: str) -> None:
    parameter = "{Type: 'AWS::SSM::Parameter::Value<String>', Default: shore}"
    code, said = check(
        tmp_path, "--parameter", f"P={name}", parameter=parameter, copies="1", endpoint="!Ref P"
    )
    assert (code, "EndpointName is what SSM has for parameter P" in said) == (2, True)


@pytest.mark.parametrize(
    "content",
    [
        [{"ParameterKey": "P", "ParameterValue": "1"}],
        {"Parameters": {"P": "1"}},
        ["P=1"],
        {"P": 1},
    ],
)
def test_a_file_to_deploy_with_has_the_name(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "parameters.json"
    file.write_text(json.dumps(content))
    for parameter, code in ((SSM, 2), ("{Type: Number}", 0)):
        assert check(tmp_path, "--parameter-file", str(file), parameter=parameter)[0] == code
    both = ("--parameter-file", str(file), "--parameter", "P=3")
    assert check(tmp_path, *both)[0] == 1


def test_what_a_stack_passes_is_the_name(tmp_path: Path) -> None:
    check(tmp_path)
    outer = "Resources: {Inner: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: t.yaml, "
    (tmp_path / "outer.yaml").write_text(outer + "Parameters: {P: '1'}}}}")
    result = CliRunner().invoke(main, ["check", str(tmp_path / "outer.yaml")])
    assert result.exit_code == 2
    assert "is what SSM has for parameter P" in " ".join(result.output.split())


@pytest.mark.parametrize("kind", ["List<Number>", "CommaDelimitedList"])
def test_a_list_that_is_looked_up_is_a_list(tmp_path: Path, kind: str) -> None:
    parameter = f"{{Type: 'AWS::SSM::Parameter::Value<{kind}>', Default: '1'}}"
    copies = "!Select [1, !Ref P]"
    assert check(tmp_path, parameter=parameter, copies=copies)[0] == 2
    assert check(tmp_path, "--parameter", "P=1,3", parameter=parameter, copies=copies)[0] == 1


def test_a_list_that_a_stack_passes_as_a_text_is_a_list(tmp_path: Path) -> None:
    check(tmp_path, parameter="{Type: CommaDelimitedList}", copies="!Select [1, !Ref P]")
    outer = "Resources: {Inner: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: t.yaml, "
    (tmp_path / "outer.yaml").write_text(outer + "Parameters: {P: !Join [',', ['1', '3']]}}}}")
    assert CliRunner().invoke(main, ["check", str(tmp_path / "outer.yaml")]).exit_code == 1


REFERENCE = "{{resolve:ssm:/dune/copies}}"


@pytest.mark.parametrize(
    ("parameter", "endpoint"),
    [
        ("{Type: String}", f"'{REFERENCE}'"),
        ("{Type: String}", f"!Sub '{REFERENCE}'"),
        ("{Type: String, Default: dune}", "!Sub '{{resolve:ssm:/${P}/copies}}'"),
        ("{Type: String, Default: dune}", "!Join ['', ['{{resolve:', 'ssm:/', !Ref P, '}}']]"),
        (f"{{Type: String, Default: '{REFERENCE}'}}", "!Ref P"),
        (f"{{Type: String, Default: '{REFERENCE}'}}", "!Sub 'a-${P}'"),
        (f"{{Type: CommaDelimitedList, Default: 'x,{REFERENCE}'}}", "!Select [1, !Ref P]"),
        ("{Type: String}", "!FindInMap [Copies, all, chat]"),
        ("{Type: String}", f"!Select [0, ['{REFERENCE}']]"),
    ],
)
def test_a_dynamic_reference_is_not_known_however_it_is_made(
    tmp_path: Path, parameter: str, endpoint: str
) -> None:
    code, said = check(tmp_path, parameter=parameter, copies="1", endpoint=endpoint, value=f"'{REFERENCE}'")
    assert (code, "is a dynamic reference to ssm" in said) == (2, True)


def test_a_dynamic_reference_that_is_given(tmp_path: Path) -> None:
    code, said = check(tmp_path, "--parameter", f"P={REFERENCE}", parameter="{Type: String}")
    assert (code, "is a dynamic reference to ssm" in said) == (2, True)


def test_a_dynamic_reference_in_a_change_set(tmp_path: Path) -> None:
    specification = {"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}
    properties = {
        "InferenceComponentName": "dune",
        "EndpointName": REFERENCE,
        "VariantName": "main",
        "Specification": specification,
        "RuntimeConfig": {"CopyCount": "1"},
    }
    entry = {
        "Action": "Add",
        "LogicalResourceId": "Dune",
        "ResourceType": "AWS::SageMaker::InferenceComponent",
        "AfterContext": json.dumps({"Properties": properties}),
    }
    (tmp_path / "set.json").write_text(
        json.dumps({"ChangeSetName": "c", "Changes": [{"ResourceChange": entry}]})
    )
    result = CliRunner().invoke(main, ["check", str(tmp_path / "set.json")])
    assert (result.exit_code, "is a dynamic reference to ssm" in " ".join(result.output.split())) == (2, True)
