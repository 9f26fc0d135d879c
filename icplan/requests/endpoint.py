"""The requests that make an endpoint and change it.

Apart from the other requests since most runs need none of its structures, and each costs time at start-up.
"""

# ruff: noqa: RUF009  (member() declares an attribute, as attrs.field does)

from __future__ import annotations

import attrs

from icplan.requests.common import ENDPOINT_NAME, TAGS, Tag
from icplan.requests.component import AutoRollbackConfiguration
from icplan.requests.fields import Boolean, Integer, ListOf, Number, Shape, Struct, Text, member

_WAIT = Integer(minimum=0, maximum=3600)
_EXECUTION = Integer(minimum=600, maximum=28800)


@attrs.frozen(kw_only=True)
class InstanceBatch(Shape):
    """A part of a fleet: a number of instances, or a percentage of them."""

    type: str = member("Type", Text(choices=("INSTANCE_COUNT", "CAPACITY_PERCENT")), required=True)
    value: int = member("Value", Integer(minimum=1), required=True)


@attrs.frozen(kw_only=True)
class TrafficRoutingConfiguration(Shape):
    """How traffic moves to the new fleet."""

    type: str = member("Type", Text(choices=("ALL_AT_ONCE", "CANARY", "LINEAR")), required=True)
    wait_interval_in_seconds: int = member("WaitIntervalInSeconds", _WAIT, required=True)
    canary_size: InstanceBatch | None = member("CanarySize", Struct(InstanceBatch))
    linear_step_size: InstanceBatch | None = member("LinearStepSize", Struct(InstanceBatch))


@attrs.frozen(kw_only=True)
class BlueGreenUpdatePolicy(Shape):
    """An update by a second fleet."""

    traffic_routing_configuration: TrafficRoutingConfiguration = member(
        "TrafficRoutingConfiguration", Struct(TrafficRoutingConfiguration), required=True
    )
    termination_wait_in_seconds: int | None = member("TerminationWaitInSeconds", _WAIT)
    maximum_execution_timeout_in_seconds: int | None = member("MaximumExecutionTimeoutInSeconds", _EXECUTION)


@attrs.frozen(kw_only=True)
class EndpointRollingUpdatePolicy(Shape):
    """An update of a fleet, batch by batch."""

    maximum_batch_size: InstanceBatch = member("MaximumBatchSize", Struct(InstanceBatch), required=True)
    wait_interval_in_seconds: int = member("WaitIntervalInSeconds", _WAIT, required=True)
    maximum_execution_timeout_in_seconds: int | None = member("MaximumExecutionTimeoutInSeconds", _EXECUTION)
    rollback_maximum_batch_size: InstanceBatch | None = member(
        "RollbackMaximumBatchSize", Struct(InstanceBatch)
    )


@attrs.frozen(kw_only=True)
class EndpointDeploymentConfig(Shape):
    """How an update of an endpoint proceeds and when it is rolled back."""

    blue_green_update_policy: BlueGreenUpdatePolicy | None = member(
        "BlueGreenUpdatePolicy", Struct(BlueGreenUpdatePolicy)
    )
    rolling_update_policy: EndpointRollingUpdatePolicy | None = member(
        "RollingUpdatePolicy", Struct(EndpointRollingUpdatePolicy)
    )
    auto_rollback_configuration: AutoRollbackConfiguration | None = member(
        "AutoRollbackConfiguration", Struct(AutoRollbackConfiguration)
    )


@attrs.frozen(kw_only=True)
class CreateEndpoint(Shape):
    """A request of create_endpoint."""

    endpoint_name: str = member("EndpointName", ENDPOINT_NAME, required=True)
    endpoint_config_name: str = member("EndpointConfigName", ENDPOINT_NAME, required=True)
    deployment_config: EndpointDeploymentConfig | None = member(
        "DeploymentConfig", Struct(EndpointDeploymentConfig)
    )
    tags: tuple[Tag, ...] | None = member("Tags", TAGS)


@attrs.frozen(kw_only=True)
class VariantProperty(Shape):
    """A property of variants that an update does not retain."""

    variant_property_type: str = member(
        "VariantPropertyType",
        Text(choices=("DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig")),
        required=True,
    )


@attrs.frozen(kw_only=True)
class UpdateEndpoint(Shape):
    """A request of update_endpoint."""

    endpoint_name: str = member("EndpointName", ENDPOINT_NAME, required=True)
    endpoint_config_name: str = member("EndpointConfigName", ENDPOINT_NAME, required=True)
    retain_all_variant_properties: bool | None = member("RetainAllVariantProperties", Boolean())
    exclude_retained_variant_properties: tuple[VariantProperty, ...] | None = member(
        "ExcludeRetainedVariantProperties", ListOf(item=Struct(VariantProperty), max_size=3)
    )
    deployment_config: EndpointDeploymentConfig | None = member(
        "DeploymentConfig", Struct(EndpointDeploymentConfig)
    )
    retain_deployment_config: bool | None = member("RetainDeploymentConfig", Boolean())


@attrs.frozen(kw_only=True)
class ServerlessUpdateConfig(Shape):
    """The concurrency of a serverless variant."""

    max_concurrency: int | None = member("MaxConcurrency", Integer(minimum=1, maximum=200))
    provisioned_concurrency: int | None = member("ProvisionedConcurrency", Integer(minimum=1, maximum=200))


@attrs.frozen(kw_only=True)
class DesiredWeightAndCapacity(Shape):
    """What a variant is to have."""

    variant_name: str = member("VariantName", ENDPOINT_NAME, required=True)
    desired_weight: float | None = member("DesiredWeight", Number(minimum=0))
    desired_instance_count: int | None = member("DesiredInstanceCount", Integer(minimum=0))
    serverless_update_config: ServerlessUpdateConfig | None = member(
        "ServerlessUpdateConfig", Struct(ServerlessUpdateConfig)
    )


@attrs.frozen(kw_only=True)
class UpdateEndpointWeightsAndCapacities(Shape):
    """A request of update_endpoint_weights_and_capacities."""

    endpoint_name: str = member("EndpointName", ENDPOINT_NAME, required=True)
    desired_weights_and_capacities: tuple[DesiredWeightAndCapacity, ...] = member(
        "DesiredWeightsAndCapacities",
        ListOf(item=Struct(DesiredWeightAndCapacity), min_size=1),
        required=True,
    )
