"""`icplan snapshot`: read a live endpoint into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.cli.call_options import call_options
from icplan.cli.command_group import debug_option, time_limited, warn
from icplan.cli.options import (
    config_option,
    expect_account_option,
    no_config_option,
    read_config,
    time_limit_option,
)
from icplan.cli.parts_options import parts_options
from icplan.cli.snapshot_source import read_live
from icplan.fleet.dimensions import counted

if TYPE_CHECKING:
    from typing import Any

    from icplan.snapshot.snapshot import Snapshot

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


@click.command()
@click.argument("endpoint")
@click.option("-o", "--output", metavar="FILE", help="Where the snapshot goes. [default: standard output]")
@click.option("--region", help="AWS Region.")
@click.option("--profile", help="AWS profile.")
@expect_account_option
@click.option("--usage", is_flag=True, help="Count the instances of all endpoints too (for quotas).")
@parts_options
@call_options
@click.option(
    "--explain-permissions",
    is_flag=True,
    help="Read nothing: print the IAM policy that reading this endpoint takes.",
)
@time_limit_option
@config_option
@no_config_option
@debug_option
def snapshot(
    endpoint: str, output: str | None, *, usage: bool, explain_permissions: bool, **options: Any
) -> None:
    """Read a live ENDPOINT, with read-only calls, into a snapshot file.

    Environment values are redacted.
    """
    from icplan.documents.safe_text import safe_json
    from icplan.documents.write import reserved, write_json

    file = None if output == "-" else output
    usage = usage or "usage" in options["only_parts"]
    with time_limited(options["time_limit"]) as running:
        read_config(options, running)
        if explain_permissions:
            write_json(file, _permissions(endpoint, options))
            return
        if file is None:
            read_live(endpoint, options, running, usage=usage).save(None)
            return
        with reserved(file) as write:
            taken = read_live(endpoint, options, running, usage=usage)
            running.now("writing the snapshot")
            write(safe_json(taken.to_dict(redacted=True)))
    warn(_written(file, taken))


def _permissions(endpoint: str, options: dict[str, Any]) -> dict[str, Any]:
    """The policy for one endpoint, in the Region and the account that the options name."""
    from icplan.aws.client import make_session, region_of
    from icplan.aws.permissions import partition_of, policy_for

    region = region_of(make_session("DescribeEndpoint", options["region"], options["profile"]))
    return policy_for(endpoint, region, options["expect_account"], partition=partition_of(region))


def _written(output: str, taken: Snapshot) -> str:
    """What the file holds."""
    components = taken.data.get("InferenceComponents") or []
    notes = f"; {counted(len(taken.notes), 'part')} could not be read" if taken.notes else ""
    what = f"endpoint {taken.endpoint_name} with {counted(len(components), 'component')}"
    return f"wrote {output}: {what}, as of {taken.taken_at}{notes}"
