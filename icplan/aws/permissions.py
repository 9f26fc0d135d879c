"""The permissions that reading takes: what must be allowed, should be, and what `--usage` and prices need."""

from __future__ import annotations

import enum
from typing import Any, Final

import attrs
from botocore.exceptions import UnknownRegionError


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
    Permission("cloudwatch:ListMetrics", Need.SHOULD),
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


def partition_of(region: str | None) -> str:
    """The partition of AWS that a Region is in; the commercial one where none is named."""
    from botocore.session import Session  # noqa: PLC0415  (policies of no Region need it not)

    if region is None:
        return "aws"
    try:
        return str(Session().get_partition_for_region(region))
    except UnknownRegionError:
        return "aws"


def policy_for(endpoint: str, region: str | None, account: str | None, *, partition: str) -> dict[str, Any]:
    """One IAM policy for all that is read of an endpoint; each statement's Sid says what it is for."""
    owner = f"{region or '*'}:{account or '*'}"
    statements = [
        {"Sid": f"{need.name.capitalize()}{number}", **statement}
        for need in (Need.MUST, Need.SHOULD, Need.USAGE)
        for number, statement in enumerate(
            policy(need, endpoint=endpoint, owner=owner, partition=partition)["Statement"], start=1
        )
    ]
    return {"Version": "2012-10-17", "Statement": statements}
