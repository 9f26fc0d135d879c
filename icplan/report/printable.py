"""Text that came with the input, made safe to show: nothing in it is a secret, or moves the cursor."""

from __future__ import annotations

from icplan.spec.redact import redact_text

#: Longer runs of text are cut: no name of AWS's is that long, and a terminal is not the place for them.
LONGEST = 2000


def printable(text: str) -> str:
    """The text without credentials, every control and format character written out, cut when very long."""
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in redact_text(text)
    )
    return safe if len(safe) <= LONGEST else f"{safe[:LONGEST]}..."
