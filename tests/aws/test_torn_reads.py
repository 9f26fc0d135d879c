"""An endpoint that changes while it is read, answers that are none, and AWS that never answers."""

from __future__ import annotations

import io
import json
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import given
from hypothesis import strategies as st

import icplan
from icplan.aws.parallel import each, within
from icplan.aws.parts.quotas import endpoint_quotas
from icplan.aws.read import read_snapshot
from icplan.errors import AwsError
from icplan.snapshot.capacity_hash import index_of
from icplan.snapshot.snapshot import Snapshot
from icplan.testing.fake.client import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REQUIREMENTS = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}
GROW = {"InferenceComponentName": "a", "DesiredRuntimeConfig": {"CopyCount": 2}}


def seed(*names: str) -> dict[str, Any]:
    components = [
        {
            "InferenceComponentName": name,
            "Specification": REQUIREMENTS,
            "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
        }
        for name in names
    ]
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {
            "ProductionVariants": [
                {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2}
            ]
        },
        "InferenceComponents": components,
    }


@pytest.fixture
def fake() -> Iterator[FakeSageMaker]:
    with FakeSageMaker(seed("a", "b", "c")) as running:
        yield running


def after(client: Any, operation: str, do: Callable[[], object], times: int = 1) -> None:
    """Do something when AWS has answered an operation, so many times."""
    left = [times]

    def handler(**_: object) -> None:
        if left[0]:
            left[0] -= 1
            do()

    client.meta.events.register(f"after-call.sagemaker.{operation}", handler)


def answering(client: Any, operation: str, body: bytes, kind: str = "application/x-amz-json-1.1") -> None:
    """Let something else than AWS answer."""

    def handler(request: Any, **_: object) -> AWSResponse:
        raw: Any = io.BytesIO(body)
        raw.stream = lambda **_: iter([body])
        headers: Any = {"content-type": kind, "content-length": str(len(body))}
        return AWSResponse(request.url, 200, headers, raw)

    client.meta.events.register(f"before-send.sagemaker.{operation}", handler)


def copies(data: dict[str, Any]) -> dict[str, int]:
    return {
        one["InferenceComponentName"]: one["RuntimeConfig"]["DesiredCopyCount"]
        for one in data["InferenceComponents"]
    }


def test_what_changes_while_it_is_read_is_read_again(fake: FakeSageMaker) -> None:
    """A component that is scaled, one that goes, and one that comes."""
    client, other = fake.client(), fake.client()

    def meanwhile() -> None:
        other.update_inference_component_runtime_config(
            InferenceComponentName="a", DesiredRuntimeConfig={"CopyCount": 3}
        )
        other.delete_inference_component(InferenceComponentName="b")
        other.create_inference_component(
            InferenceComponentName="d",
            EndpointName="prod",
            VariantName="v",
            Specification={"ModelName": "m", **REQUIREMENTS},
            RuntimeConfig={"CopyCount": 1},
        )

    after(client, "ListInferenceComponents", meanwhile)
    data = read_snapshot("prod", client=client)
    assert (data["Consistent"], copies(data)) == (True, {"a": 3, "c": 1, "d": 1})


def test_what_never_comes_to_rest_is_no_ground_for_a_promise(fake: FakeSageMaker) -> None:
    client, other, count = fake.client(), fake.client(), [1]

    def meanwhile() -> None:
        count[0] += 1
        other.update_inference_component_runtime_config(
            InferenceComponentName="a", DesiredRuntimeConfig={"CopyCount": count[0]}
        )

    after(client, "DescribeInferenceComponent", meanwhile, times=99)
    snapshot = Snapshot.read("prod", client=client)
    assert snapshot.data["Consistent"] is False
    more = {"InferenceComponentName": "a", "DesiredRuntimeConfig": {"CopyCount": count[0] + 1}}
    verdict = icplan.check(more, snapshot)
    assert verdict.outcome.value == "may-not-fit"
    assert any("went on changing while" in found.message for found in verdict.findings)
    at_rest = {**snapshot.data, "Consistent": True}
    assert icplan.check(more, at_rest).outcome.value == "fits"


def test_an_endpoint_that_is_deleted_while_it_is_read(fake: FakeSageMaker) -> None:
    client = fake.client()
    after(
        client,
        "ListInferenceComponents",
        lambda: fake.refuse("DescribeEndpoint", "ValidationException", "Could not find endpoint"),
    )
    with pytest.raises(AwsError, match="the endpoint prod was deleted while it was read"):
        read_snapshot("prod", client=client)


OPERATIONS = (
    "DescribeEndpoint",
    "DescribeEndpointConfig",
    "ListInferenceComponents",
    "DescribeInferenceComponent",
)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b"{}", b"null", b"[]", b'"x"', b'{"EndpointName": ', b"\xff\xfe"]
)
def test_an_answer_that_is_none_is_an_error_of_one_line(
    fake: FakeSageMaker, operation: str, body: bytes
) -> None:
    client = fake.client()
    answering(client, operation, body, "text/html")
    with pytest.raises(AwsError) as caught:
        read_snapshot("prod", client=client)
    said = str(caught.value)
    assert said.startswith(f"{operation}: AWS's answer is not what its API defines (")
    assert "\n" not in said


