"""A file of a folder that is no change and holds one: it is told, and fails under --strict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

from icplan.cli.main import main

TYPE = "AWS::SageMaker::InferenceComponent"
NINE = {"InferenceComponentName": "chat", "DesiredRuntimeConfig": {"CopyCount": 9}}
CHAT = {"Resources": {"Chat": {"Type": TYPE, "Properties": {"InferenceComponentName": "chat"}}}}
BODY = json.dumps(CHAT)
CALL = "aws sagemaker update-inference-component-runtime-config --inference-component-name chat"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
SECRET = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}, "data": {}, "sops": {"mac": "x"}}
MEMBERS = {"endpoint_name": "prod", "runtime_config": {"copy_count": 9}}
SOURCE = {"resource": {"awscc_sagemaker_inference_component": {"chat": MEMBERS}}}
HCL = 'resource "awscc_sagemaker_inference_component" "chat" {\n  endpoint_name = "prod"\n}\n'
STATE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:sagemaker:updateInferenceComponentRuntimeConfig",
}
SCALED = {"ResourceId": "inference-component/chat", "ServiceNamespace": "sagemaker", "MinCapacity": 9}
KPT = {"apiVersion": "kpt.dev/v1", "kind": "Kptfile", "metadata": {"name": "p"}}
MUTATES = {"pipeline": {"mutators": [{"image": "search-replace", "configMap": {"put-value": "9"}}]}}
PLANNED = {"address": "x", "type": "awscc_sagemaker_inference_component", "values": MEMBERS}
HOLDS: dict[str, tuple[str, Any]] = {
    "a request for a stack": ("s.json", {"StackName": "s", "TemplateBody": BODY}),
    "one for a stack of elsewhere": ("s.json", {"StackName": "s", "TemplateURL": "https://x/t.json"}),
    "one for a set of stacks": ("s.json", {"StackSetName": "s", "TemplateBody": BODY}),
    "a resource of Cloud Control": (
        "s.json",
        {"TypeName": TYPE, "Identifier": "chat", "PatchDocument": "[]"},
    ),
    "a template of the Serverless Framework": ("serverless.yml", {"service": "s", "resources": CHAT}),
    "a request in a text": ("s.json", json.dumps(json.dumps(NINE))),
    "a request within another": ("s.json", {"Requests": {"chat": NINE}}),
    "lists of lists of requests": ("s.json", [[NINE]]),
    "one of another case": ("s.yaml", {"jobs": [{"inference_component_name": "c", "runtime_config": {}}]}),
    "a playbook": ("p.yml", [{"hosts": "all", "tasks": [{"command": CALL}]}]),
    "a build": ("buildspec.yml", {"version": 0.2, "phases": {"build": {"commands": [CALL]}}}),
    "a state machine": ("m.json", {"StartAt": "A", "States": {"A": STATE}}),
    "a program of Pulumi's": (
        "Pulumi.yaml",
        {"resources": {"c": {"type": "aws-native:sagemaker:InferenceComponent"}}},
    ),
    "a scalable target": ("t.json", SCALED),
    "source of Terraform's in JSON": ("main.tf.json", SOURCE),
    "source of Terraform's": ("main.tf", HCL),
    "a plan without its changes": ("p.json", {"format_version": "1.2", "planned_values": {"r": [PLANNED]}}),
    "a pointer to what Git keeps elsewhere": ("t.yaml", POINTER),
    "a vault": ("t.yaml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
    "what SOPS has encrypted": ("t.yaml", {"Resources": "ENC[AES256_GCM,data:a]", "sops": {"mac": "x"}}),
    "a package that kpt changes": ("Kptfile", KPT | MUTATES),
    "parameters of a stage": ("p.json", {"live": {"Parameters": {"Copies": "9"}}}),
    "parameters of Sceptre": ("c.yaml", {"template": {"path": "t.json"}, "parameters": {"Copies": "9"}}),
    "parameters of several stacks": (
        "c.json",
        {"stacks": [[{"ParameterKey": "Copies", "ParameterValue": "9"}]]},
    ),
}
ELSE: dict[str, tuple[str, Any]] = {
    "settings": ("s.json", {"name": "chat", "copies": 9}),
    "a dashboard": (
        "d.json",
        {"widgets": [["AWS/SageMaker/InferenceComponents", "InferenceComponentName", "c"]]},
    ),
    "a policy": (
        "p.json",
        {"Statement": [{"Effect": "Allow", "Action": "sagemaker:UpdateInferenceComponent"}]},
    ),
    "a snapshot": ("runs.json", snapshot(GPU4, 2, component("chat", 2, 3))),
    "a secret that SOPS has encrypted": ("s.json", SECRET),
    "a package of kpt": ("Kptfile", KPT),
    "source of a bucket": ("main.tf", 'resource "aws_s3_bucket" "b" {\n}\n'),
    "the parameters that are the defaults": ("p.json", {"live": {"Parameters": {"Copies": "1"}}}),
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that fits, beside which each file is put."""
    (tmp_path / "work/d").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "runs.json").write_text(json.dumps(snapshot(GPU4, 2, component("embed", 1, 1))))
    reserved = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
    properties = {
        "InferenceComponentName": "new",
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "m", "ComputeResourceRequirements": reserved},
        "RuntimeConfig": {"CopyCount": {"Ref": "Copies"}},
    }
    parameters = {"Copies": {"Type": "Number", "Default": 1}}
    new = {"Type": TYPE, "Properties": properties}
    Path("d/t.json").write_text(json.dumps({"Parameters": parameters, "Resources": {"New": new}}))


def check(*words: str) -> tuple[int, str]:
    given = ["--strict", "--no-config", "--snapshot", "../runs.json"]
    result = CliRunner().invoke(main, ["check", *given, *words])
    return result.exit_code, " ".join(result.output.split())


def put(name: str, content: Any) -> None:
    Path("d", name).write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.mark.parametrize("what", HOLDS)
def test_what_holds_a_change_is_told(what: str) -> None:
    name, content = HOLDS[what]
    name = f"x-{name}" if name == "t.json" else name
    put(name, content)
    code, said = check("d")
    assert (code, f"d/{name}" in said) == (3, True), said


@pytest.mark.parametrize("what", ELSE)
def test_what_holds_none_is_passed_over(what: str) -> None:
    name, content = ELSE[what]
    put(name, content)
    code, said = check("d")
    assert code == 0, said


def test_a_request_with_a_member_of_ours_is_no_snapshot() -> None:
    put("s.json", {"IcplanSnapshot": 1, "service": "s", "resources": CHAT})
    assert check("d")[0] == 3


def test_source_is_what_the_plan_beside_it_says() -> None:
    """Where the plan is there, the source need not be judged."""
    for name, content in (("main.tf", HCL), ("more.tf.json", json.dumps(SOURCE))):
        put(name, content)
    assert check("d")[0] == 3
    planned = {
        "address": "x.y",
        "mode": "managed",
        "type": "awscc_sagemaker_inference_component",
        "name": "y",
    }
    same = {"endpoint_name": "prod", "inference_component_name": "embed"}
    change = {"actions": ["no-op"], "before": same, "after": same, "after_unknown": {}}
    put("plan.json", {"format_version": "1.2", "resource_changes": [{**planned, "change": change}]})
    code, said = check("d")
    assert code == 0, said
