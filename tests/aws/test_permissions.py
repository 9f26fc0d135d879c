"""The page of permissions is the table, and the table is what reading calls."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

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
def test_what_is_called_is_what_the_table_allows(usage: bool) -> None:
    """No call that it lacks, and no action that no call needs."""
    variant = {"VariantName": "v", "InstanceType": "ml.new1.xlarge", "InitialInstanceCount": 2}
    component = {
        "InferenceComponentName": "a",
        "Specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}},
        "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
    }
    seed = {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {
            "ProductionVariants": [variant],
            "MetricsConfig": {"EnableEnhancedMetrics": True},
        },
        "InferenceComponents": [component],
        "InstanceTypes": [
            {
                "InstanceType": "new1.xlarge",
                "VCpuInfo": {"DefaultVCpus": 4},
                "MemoryInfo": {"SizeInMiB": 16384},
            }
        ],
    }
    called: set[str] = set()
    with FakeSageMaker(seed) as fake:
        session = _Session(fake.client(), called)
        read_snapshot("prod", session=session, include_usage=usage)
    needs = {Need.MUST, Need.SHOULD} | ({Need.USAGE} if usage else set())
    assert called == {one.action for one in PERMISSIONS if one.need in needs}


class _Session:
    region_name = "us-east-1"

    def __init__(self, sagemaker: Any, called: set[str]) -> None:
        self.sagemaker, self.called = sagemaker, called

    def client(self, service: Any, **_: object) -> Any:
        client = self.sagemaker if service == "sagemaker" else self._stubbed(service)
        prefix = PREFIXES[client.meta.service_model.service_id]
        client.meta.events.register(
            "before-parameter-build.*.*",
            lambda model, **_: self.called.add(f"{prefix}:{model.name}"),
        )
        return client

    def _stubbed(self, service: Any) -> Any:
        client = boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=self.sagemaker.meta.endpoint_url,
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",  # noqa: S106
        )
        stub = Stubber(client)
        answers: dict[str, list[tuple[str, dict[str, Any], dict[str, Any]]]] = {
            "application-autoscaling": [
                (
                    "describe_scalable_targets",
                    {"ScalableTargets": []},
                    {"ServiceNamespace": ANY, "ResourceIds": ANY},
                ),
                ("describe_scaling_activities", {"ScalingActivities": []}, {"ServiceNamespace": ANY}),
            ],
            "service-quotas": [
                (name, {"Quotas": []}, {"ServiceCode": ANY, "MaxResults": ANY})
                for name in ("list_service_quotas", "list_aws_default_service_quotas")
            ],
            "cloudwatch": [
                (
                    "get_metric_data",
                    {"MetricDataResults": []},
                    {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY},
                ),
                (
                    "list_metrics",
                    {"Metrics": []},
                    {"Namespace": ANY, "Dimensions": ANY, "RecentlyActive": "PT3H"},
                ),
            ],
            "ec2": [("describe_instance_types", {"InstanceTypes": []}, {"InstanceTypes": ["new1.xlarge"]})],
        }
        # Each part has a client of its own.
        wanted = answers[service]
        first = {
            "application-autoscaling": "application-autoscaling:DescribeScalableTargets",
            "cloudwatch": "cloudwatch:GetMetricData",
        }
        if service in first:
            wanted = [wanted[first[service] in self.called]]
        for operation, answer, asked in wanted:
            stub.add_response(operation, answer, asked)
        stub.activate()
        return client
