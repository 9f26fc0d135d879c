"""The guard on a local SageMaker that judges capacity: what it lets through is never refused there."""

from __future__ import annotations

import pickle
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from support.emulated import World, needs, rolling

import icplan
from icplan.api.guard_errors import EndpointChanged, RefusedWrite
from icplan.api.write_check import GuardReport
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

G5 = "ml.g5.2xlarge"


def world(instances: int = 1, most: int | None = None, quota: int | None = None) -> World:
    given: dict[str, Any] = {} if quota is None else {"quotas": {G5: quota}}
    return World.of(G5, instances, most=most, **given)


def create(client: Any, name: str, copies: int = 1) -> None:
    client.create_inference_component(
        InferenceComponentName=name,
        EndpointName="prod",
        VariantName="v",
        Specification={"ModelName": "m-1", "ComputeResourceRequirements": needs(1)},
        RuntimeConfig={"CopyCount": copies},
    )


def guarded(made: World, **settings: Any) -> Any:
    """The world's client, guarded, with quotas asked where the client asks."""
    return icplan.guard(made.client, session=made.fake.session(), **settings)


def test_a_quota_that_is_used_up_is_seen_before_sagemaker_says_it() -> None:
    """The second instance that the maximum allows is one more than the account may have."""
    made = world(1, most=2, quota=1)
    create(guarded(made), "one")
    made.settle()
    with pytest.raises(icplan.DoesNotFit, match="ICP502") as caught:
        create(made.client, "two")
    assert "account-level service limit" in str(caught.value)
    assert {found["InferenceComponentName"] for found in listed(made.client)} == {"one"}


def test_with_room_in_the_quota_it_is_sent() -> None:
    made = world(1, most=2, quota=2)
    create(guarded(made), "one")
    made.settle()
    create(made.client, "two")
    made.settle()
    assert made.component("two")["InferenceComponentStatus"] == "InService"


def listed(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.list_inference_components(EndpointNameEquals="prod")[
        "InferenceComponents"
    ]
    return found


def test_a_refusal_is_a_client_error_that_survives_pickling() -> None:
    made = world()
    client = guarded(made)
    with pytest.raises(ClientError) as caught:
        create(client, "big", 2)
    error = caught.value
    assert isinstance(error, icplan.DoesNotFit)
    assert error.response["Error"]["Code"] == "IcplanDoesNotFit"
    assert (error.operation_name, error.response["ResponseMetadata"]["HTTPStatusCode"]) == (
        "CreateInferenceComponent",
        0,
    )
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), str(again), again.response) == (RefusedWrite, str(error), error.response)
    assert again.verdict.outcome is Outcome.DOES_NOT_FIT


def test_a_blocked_write_has_awss_own_code_and_text() -> None:
    made = world(2)
    made.create("chat", 1, needs(1))
    made.update("chat", rolling(1, wait=600))
    with pytest.raises(ClientError) as caught:
        guarded(made).update_inference_component(
            InferenceComponentName="chat", Specification={"ModelName": "m-3"}
        )
    with pytest.raises(ClientError) as sagemaker:
        icplan.unguard(made.client).update_inference_component(
            InferenceComponentName="chat", Specification={"ModelName": "m-3"}
        )
    assert caught.value.response["Error"]["Code"] == sagemaker.value.response["Error"]["Code"]


@pytest.mark.parametrize(("mode", "warned"), [("warn", 1), ("report", 0)])
def test_a_mode_that_does_not_enforce_sends_all_the_same(mode: str, warned: int) -> None:
    made, told = world(), list[GuardReport]()
    client = guarded(made, mode=mode, report=told.append)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        create(client, "big", 2)
    assert [len(listed(client)), len(caught)] == [1, warned]
    (one,) = told
    assert (one.sent, one.verdict and one.verdict.outcome) == (True, Outcome.DOES_NOT_FIT)
    assert one.index is not None


@pytest.mark.parametrize(
    ("setting", "most"),
    [({"on_scale_out": "refuse"}, 2), ({"strict": True}, 2), ({}, 2)],
)
def test_what_is_refused_is_a_setting(setting: dict[str, Any], most: int) -> None:
    made = world(1, most=most)
    made.create("one", 1, needs(1))
    client = guarded(made, **setting)
    if "on_scale_out" in setting:
        with pytest.raises(icplan.DoesNotFit, match="only after scale-out"):
            create(client, "two")
    else:
        create(client, "two")


def test_an_endpoint_that_cannot_be_read_is_a_setting_too() -> None:
    made = world()
    made.fake.faults.add(operation="DescribeEndpoint", error="AccessDeniedException")
    with pytest.raises(icplan.AwsError):
        create(guarded(made), "one")
    told: list[GuardReport] = []
    create(guarded(made, on_unreadable="send", report=told.append), "one")
    assert [(one.sent, one.verdict) for one in told] == [(True, None)]
    assert "DescribeEndpoint" in str(told[0].error)


@pytest.mark.parametrize(
    "given", [{"mode": "perhaps"}, {"on_doubt": "ask"}, {"on_rollback": None}, {"on_scale_out": True}]
)
def test_a_setting_that_is_none_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is one of"):
        icplan.guard(world().client, **given)


def interfering(made: World, times: int) -> Callable[..., icplan.Verdict]:
    """A judge before whose answer someone else scales a component, so many times."""
    left = [times]

    def judge(change: Any, snapshot: icplan.Snapshot, **options: Any) -> icplan.Verdict:
        verdict = icplan.check(change, snapshot, **options)
        if left[0]:
            left[0] -= 1
            made.fake.session().client("sagemaker").update_inference_component_runtime_config(
                InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": 3 - left[0] % 2}
            )
            made.settle()
        return verdict

    return judge


def test_what_changes_after_it_was_judged_is_judged_again() -> None:
    """Before the write is sent, a copy of another component has taken the last place."""
    made = world(3)
    made.create("chat", 2, needs(1))
    client = guarded(made, judge=interfering(made, 1))
    with pytest.raises(icplan.DoesNotFit):
        create(client, "new")


def test_what_never_rests_is_refused_with_both_indexes() -> None:
    made = world(5)
    made.create("chat", 1, needs(1))
    client = guarded(made, judge=interfering(made, 9))
    with pytest.raises(EndpointChanged) as caught:
        create(client, "new")
    assert caught.value.judged != caught.value.found
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert again.found == caught.value.found


@pytest.mark.slow
def test_of_many_threads_as_many_are_let_through_as_there_are_places() -> None:
    """Each sees what the ones before it were granted."""
    made = world(5)
    client = guarded(made, strict=True, time_limit=300)
    sent: list[str] = []
    refused: list[str] = []

    def write(name: str) -> None:
        try:
            create(client, name)
        except icplan.DoesNotFit:
            refused.append(name)
        else:
            sent.append(name)

    threads = [threading.Thread(target=write, args=(f"c{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(sent), len(refused)) == (5, 7)
    made.settle()
    assert {one["InferenceComponentStatus"] for one in listed(client)} == {"InService"}
