"""How old a snapshot is said to be."""

from __future__ import annotations

import datetime as dt

import pytest

from icplan.cli.snapshot_source import snapshot_age

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("taken_at", "said"),
    [
        ("2026-11-22T11:00:01Z", None),
        ("2026-11-22T11:00:00Z", "1 hour"),
        ("2026-11-22T12:00:00+05:00", "5 hours"),
        ("2026-11-21T12:00:00Z", "1 day"),
        ("2026-08-22T11:00:00.123456789Z", "92 days"),
        ("2027-01-01T00:00:00Z", None),
        (None, None),
    ],
)
def test_the_age_of_a_snapshot(taken_at: str | None, said: str | None) -> None:
    """In whole hours, then days; one that is not known, or is to come, has none."""
    assert snapshot_age(taken_at, NOW) == said
