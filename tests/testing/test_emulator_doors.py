"""The ways in: HTTP, botocore without a socket, pytest, the program; and what may go wrong on purpose."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
)
from support.emulated import World, needs

import icplan
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDPOINT: dict[str, Any] = {
    "IcplanSnapshot": 1,
    "Region": "eu-west-1",
    "Endpoint": {"EndpointName": "prod"},
    "EndpointConfig": {
        "ProductionVariants": [
            {"VariantName": "v", "InstanceType": "ml.g5.12xlarge", "InitialInstanceCount": 2}
        ]
    },
    "InferenceComponents": [
        {
            "InferenceComponentName": "chat",
            "Specification": {"ModelName": "m", "ComputeResourceRequirements": needs(1)},
            "RuntimeConfig": {"DesiredCopyCount": 3, "CurrentCopyCount": 3},
        }
    ],
    "Quotas": [{"QuotaName": "ml.g5.12xlarge for endpoint usage", "Value": 6.0}],
    "InstancesInUse": {"ml.g5.12xlarge": 5},
    "ScalableTargets": [{"ResourceId": "inference-component/chat", "MinCapacity": 1, "MaxCapacity": 4}],
}
MADE_UP: Any = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}


@pytest.fixture
def fake() -> Iterator[FakeSageMaker]:
    with FakeSageMaker(ENDPOINT) as running:
        yield running


def test_a_connection_is_kept_and_bodies_may_be_chunked(fake: FakeSageMaker) -> None:
    """Two requests on one connection, the second in chunks."""
    connection = http.client.HTTPConnection("127.0.0.1", int(fake.url.rpartition(":")[2]))
    headers = {"X-Amz-Target": "SageMaker.ListEndpoints", "Content-Type": "application/x-amz-json-1.1"}
    ids = []
    for body in (b"{}", iter([b"{", b"}"])):
        connection.request("POST", "/", body, headers, encode_chunked=not isinstance(body, bytes))
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["Endpoints"][0]["EndpointName"]) == (200, "prod")
        assert answer.version == 11
        ids.append(answer.headers["x-amzn-RequestId"])
    assert len(set(ids)) == 2
    connection.request("POST", "/", b"", {"Content-Length": "many"})
    assert connection.getresponse().status == 400
    connection.close()


def test_two_hundred_connections_at_once(fake: FakeSageMaker) -> None:
    """All are opened before any is served, and none is reset."""
    port, answers = int(fake.url.rpartition(":")[2]), []
    together = threading.Barrier(200)

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
            together.wait(60)
            one.sendall(
                b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"
                b"X-Amz-Target: SageMaker.ListEndpoints\r\n\r\n{}"
            )
            received = b""
            while part := one.recv(65536):
                received += part
            answers.append(received[:15])

    threads = [threading.Thread(target=ask) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"HTTP/1.1 200 OK"] * 200
    assert fake.requests["ListEndpoints"] == 200


def test_a_session_is_answered_without_a_socket(fake: FakeSageMaker) -> None:
    """Every client of an attached session; nothing listens."""
    session = fake.session()
    assert session.client("sagemaker").describe_endpoint(EndpointName="prod")["EndpointStatus"] == "InService"
    assert session.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert fake.emulator.default_region == "eu-west-1"
    snapshot = icplan.Snapshot.read("prod", session=session, include_usage=True)
    assert snapshot.data["Quotas"][0]["Value"] == 6.0
    assert snapshot.data["ScalableTargets"][0]["MaxCapacity"] == 4
    assert fake._door is None
    client = fake.attach(boto3.client("sagemaker", region_name="eu-west-1", **MADE_UP))
    assert client.list_endpoints()["Endpoints"]


def test_accounts_and_regions_are_worlds_of_their_own(fake: FakeSageMaker) -> None:
    """The credential scope tells which; twelve digits are an account."""
    other = fake.client(region="us-west-2")
    assert other.list_endpoints()["Endpoints"] == []
    config: Any = {"aws_access_key_id": "210987654321", "aws_secret_access_key": "x"}
    sts = boto3.client("sts", endpoint_url=fake.url, region_name="eu-west-1", **config)
    assert sts.get_caller_identity()["Account"] == "210987654321"
    sagemaker = boto3.client("sagemaker", endpoint_url=fake.url, region_name="eu-west-1", **config)
    assert sagemaker.list_endpoints()["Endpoints"] == []


def test_a_seed_counts_what_other_endpoints_use(fake: FakeSageMaker) -> None:
    """Of a quota of six, two run here and three elsewhere: one more may, two may not."""
    client = fake.client()
    with pytest.raises(ClientError, match="current utilization of 5 Instances and a request delta of 2"):
        client.create_endpoint(EndpointName="second", EndpointConfigName="prod-config")
    assert fake.snapshot("prod")["InstancesInUse"] == {"ml.g5.12xlarge": 5}


@pytest.mark.parametrize("door", ["client", "session"])
def test_faults_strike_whom_they_name(fake: FakeSageMaker, door: str) -> None:
    """Errors, statuses, broken connections and nonsense, through both doors."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=60)
    client = fake.client() if door == "client" else fake.session().client("sagemaker", config=config)
    faults = fake.faults
    faults.add(operation="DescribeEndpoint", error=("ThrottlingException", "Rate exceeded"), times=1)
    with pytest.raises(ClientError, match="Rate exceeded"):
        client.describe_endpoint(EndpointName="prod")
    assert client.describe_endpoint(EndpointName="prod")
    for given, expected in (
        ({"status": 503}, ClientError),
        ({"reset": True}, (ConnectionClosedError, EndpointConnectionError)),
        ({"error": "InternalFailure"}, ClientError),
    ):
        faults.add(operation="List*", times=1, **given)
        with pytest.raises(expected):
            client.list_endpoints()
        assert client.list_endpoints()["Endpoints"]
    kinds: list[dict[str, Any]] = [{"html": True}, {"truncate": True}]
    for nonsense in kinds:
        faults.add(operation="List*", times=1, **nonsense)
        assert "Endpoints" not in client.list_endpoints()  # botocore takes it for an answer
    faults.add(service="sagemaker", latency=0.01, times=1, probability=1)
    assert client.list_endpoints()["Endpoints"]
    fake.deny("sagemaker:DescribeInferenceComponent", "chat")
    with pytest.raises(
        ClientError, match="is not authorized to perform: sagemaker:DescribeInferenceComponent"
    ):
        client.describe_inference_component(InferenceComponentName="chat")
    faults.clear()
    fake.rate_limit(1)
    with pytest.raises(ClientError, match="Rate exceeded"):
        [client.list_endpoints() for _ in range(9)]
    fake.rate_limit(None)
    assert len(faults) == 0
    assert client.list_endpoints()


