"""Room that is not there: what a nested stack is passed, what nothing waits for, what is elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, snapshot

from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

HERE, THERE = "us-east-1", "us-west-2"
ACCOUNT = "111122223333"
COMPONENT = "AWS::SageMaker::InferenceComponent"
DIMENSION = "sagemaker:inference-component:DesiredCopyCount"


def runs(most: int = 2, **more: Any) -> dict[str, Any]:
    """Two instances of four GPUs, of which two copies of chat take three each, and embed takes one."""
    told = {"Region": HERE, "AccountId": ACCOUNT, **more}
    return snapshot(GPU4, 2, component("chat", 2, 3), component("embed", 1, 1), scaling=(1, most), **told)


def check(folder: Path, files: dict[str, Any], what: str, snapshot_: dict[str, Any]) -> tuple[int, str]:
    for name, content in files.items():
        path = folder / "co" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    (folder / "runs.json").write_text(json.dumps(snapshot_))
    given = ["--snapshot", str(folder / "runs.json"), "--assume", "equal-specification-replaces-copies=no"]
    result = CliRunner().invoke(main, ["check", str(folder / "co" / what), "--no-config", *given])
    return result.exit_code, " ".join(result.output.split())


def of(name: str, gpus: int, copies: Any, endpoint: Any = "prod", **more: Any) -> dict[str, Any]:
    properties = {
        "InferenceComponentName": name,
        "EndpointName": endpoint,
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": "model-1",
            "ComputeResourceRequirements": {
                "NumberOfAcceleratorDevicesRequired": gpus,
                "MinMemoryRequiredInMb": 1024,
            },
        },
        "RuntimeConfig": {"CopyCount": copies},
    }
    return {"Type": COMPONENT, "Properties": properties, **more}


def template(head: dict[str, Any] | None = None, /, **resources: Any) -> dict[str, Any]:
    return {**(head or {}), "Resources": resources}


def nests(file: str, parameters: Any = None) -> dict[str, Any]:
    more = {} if parameters is None else {"Parameters": parameters}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": file, **more}}


HOLDS = {"Conditions": {"C": {"Fn::Equals": ["a", "a"]}, "N": {"Fn::Equals": ["a", "b"]}}}
COPIES = {"Parameters": {"Copies": {"Type": "Number", "Default": 1}}}
ONE_OR_NINE = template(COPIES, New=of("new", 1, {"Ref": "Copies"}))
EITHER = [{"Copies": "9"}, {"Copies": "1"}]
PASSED = {
    "nine": ({"Copies": "9"}, 1),
    "one": ({"Copies": "1"}, 0),
    "nothing": (None, 0),
    "no value": ({"Copies": {"Ref": "AWS::NoValue"}}, 0),
    "all of it by a condition that holds": ({"Fn::If": ["C", *EITHER]}, 1),
    "all of it by one that does not": ({"Fn::If": ["N", *EITHER]}, 0),
    "all of it by one that is not known": ({"Fn::If": ["U", *EITHER]}, 2),
    "all of it is an import": ({"Fn::ImportValue": "elsewhere"}, 2),
}


@pytest.mark.parametrize("name", PASSED)
def test_what_is_passed_to_a_nested_stack_counts_however_it_is_written(tmp_path: Path, name: str) -> None:
    parameters, code = PASSED[name]
    unknown = {"U": {"Fn::Equals": [{"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "x"]}}
    head = {"Conditions": {**HOLDS["Conditions"], **unknown}}
    files = {"t.json": template(head, Stack=nests("n.json", parameters)), "n.json": ONE_OR_NINE}
    found, said = check(tmp_path, files, "t.json", runs())
    assert found == code, said


@pytest.mark.parametrize("nested", ["a.json", "z.json", "inner/a.json"])
def test_a_nested_file_of_a_folder_is_judged_once_whatever_it_is_called(tmp_path: Path, nested: str) -> None:
    """It is no stack of its own beside that, and brings no room before what nests it."""
    files = {f"co/{nested}": template(New=of("new", 1, 1)), "co/t.json": template(Stack=nests(f"./{nested}"))}
    found, said = check(tmp_path, files, "co", runs())
    assert found == 0, said
    less = template(Embed=of("embed", 1, 0))
    files = {f"co/{nested}": less, "co/t.json": template(Stack=nests(nested), New=of("new", 1, 2))}
    found, said = check(tmp_path, files, "co", runs())
    assert (found, "ICP331" in said) == (3, True), said
    files["co/t.json"]["Resources"]["New"]["DependsOn"] = "Stack"
    found, said = check(tmp_path, files, "co", runs())
    assert found == 0, said


def test_stacks_that_nest_each_other_are_refused_in_any_order(tmp_path: Path) -> None:
    """Also where the first is found to be nested only after what it nests."""
    files = {
        "co/a.json": template(Stack=nests("c.json")),
        "co/b.json": template(Stack=nests("a.json"), New=of("new", 1, 1)),
        "co/c.json": template(Stack=nests("b.json")),
    }
    found, said = check(tmp_path, files, "co", runs())
    assert (found, "nests itself" in said) == (2, True), said


BETWEEN = {
    "there": ({}, 0),
    "under a condition that holds": ({"Condition": "C"}, 0),
    "under one that does not": ({"Condition": "N"}, 3),
    "under one that is not declared": ({"Condition": "Other"}, 3),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_nothing_waits_for_what_is_not_made(tmp_path: Path, name: str) -> None:
    more, code = BETWEEN[name]
    between = {"Type": "AWS::CloudFormation::WaitConditionHandle", "DependsOn": "Embed", **more}
    waits = of("new", 1, 2, DependsOn="Between")
    file = template(HOLDS, Embed=of("embed", 1, 0), Between=between, New=waits)
    found, said = check(tmp_path, {"t.json": file}, "t.json", runs())
    assert found == code, said


# --- scalable targets of another place ---------------------------------------------------------------------


def target(**more: Any) -> dict[str, Any]:
    told = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": DIMENSION,
        "MinCapacity": 0,
        "MaxCapacity": 4,
    }
    told |= {"ResourceId": "inference-component/embed", **more}
    return {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": told}


def assembly(folder: str, **stacks: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """An assembly of CDK whose stacks depend each on the one before it."""
    artifacts, files, before = {}, {}, list[str]()
    for name, (environment, content) in stacks.items():
        file = f"{name}.template.json"
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{environment}",
            "properties": {"templateFile": file},
            "dependencies": before,
        }
        files[f"{folder}/{file}"] = content
        before = [name]
    return {**files, f"{folder}/manifest.json": {"version": "38.0.1", "artifacts": artifacts}}


PLACES = {
    "here": (f"{ACCOUNT}/{HERE}", 0),
    "there": (f"{ACCOUNT}/{THERE}", 3),
    "other": (f"9{ACCOUNT[1:]}/{HERE}", 3),
}
LESS = template(Embed=of("embed", 1, 0), New=of("new", 1, 2, DependsOn="Embed"))
RAISED: dict[str, Any] = {
    "ScalableTargets": [{"ResourceId": "inference-component/embed", "MinCapacity": 1, "MaxCapacity": 4}]
}


@pytest.mark.parametrize("name", PLACES)
def test_a_scalable_target_of_another_place_lowers_no_minimum(tmp_path: Path, name: str) -> None:
    environment, code = PLACES[name]
    files = assembly("cdk.out", First=(environment, template(T=target())), Second=(f"{ACCOUNT}/{HERE}", LESS))
    found, said = check(tmp_path, files, "cdk.out", runs(**RAISED))
    assert found == code, said


def test_a_target_of_another_service_lowers_no_minimum(tmp_path: Path) -> None:
    for service, code in (("sagemaker", 0), ("ecs", 3)):
        file = {"Resources": {**LESS["Resources"], "T": target(ServiceNamespace=service)}}
        found, said = check(tmp_path, {"t.json": file}, "t.json", runs(**RAISED))
        assert found == code, said


# --- other endpoints ---------------------------------------------------------------------------------------

QUOTA: dict[str, Any] = {
    "Quotas": [{"QuotaName": f"{GPU4} for endpoint usage", "QuotaCode": "L-65C4BD00", "Value": 4.0}],
    "InstancesInUse": {GPU4: 2},
}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/endpoint"


def other(**variant: Any) -> dict[str, Any]:
    """Another endpoint, of one instance unless said otherwise."""
    told = {"VariantName": "A", "InstanceType": GPU4, "InitialInstanceCount": 1, "ModelName": "m", **variant}
    configuration = {"EndpointConfigName": "c", "ExecutionRoleArn": ROLE, "ProductionVariants": [told]}
    return {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": configuration},
        "Other": endpoint("c"),
    }


def endpoint(configuration: Any) -> dict[str, Any]:
    properties = {"EndpointName": "other", "EndpointConfigName": configuration}
    return {"Type": "AWS::SageMaker::Endpoint", "Properties": properties}


def of_variant(least: int, name: str = "endpoint/other/variant/A") -> dict[str, Any]:
    dimension = "sagemaker:variant:DesiredInstanceCount"
    return {"T": target(ResourceId=name, ScalableDimension=dimension, MinCapacity=least)}


STARTS = {
    "none": ({}, 0),
    "one": (other(), 0),
    "two": (other(InitialInstanceCount=2), 3),
    "one that autoscaling keeps": (other() | of_variant(1), 0),
    "one that autoscaling makes two": (other() | of_variant(2), 3),
    "of no instances": (other(InitialInstanceCount=None, InstanceType=None, ServerlessConfig={}), 0),
    "of a configuration of no file": ({"Other": endpoint("elsewhere")}, 3),
    "of one that is not known": ({"Other": endpoint({"Fn::ImportValue": "x"})}, 3),
    "of a type that is not known": (other(InstanceType={"Fn::ImportValue": "x"}), 3),
    "so many that are not known": (other(InitialInstanceCount={"Fn::ImportValue": "x"}), 3),
    "scaled in no file": (of_variant(1), 3),
    "scaled, whose name is not known": (of_variant(1, {"Fn::ImportValue": "x"}), 3),  # type: ignore[arg-type]
    "the one that runs is scaled": (of_variant(1, "endpoint/prod/variant/AllTraffic"), 0),
}


@pytest.mark.parametrize("name", STARTS)
def test_what_another_endpoint_may_start_counts_against_the_quota(tmp_path: Path, name: str) -> None:
    """Four instances may run, two do, and one more is needed here."""
    more, code = STARTS[name]
    variants = [one for part in more.values() for one in part["Properties"].get("ProductionVariants", ())]
    for variant in variants:
        for member in [member for member, value in variant.items() if value is None]:
            del variant[member]
    file = template(New=of("new", 2, 1), **more)
    found, said = check(tmp_path, {"t.json": file}, "t.json", runs(4, **QUOTA))
    assert (found, "ICP331" in said) == (code, code == 3), said


def test_what_is_not_known_to_be_started_does_not_matter_where_nothing_is(tmp_path: Path) -> None:
    file = template(New=of("new", 1, 1), Other=endpoint("elsewhere"))
    found, said = check(tmp_path, {"t.json": file}, "t.json", runs(4, **QUOTA))
    assert found == 0, said
