"""What is beside a change, or in it, and is not judged: it is told, and fails under --strict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/endpoint
      ProductionVariants:
        - {VariantName: AllTraffic, InstanceType: ml.g5.xlarge, InitialInstanceCount: 1}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: prod-chat, EndpointConfigName: !GetAtt Config.EndpointConfigName}
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: chat
      EndpointName: !GetAtt Endpoint.EndpointName
      VariantName: AllTraffic
      Specification:
        ModelName: chat-v1
        ComputeResourceRequirements: {NumberOfAcceleratorDevicesRequired: 1, MinMemoryRequiredInMb: 512}
      RuntimeConfig: {CopyCount: 1}
"""
ACK = """\
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: EndpointConfig
metadata: {name: cfg}
spec:
  endpointConfigName: cfg
  executionRoleARN: arn:aws:iam::111122223333:role/endpoint
  productionVariants: [{variantName: AllTraffic, instanceType: ml.g5.xlarge, initialInstanceCount: 1}]
---
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: Endpoint
metadata: {name: prod-chat}
spec: {endpointName: prod-chat, endpointConfigName: cfg}
---
"""
SPEC = (
    "{inferenceComponentName: huge, endpointName: prod-chat, variantName: AllTraffic, specification: "
    "{modelName: m, computeResourceRequirements: {numberOfAcceleratorDevicesRequired: 4, "
    "minMemoryRequiredInMb: 900000}}, runtimeConfig: {copyCount: 9}}"
)
OBJECT = (
    "{apiVersion: sagemaker.services.k8s.aws/v1alpha1, kind: InferenceComponent, metadata: {name: huge}, "
)
OBJECT += f"spec: {SPEC}}}"
HUGE = TEMPLATE[: TEMPLATE.index("  Config:")] + TEMPLATE[TEMPLATE.index("  Chat:") :].replace(
    "CopyCount: 1", "CopyCount: 9"
).replace("!GetAtt Endpoint.EndpointName", "prod-chat").replace("name: chat", "name: huge")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put("d/t.yaml", TEMPLATE)


def put(name: str, text: str, encoding: str = "utf-8") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", "--strict", "--no-config", *words])


def manifest(**told: Any) -> str:
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.yaml", **told}}
    if "environment" in told:
        stack["environment"] = told["environment"]
    return json.dumps({"version": "38.0.0", "artifacts": {"S": stack}})


def test_the_template_itself_fits() -> None:
    assert run("d").exit_code == 0
    assert run("d/t.yaml").exit_code == 0


@pytest.mark.parametrize(
    "name", ["d/e.txt", "d/e.yaml.tpl", "d/.e.yaml", "d/.k/e.yaml", "d/node_modules/p/e.yaml"]
)
def test_a_change_that_a_folder_passes_over_for_its_name(name: str) -> None:
    put(name, HUGE)
    result = run("d")
    assert result.exit_code == 3
    assert f"passed over, though it may be a change: {name}" in result.stderr
    put(name, "a: text")
    assert run("d").exit_code == 0


def test_json_and_junit_tell_why_it_does_not_pass() -> None:
    """What exits with 3 for what is not judged says so in every format, and not on standard error alone."""
    put("d/e.txt", HUGE)
    result = run("d", "--format", "json", "--format", "junit", "-o", "v.json", "-o", "v.xml")
    assert result.exit_code == 3
    assert json.loads(Path("v.json").read_text())["FailedOn"] == ["strict"]
    assert 'name="what is not judged"' in Path("v.xml").read_text()
    assert "fails here: --strict" in run("d").stdout


def test_a_link_to_a_folder() -> None:
    put("outer/e.yaml", HUGE)
    Path("d/sub").symlink_to("../outer")
    result = run("d")
    assert result.exit_code == 3
    assert "d/sub" in result.stderr


@pytest.mark.parametrize("text", ['{"artifacts": {}}', '{"version": "1", "artifacts": {"a": {"type": "x"}}}'])
def test_a_manifest_of_something_else_makes_no_assembly(text: str) -> None:
    put("d/manifest.json", text)
    put("d/e.yaml", HUGE)
    assert run("d").exit_code in {1, 2}


def test_a_template_that_the_manifest_of_an_assembly_does_not_name() -> None:
    put("d/manifest.json", manifest())
    assert run("d").exit_code == 0
    put("d/e.yaml", HUGE)
    result = run("d")
    assert result.exit_code == 3
    assert "d/e.yaml" in result.stderr
    put("outer/t.yaml", TEMPLATE)
    Path("outer/app").mkdir()
    Path("d").rename("outer/app/d")
    assert "outer/app/d/e.yaml" in run("outer/app").stderr


@pytest.mark.parametrize("words", [("--region", "us-east-1"), ("--stack-name", "prod")])
def test_a_manifest_beside_that_says_something_else(words: tuple[str, str]) -> None:
    put("d/manifest.json", manifest(stackName="x", environment="aws://1/eu-west-1"))
    result = run(*words, "d/t.yaml")
    assert result.exit_code == 2
    assert f"{words[0]} is {words[1]}, but the manifest" in result.stderr