def test_a_stale_read_is_from_before_the_write(fake: FakeSageMaker) -> None:
    """What was answered last, or that there is nothing yet."""
    client = fake.client()
    ask = {"InferenceComponentName": "chat"}
    before = client.describe_inference_component(**ask)["RuntimeConfig"]
    client.update_inference_component_runtime_config(**ask, DesiredRuntimeConfig={"CopyCount": 1})
    fake.faults.add(operation="DescribeInferenceComponent", stale_read=True, times=2)
    assert client.describe_inference_component(**ask)["RuntimeConfig"] == before
    with pytest.raises(ClientError, match="Could not find inference component"):
        client.describe_inference_component(InferenceComponentName="new")
    assert client.describe_inference_component(**ask)["RuntimeConfig"]["CurrentCopyCount"] == 1


def control(fake: FakeSageMaker, path: str, body: Any) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", int(fake.url.rpartition(":")[2]))
    connection.request("POST", f"/_icplan/{path}", json.dumps(body))
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_everything_can_be_done_over_http() -> None:
    """Time, faults, capacity, containers, alarms, quotas, states and loads, for tests in any language."""
    world = World.of("ml.g5.2xlarge", 1, most=3)
    fake = world.fake
    assert control(fake, "clock", {"advance": "10m"}) == (200, {"now": fake.clock.date.isoformat()})
    assert (
        control(fake, "faults", {"operation": "ListEndpoints", "error": ["Oops", "no"], "times": 1})[0] == 200
    )
    with pytest.raises(ClientError, match="no"):
        world.client.list_endpoints()
    assert control(fake, "faults", {"deny": "sagemaker:ListModels"})[1] == {"faults": 2}
    assert control(fake, "faults", {"rate_limit": 1000})[0] == 200
    assert control(fake, "faults", {"clear": True})[1] == {"faults": 0}
    assert control(fake, "faults", {"speed": 1})[0] == 400
    assert control(fake, "nothing", {})[0] == 400
    assert control(fake, "clock", [])[0] == 400
    assert control(fake, "alarm", {"name": "errors", "state": "ALARM"})[0] == 200
    assert control(fake, "quota", {"name": "ml.g5.2xlarge", "value": 2})[0] == 200
    assert control(fake, "capacity", {"type": "ml.g5.2xlarge", "limit": 2})[0] == 200
    assert control(fake, "capacity", {"type": "ml.g5.2xlarge", "restore": True})[0] == 200
    assert control(fake, "load", {"component": "a", "value": 1})[0] == 200
    assert control(fake, "containers", {"fails": "m-1"})[0] == 200
    world.create("a", 1, needs(1))
    assert "ping health check" in world.component("a")["FailureReason"]
    assert control(fake, "containers", {"works": "m-1"})[0] == 200
    assert control(fake, "endpoint", {"name": "prod", "phase": "SystemUpdating"})[0] == 200
    assert world.endpoint()["EndpointStatus"] == "SystemUpdating"
    assert control(fake, "endpoint", {"name": "prod", "phase": None})[0] == 200
    assert next(one["what"] for one in control(fake, "history", {"of": "a"})[1]) == "copy placed"
    assert control(fake, "requests", {})[1]["requests"]["CreateInferenceComponent"] == 1
    document = control(fake, "state", {})[1]
    with FakeSageMaker.load_from(document) as again:
        assert again.placement("prod") == fake.placement("prod")
    fake.close()


