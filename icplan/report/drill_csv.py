"""A drill as CSV: a row for each event and component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.documents.safe_text import safe_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.drill import Drill

_FIGURES: Final = ("lost", "left", "placed_again", "after_replacement")
COLUMNS: Final = (
    *("endpoint", "variant", "kind", "event", "component", "copies"),
    *(f"{name}_{end}" for name in _FIGURES for end in ("low", "high")),
    *("keep", "kept"),
)


def drill_csv(drill: Drill) -> SafeText:
    """One row an event and component; ``kept`` is empty where that is not known."""
    return safe_csv([COLUMNS, *_rows(drill)])


def _rows(drill: Drill) -> Iterator[tuple[object, ...]]:
    endpoint = drill.snapshot.endpoint_name
    for event in drill.events:
        for loss in event.losses:
            ranges = (getattr(loss, name) for name in _FIGURES)
            ends = [end for found in ranges for end in (found.low, found.high)]
            kept = {True: "yes", False: "no", None: None}[loss.kept]
            start = (endpoint, event.variant, str(event.kind), event.name, loss.component, loss.copies)
            yield *start, *ends, loss.keep, kept
