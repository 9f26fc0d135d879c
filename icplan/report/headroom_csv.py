"""Headroom as CSV: a row for each component and moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.documents.safe_text import safe_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.documents.safe_text import SafeText
    from icplan.verdict.headroom import Headroom

COLUMNS: Final = (
    "endpoint",
    "variant",
    "component",
    "copies",
    "at",
    "sure_low",
    "sure_high",
    "best_low",
    "best_high",
    "binds",
    "largest_batch",
    "largest_batch_with_rollback",
)


def headroom_csv(headroom: Headroom) -> SafeText:
    """One row a component and moment; what is not known is empty."""
    return safe_csv([COLUMNS, *_rows(headroom)])


def _rows(headroom: Headroom) -> Iterator[tuple[object, ...]]:
    endpoint = headroom.snapshot.endpoint_name
    for row in headroom.components.values():
        for moment in headroom.at:
            room = row.at(moment)
            if room is None:
                continue
            batch = {"now": row.largest_batch, "max": row.largest_batch_at_max}.get(moment)
            sizes = (None, None) if batch is None else (batch.update, batch.with_rollback)
            ends = (room.sure.low, room.sure.high, room.best.low, room.best.high)
            yield endpoint, row.variant, row.name, row.copies, moment, *ends, " ".join(row.binds), *sizes
