"""Every door to capacity that a guard stands before, and sessions that make guarded clients."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from support.emulated import ROLE, World, needs

import icplan
from icplan.api.guard_errors import RefusedWrite
from icplan.testing.fake.client import FakeSageMaker
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.api.write_check import GuardReport

G5, G12 = "ml.g5.2xlarge", "ml.g5.12xlarge"


def guarded(made: World, **settings: Any) -> Any:
    """The world's client, guarded, with quotas asked where the client asks."""
    return icplan.guard(made.client, session=made.fake.session(), **settings)


@contextmanager
def warned() -> Iterator[list[str]]:
    """What is warned of inside."""
    told: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield told
    told += [str(one.message) for one in caught]


def create(client: Any, name: str, copies: int = 1) -> None:
    client.create_inference_component(
        InferenceComponentName=name,
        EndpointName="prod",
        VariantName="v",
        Specification={"ModelName": "m-1", "ComputeResourceRequirements": needs(1)},
        RuntimeConfig={"CopyCount": copies},
    )


def variant(kind: str, instances: int, **more: Any) -> dict[str, Any]:
    return {"VariantName": "v", "InstanceType": kind, "InitialInstanceCount": instances} | more


def test_a_configuration_is_held_to_the_rules_of_its_request() -> None:
    """Without reading anything."""
    made = World.of(G5)
    client, before = guarded(made), made.fake.requests.total()
    scaling = {"Status": "ENABLED", "MinInstanceCount": 4, "MaxInstanceCount": 2}
    with pytest.raises(icplan.DoesNotFit, match="ICP153") as caught:
        client.create_endpoint_config(
            EndpointConfigName="d",
            ExecutionRoleArn=ROLE,
            ProductionVariants=[variant(G5, 3, ManagedInstanceScaling=scaling)],
        )
    assert caught.value.verdict.outcome is Outcome.INVALID
    assert made.fake.requests.total() == before
    client.create_endpoint_config(
        EndpointConfigName="d", ExecutionRoleArn=ROLE, ProductionVariants=[variant(G5, 3)]
    )
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE)
    client.create_endpoint_config(
        EndpointConfigName="own", ProductionVariants=[variant("ml.m5.large", 1, ModelName="m")]
    )


def test_a_new_configuration_on_which_what_runs_does_not_fit_is_not_deployed() -> None:
    made = World.of(G5, 3)
    made.create("chat", 3, needs(1))
    made.configure("small", G5, 2)
    made.configure("same", G5, 3)
    client = guarded(made)
    with pytest.raises(icplan.DoesNotFit, match="ICP326") as caught:
        client.update_endpoint(EndpointName="prod", EndpointConfigName="small")
    assert caught.value.verdict.outcome is Outcome.DOES_NOT_FIT
    assert made.endpoint()["EndpointConfigName"] == "c"
    client.update_endpoint(EndpointName="prod", EndpointConfigName="same")
    made.settle()
    assert made.endpoint()["EndpointConfigName"] == "same"


def test_a_new_configuration_beyond_the_quota_is_not_deployed() -> None:
    """The type that the endpoint does not run yet has a quota, too."""
    made = World.of(G5, 1, quotas={G5: 9, G12: 1})
    made.configure("large", G12, 2)
    client = guarded(made)
    with pytest.raises(icplan.DoesNotFit, match="ICP502"):
        client.update_endpoint(EndpointName="prod", EndpointConfigName="large")
    assert made.endpoint()["EndpointConfigName"] == "c"


def test_what_is_no_configuration_or_no_endpoint_is_left_to_aws() -> None:
    made = World.of(G5)
    client = guarded(made)
    for name, config in (("prod", "none"), ("none", "c")):
        with pytest.raises(ClientError, match="Could not find"):
            client.update_endpoint(EndpointName=name, EndpointConfigName=config)


def test_an_endpoint_with_a_model_of_its_own_is_left_alone() -> None:
    made = World.of(G5)
    client = guarded(made)
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE)
    for name, instances in (("own", 1), ("own-2", 2)):
        client.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant("ml.m5.large", instances, ModelName="m")]
        )
    client.create_endpoint(EndpointName="other", EndpointConfigName="own")
    made.settle()
    client.update_endpoint(EndpointName="other", EndpointConfigName="own-2")
    made.settle()
    assert client.describe_endpoint(EndpointName="other")["EndpointConfigName"] == "own-2"
    client.delete_endpoint(EndpointName="other")


def test_instances_that_hold_copies_are_not_taken_away() -> None:
    made = World.of(G5, 3)
    made.create("chat", 3, needs(1))
    client = guarded(made)
    fewer = [{"VariantName": "v", "DesiredInstanceCount": 2}]
    with pytest.raises(icplan.DoesNotFit):
        client.update_endpoint_weights_and_capacities(EndpointName="prod", DesiredWeightsAndCapacities=fewer)
    assert made.instances() == (3, 3)
    more = [{"VariantName": "v", "DesiredInstanceCount": 4}]
    client.update_endpoint_weights_and_capacities(EndpointName="prod", DesiredWeightsAndCapacities=more)


