"""For every rule the judge applies: a question that breaks it, and one as near as can be that does not."""

from __future__ import annotations

from typing import Any

import attrs

from support.endpoints import GPU4, GPU8, component, create, delete, pooled, scale, snapshot, update
from support.reserved_metrics import with_metrics

Json = dict[str, Any]
SPLIT = "ml.p4d.24xlarge"
COMPUTE = "ComputeResourceRequirements"


@attrs.frozen
class Question:
    """Changes, what the endpoint runs, and how `icplan.check` is told to go about it."""

    taken: Json
    changes: tuple[Json, ...]
    options: Json = attrs.field(factory=dict)


def asked(taken: Json, *changes: Json, **options: Any) -> Question:
    return Question(taken, changes, options)


def full(most: int = 10, **more: Any) -> Json:
    """Two instances without a free accelerator, which may become ``most``."""
    return snapshot(GPU4, 2, component("a", 8, 1), scaling=(1, most), **more)


def configured(instances: int, kind: str = GPU4, **more: Any) -> tuple[Json, Json]:
    """A configuration of so many instances, and the update of the endpoint to it."""
    variant = {"VariantName": "AllTraffic", "InstanceType": kind, "InitialInstanceCount": instances, **more}
    role = "arn:aws:iam::111122223333:role/sagemaker"
    configuration = {
        "EndpointConfigName": "next",
        "ExecutionRoleArn": role,
        "ProductionVariants": [variant],
    }
    return configuration, {"EndpointName": "prod", "EndpointConfigName": "next"}


def weighed(variant: str) -> Json:
    """The instances of a variant, set."""
    desired = [{"VariantName": variant, "DesiredInstanceCount": 1}]
    return {"EndpointName": "prod", "DesiredWeightsAndCapacities": desired}


def made(name: str) -> tuple[Json, Json]:
    """A configuration, and an endpoint of that name made from it."""
    configuration, request = configured(1)
    return configuration, {"Operation": "CreateEndpoint", "Request": {**request, "EndpointName": name}}


def quota(value: float) -> list[Json]:
    return [{"QuotaName": f"{GPU4} for endpoint usage", "QuotaCode": "L-65C4BD00", "Value": value}]


def reserved(available: int) -> Json:
    taken = full()
    taken["Endpoint"]["ProductionVariants"][0]["CapacityReservationConfig"] = {
        "CapacityReservationPreference": "capacity-reservations-only",
        "TotalInstanceCount": 4,
        "AvailableInstanceCount": available,
    }
    return taken


def split(copies: int) -> Json:
    """One instance of 8 accelerators, each cut into two halves, of which so many are taken."""
    half = "mig-3g.20gb"
    taken = snapshot(SPLIT, 1, component("a", copies, 1, partition=half))
    layouts = [{"AcceleratorPartitionTypes": [half, half]}]
    taken["EndpointConfig"]["ProductionVariants"][0]["AcceleratorPartitionLayouts"] = layouts
    return taken


def pools(most: int) -> Json:
    """One small instance with two copies; what is launched may be small or large."""
    needs = {COMPUTE: {"NumberOfAcceleratorDevicesRequired": 2, "MinMemoryRequiredInMb": 1024}}
    described = component("a", 2)
    del described["Specification"]
    described["Specifications"] = [{"ModelName": "m", "InstanceType": kind, **needs} for kind in (GPU4, GPU8)]
    described["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": 2}]
    return pooled({GPU4: 1, GPU8: 0}, described, scaling=(1, most))


