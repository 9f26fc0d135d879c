"""The guard: what it stops, what it lets through, and that it touches nothing else."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import Stubber

from icplan.api.guard import guard, unguard
from icplan.errors import AwsError, DoesNotFit, InputError
from icplan.snapshot.snapshot import Snapshot
from icplan.testing.fake.client import FakeSageMaker
from icplan.verdict.change_verdict import ChangeVerdict
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.verdict import SnapshotIdentity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.api.write_check import GuardReport

SECRET = "zq7-s3kr1t"  # noqa: S105
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
            "InferenceComponentName": "llama",
            "Specification": {
                "ModelName": "m",
                "ComputeResourceRequirements": {
                    "NumberOfAcceleratorDevicesRequired": 1.0,
                    "MinMemoryRequiredInMb": 1024,
                },
            },
            "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
        }
    ],
}
WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "CreateInferenceComponent": (
        "create_inference_component",
        {
            "InferenceComponentName": "new",
            "EndpointName": "prod",
            "VariantName": "v",
            "Specification": {
                "ModelName": "m",
                "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
            },
            "RuntimeConfig": {"CopyCount": 1},
        },
    ),
    "UpdateInferenceComponent": (
        "update_inference_component",
        {"InferenceComponentName": "llama", "RuntimeConfig": {"CopyCount": 2}},
    ),
    "UpdateInferenceComponentRuntimeConfig": (
        "update_inference_component_runtime_config",
        {"InferenceComponentName": "llama", "DesiredRuntimeConfig": {"CopyCount": 2}},
    ),
}


class Judge:
    """Answers with one outcome, and remembers what it was asked."""

    def __init__(self, outcome: Outcome, *findings: Finding) -> None:
        self.outcome = outcome
        self.findings = findings
        self.asked: list[tuple[Any, Snapshot, dict[str, Any]]] = []

    def __call__(self, change: Any, snapshot: Snapshot, **options: Any) -> Verdict:
        self.asked.append((change, snapshot, options))
        name = change["Request"]["InferenceComponentName"]
        identity = SnapshotIdentity(snapshot.fingerprint, snapshot.taken_at, snapshot.endpoint_name)
        change["Request"].clear()  # a judge may do as it likes with what it is given
        return Verdict(identity, (ChangeVerdict("Update", name, self.outcome, findings=self.findings),))


@pytest.fixture
def fake() -> Iterator[FakeSageMaker]:
    with FakeSageMaker(ENDPOINT) as running:
        yield running


def send(client: Any, operation: str) -> dict[str, Any]:
    method, arguments = WRITES[operation]
    before = copy.deepcopy(arguments)
    try:
        answer: dict[str, Any] = getattr(client, method)(**arguments)
        return answer
    finally:
        assert arguments == before


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize(
    "outcome", [Outcome.INVALID, Outcome.BLOCKED, Outcome.DOES_NOT_FIT, Outcome.UNDECIDED]
)
def test_nothing_is_sent_when_it_would_fail(fake: FakeSageMaker, operation: str, outcome: Outcome) -> None:
    client = guard(fake.client(), judge=Judge(outcome))
    with pytest.raises(DoesNotFit) as caught:
        send(client, operation)
    assert caught.value.verdict.outcome is outcome
    assert fake.writes == 0


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("outcome", [Outcome.FITS, Outcome.FITS_AFTER_SCALE_OUT, Outcome.MAY_NOT_FIT])
def test_what_is_not_known_to_fail_is_sent_once_and_unaltered(
    fake: FakeSageMaker, operation: str, outcome: Outcome
) -> None:
    client = guard(fake.client(), judge=Judge(outcome))
    assert "InferenceComponentArn" in send(client, operation)
    assert (fake.requests[operation], fake.writes) == (1, 1)
    assert fake.log[-1] == (operation, WRITES[operation][1])


@pytest.mark.parametrize(
    ("outcome", "writes"),
    [
        (Outcome.FITS, 1),
        (Outcome.FITS_AFTER_SCALE_OUT, 1),
        (Outcome.MAY_NOT_FIT, 0),
        (Outcome.UNDECIDED, 0),
        (Outcome.DOES_NOT_FIT, 0),
    ],
)
def test_a_strict_guard_sends_only_what_fits(fake: FakeSageMaker, outcome: Outcome, writes: int) -> None:
    client = guard(fake.client(), judge=Judge(outcome), strict=True)
    try:
        send(client, "UpdateInferenceComponent")
    except DoesNotFit as error:
        assert error.verdict.outcome is outcome  # noqa: PT017  (half of the cases raise nothing)
    assert fake.writes == writes


@pytest.mark.parametrize("operation", WRITES)
def test_the_judge_sees_the_change_a_fresh_snapshot_and_the_options(
    fake: FakeSageMaker, operation: str
) -> None:
    judge = Judge(Outcome.FITS)
    client = guard(fake.client(), judge=judge, time_limit=3)
    expected = {"Operation": operation, "Request": WRITES[operation][1]}
    judged: list[Any] = []

    def looking(change: Any, snapshot: Snapshot, **options: Any) -> Verdict:
        judged.append(copy.deepcopy(change))
        return judge(change, snapshot, **options)

    guard(client, judge=looking, time_limit=3)
    send(client, operation)
    assert judged == [expected]
    ((_, snapshot, options),) = judge.asked
    assert (snapshot.endpoint_name, options) == ("prod", {"time_limit": 3})
    assert [part["InferenceComponentName"] for part in snapshot.data["InferenceComponents"]] == ["llama"]


def test_each_write_is_judged_against_what_the_one_before_has_left(fake: FakeSageMaker) -> None:
    judge = Judge(Outcome.FITS)
    client = guard(fake.client(), judge=judge)
    send(client, "CreateInferenceComponent")
    send(client, "UpdateInferenceComponent")
    assert [len(snapshot.data["InferenceComponents"]) for _, snapshot, _ in judge.asked] == [1, 2]


def test_other_operations_are_left_alone(fake: FakeSageMaker) -> None:
    judge = Judge(Outcome.DOES_NOT_FIT)
    client = guard(fake.client(), judge=judge)
    client.describe_endpoint(EndpointName="prod")
    client.list_inference_components()
    client.create_model(ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/endpoint")
    assert judge.asked == []
    assert sum(fake.requests.values()) == 3


def test_guarding_twice_judges_once_with_the_latest_options(fake: FakeSageMaker) -> None:
    first, second = Judge(Outcome.DOES_NOT_FIT), Judge(Outcome.FITS)
    client = fake.client()
    assert guard(guard(client, judge=first), judge=second) is client
    send(client, "UpdateInferenceComponent")
    assert (len(first.asked), len(second.asked), fake.writes) == (0, 1, 1)


def test_a_guard_can_be_taken_off(fake: FakeSageMaker) -> None:
    client = guard(fake.client(), judge=Judge(Outcome.DOES_NOT_FIT))
    assert unguard(unguard(client)) is client
    send(client, "UpdateInferenceComponent")
    assert (fake.writes, sum(fake.requests.values())) == (1, 1)


def test_one_guarded_client_does_not_guard_another(fake: FakeSageMaker) -> None:
    guard(fake.client(), judge=Judge(Outcome.DOES_NOT_FIT))
    send(fake.client(), "UpdateInferenceComponent")
    assert fake.writes == 1


def test_what_botocore_refuses_is_not_judged(fake: FakeSageMaker) -> None:
    judge = Judge(Outcome.FITS)
    client = guard(fake.client(), judge=judge)
    with pytest.raises(ParamValidationError):
        client.update_inference_component(InferenceComponentName="llama", RuntimeConfig={"CopyCount": "2"})
    assert judge.asked == []
    assert sum(fake.requests.values()) == 0


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("DescribeEndpoint", "AccessDeniedException"),
        ("DescribeInferenceComponent", "ThrottlingException"),
        ("ListInferenceComponents", "AccessDeniedException"),
    ],
)
def test_nothing_is_sent_when_the_endpoint_cannot_be_read(
    fake: FakeSageMaker, operation: str, code: str
) -> None:
    client = guard(fake.client(), judge=Judge(Outcome.FITS))
    fake.refuse(operation, code)
    with pytest.raises(AwsError, match=operation):
        send(client, "UpdateInferenceComponent")
    assert fake.writes == 0


def test_what_aws_does_not_have_is_left_to_it_to_refuse(fake: FakeSageMaker) -> None:
    """Code that handles AWS's own error goes on working."""
    told: list[GuardReport] = []
    client = guard(fake.client(), judge=Judge(Outcome.DOES_NOT_FIT), report=told.append)
    with pytest.raises(ClientError, match="Could not find inference component") as caught:
        client.update_inference_component(InferenceComponentName="none", RuntimeConfig={"CopyCount": 1})
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError, match="Could not find endpoint"):
        client.create_inference_component(**{**WRITES["CreateInferenceComponent"][1], "EndpointName": "none"})
    assert [(one.sent, one.verdict) for one in told] == [(True, None)] * 2
    assert "Could not find" in str(told[0].error)


