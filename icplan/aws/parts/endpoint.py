"""Read DescribeEndpoint and the DescribeEndpointConfig of the configuration that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.aws.client import AwsCallError, call
from icplan.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def _endpoint(client: Any, name: str) -> dict[str, Any]:
    try:
        endpoint = call(client, "DescribeEndpoint", EndpointName=name)
    except AwsCallError as error:
        if not error.missing:
            raise
        message = f"there is no endpoint {name} in {client.meta.region_name}"
        raise AwsError(error.operation, message) from error
    config = _config(client, name, endpoint)
    _refuse_own_model(name, config)
    return {"Endpoint": endpoint, "EndpointConfig": config}


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
        raise AwsError(operation, message) from error


def _refuse_own_model(name: str, config: Mapping[str, Any]) -> None:
    for variant in config["ProductionVariants"]:
        if "ModelName" in variant or "ServerlessConfig" in variant:
            why = "has a ModelName" if "ModelName" in variant else "is serverless"
            message = (
                f"the endpoint {name} cannot host inference components: its variant"
                f" {variant['VariantName']} {why}"
            )
            raise AwsError("DescribeEndpointConfig", message)