@pytest.mark.parametrize("number", [9, 1])
def test_a_merge_that_readers_differ_in(number: int) -> None:
    spec = SPEC.replace("copyCount: 9", f"copyCount: 9, <<: {{copyCount: {number}}}")
    put("m.yaml", ACK + OBJECT.replace(SPEC, spec))
    result = run("m.yaml")
    assert ("<< gives copyCount again" in result.stderr) is (number == 1)


@pytest.mark.parametrize(
    "text",
    [
        (
            "apiVersion: sagemaker.services.k8s.aws/v1alpha1\nkind: InferenceComponentList\nitems:\n"
            f" - {{metadata: {{name: huge}}, spec: {SPEC}}}\n"
        ),
        f"apiVersion: apps.x/v1\nkind: Bundle\nitems:\n - {OBJECT}\n",
        OBJECT.replace("apiVersion", '"api\\x56ersion"')
        .replace("InferenceC", '"Inference\\x43')
        .replace("omponent,", 'omponent",'),
    ],
)
def test_objects_of_lists_and_with_escapes_are_judged(text: str) -> None:
    put("m.yaml", ACK + text)
    assert run("m.yaml").exit_code == 1


@pytest.mark.parametrize("first", [True, False])
def test_a_file_of_two_formats(first: bool) -> None:
    put("both.yaml", f"{OBJECT[1:-1]}\n{TEMPLATE}" if first else f"{OBJECT}\n---\n{TEMPLATE}")
    if first:
        document = (
            f"apiVersion: sagemaker.services.k8s.aws/v1alpha1\nkind: InferenceComponent\nspec: {SPEC}\n"
        )
        put("both.yaml", document + TEMPLATE)
    result = run("both.yaml")
    assert result.exit_code == 2
    assert "too" in result.stderr


def test_words_with_escapes_are_known_by_what_they_mean() -> None:
    put("d/z.yaml", HUGE.replace("Resources:", '"\\x52esources":'))
    assert run("d").exit_code == 1
    escaped = "".join(
        f'"\\x{ord(line[0]):02x}{line[1:].replace(":", chr(34) + ":", 1)}\n' for line in REQUEST
    )
    put("r/z.yaml", escaped)
    put("r/ok.yaml", "".join(f"{line}\n" for line in REQUEST))
    assert run("r").exit_code == 2  # both want a snapshot


REQUEST = ["InferenceComponentName: huge", "EndpointName: prod-chat", "RuntimeConfig: {CopyCount: 9}"]


def test_another_encoding() -> None:
    put("d/z.yaml", HUGE, "utf-16")
    result = run("d")
    assert result.exit_code == 3
    assert "d/z.yaml" in result.stderr


def test_what_makes_components_and_is_not_read() -> None:
    made = (
        "  Extra: {Type: 'Custom::AWS', Properties: {Create: '{\"action\":\"createInferenceComponent\"}'}}\n"
    )
    put("t.yaml", TEMPLATE + made)
    put("kro.yaml", f"{ACK}apiVersion: kro.run/v1alpha1\nkind: Graph\nspec: {{resources: [{OBJECT}]}}\n")
    for name in ("t.yaml", "kro.yaml"):
        result = run(name)
        assert "not judged" in result.output, name
        assert result.exit_code == 3, name


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("aws_cloudcontrolapi_resource", {"type_name": "AWS::SageMaker::InferenceComponent"}),
        ("aws_cloudformation_stack", {"template_body": "{Type: AWS::SageMaker::InferenceComponent}"}),
        ("aws_cloudformation_stack", {"template_url": "https://example.com/t.yaml"}),
        ("kubernetes_manifest", {"manifest": {"kind": "InferenceComponent"}}),
        ("helm_release", {"chart": "x"}),
    ],
)
@pytest.mark.parametrize("deferred", [True, False])
def test_resources_of_a_plan_that_are_not_read(kind: str, after: dict[str, Any], deferred: bool) -> None:
    entry = {"address": f"{kind}.h", "type": kind, "change": {"actions": ["create"], "after": after}}
    plan: dict[str, Any] = {"format_version": "1.2", "resource_changes": [] if deferred else [entry]}
    plan["deferred_changes"] = [{"reason": "unknown", "resource_change": entry}] if deferred else []
    put("p.json", json.dumps(plan))
    assert f"p.json: {kind}.h" in " ".join(run("p.json").stdout.split())


@pytest.mark.parametrize("kind", ["AWS::CloudFormation::Stack", "Custom::AWS"])
def test_changes_of_a_change_set_that_are_not_read(kind: str) -> None:
    change = {"Action": "Add", "LogicalResourceId": "N", "ResourceType": kind}
    put("c.json", json.dumps({"ChangeSetName": "x", "Changes": [{"ResourceChange": change}]}))
    assert "c.json: N is a" in " ".join(run("c.json").stdout.split())


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
@pytest.mark.parametrize("member", ["ModelName: chat-v1", "EndpointName: prod-chat"])
def test_a_parameter_with_noecho_is_never_shown(member: str, form: str) -> None:
    name = member.partition(":")[0]
    declared = "Parameters: {P: {Type: String, NoEcho: true, Default: hunter2-default}}\n"
    put("s.yaml", declared + TEMPLATE.replace(member, f"{name}: !Ref P"))
    for words in ((), ("--parameter", "P=hunter2-given")):
        result = run(*words, "--format", form, "s.yaml")
        assert "***" in result.output.replace("\\", "")
        assert "hunter2" not in result.output
