"""Text to standard output: in colour where that is wanted, and without complaint when the reader has left."""

from __future__ import annotations

import os
import sys

import click


def say(text: str) -> None:
    """Print text as it is. ANSI codes are taken out unless a terminal reads it that wants colour."""
    try:
        click.echo(text, nl=False, color=False if os.environ.get("NO_COLOR") else None)
    except OSError as error:
        # What is buffered must not fail again when Python ends: that would be its exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise
        # As with ``| head``: what was asked is done.
