"""The timeline of a change as a table: a row per kind of phase, its columns as wide as what is in them."""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING

import attrs
import click

from icplan.report.style import COLOUR, WIDTH, look, outcome_words, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from icplan.verdict.outcome import Outcome
    from icplan.verdict.phase import Phase

HEADINGS = ("old copies", "new copies", "instances")
#: The same where there is no room for more.
_SHORT = ("old", "new", "instances")
#: The first column is no narrower than this, however wide the counts are, and no wider than it was drawn for.
_NARROWEST, _WIDEST = 9, 24


@attrs.frozen
class Row:
    """One phase, or a run of alike ones: its name, the copies before and after, the instances."""

    label: str
    cells: tuple[str, ...]
    outcome: Outcome


def table(phases: Iterable[Phase]) -> Iterator[str]:
    """The phases in order, neighbours with the same outcome in one row."""
    rows = rows_of(phases)
    headings = HEADINGS if look().width >= WIDTH else _SHORT
    widths = [max(map(len, column)) for column in zip(headings, *(row.cells for row in rows), strict=True)]
    outcomes = max(len("outcome"), *(len(outcome_words(row.outcome)) for row in rows))
    margins = 2 + 2 * (len(widths) + 1)
    left = min(_WIDEST, max(_NARROWEST, look().width - margins - sum(widths) - outcomes))
    yield _line("phase", left, headings, widths, "outcome")
    for row in rows:
        label, *more = textwrap.wrap(row.label, left, subsequent_indent="  ")
        outcome = click.style(outcome_words(row.outcome), fg=COLOUR[row.outcome])
        yield _line(label, left, row.cells, widths, outcome)
        for line in more:
            yield f"  {line}"


def rows_of(phases: Iterable[Phase]) -> list[Row]:
    """The rows of the table."""
    return [_row(run) for run in _runs(phases)]


def _line(label: str, left: int, cells: Sequence[str], widths: Sequence[int], outcome: str) -> str:
    columns = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return "  ".join((f"  {label:<{left}}", *columns, outcome))


def _runs(phases: Iterable[Phase]) -> Iterator[list[Phase]]:
    """Neighbouring phases with the same answer."""

    def answer(phase: Phase) -> tuple[object, ...]:
        return phase.kind, phase.outcome, phase.instances_needed is None, phase.name.startswith("step ")

    for _, run in itertools.groupby(phases, key=answer):
        yield list(run)


def _row(run: Sequence[Phase]) -> Row:
    first, last = run[0], run[-1]
    back = first.kind == "rollback"
    # The moments of a rollback do not follow each other, so their counts make no sense as one span.
    counted = first if back else last
    cells = (_arrow(first.old, counted.old), _arrow(first.new, counted.new), _instances(run))
    return Row(printable(_rollback(run) if back else _span(first, last)), cells, first.outcome)


def _span(first: Phase, last: Phase) -> str:
    """The name of one phase, or of a run of them: ``steps 1 to 3 of 4``."""
    if first is last:
        return first.name
    begin, end = (phase.name.partition(":")[0] for phase in (first, last))
    if begin.startswith("step ") and end.startswith("step "):
        return f"steps {begin.split()[1]} to {end.removeprefix('step ')}"
    return f"{first.name} ... {last.name}"


def _rollback(run: Sequence[Phase]) -> str:
    more = f", and {len(run) - 1} more like it" if len(run) > 1 else ""
    return f"rollback: {run[0].name}{more}"


def _instances(run: Sequence[Phase]) -> str:
    needed = sorted({phase.instances_needed for phase in run if phase.instances_needed is not None})
    if not needed:
        return "-"
    return str(needed[0]) if len(needed) == 1 else f"{needed[0]} to {needed[-1]}"


def _arrow(first: tuple[int, int] | None, last: tuple[int, int] | None) -> str:
    if first is None or last is None or (first[0], last[1]) == (0, 0):
        return "-"
    return str(first[0]) if first[0] == last[1] else f"{first[0]} -> {last[1]}"
