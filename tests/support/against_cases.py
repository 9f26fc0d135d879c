"""Endpoints and requests for the rules that look at both: what breaks each rule, and what nearly does."""

from __future__ import annotations

from typing import Any

import attrs

from icplan.rules import state

Json = dict[str, Any]
COMPUTE = "ComputeResourceRequirements"
UPDATE, CREATE, DELETE = "UpdateInferenceComponent", "CreateInferenceComponent", "DeleteInferenceComponent"
SCALE, CONFIGURE = "UpdateInferenceComponentRuntimeConfig", "CreateEndpointConfig"
ROLE = "arn:aws:iam::123456789012:role/sagemaker"


@attrs.frozen
class Known:
    """Facts of a type, as the rules want them."""

    vcpu: int = 4
    memory_mib: int = 16384
    accelerators: int = 0
    gpu_memory_mib: int = 0
    mig_gpu: str | None = None


FACTS = {
    "ml.c5.xlarge": Known(),
    "ml.g5.xlarge": Known(accelerators=1, gpu_memory_mib=24576),
    "ml.g5.12xlarge": Known(accelerators=4, gpu_memory_mib=4 * 24576),
    "ml.p4d.24xlarge": Known(accelerators=8, gpu_memory_mib=8 * 40960, mig_gpu="a100-40gb"),
}


def described(name: str, **more: Any) -> Json:
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 1}
    return {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "v",
        "InferenceComponentStatus": "InService",
        "Specification": {"ModelName": "m", COMPUTE: compute},
        "RuntimeConfig": {"DesiredCopyCount": 10},
        **more,
    }


def endpoint(status: str = "InService", variant: Json | None = None, *components: Json) -> Json:
    one = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2, **(variant or {})}
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod", "EndpointStatus": status},
        "EndpointConfig": {"ProductionVariants": [{k: v for k, v in one.items() if v is not None}]},
        "InferenceComponents": [described("llama"), *components],
    }


def update(**members: Any) -> Json:
    return {"InferenceComponentName": "llama", **members}


def create(**members: Any) -> Json:
    request = {
        "InferenceComponentName": "new",
        "EndpointName": "prod",
        "VariantName": "v",
        "Specification": {"ModelName": "m", COMPUTE: {"MinMemoryRequiredInMb": 512}},
        "RuntimeConfig": {"CopyCount": 1},
        **members,
    }
    return {name: value for name, value in request.items() if value is not None}


def needs(**members: Any) -> Json:
    return {"Specification": {COMPUTE: {"MinMemoryRequiredInMb": 512, **members}}}


def configure(**members: Any) -> Json:
    variant = {"VariantName": "v", "InstanceType": "ml.p4d.24xlarge", **members}
    given = {name: value for name, value in variant.items() if value is not None}
    return {"EndpointConfigName": "c", "ExecutionRoleArn": ROLE, "ProductionVariants": [given]}


def roll(kind: str, value: int, wait: int = 0, limit: int | None = None, **more: Any) -> Json:
    policy: Json = {"MaximumBatchSize": {"Type": kind, "Value": value}, "WaitIntervalInSeconds": wait}
    if limit:
        policy["MaximumExecutionTimeoutInSeconds"] = limit
    specification = {"ModelName": "n", **more}
    return update(Specification=specification, DeploymentConfig={"RollingUpdatePolicy": policy})


def per_type(*pairs: tuple[str, Json]) -> Json:
    """Specifications for these types, with these requirements beside 512 MB."""
    return {
        "Specifications": [{"InstanceType": name, **needs(**more)["Specification"]} for name, more in pairs]
    }


def pools(*types: str) -> Json:
    return {
        "InstanceType": None,
        "InstancePools": [{"InstanceType": name, "Priority": at} for at, name in enumerate(types, 1)],
    }


def two_variants(*components: Json) -> Json:
    """v has no accelerators, w has one per instance."""
    snapshot = endpoint("InService", {"InstanceType": "ml.c5.xlarge"}, *components)
    snapshot["EndpointConfig"]["ProductionVariants"].append(
        {"VariantName": "w", "InstanceType": "ml.g5.xlarge"}
    )
    return snapshot


