"""The local SageMaker: protocol, pages, state, counting."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from icplan.snapshot.snapshot import Snapshot
from icplan.testing.emulator.errors import ServiceError
from icplan.testing.fake.client import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Iterator

NEED = {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 1.0}


def endpoint(components: list[str], **variant: Any) -> dict[str, Any]:
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {
            "ProductionVariants": [{"VariantName": "v", "InstanceType": "ml.g5.xlarge", **variant}]
        },
        "InferenceComponents": [
            {
                "InferenceComponentName": name,
                "Specification": {"ModelName": "m", "ComputeResourceRequirements": NEED},
                "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
            }
            for name in components
        ],
    }


@pytest.fixture
def fake() -> Iterator[FakeSageMaker]:
    with FakeSageMaker(endpoint(["a", "b"], InitialInstanceCount=2)) as running:
        yield running


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_a_seed_is_described_as_a_whole_answer(fake: FakeSageMaker) -> None:
    client = fake.client()
    described = client.describe_endpoint(EndpointName="prod")
    assert described["EndpointStatus"] == "InService"
    assert described["CreationTime"].year == 2026
    assert described["ProductionVariants"] == [
        {
            "VariantName": "v",
            "CurrentInstanceCount": 2,
            "DesiredInstanceCount": 2,
            "CurrentWeight": 1.0,
            "DesiredWeight": 1.0,
        }
    ]
    config = client.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
    assert config["ProductionVariants"][0]["InstanceType"] == "ml.g5.xlarge"
    component = client.describe_inference_component(InferenceComponentName="a")
    assert (component["EndpointName"], component["VariantName"]) == ("prod", "v")
    assert component["InferenceComponentStatus"] == "InService"


def test_requests_are_counted_and_logged(fake: FakeSageMaker) -> None:
    client = fake.client()
    client.describe_endpoint(EndpointName="prod")
    client.delete_inference_component(InferenceComponentName="a")
    refused(client.delete_inference_component, InferenceComponentName="a")
    assert fake.requests == Counter({"DescribeEndpoint": 1, "DeleteInferenceComponent": 2})
    assert fake.writes == 2
    assert fake.log[0] == ("DescribeEndpoint", {"EndpointName": "prod"})


@pytest.mark.parametrize(
    ("method", "member", "message"),
    [
        ("describe_endpoint", "EndpointName", "endpoint"),
        ("describe_endpoint_config", "EndpointConfigName", "endpoint configuration"),
        ("describe_inference_component", "InferenceComponentName", "inference component"),
        ("delete_inference_component", "InferenceComponentName", "inference component"),
    ],
)
def test_what_is_not_there_is_refused_in_aws_words(
    fake: FakeSageMaker, method: str, member: str, message: str
) -> None:
    text = refused(getattr(fake.client(), method), **{member: "none"})
    assert text.startswith(f'ValidationException: Could not find {message} "arn:aws:sagemaker:')


def test_a_new_component_runs_at_once(fake: FakeSageMaker) -> None:
    client = fake.client()
    client.create_inference_component(
        InferenceComponentName="c",
        EndpointName="prod",
        VariantName="v",
        Specification={"Container": {"Image": "i:1"}, "ComputeResourceRequirements": NEED},
        RuntimeConfig={"CopyCount": 2},
    )
    described = client.describe_inference_component(InferenceComponentName="c")
    assert described["RuntimeConfig"] == {
        "DesiredCopyCount": 2,
        "CurrentCopyCount": 2,
        "PlacementStatus": [{"InstanceType": "ml.g5.xlarge", "CurrentCopyCount": 2}],
    }
    assert described["Specification"]["Container"]["DeployedImage"]["SpecifiedImage"] == "i:1"
    text = refused(
        client.create_inference_component, InferenceComponentName="c", EndpointName="prod", VariantName="v"
    )
    assert "Cannot create already existing inference component" in text


def test_creating_is_refused_as_aws_refuses_it(fake: FakeSageMaker) -> None:
    create = fake.client().create_inference_component
    name = {"InferenceComponentName": "c", "VariantName": "v"}
    assert "Could not find endpoint" in refused(create, EndpointName="none", **name)
    assert "copy count" in refused(create, EndpointName="prod", RuntimeConfig={"CopyCount": 0}, **name)
    with FakeSageMaker(endpoint([], ModelName="m")) as other:
        assert "are not supported in this Endpoint" in refused(
            other.client().create_inference_component, EndpointName="prod", **name
        )


def test_an_update_changes_what_it_names_and_keeps_the_rest(fake: FakeSageMaker) -> None:
    client = fake.client()
    client.update_inference_component(
        InferenceComponentName="a",
        Specification={"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2048}},
        RuntimeConfig={"CopyCount": 3},
        DeploymentConfig={
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
                "WaitIntervalInSeconds": 0,
            }
        },
    )
    described = client.describe_inference_component(InferenceComponentName="a")
    assert described["Specification"] == {
        "ModelName": "m",
        "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2048, "NumberOfCpuCoresRequired": 1.0},
    }
    assert described["RuntimeConfig"]["CurrentCopyCount"] == 3
    assert "RollingUpdatePolicy" in described["LastDeploymentConfig"]
    assert described["LastModifiedTime"] > described["CreationTime"]


def test_the_two_forms_of_a_specification_replace_each_other(fake: FakeSageMaker) -> None:
    client = fake.client()
    each = [{"InstanceType": "ml.g5.xlarge", "ModelName": "m", "ComputeResourceRequirements": NEED}]
    client.update_inference_component(InferenceComponentName="a", Specifications=each)
    described = client.describe_inference_component(InferenceComponentName="a")
    assert described["Specifications"] == each
    assert "Specification" not in described
    update = client.update_inference_component
    both = {"Specification": {"ModelName": "m"}, "Specifications": each}
    assert "cannot both" in refused(update, InferenceComponentName="a", **both)
    client.update_inference_component(InferenceComponentName="a", Specification={"ModelName": "n"})
    assert "Specifications" not in client.describe_inference_component(InferenceComponentName="a")


def test_an_update_of_nothing_is_refused(fake: FakeSageMaker) -> None:
    text = refused(fake.client().update_inference_component, InferenceComponentName="a")
    assert text.startswith("ValidationException: Either RuntimeConfig or Specification")


def test_scaling_sets_the_copies(fake: FakeSageMaker) -> None:
    client = fake.client()
    client.update_inference_component_runtime_config(
        InferenceComponentName="a", DesiredRuntimeConfig={"CopyCount": 0}
    )
    described = client.describe_inference_component(InferenceComponentName="a")
    assert described["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 0}


@pytest.mark.parametrize(
    ("status", "state"), [("Updating", "UPDATE_IN_PROGRESS"), ("Creating", "CREATE_IN_PROGRESS")]
)
def test_a_component_in_transition_refuses_writes(status: str, state: str) -> None:
    seed = endpoint(["a"])
    seed["InferenceComponents"][0]["InferenceComponentStatus"] = status
    with FakeSageMaker(seed) as fake:
        client = fake.client()
        update = {"InferenceComponentName": "a", "RuntimeConfig": {"CopyCount": 1}}
        assert f"while it is in state {state}" in refused(client.update_inference_component, **update)
        assert f"while it is in state {state}" in refused(
            client.delete_inference_component, InferenceComponentName="a"
        )


def test_a_base_with_adapters_cannot_be_deleted() -> None:
    seed = endpoint(["base", "adapter"])
    seed["InferenceComponents"][1]["Specification"] = {"BaseInferenceComponentName": "base"}
    with FakeSageMaker(seed) as fake:
        text = refused(fake.client().delete_inference_component, InferenceComponentName="base")
        assert "is a base inference component for one or more associated" in text


def test_pages_hold_everything_once_whatever_their_size() -> None:
    names = [f"c{n:03}" for n in range(123)]
    with FakeSageMaker(endpoint(names)) as fake:
        client = fake.client()
        pages = client.get_paginator("list_inference_components")
        for size, requests in ((None, 13), (1, 123), (100, 2), (41, 3)):
            fake.requests.clear()
            config = {} if size is None else {"PageSize": size}
            found = [
                item["InferenceComponentName"]
                for page in pages.paginate(PaginationConfig=config)
                for item in page["InferenceComponents"]
            ]
            assert found == names
            assert fake.requests["ListInferenceComponents"] == requests


def test_a_page_goes_on_after_the_last_name_though_the_list_has_changed() -> None:
    with FakeSageMaker(endpoint(["a", "b", "c", "d"])) as fake:
        client = fake.client()
        first = client.list_inference_components(MaxResults=2)
        client.delete_inference_component(InferenceComponentName="b")
        second = client.list_inference_components(MaxResults=2, NextToken=first["NextToken"])
        assert [item["InferenceComponentName"] for item in second["InferenceComponents"]] == ["c", "d"]
        assert "NextToken" not in second


def test_lists_are_filtered(fake: FakeSageMaker) -> None:
    client = fake.client()
    for filters, expected in (
        ({"NameContains": "b"}, ["b"]),
        ({"EndpointNameEquals": "prod"}, ["a", "b"]),
        ({"EndpointNameEquals": "other"}, []),
        ({"StatusEquals": "Failed"}, []),
        ({"VariantNameEquals": "v"}, ["a", "b"]),
    ):
        found = client.list_inference_components(**filters)["InferenceComponents"]
        assert [item["InferenceComponentName"] for item in found] == expected
    assert [item["EndpointName"] for item in client.list_endpoints()["Endpoints"]] == ["prod"]


def test_lists_are_filtered_by_time(fake: FakeSageMaker) -> None:
    """Of creation and of the last change, by text as by date."""
    client = fake.client()
    described = client.describe_inference_component(InferenceComponentName="a")
    made, minute = described["CreationTime"], dt.timedelta(minutes=1)
    fake.clock.advance("1h")
    client.update_inference_component_runtime_config(
        InferenceComponentName="b", DesiredRuntimeConfig={"CopyCount": 1}
    )
    for filters, expected in (
        ({"CreationTimeAfter": made + minute}, []),
        ({"CreationTimeAfter": made - minute}, ["a", "b"]),
        ({"CreationTimeBefore": made - minute}, []),
        ({"CreationTimeBefore": f"{made + minute:%Y-%m-%dT%H:%M:%S%z}"}, ["a", "b"]),
        ({"LastModifiedTimeAfter": made + minute}, ["b"]),
        ({"LastModifiedTimeBefore": made + minute}, ["a"]),
    ):
        found = client.list_inference_components(**filters)["InferenceComponents"]
        assert [item["InferenceComponentName"] for item in found] == expected, filters
    assert not client.list_endpoints(CreationTimeAfter=made + minute)["Endpoints"]


@given(st.text(max_size=20))
def test_a_made_up_token_is_refused(token: str) -> None:
    from icplan.testing.emulator.pages import page  # noqa: PLC0415

    try:
        page("Items", [{"n": "a"}], "n", ("n",), {"NextToken": token})
    except ServiceError as error:
        assert error.code == "ValidationException"  # noqa: PT017  (a token may also be right by chance)


def test_more_than_a_page_can_hold_is_refused(fake: FakeSageMaker) -> None:
    message = "Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than"
    with pytest.raises(ServiceError, match=message):
        fake.answer("ListEndpoints", {"MaxResults": 101})


def test_refusals_are_arranged_by_operation_times_and_parameters(fake: FakeSageMaker) -> None:
    client = fake.client()
    fake.refuse("DescribeEndpoint", "ThrottlingException", "Rate exceeded", times=1)
    assert refused(client.describe_endpoint, EndpointName="prod") == "ThrottlingException: Rate exceeded"
    assert client.describe_endpoint(EndpointName="prod")
    fake.refuse(
        "DescribeInferenceComponent",
        "AccessDeniedException",
        when=lambda params: params["InferenceComponentName"] == "b",
    )
    assert client.describe_inference_component(InferenceComponentName="a")
    for _ in range(2):
        assert refused(client.describe_inference_component, InferenceComponentName="b").startswith(
            "AccessDenied"
        )


def _post(fake: FakeSageMaker, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(fake.url.rpartition(":")[2]))
    try:
        connection.request("POST", "/", body, {"X-Amz-Target": target} if target else {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("SageMaker.CreateEndpoint", b"{}", "ValidationException"),
        ("SageMaker.CreateCluster", b"{}", "UnknownOperationException"),
        ("SageMaker.Add", b"{}", "UnknownOperationException"),
        ("S3.ListBuckets", b"{}", "UnknownOperationException"),
        ("", b"{}", "UnknownOperationException"),
        ("SageMaker.ListEndpoints", b"{", "SerializationException"),
        ("SageMaker.ListEndpoints", b"[]", "SerializationException"),
        ("SageMaker.DescribeEndpoint", b"{}", "ValidationException"),
        ("SageMaker.ListEndpoints", b'{"MaxResults": "x"}', "SerializationException"),
    ],
)
def test_what_is_no_request_is_answered_as_such(
    fake: FakeSageMaker, target: str, body: bytes, code: str
) -> None:
    status, answer = _post(fake, target, body)
    assert (status, answer["__type"]) == (400, code)


def test_dates_of_a_seed_are_answered_as_dates() -> None:
    seed = endpoint(["a"])
    seed["Endpoint"]["CreationTime"] = "2025-05-06T07:08:09Z"
    seed["InferenceComponents"][0]["Specification"]["Container"] = {"Environment": {"StartTime": "noon"}}
    with FakeSageMaker(seed) as fake:
        client = fake.client()
        assert client.describe_endpoint(EndpointName="prod")["CreationTime"].month == 5
        described = client.describe_inference_component(InferenceComponentName="a")
        assert described["Specification"]["Container"]["Environment"] == {"StartTime": "noon"}


def test_it_serves_several_threads_and_counts_them_all(fake: FakeSageMaker) -> None:
    client = fake.client()

    def scale() -> None:
        for _ in range(5):
            client.update_inference_component_runtime_config(
                InferenceComponentName="a", DesiredRuntimeConfig={"CopyCount": 1}
            )

    threads = [threading.Thread(target=scale) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fake.requests["UpdateInferenceComponentRuntimeConfig"] == 20


def test_the_seed_is_not_altered() -> None:
    seed = endpoint(["a"])
    before = json.dumps(seed)
    with FakeSageMaker(seed) as fake:
        fake.client().delete_inference_component(InferenceComponentName="a")
    assert json.dumps(seed) == before


def test_several_endpoints_live_side_by_side() -> None:
    other = endpoint(["z"])
    other["Endpoint"]["EndpointName"] = "test"
    with FakeSageMaker(endpoint(["a"]), other) as fake:
        client = fake.client()
        assert len(client.list_endpoints()["Endpoints"]) == 2
        found = client.list_inference_components(EndpointNameEquals="test")["InferenceComponents"]
        assert [item["InferenceComponentName"] for item in found] == ["z"]


@pytest.mark.parametrize("snapshot", ["snapshot.json", None, Snapshot.from_dict(endpoint(["a"]))])
def test_what_is_no_dict_is_refused_with_how_to_get_one(snapshot: Any) -> None:
    with pytest.raises(TypeError, match=r"as a dict, not a .*Snapshot\.load"):
        FakeSageMaker(snapshot)
