"""`icplan snapshot`: read a live endpoint into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import debug_option, time_limited, warn
from icplan.cli.options import read_live, time_limit_option
from icplan.fleet.dimensions import counted

if TYPE_CHECKING:
    from typing import Any

    from icplan.snapshot.snapshot import Snapshot


@click.command()
@click.argument("endpoint")
@click.option("-o", "--output", metavar="FILE", help="Where the snapshot goes. [default: standard output]")
@click.option("--region", help="AWS Region.")
@click.option("--profile", help="AWS profile.")
@click.option("--usage", is_flag=True, help="Count the instances of all endpoints too (for quotas).")
@time_limit_option
@debug_option
def snapshot(endpoint: str, output: str | None, *, usage: bool, **options: Any) -> None:
    """Read a live ENDPOINT, with read-only calls, into a snapshot file.

    Environment values are redacted.
    """
    with time_limited(options["time_limit"]) as running:
        running.now(f"reading endpoint {endpoint}")
        taken = read_live(endpoint, options["region"], options["profile"], usage=usage)
        running.now("writing the snapshot")
        taken.save(output)
    if output is not None and output != "-":
        warn(_written(output, taken))


def _written(output: str, taken: Snapshot) -> str:
    """What the file holds."""
    components = taken.data.get("InferenceComponents") or []
    notes = f"; {counted(len(taken.notes), 'part')} could not be read" if taken.notes else ""
    what = f"endpoint {taken.endpoint_name} with {counted(len(components), 'component')}"
    return f"wrote {output}: {what}, as of {taken.taken_at}{notes}"
