"""What commands have in common that answer one question: where it goes, how it is drawn, how they exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icplan.cli.command_group import warn
from icplan.cli.options import too_old
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    import datetime as dt
    from contextlib import AbstractContextManager

# A command imports what it runs, so that none pays for another's rooms.
# ruff: noqa: PLC0415


def output_file(output: str | None) -> str | None:
    """The file that an answer goes to; None for standard output."""
    return None if output in (None, "-") else output


def drawn_for(file: str | None, *, verbose: bool = False) -> AbstractContextManager[None]:
    """Draw the text that is made inside for a file, or for standard output, as wide as the terminal is."""
    from icplan.report.style import Look, as_wide_as_the_terminal, looking

    look = Look(verbose=verbose)
    return looking(as_wide_as_the_terminal(look) if file is None else look)


def strict_code(code: ExitCode, *, strict: bool) -> ExitCode:
    """The exit code of an answer; with ``--strict`` what is uncertain fails."""
    return ExitCode.FAILS if strict and code is ExitCode.UNCERTAIN else code


def aged_code(code: ExitCode, taken_at: str | None, most: dt.timedelta | None) -> ExitCode:
    """The exit code of an answer; uncertain, and warned of, where its snapshot is past ``--max-age``."""
    if code is not ExitCode.OK or not too_old(taken_at, most):
        return code
    warn("the snapshot is past --max-age, or of unknown age")
    return ExitCode.UNCERTAIN
