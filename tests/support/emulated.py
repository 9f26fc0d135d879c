"""A local SageMaker with one endpoint, asked through boto3 without a socket, for tests of its behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import attrs

import icplan
from icplan.testing import FakeSageMaker, Policy, Timing

if TYPE_CHECKING:
    from icplan.diagnosis.following import Ending
    from icplan.testing.emulator.fleet import Fleet

ROLE = "arn:aws:iam::123456789012:role/endpoint"
QUICK = Timing(instance_launch=60, container_start=60, copy_stop=10, idle_release=0, instance_stop=10)
"""Instances that an update has emptied are given back at once, as in AWS's blog."""


def needs(devices: float = 0, memory: int = 1024, cores: float = 0, **more: Any) -> dict[str, Any]:
    """ComputeResourceRequirements."""
    asked: dict[str, Any] = {"MinMemoryRequiredInMb": memory}
    if devices:
        asked["NumberOfAcceleratorDevicesRequired"] = devices
    if cores:
        asked["NumberOfCpuCoresRequired"] = cores
    return asked | more


def rolling(batch: int, wait: int = 0, back: int | None = None, alarm: str | None = None) -> dict[str, Any]:
    """A DeploymentConfig that rolls so many copies at a time."""
    policy: dict[str, Any] = {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": batch},
        "WaitIntervalInSeconds": wait,
    }
    if back is not None:
        policy["RollbackMaximumBatchSize"] = {"Type": "COPY_COUNT", "Value": back}
    found: dict[str, Any] = {"RollingUpdatePolicy": policy}
    if alarm is not None:
        found["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": alarm}]}
    return found


def never_starting(name: str) -> dict[str, Any]:
    """The creation of a component whose container never starts, on a World where ``bad:1`` fails."""
    return {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "v",
        "Specification": {
            "Container": {"Image": "bad:1"},
            "StartupParameters": {"ContainerStartupHealthCheckTimeoutInSeconds": 1800},
            "ComputeResourceRequirements": needs(1),
        },
        "RuntimeConfig": {"CopyCount": 1},
    }


@attrs.define
class World:
    """An endpoint ``prod`` with the variant ``v``."""

    fake: FakeSageMaker
    client: Any

    @classmethod
    def of(
        cls,
        kind: str | list[str],
        instances: int = 1,
        most: int | None = None,
        least: int = 1,
        variant: dict[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Self:
        """An endpoint with so many instances; ``most`` turns managed instance scaling on."""
        given: dict[str, Any] = {"time": "virtual", "timing": QUICK, "policy": Policy.EVEN} | settings
        fake = FakeSageMaker(**given)
        world = cls(fake, fake.session().client("sagemaker"))
        world.configure("c", kind, instances, most, least, variant, **(config or {}))
        world.client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        fake.run_until_settled()
        return world

    def configure(
        self,
        name: str,
        kind: str | list[str],
        instances: int = 1,
        most: int | None = None,
        least: int = 1,
        variant: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Make an endpoint configuration."""
        made: dict[str, Any] = {"VariantName": "v", "InitialInstanceCount": instances}
        if isinstance(kind, str):
            made["InstanceType"] = kind
        else:
            pools = [{"InstanceType": one, "Priority": place} for place, one in enumerate(kind, start=1)]
            made["InstancePools"] = pools
        if most is not None:
            scaling = {"Status": "ENABLED", "MinInstanceCount": least, "MaxInstanceCount": most}
            made["ManagedInstanceScaling"] = scaling
        self.client.create_endpoint_config(
            EndpointConfigName=name,
            ExecutionRoleArn=ROLE,
            ProductionVariants=[made | (variant or {})],
            **more,
        )

    @property
    def fleet(self) -> Fleet:
        """The instances of the variant."""
        fleet = self.fake.emulator.region().endpoints["prod"].variants["v"].fleet
        assert fleet is not None
        return fleet

    def waited(self, name: str, **options: Any) -> Ending:
        """What `icplan.wait` says of a component while time passes on the emulated clock."""
        return icplan.wait(
            name,
            client=self.client,
            sleep=lambda seconds: self.fake.clock.advance(f"{max(1, round(seconds))}s"),
            clock=lambda: self.fake.clock.now,
            **options,
        )

    def settle(self) -> None:
        """Let every write be carried out."""
        self.fake.run_until_settled()

    def create(self, name: str, copies: int, compute: dict[str, Any], **more: Any) -> None:
        """A component; it is settled."""
        self.client.create_inference_component(
            InferenceComponentName=name,
            EndpointName="prod",
            VariantName="v",
            Specification={"ModelName": "m-1", "ComputeResourceRequirements": compute, **more},
            RuntimeConfig={"CopyCount": copies},
        )
        self.settle()

    def update(self, name: str, deployment: dict[str, Any] | None = None, model: str = "m-2") -> None:
        """Another model; the most instances are counted from here on."""
        self.fleet.peak = self.fleet.staying
        given = {} if deployment is None else {"DeploymentConfig": deployment}
        self.client.update_inference_component(
            InferenceComponentName=name, Specification={"ModelName": model}, **given
        )

    def scale(self, name: str, copies: int) -> None:
        """Another number of copies."""
        self.client.update_inference_component_runtime_config(
            InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": copies}
        )

    def component(self, name: str) -> dict[str, Any]:
        """What DescribeInferenceComponent answers."""
        found: dict[str, Any] = self.client.describe_inference_component(InferenceComponentName=name)
        return found

    def endpoint(self) -> dict[str, Any]:
        """What DescribeEndpoint answers."""
        found: dict[str, Any] = self.client.describe_endpoint(EndpointName="prod")
        return found

    def copies(self, name: str) -> tuple[int, int]:
        """Desired and current copies."""
        runtime = self.component(name)["RuntimeConfig"]
        return runtime["DesiredCopyCount"], runtime["CurrentCopyCount"]

    def instances(self) -> tuple[int, int]:
        """Current and desired instances."""
        (variant,) = self.endpoint()["ProductionVariants"]
        return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]

    def layout(self) -> list[dict[str, int]]:
        """Copies by component on each instance, in the order of the instances."""
        return list(self.fake.placement("prod")["v"].values())

    def events(self, *subjects: str) -> list[str]:
        """What happened, in order, without the details."""
        region = self.fake.emulator.region()
        return [event.what for event in region.events if event.subject in subjects]
