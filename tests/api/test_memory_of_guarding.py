"""What guarded writes leave in memory: nothing, counted in objects and blocks."""

from __future__ import annotations

import gc
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import icplan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITES = 60


@contextmanager
def served(seed: str) -> Iterator[Any]:
    """A client of a local SageMaker in a process of its own, where its history grows."""
    command = [sys.executable, "-P", "-m", "icplan.testing", "--seed", seed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield boto3.client(
                "sagemaker",
                endpoint_url=process.stdout.readline().strip().partition("=")[2],
                region_name="us-east-1",
                aws_access_key_id="made-up",
                aws_secret_access_key="made-up",  # noqa: S106
            )
        finally:
            process.terminate()


def write(client: Any, copies: int) -> None:
    client.update_inference_component_runtime_config(
        InferenceComponentName="chat", DesiredRuntimeConfig={"CopyCount": copies}
    )


def held() -> tuple[int, int]:
    """Objects and blocks of memory.

    Without Python's own cache of attributes that were looked up, of 4,096 names at most: botocore makes each
    name anew.
    """
    gc.collect()
    sys._clear_type_cache()
    gc.collect()
    return len(gc.get_objects()), sys.getallocatedblocks()


def left_behind(seed: str, *, told: bool) -> tuple[int, int]:
    """The objects and blocks that so many writes leave, once the first have made what is kept."""
    with served(seed) as client:
        icplan.guard(client, time_limit=300, report=(lambda _: None) if told else None)
        for number in range(20):
            write(client, 1 + number % 2)
        objects, blocks = held()
        for number in range(WRITES):
            write(client, 1 + number % 2)
        more_objects, more_blocks = held()
    return more_objects - objects, more_blocks - blocks


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(sys, "_clear_type_cache"), reason="this Python clears no such cache")
@pytest.mark.parametrize("told", [True, False])
def test_a_guarded_write_leaves_nothing_behind(tmp_path: Path, *, told: bool) -> None:
    """Ten thousand leave no more than sixty: what is kept of an endpoint and of a write replaces the last.

    Counted in a process of its own, where no other test left anything that goes on.
    """
    seed = tmp_path / "endpoint.json"
    icplan.Snapshot.load("examples/fragmented/endpoint.json").save(seed)
    command = [sys.executable, "-P", __file__, str(seed), *(["told"] if told else [])]
    counted = subprocess.run(command, check=True, capture_output=True, text=True)
    objects, blocks = (int(number) for number in counted.stdout.split())
    assert objects < WRITES // 3
    assert blocks < WRITES


if __name__ == "__main__":
    sys.stdout.write("{} {}\n".format(*left_behind(sys.argv[1], told=len(sys.argv) > 2)))