def test_what_the_judge_raises_stops_the_write(fake: FakeSageMaker) -> None:
    def failing(*_: object, **__: object) -> Verdict:
        raise InputError(())

    client = guard(fake.client(), judge=failing)
    with pytest.raises(InputError):
        send(client, "UpdateInferenceComponent")
    assert fake.writes == 0


def test_the_snapshot_can_come_from_elsewhere(fake: FakeSageMaker) -> None:
    asked: list[str] = []

    def reader(name: str) -> Snapshot:
        asked.append(name)
        return Snapshot.from_dict(ENDPOINT)

    client = guard(fake.client(), judge=Judge(Outcome.FITS), snapshot_reader=reader)
    send(client, "CreateInferenceComponent")
    assert asked == ["prod"]
    assert sum(fake.requests.values()) == 1


def test_the_message_names_component_outcome_and_the_first_error(fake: FakeSageMaker) -> None:
    note = Finding("ICP601", Severity.NOTE, "a note")
    error = Finding("ICP301", Severity.ERROR, "needs 2 devices,\nhas 1")
    client = guard(fake.client(), judge=Judge(Outcome.DOES_NOT_FIT, note, error))
    with pytest.raises(DoesNotFit) as caught:
        send(client, "UpdateInferenceComponent")
    assert str(caught.value) == "llama: does not fit; nothing was sent. ICP301: needs 2 devices, has 1"
    guard(client, judge=Judge(Outcome.BLOCKED))
    with pytest.raises(
        DoesNotFit, match=r"^llama: blocked, SageMaker would refuse the write now; nothing was sent$"
    ):
        send(client, "UpdateInferenceComponent")


