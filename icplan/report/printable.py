"""Text that came with the input, made safe to show: nothing in it can move the cursor or begin a line."""

from __future__ import annotations

#: Longer runs of text are cut: no name of AWS's is that long, and a terminal is not the place for them.
LONGEST = 2000


def printable(text: str) -> str:
    """The text with every control and format character written out, and cut when it is very long."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return safe if len(safe) <= LONGEST else f"{safe[:LONGEST]}..."
