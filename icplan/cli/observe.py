"""`icplan observe`: note a reservation that SageMaker placed or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import debug_option, time_limited, warn
from icplan.cli.options import time_limit_option

if TYPE_CHECKING:
    from typing import Any


# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


@click.command()
@click.argument("instance_type", metavar="TYPE")
@click.option("--placed", is_flag=True, help="SageMaker placed it.")
@click.option("--refused", is_flag=True, help="SageMaker refused it.")
@click.option(
    "--memory",
    type=click.IntRange(min=1),
    required=True,
    metavar="MIB",
    help="Reserved on one instance, in all.",
)
@click.option(
    "--cpu", type=click.FloatRange(min=0), metavar="CORES", help="Reserved on one instance, in all."
)
@click.option("--source", help="Where this was seen.")
@click.option(
    "-o",
    "--output",
    default="observations.json",
    show_default=True,
    metavar="FILE",
    help="Where it is noted.",
)
@time_limit_option
@debug_option
def observe(instance_type: str, output: str, *, placed: bool, refused: bool, **seen: Any) -> None:
    """Note that a reservation on one instance of TYPE was placed, or refused, in a file that can be shared.

    Name the file in icplan.toml, as in: observations = ["observations.json"]
    """
    from icplan.catalog.catalog import Catalog
    from icplan.catalog.observations import append

    if placed == refused:
        raise click.UsageError("say either --placed or --refused")
    facts, memory = Catalog().lookup(instance_type), seen["memory"]
    if memory > facts.memory_mib:
        raise click.UsageError(
            f"{instance_type} has {facts.memory_mib} MiB, so {memory} cannot have been reserved"
        )
    row = {"InstanceType": instance_type, "Outcome": "placed" if placed else "refused", "MemoryMib": memory}
    optional = (("CpuCores", seen["cpu"]), ("Source", seen["source"]))
    with time_limited(seen["time_limit"]) as running:
        running.now(f"noting it in {output}")
        append(output, row | {name: value for name, value in optional if value is not None})
    warn(f"noted in {output}")
