"""A drill for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from icplan.documents.safe_text import safe_text
from icplan.report.style import paragraph
from icplan.report.table_text import Heading, table
from icplan.verdict.drill import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.drill import Drill, DrillEvent, Loss
    from icplan.verdict.gate import ExitCode

_LABEL: Final = 12
_SAID: Final = {
    0: ("KEEPS", "green", "every component keeps what it is to keep"),
    1: ("DOES NOT KEEP", "red", "a component is surely left with fewer copies"),
    3: ("MAY NOT KEEP", "yellow", "a component may be left with fewer copies"),
}


def render_drill(drill: Drill) -> SafeText:
    """The drill as text: a table of what each event does, and what that rests on."""
    return safe_text("\n".join(_lines(drill)) + "\n")


def _lines(drill: Drill) -> Iterator[str]:
    word, colour, said = said_of(drill.exit_code)
    taken = drill.snapshot.taken_at
    where = f"{drill.snapshot.endpoint_name}{'' if taken is None else f', as of {taken}'}"
    first, *rest = paragraph(f"{word}: drill of {where}: {said}", "", "  ")
    yield click.style(word, fg=colour, bold=True) + first.removeprefix(word)
    yield from rest
    rows = [row for event in drill.events if event.losses for row in (f"{event.name}:", *_rows(event))]
    if rows:
        yield ""
        yield from table(_HEADINGS, rows)
    notes = list(drill_notes(drill))
    if notes:
        yield ""
    for label, text in notes:
        yield from paragraph(text, f"{label:<{_LABEL}}", " " * _LABEL)


def said_of(code: ExitCode) -> tuple[str, str, str]:
    """A word, its colour and a sentence for what came of a drill."""
    return _SAID[int(code)]


_HEADINGS: Final = (
    Heading("  component", left=True),
    Heading("copies"),
    Heading("lost", left=True),
    Heading("left at once", left=True),
    Heading("placed again", left=True),
    Heading("after replacement", left=True),
    Heading("keeps", left=True),
)


def _rows(event: DrillEvent) -> Iterator[list[str]]:
    for loss in event.losses:
        yield [f"  {loss.component}", str(loss.copies), *figures_of(event, loss)]


def figures_of(event: DrillEvent, loss: Loss) -> list[str]:
    """What is lost, left, placed again and there after replacement, and whether that keeps enough."""
    kept = {True: str(loss.keep), False: f"not {loss.keep}", None: f"perhaps {loss.keep}"}[loss.kept]
    if event.kind is EventKind.QUOTA:
        return ["-", str(loss.left), "-", "-", kept]
    each = (loss.lost, loss.left, loss.placed_again, loss.after_replacement)
    return [*map(str, each), kept]


def drill_notes(drill: Drill) -> Iterator[tuple[str, str]]:
    """What stands below the table: texts, the first of each kind with a label."""
    quota = [
        f"{loss.component}: {loss.note}"
        for event in drill.events
        for loss in event.losses
        if loss.note is not None
    ]
    relied = [f"{one.name}={one.value} ({one.basis})" for one in drill.assumptions]
    sections = (
        ("quota", quota),
        ("not tried", drill.left_out),
        ("rests on", (*drill.notes, *([", ".join(relied)] if relied else []))),
    )
    for label, texts in sections:
        yield from ((label if not number else "", text) for number, text in enumerate(texts))
