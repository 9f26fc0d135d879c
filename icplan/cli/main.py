"""The group and the list of commands."""

from __future__ import annotations

import click

from icplan.cli.group import Group, debug_option
from icplan.verdict.gate import CANNOT
from icplan.version import __version__

# Each command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


@click.group(
    name="icplan",
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="icplan %(version)s")
@debug_option
@click.pass_context
def main(ctx: click.Context) -> None:
    """Tell, before SageMaker is asked, whether an inference component update can be placed."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(CANNOT)
