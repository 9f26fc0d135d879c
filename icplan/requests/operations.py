"""The requests that change inference components and endpoints, and which belongs to which operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from icplan.requests.common import COMPONENT_NAME, ENDPOINT_NAME, TAGS, Tag
from icplan.requests.component import DeploymentConfig, RuntimeConfig, Specification
from icplan.requests.fields import ListOf, Shape, Struct, member
from icplan.values import frozen

if TYPE_CHECKING:
    from icplan.requests.endpoint import CreateEndpoint, UpdateEndpoint, UpdateEndpointWeightsAndCapacities
    from icplan.requests.endpoint_config import CreateEndpointConfig


@frozen(kw_only=True)
class UpdateInferenceComponent(Shape):
    """A request of update_inference_component. What is left out keeps its value."""

    inference_component_name: str = member("InferenceComponentName", COMPONENT_NAME, required=True)
    specification: Specification | None = member("Specification", Struct(Specification))
    specifications: tuple[Specification, ...] | None = member(
        "Specifications", ListOf(item=Struct(Specification), min_size=1, max_size=5)
    )
    runtime_config: RuntimeConfig | None = member("RuntimeConfig", Struct(RuntimeConfig))
    deployment_config: DeploymentConfig | None = member("DeploymentConfig", Struct(DeploymentConfig))


@frozen(kw_only=True)
class CreateInferenceComponent(Shape):
    """A request of create_inference_component."""

    inference_component_name: str = member("InferenceComponentName", COMPONENT_NAME, required=True)
    endpoint_name: str = member("EndpointName", ENDPOINT_NAME, required=True)
    variant_name: str | None = member("VariantName", ENDPOINT_NAME)
    specification: Specification | None = member("Specification", Struct(Specification))
    specifications: tuple[Specification, ...] | None = member(
        "Specifications", ListOf(item=Struct(Specification), min_size=1, max_size=5)
    )
    runtime_config: RuntimeConfig | None = member("RuntimeConfig", Struct(RuntimeConfig))
    tags: tuple[Tag, ...] | None = member("Tags", TAGS)


@frozen(kw_only=True)
class UpdateInferenceComponentRuntimeConfig(Shape):
    """A request of update_inference_component_runtime_config: changes the number of copies only."""

    inference_component_name: str = member("InferenceComponentName", COMPONENT_NAME, required=True)
    desired_runtime_config: RuntimeConfig = member(
        "DesiredRuntimeConfig", Struct(RuntimeConfig), required=True
    )


@frozen(kw_only=True)
class DeleteInferenceComponent(Shape):
    """A request of delete_inference_component."""

    inference_component_name: str = member("InferenceComponentName", COMPONENT_NAME, required=True)


ComponentRequest: TypeAlias = (
    UpdateInferenceComponent
    | CreateInferenceComponent
    | UpdateInferenceComponentRuntimeConfig
    | DeleteInferenceComponent
)
EndpointRequest: TypeAlias = (
    "CreateEndpointConfig | CreateEndpoint | UpdateEndpoint | UpdateEndpointWeightsAndCapacities"
)
Request: TypeAlias = "ComponentRequest | EndpointRequest"

_COMPONENT_REQUESTS: dict[str, type[ComponentRequest]] = {
    "UpdateInferenceComponent": UpdateInferenceComponent,
    "CreateInferenceComponent": CreateInferenceComponent,
    "UpdateInferenceComponentRuntimeConfig": UpdateInferenceComponentRuntimeConfig,
    "DeleteInferenceComponent": DeleteInferenceComponent,
}

ENDPOINT_OPERATIONS = (
    "CreateEndpointConfig",
    "CreateEndpoint",
    "UpdateEndpoint",
    "UpdateEndpointWeightsAndCapacities",
)
"""The operations that make a fleet, or change it."""
OPERATIONS = (*_COMPONENT_REQUESTS, *ENDPOINT_OPERATIONS)
"""The operations icplan judges, by AWS's names."""


def request_type(operation: str) -> type[Request]:
    """Return the shape of an operation's request. KeyError for an operation not in ``OPERATIONS``."""
    if operation == "CreateEndpointConfig":
        from icplan.requests.endpoint_config import CreateEndpointConfig  # noqa: PLC0415  (see there)

        return CreateEndpointConfig
    if operation in ENDPOINT_OPERATIONS:
        from icplan.requests import endpoint  # noqa: PLC0415  (see there)

        shape: type[EndpointRequest] = getattr(endpoint, operation)
        return shape
    return _COMPONENT_REQUESTS[operation]