def layout(*types: str) -> Json:
    return {"AcceleratorPartitionLayouts": [{"AcceleratorPartitionTypes": list(types)}]}


SLOW = {"StartupParameters": {"ContainerStartupHealthCheckTimeoutInSeconds": 600}}
TYPES = {
    "InstanceType": None,
    "InstancePools": [
        {"InstanceType": "ml.c5.xlarge", "Priority": 1},
        {"InstanceType": "ml.g5.xlarge", "Priority": 2},
    ],
}
SPLIT = {"InstanceType": "ml.p4d.24xlarge", **layout("mig-3g.20gb", "mig-4g.20gb")}
ON_3G = needs(NumberOfAcceleratorDevicesRequired=1, AcceleratorPartitionType="mig-3g.20gb")
ON_1G = needs(NumberOfAcceleratorDevicesRequired=1, AcceleratorPartitionType="mig-1g.5gb")
SPLIT_LLAMA = endpoint("InService", SPLIT, described("split", **ON_3G))
ADAPTER = described("adapter", Specification={"BaseInferenceComponentName": "llama"}, RuntimeConfig=None)
BATCH = "DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value"
LIMIT = "DeploymentConfig.RollingUpdatePolicy.MaximumExecutionTimeoutInSeconds"
MEMORY, DEVICES = (
    f"Specification.{COMPUTE}.MinMemoryRequiredInMb",
    f"Specification.{COMPUTE}.NumberOfAcceleratorDevicesRequired",
)
NAME = "InferenceComponentName"
V0 = "ProductionVariants[0]"

