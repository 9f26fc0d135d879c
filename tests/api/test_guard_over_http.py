"""What a guard has to see before a write, over HTTP and through boto3's own client, as a user has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.emulated import ROLE, needs

import icplan
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND, QUOTA = "ml.g5.2xlarge", 3


@pytest.fixture
def fake() -> Iterator[FakeSageMaker]:
    """An endpoint whose instances are full, and which may have more of them."""
    with FakeSageMaker(time="virtual") as running:
        client = running.client()
        configure(client, "c", QUOTA, most=5)
        client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        running.run_until_settled()
        create(client, "chat", QUOTA)
        running.run_until_settled()
        yield running


def configure(client: Any, name: str, instances: int, most: int) -> None:
    variant = {
        "VariantName": "v",
        "InstanceType": KIND,
        "InitialInstanceCount": instances,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": most},
    }
    client.create_endpoint_config(
        EndpointConfigName=name, ExecutionRoleArn=ROLE, ProductionVariants=[variant]
    )


def create(client: Any, name: str, copies: int) -> None:
    client.create_inference_component(
        InferenceComponentName=name,
        EndpointName="prod",
        VariantName="v",
        Specification={"ModelName": "m", "ComputeResourceRequirements": needs(1)},
        RuntimeConfig={"CopyCount": copies},
    )


def more(client: Any) -> None:
    client.update_inference_component_runtime_config(
        InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": QUOTA + 1}
    )


@pytest.mark.parametrize("applied", [True, False])
def test_three_of_three_instances_are_in_use(fake: FakeSageMaker, applied: bool) -> None:
    """The quota is one that was applied, or AWS's default where none was."""
    fake.set_quota(KIND, QUOTA, default=not applied)
    with pytest.raises(icplan.DoesNotFit, match="ICP502") as caught:
        more(icplan.guard(fake.client(), time_limit=300))
    assert "account-level service limit" in str(caught.value)
    assert fake.requests["UpdateInferenceComponentRuntimeConfig"] == 0


def test_an_endpoint_that_is_being_created_takes_its_instances(fake: FakeSageMaker) -> None:
    fake.set_quota(KIND, QUOTA + 1)
    other = fake.client()
    configure(other, "d", 1, most=1)
    other.create_endpoint(EndpointName="coming", EndpointConfigName="d")
    assert other.describe_endpoint(EndpointName="coming")["EndpointStatus"] == "Creating"
    with pytest.raises(icplan.DoesNotFit, match="ICP502"):
        more(icplan.guard(fake.client(), time_limit=300))
    fake.set_quota(KIND, QUOTA + 2)
    more(icplan.guard(fake.client(), time_limit=300))
    assert fake.requests["UpdateInferenceComponentRuntimeConfig"] == 1


def test_a_sibling_that_is_scaled_while_the_endpoint_is_read_has_its_place() -> None:
    """There were two free places when the read began."""
    with FakeSageMaker() as fake:
        setting_up = fake.client()
        configure(setting_up, "c", QUOTA, most=QUOTA)
        setting_up.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        create(setting_up, "sibling", 1)
        client, left = fake.client(), [True]

        def meanwhile(**_: object) -> None:
            if left.pop() if left else False:
                setting_up.update_inference_component_runtime_config(
                    InferenceComponentName="sibling", DesiredRuntimeConfig={"CopyCount": QUOTA}
                )

        client.meta.events.register("after-call.sagemaker.DescribeInferenceComponent", meanwhile)
        snapshot = icplan.Snapshot.read("prod", client=client)
    request = {
        "InferenceComponentName": "new",
        "EndpointName": "prod",
        "VariantName": "v",
        "Specification": {"ModelName": "m", "ComputeResourceRequirements": needs(1)},
        "RuntimeConfig": {"CopyCount": 1},
    }
    assert icplan.check(request, snapshot).outcome.value == "does-not-fit"