def test_real_time_may_drive_it() -> None:
    """With a factor the clock runs by itself; half an hour passes in no time at all."""
    with FakeSageMaker(ENDPOINT, time=10_000_000.0) as fake:
        client = fake.client()
        client.update_inference_component_runtime_config(
            InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": 4}
        )
        while (
            client.describe_inference_component(InferenceComponentName="chat")["InferenceComponentStatus"]
            != "InService"
        ):
            pass
        assert fake.clock.now > 0


def test_a_world_without_judgement_does_as_it_is_told() -> None:
    """``judges=False``: more copies than there is room for, at once, and no instance is added."""
    with FakeSageMaker(ENDPOINT, judges=False) as fake:
        client = fake.client()
        client.update_inference_component_runtime_config(
            InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": 400}
        )
        shown = client.describe_inference_component(InferenceComponentName="chat")["RuntimeConfig"]
        assert shown["CurrentCopyCount"] == 400
        assert (
            client.describe_endpoint(EndpointName="prod")["ProductionVariants"][0]["CurrentInstanceCount"]
            == 2
        )


def test_the_log_can_be_redacted(fake: FakeSageMaker) -> None:
    """Values of environment variables are there for the test, and not where they are asked to be out."""
    client = fake.client()
    container = {"Image": "i:1", "Environment": {"TOKEN": "zq7-s3kr1t"}}
    client.update_inference_component(InferenceComponentName="chat", Specification={"Container": container})
    assert "zq7-s3kr1t" in str(fake.log)
    assert "zq7-s3kr1t" not in str(fake.redacted_log())


def test_another_emulator_is_asked_for_what_is_not_known() -> None:
    """A fallback by its URL; here a second emulator, which knows another endpoint."""
    with FakeSageMaker(ENDPOINT) as other, FakeSageMaker(fallback=other.url) as fake:
        with pytest.raises(ClientError, match="UnknownOperationException"):
            fake.client().list_clusters()
        assert other.requests["ListClusters"] == 1


def test_a_saved_world_is_a_file(fake: FakeSageMaker, tmp_path: Path) -> None:
    """Written, read again, and refused where it is none."""
    fake.client().delete_inference_component(InferenceComponentName="chat")
    fake.save(tmp_path / "world.json")
    with FakeSageMaker.load_from(tmp_path / "world.json") as again:
        assert again.snapshot("prod") == fake.snapshot("prod")
    with pytest.raises(ValueError, match="no saved emulator"):
        FakeSageMaker.load_from({"IcplanSnapshot": 1})
    with pytest.raises(KeyError, match="0 endpoints named other"):
        fake.snapshot("other")


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("1h30m", 5400), (7, 7), ("0.5m", 30)])
def test_durations_are_read(text: str | int, seconds: float) -> None:
    """As people write them."""
    with FakeSageMaker(time="virtual") as fake:
        before = fake.clock.now
        fake.clock.advance(text)
        assert fake.clock.now - before == seconds
        with pytest.raises(ValueError, match="write for example"):
            fake.clock.advance("soon")


