"""Containers that never start, named by their image, by a model, or by an image of a model."""

from __future__ import annotations

import pytest
from support.emulated import ROLE, World, needs


@pytest.mark.parametrize("broken", ["m-2", "registry/chat:2", "registry/tools:1"])
def test_an_update_to_a_model_with_a_broken_container_rolls_back(broken: str) -> None:
    """The model says from which images its containers are made."""
    world = World.of("ml.g5.12xlarge")
    world.client.create_model(
        ModelName="m-2",
        ExecutionRoleArn=ROLE,
        Containers=[{"Image": "registry/chat:2"}, {"Image": "registry/tools:1"}],
    )
    world.client.create_model(
        ModelName="m-1", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "registry/chat:1"}
    )
    world.create("chat", 2, needs(1))
    world.fake.container_fails(broken)
    world.update("chat")
    world.settle()
    after = world.component("chat")
    assert "did not pass the ping health check" in after["FailureReason"]
    assert after["Specification"]["ModelName"] == "m-1"


def test_an_image_of_a_component_s_own() -> None:
    """Without a model."""
    world = World.of("ml.g5.12xlarge")
    world.fake.container_fails("registry/chat:2")
    container = {"Image": "registry/chat:2", "ArtifactUrl": "s3://models/chat.tar.gz"}
    world.client.create_inference_component(
        InferenceComponentName="chat",
        EndpointName="prod",
        VariantName="v",
        Specification={"Container": container, "ComputeResourceRequirements": needs(1)},
        RuntimeConfig={"CopyCount": 1},
    )
    world.settle()
    assert world.component("chat")["InferenceComponentStatus"] == "Failed"
    world.fake.container_works("registry/chat:2")
    world.client.delete_inference_component(InferenceComponentName="chat")
    world.settle()
    world.create("chat", 1, needs(1))
    assert world.component("chat")["InferenceComponentStatus"] == "InService"
