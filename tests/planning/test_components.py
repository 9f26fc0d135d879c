"""What a plan is made for, as files and values tell it; every fault has its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import icplan
from icplan.inputs.deployment import InputOptions
from icplan.planning.components import components_in, read_components
from icplan.planning.settings import quotas_of

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = {
    "InferenceComponentName": "a",
    "EndpointName": "prod",
    "VariantName": "AllTraffic",
    "Specification": {"ModelName": "v1", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
    "RuntimeConfig": {"CopyCount": 2},
}
TEMPLATE = """
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: config
      ExecutionRoleArn: arn:aws:iam::111122223333:role/r
      ProductionVariants:
        - {VariantName: AllTraffic, InstanceType: ml.g5.xlarge, InitialInstanceCount: 1}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: prod, EndpointConfigName: !GetAtt Config.EndpointConfigName}
  Chat:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: chat
      EndpointName: !GetAtt Endpoint.EndpointName
      VariantName: AllTraffic
      Specification:
        ModelName: v1
        ComputeResourceRequirements: {MinMemoryRequiredInMb: 1024, NumberOfAcceleratorDevicesRequired: 1}
      RuntimeConfig: {CopyCount: 3}
      DeploymentConfig:
        RollingUpdatePolicy:
          MaximumBatchSize: {Type: COPY_COUNT, Value: 1}
          WaitIntervalInSeconds: 60
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MaxCapacity: 7
      MinCapacity: 1
      ResourceId: inference-component/chat
      ScalableDimension: sagemaker:inference-component:DesiredCopyCount
      ServiceNamespace: sagemaker
