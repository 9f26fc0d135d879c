"""No file passes for what it is not: one that reads two ways is refused, what is not judged does not pass."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hostile import ENDPOINT, run, write

if TYPE_CHECKING:
    from click.testing import Result


def scaled(copies: int) -> str:
    return f"InferenceComponentName: chat\nDesiredRuntimeConfig: {{CopyCount: {copies}}}\n"


def gate(text: str, name: str = "update.yaml") -> Result:
    """The README's pipeline, with the snapshot from elsewhere."""
    Path(name).write_text(text)
    taken = ("--snapshot", "../away/snapshot.json")
    return run("check", name, *taken, "--no-config", "--strict", "--max-age", "1h")


@pytest.fixture(autouse=True)
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    write(tmp_path / "away", snapshot=ENDPOINT | {"TakenAt": now})


TWO_FACES = {
    "template": 'AWSTemplateFormatVersion: "2010-09-09"\nResources: {B: {Type: AWS::S3::Bucket}}\n',
    "manifest": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    "plan": 'format_version: "1.2"\nresource_changes: []\n',
    "change set": "ChangeSetName: x\nChanges: []\n",
    "manifest in a second document": "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
    "Python": "desired_runtime_config: {copy_count: 3}\n",
    "Python, of a component": "inference_component_name: other\n",
}


@pytest.mark.parametrize("face", TWO_FACES)
def test_a_request_that_is_something_else_too_is_refused(face: str) -> None:
    """It would be judged as one thing and sent as the other."""
    result = gate(scaled(9) + TWO_FACES[face])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("icplan: update.yaml:")


def test_python_that_gives_its_resources_twice_is_refused() -> None:
    """Under both of their names."""
    text = "inference_component_name: chat\nresources: {requests: {memory: 1}}\n"
    assert gate(text + "resource_requirements: {requests: {memory: 9}}\n").exit_code == 2


NEEDS = "{NumberOfAcceleratorDevicesRequired: 1, MinMemoryRequiredInMb: 1024}"
SPEC = f"{{ModelName: m, ComputeResourceRequirements: {NEEDS}}}"
FITS = f"""  C:
    Type: AWS::SageMaker::InferenceComponent
    Properties: {{InferenceComponentName: chat, EndpointName: prod, VariantName: AllTraffic,
      Specification: {SPEC}, RuntimeConfig: {{CopyCount: 1}}}}
"""
LEFT_OUT = {
    "a nested stack": "  N: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://x/y'}}\n",
    "a module": "  N: {Type: 'My::Org::Endpoint::MODULE'}\n",
    "a custom resource": "  N: {Type: 'Custom::X', Properties: {InferenceComponentName: x}}\n",
}


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("what", LEFT_OUT)
def test_what_is_not_judged_does_not_pass(what: str, *, beside: bool) -> None:
    """Beside what fits, or alone."""
    assert gate("Resources:\n" + FITS).exit_code == 0
    result = gate("Resources:\n" + (FITS if beside else "") + LEFT_OUT[what])
    assert (result.exit_code, "not known to fit" in result.stderr) == (3, True)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
        "Resources: {B: {Type: 'AWS::S3::Bucket'}}\n",
        "Resources: {B: {Type: 'AWS::SageMaker::InferenceComponents'}}\n",
        "Conditions: {No: !Equals [a, b]}\nResources:\n" + FITS + "    Condition: 'No'\n",
        json.dumps({"format_version": "1.2", "resource_changes": []}),
    ],
)
def test_nothing_to_judge_does_not_pass(text: str) -> None:
    """A template without a component is no proof that one fits."""
    result = gate(text)
    assert (result.exit_code, "NOTHING TO JUDGE" in result.stdout) == (3, True)


COUNTS = ["04", "0o4", "0x4", "+4", '"4"', "4.0", "4e0", "1_0", "!!int '4'", "1:00", "\u0664", "\uff14"]


@pytest.mark.parametrize("count", COUNTS)
def test_no_spelling_of_a_number_passes(count: str) -> None:
    """Whatever a reader of YAML 1.1, of 1.2 or of neither makes of it."""
    assert gate(scaled(9).replace("9", count)).exit_code in (1, 2)
