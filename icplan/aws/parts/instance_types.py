"""Read from EC2 what the catalog lacks: the instance types of the endpoint that it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.aws.client import paginate
from icplan.aws.parts.quotas import instance_types

if TYPE_CHECKING:
    from collections.abc import Container, Mapping


def unknown_types(config: Mapping[str, Any], known: Container[str]) -> list[str]:
    """The instance types of an endpoint configuration that are not known."""
    variants = config["ProductionVariants"]
    return sorted({kind for variant in variants for kind in instance_types(variant) if kind not in known})


def described_types(client: Any, names: list[str]) -> list[dict[str, Any]]:
    """What EC2 says of SageMaker's types (``ml.g5.xlarge`` is its ``g5.xlarge``). Raises AwsError."""
    wanted = [name.removeprefix("ml.") for name in names]
    return paginate(client, "DescribeInstanceTypes", "InstanceTypes", InstanceTypes=wanted)