def test_secrets_of_the_endpoint_and_the_request_are_not_shown(fake: FakeSageMaker) -> None:
    client = fake.client()
    request = {
        "InferenceComponentName": "llama",
        "Specification": {"Container": {"Environment": {"TOKEN": SECRET}}},
    }
    client.update_inference_component(**request)
    judge = Judge(Outcome.DOES_NOT_FIT)
    guard(client, judge=judge)
    with pytest.raises(DoesNotFit) as caught:
        client.update_inference_component(**request)
    ((_, snapshot, _),) = judge.asked
    assert SECRET not in str(caught.value) + repr(caught.value) + str(snapshot.to_dict())


def test_threads_share_a_guarded_client(fake: FakeSageMaker) -> None:
    def judge(change: Any, snapshot: Snapshot, **_: object) -> Verdict:
        copies = change["Request"]["RuntimeConfig"]["CopyCount"]
        return Judge(Outcome.FITS if copies % 2 else Outcome.DOES_NOT_FIT)(change, snapshot)

    client = guard(fake.client(), judge=judge)
    refused: list[int] = []

    def write(copies: int) -> None:
        try:
            client.update_inference_component(
                InferenceComponentName="llama", RuntimeConfig={"CopyCount": copies}
            )
        except DoesNotFit:
            refused.append(copies)

    threads = [threading.Thread(target=write, args=(copies,)) for copies in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(refused) == [2, 4, 6, 8]
    sent = [
        params["RuntimeConfig"]["CopyCount"]
        for operation, params in fake.log
        if operation.startswith("Update")
    ]
    assert sorted(sent) == [1, 3, 5, 7]


def test_a_stub_in_place_of_aws_does_not_switch_the_guard_off() -> None:
    client = _client("sagemaker")
    stub = Stubber(client)
    for _ in range(2):
        stub.add_response("create_inference_component", {"InferenceComponentArn": "arn:" + "x" * 20})
    with stub:
        guard(
            client, judge=Judge(Outcome.DOES_NOT_FIT), snapshot_reader=lambda _: Snapshot.from_dict(ENDPOINT)
        )
        with pytest.raises(DoesNotFit):
            send(client, "CreateInferenceComponent")
        unguard(client)
        for _ in range(2):
            send(client, "CreateInferenceComponent")
        stub.assert_no_pending_responses()


def test_without_botocores_validation_everything_is_judged(fake: FakeSageMaker) -> None:
    judge = Judge(Outcome.INVALID)
    client = fake.client()
    client.meta.config.parameter_validation = False
    guard(client, judge=judge)
    with pytest.raises(DoesNotFit):
        client.update_inference_component(InferenceComponentName="llama", RuntimeConfig={"CopyCount": "2"})
    assert len(judge.asked) == 1
    assert fake.writes == 0


def test_the_real_judgement_stops_what_cannot_be_placed_and_sends_what_can(fake: FakeSageMaker) -> None:
    client = guard(fake.client())
    scale = client.update_inference_component_runtime_config
    with pytest.raises(DoesNotFit, match=r"^llama: does not fit; nothing was sent\. ICP"):
        scale(InferenceComponentName="llama", DesiredRuntimeConfig={"CopyCount": 5})  # on 4 devices
    assert fake.writes == 0
    scale(InferenceComponentName="llama", DesiredRuntimeConfig={"CopyCount": 4})
    assert fake.writes == 1


def test_a_client_of_another_service_is_refused() -> None:
    with pytest.raises(ValueError, match="SageMaker client, not one of sts"):
        guard(_client("sts"))


def _client(service: Any) -> Any:
    return boto3.client(
        service,
        region_name="us-east-1",
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",  # noqa: S106
    )


@pytest.mark.parametrize("client", ["sagemaker", None, {}])
def test_what_is_no_client_is_said_to_be_none(client: object) -> None:
    with pytest.raises(TypeError, match=f"client, or a session, not a {type(client).__name__}"):
        guard(client)
