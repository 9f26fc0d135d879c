"""What would work instead, as text: numbered, best first, with what each risks and how it is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.report.remedy_commands import command_lines
from icplan.report.style import look, outcome_words, paragraph
from icplan.report.words import verbal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.report.model import ReportedChange


def fix_lines(reported: ReportedChange, asked: str | None) -> Iterator[str]:
    """The fixes of a change; of all but the first the risks and AWS's commands are told only in full."""
    if reported.fixes:
        yield click.style("Fixes", bold=True)
    for number, remedy in enumerate(reported.fixes, 1):
        back = remedy.rollback_outcome
        doubt = "" if back is None or back.fits else f", but its rollback {verbal(back)}"
        text = f"{remedy.description}: {outcome_words(remedy.outcome)}{doubt}"
        label = f"{number if remedy.number is None else remedy.number}"
        yield from paragraph(text, f"  {label}  ", "     ")
        yield from paragraph(remedy.how or "", "     ", "     ")
        whole = number == 1 or look().verbose
        yield from command_lines(remedy, asked, whole=whole)
    if reported.fixes:
        yield ""
    elif reported.judged.tried:
        yield click.style("Fixes", bold=True)
        yield from paragraph(f"none found; none of these helps: {', '.join(reported.judged.tried)}")
        yield ""
