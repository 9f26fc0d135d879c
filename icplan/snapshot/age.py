"""How old a snapshot is, and that it is not of a time to come."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from icplan.errors import InputError, InputProblem

if TYPE_CHECKING:
    from icplan.snapshot.snapshot import Snapshot

#: How far the clock of who took a snapshot may be ahead of the one that reads it.
SKEW = dt.timedelta(minutes=5)


def refuse_future(taken_at: str | None, now: dt.datetime | None = None) -> None:
    """Refuse a moment that is yet to come: no age can be told of it."""
    now = now or dt.datetime.now(dt.UTC)
    if taken_at is not None and dt.datetime.fromisoformat(taken_at) > now + SKEW:
        raise InputError(
            InputProblem("is in the future, so the snapshot's age cannot be told", path="$.TakenAt")
        )


def refuse_of_the_future(snapshot: Snapshot) -> Snapshot:
    """The snapshot, unless it says that it was taken at a time to come; that is told with its place."""
    with snapshot.located():
        refuse_future(snapshot.taken_at)
    return snapshot
