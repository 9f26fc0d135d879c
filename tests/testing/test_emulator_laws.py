"""Random calls through boto3 over HTTP, as time passes: what may never be, whatever is asked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from support.emulated import QUICK, ROLE, needs, rolling

import icplan
from icplan.testing import FakeSageMaker, Policy
from icplan.testing.emulator.copies import CopyState
from icplan.testing.simulator.instances import demand

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("one", "two", "three")
TYPES = ("ml.g5.2xlarge", "ml.g5.12xlarge")
COMPONENT_STATES = {"InService", "Creating", "Updating", "Failed", "Deleting"}
ENDPOINT_STATES = {
    *("Creating", "InService", "Updating", "RollingBack", "Deleting"),
    *("Failed", "UpdateRollbackFailed", "SystemUpdating"),
}
CODES = {"ValidationException", "ResourceLimitExceeded"}


class Calls(RuleBasedStateMachine):
    """An account with one endpoint that comes and goes, and whatever may be asked of it."""

    fake: FakeSageMaker

    @initialize(
        policy=st.sampled_from(list(Policy)),
        seed=st.integers(0, 9),
        quota=st.none() | st.integers(1, 4),
        least=st.integers(0, 2),
        pools=st.booleans(),
    )
    def start(self, policy: Policy, seed: int, quota: int | None, least: int, pools: bool) -> None:
        """An account with a quota, perhaps, and two configurations."""
        quotas = None if quota is None else dict.fromkeys(TYPES, quota)
        self.fake = FakeSageMaker(time="virtual", policy=policy, seed=seed, quotas=quotas, timing=QUICK)
        self.quota = quota
        self.client = self.fake.client()
        for name, most in (("small", 2), ("large", 5)):
            variant: dict[str, Any] = {"VariantName": "v", "InitialInstanceCount": max(1, least)}
            variant |= (
                {"InstancePools": [{"InstanceType": t, "Priority": n + 1} for n, t in enumerate(TYPES)]}
                if pools
                else {"InstanceType": TYPES[1]}
            )
            scaling = {"Status": "ENABLED", "MinInstanceCount": least, "MaxInstanceCount": most}
            self.client.create_endpoint_config(
                EndpointConfigName=name,
                ExecutionRoleArn=ROLE,
                ProductionVariants=[variant | {"ManagedInstanceScaling": scaling}],
            )

    def ask(self, call: Callable[..., Any], **arguments: Any) -> None:
        """Ask; a refusal is one of AWS's, in its words."""
        try:
            call(**arguments)
        except ClientError as error:
            refused = error.response
        else:
            return
        assert refused["Error"]["Code"] in CODES
        assert refused["Error"]["Message"]
        assert refused["ResponseMetadata"]["RequestId"]

    @rule(config=st.sampled_from(("small", "large")))
    def create_endpoint(self, config: str) -> None:
        """An endpoint."""
        self.ask(self.client.create_endpoint, EndpointName="prod", EndpointConfigName=config)

    @rule(config=st.sampled_from(("small", "large")), keep=st.booleans())
    def update_endpoint(self, config: str, keep: bool) -> None:
        """Another configuration."""
        self.ask(
            self.client.update_endpoint,
            EndpointName="prod",
            EndpointConfigName=config,
            RetainAllVariantProperties=keep,
        )

    @rule(count=st.integers(0, 4))
    def recount(self, count: int) -> None:
        """Another number of instances."""
        wanted = [{"VariantName": "v", "DesiredInstanceCount": count}]
        call = self.client.update_endpoint_weights_and_capacities
        self.ask(call, EndpointName="prod", DesiredWeightsAndCapacities=wanted)

    @rule()
    def delete_endpoint(self) -> None:
        """No endpoint."""
        self.ask(self.client.delete_endpoint, EndpointName="prod")

    @rule(name=st.sampled_from(NAMES), copies=st.integers(0, 4), devices=st.integers(1, 3))
    def create(self, name: str, copies: int, devices: int) -> None:
        """A component."""
        self.ask(
            self.client.create_inference_component,
            InferenceComponentName=name,
            EndpointName="prod",
            VariantName="v",
            Specification={"ModelName": "m-0", "ComputeResourceRequirements": needs(devices, 4096)},
            RuntimeConfig={"CopyCount": copies},
        )

    @rule(name=st.sampled_from(NAMES), copies=st.integers(0, 6))
    def scale(self, name: str, copies: int) -> None:
        """Another number of copies."""
        call = self.client.update_inference_component_runtime_config
        self.ask(call, InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": copies})

    @rule(
        name=st.sampled_from(NAMES),
        model=st.integers(0, 3),
        batch=st.none() | st.integers(1, 3),
        back=st.none() | st.integers(1, 2),
    )
    def update(self, name: str, model: int, batch: int | None, back: int | None) -> None:
        """Another model, at once or batch by batch."""
        given = {} if batch is None else {"DeploymentConfig": rolling(batch, 30, back, "errors")}
        self.ask(
            self.client.update_inference_component,
            InferenceComponentName=name,
            Specification={"ModelName": f"m-{model}"},
            **given,
        )

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        """One component less."""
        self.ask(self.client.delete_inference_component, InferenceComponentName=name)

    @rule(span=st.sampled_from((5, 30, 70, 300, 4000)))
    def wait(self, span: int) -> None:
        """Time passes."""
        self.fake.clock.advance(span)

    @rule()
    def settle(self) -> None:
        """Everything comes to its end: nothing waits for ever."""
        self.fake.run_until_settled()
        assert not self.fake.emulator.region().unsettled

    @rule(rings=st.booleans())
    def alarm(self, rings: bool) -> None:
        """An alarm rings, or stops."""
        self.fake.set_alarm("errors", "ALARM" if rings else "OK")

    @rule(kind=st.sampled_from(TYPES), there=st.booleans())
    def capacity(self, kind: str, there: bool) -> None:
        """EC2 runs out of a type, or has it again."""
        if there:
            self.fake.capacity_returns(kind)
        else:
            self.fake.no_capacity(kind)

    @rule(model=st.integers(1, 3), works=st.booleans())
    def container(self, model: int, works: bool) -> None:
        """A model's container does not start, or does."""
        (self.fake.container_works if works else self.fake.container_fails)(f"m-{model}")

    @invariant()
    def nothing_is_overbooked(self) -> None:
        """No instance holds more than it offers, nor does anything it is said to hold lie elsewhere."""
        if not hasattr(self, "fake"):
            return
        region = self.fake.emulator.region()
        for fleet in region.fleets():
            for instance in fleet.instances:
                held = Counter[str]()
                for version, copies in instance.copies.items():
                    for what, amount in (
                        demand(region.deployed, version, instance.machine.name) or {}
                    ).items():
                        held[what] += copies * amount
                assert all(held[what] <= instance.machine.offers[what] for what in held)
                assert instance.total == len(region.copies_on(instance))
                assert not (instance.going and instance.total)

    @invariant()
    def limits_hold(self) -> None:
        """No more instances than the maximum and the quota allow."""
        if not hasattr(self, "fake"):
            return
        region = self.fake.emulator.region()
        if self.quota is not None:
            used = region.quotas.usage()
            assert all(used[kind] <= self.quota for kind in TYPES)

    @invariant()
    def what_is_described_adds_up(self) -> None:
        """States are AWS's, copies by type add up, at rest those desired; icplan reads it all."""
        if not hasattr(self, "fake"):
            return
        region = self.fake.emulator.region()
        for endpoint in region.endpoints.values():
            assert endpoint.status in ENDPOINT_STATES
        for name, component in region.components.items():
            shown = self.client.describe_inference_component(InferenceComponentName=name)
            runtime = shown["RuntimeConfig"]
            assert shown["InferenceComponentStatus"] in COMPONENT_STATES
            by_type = sum(one["CurrentCopyCount"] for one in runtime.get("PlacementStatus", ()))
            assert by_type == runtime["CurrentCopyCount"]
            moving = component.process is not None and not component.process.done
            assert moving == (shown["InferenceComponentStatus"] in {"Creating", "Updating", "Deleting"})
            if shown["InferenceComponentStatus"] == "InService" and component.endpoint.phase is None:
                assert runtime["CurrentCopyCount"] == runtime["DesiredCopyCount"]
                assert {one.state for one in component.copies} <= {CopyState.RUNNING}
        if "prod" in region.endpoints and region.endpoints["prod"].phase != "Creating":
            icplan.Snapshot.from_dict(self.fake.snapshot("prod", located=True))

    def teardown(self) -> None:
        """Stop listening."""
        if hasattr(self, "fake"):
            self.fake.close()


@pytest.mark.slow
def test_whatever_is_asked_the_world_stays_possible() -> None:
    """A few dozen worlds."""
    budget = settings(
        max_examples=settings.get_profile(settings.get_current_profile_name()).max_examples,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Calls, settings=budget)


def test_the_same_seed_does_the_same() -> None:
    """Two worlds that are asked the same end alike; so does one that was kept and brought back."""
    ends = []
    for _ in range(2):
        with FakeSageMaker(time="virtual", policy=Policy.RANDOM, seed=7, timing=QUICK) as fake:
            client = fake.session().client("sagemaker")
            variant = {"VariantName": "v", "InitialInstanceCount": 2, "InstanceType": TYPES[1]}
            client.create_endpoint_config(
                EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant]
            )
            client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
            fake.run_until_settled()
            for name in NAMES:
                client.create_inference_component(
                    InferenceComponentName=name,
                    EndpointName="prod",
                    VariantName="v",
                    Specification={"ModelName": "m", "ComputeResourceRequirements": needs(1)},
                    RuntimeConfig={"CopyCount": 2},
                )
                fake.set_alarm("errors")
                fake.clock.advance("90s")
            ends.append(fake.placement("prod"))
            document = fake.save()
        with FakeSageMaker.load_from(document) as again:
            assert again.placement("prod") == ends[-1]
            assert again.clock.now == fake.clock.now
            assert again.save() == document
    assert ends[0] == ends[1]
