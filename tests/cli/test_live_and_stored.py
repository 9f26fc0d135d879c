"""`icplan check --endpoint` says what `icplan check --snapshot` says of what `icplan snapshot` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.drawn_worlds import compared

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.slow
def test_of_drawn_worlds_the_same_is_said(record_property: Callable[[str, object], None]) -> None:
    """Thousands are drawn by the command in tests/support/drawn_worlds.py."""
    counts, different = compared(worlds=16, seed=7)
    record_property("counts", f"live and stored: {sum(counts.values())} worlds, {dict(counts)}")
    assert different == []
    assert len(counts) > 2
