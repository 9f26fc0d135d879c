"""A local SageMaker over HTTP: ``python -m icplan.testing --port 0 --seed endpoint.json --time virtual``."""

from __future__ import annotations

import math
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

import click

from icplan.catalog.catalog import builtin_types
from icplan.documents.document import read_document
from icplan.documents.nearest import nearest
from icplan.documents.safe_text import safe_text
from icplan.errors import IcplanError, InputError, InputProblem
from icplan.snapshot.snapshot import Snapshot
from icplan.testing.emulator.quotas import PER_TYPE, is_quota_on_all
from icplan.testing.fake.client import FakeSageMaker

if TYPE_CHECKING:
    from collections.abc import Collection

_SERVICES = (
    *("SAGEMAKER", "SAGEMAKER_RUNTIME", "APPLICATION_AUTO_SCALING", "SERVICE_QUOTAS"),
    *("CLOUDWATCH", "EC2", "STS"),
)
_DIGITS = 9
"""More are no number of instances."""


def _time(_context: click.Context, _parameter: click.Parameter, value: str) -> str | float:
    if value in ("at-once", "virtual"):
        return value
    try:
        factor = float(value)
    except ValueError:
        factor = 0
    if not 0 < factor < math.inf:
        raise click.BadParameter("write at-once, virtual, or how many times as fast as real time")
    return factor


@click.command()
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), show_default=True, help="0 takes any that is free."
)
@click.option("--seed", "seeds", multiple=True, metavar="FILE", help="A snapshot file.")
@click.option("--world", metavar="FILE", help="A world that was saved.")
@click.option(
    "--time", default="at-once", show_default=True, callback=_time, help="at-once, virtual or a factor."
)
@click.option("--quota", "quotas", multiple=True, metavar="TYPE=N", help="A quota that is applied.")
def main(port: int, seeds: tuple[str, ...], world: str | None, time: Any, quotas: tuple[str, ...]) -> None:
    """Serve a local SageMaker until it is interrupted, and print how to reach it."""
    try:
        fake = _seeded(seeds, time, quotas) if world is None else _saved(world)
    except IcplanError as error:
        _fail(str(error))
    with fake:
        try:
            fake.listen(port)
        except OSError as error:
            _fail(f"cannot listen at port {port}: {error.strerror or error}")
        _serve(fake)


def _fail(message: str) -> NoReturn:
    click.echo(safe_text(f"icplan.testing: {message}"), err=True)
    sys.exit(2)


def _seeded(seeds: tuple[str, ...], time: Any, quotas: tuple[str, ...]) -> FakeSageMaker:
    given = [Snapshot.load(seed).to_dict() for seed in seeds]
    known = {*builtin_types(), *(one["InstanceType"] for data in given for one in _own_types(data))}
    return FakeSageMaker(*given, time=time, quotas=dict(_quota(text, known) for text in quotas))


def _own_types(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Instance types that a snapshot tells of itself."""
    return list(data.get("InstanceTypes") or ())


def _saved(world: str) -> FakeSageMaker:
    document = read_document(world)
    if not isinstance(document.value, dict):
        raise InputError(InputProblem("is no world that was saved", file=document.file))
    try:
        return FakeSageMaker.load_from(document.value)
    except ValueError as error:
        raise InputError(InputProblem(str(error), file=document.file)) from None


def _serve(fake: FakeSageMaker) -> None:
    services = {f"AWS_ENDPOINT_URL_{service}": fake.url for service in _SERVICES}
    for name, value in {**fake.environment(), **services}.items():
        click.echo(f"export {name}={value}")
    sys.stdout.flush()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


def _quota(text: str, known: Collection[str]) -> tuple[str, int]:
    """A quota on a type, or on all together; a name that is neither would limit nothing."""
    name, found, value = text.rpartition("=")
    if not found or not value.isascii() or not value.isdigit() or len(value) > _DIGITS:
        raise InputError(InputProblem(f"--quota {text}: write TYPE=N"))
    if name.removesuffix(PER_TYPE) not in known and not is_quota_on_all(name):
        near = nearest(name, known)
        hint = f"Did you mean {near}?" if near else None
        raise InputError(InputProblem(f"--quota {text}: there is no instance type {name!r}", hint=hint))
    return name, int(value)


if __name__ == "__main__":
    main()
