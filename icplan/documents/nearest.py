"""The known name that a misspelt one is most like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

ALIKE: Final = 0.6
"""How like a name has to be, from 0 to 1, unless it is told."""


def nearest(name: str, known: Iterable[str], *, alike: float = ALIKE) -> str | None:
    """The known name that is most like it; None where none is like enough."""
    import difflib  # noqa: PLC0415  (most names are spelled right)

    found = difflib.get_close_matches(name, list(known), n=1, cutoff=alike)
    return found[0] if found else None
