"""A table of text: columns as wide as what stands in them, texts to the left and figures to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.report.style import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BETWEEN = "  "


@attrs.frozen
class Heading:
    """What stands above a column, or above several that go together, each with a heading of its own."""

    text: str
    below: tuple[str, ...] = ("",)
    left: bool = False


def table(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    body = [[printable(cell) for cell in row] for row in rows]
    below = [text for heading in headings for text in heading.below]
    widths = [max(map(len, column)) for column in zip(below, *body, strict=True)]
    first, at = [], 0
    for heading in headings:
        own = len(heading.below)
        there = sum(widths[at : at + own]) + len(_BETWEEN) * (own - 1)
        widths[at + own - 1] += max(0, len(heading.text) - there)
        width = max(there, len(heading.text))
        first.append(
            heading.text.rjust(width) if own == 1 and not heading.left else heading.text.ljust(width)
        )
        at += own
    left = [heading.left for heading in headings for _ in heading.below]
    yield _BETWEEN.join(first).rstrip()
    for row in (below, *body) if any(below) else body:
        cells = zip(row, widths, left, strict=True)
        yield _BETWEEN.join(
            cell.ljust(width) if flush else cell.rjust(width) for cell, width, flush in cells
        ).rstrip()
