"""The command line: its commands by name, each loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from icplan.cli.command_group import Group, debug_option
from icplan.verdict.gate import ExitCode
from icplan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final[Sequence[str]] = (
    "check",
    "snapshot",
    "headroom",
    "drill",
    "plan",
    "diagnose",
    "wait",
    "prices",
    "verify",
    "explain",
    "catalog",
    "observe",
)
"""The commands; each is the function of its name in the module of its name."""


class Commands(Group):
    """The commands by their names. One is loaded when it is asked for, so that none pays for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (as click calls it)
        """Their names, as help shows them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, where there is one."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"icplan.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    name="icplan",
    cls=Commands,
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
