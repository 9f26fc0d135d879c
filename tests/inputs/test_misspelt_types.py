"""A type that is spelt wrong would go unjudged: it is refused, and what it may be meant for is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import icplan

if TYPE_CHECKING:
    from pathlib import Path

REAL = (
    *("Domain", "InferenceExperiment", "Model", "Project", "ModelPackage", "NotebookInstance"),
    *("Image", "Pipeline", "Device", "FeatureGroup"),
)


def template(kind: str) -> dict[str, Any]:
    variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    return {
        "Resources": {
            "Cfg": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {
                    "EndpointConfigName": "c",
                    "ExecutionRoleArn": "arn:aws:iam::111122223333:role/r",
                    "ProductionVariants": [variant],
                },
            },
            "Ep": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {"EndpointName": "e", "EndpointConfigName": "c"},
            },
            "Chat": {
                "Type": "AWS::SageMaker::InferenceComponent",
                "Properties": {
                    "InferenceComponentName": "chat",
                    "EndpointName": "e",
                    "VariantName": "v",
                    "Specification": {
                        "ModelName": "m",
                        "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
                    },
                    "RuntimeConfig": {"CopyCount": 1},
                },
            },
            "Other": {"Type": kind, "Properties": {}},
        }
    }


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("AWS::Sagemaker::InferenceComponent", "AWS::SageMaker::InferenceComponent"),
        ("AWS::SageMaker::InferenceComponents", "AWS::SageMaker::InferenceComponent"),
        ("SageMaker::InferenceComponent", "AWS::SageMaker::InferenceComponent"),
        ("AWS::SageMaker::EndpointConfiguration", "AWS::SageMaker::EndpointConfig"),
        ("AWS::SageMaker::Endpoints", "AWS::SageMaker::Endpoint"),
    ],
)
def test_it_is_refused(tmp_path: Path, kind: str, meant: str) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template(kind)))
    with pytest.raises(icplan.InputError, match=f"{kind} is no type of resource. Did you mean {meant}"):
        icplan.check(str(file))


@pytest.mark.parametrize("name", REAL)
def test_what_there_is_passes(tmp_path: Path, name: str) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template(f"AWS::SageMaker::{name}")))
    assert icplan.check(str(file)).outcome.fits
