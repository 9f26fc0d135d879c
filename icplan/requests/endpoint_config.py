"""The request that makes an endpoint configuration.

Apart from the other requests since most runs need none of its structures, and each costs time at start-up.
"""

# ruff: noqa: RUF009  (member() declares an attribute, as attrs.field does)

from __future__ import annotations

import re
from typing import Final

import attrs

from icplan.requests.common import ENDPOINT_NAME, KMS_KEY, TAGS, Tag
from icplan.requests.endpoint_config_other import (
    AsyncInferenceConfig,
    CrossRegionTrafficConfig,
    DataCaptureConfig,
    ExplainerConfig,
    MetricsConfig,
    VpcConfig,
)
from icplan.requests.fields import Boolean, ListOf, Shape, Struct, Text, member
from icplan.requests.production_variant import ProductionVariant

_ROLE: Final = r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"


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
        "ExecutionRoleArn", Text(min_length=20, max_length=2048, pattern=_ROLE)
    )
    vpc_config: VpcConfig | None = member("VpcConfig", Struct(VpcConfig))
    enable_network_isolation: bool | None = member("EnableNetworkIsolation", Boolean())
    metrics_config: MetricsConfig | None = member("MetricsConfig", Struct(MetricsConfig))
    cross_region_traffic_config: CrossRegionTrafficConfig | None = member(
        "CrossRegionTrafficConfig", Struct(CrossRegionTrafficConfig)
    )


def is_role(text: str) -> bool:
    """Whether a text is the ARN of a role, as ExecutionRoleArn takes it."""
    return re.fullmatch(_ROLE, text, re.ASCII) is not None
