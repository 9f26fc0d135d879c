"""The shape of a snapshot: which of AWS's members icplan reads, and of what type each must be.

Required is what nothing can be said without. Whatever else AWS answers in a part may be there, and is kept.
"""

from __future__ import annotations

from icplan.documents.schema import ListOf, MapOf, Members, Scalar, Shape

_TEXT, _COUNT, _NUMBER, _FLAG = Scalar.TEXT, Scalar.COUNT, Scalar.NUMBER, Scalar.FLAG


def _names(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, _TEXT)


def _counts(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, _COUNT)


_RESERVATION = Members(
    {
        **_names("MlReservationArn", "CapacityReservationPreference"),
        **_counts("TotalInstanceCount", "AvailableInstanceCount", "UsedByCurrentEndpoint"),
        "Ec2CapacityReservations": ListOf(
            Members(_counts("TotalInstanceCount", "AvailableInstanceCount", "UsedByCurrentEndpoint"))
        ),
    }
)
_VARIANT: dict[str, Shape] = {
    "VariantName": _TEXT,
    "ManagedInstanceScaling": Members(
        {
            "Status": _TEXT,
            **_counts("MinInstanceCount", "MaxInstanceCount"),
            "ScaleInPolicy": Members(
                {**_names("Strategy"), **_counts("MaximumStepSize", "CooldownInMinutes")}
            ),
        }
    ),
    "AcceleratorPartitionLayouts": ListOf(Members({"AcceleratorPartitionTypes": ListOf(_TEXT)})),
    "CapacityReservationConfig": _RESERVATION,
    "RoutingConfig": Members({"RoutingStrategy": _TEXT}),
}
_DESCRIBED_VARIANT = Members(
    {
        **_VARIANT,
        **_counts("CurrentInstanceCount", "DesiredInstanceCount"),
        "InstancePools": ListOf(
            Members(
                {"InstanceType": _TEXT, "CurrentInstanceCount": _COUNT},
                required=("InstanceType", "CurrentInstanceCount"),
            )
        ),
        "VariantStatus": ListOf(Members({"Status": _TEXT})),
    },
    required=("VariantName",),
)
_CONFIGURED_VARIANT = Members(
    {
        **_VARIANT,
        **_names("InstanceType", "ModelName", "InferenceAmiVersion"),
        **_counts("InitialInstanceCount", "ContainerStartupHealthCheckTimeoutInSeconds"),
        "InstancePools": ListOf(
            Members({"InstanceType": _TEXT, "Priority": _COUNT}, required=("InstanceType", "Priority")),
            minimum=1,
        ),
        "ServerlessConfig": Members({}),
    },
    required=("VariantName",),
)
_SPECIFICATION: dict[str, Shape] = {
    **_names("InstanceType", "ModelName", "BaseInferenceComponentName"),
    "Container": Members(
        {
            "ArtifactUrl": _TEXT,
            "DeployedImage": Members(_names("SpecifiedImage", "ResolvedImage")),
            "Environment": MapOf(Scalar.ANY_TEXT),
        }
    ),
    "StartupParameters": Members(
        _counts("ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds")
    ),
    "ComputeResourceRequirements": Members(
        {
            "NumberOfCpuCoresRequired": _NUMBER,
            "NumberOfAcceleratorDevicesRequired": _NUMBER,
            "AcceleratorPartitionType": _TEXT,
            **_counts("MinMemoryRequiredInMb", "MaxMemoryRequiredInMb"),
        }
    ),
    "DataCacheConfig": Members({"EnableCaching": _FLAG}),
    "SchedulingConfig": Members(
        {
            "PlacementStrategy": _TEXT,
            "AvailabilityZoneBalance": Members({"EnforcementMode": _TEXT, "MaxImbalance": _COUNT}),
        }
    ),
}
_BATCH = Members({"Type": _TEXT, "Value": _COUNT})
_COMPONENT = Members(
    {
        **_names("InferenceComponentName", "EndpointName", "VariantName", "InferenceComponentStatus"),
        "Specification": Members(_SPECIFICATION),
        "Specifications": ListOf(Members(_SPECIFICATION, required=("InstanceType",)), minimum=1),
        "RuntimeConfig": Members(
            {
                **_counts("DesiredCopyCount", "CurrentCopyCount"),
                "PlacementStatus": ListOf(
                    Members(
                        {"InstanceType": _TEXT, "CurrentCopyCount": _COUNT},
                        required=("InstanceType", "CurrentCopyCount"),
                    )
                ),
            }
        ),
        "LastDeploymentConfig": Members(
            {
                "RollingUpdatePolicy": Members(
                    {
                        "MaximumBatchSize": _BATCH,
                        "RollbackMaximumBatchSize": _BATCH,
                        **_counts("WaitIntervalInSeconds", "MaximumExecutionTimeoutInSeconds"),
                    }
                )
            }
        ),
    },
    required=("InferenceComponentName",),
)
_DEVICE = Members(
    {"Count": _COUNT, "Name": _TEXT, "MemoryInfo": Members(_counts("SizeInMiB"))}, required=("Count",)
)
_INSTANCE_TYPE = Members(
    {
        "InstanceType": _TEXT,
        "VCpuInfo": Members(_counts("DefaultVCpus"), required=("DefaultVCpus",)),
        "MemoryInfo": Members(_counts("SizeInMiB"), required=("SizeInMiB",)),
        "GpuInfo": Members({"Gpus": ListOf(_DEVICE)}),
        "NeuronInfo": Members({"NeuronDevices": ListOf(_DEVICE)}),
        "InferenceAcceleratorInfo": Members({"Accelerators": ListOf(_DEVICE)}),
    },
    required=("InstanceType", "VCpuInfo", "MemoryInfo"),
)
_LOCATION = Members(
    {
        **_names("InferenceComponentName", "InstanceId", "InstanceType", "AvailabilityZone"),
        "Copies": _COUNT,
    },
    required=("InferenceComponentName", "InstanceId", "InstanceType", "Copies"),
)