# rule, operation, request, snapshot, where it points
BROKEN = [
    (
        "ICP129",
        UPDATE,
        {NAME: "adapter", **needs()},
        endpoint("InService", None, ADAPTER),
        f"Specification.{COMPUTE}",
    ),
    (
        "ICP141",
        UPDATE,
        update(**needs(MinMemoryRequiredInMb=24576, NumberOfAcceleratorDevicesRequired=1)),
        endpoint(),
        MEMORY,
    ),
    (
        "ICP141",
        UPDATE,
        update(**needs(MinMemoryRequiredInMb=49152, NumberOfAcceleratorDevicesRequired=2)),
        endpoint(variant={"InstanceType": "ml.g5.12xlarge"}),
        MEMORY,
    ),
    ("ICP151", CREATE, create(), endpoint(variant={"ModelName": "m"}), ""),
    (
        "ICP151",
        UPDATE,
        update(RuntimeConfig={"CopyCount": 1}),
        endpoint(variant={"ServerlessConfig": {}}),
        "",
    ),
    ("ICP151", CONFIGURE, configure(ModelName="m"), endpoint(), V0),
    (
        "ICP159",
        CONFIGURE,
        configure(**layout("mig-4g.20gb", "mig-4g.20gb")),
        endpoint(variant=layout("mig-4g.20gb", "mig-4g.20gb")),
        f"{V0}.AcceleratorPartitionLayouts",
    ),
    (
        "ICP159",
        CONFIGURE,
        configure(**layout("mig-1g.10gb", "mig-1g.18gb")),
        endpoint(variant=layout("mig-1g.10gb", "mig-1g.18gb")),
        f"{V0}.AcceleratorPartitionLayouts",
    ),
    (
        "ICP160",
        CONFIGURE,
        configure(InstanceType="ml.g5.xlarge", **layout("mig-1g.5gb")),
        endpoint(variant=layout("mig-1g.5gb")),
        f"{V0}.AcceleratorPartitionLayouts",
    ),
    (
        "ICP161",
        CONFIGURE,
        configure(**layout("mig-4g.20gb", "mig-3g.20gb")),
        SPLIT_LLAMA,
        f"{V0}.AcceleratorPartitionLayouts",
    ),
    ("ICP161", CONFIGURE, configure(), SPLIT_LLAMA, f"{V0}.AcceleratorPartitionLayouts"),
    ("ICP170", UPDATE, update(RuntimeConfig={"CopyCount": 1}) | {NAME: "none"}, endpoint(), NAME),
    ("ICP170", SCALE, {NAME: "none", "DesiredRuntimeConfig": {"CopyCount": 1}}, endpoint(), NAME),
    ("ICP170", DELETE, {NAME: "none"}, endpoint(), NAME),
    ("ICP171", CREATE, create(InferenceComponentName="llama"), endpoint(), NAME),
    ("ICP172", CREATE, create(EndpointName="dev"), endpoint(), "EndpointName"),
    ("ICP173", CREATE, create(VariantName="w"), endpoint(), "VariantName"),
    (
        "ICP174",
        CREATE,
        create(VariantName=None, Specification={"BaseInferenceComponentName": "none"}),
        endpoint(),
        "Specification.BaseInferenceComponentName",
    ),
    (
        "ICP174",
        CREATE,
        create(VariantName=None, Specification={"BaseInferenceComponentName": "adapter"}),
        endpoint("InService", None, ADAPTER),
        "Specification.BaseInferenceComponentName",
    ),
    (
        "ICP175",
        UPDATE,
        update(**needs(NumberOfAcceleratorDevicesRequired=1)),
        endpoint(variant={"InstanceType": "ml.c5.xlarge"}),
        DEVICES,
    ),
    (
        "ICP175",
        UPDATE,
        update(
            Specifications=[
                {
                    "InstanceType": "ml.c5.xlarge",
                    **needs(NumberOfAcceleratorDevicesRequired=1)["Specification"],
                }
            ]
        ),
        endpoint(variant=TYPES),
        f"Specifications[0].{COMPUTE}.NumberOfAcceleratorDevicesRequired",
    ),
    ("ICP176", CREATE, create(), endpoint(variant=SPLIT), ""),
    (
        "ICP177",
        CREATE,
        create(**ON_1G),
        endpoint(variant=SPLIT),
        f"Specification.{COMPUTE}.AcceleratorPartitionType",
    ),
    ("ICP177", CREATE, create(**ON_3G), endpoint(), f"Specification.{COMPUTE}.AcceleratorPartitionType"),
    (
        "ICP179",
        UPDATE,
        {
            NAME: "split",
            **needs(NumberOfAcceleratorDevicesRequired=1, AcceleratorPartitionType="mig-4g.20gb"),
        },
        SPLIT_LLAMA,
        "",
    ),
    (
        "ICP180",
        UPDATE,
        update(Specifications=[{"InstanceType": "ml.g6.xlarge", "ModelName": "n"}]),
        endpoint(),
        "Specifications[0].InstanceType",
    ),
    ("ICP136", UPDATE, roll("COPY_COUNT", 6), endpoint(), BATCH),
    ("ICP137", UPDATE, roll("COPY_COUNT", 1, 61, 600), endpoint(), LIMIT),
    ("ICP137", UPDATE, roll("CAPACITY_PERCENT", 50, 0, 1199, **SLOW), endpoint(), LIMIT),
    (
        "ICP201",
        UPDATE,
        update(RuntimeConfig={"CopyCount": 1}) | {NAME: "other"},
        endpoint("InService", None, described("other", InferenceComponentStatus="Updating")),
        NAME,
    ),
    (
        "ICP201",
        DELETE,
        {NAME: "other"},
        endpoint("InService", None, described("other", InferenceComponentStatus="Creating")),
        NAME,
    ),
    (
        "ICP202",
        SCALE,
        {NAME: "other", "DesiredRuntimeConfig": {"CopyCount": 1}},
        endpoint("InService", None, described("other", InferenceComponentStatus="Failed")),
        NAME,
    ),
    (
        "ICP203",
        DELETE,
        {NAME: "other"},
        endpoint("InService", None, described("other", InferenceComponentStatus="Deleting")),
        NAME,
    ),
    *[("ICP204", CREATE, create(), endpoint(status), "") for status in state.REFUSING],
    ("ICP204", CONFIGURE, configure(), endpoint("SystemUpdating"), ""),
    ("ICP205", DELETE, {NAME: "llama"}, endpoint("InService", None, ADAPTER), NAME),
    *[("ICP206", CREATE, create(), endpoint(status), "") for status in state.ENDPOINT_TRANSITIONS],
    ("ICP207", CREATE, create(), endpoint("Pondering"), ""),
    (
        "ICP207",
        DELETE,
        {NAME: "other"},
        endpoint("InService", None, described("other", InferenceComponentStatus="Pondering")),
        NAME,
    ),
    *[
        (
            "ICP208",
            CREATE,
            create(VariantName=None, Specification={"BaseInferenceComponentName": "other"}),
            endpoint("InService", None, described("other", InferenceComponentStatus=status)),
            "Specification.BaseInferenceComponentName",
        )
        for status in ("Creating", "Updating", "Deleting", "Failed")
    ],
    (
        "ICP208",
        UPDATE,
        {NAME: "adapter", "Specification": {"Container": {"ArtifactUrl": "s3://b/a.tar.gz"}}},
        endpoint(
            "InService",
            None,
            described("other", InferenceComponentStatus="Deleting"),
            ADAPTER | {"Specification": {"BaseInferenceComponentName": "other"}},
        ),
        "",
    ),
]