"""


def written(folder: Path, name: str, value: Any) -> str:
    """A file that holds this."""
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=1))
    return str(path)


def test_a_request_stands_alone_or_with_its_copies_and_updates(tmp_path: Path) -> None:
    """At rest run what the request asks for, at least the least; more only where that is told."""
    policy = {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50}, "WaitIntervalInSeconds": 0}
    told = {
        "Request": {**REQUEST, "InferenceComponentName": "b"},
        "Copies": {"Min": 4, "Max": 9},
        "DeploymentConfig": {"RollingUpdatePolicy": policy},
    }
    files = written(tmp_path, "a.json", REQUEST), written(tmp_path, "b.yaml", told)
    alone, beside = read_components(files, InputOptions()).components
    assert (alone.copies, alone.most, alone.batch) == (2, 2, None)
    assert (beside.copies, beside.most) == (4, 9)
    assert beside.batch is not None
    assert (beside.batch.type, beside.batch.value) == ("CAPACITY_PERCENT", 50)
    assert components_in([REQUEST, told]).components[1].most == 9


def test_an_envelope_and_a_list_are_taken_too(tmp_path: Path) -> None:
    """As a change of `icplan check` may be."""
    several = [{"Operation": "CreateInferenceComponent", "Request": REQUEST}]
    found = read_components([written(tmp_path, "set.json", several)], InputOptions())
    assert [one.name for one in found.components] == ["a"]


def test_a_template_tells_updates_and_scalable_targets(tmp_path: Path) -> None:
    """The components of the endpoint that it declares."""
    (found,) = read_components([written(tmp_path, "t.yaml", TEMPLATE)], InputOptions()).components
    assert (found.name, found.copies, found.most) == ("chat", 3, 7)
    assert found.batch is not None
    assert found.batch.value == 1


def wrong(change: dict[str, Any], **beside: Any) -> dict[str, Any]:
    """A component with one fault."""
    return {"Request": {**REQUEST, **change}, **beside}


@pytest.mark.parametrize(
    ("value", "path", "said"),
    [
        (
            {"InferenceComponentName": "a", "DesiredRuntimeConfig": {"CopyCount": 1}},
            "$",
            "creates no component",
        ),
        (wrong({}, Copy={"Max": 3}), "$.Copy", "is no member of a component"),
        (wrong({}, Copies={"Most": 3}), "$.Copies", "must have Min and Max"),
        (wrong({}, Copies={"Max": "3"}), "$.Copies.Max", "must be a whole number of copies"),
        (wrong({}, Copies={"Max": 1}), "$.Copies", "at most 1 copies may run, but 2 do"),
        (wrong({}, DeploymentConfig={}), "$.DeploymentConfig", "RollingUpdatePolicy"),
        (wrong({"EndpointName": "a b"}), "$.Request.EndpointName", "EndpointName"),
        (wrong({"Specification": {"ModelName": "v1"}}), "$.Request.Specification", "ComputeResource"),
        (wrong({"RuntimeConfig": {"CopyCount": -1}}), "$.Request.RuntimeConfig.CopyCount", "CopyCount"),
        ([REQUEST, REQUEST], "$[0]", "a is asked for 2 times"),
        (
            [REQUEST, {**REQUEST, "InferenceComponentName": "b", "EndpointName": "other"}],
            "$[1]",
            "is for endpoint other, others are for prod",
        ),
        ({"IcplanSnapshot": 1}, "$", "snapshot"),
        (
            wrong({"RuntimeConfig": {"CopyCount": 500_001}}),
            "$.Request.RuntimeConfig.CopyCount",
            "up to 500000 copies",
        ),
        (wrong({}, Copies={"Max": 500_001}), "$.Copies.Max", "up to 500000 copies"),
        (wrong({}, Copies={"Min": 500_001, "Max": 500_001}), "$.Copies.Max", "up to 500000 copies"),
        (
            [
                {"EndpointConfigName": "c", "ProductionVariants": [{"AcceleratorPartitionLayouts": 5}]},
                REQUEST,
            ],
            "$[0].ProductionVariants[0].AcceleratorPartitionLayouts",
            "must be a list",
        ),
    ],
)
def test_every_fault_has_file_and_path(tmp_path: Path, value: Any, path: str, said: str) -> None:
    """So that it can be found."""
    file = written(tmp_path, "c.json", value)
    with pytest.raises(icplan.InputError) as error:
        read_components([file], InputOptions())
    (problem, *_) = error.value.problems
    assert (problem.file, problem.path) == (file, path)
    assert said in str(problem)


def test_all_files_that_are_wrong_are_named(tmp_path: Path) -> None:
    """Not the first alone."""
    files = [written(tmp_path, name, wrong({}, Copy=1)) for name in ("a.json", "b.json")]
    with pytest.raises(icplan.InputError) as error:
        read_components(files, InputOptions())
    assert [one.file for one in error.value.problems] == files


def test_quotas_are_given_one_by_one_or_in_a_file(tmp_path: Path) -> None:
    """Also as Service Quotas answers."""
    plain = written(tmp_path, "plain.json", {"ml.g5.xlarge": 8})
    answer = {"Quotas": [{"QuotaName": "ml.g6.xlarge for endpoint usage", "Value": 4.0}, {"QuotaName": "x"}]}
    answered = written(tmp_path, "answer.json", answer)
    found = quotas_of(["ml.g5.2xlarge=3", plain, answered])
    assert found == {"ml.g5.2xlarge": 3, "ml.g5.xlarge": 8, "ml.g6.xlarge": 4}
    with pytest.raises(icplan.InputError, match="cannot read the quota"):
        quotas_of(["ml.g5.2xlarge=many"])
    with pytest.raises(icplan.InputError, match="is no file of quotas"):
        quotas_of([written(tmp_path, "none.json", {"ml.g5.xlarge": "8"})])


def test_a_folder_is_taken_as_the_command_takes_it(tmp_path: Path) -> None:
    """With all files in it that hold components."""
    inner = tmp_path / "inner"
    inner.mkdir()
    written(tmp_path, "a.json", REQUEST)
    written(inner, "b.json", {**REQUEST, "InferenceComponentName": "b"})
    found = icplan.plan(tmp_path, by="instances", types=["ml.g5.12xlarge"], hold=["rest"])
    assert sorted(one.name for one in found.components) == ["a", "b"]
