"""Colours, lines and printable text, as the text reports use them."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from icplan.documents.redact import redact_text
from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


#: Longer runs of text are cut: no name of AWS's is that long, and a terminal is not the place for them.
MAX_TEXT = 2000


def printable(text: str) -> str:
    """The text without credentials, every control and format character written out, cut when very long."""
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in redact_text(text)
    )
    return safe if len(safe) <= MAX_TEXT else f"{safe[:MAX_TEXT]}..."


WIDTH = 80


_BESIDE_A_NUMBER = re.compile(r"(?<=\d) (?=[A-Za-z])|(?<=COPY_COUNT) (?=\d)")


# No text has one of its own: what is printable holds no space but the plain one.
_GLUE = "\N{NO-BREAK SPACE}"


def paragraph(text: str, first: str = "  ", rest: str = "  ") -> list[str]:
    """The text as lines, the first one begun with ``first`` and all others with ``rest``.

    Names and numbers are left whole, so that they can be pasted, even where a line gets too long by it.
    """
    glued = _BESIDE_A_NUMBER.sub(_GLUE, printable(text))
    lines = textwrap.wrap(
        glued,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in lines]


def bullet(text: str) -> list[str]:
    """The text as an item of a list."""
    return paragraph(text, "  - ", "    ")


def definition_list(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names with their values, the values below each other."""
    for name, value in rows:
        yield from paragraph(value, f"  {name:<11}", " " * 13)


COLOUR = {
    Outcome.INVALID: "red",
    Outcome.BLOCKED: "red",
    Outcome.DOES_NOT_FIT: "red",
    Outcome.UNDECIDED: "yellow",
    Outcome.MAY_NOT_FIT: "yellow",
    Outcome.FITS_AFTER_SCALE_OUT: "green",
    Outcome.FITS: "green",
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}


def outcome_words(outcome: Outcome) -> str:
    """``fits after scale out``."""
    return str(outcome).replace("-", " ")
