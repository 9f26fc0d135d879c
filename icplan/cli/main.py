"""The command line: reads what is asked, judges, writes reports, and exits with what a pipeline needs."""

from __future__ import annotations

import click

from icplan.cli.catalog import catalog
from icplan.cli.check import check
from icplan.cli.command_group import Group, debug_option
from icplan.cli.diagnose import diagnose
from icplan.cli.drill import drill
from icplan.cli.explain import explain
from icplan.cli.headroom import headroom
from icplan.cli.observe import observe
from icplan.cli.plan import plan
from icplan.cli.prices import prices
from icplan.cli.snapshot import snapshot
from icplan.cli.verify import verify
from icplan.cli.wait import wait
from icplan.verdict.gate import ExitCode
from icplan.version import __version__


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
        ctx.exit(ExitCode.ERROR)


for command in (
    check,
    snapshot,
    headroom,
    drill,
    plan,
    diagnose,
    wait,
    prices,
    verify,
    explain,
    catalog,
    observe,
):
    main.add_command(command)
