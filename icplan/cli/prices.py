"""`icplan prices`: AWS's price list into a dated file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.cli.answer import output_file
from icplan.cli.command_group import debug_option, time_limited, warn
from icplan.cli.options import time_limit_option

if TYPE_CHECKING:
    from typing import Any


# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


@click.command()
@click.option("--region", required=True, metavar="CODE", help="The Region whose prices they are.")
@click.option("-o", "--output", metavar="FILE", help="Where they go. [default: standard output]")
@click.option(
    "--from-file",
    "offer_file",
    metavar="FILE",
    help="Ask nobody: read AWS's price list as it was saved, index.csv or index.json of AmazonSageMaker.",
)
@click.option("--profile", help="AWS profile.")
@time_limit_option
@debug_option
def prices(region: str, output: str | None, offer_file: str | None, **options: Any) -> None:
    """Read what an hour of each hosting instance type costs, On-Demand, from AWS's price list into a file.

    The file says of when and of which version the prices are. icplan brings no prices of its own.
    """
    from icplan.aws.client import make_session
    from icplan.documents.write import refuse_outputs
    from icplan.planning.prices import Prices

    if offer_file is not None and options["profile"] is not None:
        raise click.UsageError("--profile is for asking AWS; --from-file asks nobody")
    with time_limited(options["time_limit"]) as running:
        written = output_file(output)
        refuse_outputs([] if written is None else [written], [] if offer_file is None else [offer_file])
        if offer_file is not None:
            running.now(f"reading {offer_file}")
            found = Prices.from_offer_file(offer_file, region, warn=warn)
        else:
            running.now("asking for AWS's price list")
            session = make_session("GetProducts", profile=options["profile"])
            found = Prices.fetch(region, session, warn=warn)
        running.now("writing the prices")
        found.save(output)
    if written is not None:
        warn(f"wrote {written}: {len(found.types)} instance types, {found.label}")
