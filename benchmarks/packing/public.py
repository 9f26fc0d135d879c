"""Public vector-packing instances as feasibility questions: at the optimum, and one bin below it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from icplan.packing import Bin, Kind, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parent / "data"


@attrs.frozen
class Question:
    """An instance with so many bins. ``fits`` is the proven answer, ``None`` where it is not known."""

    group: str
    name: str
    items: int
    fits: bool | None
    problem: Problem


def questions(every: int = 1) -> Iterator[Question]:
    """Two questions for each instance, or for one in ``every``."""
    rows = [
        json.loads(line) for path in sorted(DATA.glob("*.jsonl")) for line in path.read_text().splitlines()
    ]
    for at, row in enumerate(rows):
        if at % every == 0:
            yield from _both(row)


def _both(row: dict[str, Any]) -> Iterator[Question]:
    known = row["optimum"] is not None
    best = row["optimum"] or row["lower_bound"]
    items = sum(count for _, count in row["items"])
    kinds = tuple(Kind(f"k{i}", count, (tuple(size),)) for i, (size, count) in enumerate(row["items"]))
    group = f"{row['set']} {'up to' if items <= 250 else 'above'} 250"
    for bins in (best, best - 1):
        problem = Problem((Bin("bin", bins, tuple(row["capacity"])),), kinds)
        fits = bins == best if known else None
        yield Question(group, f"{row['name']} in {bins}", items, fits, problem)
