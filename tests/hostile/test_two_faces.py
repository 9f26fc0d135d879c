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
    "an application": "  N: {Type: 'AWS::Serverless::Application', Properties: {Location: x.yaml}}\n",
    "a set of stacks": "  N: {Type: 'AWS::CloudFormation::StackSet', Properties: {TemplateURL: 'https://x/y'}}\n",
    "a product": "  N: {Type: 'AWS::ServiceCatalog::CloudFormationProvisionedProduct'}\n",
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
        "Resources: {B: {Type: 'AWS::SageMaker::Model'}}\n",
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


MACRO = "Fn::Transform: {Name: M}"


@pytest.mark.parametrize(
    "text",
    [
        f"{MACRO}\nResources:\n{FITS}",
        f"Conditions: {{X: {{'Fn::Equals': [1, 1]}}, {MACRO}}}\nResources:\n{FITS}",
        f"Resources:\n{FITS}    {MACRO}\n",
        f"Resources:\n{FITS}  {MACRO}\n",
        f"Resources:\n{FITS}  B: {{Type: 'AWS::S3::Bucket', {MACRO}}}\n",
    ],
)
def test_a_macro_may_change_what_stands_beside_it(text: str) -> None:
    """So a template with one is refused, wherever that is."""
    result = gate(text)
    assert result.exit_code == 2
    assert "Fn::Transform" in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        "InferenceComponentName: chat\nDesiredRuntimeConfig: {CopyCount: 010}\n",
        "InferenceComponentName: chat\nDesiredRuntimeConfig:\n  <<: {CopyCount: 1}\n  <<: {CopyCount: 9}\n",
        "{InferenceComponentName: chat, DesiredRuntimeConfig: {CopyCount: 1 #\u2028, x: 1\n}}\n",
        "Resources:\n" + FITS.replace("{CopyCount: 1}", "{CopyCount: 01}"),
        "Resources:\n" + FITS.replace("{CopyCount: 1}", "{CopyCount: '01'}"),
        "Parameters: {N: {Type: Number, Default: 01}}\nResources:\n"
        + FITS.replace("Count: 1}", "Count: !Ref N}"),
    ],
)
def test_what_other_readers_of_yaml_read_otherwise_is_refused(text: str) -> None:
    """Octal numbers, two merges, and line ends that are none: what is sent is read by another reader."""
    result = gate(text)
    assert result.exit_code == 2
    assert "icplan: update.yaml:" in result.stderr


@pytest.mark.parametrize("how", ["pattern", "group", "file of a group"])
def test_no_file_of_the_name_of_a_pattern_stands_for_the_others(how: str) -> None:
    """A stranger may call a file `*.yaml`."""
    Path("components").mkdir()
    Path("components/update.yaml").write_text(scaled(9))
    away = Path("../away")
    taken = f"{away}/snapshot.json"
    (away / "icplan.toml").write_text(
        f'[[group]]\nname = "all"\nfiles = ["components/*.yaml"]\nsnapshot = "{taken}"\n'
    )
    config = ("--config", f"{away}/icplan.toml", "--strict")
    options = {
        "pattern": ("components/*.yaml", "--snapshot", taken, *config),
        "group": ("--group", "all", *config),
        "file of a group": ("components/update.yaml", *config),
    }[how]
    assert run("check", *options).exit_code == 1
    Path("components/*.yaml").write_text(scaled(1))
    result = run("check", *options)
    assert result.exit_code == 2
    assert "components/*.yaml: is a file's name, and a pattern" in result.stderr


def test_a_file_of_the_name_of_a_pattern_is_judged_where_no_other_has_it() -> None:
    """As a shell passes it."""
    assert gate(scaled(1), "[a].yaml").exit_code == 0


ENDPOINT_OF = """  {label}:
    Type: AWS::SageMaker::Endpoint
    Properties: {{EndpointConfigName: !GetAtt {label}Config.EndpointConfigName{name}}}
  {label}Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::123456789012:role/x
      ProductionVariants: [{{VariantName: AllTraffic, InstanceType: ml.g5.12xlarge, InitialInstanceCount: 3}}]
"""


def declared(label: str, name: str = "") -> str:
    return ENDPOINT_OF.format(label=label, name=name and f", EndpointName: {name}")


@pytest.mark.parametrize(
    ("endpoints", "said"),
    [
        (declared("E", "PROD"), "in case alone"),
        (declared("E") + declared("Other"), "which of E, Other is prod of the snapshot is not told"),
    ],
)
def test_the_endpoint_that_runs_does_not_pass_for_a_new_one(endpoints: str, said: str) -> None:
    """By a name in capitals, or beside another without a name: new ones have all their room."""
    component = FITS.replace("EndpointName: prod", "EndpointName: !GetAtt E.EndpointName")
    result = gate(f"Resources:\n{component}{endpoints}")
    assert result.exit_code == 2
    assert said in result.stderr


def test_dotted_keys_of_a_parameter_file_take_no_memory() -> None:
    """It is TOML as a configuration is, with its limits."""
    Path("samconfig.toml").write_text("a" + ".a" * 30_000 + " = 1\n")
    Path("template.yaml").write_text(f"Resources:\n{FITS}")
    taken = ("--snapshot", "../away/snapshot.json", "--no-config")
    result = run("check", "template.yaml", *taken, "--parameter-file", "samconfig.toml")
    assert result.exit_code == 2
    assert "a key of more than 16 parts" in result.stderr
