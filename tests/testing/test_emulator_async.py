"""The local SageMaker inside aiobotocore, where that is installed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from icplan.testing import FakeSageMaker

aiobotocore_session = pytest.importorskip("aiobotocore.session")
MADE_UP: Any = {
    "region_name": "us-east-1",
    "aws_access_key_id": "made-up",
    "aws_secret_access_key": "made-up",
}


def test_an_asynchronous_client_is_answered_without_a_socket() -> None:
    """A session of aiobotocore, and a client alone."""

    async def ask(fake: FakeSageMaker) -> list[Any]:
        found = []
        session = fake.attach(aiobotocore_session.get_session())
        async with session.create_client("sagemaker", **MADE_UP) as client:
            found.append(await client.list_endpoints())
        async with aiobotocore_session.get_session().create_client("sagemaker", **MADE_UP) as client:
            found.append(await fake.attach(client).list_models())
        return found

    with FakeSageMaker() as fake:
        endpoints, models = asyncio.run(ask(fake))
        assert (endpoints["Endpoints"], models["Models"]) == ([], [])
        assert fake.requests == {"ListEndpoints": 1, "ListModels": 1}
