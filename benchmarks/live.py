"""Time reading and guarding a live endpoint, where every call takes 30 ms, beside the bare call, in one run.

    python benchmarks/live.py

Prints seconds and ratios to one bare DescribeEndpoint: figures of one machine mean little, ratios carry over.
The local SageMaker runs in a process of its own. Last, memory over ten thousand guarded writes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

import icplan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LATENCY = 0.03
GUARDED, READ, WRITES = 250, 1_000, 10_000
PER_INSTANCE = 60


def endpoint(components: int) -> dict[str, Any]:
    """So many small components of one copy each, made a minute apart, with a little room left."""
    made = [dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=one) for one in range(components)]
    return {
        "IcplanSnapshot": 1,
        "Endpoint": {"EndpointName": "prod"},
        "EndpointConfig": {
            "ProductionVariants": [
                {
                    "VariantName": "v",
                    "InstanceType": "ml.m5.24xlarge",
                    "InitialInstanceCount": components // PER_INSTANCE + 1,
                }
            ]
        },
        "InferenceComponents": [
            {
                "InferenceComponentName": f"c{number:05}",
                "CreationTime": at.isoformat(),
                "LastModifiedTime": at.isoformat(),
                "Specification": {
                    "ModelName": "m",
                    "ComputeResourceRequirements": {
                        "MinMemoryRequiredInMb": 1024,
                        "NumberOfCpuCoresRequired": 1,
                    },
                },
                "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
            }
            for number, at in enumerate(made)
        ],
    }


@contextmanager
def served(components: int, latency: float = LATENCY) -> Iterator[Any]:
    """A client of a local SageMaker in another process that answers after a while."""
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder, "endpoint.json")
        seed.write_text(json.dumps(endpoint(components)))
        command = [sys.executable, "-P", "-m", "icplan.testing", "--seed", str(seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip().partition("=")[2]
            try:
                fault = json.dumps({"operation": "*", "latency": latency}).encode()
                urllib.request.urlopen(f"{url}/_icplan/faults", fault).read()  # noqa: S310  (it is on this machine)
                yield boto3.client(
                    "sagemaker",
                    endpoint_url=url,
                    region_name="us-east-1",
                    aws_access_key_id="made-up",
                    aws_secret_access_key="made-up",  # noqa: S106
                )
            finally:
                process.terminate()


def seconds(action: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of this process."""
    began, busy = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began, time.process_time() - busy


def bare(client: Any) -> float:
    """One call: the median of some."""
    return sorted(seconds(lambda: client.describe_endpoint(EndpointName="prod"))[0] for _ in range(9))[4]


def scale(client: Any, copies: int) -> None:
    client.update_inference_component_runtime_config(
        InferenceComponentName="c00000", DesiredRuntimeConfig={"CopyCount": copies}
    )


def told(what: str, spent: tuple[float, float], one: float, calls: int) -> None:
    clock, busy = spent
    figures = f"{clock:8.2f} s{clock / one:9.1f} x{calls:8} calls{busy:8.2f} s of the processor"
    sys.stdout.write(f"{what:28}{figures}\n")


def timed(components: int, *, guards: bool) -> None:
    with served(components) as client:
        calls: list[str] = []
        client.meta.events.register("before-call.sagemaker.*", lambda model, **_: calls.append(model.name))
        one = bare(client)
        sys.stdout.write(f"\n{components} components, one call {one * 1000:.0f} ms\n")
        calls.clear()
        told("read", seconds(lambda: icplan.Snapshot.read("prod", client=client)), one, len(calls))
        if not guards:
            return
        icplan.guard(client, time_limit=60)
        icplan.check({"InferenceComponentName": "c00000", "RuntimeConfig": {"CopyCount": 1}}, endpoint(1))
        for copies, what in ((2, "a guarded write, cold"), (1, "the next one"), (2, "and the next")):
            calls.clear()
            told(what, seconds(lambda n=copies: scale(client, n)), one, len(calls))  # type: ignore[misc]


def resident() -> float:
    """MiB that the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory(writes: int) -> None:
    """What guarded writes leave in memory; the local SageMaker, whose history grows, is another process."""
    with served(2, latency=0) as client:
        icplan.guard(client, time_limit=60, report=lambda _: None)
        sys.stdout.write(f"\nMiB held after so many of {writes} guarded writes\n")
        for number in range(writes + 1):
            if number % (writes // 10) == 0:
                sys.stdout.write(f"{number:8}{resident():9.1f}\n")
                sys.stdout.flush()
            scale(client, 1 + number % 2)


def main() -> None:
    timed(READ, guards=False)
    timed(GUARDED, guards=True)
    memory(int(sys.argv[1]) if sys.argv[1:] else WRITES)


if __name__ == "__main__":
    main()
