"""A verdict out, one small file per format."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

from icplan.errors import InputError, Problem
from icplan.sources.files import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.verdict import Verdict


def render(verdict: Verdict, name: str) -> str:
    """The verdict in the format of that name; ANSI codes may be in it."""
    text: str = importlib.import_module(f"icplan.report.{name}").render(verdict)
    return text


def write(verdict: Verdict, formats: Sequence[str], outputs: Sequence[str]) -> None:
    """Write each format to the output given in the same place; one without an output to standard output.

    Everything is rendered before anything is written.
    """
    names = formats or ("text",)
    if len(outputs) > len(names):
        raise InputError(
            Problem(f"{len(outputs)} outputs for {len(names)} formats", hint="Give each a --format")
        )
    if len(names) - len(outputs) > 1:
        raise InputError(Problem("only one report can go to standard output", hint="Give the others -o FILE"))
    rendered = [render(verdict, name) for name in names]
    for number, text in enumerate(rendered):
        if number < len(outputs) and outputs[number] != "-":
            write_text(outputs[number], click.unstyle(text))
        else:
            click.echo(text, nl=False, color=None)
