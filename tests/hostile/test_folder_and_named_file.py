"""A folder as CHANGE and its files by name: what is told of, and how it ends, is the same."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

from icplan.cli.main import main

NEEDS = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
FITS = {
    "InferenceComponentName": "chat",
    "EndpointName": "prod",
    "VariantName": "AllTraffic",
    "Specification": {"ModelName": "model-1", "ComputeResourceRequirements": NEEDS},
    "RuntimeConfig": {"CopyCount": 1},
}


def of_type(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"S": {"Type": kind, "Properties": properties}}}


TOPIC = of_type("AWS::SNS::Topic", TopicName="9")
LAMBDA = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"Policies": [{"PolicyDocument": {"Effect": "Allow", "Action": "*"}}]},
        },
        "F": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
        "S": {"Type": "Custom::S", "Properties": {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}}},
    }
}
HEAD = {"apiVersion": "x.example/v1", "metadata": {"name": "x"}}


def plan(kind: str, **after: Any) -> dict[str, Any]:
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}}
    entry = {"address": f"{kind}.x", "mode": "managed", "type": kind, "name": "x", "change": change}
    return {"format_version": "1.2", "resource_changes": [entry]}


CALL = "aws sagemaker update-inference-component-runtime-config --inference-component-name chat"


def reading(*program: str) -> dict[str, Any]:
    """A plan with data that a program reads out."""
    data = {"address": "data.external.x", "mode": "data", "type": "external", "name": "x"}
    resource = {**data, "expressions": {"program": {"constant_value": [*program]}}}
    return plan("aws_sns_topic") | {"configuration": {"root_module": {"resources": [resource]}}}


USER_DATA = {"UserData": base64.b64encode(b"aws sagemaker delete-inference-component --name chat").decode()}
DATA = {"AfterContext": json.dumps({"Properties": {"LaunchTemplateData": USER_DATA}})}
TOLD: dict[str, Any] = {
    "data that a program reads out": reading("sh", "-c", CALL),
    "an instance that makes the call": of_type("AWS::EC2::Instance", UserData={"Fn::Base64": CALL}),
    "an experiment": of_type("AWS::SageMaker::InferenceExperiment", ModelVariants=[]),
    "a plan with an experiment": plan("awscc_sagemaker_inference_experiment", name="x"),
    "a module": of_type("My::Sage::Chat::MODULE", Copies=9),
    "a product": of_type("AWS::ServiceCatalog::CloudFormationProvisionedProduct", ProductName="p"),
    "a stack": of_type("AWS::CloudFormation::Stack", TemplateURL="https://x/y"),
    "a set of stacks": of_type("AWS::CloudFormation::StackSet", TemplateURL="https://x/y"),
    "an application": of_type("AWS::Serverless::Application", Location="https://x/y"),
    "a macro at the head": {"Transform": ["Evil"], **TOPIC},
    "an inclusion": {"Resources": {"Fn::Transform": {"Name": "AWS::Include"}, **TOPIC["Resources"]}},
    "a macro beside": {"Resources": {"S": {"Type": "AWS::SNS::Topic", "Fn::Transform": {"Name": "Evil"}}}},
    "a loop of any type": {
        "Transform": "AWS::LanguageExtensions",
        "Resources": {"Fn::ForEach::L": ["N", ["a"], {"${N}": {"Type": "${N}"}}], **TOPIC["Resources"]},
    },
    "a program that may do anything": LAMBDA,
    "a component put together": of_type("X::Y::Z", Made=["Inference", "Component"]),
    "a misspelt type": of_type("AWS::Sagemaker::InferenceComponent"),
    "a change set with a module": {
        "ChangeSetName": "x",
        "Changes": [{"ResourceChange": {"Action": "Add", "ResourceType": "A::B::C::MODULE"}}],
    },
    "a change set that goes on": {"ChangeSetName": "x", "Changes": [], "NextToken": "n"},
    "a change set that is being made": {"ChangeSetName": "x", "Changes": [], "Status": "CREATE_IN_PROGRESS"},
    "a change set of what is launched": {
        "ChangeSetName": "x",
        "Changes": [
            {"ResourceChange": {"Action": "Add", "ResourceType": "AWS::EC2::LaunchTemplate", **DATA}}
        ],
    },
    "a Helm release": {**HEAD, "kind": "HelmRelease", "spec": {"chart": "x"}},
    "a kustomization": {**HEAD, "kind": "Kustomization", "resources": ["x.yaml"]},
    "an application of Argo CD": {**HEAD, "kind": "Application"},
    "a job put together": {**HEAD, "kind": "Job", "spec": {"args": ["inference-", "component"]}},
    "a plan with a chart": plan("helm_release", chart="x"),
    "a plan with a stack": plan("aws_cloudformation_stack", template_url="https://x/y"),
}
ELSE: dict[str, Any] = {
    "a topic": TOPIC,
    "a program of elsewhere": of_type("Custom::S", ServiceToken="arn:aws:lambda:us-east-1:1:function:f"),
    "a topic of a secret": of_type("AWS::SNS::Topic", TopicName="{{resolve:secretsmanager:x}}"),
    "a harmless transform": {"Transform": "AWS::Serverless-2016-10-31", **TOPIC},
    "a target of another service": of_type(
        "AWS::ApplicationAutoScaling::ScalableTarget", ServiceNamespace="ecs", MinCapacity=1
    ),
    "a service": {**HEAD, "kind": "Service"},
    "a plan of a bucket": plan("aws_s3_bucket", bucket="x"),
    "a change set of a topic": {
        "ChangeSetName": "x",
        "Changes": [{"ResourceChange": {"Action": "Add", "ResourceType": "AWS::SNS::Topic"}}],
    },
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work/d").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "runs.json").write_text(json.dumps(snapshot(GPU4, 2, component("embed", 1, 1))))
    Path("d/t.json").write_text(json.dumps(of_type("AWS::SageMaker::InferenceComponent", **FITS)))


def check(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", "--no-config", "--snapshot", "../runs.json", *words])
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize("strict", [(), ("--strict",)])
@pytest.mark.parametrize("what", [*TOLD, *ELSE])
def test_a_folder_ends_as_its_files_by_name_do(what: str, strict: tuple[str, ...]) -> None:
    Path("d/u.json").write_text(json.dumps((TOLD | ELSE)[what]))
    named, _ = check(*strict, "d/t.json", "d/u.json")
    code, said = check(*strict, "d")
    assert code == named, said
    if what in ELSE or strict:
        assert (code != 0) == (what in TOLD), said
    assert ("d: passed over 1 file of something else" in said) == (what in ELSE), said


@pytest.mark.parametrize("what", ["a module", "a topic", "a job put together"])
def test_and_so_do_long_files_of_yaml(what: str) -> None:
    """They are read only where a word speaks of what makes others."""
    text = json.dumps((TOLD | ELSE)[what]).replace("inference-", "inference-component ")
    Path("d/u.yaml").write_text("# a comment of a line\n" * 1_000 + text)
    assert check("--strict", "d")[0] == check("--strict", "d/t.json", "d/u.yaml")[0] == 3 * (what in TOLD)


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_what_kustomize_makes_is_not_known(name: str) -> None:
    """It need not tell its kind."""
    Path("d", name).write_text("patches: [{path: p.yaml}]\n")
    for words in (("d",), ("d/t.json", f"d/{name}")):
        code, said = check("--strict", *words)
        assert code == 3, said
        assert name in said
        assert check(*words)[0] == 0


MORE = {"InferenceComponentName": "chat", "RuntimeConfig": {"CopyCount": 2}}
FEWER = {"InferenceComponentName": "chat", "RuntimeConfig": {"CopyCount": 1}}
NEXT = {**FITS, "InferenceComponentName": "next"}
DECLARED = of_type("AWS::SageMaker::InferenceComponent", **NEXT)
BESIDE = {
    "two for one GPU": ((MORE, NEXT), 3),
    "two for one GPU, one of them in a template": ((MORE, DECLARED), 3),
    "one that leaves room, and one": ((FEWER, NEXT), 0),
    "the same request twice": ((MORE, MORE), 0),
    "one alone": ((NEXT,), 0),
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_fits_each_by_itself_is_held_against_each_other(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four GPUs, one is free."""
    monkeypatch.chdir(tmp_path)
    changes, code = BESIDE[name]
    Path("co/.git").mkdir(parents=True)
    Path("co/serving").mkdir()
    for number, change in enumerate(changes):
        Path(f"co/serving/{number}.json").write_text(json.dumps(change))
    runs = snapshot(GPU4, 1, component("chat", 1, 1), component("embed", 1, 2))
    Path("runs.json").write_text(json.dumps(runs))
    monkeypatch.chdir("co")
    given = ["check", "serving", "--no-config", "--snapshot", "../runs.json"]
    for more, ends in (([], 0), (["--strict"], code), (["--strict", "--each"], 0)):
        result = CliRunner().invoke(main, [*given, *more])
        assert result.exit_code == ends, result.output
        assert ("may not fit one after another" in result.output) == (code == 3 and "--each" not in more)


