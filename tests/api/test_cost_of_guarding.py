"""What a guarded write asks of AWS: as much for many components as for few, once they have been read."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import icplan
from icplan.api.write_check import GuardReport
from icplan.testing import FakeSageMaker


def endpoint(components: int) -> dict[str, Any]:
    """So many components, and room for more copies of each."""
    variant = {"VariantName": "v", "InstanceType": "ml.m5.24xlarge", "InitialInstanceCount": 3}
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {"ProductionVariants": [variant]},
        "InferenceComponents": [
            {
                "InferenceComponentName": f"c{number:03}",
                "Specification": {
                    "ModelName": "m",
                    "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 256},
                },
                "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
            }
            for number in range(components)
        ],
    }


def scale(client: Any, name: str, copies: int) -> None:
    client.update_inference_component_runtime_config(
        InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": copies}
    )


@pytest.mark.parametrize("components", [3, 130])
def test_of_an_endpoint_that_was_read_a_write_takes_four_calls_and_the_pages(components: int) -> None:
    with FakeSageMaker(endpoint(components)) as fake:
        client = icplan.guard(fake.session().client("sagemaker"), session=fake.session(), time_limit=300)
        calls: list[str] = []
        client.meta.events.register("before-call.sagemaker.*", lambda model, **_: calls.append(model.name))
        scale(client, "c000", 2)
        assert Counter(calls)["DescribeInferenceComponent"] == components + 1
        pages = -(-components // 100)
        for number in (1, 2, 1):
            calls.clear()
            scale(client, "c001", number)
            found = Counter(calls)
            assert found.pop("ListInferenceComponents") == 2 * pages
            assert found.pop("UpdateInferenceComponentRuntimeConfig") == 1
            assert sum(found.values()) <= 4, found


def test_what_others_have_changed_is_read_again() -> None:
    """Also what has gone, and what was made anew."""
    with FakeSageMaker(endpoint(3)) as fake:
        seen: list[dict[str, int]] = []

        def judge(change: Any, snapshot: icplan.Snapshot, **options: Any) -> icplan.Verdict:
            found = snapshot.data["InferenceComponents"]
            seen.append(
                {one["InferenceComponentName"]: one["RuntimeConfig"]["DesiredCopyCount"] for one in found}
            )
            return icplan.check(change, snapshot, **options)

        other = fake.session().client("sagemaker")
        client = icplan.guard(fake.session().client("sagemaker"), session=fake.session(), judge=judge)
        scale(client, "c000", 2)
        scale(other, "c001", 4)
        other.delete_inference_component(InferenceComponentName="c002")
        other.create_inference_component(
            InferenceComponentName="new",
            EndpointName="prod",
            VariantName="v",
            Specification={"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 256}},
            RuntimeConfig={"CopyCount": 5},
        )
        scale(client, "c000", 3)
        assert seen[-1] == {"c000": 2, "c001": 4, "new": 5}


def test_what_else_has_moved_meanwhile_is_reported() -> None:
    with FakeSageMaker(endpoint(3)) as fake:
        other, reports = fake.session().client("sagemaker"), list[GuardReport]()
        client = icplan.guard(
            fake.session().client("sagemaker"), session=fake.session(), report=reports.append
        )
        scale(client, "c000", 2)

        def interfere(**_: object) -> None:
            scale(other, "c001", 2)
            other.delete_inference_component(InferenceComponentName="c002")

        client.meta.events.register("before-call.sagemaker.UpdateInferenceComponentRuntimeConfig", interfere)
        scale(client, "c000", 3)
        assert [one.raced for one in reports] == [(), ("c002 is not there any more", "c001 is another")]