_STATISTICS = ("Minimum", "Maximum", "Average", "SampleCount")
_METRIC = Members(
    {
        **_names("VariantName", "MetricName"),
        "Period": _COUNT,
        "Datapoints": ListOf(
            Members(
                {
                    "Timestamp": Scalar.TIME,
                    **dict.fromkeys(_STATISTICS, _NUMBER),
                    "ExtendedStatistics": MapOf(_NUMBER),
                },
                required=("Timestamp", *_STATISTICS),
            )
        ),
    },
    required=("VariantName", "MetricName", "Period", "Datapoints"),
)

SNAPSHOT = Members(
    {
        "TakenAt": Scalar.TIME,
        "Region": _TEXT,
        "Endpoint": Members(
            {
                **_names("EndpointName", "EndpointConfigName", "EndpointStatus"),
                "ProductionVariants": ListOf(_DESCRIBED_VARIANT),
                "ShadowProductionVariants": ListOf(_DESCRIBED_VARIANT),
            },
            required=("EndpointName",),
        ),
        "EndpointConfig": Members(
            {
                "EndpointConfigName": _TEXT,
                "ProductionVariants": ListOf(_CONFIGURED_VARIANT, minimum=1),
                "ShadowProductionVariants": ListOf(_CONFIGURED_VARIANT),
            },
            required=("ProductionVariants",),
        ),
        "InferenceComponents": ListOf(_COMPONENT),
        "ScalableTargets": ListOf(
            Members(
                {**_names("ResourceId", "ScalableDimension"), **_counts("MinCapacity", "MaxCapacity")},
                required=("ResourceId",),
            )
        ),
        "ScalingActivities": ListOf(
            Members(_names("ResourceId", "StatusCode", "StatusMessage", "Cause", "Description"))
        ),
        "Quotas": ListOf(
            Members({**_names("QuotaCode", "QuotaName"), "Value": _NUMBER}, required=("Value",))
        ),
        "InstancesInUse": MapOf(_COUNT),
        "InstanceTypes": ListOf(_INSTANCE_TYPE),
        "CopyLocations": ListOf(_LOCATION),
        "Reservations": ListOf(_METRIC),
        "Parts": MapOf(Members({"Status": _TEXT, "Missing": ListOf(_TEXT)}, required=("Status",))),
        **_names("AccountId", "Partition", "EndpointUrl", "Index"),
        "ClockSkew": _COUNT,
        "Consistent": _FLAG,
        "Notes": ListOf(_TEXT),
    },
    required=("EndpointConfig",),
)
