"""Reading a live endpoint: everything, nothing but reading, and one clear line when AWS refuses."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)
from botocore.stub import Stubber

import icplan
from icplan.aws import client as aws_calls
from icplan.aws.read import endpoint_of, read_snapshot
from icplan.errors import AwsError
from icplan.snapshot.snapshot import Snapshot
from icplan.testing.fake.client import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "zq7-s3kr1t"  # noqa: S105
LEFT_OUT = ("ScalableTargets", "ScalingActivities", "Quotas", "InstancesInUse")
TARGETS, ACTIVITIES = "application-autoscaling/targets", "application-autoscaling/activities"
CODES = ("AccessDeniedException", "ThrottlingException")


def seed(name: str = "prod", components: int = 1, **variant: Any) -> dict[str, Any]:
    variant = {"InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2, **variant}
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": name},
        "EndpointConfig": {"ProductionVariants": [{"VariantName": "v", **variant}]},
        "InferenceComponents": [
            {
                "InferenceComponentName": f"{name}-{index:03}",
                "Specification": {
                    "Container": {
                        "ArtifactUrl": f"https://b.s3.amazonaws.com/m.tar.gz?X-Amz-Signature={SECRET}",
                        "Environment": {"TOKEN": SECRET},
                    },
                    "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
                },
                "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
            }
            for index in range(components)
        ],
    }


@pytest.fixture
def fake() -> Iterator[FakeSageMaker]:
    with FakeSageMaker(seed()) as running:
        yield running


class Session:
    """A boto3 session whose other services are stubbed; remembers every operation called."""

    region_name = "us-east-1"

    def __init__(self, sagemaker: Any) -> None:
        self.called: list[str] = []
        url = sagemaker.meta.endpoint_url
        self.clients = {"sagemaker": sagemaker, "cloudwatch": _client("cloudwatch", url)}
        self.stubs: dict[str, Stubber] = {}
        for name in (TARGETS, ACTIVITIES, "service-quotas", "ec2"):
            self.clients[name] = _client(name.partition("/")[0], sagemaker.meta.endpoint_url)
            self.stubs[name] = Stubber(self.clients[name])
            self.stubs[name].activate()
        for client in self.clients.values():
            client.meta.events.register_first("before-parameter-build.*.*", self._note)

    def client(self, service: str, **_: object) -> Any:
        """One for each part: they are read at once, and a stub answers in its own order."""
        if service == "application-autoscaling":
            return self.clients.pop(TARGETS, None) or self.clients[ACTIVITIES]
        return self.clients[service]

    def _note(self, model: Any, **_: object) -> None:
        self.called.append(model.name)

    def answer_activities(self, activities: list[dict[str, Any]]) -> None:
        self.stubs[ACTIVITIES].add_response(
            "describe_scaling_activities",
            {"ScalingActivities": activities},
            {"ServiceNamespace": "sagemaker"},
        )

    def answer_targets(self, names: list[str], targets: list[dict[str, Any]]) -> None:
        self.stubs[TARGETS].add_response(
            "describe_scalable_targets",
            {"ScalableTargets": targets},
            {"ServiceNamespace": "sagemaker", "ResourceIds": names},
        )

    def answer_quotas(
        self, quotas: list[dict[str, Any]], token: str | None = None, after: str | None = None
    ) -> None:
        asked = {"ServiceCode": "sagemaker", "MaxResults": 100} | ({"NextToken": after} if after else {})
        answer = {"Quotas": quotas} | ({"NextToken": token} if token else {})
        self.stubs["service-quotas"].add_response("list_service_quotas", answer, asked)

    def answer_defaults(self, quotas: list[dict[str, Any]]) -> None:
        asked = {"ServiceCode": "sagemaker", "MaxResults": 100}
        self.stubs["service-quotas"].add_response(
            "list_aws_default_service_quotas", {"Quotas": quotas}, asked
        )


def _client(service: Any, url: str | None = None) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",  # noqa: S106
    )


def failing(error: Exception) -> Any:
    """A SageMaker client that cannot even ask."""
    client = _client("sagemaker")

    def fail(**_: object) -> None:
        raise error

    client.meta.events.register("before-call", fail)
    return client


def refusal(**arguments: Any) -> str:
    with pytest.raises(AwsError) as caught:
        read_snapshot("prod", **arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_live_endpoint_makes_a_snapshot(fake: FakeSageMaker) -> None:
    snapshot = Snapshot.read("prod", client=fake.client())
    assert (snapshot.endpoint_name, snapshot.region, snapshot.notes) == ("prod", "us-east-1", ())
    assert snapshot.taken_at is not None
    assert snapshot.taken_at.endswith("Z")
    assert set(snapshot.data) == {
        *("IcplanSnapshot", "TakenAt", "Region", "Endpoint", "EndpointConfig", "InferenceComponents"),
        *("AccountId", "Partition", "EndpointUrl", "ClockSkew", "Consistent", "Parts", "Index"),
    }
    assert {part["Status"] for part in snapshot.data["Parts"].values()} == {"not-asked"}
    assert (snapshot.data["Consistent"], snapshot.data["Index"]) == (True, snapshot.index)
    assert snapshot.data["Endpoint"]["CreationTime"] == "2026-01-01T00:00:00Z"
    assert "ResponseMetadata" not in str(snapshot.to_dict())


def test_environment_values_and_signatures_do_not_leave_the_reader(fake: FakeSageMaker) -> None:
    data = read_snapshot("prod", client=fake.client())
    assert SECRET not in str(data)
    assert list(data["InferenceComponents"][0]["Specification"]["Container"]["Environment"]) == ["TOKEN"]


def test_every_component_is_read_over_all_pages() -> None:
    with FakeSageMaker(seed(components=123), seed("other", components=3)) as fake:
        data = read_snapshot("prod", client=fake.client())
        names = [part["InferenceComponentName"] for part in data["InferenceComponents"]]
        assert names == [f"prod-{index:03}" for index in range(123)]
        assert fake.requests["ListInferenceComponents"] == 2 * 2
        assert fake.requests["DescribeInferenceComponent"] == 123
        assert fake.writes == 0


def test_a_session_asks_for_scaling_and_quotas_too_and_only_reads(fake: FakeSageMaker) -> None:
    session = Session(fake.client())
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/prod-000",
        "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
        "MinCapacity": 1,
        "MaxCapacity": 4,
        "RoleARN": "arn:role",
        "CreationTime": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    }
    session.answer_targets(["endpoint/prod/variant/v", "inference-component/prod-000"], [target])
    session.answer_activities([])
    wanted = [
        {"QuotaName": "ml.g5.xlarge for endpoint usage", "Value": 4.0},
        {"QuotaName": "Number of instances across active endpoints", "Value": 20.0},
    ]
    other = [{"QuotaName": "ml.g5.2xlarge for endpoint usage", "Value": 1.0}]
    unknown = [{"QuotaName": "ml.g5.xlarge for endpoint usage", "ErrorReason": {"ErrorCode": "X"}}]
    session.answer_quotas([wanted[0], *other], token="more")  # noqa: S106
    session.answer_quotas([*unknown, wanted[1]], after="more")
    per_endpoint = {"QuotaName": "Instances per endpoint", "QuotaCode": "L-ED8DEE9B", "Value": 4.0}
    session.answer_defaults([other[0], per_endpoint])
    wanted.append(per_endpoint)
    data = read_snapshot("prod", session=session, include_usage=True)
    assert data["ScalableTargets"] == [{**target, "CreationTime": "2026-01-01T00:00:00Z"}]
    assert data["Quotas"] == wanted
    assert data["InstancesInUse"] == {"ml.g5.xlarge": 2}
    assert "Notes" not in data
    assert len(session.called) >= 8
    assert [name for name in session.called if not name.startswith(("Describe", "List", "Get"))] == []
    Snapshot.from_dict(data)


def test_scalable_targets_are_asked_for_fifty_at_a_time() -> None:
    with FakeSageMaker(seed(components=60)) as fake:
        session = Session(fake.client())
        names = ["endpoint/prod/variant/v", *(f"inference-component/prod-{index:03}" for index in range(60))]
        session.answer_targets(names[:50], [])
        session.answer_targets(names[50:], [])
        session.answer_activities([])
        session.answer_quotas([])
        session.answer_defaults([])
        assert read_snapshot("prod", session=session)["ScalableTargets"] == []


@pytest.mark.parametrize("code", CODES)
def test_extras_that_aws_refuses_are_left_out_and_named(fake: FakeSageMaker, code: str) -> None:
    session = Session(fake.client())
    session.stubs[TARGETS].add_client_error("describe_scalable_targets", code, "no")
    session.stubs[ACTIVITIES].add_client_error("describe_scaling_activities", code, "no")
    session.stubs["service-quotas"].add_client_error("list_service_quotas", code, "no")
    fake.refuse("ListEndpoints", code, "no")
    told: list[str] = []
    data = read_snapshot("prod", session=session, include_usage=True, warn=told.append)
    assert told == data["Notes"]
    assert [note.split()[0] for note in told] == [*LEFT_OUT]
    assert not set(LEFT_OUT) & set(data)
    status = "denied" if code == CODES[0] else "failed"
    assert data["Parts"] == {part: {"Status": status} for part in LEFT_OUT} | {
        "InstanceTypes": {"Status": "not-asked"},
        "Reservations": {"Status": "read"},
        "CopyLocations": {"Status": "not-asked"},
    }
    if code == CODES[0]:
        assert "the permission application-autoscaling:DescribeScalableTargets is missing" in told[0]
        assert "the permission application-autoscaling:DescribeScalingActivities is missing" in told[1]
        assert "the permission servicequotas:ListServiceQuotas is missing" in told[2]
        assert "the permission sagemaker:ListEndpoints is missing" in told[3]


def test_a_component_that_disappears_meanwhile_is_skipped_with_a_note() -> None:
    with FakeSageMaker(seed(components=3)) as fake:
        fake.refuse(
            "DescribeInferenceComponent",
            "ValidationException",
            "Could not find inference component",
            when=lambda params: params["InferenceComponentName"] == "prod-001",
        )
        snapshot = Snapshot.read("prod", client=fake.client())
    names = [part["InferenceComponentName"] for part in snapshot.data["InferenceComponents"]]
    assert names == ["prod-000", "prod-002"]
    assert snapshot.notes == ("inference component prod-001 was deleted while the endpoint was read",)


def test_an_endpoint_that_is_not_there(fake: FakeSageMaker) -> None:
    with pytest.raises(AwsError) as caught:
        read_snapshot("none", client=fake.client())
    assert str(caught.value) == "DescribeEndpoint: there is no endpoint none in us-east-1"
    assert caught.value.operation == "DescribeEndpoint"


@pytest.mark.parametrize(
    ("variant", "why"),
    [
        ({"ModelName": "m"}, "v has a ModelName"),
        ({"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}, "v is serverless"),
    ],
)
def test_an_endpoint_that_cannot_host_components(variant: dict[str, Any], why: str) -> None:
    with FakeSageMaker(seed(components=0, **variant)) as fake:
        assert refusal(client=fake.client()) == (
            f"DescribeEndpointConfig: the endpoint prod cannot host inference components: its variant {why}"
        )


def test_a_configuration_that_has_been_deleted(fake: FakeSageMaker) -> None:
    fake.refuse(
        "DescribeEndpointConfig", "ValidationException", 'Could not find endpoint configuration "arn".'
    )
    text = refusal(client=fake.client())
    assert text.startswith(
        "DescribeEndpointConfig: the endpoint configuration prod-config of prod has been deleted"
    )


def test_an_endpoint_without_a_configuration() -> None:
    client = _client("sagemaker")
    with Stubber(client) as stub:
        answer = {"EndpointName": "prod", "EndpointArn": "arn:" + "x" * 20, "EndpointStatus": "Failed"}
        stub.add_response("describe_endpoint", {**answer, "CreationTime": 0, "LastModifiedTime": 0})
        assert "has no endpoint configuration (its status: Failed)" in refusal(client=client)


@pytest.mark.parametrize(
    "operation",
    ["DescribeEndpoint", "DescribeEndpointConfig", "ListInferenceComponents", "DescribeInferenceComponent"],
)
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "AccessDeniedException",
            "the permission sagemaker:{} is missing (AccessDeniedException: no way)",
        ),
        ("ThrottlingException", "AWS still throttles the call after several attempts"),
        ("ExpiredTokenException", "AWS refused the credentials; renew them"),
        ("UnrecognizedClientException", "AWS refused the credentials; renew them"),
        ("SignatureDoesNotMatch", "AWS refused the credentials; renew them"),
        ("InternalFailure", "no way (InternalFailure)"),
        ("ValidationException", "no way (ValidationException)"),
    ],
)
def test_a_refusal_says_what_is_needed(fake: FakeSageMaker, operation: str, code: str, expected: str) -> None:
    fake.refuse(operation, code, "no\n way")
    assert refusal(client=fake.client()).startswith(f"{operation}: {expected.format(operation)}")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("InvalidSignatureException", "Signature expired: 20250101T0000Z is now earlier than 20250101T0600Z"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20250101T0600Z is still later than"),
        (
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        ("RequestExpired", "Request has expired."),
    ],
)
def test_a_wrong_clock_is_not_told_as_bad_credentials(fake: FakeSageMaker, code: str, text: str) -> None:
    """How far it is off is told by AWS's own date, where its answer has one."""
    fake.refuse("DescribeEndpoint", code, text)
    said = refusal(client=fake.client())
    assert re.match(r"DescribeEndpoint: the clock of this machine is \d+ s (ahead of|behind) AWS's, so", said)
    assert said.endswith(f"({code}: {text})")
    assert "credentials" not in said


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("arn:aws:sts::111122223333:assumed-role/deployer/ada.lovelace@example.org", "assumed-role"),
        ("arn:aws-us-gov:iam::111122223333:user/teams/ml/ada", "user"),
        ("arn:aws-cn:sts::111122223333:federated-user/ada", "federated-user"),
    ],
)
def test_who_asked_is_told_as_what_kind_of_principal(fake: FakeSageMaker, arn: str, told: str) -> None:
    """A snapshot holds what AWS said, and is handed on."""
    action = "sagemaker:DescribeEndpoint on resource: arn:aws:sagemaker:us-east-1:111122223333:endpoint/prod"
    fake.refuse(
        "DescribeEndpoint", "AccessDeniedException", f"User: {arn} is not authorized to perform: {action}"
    )
    said = refusal(client=fake.client())
    assert said.endswith(f"(AccessDeniedException: User: {told} is not authorized to perform: {action})")


