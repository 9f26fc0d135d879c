"""The guard of aiobotocore's clients, where that is installed; else it is refused by name."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import icplan
import icplan.aio
from icplan.testing import FakeSageMaker

ENDPOINT: dict[str, Any] = {
    "IcplanSnapshot": 1,
    "Endpoint": {"EndpointName": "prod"},
    "EndpointConfig": {
        "ProductionVariants": [
            {"VariantName": "v", "InstanceType": "ml.g5.12xlarge", "InitialInstanceCount": 1}
        ]
    },
    "InferenceComponents": [
        {
            "InferenceComponentName": "chat",
            "Specification": {
                "ModelName": "m",
                "ComputeResourceRequirements": {
                    "NumberOfAcceleratorDevicesRequired": 1,
                    "MinMemoryRequiredInMb": 1024,
                },
            },
            "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
        }
    ],
}


def test_the_guard_of_boto3_names_the_one_for_asynchronous_clients() -> None:
    asynchronous = type("SageMaker", (), {"__module__": "aiobotocore.client", "meta": None})()
    with pytest.raises(TypeError, match="takes those of aiobotocore"):
        icplan.guard(asynchronous)
    with FakeSageMaker(ENDPOINT) as fake, pytest.raises(TypeError, match="takes those of boto3"):
        icplan.aio.guard(fake.client())


async def scale(client: Any, copies: int) -> None:
    await client.update_inference_component_runtime_config(
        InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": copies}
    )


def test_an_asynchronous_client_is_guarded() -> None:
    """Also where many tasks write at once: as many are sent as there is room for, one after the other."""
    session = pytest.importorskip("aiobotocore.session").get_session()

    async def ask(url: str) -> list[BaseException | None]:
        keys = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
        async with session.create_client(
            "sagemaker", endpoint_url=url, region_name="us-east-1", **keys
        ) as made:
            client = icplan.aio.guard(made, time_limit=300)
            with pytest.raises(icplan.DoesNotFit, match="chat: does not fit; nothing was sent"):
                await scale(client, 5)
            await scale(client, 4)
            found: list[BaseException | None] = await asyncio.gather(
                *(scale(client, copies) for copies in (2, 6, 3, 7)), return_exceptions=True
            )
            await scale(icplan.aio.unguard(client), 5)
            return found

    with FakeSageMaker(ENDPOINT) as fake:
        found = asyncio.run(ask(fake.url))
        assert [isinstance(one, icplan.DoesNotFit) for one in found] == [False, True, False, True]
        sent = [
            params["DesiredRuntimeConfig"]["CopyCount"]
            for operation, params in fake.log
            if operation.startswith("Update")
        ]
        assert sorted(sent) == [2, 3, 4, 5]
