"""A request, and the same as template, plan, manifest and change set: the same calls, the same verdict."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.declared_fleets import fleets, template

from icplan.inputs import formats, python_request
from icplan.inputs.calls import is_python
from icplan.inputs.deployment import Deployment, InputOptions
from icplan.inputs.source import parse_source
from icplan.judge.change_set import judge
from icplan.judge.deployment import judge_deployment
from icplan.judge.settings import Settings
from icplan.requests.call import Call
from icplan.snapshot.snapshot import Snapshot


def snake(value: Any, *, blocks: bool) -> Any:
    """As Terraform spells it; ``blocks`` as the aws provider does."""
    if isinstance(value, dict):
        told = {_snake(name): snake(child, blocks=blocks) for name, child in value.items()}
        return {k: [v] if blocks and isinstance(v, dict) else v for k, v in told.items()}
    return [snake(item, blocks=blocks) for item in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def camel(value: Any) -> Any:
    """As ACK spells it."""
    if isinstance(value, dict):
        return {_camel(name): camel(child) for name, child in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def _camel(name: str) -> str:
    spelled = {"NumberOfCpuCoresRequired": "numberOfCPUCoresRequired", "ExecutionRoleArn": "executionRoleARN"}
    return spelled.get(name, name[:1].lower() + name[1:])


def plan(fleet: dict[str, Any], provider: str) -> bytes:
    aws = provider == "aws"
    parts = [
        (
            "endpoint_configuration" if aws else "endpoint_config",
            "EndpointConfigName",
            fleet["Configuration"],
        ),
        ("endpoint", "EndpointName", {"EndpointName": "shore", "EndpointConfigName": "shore-config"}),
        *(("inference_component", "InferenceComponentName", one) for one in fleet["Components"]),
    ]
    changes = []
    for number, (kind, named, members) in enumerate(parts):
        after = snake(members, blocks=aws)
        if aws:
            after["name"] = after.pop(_snake(named))
        change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {"arn": True}}
        kept = f"{provider}_sagemaker_{kind}"
        changes.append({"address": f"{kept}.r{number}", "mode": "managed", "type": kept, "change": change})
    return json.dumps({"format_version": "1.2", "resource_changes": changes}).encode()


def manifests(fleet: dict[str, Any]) -> bytes:
    endpoint = {"EndpointName": "shore", "EndpointConfigName": "shore-config"}
    objects = [("EndpointConfig", fleet["Configuration"]), ("Endpoint", endpoint)]
    objects += [("InferenceComponent", one) for one in fleet["Components"]]
    items = [
        {"apiVersion": "sagemaker.services.k8s.aws/v1alpha1", "kind": kind, "spec": camel(spec)}
        for kind, spec in objects
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()


def change_set(fleet: dict[str, Any]) -> bytes:
    endpoint = {"EndpointName": "shore", "EndpointConfigName": "shore-config"}
    parts = [("EndpointConfig", fleet["Configuration"]), ("Endpoint", endpoint)]
    parts += [("InferenceComponent", one) for one in fleet["Components"]]
    changes = [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": "Add",
                "LogicalResourceId": f"R{number}",
                "ResourceType": f"AWS::SageMaker::{kind}",
                "AfterContext": json.dumps({"Properties": properties}),
            },
        }
        for number, (kind, properties) in enumerate(parts)
    ]
    return json.dumps({"ChangeSetName": "c", "Changes": changes}).encode()


def deployment(data: bytes) -> Deployment:
    return formats.read([parse_source(data, "file.json")], InputOptions())


@settings(max_examples=60, deadline=None)
@given(fleets())
def test_every_format_gives_the_same_calls(fleet: dict[str, Any]) -> None:
    files = [template(fleet), plan(fleet, "aws"), plan(fleet, "awscc"), manifests(fleet), change_set(fleet)]
    for data in files:
        (endpoint,) = deployment(data).endpoints
        assert [call.request for call in endpoint.calls] == fleet["Components"]
        assert {call.operation for call in endpoint.calls} == {"CreateInferenceComponent"}
        assert endpoint.configuration is not None
        assert endpoint.configuration.request == fleet["Configuration"]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(fleets())
def test_every_format_gives_the_same_verdict_as_the_requests(fleet: dict[str, Any]) -> None:
    (endpoint,) = deployment(template(fleet)).endpoints
    asked = [Call("CreateInferenceComponent", one) for one in fleet["Components"]]
    wanted = judge(asked, Snapshot.from_dict(endpoint.declared or {}), Settings())
    for data in (template(fleet), plan(fleet, "aws"), manifests(fleet)):
        (judged,) = judge_deployment(deployment(data), None, Settings())
        assert [one.outcome for one in judged.verdict.changes] == [one.outcome for one in wanted.changes]
        assert [one.peak_instances for one in judged.verdict.changes] == [
            one.peak_instances for one in wanted.changes
        ]


@settings(max_examples=60, deadline=None)
@given(fleets(), st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_matter(fleet: dict[str, Any], random: Any) -> None:
    """But that components which do not depend on one another are made as they are listed."""
    value = json.loads(template(fleet))
    resources = list(value["Resources"].items())
    for (name, one), (before, _) in zip(resources[3:], resources[2:], strict=False):
        assert name != before
        one["DependsOn"] = before
    random.shuffle(resources)
    shuffled = json.dumps({"Resources": dict(resources)}).encode()
    (endpoint,) = deployment(shuffled).endpoints
    assert [call.request for call in endpoint.calls] == fleet["Components"]
    assert endpoint.configuration is not None
    assert endpoint.configuration.request == fleet["Configuration"]


@settings(max_examples=60, deadline=None)
@given(fleets())
def test_python_spells_the_same_requests(fleet: dict[str, Any]) -> None:
    spelled = [snake(one, blocks=False) for one in fleet["Components"]]
    assert is_python(spelled)
    assert python_request.to_boto3(spelled)[0] == fleet["Components"]
