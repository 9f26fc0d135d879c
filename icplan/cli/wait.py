"""`icplan wait`: follow a write to its real end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from icplan.cli.call_options import call_options, patience_of
from icplan.cli.command_group import debug_option, time_limited
from icplan.cli.options import duration
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from icplan.diagnosis.diagnosis import Situation
    from icplan.diagnosis.following import Ending

_Command = TypeVar("_Command", bound="Callable[..., Any]")

# A command imports what it runs, so that none pays for another's rooms.
# Click reads the \b in a docstring as "do not rewrap".
# ruff: noqa: D301, PLC0415


def _seconds(_ctx: click.Context, _option: click.Parameter, text: str) -> float:
    found: dt.timedelta | None = duration(text)
    if found is None or not found:
        raise click.BadParameter("must be a number with s, m, h or d, such as 90s, 40m or 1h.")
    return found.total_seconds()


def _time(name: str, default: str, text: str) -> Callable[[_Command], _Command]:
    return click.option(
        name, default=default, show_default=True, callback=_seconds, metavar="TIME", help=text
    )


@click.command()
@click.argument("component")
@click.option("--endpoint", required=True, metavar="NAME", help="The endpoint the component is on.")
@click.option(
    "--verdict",
    "verdict_file",
    metavar="FILE",
    help="What icplan check --format json said of the write before it was sent.",
)
@click.option(
    "--before", "before_file", metavar="FILE", help="Instead of it, a snapshot of before the write."
)
@_time("--timeout", "40m", "How long it is followed.")
@_time("--poll", "15s", "Between two looks, of two calls each.")
@_time("--stuck-after", "15m", "How long nothing may move once it is not known to go on.")
@click.option("--region", help="AWS Region.")
@click.option("--profile", help="AWS profile.")
@call_options
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@debug_option
def wait(component: str, endpoint: str, form: str, **options: Any) -> None:
    """Follow a write to COMPONENT until it is known how it ended: a status alone does not tell.

    What is under way goes to standard error, the end to standard output.

    \b
    Exits with
      0  done, or deleted where that was asked for
      1  rolled back, failed, superseded by another write, or deleted by someone else
      2  icplan could not do its job, or how it ended is not known
      3  stuck, or out of time
    """
    from icplan.api.wait import wait as wait_for
    from icplan.aws.client import make_client, make_session
    from icplan.documents.write import write_stdout

    if (options["verdict_file"] is None) == (options["before_file"] is None):
        raise click.UsageError("give --verdict or --before: there has to be something to compare with")
    with time_limited(None) as running:
        running.limit(options["timeout"] + _GRACE)
        running.now(f"following {component}")
        session = make_session(
            "DescribeEndpoint", options["region"], options["profile"], patience_of(options)
        )
        client = make_client(session, "sagemaker", "DescribeEndpoint")
        try:
            ending = wait_for(
                component,
                client=client,
                endpoint=endpoint,
                verdict=options["verdict_file"],
                before=options["before_file"],
                timeout=options["timeout"],
                poll=options["poll"],
                stuck_after=options["stuck_after"],
                progress=_tell,
            )
        except KeyboardInterrupt:
            click.echo("\nicplan: the write goes on; follow it again with the same command", err=True)
            sys.exit(ExitCode.UNCERTAIN)
        running.write()
        write_stdout(_rendered(ending, form))
    sys.exit(ending.exit_code)


_GRACE = 60.0
"""Seconds that the last look may take beyond the timeout."""


def _tell(found: Situation) -> None:
    from icplan.diagnosis.words import headline
    from icplan.documents.safe_text import safe_text

    click.echo(safe_text(headline(found)), err=True)


def _rendered(ending: Ending, form: str) -> Any:
    from icplan.documents.safe_text import safe_json
    from icplan.report.diagnosis_text import render_ending

    return safe_json(ending.to_dict()) if form == "json" else render_ending(ending)
