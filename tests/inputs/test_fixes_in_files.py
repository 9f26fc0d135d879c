"""A fix of what a template declares is told as lines of it: made there, it does what was promised."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import event, given
from support.declared_fleets import fleets, template
from support.examples import share

from icplan.cli.main import main
from icplan.inputs import formats
from icplan.inputs.deployment import Deployment, InputOptions
from icplan.inputs.source import parse_source
from icplan.judge.deployment import judge_deployment
from icplan.judge.settings import Settings
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from pathlib import Path

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.remedy_steps import Edit
    from icplan.verdict.verdict import Verdict


def written(fleet: dict[str, Any]) -> str:
    """The template with a member on each line."""
    return json.dumps(json.loads(template(fleet)), indent=1)


def judged(text: str) -> Verdict | None:
    deployment = formats.read([parse_source(text.encode(), "template.json")], InputOptions())
    assert isinstance(deployment, Deployment)
    found = judge_deployment(deployment, None, Settings())
    return found[0].verdict if found else None


def made(edit: Edit, fleet: dict[str, Any], change: ChangeVerdict) -> None:
    """Make the edit in what the template is of."""
    of_fleet = edit.path.startswith("/ProductionVariants")
    name = change.inference_component_name
    holder: Any = fleet["Configuration"]
    if not of_fleet:
        holder = next(one for one in fleet["Components"] if one["InferenceComponentName"] == name)
    *steps, last = edit.path.split("/")[1:]
    for step in steps:
        holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
    assert holder.get(last) == edit.before
    if edit.after is None:
        del holder[last]
    else:
        holder[last] = edit.after


@pytest.mark.slow
@share(4)
@given(fleets())
def test_a_fix_made_in_the_file_is_what_it_promised(fleet: dict[str, Any]) -> None:
    text = written(fleet)
    verdict = judged(text)
    for change in verdict.changes if verdict else ():
        for remedy in change.remedies:
            # Nothing runs yet that could be called beside the deployment.
            assert remedy.edits, remedy
            assert (remedy.before, remedy.after) == ((), ()), remedy
            event(remedy.kind)
            assert not any("UpdateEndpoint" in command.cli for command in remedy.commands)
            after = copy.deepcopy(fleet)
            for edit in remedy.edits:
                if edit.before is not None:
                    assert edit.line is not None
                    line = text.splitlines()[edit.line - 1]
                    assert f'"{edit.path.rpartition("/")[2]}"' in line
                    assert str(edit.before) in line
                made(edit, after, change)
            again = judged(written(after))
            assert again is not None
            key = (change.operation, change.inference_component_name)
            (made_so,) = (
                one for one in again.changes if (one.operation, one.inference_component_name) == key
            )
            assert made_so.outcome is remedy.outcome, remedy


ONE = {
    "Configuration": {
        "EndpointConfigName": "shore-config",
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/serve",
        "ProductionVariants": [
            {
                "VariantName": "main",
                "InstanceType": "ml.g5.12xlarge",
                "InitialInstanceCount": 1,
                "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 2},
            }
        ],
    },
    "Components": [
        {
            "InferenceComponentName": "c-0",
            "EndpointName": "shore",
            "VariantName": "main",
            "Specification": {
                "ModelName": "m",
                "ComputeResourceRequirements": {
                    "MinMemoryRequiredInMb": 1024,
                    "NumberOfAcceleratorDevicesRequired": 4,
                },
            },
            "RuntimeConfig": {"CopyCount": 3},
        }
    ],
}


def test_nothing_is_scaled_first_that_is_only_now_made() -> None:
    fleet: dict[str, Any] = copy.deepcopy(ONE)
    (first,) = fleet["Components"]
    first["Specification"]["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] = 3
    first["RuntimeConfig"]["CopyCount"] = 2
    second = copy.deepcopy(first) | {"InferenceComponentName": "c-1"}
    second["Specification"]["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] = 1
    second["RuntimeConfig"]["CopyCount"] = 3
    verdict = judged(written(fleet | {"Components": [first, second]}))
    assert verdict is not None
    assert verdict.changes[1].outcome == "does-not-fit"
    assert [one.kind for one in verdict.remedies] == ["raise-max-instance-count", "fewer-copies"]


def test_nothing_is_said_to_run_that_is_only_now_made() -> None:
    verdict = judged(written(ONE))
    assert verdict is not None
    messages = [one.message for one in verdict.findings]
    assert any(
        "3 instances would be enough (1 by then), but MaxInstanceCount is 2" in one for one in messages
    )
    assert not any("run now" in one for one in messages)


def test_the_report_names_the_line_and_no_call_to_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is declared is changed where it is declared: nothing is sent beside the deployment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.json").write_text(text := written(ONE))
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "MaxInstanceCount" in one)
    shown = CliRunner().invoke(main, ["check", "template.json", "--no-config"]).stdout
    assert f"at template.json:{line}: MaxInstanceCount 2 → 3\n" in shown
    assert "create-endpoint-config" not in shown
    assert "UpdateEndpoint" not in shown
    said = json.loads(
        CliRunner().invoke(main, ["check", "template.json", "--no-config", "--format", "json"]).stdout
    )
    first = said["Changes"][0]["Remedies"][0]
    assert first["Edits"] == [
        {
            "Path": "/ProductionVariants/0/ManagedInstanceScaling/MaxInstanceCount",
            "Before": 2,
            "After": 3,
            "File": "template.json",
            "Line": line,
            "Note": None,
        }
    ]
    assert first["Target"] == Target.ENDPOINT_CONFIG
    assert first["Commands"] == []


PARAMETERS = """\
Parameters:
  Copies:
    Type: Number
    Default: 5
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/serve
      ProductionVariants:
        - {VariantName: main, InstanceType: ml.g5.12xlarge, InitialInstanceCount: 2}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: shore, EndpointConfigName: !GetAtt Config.EndpointConfigName}
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      EndpointName: !GetAtt Endpoint.EndpointName
      VariantName: main
      Specification:
        ModelName: m
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 2, MinMemoryRequiredInMb: MEMORY}
      RuntimeConfig:
        CopyCount: COUNT
