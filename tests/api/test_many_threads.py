"""Many threads that write to one endpoint through guarded clients: as many pass as there are places."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from support.emulated import ROLE, needs

import icplan
from icplan.testing import FakeSageMaker

THREADS, PLACES = 200, 7
KIND = "ml.g5.2xlarge"


@pytest.mark.slow
def test_of_two_hundred_threads_seven_get_the_seven_places_that_are_free() -> None:
    """Two clients that are guarded apart, and share nothing but the process."""
    with FakeSageMaker() as fake:
        setting_up = fake.client()
        variant = {"VariantName": "v", "InstanceType": KIND, "InitialInstanceCount": PLACES}
        setting_up.create_endpoint_config(
            EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant]
        )
        setting_up.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        clients = [icplan.guard(fake.client(), time_limit=3600) for _ in range(2)]
        sent, refused, begin = list[str](), list[str](), threading.Barrier(THREADS)

        def write(number: int) -> None:
            name = f"c{number:03}"
            begin.wait()
            try:
                create(clients[number % 2], name)
            except icplan.DoesNotFit:
                refused.append(name)
            else:
                sent.append(name)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(sent), len(refused)) == (PLACES, THREADS - PLACES)
        assert fake.requests["CreateInferenceComponent"] == PLACES
        there = setting_up.list_inference_components(EndpointNameEquals="prod")["InferenceComponents"]
        assert {
            one["InferenceComponentName"]: one["InferenceComponentStatus"] for one in there
        } == dict.fromkeys(sent, "InService")


def create(client: Any, name: str) -> None:
    client.create_inference_component(
        InferenceComponentName=name,
        EndpointName="prod",
        VariantName="v",
        Specification={"ModelName": "m", "ComputeResourceRequirements": needs(1)},
        RuntimeConfig={"CopyCount": 1},
    )
