"""How fast the local SageMaker starts and answers, in process and over HTTP.

    python benchmarks/local_sagemaker.py

Prints requests per second without a socket and over HTTP, what a start takes, and whether 200 connections
at once are all served: by the clock, and by the time of the processor, which counts on a busy machine.
Imports and the making of clients are not counted. "boto3 by itself" is a client that is given one answer
again and again: what it takes is not the emulator's.
"""

from __future__ import annotations

import socket
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, cast

import boto3

from icplan.testing import FakeSageMaker
from icplan.testing.emulator import in_process_door

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.testing.emulator.emulator import Emulator
    from icplan.testing.emulator.wire import Request, Response

MADE_UP = "made-up"

SEED: dict[str, Any] = {
    "IcplanSnapshot": 1,
    "Endpoint": {"EndpointName": "prod"},
    "EndpointConfig": {
        "ProductionVariants": [
            {"VariantName": "v", "InstanceType": "ml.g5.12xlarge", "InitialInstanceCount": 8}
        ]
    },
    "InferenceComponents": [
        {
            "InferenceComponentName": f"chat-{number}",
            "Specification": {
                "ModelName": "m",
                "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
            },
            "RuntimeConfig": {"DesiredCopyCount": 1, "CurrentCopyCount": 1},
        }
        for number in range(50)
    ],
}
REQUESTS, STARTS, CONNECTIONS = 1000, 20, 200


CLOCKS = (time.perf_counter, time.process_time)


def per_second(call: Callable[..., Any], **arguments: Any) -> str:
    call(**arguments)
    began = [clock() for clock in CLOCKS]
    for _ in range(REQUESTS):
        call(**arguments)
    return "".join(f"{REQUESTS / (clock() - then):8.0f}" for clock, then in zip(CLOCKS, began, strict=True))


class OneAnswer:
    """Gives an emulator's first answer again and again."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._answer: Response | None = None

    def handle(self, request: Request) -> Response:
        self._answer = self._answer or self._emulator.handle(request)
        return self._answer


def start_ms(seed: dict[str, Any] | None) -> str:
    """The median of starts that listen."""
    spent: list[list[float]] = [[], []]
    for _ in range(STARTS):
        began = [clock() for clock in CLOCKS]
        fake = FakeSageMaker() if seed is None else FakeSageMaker(seed)
        assert fake.url
        for times, clock, then in zip(spent, CLOCKS, began, strict=True):
            times.append((clock() - then) * 1000)
        fake.close()
    return "".join(f"{statistics.median(times):8.1f}" for times in spent)


def served_at_once(fake: FakeSageMaker) -> int:
    """Connections that are all open before any asks: how many get an answer."""
    port, together = int(fake.url.rpartition(":")[2]), threading.Barrier(CONNECTIONS)
    answers: list[bytes] = []

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
            together.wait(60)
            one.sendall(
                b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"
                b"X-Amz-Target: SageMaker.ListEndpoints\r\n\r\n{}"
            )
            answers.append(one.recv(15))

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers.count(b"HTTP/1.1 200 OK")


def main() -> None:
    ask = {"InferenceComponentName": "chat-7"}
    lines = [("", "  clock  processor")]
    with FakeSageMaker(SEED) as fake:
        inside = fake.session().client("sagemaker")
        read, write = inside.describe_inference_component, inside.update_inference_component_runtime_config
        scale = {**ask, "DesiredRuntimeConfig": {"CopyCount": 1}}
        outside = fake.client().describe_inference_component
        alone = boto3.client(
            "sagemaker", region_name="us-east-1", aws_access_key_id=MADE_UP, aws_secret_access_key=MADE_UP
        )
        in_process_door.attach(cast("Emulator", OneAnswer(fake.emulator)), alone)
        direct = {"service": "sagemaker", "operation": "DescribeInferenceComponent", "params": ask}
        lines += [
            ("reads per second, boto3 by itself", per_second(alone.describe_inference_component, **ask)),
            ("reads per second, without a socket", per_second(read, **ask)),
            ("writes per second, without a socket", per_second(write, **scale)),
            ("reads per second, over HTTP", per_second(outside, **ask)),
            ("reads per second, without boto3", per_second(fake.emulator.call, **direct)),
            ("connections at once, served", f"{served_at_once(fake):8} of {CONNECTIONS}"),
        ]
    lines += [
        ("ms of a start", start_ms(None)),
        ("ms of a start with 50 components", start_ms(SEED)),
    ]
    for what, figures in lines:
        sys.stdout.write(f"{what:36}{figures}\n")


if __name__ == "__main__":
    main()
