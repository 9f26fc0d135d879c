"""Read a snapshot into an endpoint's state: AWS's members become typed values here, and nowhere else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from icplan.aws.quota_names import (
    ALL_INSTANCES,
    ALL_INSTANCES_CODE,
    PER_ENDPOINT,
    PER_ENDPOINT_CODE,
    PER_TYPE,
)
from icplan.fleet.endpoint import CopyLocation, EndpointState, Quota, moment_of
from icplan.fleet.variant import ConfiguredPool, Layouts, Reservation, RunningVariant, VariantState
from icplan.requests.from_describe import EndpointComponent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.fleet.reservation_metrics import ReservationMetric
    from icplan.snapshot.snapshot import Snapshot

    Data = Mapping[str, Any]

_PER_TYPE = PER_TYPE.format(r"(ml\.\S+)")
_SCALED = "inference-component/"


def read_endpoint(snapshot: Snapshot) -> EndpointState:
    """The state that a snapshot shows."""
    data = snapshot.data
    endpoint: Data = data.get("Endpoint") or {}
    configuration = data["EndpointConfig"]
    summaries = endpoint.get("ProductionVariants") or ()
    variants = read_variants(configuration["ProductionVariants"], summaries)
    shadows = read_variants(
        configuration.get("ShadowProductionVariants") or (), endpoint.get("ShadowProductionVariants") or ()
    )
    return EndpointState(
        origin=snapshot,
        configuration=configuration,
        variants=tuple(one for one in variants if one.declared),
        components=tuple(
            EndpointComponent.of(one, f"$.InferenceComponents[{number}]")
            for number, one in enumerate(data.get("InferenceComponents") or ())
        ),
        components_told="InferenceComponents" in data,
        described_name=endpoint.get("EndpointName"),
        status=endpoint.get("EndpointStatus"),
        running_configuration=endpoint.get("EndpointConfigName"),
        described=len(summaries),
        undeclared=tuple(one for one in variants if not one.declared),
        shadows=tuple(shadows),
        quotas=tuple(_quotas(data.get("Quotas") or ())),
        in_use=data.get("InstancesInUse"),
        uncounted_endpoints=_missing(data, "InstancesInUse"),
        undescribed=_missing(data, "InferenceComponents"),
        consistent=data.get("Consistent") is not False,
        locations=tuple(map(_location, data.get("CopyLocations") or ())),
        reservations=_reservation_metrics(data.get("Reservations") or ()),
        taken_at=moment_of(snapshot.taken_at),
        modified=_text(endpoint.get("LastModifiedTime")),
        autoscaling_max=_maxima(data.get("ScalableTargets") or ()),
        instance_types=tuple(data.get("InstanceTypes") or ()),
    )


def _missing(data: Data, part: str) -> tuple[str, ...]:
    """What a part of the snapshot says that it lacks."""
    return tuple((data.get("Parts") or {}).get(part, {}).get("Missing") or ())


def read_variants(configured: Sequence[Data], described: Sequence[Data]) -> list[VariantState]:
    """Variants as they are configured and described; of those that are not configured ``number`` is -1."""
    told = {one["VariantName"]: _running(one, number) for number, one in enumerate(described)}
    found = [
        _configured(one, number, told.pop(one["VariantName"], None)) for number, one in enumerate(configured)
    ]
    return [*found, *(VariantState(name, -1, running=one) for name, one in told.items())]


def _configured(variant: Data, number: int, running: RunningVariant | None) -> VariantState:
    pools = enumerate(variant.get("InstancePools") or ())
    return VariantState(
        name=variant["VariantName"],
        number=number,
        instance_type=variant.get("InstanceType"),
        pools=tuple(
            ConfiguredPool(one["InstanceType"], one["Priority"], f"InstancePools[{index}]")
            for index, one in pools
        ),
        initial=variant.get("InitialInstanceCount"),
        layouts=_layouts(variant),
        configured_scaling=variant.get("ManagedInstanceScaling"),
        configured_reservation=_reservation(variant),
        hosts_model="ModelName" in variant,
        running=running,
    )


def _running(summary: Data, number: int) -> RunningVariant:
    pools = summary.get("InstancePools")
    return RunningVariant(
        number=number,
        current=summary.get("CurrentInstanceCount"),
        desired=summary.get("DesiredInstanceCount"),
        pools=None
        if pools is None
        else {one["InstanceType"]: int(one["CurrentInstanceCount"]) for one in pools},
        layouts=_layouts(summary),
        scaling=summary.get("ManagedInstanceScaling"),
        reservation=_reservation(summary),
    )


def _layouts(variant: Data) -> Layouts:
    layouts = variant.get("AcceleratorPartitionLayouts") or ()
    return tuple(tuple(one.get("AcceleratorPartitionTypes") or ()) for one in layouts)


def _reservation(variant: Data) -> Reservation:
    told: Data = variant.get("CapacityReservationConfig") or {}
    shared = told.get("Ec2CapacityReservations")
    return Reservation(
        arn=told.get("MlReservationArn"),
        preference=told.get("CapacityReservationPreference"),
        total=told.get("TotalInstanceCount"),
        available=told.get("AvailableInstanceCount"),
        used=told.get("UsedByCurrentEndpoint"),
        shared=None if shared is None else tuple(one.get("AvailableInstanceCount") for one in shared),
    )


def _quotas(quotas: Sequence[Data]) -> Iterator[Quota]:
    """Those on instances of endpoints."""
    for quota in quotas:
        name, value = str(quota.get("QuotaName", "")), int(quota["Value"])
        if quota.get("QuotaCode") == ALL_INSTANCES_CODE or name == ALL_INSTANCES:
            yield Quota(ALL_INSTANCES, value)
        elif quota.get("QuotaCode") == PER_ENDPOINT_CODE:
            yield Quota(name or PER_ENDPOINT, value, of_endpoint=True)
        elif match := re.fullmatch(_PER_TYPE, name):
            yield Quota(name, value, match[1])


def _reservation_metrics(told: Sequence[Data]) -> tuple[ReservationMetric, ...]:
    if not told:
        return ()
    from icplan.fleet.reservation_metrics import ReservationMetric  # noqa: PLC0415  (few snapshots have any)

    return tuple(map(ReservationMetric.of, told))


def _location(row: Data) -> CopyLocation:
    return CopyLocation(
        component=row["InferenceComponentName"],
        instance=row["InstanceId"],
        type=row["InstanceType"],
        copies=row["Copies"],
        zone=row.get("AvailabilityZone"),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _maxima(targets: Sequence[Data]) -> dict[str, int]:
    """The largest number of copies per component that Application Auto Scaling may ask for."""
    return {
        target["ResourceId"].removeprefix(_SCALED): target["MaxCapacity"]
        for target in targets
        if str(target.get("ResourceId", "")).startswith(_SCALED) and "MaxCapacity" in target
    }
