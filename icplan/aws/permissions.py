"""The permissions that reading takes: what must be allowed, should be, and what `--usage` and prices need."""

from __future__ import annotations

import enum
from typing import Any, Final

import attrs


class Need(enum.Enum):
    """How much depends on a permission."""

    MUST = "without it an endpoint cannot be read"
    SHOULD = "without it a part of the snapshot is left out and named"
    USAGE = "for `--usage`: what all endpoints of the account and Region use of the quotas"
    PRICES = "for `icplan prices`: AWS's price list, which no endpoint is read for"


@attrs.frozen
class Permission:
    """One IAM action; ``per_resource`` where it can be limited to the ARNs of endpoint and components."""

    action: str
    need: Need
    per_resource: bool = False


PERMISSIONS: Final = (
    Permission("sagemaker:DescribeEndpoint", Need.MUST, per_resource=True),
    Permission("sagemaker:DescribeEndpointConfig", Need.MUST, per_resource=True),
    Permission("sagemaker:DescribeInferenceComponent", Need.MUST, per_resource=True),
    Permission("sagemaker:ListInferenceComponents", Need.MUST),
    Permission("application-autoscaling:DescribeScalableTargets", Need.SHOULD),
    Permission("application-autoscaling:DescribeScalingActivities", Need.SHOULD),
    Permission("servicequotas:ListServiceQuotas", Need.SHOULD),
    Permission("servicequotas:ListAWSDefaultServiceQuotas", Need.SHOULD),
    Permission("ec2:DescribeInstanceTypes", Need.SHOULD),
    Permission("cloudwatch:GetMetricData", Need.SHOULD),
    Permission("sagemaker:ListEndpoints", Need.USAGE),
    Permission("sagemaker:DescribeEndpoint", Need.USAGE),
    Permission("sagemaker:DescribeEndpointConfig", Need.USAGE),
    Permission("pricing:GetProducts", Need.PRICES),
)

_RESOURCES: Final = {
    "sagemaker:DescribeEndpoint": "endpoint/{endpoint}",
    "sagemaker:DescribeEndpointConfig": "endpoint-config/*",
    "sagemaker:DescribeInferenceComponent": "inference-component/*",
}


def policy(need: Need, *, endpoint: str = "*", owner: str = "*:*", partition: str = "aws") -> dict[str, Any]:
    """An IAM policy that allows what is needed and nothing else; ``owner`` is ``REGION:ACCOUNT``.

    Usage is read of every endpoint, whatever ``endpoint`` says.
    """
    statements = []
    for one in (found for found in PERMISSIONS if found.need is need):
        resource = "*"
        if one.per_resource:
            path = _RESOURCES[one.action].format(endpoint=endpoint)
            resource = f"arn:{partition}:sagemaker:{owner}:{path}"
        statements.append({"Effect": "Allow", "Action": one.action, "Resource": resource})
    return {"Version": "2012-10-17", "Statement": statements}
