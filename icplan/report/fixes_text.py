"""What would work instead, as text: numbered, best first, with what each risks and how it is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from icplan.report.remedy_commands import command_lines
from icplan.report.style import look, outcome_words, paragraph
from icplan.report.words import verbal
from icplan.verdict.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.report.model import ReportedChange
    from icplan.verdict.verdict import Remedy


#: Characters of risks that are told unless all is.
MAX_OF_RISKS = 150


def fix_lines(reported: ReportedChange, asked: str | None) -> Iterator[str]:
    """The fixes of a change; of all but the first the risks and AWS's commands are told only in full."""
    if reported.fixes:
        yield click.style("Fixes", bold=True)
    for number, remedy in enumerate(reported.fixes, 1):
        back = remedy.rollback_outcome
        doubt = "" if back is None or back.fits else f", but its rollback {verbal(back)}"
        fits = outcome_words(remedy.outcome)
        # What surely fails without it may go through with it.
        words = "then it may fit, or not" if remedy.outcome is Outcome.MAY_NOT_FIT else fits
        text = f"{remedy.description}: {words}{doubt}"
        label = f"{number if remedy.number is None else remedy.number}"
        yield from paragraph(text, f"  {label}  ", "     ")
        whole = number == 1 or look().verbose
        commands = list(command_lines(_with_fewer_risks(remedy), asked, whole=whole))
        if not commands or look().verbose:
            yield from paragraph(remedy.how or "", "     ", "     ")
        yield from commands
    if reported.fixes:
        if len(reported.fixes) > 1 and not look().verbose:
            yield from paragraph("--verbose shows what the others risk, and their commands", "     ", "     ")
        yield ""
    elif _fails_back(reported):
        yield click.style("Fixes", bold=True)
        yield from paragraph("--fail-on rollback lists what would make its rollback fit")
        yield ""
    elif reported.judged.tried:
        yield click.style("Fixes", bold=True)
        yield from paragraph(f"none found; none of these helps: {', '.join(reported.judged.tried)}")
        yield ""


def _fails_back(reported: ReportedChange) -> bool:
    """Whether only the way back is in doubt, for which nothing is tried unless that fails the gate."""
    back = reported.judged.rollback_outcome
    return reported.outcome.fits and back is not None and not back.fits


def _with_fewer_risks(remedy: Remedy) -> Remedy:
    """The remedy with the risks that come first, unless all is told, and how many others there are."""
    kept: list[str] = []
    for risk in remedy.risks:
        if kept and not look().verbose and len("; ".join([*kept, risk])) > MAX_OF_RISKS:
            break
        kept.append(risk)
    if more := len(remedy.risks) - len(kept):
        kept.append(f"{more} more with --verbose")
    return attrs.evolve(remedy, risks=tuple(kept))
