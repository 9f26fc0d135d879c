"""The command line on a live endpoint, over HTTP: what is asked, of which account, and what is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from icplan.cli.main import main
from icplan.documents.leftover_files import STALE_AFTER
from icplan.documents.write import write_json
from icplan.testing import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

G5 = "ml.g5.2xlarge"
ROLE = "arn:aws:iam::123456789012:role/endpoint"
ACCOUNT = "123456789012"
GROW = {"InferenceComponentName": "chat", "RuntimeConfig": {"CopyCount": 2}}


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSageMaker]:
    """A local SageMaker that the environment names, with the endpoint ``prod`` of one full instance."""
    monkeypatch.chdir(tmp_path)
    with FakeSageMaker(quotas={G5: 2}) as running:
        for name, value in {
            "AWS_ENDPOINT_URL": running.url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        client = running.client()
        scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 4}
        client.create_endpoint_config(
            EndpointConfigName="c",
            ExecutionRoleArn=ROLE,
            ProductionVariants=[
                {
                    "VariantName": "v",
                    "InstanceType": G5,
                    "InitialInstanceCount": 1,
                    "ManagedInstanceScaling": scaling,
                }
            ],
        )
        client.create_endpoint(EndpointName="prod", EndpointConfigName="c")
        client.create_inference_component(
            InferenceComponentName="chat",
            EndpointName="prod",
            VariantName="v",
            Specification={
                "ModelName": "m-1",
                "ComputeResourceRequirements": {
                    "MinMemoryRequiredInMb": 1024,
                    "NumberOfAcceleratorDevicesRequired": 1,
                },
            },
            RuntimeConfig={"CopyCount": 1},
        )
        (tmp_path / "grow.json").write_text(json.dumps(GROW))
        yield running


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(arguments))
    return done.exit_code, done.stdout, done.stderr


def test_the_report_names_account_and_region(fake: FakeSageMaker) -> None:
    code, text, _ = run("check", "grow.json", "--endpoint", "prod")
    assert code == 0
    assert f"(account {ACCOUNT}, us-east-1)" in " ".join(text.split())
    _, written, _ = run("check", "grow.json", "--endpoint", "prod", "--format", "json")
    told = json.loads(written)["Snapshot"]
    assert (told["AccountId"], told["Region"], len(told["Index"])) == (ACCOUNT, "us-east-1", 64)
    assert fake.writes == 3


@pytest.mark.parametrize("command", [("check", "grow.json", "--endpoint", "prod"), ("snapshot", "prod")])
def test_an_endpoint_of_another_account_is_refused(
    fake: FakeSageMaker, tmp_path: Path, command: tuple[str, ...]
) -> None:
    other = "999999999999"
    code, _, said = run(*command, "--expect-account", other)
    assert code == 2
    assert f"the endpoint prod is in account {ACCOUNT}, and {other} is expected" in said
    assert run(*command, "--expect-account", ACCOUNT)[0] == 0
    (tmp_path / "icplan.toml").write_text(f'expect-account = "{other}"\n')
    assert run(*command)[0] == 2
    assert run(*command, "--expect-account", ACCOUNT)[0] == 0
    assert run(*command, "--no-config")[0] == 0
    assert fake.requests["DescribeEndpoint"] > 0
    for wrong in ("123", '"12345678901x"', "123456789012"):
        (tmp_path / "icplan.toml").write_text(f"expect-account = {wrong}\n")
        code, _, said = run(*command)
        assert (code, "twelve digits" in said) == (2, True)
    assert run(*command, "--no-config", "--expect-account", "12")[0] == 2


def test_a_snapshot_file_is_held_against_it_as_far_as_it_tells(fake: FakeSageMaker, tmp_path: Path) -> None:
    run("snapshot", "prod", "-o", "taken.json")
    other = ("--expect-account", "999999999999")
    assert run("check", "grow.json", "--snapshot", "taken.json", *other)[0] == 2
    data = json.loads((tmp_path / "taken.json").read_text())
    del data["AccountId"]
    (tmp_path / "hand.json").write_text(json.dumps(data))
    code, _, said = run("check", "grow.json", "--snapshot", "hand.json", *other)
    assert (code, "does not tell its account" in said) == (0, True)
    assert fake.requests["ListEndpoints"] == 0


def test_usage_is_read_only_where_a_verdict_hangs_on_it(fake: FakeSageMaker, tmp_path: Path) -> None:
    """Where a new instance is needed, and nobody has said not to."""
    less = {"InferenceComponentName": "chat", "RuntimeConfig": {"CopyCount": 1}}
    (tmp_path / "same.json").write_text(json.dumps(less))
    assert run("check", "same.json", "--endpoint", "prod")[0] == 0
    assert fake.requests["ListEndpoints"] == 0
    assert run("check", "grow.json", "--endpoint", "prod")[0] == 0
    assert fake.requests["ListEndpoints"] == 1
    # Another endpoint takes the last instance that the quota leaves.
    client = fake.client()
    client.create_endpoint(EndpointName="other", EndpointConfigName="c")
    code, text, _ = run("check", "grow.json", "--endpoint", "prod")
    assert (code, "ICP502" in text) == (1, True)
    without = [
        run("check", "grow.json", "--endpoint", "prod", one)[0] for one in ("--no-usage", "--no-quotas")
    ]
    assert without == [0, 0]
    assert run("check", "grow.json", "--endpoint", "prod", "--only", "scaling")[0] == 0


def test_parts_that_are_not_wanted_are_not_asked_for(fake: FakeSageMaker) -> None:
    def parts(*options: str) -> set[str]:
        _, text, _ = run("snapshot", "prod", *options)
        return {name for name, one in json.loads(text)["Parts"].items() if one["Status"] == "read"}

    assert parts("--usage") == {"ScalableTargets", "ScalingActivities", "Quotas", "InstancesInUse"}
    assert parts("--no-scaling") == {"Quotas"}
    assert parts("--only", "quotas", "--only", "usage") == {"Quotas", "InstancesInUse"}
    assert parts("--only", "instance-types") == set()
    before = fake.requests.total()
    code, _, said = run("snapshot", "prod", "--only", "quotas", "--no-quotas")
    assert (code, "contradict" in said, fake.requests.total()) == (2, True, before)


def test_the_permissions_of_one_endpoint_are_told_without_asking(fake: FakeSageMaker) -> None:
    code, text, _ = run("snapshot", "prod", "--explain-permissions", "--expect-account", ACCOUNT)
    assert code == 0
    found = {one["Sid"]: one for one in json.loads(text)["Statement"]}
    assert found["Must1"] == {
        "Sid": "Must1",
        "Effect": "Allow",
        "Action": "sagemaker:DescribeEndpoint",
        "Resource": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/prod",
    }
    china = run("snapshot", "prod", "--explain-permissions", "--region", "cn-north-1")[1]
    assert '"arn:aws-cn:sagemaker:cn-north-1:*:endpoint/prod"' in china
    assert fake.requests["DescribeEndpoint"] == 0


def test_an_update_that_was_rolled_back_exits_with_1(fake: FakeSageMaker) -> None:
    """Though it is InService again; the quota of two leaves its second new copy no instance."""
    client = fake.client()
    client.update_inference_component_runtime_config(
        InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": 2}
    )
    assert run("snapshot", "prod", "-o", "before.json")[0] == 0
    client.update_inference_component(InferenceComponentName="chat", Specification={"ModelName": "m-2"})
    found = client.describe_inference_component(InferenceComponentName="chat")
    assert (found["InferenceComponentStatus"], found["Specification"]["ModelName"]) == ("InService", "m-1")
    code, text, _ = run("wait", "chat", "--endpoint", "prod", "--before", "before.json")
    assert (code, text.partition(":")[0]) == (1, "ROLLED BACK")


# -- the file -----------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_written_is_known_before_aws_is_asked(
    fake: FakeSageMaker, tmp_path: Path
) -> None:
    before = fake.requests.total()
    code, _, said = run("snapshot", "prod", "-o", str(tmp_path / "nowhere" / "taken.json"))
    assert (code, "cannot be written" in said, fake.requests.total()) == (2, True, before)
    code, _, _ = run("snapshot", "none", "-o", "taken.json")
    assert (code, list(tmp_path.glob("taken*"))) == (2, [])
    (tmp_path / "taken.json").write_text("as before")
    assert run("snapshot", "none", "-o", "taken.json")[0] == 2
    assert (tmp_path / "taken.json").read_text() == "as before"


def test_what_killed_writers_have_left_is_removed_after_a_day(tmp_path: Path) -> None:
    target = tmp_path / "taken.json"
    old, new, mine = (
        tmp_path / f"taken.json.{middle}.tmp" for middle in ("0123abcd", "fedc9876", "my-notes")
    )
    other = tmp_path / "other.0123abcd.tmp"
    for file in (old, new, mine, other):
        file.write_text("half")
        if file is not new:
            os.utime(file, (0, time.time() - STALE_AFTER - 60))
    write_json(target, {})
    assert not old.exists()
    assert all(file.exists() for file in (new, mine, other))


_WRITER = """
import sys
from icplan.documents.write import write_json
many = [{"Name": str(number)} for number in range(20_000)]
print("ready", flush=True)
while True:
    write_json(sys.argv[1], {"IcplanSnapshot": 1, "InferenceComponents": many})
"""


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_no_broken_file(tmp_path: Path) -> None:
    """At whichever moment of its writing."""
    target = tmp_path / "taken.json"
    target.write_text("{}")
    for number in range(6):
        with subprocess.Popen(
            [sys.executable, "-P", "-c", _WRITER, str(target)], stdout=subprocess.PIPE, env=dict(os.environ)
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.03 * (number + 1))
            writer.send_signal(signal.SIGKILL)
        data: dict[str, Any] = json.loads(target.read_text())
        assert len(data.get("InferenceComponents", [None] * 20_000)) == 20_000