@pytest.mark.parametrize("operation", OPERATIONS)
@given(data=st.data())
def test_no_member_of_another_type_leaves_the_reader(operation: str, data: st.DataObject) -> None:
    """Whatever stands where an answer's member should: a snapshot, or an AwsError."""
    plain = st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    )
    with FakeSageMaker(seed("a")) as fake:
        sound: list[dict[str, Any]] = []
        client = fake.client()
        client.meta.events.register(
            f"before-parse.sagemaker.{operation}",
            lambda response_dict, **_: sound.append(json.loads(response_dict["body"])),
        )
        read_snapshot("prod", client=client)
        answer = sound[0]
        answer[data.draw(st.sampled_from(sorted(answer)))] = data.draw(plain)
        client = fake.client()
        answering(client, operation, json.dumps(answer).encode())
        try:
            Snapshot.read("prod", client=client)
        except (AwsError, icplan.InputError) as error:
            said = str(error)
        else:
            return
        assert "\n" not in said
        assert said.startswith((f"{operation}: ", "Describe", "$."))


def test_what_never_answers_is_waited_for_no_longer_than_asked(
    fake: FakeSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, asked, released = fake.client(), threading.Event(), threading.Event()

    def hangs(**_: object) -> None:
        asked.set()
        released.wait(60)

    client.meta.events.register("before-call.sagemaker.DescribeInferenceComponent", hangs)
    # The time is over once it hangs, however long that takes here.
    monkeypatch.setattr("icplan.aws.parallel._next", lambda *_: asked.wait(60) and None)
    try:
        with pytest.raises(AwsError) as caught:
            read_snapshot("prod", client=client, time_limit=0.5)
    finally:
        released.set()
    assert str(caught.value) == (
        "DescribeInferenceComponent: AWS has not answered within 0.5 s; allow more (time_limit), or try again"
    )


@given(st.lists(st.integers(-3, 9), max_size=40), st.integers(1, 9))
def test_many_at_once_answer_in_order_and_the_first_error_counts(items: list[int], workers: int) -> None:
    def double(item: int) -> int:
        if item < 0:
            raise ValueError(item)
        return 2 * item

    if all(item >= 0 for item in items):
        assert each(double, items, workers) == [double(item) for item in items]
    else:
        with pytest.raises(ValueError, match=r"^-"):
            each(double, items, workers)


def test_calls_are_made_at_once_and_no_more_than_asked() -> None:
    running, most, lock = [0], [0], threading.Lock()
    both = threading.Barrier(4, timeout=30)

    def count(item: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        if item < 4:
            both.wait()
        time.sleep(0.001)
        with lock:
            running[0] -= 1
        return item

    assert each(count, range(20), 4) == list(range(20))
    assert most == [4]


def test_what_is_asked_for_within_a_time_answers_or_raises_as_it_does() -> None:
    assert within(60, lambda: 7) == within(None, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


class Quotas:
    """A Service Quotas client: applied quotas, and AWS's defaults."""

    class meta:  # noqa: N801  (boto3's name)
        class service_model:  # noqa: N801
            service_id = "Service Quotas"

            @staticmethod
            def operation_model(_: str) -> Any:
                class Model:
                    class output_shape:  # noqa: N801
                        type_name = "structure"
                        required_members = ()
                        members: ClassVar[dict[str, Any]] = {}

                return Model

    def __init__(self, applied: dict[str, float], defaults: dict[str, float]) -> None:
        self.answers = {"applied": applied, "defaults": defaults}

    def list_service_quotas(self, **_: object) -> dict[str, Any]:
        return self._page("applied")

    def list_aws_default_service_quotas(self, **_: object) -> dict[str, Any]:
        return self._page("defaults")

    def _page(self, which: str) -> dict[str, Any]:
        return {
            "Quotas": [{"QuotaName": name, "Value": value} for name, value in self.answers[which].items()]
        }


ALL, OWN = "Number of instances across active endpoints", "ml.g5.xlarge for endpoint usage"


@pytest.mark.parametrize(
    ("applied", "defaults", "expected"),
    [
        ({OWN: 4, ALL: 20}, {OWN: 0, ALL: 0}, {OWN: 4, ALL: 20}),
        ({OWN: 4}, {OWN: 0, ALL: 20}, {OWN: 4, ALL: 20}),
        ({}, {OWN: 2, ALL: 20, "other": 1}, {OWN: 2, ALL: 20}),
        ({}, {}, {}),
    ],
)
def test_where_no_quota_is_applied_the_default_holds(
    applied: dict[str, float], defaults: dict[str, float], expected: dict[str, float]
) -> None:
    found = endpoint_quotas(Quotas(applied, defaults), seed()["EndpointConfig"])
    assert {one["QuotaName"]: one["Value"] for one in found} == expected


def test_the_index_is_that_of_the_endpoint_and_not_of_the_read(fake: FakeSageMaker) -> None:
    first = Snapshot.read("prod", client=fake.client())
    again = Snapshot.read("prod", client=fake.client(), include_usage=True)
    assert (first.index, first.data["Index"]) == (again.index, again.data["Index"])
    client = fake.client()
    client.update_inference_component_runtime_config(**GROW)
    assert Snapshot.read("prod", client=client).index != first.index


@given(st.permutations(["a", "b", "c"]), st.text(max_size=3))
def test_order_and_notes_do_not_enter_the_index(order: list[str], note: str) -> None:
    assert index_of(seed(*order) | {"Notes": [note], "TakenAt": "x"}) == index_of(seed("a", "b", "c"))