COPIES = {
    "Parameters": {"Copies": {"Type": "Number", "Default": 1}},
    **of_type(
        "AWS::SageMaker::InferenceComponent", **{**FITS, "RuntimeConfig": {"CopyCount": {"Ref": "Copies"}}}
    ),
}
SAM = '[default.deploy.parameters]\nparameter_overrides = "Copies=N"\n'
TELLING = {
    "a list": ("p.json", '[{"ParameterKey": "Copies", "ParameterValue": "N"}]'),
    "of a pipeline": ("p.json", '{"Parameters": {"Copies": "N"}, "Tags": {}}'),
    "of Git sync": ("p.yaml", "template-file-path: d/t.json\nparameters: {Copies: 'N'}\ntags: {}\n"),
    "of SAM": ("samconfig.toml", SAM),
    "of another template": ("p.json", '{"Parameters": {"Other": "N"}}'),
}


@pytest.mark.parametrize("name", TELLING)
@pytest.mark.parametrize("copies", [1, 9])
def test_what_a_folder_tells_of_parameters_is_not_passed_over(name: str, copies: int) -> None:
    """One copy fits, which is the default; nine do not."""
    Path("d/t.json").write_text(json.dumps(COPIES))
    file, text = TELLING[name]
    Path("d", file).write_text(text.replace("N", str(copies)))
    told = copies == 9 and name != "of another template"
    code, said = check("--strict", "d")
    assert (code, "tells Copies otherwise" in said) == (3 * told, told), said
    assert check("d")[0] == 0
    assert check("--strict", "d", "--parameter", "Copies=1")[0] == 0
    if name != "of another template":
        assert check("--strict", "d", "--parameter-file", f"d/{file}")[0] == (copies == 9)
