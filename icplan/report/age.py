"""How old a snapshot is, in words."""

from __future__ import annotations

import datetime as dt

#: Below that, an endpoint is what the snapshot says as far as anybody can tell.
FRESH = dt.timedelta(hours=1)


def age(taken_at: str | None, now: dt.datetime) -> str | None:
    """``3 days``, ``5 hours``; ``None`` for a fresh snapshot, and where the moment is not known.

    ``taken_at`` is a time as RFC 3339 has it.
    """
    if taken_at is None:
        return None
    since = now - dt.datetime.fromisoformat(taken_at)
    if since < FRESH:
        return None
    number, unit = (since.days, "day") if since.days else (since.seconds // 3600, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"