def pools_in_all() -> Json:
    """Two instances, one of them small: of which type the other is, is not told."""
    taken = pools(2)
    (summary,) = taken["Endpoint"]["ProductionVariants"]
    summary |= {"CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
    del summary["InstancePools"]
    return taken


def located(taken: Json, *counts: int) -> Json:
    """With so many copies of ``a`` on each instance, two instances in each zone."""
    places = [
        {
            "InferenceComponentName": "a",
            "InstanceId": f"i-{number}",
            "InstanceType": GPU4,
            "AvailabilityZone": f"us-east-1{'ab'[number // 2]}",
            "Copies": count,
        }
        for number, count in enumerate(counts)
    ]
    return taken | {"CopyLocations": places}


def zoned(*counts: int) -> Json:
    return located(snapshot(GPU4, 4, component("a", sum(counts), 1)), *counts)


def placed(copies: int, strategy: str = "SPREAD", imbalance: int | None = None) -> Json:
    request = create("new", copies, 1)
    scheduling: Json = {"PlacementStrategy": strategy}
    if imbalance is not None:
        balance = {"EnforcementMode": "PERMISSIVE", "MaxImbalance": imbalance}
        scheduling["AvailabilityZoneBalance"] = balance
    request["Specification"]["SchedulingConfig"] = scheduling
    return request


def scaled(first: int, second: int) -> Json:
    """Four accelerators, and two components that autoscaling may bring to so many copies."""
    targets = [
        {
            "ResourceId": f"inference-component/{name}",
            "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
            "MinCapacity": 1,
            "MaxCapacity": most,
        }
        for name, most in (("a", first), ("b", second))
    ]
    return snapshot(GPU4, 1, component("a", 1, 1), component("b", 1, 1), ScalableTargets=targets)


def timed(limit: int) -> Json:
    """Two batches that wait 400 s each, and a rollback of one batch that would wait as long."""
    request = update("a", 1)
    policy = request["DeploymentConfig"]["RollingUpdatePolicy"]
    policy |= {"WaitIntervalInSeconds": 400, "MaximumExecutionTimeoutInSeconds": limit}
    return request


def adapter() -> Json:
    """Created on top of the component ``a``."""
    request = create("new", 1)
    del request["VariantName"], request["RuntimeConfig"]
    request["Specification"] = {
        "BaseInferenceComponentName": "a",
        "Container": {"ArtifactUrl": "s3://models/adapter.tar.gz"},
    }
    return request


def one(accelerators: int = 0, memory: int = 1024, copies: int = 1, **more: Any) -> Json:
    return snapshot(GPU4, 1, component("a", copies, accelerators, memory, **more))


WHOLE: Json = {COMPUTE: {"MinMemoryRequiredInMb": 2048, "NumberOfAcceleratorDevicesRequired": 1}}
ON_GPU4: Json = {"InstanceType": GPU4}
PARTLY: Json = {COMPUTE: {"MinMemoryRequiredInMb": 2048}}
SAME: Json = {
    "InferenceComponentName": "a",
    "Specification": one(1)["InferenceComponents"][0]["Specification"],
}


def renamed(config: str) -> dict[str, Any]:
    """An endpoint that says it runs a configuration of that name."""
    taken = one(1)
    taken["Endpoint"]["EndpointConfigName"] = config
    return taken


def uncounted() -> dict[str, Any]:
    """An endpoint that does not tell how many instances run."""
    taken = one(1)
    del taken["Endpoint"]["ProductionVariants"][0]["CurrentInstanceCount"]
    return taken


def unlimited() -> dict[str, Any]:
    """A full endpoint with managed instance scaling, and no maximum."""
    taken = full(3)
    del taken["EndpointConfig"]["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"]
    return taken


def elsewhere(name: str) -> dict[str, Any]:
    """A creation whose one specification names an instance type."""
    request = create("new", 1, 1)
    request["Specification"]["InstanceType"] = name
    return request


def moving(status: str) -> dict[str, Any]:
    """An endpoint on which another component has that status."""
    other = component("b", 1, 1, InferenceComponentStatus=status)
    return snapshot(GPU4, 1, component("a", 1, 1), other)


def told(gpus: int) -> dict[str, Any]:
    """A snapshot that says itself how many GPUs its instances have."""
    kind = {
        "InstanceType": GPU4.removeprefix("ml."),
        "VCpuInfo": {"DefaultVCpus": 48},
        "MemoryInfo": {"SizeInMiB": 196_608},
        "GpuInfo": {"Gpus": [{"Count": gpus}]},
    }
    return one(1) | {"InstanceTypes": [kind]}


TEMPLATES = frozenset({"ICP329", "ICP331", "ICP332", "ICP408", "ICP409", "ICP606", "ICP607"})
"""Rules that speak of deployments alone, tested with them."""

#: Rules of requests that make an endpoint or change it.
ENDPOINTS: dict[str, tuple[Question, Question]] = {
    "ICP181": (asked(one(1), weighed("other")), asked(one(1), weighed("AllTraffic"))),
    "ICP182": (asked(one(1), *made("prod")), asked(one(1), *configured(1))),
    "ICP183": (asked(one(1), configured(1)[0], *configured(1)), asked(one(1), *configured(1))),
}


def measured(moved: str | None = None) -> Json:
    """Two copies on one of two instances, as metrics tell; the endpoint may have moved since."""
    taken = snapshot(GPU4, 2, component("a", 2, 2))
    told = with_metrics(taken, [{"a": 2}, {}], [GPU4, GPU4])
    return told if moved is None else told | {"Endpoint": told["Endpoint"] | {"LastModifiedTime": moved}}


def creating() -> Json:
    """A component whose copies may be placed first, on the one instance that has room."""
    moving = component("b", 1, 2, InferenceComponentStatus="Creating")
    moving["RuntimeConfig"]["CurrentCopyCount"] = 0
    return snapshot(GPU4, 2, component("a", 1, 4), moving)


def reserved_alone(left: int | None) -> Json:
    """A full instance, and a reservation alone that more come from, of which so much is told to be left."""
    taken = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 3))
    told = {"MlReservationArn": "arn:aws:sagemaker:us-east-1:111122223333:training-plan/p"}
    told["CapacityReservationPreference"] = "capacity-reservations-only"
    taken["EndpointConfig"]["ProductionVariants"][0]["CapacityReservationConfig"] = told
    counted = told if left is None else told | {"AvailableInstanceCount": left}
    taken["Endpoint"]["ProductionVariants"][0]["CapacityReservationConfig"] = counted
    return taken


