"""The fleet of an endpoint: production variants, their instances, pools, scaling and partitions."""

# ruff: noqa: RUF009  (member() declares an attribute, as attrs.field does)

from __future__ import annotations

import attrs

from icplan.requests.common import (
    COMPONENT_NAME,
    ENDPOINT_NAME,
    INSTANCE_TYPE,
    KMS_KEY,
    PARTITION_TYPE,
    S3_URI,
    STARTUP_TIMEOUT,
)
from icplan.requests.fields import Boolean, Integer, ListOf, Number, Shape, Struct, Text, member


@attrs.frozen(kw_only=True)
class InstancePool(Shape):
    """An instance type a variant may use; the lowest priority number is tried first."""

    instance_type: str = member("InstanceType", INSTANCE_TYPE, required=True)
    model_name_override: str | None = member("ModelNameOverride", COMPONENT_NAME)
    priority: int = member("Priority", Integer(minimum=1, maximum=5), required=True)


@attrs.frozen(kw_only=True)
class ScaleInPolicy(Shape):
    """How idle instances are given back; the cooldown in minutes."""

    strategy: str = member("Strategy", Text(choices=("IDLE_RELEASE", "CONSOLIDATION")), required=True)
    maximum_step_size: int | None = member("MaximumStepSize", Integer(minimum=1, maximum=100))
    cooldown_in_minutes: int | None = member("CooldownInMinutes", Integer(minimum=5, maximum=1440))


@attrs.frozen(kw_only=True)
class ManagedInstanceScaling(Shape):
    """Between how many instances SageMaker scales the variant to hold its copies."""

    status: str | None = member("Status", Text(choices=("ENABLED", "DISABLED")))
    min_instance_count: int | None = member("MinInstanceCount", Integer(minimum=0))
    max_instance_count: int | None = member("MaxInstanceCount", Integer(minimum=1))
    scale_in_policy: ScaleInPolicy | None = member("ScaleInPolicy", Struct(ScaleInPolicy))


@attrs.frozen(kw_only=True)
class CapacityReservationConfig(Shape):
    """The reserved capacity a variant is limited to."""

    capacity_reservation_preference: str | None = member(
        "CapacityReservationPreference", Text(choices=("capacity-reservations-only",))
    )
    ml_reservation_arn: str | None = member(
        "MlReservationArn",
        Text(
            min_length=20,
            max_length=258,
            pattern=r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:[a-z0-9\-]{1,14}/.*",
        ),
    )


@attrs.frozen(kw_only=True)
class AcceleratorPartitionLayout(Shape):
    """The partitions carved on each accelerator, one profile per partition."""

    accelerator_partition_types: tuple[str, ...] | None = member(
        "AcceleratorPartitionTypes", ListOf(item=PARTITION_TYPE, max_size=32)
    )


@attrs.frozen(kw_only=True)
class PrefixAwareRoutingConfig(Shape):
    """How requests with a common prefix are kept together."""

    prefix_length: int | None = member("PrefixLength", Integer(minimum=1024, maximum=65536))
    concurrency_threshold: int | None = member("ConcurrencyThreshold", Integer(minimum=1, maximum=1024))


@attrs.frozen(kw_only=True)
class RoutingConfig(Shape):
    """How requests are spread over copies."""

    routing_strategy: str = member(
        "RoutingStrategy",
        Text(choices=("LEAST_OUTSTANDING_REQUESTS", "RANDOM", "PREFIX_AWARE", "KV_AWARE")),
        required=True,
    )
    prefix_aware_routing_config: PrefixAwareRoutingConfig | None = member(
        "PrefixAwareRoutingConfig", Struct(PrefixAwareRoutingConfig)
    )


@attrs.frozen(kw_only=True)
class CoreDumpConfig(Shape):
    """Where core dumps of a crashed container go."""

    destination_s3_uri: str = member("DestinationS3Uri", S3_URI, required=True)
    kms_key_id: str | None = member("KmsKeyId", KMS_KEY)


@attrs.frozen(kw_only=True)
class ServerlessConfig(Shape):
    """A serverless variant; it hosts no inference components."""

    memory_size_in_mb: int = member("MemorySizeInMB", Integer(minimum=1024, maximum=6144), required=True)
    max_concurrency: int = member("MaxConcurrency", Integer(minimum=1, maximum=200), required=True)
    provisioned_concurrency: int | None = member("ProvisionedConcurrency", Integer(minimum=1, maximum=200))


@attrs.frozen(kw_only=True)
class ProductionVariant(Shape):
    """A fleet of instances of one type, or of several in pools."""

    variant_name: str = member("VariantName", ENDPOINT_NAME, required=True)
    model_name: str | None = member("ModelName", COMPONENT_NAME)
    initial_instance_count: int | None = member("InitialInstanceCount", Integer(minimum=1))
    instance_type: str | None = member("InstanceType", INSTANCE_TYPE)
    instance_pools: tuple[InstancePool, ...] | None = member(
        "InstancePools", ListOf(item=Struct(InstancePool), min_size=1, max_size=5)
    )
    variant_instance_provision_timeout_in_seconds: int | None = member(
        "VariantInstanceProvisionTimeoutInSeconds", Integer(minimum=300, maximum=3600)
    )
    initial_variant_weight: float | None = member("InitialVariantWeight", Number(minimum=0))
    accelerator_type: str | None = member(
        "AcceleratorType",
        Text(
            choices=(
                "ml.eia1.medium",
                "ml.eia1.large",
                "ml.eia1.xlarge",
                "ml.eia2.medium",
                "ml.eia2.large",
                "ml.eia2.xlarge",
            )
        ),
    )
    core_dump_config: CoreDumpConfig | None = member("CoreDumpConfig", Struct(CoreDumpConfig))
    serverless_config: ServerlessConfig | None = member("ServerlessConfig", Struct(ServerlessConfig))
    volume_size_in_gb: int | None = member("VolumeSizeInGB", Integer(minimum=1, maximum=512))
    model_data_download_timeout_in_seconds: int | None = member(
        "ModelDataDownloadTimeoutInSeconds", STARTUP_TIMEOUT
    )
    container_startup_health_check_timeout_in_seconds: int | None = member(
        "ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_TIMEOUT
    )
    enable_ssm_access: bool | None = member("EnableSSMAccess", Boolean())
    managed_instance_scaling: ManagedInstanceScaling | None = member(
        "ManagedInstanceScaling", Struct(ManagedInstanceScaling)
    )
    routing_config: RoutingConfig | None = member("RoutingConfig", Struct(RoutingConfig))
    inference_ami_version: str | None = member(
        "InferenceAmiVersion",
        Text(
            choices=(
                "al2-ami-sagemaker-inference-gpu-2",
                "al2-ami-sagemaker-inference-gpu-2-1",
                "al2-ami-sagemaker-inference-gpu-3-1",
                "al2-ami-sagemaker-inference-neuron-2",
                "al2023-ami-sagemaker-inference-gpu-4-1",
            )
        ),
    )
    capacity_reservation_config: CapacityReservationConfig | None = member(
        "CapacityReservationConfig", Struct(CapacityReservationConfig)
    )
    accelerator_partition_layouts: tuple[AcceleratorPartitionLayout, ...] | None = member(
        "AcceleratorPartitionLayouts",
        ListOf(item=Struct(AcceleratorPartitionLayout), min_size=1, max_size=32),
    )
