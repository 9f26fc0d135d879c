"""What a guarded write asks of AWS: as much for many components as for few, once they have been read."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from typing import Any

import pytest

import icplan
from icplan.api.write_check import GuardReport
from icplan.aws.parts.components import listed
from icplan.aws.refresh import read_refreshed
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
                "CreationTime": f"2025-03-{1 + number // 24:02}T{number % 24:02}:00:00Z",
                "LastModifiedTime": f"2025-03-{1 + number // 24:02}T{number % 24:02}:00:00Z",
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


def create(client: Any, name: str, copies: int) -> None:
    client.create_inference_component(
        InferenceComponentName=name,
        EndpointName="prod",
        VariantName="v",
        Specification={"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 256}},
        RuntimeConfig={"CopyCount": copies},
    )


@pytest.mark.parametrize("components", [3, 130, 250])
def test_of_an_endpoint_that_was_read_a_write_takes_four_calls_and_the_pages(components: int) -> None:
    """The pages are asked for at once; the last look lists what was changed since, and nothing was."""
    with FakeSageMaker(endpoint(components)) as fake:
        client = icplan.guard(fake.session().client("sagemaker"), session=fake.session(), time_limit=300)
        calls: list[tuple[str, bool]] = []

        def note(model: Any, params: Any, **_: object) -> None:
            calls.append((model.name, "NextToken" in str(params["body"])))

        client.meta.events.register("before-call.sagemaker.*", note)
        scale(client, "c000", 2)
        assert Counter(name for name, _ in calls)["DescribeInferenceComponent"] == components + 1
        pages = -(-components // 100)
        for number in (1, 2, 1):
            calls.clear()
            scale(client, "c001", number)
            assert calls.pop() == ("UpdateInferenceComponentRuntimeConfig", False)
            assert len(calls) <= 4 + pages, calls
            assert not any(following for _, following in calls)


@pytest.mark.parametrize("components", [3, 130, 250])
def test_a_write_waits_for_aws_three_times_and_no_more(components: int) -> None:
    """For what is read, for the last look, and for its own answer; all that is read is asked for at once."""
    with FakeSageMaker(endpoint(components)) as fake:
        client = icplan.guard(fake.session().client("sagemaker"), session=fake.session(), time_limit=300)
        scale(client, "c000", 2)
        pages = -(-components // 100)
        # The component that was written to is described anew, and what is listed is not waited for.
        asked_in_turns(client, [1 + 1 + pages, 1 + 1, 1])
        scale(client, "c001", 2)


def asked_in_turns(client: Any, calls: list[int]) -> None:
    """Hold calls back until so many are waiting: if one waited for another's answer, all would for ever."""
    turns = [
        turn
        for turn in (threading.Barrier(number, timeout=60) for number in calls)
        for _ in range(turn.parties)
    ]
    left = iter(turns)

    def wait(**_: object) -> None:
        next(left).wait()

    client.meta.events.register("before-call.sagemaker.*", wait)


@pytest.mark.parametrize("made_anew", [False, True])
def test_what_changes_after_it_was_described_and_before_it_is_listed_is_described_again(
    *, made_anew: bool
) -> None:
    with FakeSageMaker(endpoint(3)) as fake:
        plain, other = fake.session().client("sagemaker"), fake.session().client("sagemaker")
        known = icplan.Snapshot.read("prod", client=plain).data
        moving = known["InferenceComponents"][0] | {"InferenceComponentStatus": "Updating"}
        known = {**known, "InferenceComponents": [moving, *known["InferenceComponents"][1:]]}
        changed = threading.Event()

        def change(**_: object) -> None:
            if changed.is_set():
                return
            if made_anew:
                other.delete_inference_component(InferenceComponentName="c000")
                create(other, "c000", 5)
            else:
                scale(other, "c000", 5)
            changed.set()

        plain.meta.events.register("after-call.sagemaker.DescribeInferenceComponent", change)
        plain.meta.events.register(
            "before-call.sagemaker.ListInferenceComponents", lambda **_: changed.wait(60) and None
        )
        found = read_refreshed(plain, known)["InferenceComponents"]
        assert [one["RuntimeConfig"]["DesiredCopyCount"] for one in found] == [5, 1, 1]


@pytest.mark.parametrize("together", [0, 130])
def test_parts_of_a_list_miss_no_component(together: int) -> None:
    """Whoever was created at which moment, and be it all at one."""
    data = endpoint(130)
    for one in data["InferenceComponents"][:together]:
        one["CreationTime"] = "2025-03-01T00:00:00Z"
    with FakeSageMaker(data) as fake:
        client = fake.session().client("sagemaker")
        known = fake.snapshot("prod")["InferenceComponents"]
        for some in (known, known[:101], known[::-1]):
            assert sorted(listed(client, "prod", some)) == [f"c{number:03}" for number in range(130)]
        assert not listed(client, "prod", since=dt.datetime(2025, 4, 1, tzinfo=dt.UTC))
        scale(client, "c007", 2)
        assert list(listed(client, "prod", since=dt.datetime(2025, 4, 1, tzinfo=dt.UTC))) == ["c007"]


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
        create(other, "new", 5)
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