SOUND = [
    (
        UPDATE,
        {NAME: "adapter", "Specification": {"Container": {"ArtifactUrl": "s3://m/b.tar.gz"}}},
        endpoint("InService", None, ADAPTER),
    ),
    (UPDATE, update(**needs(MinMemoryRequiredInMb=24576)), endpoint()),
    (UPDATE, update(**needs(MinMemoryRequiredInMb=24575, NumberOfAcceleratorDevicesRequired=1)), endpoint()),
    (
        UPDATE,
        update(**needs(MinMemoryRequiredInMb=24576, NumberOfAcceleratorDevicesRequired=1)),
        endpoint(variant={"InstanceType": "ml.unknown.xlarge"}),
    ),
    (
        UPDATE,
        update(**needs(NumberOfAcceleratorDevicesRequired=1)),
        endpoint(variant={"InstanceType": "ml.unknown.xlarge"}),
    ),
    (UPDATE, update(**needs(NumberOfAcceleratorDevicesRequired=1)), endpoint(variant=TYPES)),
    (UPDATE, update(**needs()), endpoint(variant={"InstanceType": "ml.c5.xlarge"})),
    (
        UPDATE,
        update(
            Specifications=[
                {
                    "InstanceType": "ml.g5.xlarge",
                    **needs(NumberOfAcceleratorDevicesRequired=1)["Specification"],
                }
            ]
        ),
        endpoint(variant=TYPES),
    ),
    (UPDATE, update(RuntimeConfig={"CopyCount": 1}), endpoint(variant=SPLIT)),
    (UPDATE, {NAME: "split", **ON_3G}, SPLIT_LLAMA),
    (UPDATE, {NAME: "split", "Specification": {"ModelName": "n"}}, SPLIT_LLAMA),
    (CREATE, create(**ON_3G), endpoint(variant=SPLIT)),
    (CREATE, create(VariantName=None), endpoint()),
    (CREATE, create(VariantName=None, Specification={"BaseInferenceComponentName": "llama"}), endpoint()),
    (CREATE, create(), {"EndpointConfig": endpoint()["EndpointConfig"], "InferenceComponents": []}),
    (CREATE, create(), endpoint("InService", None, described("other", InferenceComponentStatus="Updating"))),
    (DELETE, {NAME: "llama"}, endpoint("OutOfService")),
    (DELETE, {NAME: "adapter"}, endpoint("InService", None, ADAPTER)),
    (
        DELETE,
        {NAME: "other"},
        endpoint("InService", None, described("other", InferenceComponentStatus="Failed")),
    ),
    (CONFIGURE, configure(**layout("mig-3g.20gb", "mig-4g.20gb")), SPLIT_LLAMA),
    (
        CONFIGURE,
        configure(**layout("mig-7g.40gb")) | {"EndpointConfigName": "d"},
        {"EndpointConfig": {"ProductionVariants": [{"VariantName": "w"}]}},
    ),
    (
        CONFIGURE,
        configure(InstanceType="ml.unknown.xlarge", **layout("mig-1g.5gb")),
        endpoint(variant=layout("mig-1g.5gb")),
    ),
    (CONFIGURE, configure(ModelName="m"), {"EndpointConfig": endpoint()["EndpointConfig"]}),
    (UPDATE, roll("COPY_COUNT", 5), endpoint()),
    (UPDATE, roll("COPY_COUNT", 1), endpoint()),
    (UPDATE, roll("COPY_COUNT", 1, 60, 600), endpoint()),
    (UPDATE, roll("CAPACITY_PERCENT", 50, 0, 1200, **SLOW), endpoint()),
    (UPDATE, roll("CAPACITY_PERCENT", 50, 3600), endpoint()),
    (
        UPDATE,
        roll("COPY_COUNT", 5, 3600, 600) | {NAME: "idle"},
        endpoint("InService", None, described("idle", RuntimeConfig={"DesiredCopyCount": 0})),
    ),
]

