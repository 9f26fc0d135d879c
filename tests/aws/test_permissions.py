"""The page of permissions is the table, and the table is what reading calls."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from icplan.aws.permissions import PERMISSIONS, Need, policy
from icplan.aws.read import read_snapshot
from icplan.testing.fake.client import FakeSageMaker

PAGE = Path(__file__).parents[2] / "docs" / "iam.md"
OWNER, ENDPOINT = "us-east-1:111122223333", "prod-llm"
PREFIXES = {
    "SageMaker": "sagemaker",
    "Service Quotas": "servicequotas",
    "Application Auto Scaling": "application-autoscaling",
    "EC2": "ec2",
    "CloudWatch": "cloudwatch",
}


def test_the_page_shows_the_policies_of_the_table() -> None:
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)]
    assert shown == [policy(need, endpoint=ENDPOINT, owner=OWNER) for need in Need]


@pytest.mark.parametrize("usage", [False, True])
def test_what_is_called_is_what_the_table_allows(usage: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No call that it lacks, and no action that no call needs."""
    # EC2 is asked for what the catalog lacks; the local SageMaker knows the types of the catalog alone.
    monkeypatch.setattr("icplan.aws.read.builtin_types", dict)
    called: set[str] = set()

    def note(model: Any, **_: object) -> None:
        called.add(f"{PREFIXES[model.service_model.service_id]}:{model.name}")

    with FakeSageMaker(seed()) as fake:
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        session = boto3.Session()
        session.events.register("before-parameter-build.*.*", note)
        read_snapshot("prod", session=session, include_usage=usage)
    needs = {Need.MUST, Need.SHOULD} | ({Need.USAGE} if usage else set())
    assert called == {one.action for one in PERMISSIONS if one.need in needs}


def seed() -> dict[str, Any]:
    """An endpoint that every call is made for."""
    component = {
        "InferenceComponentName": "a",
        "Specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}},
        "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
    }
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {
            "ProductionVariants": [
                {"VariantName": "v", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 2}
            ],
            "MetricsConfig": {"EnableEnhancedMetrics": True},
        },
        "InferenceComponents": [component],
    }
