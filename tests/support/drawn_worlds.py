"""Drawn endpoints: `check --endpoint` is to say what `check --snapshot` says of what `snapshot` wrote.

    PYTHONPATH=$PWD:tests python tests/support/drawn_worlds.py --worlds 1000 --seed 1

Both are the commands themselves, in this process; the local SageMaker is asked without a socket.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
from click.testing import CliRunner

from icplan.cli.main import main as icplan
from icplan.testing import FakeSageMaker, Policy
from support.emulated import ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Json = dict[str, Any]
KINDS = ("ml.g5.2xlarge", "ml.g5.12xlarge", "ml.m5.2xlarge")
DEVICES = {"ml.g5.2xlarge": 1, "ml.g5.12xlarge": 4, "ml.m5.2xlarge": 0}


def needs(rng: random.Random, kind: str) -> Json:
    """What a copy takes: memory, and devices or cores."""
    found: Json = {"MinMemoryRequiredInMb": rng.choice([1024, 4096, 8192, 15000])}
    if DEVICES[kind]:
        found["NumberOfAcceleratorDevicesRequired"] = rng.randint(1, max(1, DEVICES[kind] // 2))
    if rng.random() < 0.4:
        found["NumberOfCpuCoresRequired"] = rng.choice([0.5, 1, 2, 3])
    return found


def world(rng: random.Random) -> FakeSageMaker:
    """A control plane with an endpoint ``prod``, and often others that use up quotas."""
    kind = rng.choice(KINDS)
    quotas = {one: rng.randint(2, 8) for one in KINDS} if rng.random() < 0.6 else None
    fake = FakeSageMaker(policy=rng.choice(list(Policy)), quotas=quotas, seed=rng.randrange(10**6))
    client = fake.session().client("sagemaker")
    count = rng.randint(1, 4)
    variant: Json = {"VariantName": "v", "InstanceType": kind, "InitialInstanceCount": count}
    if rng.random() < 0.5:
        variant["ManagedInstanceScaling"] = {
            "Status": "ENABLED",
            "MinInstanceCount": 1,
            "MaxInstanceCount": count + rng.randint(0, 2),
        }
    enhanced = {"MetricsConfig": {"EnableEnhancedMetrics": True}} if rng.random() < 0.2 else {}
    configure(client, "c", variant, **enhanced)
    for name in ["prod", *(["other"] if rng.random() < 0.4 else [])]:
        tried(client.create_endpoint, EndpointName=name, EndpointConfigName="c")
    for number in range(rng.randint(0, 4)):
        tried(
            client.create_inference_component,
            InferenceComponentName=f"c{number}",
            EndpointName="prod",
            VariantName="v",
            Specification={"ModelName": "m", "ComputeResourceRequirements": needs(rng, kind)},
            RuntimeConfig={"CopyCount": rng.randint(0, 3)},
        )
    if rng.random() < 0.7:
        # Metrics of some periods, in which nothing moved.
        fake.clock.advance("20m")
    return fake


def configure(client: Any, name: str, variant: Json, **more: Any) -> None:
    client.create_endpoint_config(
        EndpointConfigName=name, ExecutionRoleArn=ROLE, ProductionVariants=[variant], **more
    )


def tried(call: Any, **arguments: Any) -> None:
    """Ask for it; what the world refuses is not there."""
    try:
        call(**arguments)
    except call.__self__.exceptions.ClientError:
        return


def change(rng: random.Random, fake: FakeSageMaker) -> Json:
    """A write to one of the components, or a new one."""
    taken = fake.snapshot("prod")
    names = [one["InferenceComponentName"] for one in taken["InferenceComponents"]]
    kind = taken["EndpointConfig"]["ProductionVariants"][0]["InstanceType"]
    if not names or rng.random() < 0.4:
        return {
            "InferenceComponentName": "new",
            "EndpointName": "prod",
            "VariantName": "v",
            "Specification": {"ModelName": "m", "ComputeResourceRequirements": needs(rng, kind)},
            "RuntimeConfig": {"CopyCount": rng.randint(1, 4)},
        }
    name = rng.choice(names)
    if rng.random() < 0.6:
        return {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": rng.randint(0, 6)}}
    rolling = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1}, "WaitIntervalInSeconds": 0}
    return {
        "InferenceComponentName": name,
        "Specification": {"ModelName": "m2", "ComputeResourceRequirements": needs(rng, kind)},
        **({"DeploymentConfig": {"RollingUpdatePolicy": rolling}} if rng.random() < 0.7 else {}),
    }


@contextmanager
def asked_without_a_socket(fake: FakeSageMaker) -> Iterator[None]:
    """Let the commands' own sessions be answered by a local SageMaker."""
    session = fake.session()
    with mock.patch.object(boto3, "Session", return_value=session):
        yield


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(icplan, list(arguments))
    return done.exit_code, done.stdout, done.stderr