ONE_DEVICE = {"NumberOfAcceleratorDevicesRequired": 1}
ON_4G = needs(NumberOfAcceleratorDevicesRequired=1, AcceleratorPartitionType="mig-4g.20gb")
PLURAL = described("plural", Specification=None, **per_type(("ml.g5.xlarge", ONE_DEVICE)))
ON_W = described("on-w", VariantName="w")
NOWHERE = described("nowhere", VariantName=None)
SERVERLESS = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
BASE = "BaseInferenceComponentName"

BROKEN += [
    (
        "ICP175",
        CREATE,
        create(VariantName=None, **needs(**ONE_DEVICE)),
        endpoint(variant={"InstanceType": "ml.c5.xlarge"}),
        DEVICES,
    ),
    ("ICP151", CONFIGURE, configure(ServerlessConfig=SERVERLESS), endpoint(), V0),
    (
        "ICP160",
        CONFIGURE,
        configure(**pools("ml.p4d.24xlarge", "ml.g5.xlarge"), **layout("mig-7g.40gb")),
        endpoint(variant=layout("mig-7g.40gb")),
        f"{V0}.AcceleratorPartitionLayouts",
    ),
    ("ICP171", CREATE, create(InferenceComponentName="split", **ON_4G), SPLIT_LLAMA, NAME),
    (
        "ICP171",
        CREATE,
        create(InferenceComponentName="other"),
        endpoint("InService", None, described("other", InferenceComponentStatus="Updating")),
        NAME,
    ),
    ("ICP175", UPDATE, update(**needs(**ONE_DEVICE)), two_variants(ON_W), DEVICES),
    (
        "ICP176",
        CREATE,
        create(
            Specification=None,
            **per_type(("ml.p4d.24xlarge", ON_3G["Specification"][COMPUTE]), ("ml.p4d.24xlarge-x", {})),
        ),
        endpoint(variant=SPLIT | pools("ml.p4d.24xlarge", "ml.p4d.24xlarge-x")),
        "",
    ),
]

