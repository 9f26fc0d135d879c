"""The table of report formats, and `write`, which sends each to its output."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

import click

from icplan.documents.safe_text import SafeText
from icplan.documents.write import write_files, write_stdout
from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from icplan.verdict.verdict import Verdict


def render(verdict: Verdict, name: str, failed_on: Sequence[str] = ()) -> SafeText:
    """The verdict in the format of that name; ANSI codes may be in it."""
    text: SafeText = importlib.import_module(f"icplan.report.{name}").render(verdict, failed_on)
    return text


def write(
    verdict: Verdict, formats: Sequence[str], outputs: Sequence[str], failed_on: Sequence[str] = ()
) -> None:
    """Write each format to the output given in the same place; one without an output to standard output.

    All are written, or none if one cannot be. ``failed_on`` is what the verdict fails by where its outcome
    does not.
    """
    write_rendered(lambda name: render(verdict, name, failed_on), formats, outputs)


def write_rendered(
    rendering: Callable[[str], SafeText], formats: Sequence[str], outputs: Sequence[str]
) -> None:
    """Write what ``rendering`` gives for each format to the output in the same place, all or none."""
    names, places = paired(formats, outputs)
    rendered = [rendering(name) for name in names]
    pairs = list(zip(places, rendered, strict=True))
    write_files({place: SafeText(click.unstyle(text)) for place, text in pairs if place != "-"})
    for place, text in pairs:
        if place == "-":
            write_stdout(text)


def paired(formats: Sequence[str], outputs: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The formats, and where each goes. Raises InputError where they do not match."""
    names = formats or ("text",)
    places = [*outputs, *["-"] * (len(names) - len(outputs))]
    _refuse(names, places)
    return names, places


def _refuse(names: Sequence[str], places: Sequence[str]) -> None:
    if len(places) > len(names):
        raise InputError(
            InputProblem(f"{len(places)} outputs for {len(names)} formats", hint="Give each a --format")
        )
    if places.count("-") > 1:
        raise InputError(
            InputProblem("only one report can go to standard output", hint="Give the others -o FILE")
        )
    files = [os.path.realpath(place) for place in places if place != "-" and "\0" not in place]
    if twice := {file for file in files if files.count(file) > 1 and not file.startswith("/dev/")}:
        raise InputError(InputProblem("two reports would go to this file", file=twice.pop()))


FORMATS = ("text", "json")