def test_an_endpoint_with_components_is_deleted_with_a_warning_or_not_at_all() -> None:
    made = World.of(G5, 1)
    made.create("chat", 1, needs(1))
    with pytest.raises(RefusedWrite, match="chat run on prod"):
        guarded(made, strict=True).delete_endpoint(EndpointName="prod")
    with warned() as told, pytest.raises(ClientError, match="Cannot delete endpoint"):
        guarded(made).delete_endpoint(EndpointName="prod")
    assert ["chat run on prod" in one for one in told] == [True]
    made.client.delete_inference_component(InferenceComponentName="chat")
    made.settle()
    with warned() as told:
        guarded(made, strict=True).delete_endpoint(EndpointName="prod")
    assert told == []


def test_the_base_of_adapters_is_not_deleted() -> None:
    made = World.of(G5, 1)
    made.create("chat", 1, needs(1))
    client = guarded(made)
    client.create_inference_component(
        InferenceComponentName="lora",
        EndpointName="prod",
        Specification={
            "BaseInferenceComponentName": "chat",
            "Container": {"ArtifactUrl": "s3://b/adapter.tar.gz"},
        },
    )
    made.settle()
    with pytest.raises(icplan.DoesNotFit, match="ICP205") as caught:
        client.delete_inference_component(InferenceComponentName="chat")
    with pytest.raises(ClientError) as sagemaker:
        icplan.unguard(client).delete_inference_component(InferenceComponentName="chat")
    assert isinstance(caught.value, ClientError)
    assert caught.value.response["Error"]["Code"] == sagemaker.value.response["Error"]["Code"]
    guarded(made).delete_inference_component(InferenceComponentName="lora")


@pytest.mark.parametrize(
    ("resource", "most", "warns"),
    [
        ("inference-component/chat", 2, 0),
        ("inference-component/chat", 3, 1),
        ("endpoint/prod/variant/v", 2, 0),
        ("inference-component/none", 99, 0),
    ],
)
def test_a_maximum_that_cannot_fit_is_warned_of(resource: str, most: int, warns: int) -> None:
    made = World.of(G5, 2)
    made.create("chat", 1, needs(1))
    client = icplan.guard(made.fake.session().client("application-autoscaling"), session=made.fake.session())
    dimension = "inference-component:DesiredCopyCount"
    if resource.startswith("endpoint"):
        dimension = "variant:DesiredInstanceCount"
    asked = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource,
        "ScalableDimension": f"sagemaker:{dimension}",
        "MinCapacity": 1,
        "MaxCapacity": most,
    }
    with warned() as told:
        if resource.endswith("none"):
            with pytest.raises(ClientError):
                client.register_scalable_target(**asked)
        else:
            client.register_scalable_target(**asked)
    assert len(told) == warns, told


# -- sessions -----------------------------------------------------------------------------------------------


def test_each_client_of_a_guarded_session_is_guarded_and_no_other() -> None:
    made = World.of(G5, 1)
    reports: list[GuardReport] = []
    session = made.fake.session()
    earlier = session.client("sagemaker")
    assert icplan.guard(session, session=made.fake.session(), report=reports.append) is session
    for client in (session.client("sagemaker"), session.client("sagemaker")):
        with pytest.raises(icplan.DoesNotFit):
            create(client, "big", 2)
    assert len(reports) == 2
    assert session.client("sts").get_caller_identity()["Account"]
    client = session.client("sagemaker")
    icplan.unguard(session)
    create(session.client("sagemaker"), "one")
    made.settle()
    assert len(reports) == 2
    with pytest.raises(icplan.DoesNotFit):
        create(client, "two")
    create(icplan.unguard(client), "two")
    create(earlier, "three")


def test_guarding_a_session_again_replaces_the_settings() -> None:
    made = World.of(G5, 1)
    session = made.fake.session()
    icplan.guard(session, session=made.fake.session())
    icplan.guard(session, session=made.fake.session(), mode="report")
    create(session.client("sagemaker"), "big", 2)
    assert made.fake.requests["CreateInferenceComponent"] == 1


@pytest.mark.parametrize("kind", ["boto3", "botocore"])
def test_a_session_over_http(kind: str) -> None:
    """Without any setting: other services are asked where SageMaker is."""
    with FakeSageMaker(quotas={G5: 1}) as fake:
        client = fake.client()
        scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 2}
        client.create_endpoint_config(
            EndpointConfigName="c",
            ExecutionRoleArn=ROLE,
            ProductionVariants=[variant(G5, 1, ManagedInstanceScaling=scaling)],
        )
        client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        create(client, "one")
        made_up: dict[str, Any] = {"region_name": "us-east-1", "endpoint_url": fake.url}
        keys: dict[str, Any] = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
        if kind == "boto3":
            new = icplan.guard(boto3.Session(**keys)).client("sagemaker", **made_up)
        else:
            new = icplan.guard(botocore.session.Session()).create_client("sagemaker", **made_up, **keys)
        with pytest.raises(icplan.DoesNotFit, match="ICP502"):
            create(new, "two")
