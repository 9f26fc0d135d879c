"""The requests themselves."""

# ruff: noqa: RUF009  (member() declares an attribute, as attrs.field does)

from __future__ import annotations

from typing import TypeAlias

import attrs

from icplan.spec.common import COMPONENT_NAME, ENDPOINT_NAME, KMS_KEY, TAGS, Tag
from icplan.spec.component import DeploymentConfig, RuntimeConfig, Specification
from icplan.spec.endpoint_extras import (
    AsyncInferenceConfig,
    CrossRegionTrafficConfig,
    DataCaptureConfig,
    ExplainerConfig,
    MetricsConfig,
    VpcConfig,
)
from icplan.spec.fields import Boolean, ListOf, Shape, Struct, Text, member
from icplan.spec.fleet_config import ProductionVariant


@attrs.frozen(kw_only=True)
class UpdateInferenceComponent(Shape):
    """A request of update_inference_component. What is left out keeps its value."""

    inference_component_name: str = member("InferenceComponentName", COMPONENT_NAME, required=True)
    specification: Specification | None = member("Specification", Struct(Specification))
    specifications: tuple[Specification, ...] | None = member(
        "Specifications", ListOf(item=Struct(Specification), min_size=1, max_size=5)
    )
    runtime_config: RuntimeConfig | None = member("RuntimeConfig", Struct(RuntimeConfig))
    deployment_config: DeploymentConfig | None = member("DeploymentConfig", Struct(DeploymentConfig))


@attrs.frozen(kw_only=True)
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


@attrs.frozen(kw_only=True)
class UpdateInferenceComponentRuntimeConfig(Shape):
    """A request of update_inference_component_runtime_config: changes the number of copies only."""

    inference_component_name: str = member("InferenceComponentName", COMPONENT_NAME, required=True)
    desired_runtime_config: RuntimeConfig = member(
        "DesiredRuntimeConfig", Struct(RuntimeConfig), required=True
    )


@attrs.frozen(kw_only=True)
class DeleteInferenceComponent(Shape):
    """A request of delete_inference_component."""

    inference_component_name: str = member("InferenceComponentName", COMPONENT_NAME, required=True)


@attrs.frozen(kw_only=True)
class CreateEndpointConfig(Shape):
    """A request of create_endpoint_config."""

    endpoint_config_name: str = member("EndpointConfigName", ENDPOINT_NAME, required=True)
    production_variants: tuple[ProductionVariant, ...] = member(
        "ProductionVariants", ListOf(item=Struct(ProductionVariant), min_size=1, max_size=10), required=True
    )
    data_capture_config: DataCaptureConfig | None = member("DataCaptureConfig", Struct(DataCaptureConfig))
    tags: tuple[Tag, ...] | None = member("Tags", TAGS)
    kms_key_id: str | None = member("KmsKeyId", KMS_KEY)
    async_inference_config: AsyncInferenceConfig | None = member(
        "AsyncInferenceConfig", Struct(AsyncInferenceConfig)
    )
    explainer_config: ExplainerConfig | None = member("ExplainerConfig", Struct(ExplainerConfig))
    shadow_production_variants: tuple[ProductionVariant, ...] | None = member(
        "ShadowProductionVariants", ListOf(item=Struct(ProductionVariant), min_size=1, max_size=10)
    )
    execution_role_arn: str | None = member(
        "ExecutionRoleArn",
        Text(
            min_length=20,
            max_length=2048,
            pattern=r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
        ),
    )
    vpc_config: VpcConfig | None = member("VpcConfig", Struct(VpcConfig))
    enable_network_isolation: bool | None = member("EnableNetworkIsolation", Boolean())
    metrics_config: MetricsConfig | None = member("MetricsConfig", Struct(MetricsConfig))
    cross_region_traffic_config: CrossRegionTrafficConfig | None = member(
        "CrossRegionTrafficConfig", Struct(CrossRegionTrafficConfig)
    )


Request: TypeAlias = (
    UpdateInferenceComponent
    | CreateInferenceComponent
    | UpdateInferenceComponentRuntimeConfig
    | DeleteInferenceComponent
    | CreateEndpointConfig
)

OPERATIONS: dict[str, type[Request]] = {
    "UpdateInferenceComponent": UpdateInferenceComponent,
    "CreateInferenceComponent": CreateInferenceComponent,
    "UpdateInferenceComponentRuntimeConfig": UpdateInferenceComponentRuntimeConfig,
    "DeleteInferenceComponent": DeleteInferenceComponent,
    "CreateEndpointConfig": CreateEndpointConfig,
}
"""The request of each operation icplan judges, by AWS's name for the operation."""
