"""Findings as text: the cause first, in a sentence or two, then the others, short or whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from icplan.fleet.dimensions import singular
from icplan.report.style import COLOUR, look, paragraph
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.report.model import ReportedChange, ReportedFinding
    from icplan.verdict.change_verdict import Cause, ChangeVerdict
    from icplan.verdict.finding import Finding


def cause_lines(reported: ReportedChange, said: set[str]) -> Iterator[str]:
    """Why it does not go through, or what it depends on, with what AWS would answer, and what follows."""
    main, cause = reported.main, reported.cause
    if main is None:
        return
    finding, verbose = main.finding, look().verbose
    # A state that refuses the write brings nothing of what is told of the endpoint at rest.
    follows = () if verbose or reported.outcome is Outcome.BLOCKED else reported.follows
    if cause is not None and cause.text:
        if verbose:
            yield from paragraph(cause.text)
            yield from full(main, said, reported.judged)
        else:
            yield from _cause(reported, cause, main, follows)
    else:
        yield from full(main, said, reported.judged, quotes=verbose)
        told = dict.fromkeys(f"{_with_place(one, finding)} ({one.rule.title})" for one in follows)
        yield from paragraph(f"with it {'; '.join(told)}" if told else "", "  ", "    ")
    yield ""


def cause_at_rest(reported: ReportedChange) -> Iterator[str]:
    """Why a change that is blocked does not fit either once nothing is under way, and what follows."""
    main, cause = reported.main_at_rest, reported.judged.cause
    if main is not None and cause is not None and cause.text:
        yield from _cause(reported, cause, main, reported.follows)


def _cause(
    reported: ReportedChange, cause: Cause, main: ReportedFinding, follows: Sequence[ReportedFinding]
) -> Iterator[str]:
    """A cause in its own words, and by which rules."""
    figures = largest_of(main.finding, reported.judged)
    yield from paragraph(f"{cause.text} {figures[0].upper()}{figures[1:]}." if figures else cause.text)
    also = ", ".join(dict.fromkeys(_with_place(one, main.finding) for one in follows))
    text = f"{_label(main)}{place_of(main.finding)}{f'; with it {also}' if also else ''}"
    first, *rest = paragraph(text, "  ", "    ")
    yield _styled(first, main)
    yield from rest


def _with_place(follow: ReportedFinding, main: Finding) -> str:
    """A finding that follows, by its rule, and where it stands unless that is where the main one does."""
    finding = follow.finding
    elsewhere = finding.line is not None and (finding.file, finding.line) != (main.file, main.line)
    return f"{finding.rule} at {finding.file}:{finding.line}" if elsewhere else finding.rule


def _label(reported: ReportedFinding) -> str:
    return f"{reported.severity} {reported.finding.rule}"


def _styled(line: str, reported: ReportedFinding) -> str:
    """The first line of a finding, its severity and rule coloured."""
    label = _label(reported)
    return line.replace(label, click.style(label, fg=COLOUR[reported.severity], bold=True), 1)


def short(reported: ReportedFinding, main: ReportedFinding | None = None) -> Iterator[str]:
    """A finding in one paragraph; a title says what the message may not, unless the main one has said it."""
    finding = reported.finding
    told = reported.severity is Severity.NOTE or (main is not None and main.rule is reported.rule)
    title = "" if told else f"{reported.rule.title}: "
    end = "" if finding.message.endswith("?") else "."
    figures = figures_of(finding)
    more = f" ({figures})" if figures else ""
    text = f"{_label(reported)}  {title}{finding.message}{end}{more}{place_of(finding)}"
    first, *rest = paragraph(text, "", "  ")
    yield _styled(first, reported)
    yield from rest


def place_of(finding: Finding) -> str:
    """Where it is, as `` at FILE:LINE:COLUMN``; by its path where no line is known, or all is told."""
    if not finding.path:
        return ""
    place = ":".join(str(p) for p in (finding.file, finding.line, finding.column) if p is not None)
    path = "" if finding.line is not None and not look().verbose else finding.path
    return f" at {' '.join(part for part in (place, path) if part)}"


def full(
    reported: ReportedFinding, said: set[str], change: ChangeVerdict | None = None, *, quotes: bool = True
) -> Iterator[str]:
    """A finding; what AWS would say is printed once, however many findings of a change lead to it."""
    finding = reported.finding
    first, *rest = paragraph(f"{_label(reported)}  {reported.rule.title}", "", "  ")
    yield from (_styled(first, reported), *rest)
    message = finding.message if finding.message.endswith("?") else f"{finding.message}."
    figures, place = figures_of(finding, change), place_of(finding)
    if not look().verbose:
        yield from paragraph(f"{message}{f' ({figures})' if figures else ''}{place}")
        return
    yield from paragraph(message)
    yield from paragraph(figures)
    if quotes and finding.aws_error and finding.aws_error not in said:
        said.add(finding.aws_error)
        # An answer with quotation marks in it has none around it.
        answer = finding.aws_error if '"' in finding.aws_error else f'"{finding.aws_error}"'
        yield from paragraph(f"AWS would say: {answer}")
    yield from paragraph(place.lstrip())


def figures_of(finding: Finding, change: ChangeVerdict | None = None) -> str:
    """Need and have, unless the message has said both, and the largest value that works."""
    pair = [
        (name, value) for name, value in (("need", finding.need), ("have", finding.have)) if value is not None
    ]
    parts = [f"{name} {_with_unit(value, finding.unit)}" for name, value in pair]
    if all(_says(finding.message, _number(value)) for _, value in pair):
        parts = []
    if largest := largest_of(finding, change):
        parts.append(largest)
    return "; ".join(parts)


def largest_of(finding: Finding, change: ChangeVerdict | None) -> str:
    """The largest value that works; of copies, how many of those that are asked for."""
    if finding.largest_that_works is None:
        return ""
    largest = _with_unit(finding.largest_that_works, finding.largest_unit)
    if finding.largest_unit != "copies" or change is None or change.copies is None:
        return f"largest that works: {largest}"
    return (
        f"largest CopyCount that works: {_number(finding.largest_that_works)} ({change.copies[1]} asked for)"
    )


def _with_unit(value: float, unit: str | None) -> str:
    named = singular(unit) if unit and value == 1 else unit
    return f"{_number(value)} {named}" if named else _number(value)


def _says(message: str, number: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\.?\d)", message) is not None


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}".rstrip("0")
