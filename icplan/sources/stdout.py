"""Text to standard output: in colour where that is wanted, and without complaint when the reader has left."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from icplan.sources.door import SafeText


def write_stdout(text: SafeText) -> None:
    """Print text. ANSI codes are taken out unless a terminal reads it that wants colour.

    Raises :class:`~icplan.errors.InputError` where there is no standard output.
    """
    if sys.stdout is None:
        raise InputError(InputProblem("cannot be written: it is closed", file="<stdout>"))
    try:
        click.echo(text, nl=False, color=False if os.environ.get("NO_COLOR") else None)
        sys.stdout.flush()
    except BrokenPipeError:
        close_quietly()  # As with ``| head``: what was asked is done.
    except OSError:
        close_quietly()
        raise


def close_quietly() -> None:
    """Let what is buffered go nowhere: failing again when Python ends would be the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            _to_nowhere(stream)


def _to_nowhere(stream: object) -> None:
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        return