"""


@pytest.mark.parametrize("count", ["!Ref Copies", '!Sub "${Copies}"', "{Ref: Copies}"])
@pytest.mark.parametrize("given", [(), ("--parameter", "Copies=6")])
def test_a_fix_of_a_parameter_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: str, given: tuple[str, ...]
) -> None:
    """Where a member only refers to a parameter, its value is what there is to change."""
    monkeypatch.chdir(tmp_path)
    text = PARAMETERS.replace("COUNT", count).replace("MEMORY", "1024")
    (tmp_path / "template.yaml").write_text(text)
    asked = ["check", "template.yaml", "--no-config", "--format", "json", *given]
    said = json.loads(CliRunner().invoke(main, asked).stdout)
    remedy = next(one for one in said["Changes"][0]["Remedies"] if one["Kind"] == "fewer-copies")
    (edit,) = remedy["Edits"]
    assert edit["After"] == 4
    assert "parameter Copies" in edit["Note"]
    assert "--parameter Copies=4" in edit["Note"]
    line = text.splitlines()[edit["Line"] - 1]
    assert line.strip() == (f"CopyCount: {count}" if given else "Default: 5")


def test_the_cause_is_of_what_its_place_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where memory and accelerators are short, the sentence above a finding of memory is of memory."""
    monkeypatch.chdir(tmp_path)
    text = PARAMETERS.replace("COUNT", "5").replace("MEMORY", "990000")
    (tmp_path / "template.yaml").write_text(text)
    said = json.loads(
        CliRunner().invoke(main, ["check", "template.yaml", "--no-config", "--format", "json"]).stdout
    )
    (change,) = said["Changes"]
    assert next(one["Rule"] for one in change["Findings"] if one["Severity"] == "error") == "ICP306"
    assert change["Cause"]["Resources"] == ["memory"]
    assert "990000" in change["Cause"]["Text"]


@pytest.mark.parametrize("name", ["main.tf", "main.tf.json", "main.tofu"])
def test_the_source_of_terraform_is_not_a_change(tmp_path: Path, name: str) -> None:
    """What to give instead is said, whatever the file holds."""
    (tmp_path / name).write_text('resource "awscc_sagemaker_inference_component" "a" {}')
    done = CliRunner().invoke(main, ["check", str(tmp_path / name), "--no-config"])
    assert done.exit_code == 2
    assert "Terraform's source" in done.stderr
    assert "terraform show -json" in done.stderr
