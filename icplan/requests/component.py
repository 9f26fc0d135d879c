"""What an inference component is made of, and how an update of it proceeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.requests.common import COMPONENT_NAME, INSTANCE_TYPE, PARTITION_TYPE, STARTUP_TIMEOUT, URL
from icplan.requests.fields import Boolean, Integer, ListOf, MapOf, Number, Shape, Struct, Text, member
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen(kw_only=True)
class MetricsEndpoint(Shape):
    """Where a container publishes Prometheus metrics, and every how many seconds they are read."""

    metrics_endpoint_path: str = member(
        "MetricsEndpointPath", Text(max_length=256, pattern=r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+"), required=True
    )
    metric_publish_frequency_in_seconds: int | None = member("MetricPublishFrequencyInSeconds", Integer())


@frozen(kw_only=True)
class ContainerMetricsConfig(Shape):
    """Which metrics endpoints of the container are scraped."""

    metrics_endpoints: tuple[MetricsEndpoint, ...] | None = member(
        "MetricsEndpoints", ListOf(item=Struct(MetricsEndpoint), max_size=1)
    )


@frozen(kw_only=True)
class Container(Shape):
    """The image, artefact and environment a copy runs."""

    image: str | None = member("Image", Text(max_length=255, pattern=r"[\S]+"))
    artifact_url: str | None = member("ArtifactUrl", URL)
    environment: Mapping[str, str] | None = member(
        "Environment",
        MapOf(
            # Who writes NAME=VALUE in one puts the value into the name.
            key=Text(max_length=1024, pattern="[a-zA-Z_][a-zA-Z0-9_]*", sensitive=True),
            value=Text(max_length=1024, pattern=r"[\S\s]*", sensitive=True),
            max_size=100,
        ),
    )
    container_metrics_config: ContainerMetricsConfig | None = member(
        "ContainerMetricsConfig", Struct(ContainerMetricsConfig)
    )


@frozen(kw_only=True)
class StartupParameters(Shape):
    """How long a copy may take to download its model and to answer its first health check, in seconds."""

    model_data_download_timeout_in_seconds: int | None = member(
        "ModelDataDownloadTimeoutInSeconds", STARTUP_TIMEOUT
    )
    container_startup_health_check_timeout_in_seconds: int | None = member(
        "ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_TIMEOUT
    )


@frozen(kw_only=True)
class ComputeResourceRequirements(Shape):
    """What one copy reserves on its instance.

    Host memory in MiB, CPU cores, and whole accelerators or one partition of one.
    """

    number_of_cpu_cores_required: float | None = member("NumberOfCpuCoresRequired", Number(minimum=0.25))
    number_of_accelerator_devices_required: float | None = member(
        "NumberOfAcceleratorDevicesRequired", Number(minimum=1)
    )
    min_memory_required_in_mb: int = member("MinMemoryRequiredInMb", Integer(minimum=128), required=True)
    max_memory_required_in_mb: int | None = member("MaxMemoryRequiredInMb", Integer(minimum=128))
    accelerator_partition_type: str | None = member("AcceleratorPartitionType", PARTITION_TYPE)


@frozen(kw_only=True)
class DataCacheConfig(Shape):
    """Whether the model and its image are kept on the instance."""

    enable_caching: bool = member("EnableCaching", Boolean(), required=True)


@frozen(kw_only=True)
class AvailabilityZoneBalance(Shape):
    """How far copies may be spread unevenly over zones. PERMISSIVE never keeps a copy from being placed."""

    enforcement_mode: str = member("EnforcementMode", Text(choices=("PERMISSIVE",)), required=True)
    max_imbalance: int | None = member("MaxImbalance", Integer(minimum=0, maximum=100))


@frozen(kw_only=True)
class SchedulingConfig(Shape):
    """How copies are spread over instances."""

    placement_strategy: str = member("PlacementStrategy", Text(choices=("SPREAD", "BINPACK")), required=True)
    availability_zone_balance: AvailabilityZoneBalance | None = member(
        "AvailabilityZoneBalance", Struct(AvailabilityZoneBalance)
    )


@frozen(kw_only=True)
class Specification(Shape):
    """What a component is: the one ``Specification``, or one of ``Specifications`` per instance type."""

    instance_type: str | None = member("InstanceType", INSTANCE_TYPE)
    model_name: str | None = member("ModelName", COMPONENT_NAME)
    container: Container | None = member("Container", Struct(Container))
    startup_parameters: StartupParameters | None = member("StartupParameters", Struct(StartupParameters))
    compute_resource_requirements: ComputeResourceRequirements | None = member(
        "ComputeResourceRequirements", Struct(ComputeResourceRequirements)
    )
    base_inference_component_name: str | None = member("BaseInferenceComponentName", COMPONENT_NAME)
    data_cache_config: DataCacheConfig | None = member("DataCacheConfig", Struct(DataCacheConfig))
    scheduling_config: SchedulingConfig | None = member("SchedulingConfig", Struct(SchedulingConfig))


@frozen(kw_only=True)
class RuntimeConfig(Shape):
    """How many copies run."""

    copy_count: int = member("CopyCount", Integer(minimum=0), required=True)


@frozen(kw_only=True)
class CapacitySize(Shape):
    """A batch: a number of copies, or a percentage of them."""

    type: str = member("Type", Text(choices=("COPY_COUNT", "CAPACITY_PERCENT")), required=True)
    value: int = member("Value", Integer(minimum=1), required=True)


@frozen(kw_only=True)
class RollingUpdatePolicy(Shape):
    """How copies are replaced, batch by batch; times in seconds.

    Without a rollback batch size all old copies are brought back at once.
    """

    maximum_batch_size: CapacitySize = member("MaximumBatchSize", Struct(CapacitySize), required=True)
    wait_interval_in_seconds: int = member(
        "WaitIntervalInSeconds", Integer(minimum=0, maximum=3600), required=True
    )
    maximum_execution_timeout_in_seconds: int | None = member(
        "MaximumExecutionTimeoutInSeconds", Integer(minimum=600, maximum=28800)
    )
    rollback_maximum_batch_size: CapacitySize | None = member(
        "RollbackMaximumBatchSize", Struct(CapacitySize)
    )


@frozen(kw_only=True)
class Alarm(Shape):
    """A CloudWatch alarm that stops an update."""

    alarm_name: str | None = member("AlarmName", Text(min_length=1, max_length=255, pattern=r"(?!\s*$).+"))


@frozen(kw_only=True)
class AutoRollbackConfiguration(Shape):
    """The alarms that roll an update back."""

    alarms: tuple[Alarm, ...] | None = member("Alarms", ListOf(item=Struct(Alarm), min_size=1, max_size=10))


@frozen(kw_only=True)
class DeploymentConfig(Shape):
    """How an update proceeds and when it is rolled back."""

    rolling_update_policy: RollingUpdatePolicy = member(
        "RollingUpdatePolicy", Struct(RollingUpdatePolicy), required=True
    )
    auto_rollback_configuration: AutoRollbackConfiguration | None = member(
        "AutoRollbackConfiguration", Struct(AutoRollbackConfiguration)
    )
