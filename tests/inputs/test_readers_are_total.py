"""Whatever stands in a file, a reader gives a deployment or an InputError, in bounded time."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import mutated

from icplan.documents.yaml_text import Tagged
from icplan.errors import InputError
from icplan.inputs import (
    ack,
    cloudformation,
    cloudformation_change_set,
    formats,
    python_request,
    terraform_plan,
)
from icplan.inputs.assemble import assemble
from icplan.inputs.calls import is_python
from icplan.inputs.deployment import InputOptions
from icplan.inputs.formats import Format
from icplan.inputs.source import Source, parse_source
from icplan.inputs.terraform_source import scan

CASES = Path(__file__).parents[1] / "cases" / "iac"
TEMPLATE = json.loads((CASES / "06-cdk-synth/cdk.out/OtterStack.template.json").read_text())
PLAN = json.loads((CASES / "10-tf-module-for-each/plan.json").read_text())
MANIFESTS = parse_source((CASES / "12-ack-new-endpoint/manifests.yaml").read_bytes(), "m.yaml").documents
RICH: dict[str, Any] = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]},
        "N": {"Type": "Number"},
    },
    "Mappings": {"M": {"a": {"b": 2}}},
    "Conditions": {
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Yes": {"Fn::Or": [{"Fn::Equals": [{"Ref": "Stage"}, "a"]}, {"Fn::Equals": [{"Ref": "N"}, 1]}]},
    },
    "Resources": {
        "Loop": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": {"Fn::GetAtt": ["Loop", "EndpointName"]},
                "EndpointConfigName": {"Fn::GetAtt": ["Fleet", "EndpointConfigName"]},
            },
        },
        "Fleet": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ProductionVariants": [
                    {
                        "VariantName": {"Fn::Sub": "${Stage}-v"},
                        "InstanceType": "ml.g5.xlarge",
                        "InitialInstanceCount": {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "b"]},
                    }
                ]
            },
        },
        "One": {
            "Type": "AWS::SageMaker::InferenceComponent",
            "Condition": "Yes",
            "DependsOn": ["Loop"],
            "Properties": {
                "EndpointName": {"Fn::GetAtt": "Loop.EndpointName"},
                "VariantName": {"Fn::Sub": "${Stage}-v"},
                "Specification": {
                    "ModelName": {"Fn::If": ["No", "x", {"Ref": "AWS::NoValue"}]},
                    "ComputeResourceRequirements": {
                        "NumberOfAcceleratorDevicesRequired": "1",
                        "MinMemoryRequiredInMb": {"Fn::Join": ["", ["10", "24"]]},
                    },
                },
                "RuntimeConfig": {"CopyCount": {"Fn::Select": ["1", ["0", "2"]]}},
            },
        },
    },
    "Outputs": {"O": {"Value": {"Ref": "Loop"}, "Export": {"Name": {"Fn::Sub": "${Stage}-o"}}}},
}
CHANGE_SET = {
    "ChangeSetName": "c",
    "Changes": [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": "Modify",
                "LogicalResourceId": "One",
                "ResourceType": "AWS::SageMaker::InferenceComponent",
                "Replacement": "False",
                "BeforeContext": json.dumps({"Properties": RICH["Resources"]["One"]["Properties"]}),
                "AfterContext": json.dumps({"Properties": RICH["Resources"]["One"]["Properties"]}),
            },
        }
    ],
}
SNAPSHOT = {
    "Endpoint": {"EndpointName": "gannet"},
    "InferenceComponents": [{"InferenceComponentName": "gannet-chat"}],
}

FORMAT = {one.name: one for one in formats.FORMATS}


def read(name: str, *documents: Any, snapshot: dict[str, Any] | None = None) -> None:
    text = json.dumps(documents[0]) if len(documents) == 1 else "[]"
    source = Source("file.json", documents, text)
    one: Format = FORMAT[name]
    if not one.recognises(source):
        return
    options = InputOptions(snapshot=snapshot)
    try:
        deployment = assemble([one.name], one.declare([source], options), options)
    except InputError:
        return
    for endpoint in deployment.endpoints:
        for call in endpoint.calls:
            json.dumps(call.request)
            call.place("$.RuntimeConfig.CopyCount")


@settings(max_examples=150)
@given(st.sampled_from([TEMPLATE, RICH]).flatmap(mutated))
def test_templates(document: Any) -> None:
    read("CloudFormation template", document)


@settings(max_examples=100)
@given(mutated(PLAN), st.sampled_from([None, SNAPSHOT]))
def test_plans(document: Any, snapshot: dict[str, Any] | None) -> None:
    read("Terraform plan", document, snapshot=snapshot)


@settings(max_examples=100)
@given(mutated(list(MANIFESTS)))
def test_manifests(documents: list[Any]) -> None:
    read("ACK manifest", *documents)


@settings(max_examples=100)
@given(mutated(CHANGE_SET), st.sampled_from([None, SNAPSHOT]))
def test_change_sets(document: Any, snapshot: dict[str, Any] | None) -> None:
    read("CloudFormation change set", document, snapshot=snapshot)


@settings(max_examples=100)
@given(
    mutated(
        {
            "inference_component_name": "a",
            "endpoint_name": "e",
            "runtime_config": {"copy_count": 1},
            "resources": {"requests": {"num_accelerators": 1, "memory": 2}, "limits": {"memory": 3}},
        }
    )
)
def test_python_requests(document: Any) -> None:
    if is_python(document):
        try:
            request, origins = python_request.to_boto3(document)
        except InputError:
            return
        assert () in origins
        json.dumps(request)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::GetAtt", "Fn::If", "Fn::Sub", "Fn::Join", "Fn::Select", "Type", "A"]
            ),
            inner,
            max_size=3,
        )
        | st.builds(Tagged, st.sampled_from(["!Ref", "!GetAtt", "!Sub", "!If", "!Odd"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(
    st.dictionaries(st.sampled_from(["Properties", "Type", "Condition", "DependsOn", "Odd"]), VALUES), VALUES
)
def test_arbitrary_resources(resource: dict[str, Any], conditions: Any) -> None:
    template = {
        "Resources": {"A": {**resource, "Type": "AWS::SageMaker::InferenceComponent"}, "Ref": resource},
        "Conditions": {"A": conditions},
        "Outputs": {"A": conditions},
        "Mappings": conditions,
        "Parameters": {"Fn::Sub": conditions},
    }
    source = Source("t.yaml", (template,), "", {})
    options = InputOptions()
    with contextlib.suppress(InputError):
        assemble(["CloudFormation"], cloudformation.declare([source], options), options)


@settings(max_examples=150)
@given(st.text(alphabet='resourcemodule "{}[]=#/*<E\n\\x', max_size=120))
def test_any_text_is_scanned_for_lines(text: str) -> None:
    lines = max(1, len(text.splitlines()))
    assert all(1 <= line <= lines for _, _, line in scan(text))


def chained(length: int, twice: bool) -> dict[str, Any]:
    """Endpoints each of which is named after the next, once or twice."""
    resources = {}
    for number in range(length):
        named = f"${{R{number + 1}.EndpointName}}" * (2 if twice else 1)
        resources[f"R{number}"] = {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointName": {"Fn::Sub": named}},
        }
    return {"Resources": resources}


@pytest.mark.parametrize("twice", [False, True])
def test_references_do_not_multiply_without_end(twice: bool) -> None:
    started = time.process_time()
    read("CloudFormation template", chained(2_000, twice))
    assert time.process_time() - started < 5


def test_a_deep_template_is_no_crash() -> None:
    value: Any = "x"
    for _ in range(60):
        value = {"Fn::Join": ["", [value, value]]} if _ < 12 else {"Fn::If": ["C", value, "y"]}
    template = {
        "Resources": {
            "A": {"Type": "AWS::SageMaker::InferenceComponent", "Properties": {"EndpointName": value}}
        }
    }
    read("CloudFormation template", template)


def test_every_format_is_in_the_table() -> None:
    modules = {one.declare.__module__ for one in formats.FORMATS}
    assert modules == {
        one.__name__ for one in (ack, cloudformation_change_set, cloudformation, terraform_plan)
    }
    assert attrs.fields(Format)
