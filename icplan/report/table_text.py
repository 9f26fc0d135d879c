"""A table of text: columns as wide as what stands in them, texts to the left and figures to the right.

Where that is wider than there is room for, headings and texts go over several lines, the widest first.
"""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING, Final

import attrs

from icplan.report.style import look, paragraph, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Between two columns, and where there is no room for so much.
_GAPS: Final = ("  ", " ")
#: Of texts, words longer than this are broken first; shorter ones than the second only where all else fails.
_LONG, _SHORT, _LEAST = 24, 12, 6


@attrs.frozen
class Heading:
    """What stands above a column, or above several that go together, each with a heading of its own."""

    text: str
    below: tuple[str, ...] = ("",)
    left: bool = False


def table(headings: Sequence[Heading], rows: Sequence[Sequence[str] | str]) -> Iterator[str]:
    """The lines of a table; a row that is one text stands over the columns of those after it."""
    body = [[printable(cell) for cell in row] for row in rows if not isinstance(row, str)]
    below = [text for heading in headings for text in heading.below]
    gap, widths = _fitted(headings, [below, *body])
    left = [heading.left for heading in headings for _ in heading.below]
    yield from _first_lines(headings, widths, gap)
    if any(below):
        yield from _lines(below, widths, left, gap)
    for row in rows:
        if isinstance(row, str):
            yield from paragraph(row, "", "  ")
        else:
            yield from _lines([printable(cell) for cell in row], widths, left, gap)


def _fitted(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> tuple[str, list[int]]:
    """What stands between columns, and how wide they are, so that a table has room, if it can."""
    columns = list(zip(*rows, strict=True))
    whole = [len(heading.text) for heading in headings]
    least = [max(map(len, heading.text.split()), default=0) for heading in headings]
    words = [max((len(word) for cell in column for word in cell.split()), default=1) for column in columns]
    texts = [heading.left for heading in headings for _ in heading.below]
    widths = [max(map(len, column)) for column in columns]
    ways = [
        (_GAPS[0], whole, [max(widths, default=1)] * len(widths)),
        (_GAPS[0], least, [min(word, _LONG) for word in words]),
        (_GAPS[0], least, [min(word, _SHORT) for word in words]),
        (_GAPS[1], least, [min(word, _SHORT) for word in words]),
        (_GAPS[1], least, [_LEAST] * len(widths)),
    ]
    gap, spread = _GAPS[0], widths
    for gap, needed, narrowest in ways:
        narrow = _narrowed(headings, (widths, texts, narrowest), needed, gap)
        spread = _spread(headings, narrow, _longer(headings, narrow, needed, gap), gap)
        if _total(spread, gap) <= look().width:
            break
    return gap, spread


def _longer(headings: Sequence[Heading], widths: Sequence[int], needed: Sequence[int], gap: str) -> list[int]:
    """The room that headings get: all that they would take, as far as there is so much."""
    found = list(needed)
    for number, heading in enumerate(headings):
        more = [*found[:number], len(heading.text), *found[number + 1 :]]
        if _total(_spread(headings, widths, more, gap), gap) <= look().width:
            found = more
    return found


def _total(widths: Sequence[int], gap: str) -> int:
    return sum(widths) + len(gap) * (len(widths) - 1)


def _spread(headings: Sequence[Heading], widths: Sequence[int], needed: Sequence[int], gap: str) -> list[int]:
    """The widths of columns so that each heading has room above its own."""
    found, at = list(widths), 0
    for heading, room in zip(headings, needed, strict=True):
        own = len(heading.below)
        found[at + own - 1] += max(0, room - _total(found[at : at + own], gap))
        at += own
    return found


def _narrowed(
    headings: Sequence[Heading],
    columns: tuple[Sequence[int], Sequence[bool], Sequence[int]],
    needed: Sequence[int],
    gap: str,
) -> list[int]:
    """Narrower columns of texts, the widest first, until all have room, or none can be narrower.

    ``columns`` are their widths, which are of texts, and how narrow each may be.
    """
    widths, texts, narrowest = columns
    found = list(widths)
    while _total(_spread(headings, found, needed, gap), gap) > look().width:
        wide = [n for n, text in enumerate(texts) if text and found[n] > narrowest[n]]
        if not wide:
            break
        found[max(wide, key=lambda n: found[n])] -= 1
    return found


def _first_lines(headings: Sequence[Heading], widths: Sequence[int], gap: str) -> Iterator[str]:
    cells, own_widths, left, at = [], [], [], 0
    for heading in headings:
        own = len(heading.below)
        cells.append(heading.text)
        own_widths.append(_total(widths[at : at + own], gap))
        left.append(heading.left or own > 1)
        at += own
    yield from _lines(cells, own_widths, left, gap, bottom=True)


def _lines(
    row: Sequence[str], widths: Sequence[int], left: Sequence[bool], gap: str, *, bottom: bool = False
) -> Iterator[str]:
    """The lines of a row; what has fewer of them than others stands at the top, or at the bottom."""
    cells = [
        textwrap.wrap(cell, max(1, width), break_on_hyphens=False) or [""]
        for cell, width in zip(row, widths, strict=True)
    ]
    most = max(map(len, cells), default=0)
    if bottom:
        cells = [[""] * (most - len(cell)) + cell for cell in cells]
    for line in itertools.zip_longest(*cells, fillvalue=""):
        parts = zip(line, widths, left, strict=True)
        yield gap.join(
            cell.ljust(width) if flush else cell.rjust(width) for cell, width, flush in parts
        ).rstrip()
