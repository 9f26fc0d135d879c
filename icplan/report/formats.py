"""The table of report formats, and `write`, which sends each to its output."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import attrs
import click

from icplan.documents.safe_text import SafeText
from icplan.documents.write import append, write_files, write_stdout
from icplan.errors import InputError, InputProblem
from icplan.fleet.dimensions import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.report.model import Run
    from icplan.report.style import Look
    from icplan.verdict.verdict import Verdict

# Who asks for the names of the formats pays for none of them.
# ruff: noqa: PLC0415


def render(
    verdict: Verdict, name: str, failed_on: Sequence[str] = (), *, look: Look | None = None
) -> SafeText:
    """One verdict on requests in the format of that name; ANSI codes may be in it."""
    from icplan.report.build import report_of
    from icplan.report.model import Answer, Run
    from icplan.report.style import Look

    report = attrs.evolve(report_of(verdict), failed_on=tuple(failed_on))
    return render_run(Run((Answer((report,)),), look=look or Look()), name)


def render_run(run: Run, name: str) -> SafeText:
    """A run in the format of that name; ANSI codes may be in it."""
    text: SafeText = importlib.import_module(f"icplan.report.{name}").render(run)
    return text


def write(run: Run, formats: Sequence[str], outputs: Sequence[str]) -> None:
    """Write each format to the output given in the same place; one without an output to standard output.

    All are written, or none if one cannot be. With ``github`` the summary of the step, which the runner
    names in the environment, gets the Markdown report, too.
    """
    names, places = paired(formats, outputs)
    pairs = [
        (place, render_run(_for_stdout(run) if place == "-" else run, name))
        for place, name in zip(places, names, strict=True)
    ]
    write_files({place: SafeText(click.unstyle(text)) for place, text in pairs if place != "-"})
    for place, text in pairs:
        if place == "-":
            write_stdout(text)
    if "github" in names and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
        append(summary, render_run(run, "markdown"))


def _for_stdout(run: Run) -> Run:
    """The run, drawn as wide as the terminal is, with no more than ASCII where it has no more."""
    from icplan.report.style import as_wide_as_the_terminal

    text = sys.stdout is None or _can_write(sys.stdout.encoding)
    return attrs.evolve(run, look=attrs.evolve(as_wide_as_the_terminal(run.look), unicode=text))


def _can_write(encoding: str | None) -> bool:
    """Whether the characters of pictures have a place in an encoding."""
    from icplan.report.style import PICTURED

    try:
        PICTURED.encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def write_errors(problems: Sequence[InputProblem], formats: Sequence[str], outputs: Sequence[str]) -> None:
    """Write what could not be judged, in the formats that a pipeline reads whatever came of it."""
    from icplan.report.model import Run

    names, places = paired(formats, outputs)
    pairs = [pair for pair in zip(names, places, strict=True) if pair[0] not in SILENT_ON_ERRORS]
    if pairs:
        write(Run((), tuple(problems)), [name for name, _ in pairs], [place for _, place in pairs])


def paired(formats: Sequence[str], outputs: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The formats, and where each goes. Raises InputError where they do not match."""
    names = formats or ("text",)
    places = [*outputs, *["-"] * (len(names) - len(outputs))]
    _refuse(names, places)
    return names, places


def _refuse(names: Sequence[str], places: Sequence[str]) -> None:
    if len(places) > len(names):
        raise InputError(
            InputProblem(
                f"{counted(len(places), 'output')} for {counted(len(names), 'format')}",
                hint="Give each a --format",
            )
        )
    if places.count("-") > 1:
        raise InputError(
            InputProblem("only one report can go to standard output", hint="Give the others -o FILE")
        )
    files = [os.path.realpath(place) for place in places if place != "-" and "\0" not in place]
    if twice := {file for file in files if files.count(file) > 1 and not file.startswith("/dev/")}:
        raise InputError(InputProblem("two reports would go to this file", file=twice.pop()))


FORMATS = ("text", "json", "markdown", "html", "github", "gitlab", "sarif", "junit")
SILENT_ON_ERRORS = ("text", "json")
"""Formats that say nothing where nothing could be judged: standard error does."""
