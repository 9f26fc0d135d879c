"""An endpoint: its variants and their fleets, its state, and how Describe shows it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import attrs

from icplan.testing.emulator.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from icplan.testing.emulator.region import Region
    from icplan.testing.emulator.timed_steps import Process

_PENDING: Final = "PendingDeploymentSummary"
_SHOWN: Final = ("ManagedInstanceScaling", "RoutingConfig", "AcceleratorPartitionLayouts")
"""Members of a configured variant that Describe shows of the running one."""


@attrs.define(eq=False)
class Variant:
    """A variant as it was configured, its weight, and its instances (a serverless one has none)."""

    configured: dict[str, Any]
    weight: float
    fleet: Fleet | None
    told: dict[str, Any] = attrs.field(factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.configured["VariantName"])

    def describe(self, *, pending: bool = False) -> dict[str, Any]:
        """As DescribeEndpoint shows it, or as one that is still to come."""
        shown: dict[str, Any] = {**self.told, "VariantName": self.name}
        shown |= {"CurrentWeight": self.weight, "DesiredWeight": self.weight}
        if self.fleet is not None:
            shown["CurrentInstanceCount"] = self.fleet.current
            shown["DesiredInstanceCount"] = self.fleet.desired
            if "InstancePools" in self.configured:
                shown["InstancePools"] = self._pools(self.fleet)
        elif "ServerlessConfig" in self.configured:
            shown |= {
                f"{when}ServerlessConfig": self.configured["ServerlessConfig"]
                for when in ("Current", "Desired")
            }
        shown |= {name: copy.deepcopy(self.configured[name]) for name in _SHOWN if name in self.configured}
        if pending and "InstanceType" in self.configured:
            shown["InstanceType"] = self.configured["InstanceType"]
        if not pending and "CapacityReservationConfig" in self.configured:
            shown["CapacityReservationConfig"] = copy.deepcopy(self.configured["CapacityReservationConfig"])
        return shown

    def _pools(self, fleet: Fleet) -> list[dict[str, Any]]:
        ready = [one.machine.name for one in fleet.instances if one.ready]
        return [{"InstanceType": name, "CurrentInstanceCount": ready.count(name)} for name in fleet.machines]


@attrs.define(eq=False)
class Endpoint:
    """An endpoint.

    Attributes:
        phase: The state that a write of its own has put it in; None where its instances alone tell.
        variants, shadows: By name.
        pending: The fleet of an update that is on its way.
        rolling_back: Components whose update is being taken back.
        rollback_failed: Whether an update and its rollback have both failed.
        told: What a seed said of it that nothing here tells.

    """

    name: str
    arn: str
    config_name: str
    created: float
    modified: float
    variants: dict[str, Variant] = attrs.field(factory=dict)
    shadows: dict[str, Variant] = attrs.field(factory=dict)
    phase: str | None = "Creating"
    failure: str | None = None
    pending: dict[str, Variant] | None = None
    pending_config: str | None = None
    pending_since: float = 0
    rolling_back: set[str] = attrs.field(factory=set)
    rollback_failed: bool = False
    deployment: dict[str, Any] | None = None
    process: Process | None = None
    told: dict[str, Any] = attrs.field(factory=dict)

    @property
    def status(self) -> str:
        """EndpointStatus."""
        if self.phase is not None:
            return self.phase
        if self.rolling_back:
            return "RollingBack"
        if any(fleet.in_motion for fleet in self.fleets()):
            return "Updating"
        return "UpdateRollbackFailed" if self.rollback_failed else "InService"

    def fleets(self) -> Iterator[Fleet]:
        """The instances of all variants, of those that are on their way too."""
        for variants in (self.variants, self.shadows, self.pending or {}):
            yield from (one.fleet for one in variants.values() if one.fleet is not None)

    def coming(self) -> Sequence[Variant]:
        """The variants of an update that is on its way."""
        return list((self.pending or {}).values())

    def describe(self, config: Mapping[str, Any] | None) -> dict[str, Any]:
        """What DescribeEndpoint answers; ``config`` is its endpoint configuration, if that is still there."""
        answer: dict[str, Any] = {
            **{name: value for name, value in self.told.items() if self.process is None or name != _PENDING},
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.config_name,
            "EndpointStatus": self.status,
            "FailureReason": self.failure,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "LastDeploymentConfig": self.deployment,
        }
        # Before its instances are there, AWS shows no variants.
        if self.phase != "Creating":
            answer["ProductionVariants"] = [one.describe() for one in self.variants.values()]
            if self.shadows:
                answer["ShadowProductionVariants"] = [one.describe() for one in self.shadows.values()]
        for name in ("DataCaptureConfig", "AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig"):
            if config and name in config:
                answer[name] = config[name]
        untold = self.process is not None or _PENDING not in self.told
        if untold and (self.pending is not None or self.phase == "Creating"):
            answer[_PENDING] = self._pending()
        return answer

    def _pending(self) -> dict[str, Any]:
        coming = self.variants if self.pending is None else self.pending
        return {
            "EndpointConfigName": self.pending_config or self.config_name,
            "ProductionVariants": [one.describe(pending=True) for one in coming.values()],
            "StartTime": self.pending_since or self.created,
        }


def make_variant(region: Region, endpoint: str, configured: Mapping[str, Any]) -> Variant:
    """A variant of an endpoint configuration, without instances."""
    settings = copy.deepcopy(dict(configured))
    weight = float(settings.get("InitialVariantWeight", 1))
    types = types_of(settings)
    if not types:
        return Variant(settings, weight, None)
    layouts = settings.get("AcceleratorPartitionLayouts") or [{}]
    layout = layouts[0].get("AcceleratorPartitionTypes", ())
    scaling = settings.get("ManagedInstanceScaling", {})
    enabled = scaling.get("Status") == "ENABLED"
    fleet = Fleet(
        region,
        f"{endpoint}/{settings['VariantName']}",
        {name: region.machines.machine(name, layout) for name in types},
        min_instances=scaling.get("MinInstanceCount", 1) if enabled else 0,
        max_instances=scaling.get("MaxInstanceCount") if enabled else None,
        idle_release=region.timing.idle_release,
    )
    return Variant(settings, weight, fleet)


def types_of(configured: Mapping[str, Any]) -> list[str]:
    """The instance types of a configured variant, the preferred one first."""
    if "InstanceType" in configured:
        return [configured["InstanceType"]]
    pools = sorted(configured.get("InstancePools", ()), key=lambda pool: int(pool["Priority"]))
    return [pool["InstanceType"] for pool in pools]
