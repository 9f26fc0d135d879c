"""How AWS is called: options of every command that reads a live endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from icplan.aws.client import Patience

_SECONDS = click.FloatRange(min=0, min_open=True)


def call_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--connect-timeout``, ``--read-timeout``, ``--max-attempts`` and ``--workers``."""
    for option in (
        click.option(
            "--workers",
            type=click.IntRange(1, 32),
            metavar="N",
            help="Calls to AWS at once, 1 to 32. [default: 8]",
        ),
        click.option(
            "--max-attempts",
            type=click.IntRange(min=1),
            metavar="N",
            help="How often each call is tried. [default: AWS_MAX_ATTEMPTS, else 9]",
        ),
        click.option(
            "--read-timeout",
            type=_SECONDS,
            metavar="SECONDS",
            help="How long AWS may be silent before a call is tried again. [default: 30]",
        ),
        click.option(
            "--connect-timeout",
            type=_SECONDS,
            metavar="SECONDS",
            help="How long a connection to AWS may take before it is tried again. [default: 10]",
        ),
    ):
        command = option(command)
    return command


def patience_of(options: Mapping[str, Any]) -> Patience:
    """How long AWS is waited for, as the options have it."""
    from icplan.aws.client import Patience  # noqa: PLC0415  (boto3 only where AWS is asked)

    names = ("connect_timeout", "read_timeout", "max_attempts")
    return Patience(**{name: options.get(name) for name in names})
