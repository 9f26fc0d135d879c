"""What would work instead, as text: numbered, best first, with what each risks and how it is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.report.remedy_commands import (
    call_lines,
    calls_in_short,
    edit_lines,
    place_alone,
    shell_lines,
    write_lines,
)
from icplan.report.style import look, paragraph
from icplan.report.words import helped
from icplan.verdict.remedy_steps import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.report.model import ReportedChange
    from icplan.report.remedy_commands import Source
    from icplan.verdict.remedy import Remedy


#: Characters of risks that are told unless all is.
MAX_OF_RISKS = 100


def fix_lines(reported: ReportedChange, asked: str | None) -> Iterator[str]:
    """The fixes of a change; of all but the first the risks and the command are told only in full.

    ``asked`` is the command line that the report answers, if there is one.
    """
    if not reported.fixes:
        yield from _no_fix(reported, asked)
        return
    yield click.style("Fixes", bold=True)
    for number, remedy in enumerate(reported.fixes, 1):
        yield from paragraph(helped(remedy), f"  {_label(number, remedy)}  ", "     ")
        yield from edit_lines(remedy)
        if look().verbose:
            yield from _whole(remedy, asked, reported)
        elif number == 1:
            yield from _in_short(remedy, asked, reported.source)
    yield ""


def _label(number: int, remedy: Remedy) -> str:
    return f"{number if remedy.number is None else remedy.number}"


def _whole(remedy: Remedy, asked: str | None, reported: ReportedChange) -> Iterator[str]:
    """Where it is set, all that it risks, and every command."""
    yield from paragraph(remedy.how or "", "     ", "     ")
    if remedy.risks:
        yield from paragraph("; ".join(remedy.risks), "     risks: ", "       ")
    yield from write_lines(remedy, asked)
    place = place_alone(remedy, asked) if reported.of == 1 else None
    yield from call_lines(remedy, asked=asked, source=reported.source, place=place)


def _in_short(remedy: Remedy, asked: str | None, source: Source) -> Iterator[str]:
    """What it risks most, the command that writes it, and which calls to AWS that one prints."""
    yield from _first_risks(remedy)
    if remedy.edits:
        return  # the files are what is changed
    written = list(write_lines(remedy, asked))
    if not written and remedy.target in (Target.WAIT, Target.QUOTA):
        yield from call_lines(remedy, source=source)
        return
    yield from written
    if calls := calls_in_short(remedy):
        where = "then, as it prints" if asked else "its calls, Commands in the JSON report"
        yield from paragraph(f"{where}: {calls}", "     ", "     ")


def _no_fix(reported: ReportedChange, asked: str | None) -> Iterator[str]:
    again: list[str] = []
    if reported.fails_back:
        text = "--fail-on rollback lists what would make its rollback fit"
        if asked is not None:
            text, again = "what would make its rollback fit is listed by", list(_with_rollback(asked))
    elif reported.judged.tried:
        text = f"none found; none of these helps: {', '.join(reported.judged.tried)}"
    else:
        return
    first, *rest = paragraph(f"Fixes: {text}", "", "  ")
    yield click.style("Fixes", bold=True) + first.removeprefix("Fixes")
    yield from rest
    yield from again
    yield ""


def _with_rollback(asked: str) -> Iterator[str]:
    yield from shell_lines(f"{asked} --fail-on rollback")


def _first_risks(remedy: Remedy) -> Iterator[str]:
    """The risks that come first, and of how many they are."""
    kept: list[str] = []
    for risk in remedy.risks:
        if kept and len("; ".join([*kept, risk])) > MAX_OF_RISKS:
            break
        kept.append(risk)
    of = f" ({len(kept)} of {len(remedy.risks)})" if len(kept) < len(remedy.risks) else ""
    if kept:
        yield from paragraph("; ".join(kept), f"     risks{of}: ", "       ")
