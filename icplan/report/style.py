"""Colours, lines and printable text, as the text reports use them."""

from __future__ import annotations

import re
import sys
import textwrap
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import attrs

from icplan.documents.redact import redact_text
from icplan.values import frozen
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NARROWEST, WIDTH, WIDEST = 60, 80, 200
"""Columns of a text: the fewest and the most there may be, and how many where nobody says."""
PROSE: Final = 100
"""Columns past which no sentence goes on, however wide the terminal is."""


def _columns(wanted: int) -> int:
    return max(NARROWEST, min(WIDEST, wanted))


@frozen
class Look:
    """How a text is drawn: columns, whether characters beyond ASCII may be in it, and whether all is told."""

    width: int = attrs.field(default=WIDTH, converter=_columns)
    unicode: bool = True
    verbose: bool = False


@frozen
class Glyphs:
    """The characters of pictures: what is taken, surely free and perhaps free, a free device, an arrow."""

    taken: str
    free: str
    perhaps: str
    empty: str
    arrow: str
    dash: str


_UNICODE = Glyphs(
    "\N{FULL BLOCK}",
    "\N{LIGHT SHADE}",
    "\N{MIDDLE DOT}",
    "\N{EN DASH}",
    "\N{RIGHTWARDS ARROW}",
    "\N{EN DASH}",
)
PICTURED: Final = "".join(attrs.astuple(_UNICODE))
"""All characters beyond ASCII that a text may have of its own."""
_ASCII = Glyphs("#", ".", "?", "-", "->", "-")
_LIKE: Final = Look()
_look: ContextVar[Look | None] = ContextVar("look", default=None)


def as_wide_as_the_terminal(like: Look) -> Look:
    """The look for standard output: as wide as the terminal is, where it goes to one."""
    if sys.stdout is None or not sys.stdout.isatty():
        return like
    import shutil  # noqa: PLC0415  (it loads what reads archives)

    return attrs.evolve(like, width=shutil.get_terminal_size((like.width, 0)).columns)


def look() -> Look:
    """How the text in the making is drawn."""
    return _look.get() or _LIKE


def glyphs() -> Glyphs:
    """The characters that pictures of it are made of."""
    return _UNICODE if look().unicode else _ASCII


@contextmanager
def looking(like: Look) -> Iterator[None]:
    """Draw the text that is made inside like this."""
    token = _look.set(like)
    try:
        yield
    finally:
        _look.reset(token)


#: Longer runs of text are cut: no name of AWS's is that long, and a terminal is not the place for them.
MAX_TEXT = 2000


def printable(text: str) -> str:
    """The text without credentials, every control and format character written out, cut when very long."""
    shown = redact_text(text)[: MAX_TEXT + 1]  # written out, a character is no shorter
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in shown
    )
    return safe if len(safe) <= MAX_TEXT else f"{safe[:MAX_TEXT]}..."


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
        min(PROSE, look().width),
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
