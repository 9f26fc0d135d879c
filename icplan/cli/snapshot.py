"""`icplan snapshot`: read a live endpoint into a file."""

from __future__ import annotations

import click

from icplan.cli.group import debug_option
from icplan.cli.options import read_live


@click.command()
@click.argument("endpoint")
@click.option("-o", "--output", metavar="FILE", help="Where the snapshot goes. [default: standard output]")
@click.option("--region", help="AWS Region.")
@click.option("--profile", help="AWS profile.")
@click.option("--usage", is_flag=True, help="Count the instances of all endpoints too (for quotas).")
@debug_option
def snapshot(
    endpoint: str, output: str | None, region: str | None, profile: str | None, *, usage: bool
) -> None:
    """Read a live ENDPOINT, with read-only calls, into a snapshot file.

    Environment values are redacted.
    """
    read_live(endpoint, region, profile, usage=usage).save(output)