def test_of_what_aws_says_two_hundred_characters_are_quoted(fake: FakeSageMaker) -> None:
    fake.refuse("DescribeEndpoint", "ValidationException", "so long " * 99)
    assert refusal(client=fake.client()) == (
        "DescribeEndpoint: " + ("so long " * 99)[:197] + "... (ValidationException)"
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NoCredentialsError(), "no AWS credentials were found: set AWS_PROFILE"),
        (PartialCredentialsError(provider="env", cred_var="key"), "no AWS credentials were found"),
        (NoRegionError(), "no AWS Region is set: set AWS_REGION"),
        (ProfileNotFound(profile="x"), "the AWS credentials cannot be used: The config profile (x)"),
        (UnauthorizedSSOTokenError(), "the AWS credentials cannot be used: The SSO session"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS cannot be reached: Could not connect"),
        (ConnectTimeoutError(endpoint_url="https://x"), "AWS cannot be reached: Connect timeout"),
    ],
)
def test_a_call_that_cannot_be_made_says_what_is_needed(error: Exception, expected: str) -> None:
    assert refusal(client=failing(error)).startswith(f"DescribeEndpoint: {expected}")


def test_a_name_botocore_refuses_is_an_error_of_ours(fake: FakeSageMaker) -> None:
    with pytest.raises(AwsError, match="Parameter validation failed"):
        read_snapshot(7, client=fake.client())  # type: ignore[arg-type]


