"""Options of the form NAME=N."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from icplan.packing.problem import MAX_COUNT

if TYPE_CHECKING:
    from collections.abc import Iterable


def named_numbers(option: str, texts: Iterable[str]) -> dict[str, int]:
    """The numbers by name; of two for one name neither is silently left out."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, number = (part.strip() for part in text.rpartition("="))
        if not name or not is_count(number):
            raise click.UsageError(f"{option} wants NAME=N, N a whole number up to {MAX_COUNT}, not {text!r}")
        if name in found:
            raise click.UsageError(f"{option} is given twice for {name}")
        found[name] = int(number)
    return found


def is_count(text: str) -> bool:
    """Whether a text is a whole number that copies are counted with."""
    return text.isascii() and text.isdigit() and len(text) <= len(str(MAX_COUNT)) and int(text) <= MAX_COUNT