SOUND += [
    (
        UPDATE,
        roll("CAPACITY_PERCENT", 50, 3600, 600) | {NAME: "idle"},
        endpoint("InService", None, described("idle", RuntimeConfig={"DesiredCopyCount": 0})),
    ),
    (CONFIGURE, configure(), endpoint(variant={"ModelName": "m"})),
    (DELETE, {NAME: "llama"}, endpoint(variant={"ModelName": "m"})),
    (CONFIGURE, configure(InstanceType="ml.g5.xlarge"), endpoint()),
    (CONFIGURE, configure(AcceleratorPartitionLayouts=[{}]), endpoint()),
    (CONFIGURE, configure(), endpoint(variant={"AcceleratorPartitionLayouts": [{}]})),
    (CREATE, create(VariantName=None), two_variants()),
    (CREATE, create(VariantName=None, **needs(**ONE_DEVICE)), two_variants()),
    (CREATE, create(VariantName=None, **ON_3G), two_variants()),
    (CREATE, create(VariantName=None, Specification=None, **per_type(("ml.g6.xlarge", {}))), two_variants()),
    (CREATE, create(VariantName="w", **needs(**ONE_DEVICE)), two_variants()),
    (UPDATE, {NAME: "on-w", **needs(**ONE_DEVICE)}, two_variants(ON_W)),
    (UPDATE, {NAME: "nowhere", **needs(**ONE_DEVICE)}, two_variants(NOWHERE)),
    (CONFIGURE, configure(), {"InferenceComponents": []}),
    (
        UPDATE,
        {NAME: "adapter", "Specification": {BASE: "llama", **needs()["Specification"]}},
        endpoint("InService", None, ADAPTER),
    ),
    (UPDATE, update(Specification={"InstanceType": "ml.g6.xlarge", "ModelName": "n"}), endpoint()),
    (UPDATE, update(Specifications=[{"ModelName": "n"}]), endpoint()),
    (
        UPDATE,
        update(**per_type(("ml.g5.xlarge", ONE_DEVICE | {"MinMemoryRequiredInMb": 40960}))),
        endpoint(variant=pools("ml.g5.xlarge", "ml.p4d.24xlarge")),
    ),
    (CREATE, create(VariantName=None, Specification={BASE: "plural"}), endpoint("InService", None, PLURAL)),
    (DELETE, {NAME: "llama"}, endpoint("InService", None, PLURAL)),
    (
        UPDATE,
        {NAME: "bare", **ON_3G},
        endpoint("InService", SPLIT, described("bare", Specification={"ModelName": "m"})),
    ),
    (UPDATE, roll("COPY_COUNT", 5, 300, 600), endpoint()),
    (
        UPDATE,
        roll("COPY_COUNT", 5, 300, 600) | {NAME: "idle", "RuntimeConfig": {"CopyCount": 1}},
        endpoint("InService", None, described("idle", RuntimeConfig={})),
    ),
    (UPDATE, roll("COPY_COUNT", 5, 0, 600) | {NAME: "plural"}, endpoint("InService", None, PLURAL)),
]

BROKEN += [
    # what one entry or type does not have keeps no rule from the next
    (
        "ICP141",
        UPDATE,
        update(**needs(MinMemoryRequiredInMb=24576, **ONE_DEVICE)),
        endpoint(variant=TYPES),
        MEMORY,
    ),
    (
        "ICP174",
        UPDATE,
        {NAME: "adapter", "Specifications": [{"ModelName": "n"}, {BASE: "none"}]},
        endpoint("InService", None, ADAPTER),
        f"Specifications[1].{BASE}",
    ),
    (
        "ICP184",
        UPDATE,
        {NAME: "llama", "Specification": {BASE: "llama"}, "RuntimeConfig": {"CopyCount": 9}},
        endpoint(),
        f"Specification.{BASE}",
    ),
    (
        "ICP184",
        UPDATE,
        {NAME: "other", "Specification": {BASE: "llama"}},
        endpoint("InService", None, described("other")),
        f"Specification.{BASE}",
    ),
    (
        "ICP141",
        UPDATE,
        update(
            Specifications=[
                {"InstanceType": "ml.c5.xlarge", "ModelName": "n"},
                *per_type(("ml.g5.xlarge", ONE_DEVICE | {"MinMemoryRequiredInMb": 24576}))["Specifications"],
            ]
        ),
        endpoint(variant=TYPES),
        f"Specifications[1].{COMPUTE}.MinMemoryRequiredInMb",
    ),
]