def answers(fake: FakeSageMaker, asked: Json, folder: Path) -> tuple[tuple[int, Json], tuple[int, Json]]:
    """Exit code and what the verdict says, of the live endpoint and of the file."""
    (folder / "change.json").write_text(json.dumps(asked))
    file, taken = str(folder / "change.json"), str(folder / "taken.json")
    options = ("--no-config", "--format", "json", "--time-limit", "600")
    with asked_without_a_socket(fake):
        code, _, said = run("snapshot", "prod", "--usage", "-o", taken, "--no-config", "--time-limit", "600")
        if code:
            raise AssertionError(said)
        live = run("check", file, "--endpoint", "prod", *options)
    stored = run("check", file, "--snapshot", taken, *options)
    return (live[0], told(live)), (stored[0], told(stored))


def told(done: tuple[int, str, str]) -> Json:
    """What a verdict says of a change: all but where it was read from, and what it took to find out."""
    code, text, said = done
    if code not in (0, 1, 3):
        return {"Said": said}
    verdict = json.loads(text)
    return {"Outcome": verdict["Outcome"], "Changes": list(map(_of_change, verdict["Changes"]))}


#: What is told of metrics where they were read; notes are not compared either, as they settle nothing.
NOTES = {"ICP324", "ICP325"}
#: Where a change fails for another reason, quotas are not read to the end: one reason is enough.
QUOTAS = {"ICP502", "ICP503"}


def _of_change(found: Json) -> Json:
    rules = {one["Rule"] for one in found["Findings"] if one["Severity"] != "note"} - NOTES
    fails = found["Outcome"] in ("does-not-fit", "blocked", "invalid")
    return {
        "Outcome": found["Outcome"],
        "Rollback": found.get("RollbackOutcome"),
        "Rules": sorted(rules - QUOTAS if fails else rules),
    }


def main(arguments: Sequence[str]) -> int:
    """Print how many worlds there were of each outcome, and those of which two things are said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    counts, different = compared(options.worlds, options.seed, _so_far)
    print(sum(counts.values()), "worlds", dict(counts))  # noqa: T201
    print(len(different), "different", *different[:5], sep="\n")  # noqa: T201
    return 1 if different else 0


_OFTEN = 20
"""Worlds after which it is said how far it is."""


def _so_far(counts: Counter[str], different: Sequence[str]) -> None:
    if counts.total() % _OFTEN == 0:
        print(counts.total(), "worlds,", len(different), "different", flush=True)  # noqa: T201


def compared(
    worlds: int, seed: int, tell: Callable[[Counter[str], Sequence[str]], None] = lambda *_: None
) -> tuple[Counter[str], list[str]]:
    """How many worlds there were of each outcome, and those of which two things are said."""
    rng, counts, different = random.Random(seed), Counter[str](), list[str]()  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        for number in range(worlds):
            with world(rng) as fake:
                if "prod" not in fake.emulator.region().endpoints:
                    counts["no endpoint"] += 1
                    continue
                live, stored = answers(fake, change(rng, fake), Path(folder))
            counts[f"{live[1].get('Outcome', 'refused')} ({live[0]})"] += 1
            if live != stored:
                different.append(f"world {number}: live {live}, from the file {stored}")
            tell(counts, different)
    return counts, different


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