def test_the_program_serves_until_it_is_told_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m icplan.testing`` prints all that a client needs, and begins where its seed was taken."""
    account, arn = "444455556666", "arn:aws:sagemaker:eu-west-1:444455556666:endpoint/prod"
    taken = {**ENDPOINT, "TakenAt": "2026-11-01T08:00:00Z"}
    taken["Endpoint"] = {**ENDPOINT["Endpoint"], "EndpointArn": arn}
    (tmp_path / "seed.json").write_text(json.dumps(taken))
    command = [sys.executable, "-m", "icplan.testing", "--seed", "seed.json", "--time", "virtual"]
    program = subprocess.Popen(
        [*command, "--quota", "ml.g5.12xlarge=9"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        while (line := program.stdout.readline().strip()) and "_STS" not in line:
            name, _, value = line.removeprefix("export ").partition("=")
            monkeypatch.setenv(name, value)
        client = boto3.client("sagemaker")
        assert client.describe_endpoint(EndpointName="prod")["EndpointArn"] == arn
        assert boto3.client("sts").get_caller_identity()["Account"] == account
        snapshot = icplan.Snapshot.read("prod", client=client)
        assert snapshot.taken_at is not None
        assert snapshot.taken_at.startswith("2026-11-01T08:")
        client.close()
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(300) == 0
        assert program.stdout is not None
        program.stdout.close()


@pytest.mark.parametrize("arguments", [["--time", "soon"], ["--time", "-1"], ["--quota", "ml.g5.xlarge"]])
def test_the_program_says_what_it_cannot_read(arguments: list[str]) -> None:
    """A slip on the command line is exit code 2 with a hint."""
    from click.testing import CliRunner  # noqa: PLC0415  (only here)

    from icplan.testing.__main__ import main  # noqa: PLC0415  (it is a program)

    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "write" in done.stderr


@pytest.mark.fake_sagemaker(ENDPOINT, time="virtual")
def test_the_fixture_is_where_every_client_goes(fake_sagemaker: FakeSageMaker) -> None:
    """A client made by code that knows of nothing."""
    assert os.environ["AWS_ENDPOINT_URL"] == fake_sagemaker.url
    client = boto3.client("sagemaker")
    assert client.list_endpoints()["Endpoints"][0]["EndpointName"] == "prod"
    assert fake_sagemaker.requests["ListEndpoints"] == 1
    client.close()


def test_a_client_is_answered_by_whoever_was_attached_last() -> None:
    """A client that is kept for a whole test session meets each test's own world."""
    with FakeSageMaker() as first, FakeSageMaker() as second:
        client = first.session().client("sagemaker")
        first.attach(client)
        client.list_endpoints()
        assert second.attach(client) is client
        client.list_endpoints()
        client.list_endpoints()
        assert (first.requests["ListEndpoints"], second.requests["ListEndpoints"]) == (1, 2)


@pytest.mark.parametrize("door", ["client", "session"])
def test_answers_are_dated_by_the_emulated_clock(door: str) -> None:
    """So a reader that goes by AWS's time, as icplan does, finds the metrics of that time."""
    with FakeSageMaker(time="virtual") as fake:
        fake.clock.advance("90m")
        client = fake.client() if door == "client" else fake.session().client("sagemaker")
        headers = client.list_endpoints()["ResponseMetadata"]["HTTPHeaders"]
        assert headers["date"] == "Thu, 01 Jan 2026 01:30:00 GMT"
        assert "server" not in headers
        with pytest.raises(ClientError) as refused:
            client.describe_endpoint(EndpointName="none")
        assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["date"] == headers["date"]


def test_icplan_reads_the_reservation_metrics_of_a_running_world() -> None:
    """Two instances hide their arrangement, so CloudWatch is asked, and has values for that time."""
    with FakeSageMaker(time="virtual") as fake:
        world = World(fake, fake.session().client("sagemaker"))
        world.configure("c", "ml.g5.12xlarge", 2)
        world.client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        world.settle()
        world.create("chat", 3, needs(1))
        fake.clock.advance("20m")
        read = icplan.Snapshot.read("prod", session=fake.session()).data
        assert read["Parts"]["Reservations"] == {"Status": "read"}
        points = {one["MetricName"]: one["Datapoints"][-1] for one in read["Reservations"]}
        assert (points["GPUReservation"]["Minimum"], points["GPUReservation"]["Maximum"]) == (25.0, 50.0)
        assert read["TakenAt"] == fake.clock.date.isoformat().replace("+00:00", "Z")
        assert read["ClockSkew"] > 86400
