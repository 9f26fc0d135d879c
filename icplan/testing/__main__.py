"""A local SageMaker over HTTP: ``python -m icplan.testing --port 0 --seed endpoint.json --time virtual``."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from icplan.testing.fake.client import FakeSageMaker

_SERVICES = (
    *("SAGEMAKER", "SAGEMAKER_RUNTIME", "APPLICATION_AUTO_SCALING", "SERVICE_QUOTAS"),
    *("CLOUDWATCH", "EC2", "STS"),
)


def _time(_context: click.Context, _parameter: click.Parameter, value: str) -> str | float:
    if value in ("at-once", "virtual"):
        return value
    try:
        factor = float(value)
    except ValueError:
        factor = 0
    if not factor > 0:
        raise click.BadParameter("write at-once, virtual, or how many times as fast as real time")
    return factor


@click.command()
@click.option("--port", default=0, show_default=True, help="0 takes any that is free.")
@click.option(
    "--seed", "seeds", multiple=True, type=click.Path(exists=True, dir_okay=False), help="A snapshot file."
)
@click.option("--world", type=click.Path(exists=True, dir_okay=False), help="A world that was saved.")
@click.option(
    "--time", default="at-once", show_default=True, callback=_time, help="at-once, virtual or a factor."
)
@click.option("--quota", "quotas", multiple=True, metavar="TYPE=N", help="A quota that is applied.")
def main(port: int, seeds: tuple[str, ...], world: str | None, time: Any, quotas: tuple[str, ...]) -> None:
    """Serve a local SageMaker until it is interrupted, and print how to reach it."""
    if world is not None:
        fake = FakeSageMaker.load_from(world)
    else:
        given = [json.loads(Path(seed).read_text()) for seed in seeds]
        fake = FakeSageMaker(*given, time=time, quotas=dict(map(_quota, quotas)))
    with fake:
        fake.listen(port)
        for name in ("AWS_ENDPOINT_URL", *(f"AWS_ENDPOINT_URL_{service}" for service in _SERVICES)):
            click.echo(f"export {name}={fake.url}")
        sys.stdout.flush()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()


def _quota(text: str) -> tuple[str, int]:
    name, found, value = text.rpartition("=")
    if not found or not value.isascii() or not value.isdigit():
        raise click.BadParameter(f"{text!r}: write TYPE=N", param_hint="--quota")
    return name, int(value)


if __name__ == "__main__":
    main()
