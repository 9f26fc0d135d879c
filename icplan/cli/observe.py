"""`icplan observe`: note a reservation that SageMaker placed or refused, or that metrics show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import debug_option, time_limited, warn
from icplan.cli.options import once, time_limit_option
from icplan.cli.snapshot_source import load_snapshot, read_live

if TYPE_CHECKING:
    from typing import Any

    from icplan.cli.deadline import Deadline
    from icplan.snapshot.snapshot import Snapshot


# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


@click.command()
@click.argument("instance_type", metavar="[TYPE]", required=False)
@click.option("--placed", is_flag=True, help="SageMaker placed it.")
@click.option("--refused", is_flag=True, help="SageMaker refused it.")
@click.option("--memory", type=click.IntRange(min=1), metavar="MIB", help="Reserved on one instance, in all.")
@click.option(
    "--cpu", type=click.FloatRange(min=0), metavar="CORES", help="Reserved on one instance, in all."
)
@click.option(
    "--from-metrics",
    is_flag=True,
    help="Note what CloudWatch's reservation metrics show, of --snapshot or --endpoint.",
)
@click.option(
    "--snapshot", "snapshot_file", multiple=True, callback=once, metavar="FILE", help="With --from-metrics."
)
@click.option(
    "--endpoint",
    multiple=True,
    callback=once,
    metavar="NAME",
    help="With --from-metrics: read the live endpoint.",
)
@click.option("--region", help="AWS Region of --endpoint.")
@click.option("--profile", help="AWS profile for --endpoint.")
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
def observe(instance_type: str | None, output: str, **options: Any) -> None:
    """Note that a reservation on one instance of TYPE was placed, or refused, in a file that can be shared.

    Or, with --from-metrics, what the most loaded instances of an endpoint hold. Name the file in icplan.toml,
    as in: observations = ["observations.json"]
    """
    from icplan.catalog.observations import append

    given = [instance_type, options["placed"], options["refused"], options["memory"], options["cpu"]]
    if options["from_metrics"] and any(one not in (None, False) for one in given):
        raise click.UsageError(
            "--from-metrics tells type and amounts itself; give it a snapshot or an endpoint"
        )
    if not options["from_metrics"]:
        _refuse_without_metrics(options)
    with time_limited(options["time_limit"]) as running:
        if options["from_metrics"]:
            rows = _rows_of_metrics(options, running)
        else:
            rows = [_row(instance_type, options)]
        running.now(f"noting it in {output}")
        noted = [row for row in rows if append(output, row)]
    for row in noted if options["from_metrics"] else ():
        cores = f", {row['CpuCores']:g} cores" if "CpuCores" in row else ""
        warn(f"{row['InstanceType']}: {row['MemoryMib']} MiB{cores} placed; {row['Source']}")
    warn(f"noted in {output}" if noted else f"{output} has it already")


def _refuse_without_metrics(options: dict[str, Any]) -> None:
    for name in ("snapshot_file", "endpoint", "region", "profile"):
        if options[name] is not None:
            raise click.UsageError(f"--{name.removesuffix('_file')} goes with --from-metrics")


def _row(instance_type: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """What somebody has seen himself."""
    from icplan.catalog.catalog import Catalog

    if instance_type is None or options["memory"] is None:
        raise click.UsageError("say which TYPE and how much --memory, or --from-metrics")
    if options["placed"] == options["refused"]:
        raise click.UsageError("say either --placed or --refused")
    facts, memory = Catalog().lookup(instance_type), options["memory"]
    if memory > facts.memory_mib:
        raise click.UsageError(
            f"{instance_type} has {facts.memory_mib} MiB, so {memory} cannot have been reserved"
        )
    outcome = "placed" if options["placed"] else "refused"
    row = {"InstanceType": instance_type, "Outcome": outcome, "MemoryMib": memory}
    optional = (("CpuCores", options["cpu"]), ("Source", options["source"]))
    return row | {name: value for name, value in optional if value is not None}


def _rows_of_metrics(options: dict[str, Any], running: Deadline) -> list[dict[str, Any]]:
    """What the metrics of a snapshot, or of a live endpoint, show."""
    from icplan.catalog.catalog import Catalog
    from icplan.judge.observations_from_metrics import observed_in

    taken = _snapshot(options, running)
    running.now("reading the reservation metrics")
    rows, vain = observed_in(taken, Catalog(), options["source"])
    for why in vain:
        warn(why)
    return rows


def _snapshot(options: dict[str, Any], running: Deadline) -> Snapshot:
    file, endpoint = options["snapshot_file"], options["endpoint"]
    if (file is None) == (endpoint is None):
        raise click.UsageError("give either --snapshot FILE or --endpoint NAME")
    if file is None:
        return read_live(endpoint, options, running)
    for name in ("region", "profile"):
        if options[name] is not None:
            raise click.UsageError(f"--{name} goes with --endpoint; a snapshot is read as it is")
    return load_snapshot(file, running)
