"""How old a snapshot is, in words."""

from __future__ import annotations

import datetime as dt
import re

from icplan.errors import InputError, InputProblem

#: Below that, an endpoint is what the snapshot says as far as anybody can tell.
FRESH = dt.timedelta(hours=1)

#: How far the clock of who took a snapshot may be ahead of the one that reads it.
SKEW = dt.timedelta(minutes=5)
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> dt.timedelta | None:
    """``90s``, ``30m``, ``1h`` or ``2d``; ``None`` for what is none, or is longer than Python can count."""
    match = _DURATION.fullmatch(text)
    try:
        return dt.timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    except OverflowError:
        return None


def refuse_future(taken_at: str | None, now: dt.datetime | None = None) -> None:
    """Refuse a moment that is yet to come: no age can be told of it."""
    now = now or dt.datetime.now(dt.UTC)
    if taken_at is not None and dt.datetime.fromisoformat(taken_at) > now + SKEW:
        raise InputError(
            InputProblem("is in the future, so the snapshot's age cannot be told", path="$.TakenAt")
        )


def too_old(taken_at: str | None, most: dt.timedelta | None, now: dt.datetime | None = None) -> bool:
    """Whether a snapshot is older than allowed, or does not say how old it is."""
    if most is None:
        return False
    return taken_at is None or (now or dt.datetime.now(dt.UTC)) - dt.datetime.fromisoformat(taken_at) > most


def snapshot_age(taken_at: str | None, now: dt.datetime) -> str | None:
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
