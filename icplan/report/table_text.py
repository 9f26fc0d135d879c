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

_BETWEEN: Final = "  "
#: Of a column of texts, words as long as this may be broken; narrower than this it is never made.
_LONG: Final = 24
_NARROWEST: Final = 8


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
    widths = [max(map(len, column)) for column in zip(below, *body, strict=True)]
    spread = _spread(headings, widths, [len(heading.text) for heading in headings])
    if _total(spread) > look().width:
        least = [max(map(len, heading.text.split()), default=0) for heading in headings]
        narrow = _narrowed(headings, widths, least, [below, *body])
        for number, heading in enumerate(headings):
            whole = [*least[:number], len(heading.text), *least[number + 1 :]]
            if _total(_spread(headings, narrow, whole)) <= look().width:
                least = whole
        spread = _spread(headings, narrow, least)
    yield from _first_lines(headings, spread)
    left = [heading.left for heading in headings for _ in heading.below]
    if any(below):
        yield from _lines(below, spread, left)
    for row in rows:
        if isinstance(row, str):
            yield from paragraph(row, "", "  ")
        else:
            yield from _lines([printable(cell) for cell in row], spread, left)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_BETWEEN) * (len(widths) - 1)


def _spread(headings: Sequence[Heading], widths: Sequence[int], least: Sequence[int]) -> list[int]:
    """The widths of columns so that each heading has room above its own."""
    found, at = list(widths), 0
    for heading, needed in zip(headings, least, strict=True):
        own = len(heading.below)
        found[at + own - 1] += max(0, needed - _total(found[at : at + own]))
        at += own
    return found


def _narrowed(
    headings: Sequence[Heading],
    widths: Sequence[int],
    longest: Sequence[int],
    rows: Sequence[Sequence[str]],
) -> list[int]:
    """Narrower columns of texts, the widest first, until all have room, or none can be narrower."""
    found = list(widths)
    texts = [heading.left for heading in headings for _ in heading.below]
    words = [
        max((len(word) for cell in column for word in cell.split()), default=1)
        for column in zip(*rows, strict=True)
    ]
    # Words are broken only where there is no room else.
    for least in ([min(word, _LONG) for word in words], [_NARROWEST] * len(words)):
        while _total(_spread(headings, found, longest)) > look().width:
            wide = [n for n, text in enumerate(texts) if text and found[n] > least[n]]
            if not wide:
                break
            found[max(wide, key=lambda n: found[n])] -= 1
    return found


def _first_lines(headings: Sequence[Heading], widths: Sequence[int]) -> Iterator[str]:
    cells, own_widths, left, at = [], [], [], 0
    for heading in headings:
        own = len(heading.below)
        cells.append(heading.text)
        own_widths.append(_total(widths[at : at + own]))
        left.append(heading.left or own > 1)
        at += own
    yield from _lines(cells, own_widths, left, bottom=True)


def _lines(
    row: Sequence[str], widths: Sequence[int], left: Sequence[bool], *, bottom: bool = False
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
        yield _BETWEEN.join(
            cell.ljust(width) if flush else cell.rjust(width) for cell, width, flush in parts
        ).rstrip()
