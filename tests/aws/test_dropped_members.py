"""What an older botocore would drop from AWS's answers is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from icplan.aws import dropped_members
from icplan.errors import AwsError
from icplan.snapshot.snapshot import Snapshot
from icplan.testing import FakeSageMaker

POOLS = [{"InstanceType": "ml.g5.2xlarge", "Priority": 1}, {"InstanceType": "ml.g5.4xlarge", "Priority": 2}]


def endpoint(**variant: Any) -> dict[str, Any]:
    """An endpoint with one instance."""
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {
            "ProductionVariants": [{"VariantName": "v", "InitialInstanceCount": 1, **variant}]
        },
        "InferenceComponents": [],
    }


def older(client: Any, *names: str) -> Any:
    """The client as if its model had never heard of some members of the answers."""
    for operation in ("DescribeEndpoint", "DescribeEndpointConfig"):
        variants = client.meta.service_model.operation_model(operation).output_shape.members[
            "ProductionVariants"
        ]
        for name in names:
            variants.member.members.pop(name, None)
    return client


@pytest.mark.parametrize(
    ("variant", "refused"),
    [({"InstancePools": POOLS}, True), ({"InstanceType": "ml.g5.2xlarge"}, False)],
)
def test_what_would_be_dropped_is_refused_where_it_is_there(
    variant: dict[str, Any], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dropped_members, "_lacks", lambda *_: True)
    with FakeSageMaker(endpoint(**variant)) as fake:
        client = older(fake.client(), "InstancePools")
        if refused:
            with pytest.raises(AwsError, match="drops InstancePools from AWS's answers"):
                Snapshot.read("prod", client=client)
        else:
            assert Snapshot.read("prod", client=client).endpoint_name == "prod"


def test_a_botocore_that_knows_all_of_it_is_not_watched() -> None:
    with FakeSageMaker(endpoint(InstancePools=POOLS)) as fake:
        client = fake.client()
        told: list[str] = []
        client.meta.events.register = lambda event, *_, **__: told.append(event)
        dropped_members.watch(client)
        assert told == []