JUDGED: dict[str, tuple[Question, Question]] = {
    "ICP301": (asked(one(3), scale("a", 2)), asked(one(2), scale("a", 2))),
    "ICP302": (asked(one(memory=150_000), scale("a", 2)), asked(one(memory=40_000), scale("a", 2))),
    "ICP303": (asked(one(cpu=30), scale("a", 2)), asked(one(cpu=20), scale("a", 2))),
    "ICP304": (asked(split(16), scale("a", 17)), asked(split(15), scale("a", 16))),
    "ICP305": (
        asked(snapshot(GPU4, 3, component("a", 3, 3)), create("new", 1, 3)),
        asked(snapshot(GPU4, 3, component("a", 3, 3)), create("new", 3, 1)),
    ),
    "ICP306": (
        asked(snapshot(GPU4, 1), create("new", 1, 5)),
        asked(snapshot(GPU4, 1), create("new", 1, 4)),
    ),
    "ICP307": (
        asked(snapshot(GPU4, 1), create("new", 1, 1, 120_000)),
        asked(snapshot(GPU4, 1), create("new", 1, 1, 90_000)),
    ),
    "ICP308": (
        asked(snapshot(GPU4, 2, component("a", 2, 2)), create("new", 1, 4)),
        asked(located(snapshot(GPU4, 2, component("a", 2, 2)), 2, 0), create("new", 1, 4)),
    ),
    "ICP309": (
        asked(
            snapshot(GPU4, 9, component("a", 9, 1), component("b", 9, 2)),
            create("new", 2, 3),
            time_limit=1e-9,
        ),
        asked(snapshot(GPU4, 9, component("a", 9, 1), component("b", 9, 2)), create("new", 2, 3)),
    ),
    "ICP310": (asked(one(2, copies=3), scale("a", 2)), asked(one(2, copies=2), scale("a", 1))),
    "ICP311": (asked(pools(2), scale("a", 6)), asked(pools(9), scale("a", 6))),
    "ICP312": (asked(uncounted(), scale("a", 2)), asked(one(1), scale("a", 2))),
    "ICP313": (asked(moving("Updating"), scale("a", 2)), asked(moving("InService"), scale("a", 2))),
    "ICP314": (
        asked(located(snapshot(GPU4, 2, component("a", 2, 2)), 1, 0), scale("a", 3)),
        asked(located(snapshot(GPU4, 2, component("a", 2, 2)), 1, 1), scale("a", 3)),
    ),
    "ICP315": (
        asked(pools(6), create("b", 4, 4), scale("b", 8)),
        asked(pools(6), create("b", 1), scale("b", 2)),
    ),
    "ICP316": (asked(pools_in_all(), scale("a", 3)), asked(pools(2), scale("a", 3))),
    "ICP317": (
        asked(one(1), {"InferenceComponentName": "a", "Specifications": [{**ON_GPU4, "ModelName": "m"}]}),
        asked(one(1), {"InferenceComponentName": "a", "Specifications": [{**ON_GPU4, **WHOLE}]}),
    ),
    "ICP318": (asked(creating(), create("new", 1, 4)), asked(creating(), create("new", 1, 2))),
    "ICP319": (
        asked(reserved_alone(None), create("new", 1, 4)),
        asked(reserved_alone(2), create("new", 1, 4)),
    ),
    "ICP320": (asked(renamed("newer"), scale("a", 2)), asked(renamed("prod-config"), scale("a", 2))),
    "ICP321": (asked(unlimited(), scale("a", 9)), asked(full(3), scale("a", 9))),
    "ICP322": (asked(moving("Failed"), scale("a", 9)), asked(moving("Failed"), scale("a", 2))),
    "ICP323": (asked(one(1), elsewhere("ml.g5.48xlarge")), asked(one(1), elsewhere(GPU4))),
    "ICP324": (
        asked(measured(moved="2026-11-20T02:04:30Z"), create("new", 1, 4)),
        asked(measured(), create("new", 1, 4)),
    ),
    "ICP325": (asked(measured(), create("new", 1, 4)), asked(measured(), create("new", 1, 2))),
    "ICP326": (
        asked(snapshot(GPU4, 2, component("a", 2, 3)), *configured(1)),
        asked(snapshot(GPU4, 2, component("a", 2, 2)), *configured(1)),
    ),
    "ICP327": (asked(one(1), *configured(1, kind=GPU8)), asked(one(1), *configured(1))),
    "ICP328": (asked(one(1), configured(1)[0]), asked(one(1), *configured(1))),
    "ICP330": (asked(told(64), scale("a", 2)), asked(told(4), scale("a", 2))),
    "ICP401": (asked(one(2, copies=2), update("a", 1)), asked(one(1, copies=2), update("a", 1))),
    "ICP402": (
        asked(snapshot(GPU4, 2, component("a", 2, 3), scaling=(1, 3)), update("a", 1)),
        asked(snapshot(GPU4, 2, component("a", 2, 3), scaling=(1, 3)), update("a", 1, 1)),
    ),
    "ICP403": (asked(one(1), update("a", **PARTLY)), asked(one(1), update("a", **WHOLE))),
    "ICP404": (asked(one(1), SAME), asked(one(1), update("a"))),
    "ICP405": (
        asked(one(1, copies=4), create("new", 2, 1), delete("a")),
        asked(one(1, copies=4), create("new", 5, 1), delete("a")),
    ),
    "ICP406": (asked(one(1, copies=2), timed(1199)), asked(one(1, copies=2), timed(1200))),
    "ICP407": (
        asked(one(1), scale("a", 9), create("b", 1, 1)),
        asked(one(1), scale("a", 2), create("b", 1, 1)),
    ),
    "ICP501": (asked(full(2), scale("a", 9)), asked(full(3), scale("a", 9))),
    "ICP502": (
        asked(full(Quotas=quota(16), InstancesInUse={GPU4: 16}), scale("a", 9)),
        asked(full(Quotas=quota(16), InstancesInUse={GPU4: 15}), scale("a", 9)),
    ),
    "ICP503": (asked(reserved(0), scale("a", 9)), asked(reserved(1), scale("a", 9))),
    "ICP507": (
        asked(unlimited(), scale("a", 9), assume={"growth-without-maximum": "none"}),
        asked(unlimited(), scale("a", 8)),
    ),
    "ICP504": (
        asked(snapshot(GPU4, 2, component("a", 8, 1)), scale("a", 9)),
        asked(full(2), scale("a", 9)),
    ),
    "ICP505": (asked(full(), scale("a", 9)), asked(full(), scale("a", 8))),
    "ICP506": (
        asked(snapshot(GPU8, 5, component("a", 10, 3), scaling=(1, 20)), update("a", 5, 5)),
        asked(snapshot(GPU8, 5, component("a", 10, 1), scaling=(1, 20)), update("a", 5, 5)),
    ),
    "ICP601": (asked(zoned(1, 0, 0, 0), placed(3, "BINPACK")), asked(zoned(1, 0, 0, 0), placed(3))),
    "ICP602": (asked(scaled(3, 2), scale("a", 2)), asked(scaled(3, 1), scale("a", 2))),
    "ICP603": (asked(zoned(1, 1, 4, 4), placed(4)), asked(zoned(1, 1, 3, 4), placed(4, imbalance=2))),
    "ICP604": (
        asked(zoned(2, 2, 3, 4), placed(4, imbalance=0)),
        asked(zoned(2, 2, 2, 2), placed(4, imbalance=0)),
    ),
    "ICP605": (asked(one(1), adapter()), asked(one(1), create("new", 1, 1))),
}
"""Per rule: what breaks it, and what nearly does."""