def test_what_aws_says_is_redacted(fake: FakeSageMaker) -> None:
    fake.refuse("DescribeEndpoint", "InternalFailure", f"https://x.y/z?X-Amz-Signature={SECRET}")
    assert SECRET not in refusal(client=fake.client())


def test_without_a_region_no_client_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    assert refusal().startswith("DescribeEndpoint: no AWS Region is set")


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-north-1"}, "eu-north-1"),
        ({"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
    ],
)
def test_the_region_of_the_environment_is_taken(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], region: str
) -> None:
    """AWS_REGION, too, which boto3 does not read."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    session = aws_calls.make_session("DescribeEndpoint")
    assert aws_calls.make_client(session, "sagemaker", "DescribeEndpoint").meta.region_name == region


def test_a_region_that_is_given_counts_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    session = aws_calls.make_session("DescribeEndpoint", "eu-west-1")
    client = aws_calls.make_client(session, "sagemaker", "DescribeEndpoint")
    assert client.meta.region_name == "eu-west-1"


def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    assert "the AWS credentials cannot be used" in refusal()


def test_our_own_clients_are_patient() -> None:
    class Asked:
        region_name = "us-east-1"

        def client(self, service: str, *, region_name: str, config: Any) -> Any:
            return service, region_name, config.retries, config.user_agent_extra

    retries = {"mode": "adaptive", "total_max_attempts": 9}
    assert aws_calls.make_client(Asked(), "sagemaker", "X") == ("sagemaker", "us-east-1", retries, "icplan")


def test_the_endpoint_of_a_component(fake: FakeSageMaker) -> None:
    assert endpoint_of(fake.client(), "prod-000") == "prod"
    with pytest.raises(AwsError, match="Could not find inference component"):
        endpoint_of(fake.client(), "none")


def _pooled() -> dict[str, Any]:
    data = seed("pooled", components=0)
    pools = [{"InstanceType": "ml.g5.xlarge", "Priority": 1}, {"InstanceType": "ml.g6.xlarge", "Priority": 2}]
    data["EndpointConfig"]["ProductionVariants"] = [{"VariantName": "v", "InstancePools": pools}]
    running = [
        {"InstanceType": "ml.g5.xlarge", "CurrentInstanceCount": 3},
        {"InstanceType": "ml.g6.xlarge", "CurrentInstanceCount": 1},
    ]
    data["Endpoint"]["ProductionVariants"] = [{"VariantName": "v", "InstancePools": running}]
    return data


def test_usage_counts_every_endpoint_by_type() -> None:
    growing = seed("growing", components=0)
    variant = {"VariantName": "v", "CurrentInstanceCount": 1, "DesiredInstanceCount": 5}
    growing["Endpoint"]["ProductionVariants"] = [variant]
    serverless = seed(
        "serverless", components=0, ServerlessConfig={"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    )
    del serverless["EndpointConfig"]["ProductionVariants"][0]["InstanceType"]
    serverless["Endpoint"]["ProductionVariants"] = [{"VariantName": "v"}]
    many = [seed(f"many-{index:03}", components=0, InstanceType="ml.m5.large") for index in range(12)]
    with FakeSageMaker(seed(), growing, _pooled(), serverless, *many) as fake:
        data = read_snapshot("prod", client=fake.client(), include_usage=True)
        assert data["InstancesInUse"] == {"ml.g5.xlarge": 2 + 5 + 3, "ml.g6.xlarge": 1, "ml.m5.large": 24}
        assert fake.writes == 0


def test_usage_copes_with_what_disappears_meanwhile() -> None:
    with FakeSageMaker(seed(), seed("gone", components=0), seed("bare", components=0)) as fake:
        fake.refuse(
            "DescribeEndpoint",
            "ValidationException",
            "Could not find endpoint",
            when=lambda params: params["EndpointName"] == "gone",
        )
        fake.refuse(
            "DescribeEndpointConfig",
            "ValidationException",
            "Could not find endpoint configuration",
            when=lambda params: params["EndpointConfigName"] == "bare-config",
        )
        data = read_snapshot("prod", client=fake.client(), include_usage=True)
    assert data["InstancesInUse"] == {"ml.g5.xlarge": 2}
    assert data["Notes"] == [
        "InstancesInUse lacks the endpoint bare: its endpoint configuration has been deleted"
    ]


@pytest.mark.parametrize(
    ("operation", "member", "name"),
    [
        ("DescribeEndpoint", "EndpointName", "other"),
        ("DescribeEndpointConfig", "EndpointConfigName", "other-config"),
    ],
)
def test_usage_of_an_endpoint_that_is_denied_is_missing_by_name(
    operation: str, member: str, name: str
) -> None:
    """The sum of the others is a lower bound, and a report says whose use is not known."""
    with FakeSageMaker(seed(), seed("other", components=0)) as fake:
        fake.refuse(operation, CODES[0], when=lambda params: params[member] == name)
        data = read_snapshot("prod", client=fake.client(), include_usage=True)
    assert data["InstancesInUse"] == {"ml.g5.xlarge": 2}
    assert data["Parts"]["InstancesInUse"] == {"Status": "read", "Missing": ["other"]}
    assert data["Notes"][0].startswith(
        f"InstancesInUse lacks the endpoint other: {operation}: the permission"
    )
    quotas = [{"QuotaName": "ml.g5.xlarge for endpoint usage", "Value": 2}]
    told = icplan.check(
        {"InferenceComponentName": "prod-000", "DesiredRuntimeConfig": {"CopyCount": 99}},
        data | {"Quotas": quotas},
    )
    assert "at least 2 are in use; what other uses is not known" in str(
        [finding.message for finding in told.findings]
    )
