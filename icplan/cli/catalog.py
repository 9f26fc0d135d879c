"""`icplan catalog`: print what is known of instance types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.cli.command_group import debug_option, say_lines, time_limited
from icplan.cli.completion import types
from icplan.cli.options import config_option, no_config_option, read_config, time_limit_option

if TYPE_CHECKING:
    from typing import Any


# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


@click.command()
@click.argument("instance_type", required=False, metavar="[TYPE]", shell_complete=types)
@config_option
@no_config_option
@time_limit_option
@debug_option
def catalog(instance_type: str | None, **options: Any) -> None:
    """Print the facts of every instance type, or all that is known of one TYPE, with sources."""
    from icplan.report import catalog_page as facts

    with time_limited(options["time_limit"]) as running:
        known = read_config(options, running).catalog().checked()
        say_lines(
            *facts.table(known)
            if instance_type is None
            else facts.type_page(known.lookup(instance_type), known)
        )
