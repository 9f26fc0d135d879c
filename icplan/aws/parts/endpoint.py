"""Read DescribeEndpoint, and the DescribeEndpointConfig of the configuration that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.aws.call_error import AwsCallError
from icplan.aws.client import call, call_with_headers
from icplan.aws.dropped_members import watch
from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class NoComponentsError(AwsError):
    """The endpoint is there, and is of another kind: it cannot host inference components."""


def describe_endpoint(client: Any, name: str) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """What DescribeEndpoint answers, and the headers of its answer. Raises AwsError."""
    watch(client)
    try:
        return call_with_headers(client, "DescribeEndpoint", EndpointName=name)
    except AwsCallError as error:
        if not error.missing:
            raise
        message = f"there is no endpoint {name} in {client.meta.region_name}"
        raise AwsCallError(error.operation, message, missing=True) from None


def configuration(client: Any, endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """What DescribeEndpointConfig answers for the configuration that an endpoint runs.

    ``endpoint`` is what DescribeEndpoint answers. Raises AwsError, also where it can host no components.
    """
    name = endpoint["EndpointName"]
    config = _config(client, name, endpoint)
    _refuse_own_model(name, config)
    return config


def described_configuration(client: Any, name: str) -> dict[str, Any]:
    """A configuration that is described, as the request that would make it. Raises AwsError."""
    answer = call(client, "DescribeEndpointConfig", EndpointConfigName=name)
    asked = client.meta.service_model.operation_model("CreateEndpointConfig").input_shape
    return {member: value for member, value in answer.items() if member in asked.members}


def _config(client: Any, name: str, endpoint: Mapping[str, Any]) -> dict[str, Any]:
    operation, config_name = "DescribeEndpointConfig", endpoint.get("EndpointConfigName")
    if not config_name:
        status = endpoint.get("EndpointStatus", "unknown")
        raise AwsError(operation, f"the endpoint {name} has no endpoint configuration (its status: {status})")
    try:
        return call(client, operation, EndpointConfigName=config_name)
    except AwsCallError as error:
        if not error.missing:
            raise
        message = (
            f"the endpoint configuration {config_name} of {name} has been deleted, and only it tells the"
            " instance types: update the endpoint to a configuration that exists"
        )
        raise AwsError(operation, message) from None


def _refuse_own_model(name: str, config: Mapping[str, Any]) -> None:
    for variant in config["ProductionVariants"]:
        if "ModelName" in variant or "ServerlessConfig" in variant:
            why = "has a ModelName" if "ModelName" in variant else "is serverless"
            message = (
                f"the endpoint {name} cannot host inference components: its variant"
                f" {variant['VariantName']} {why}"
            )
            raise NoComponentsError("DescribeEndpointConfig", message)
