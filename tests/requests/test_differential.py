"""A short run of `differential`, whose command line takes longer ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.differential import run

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 20 if os.environ.get("CI") else 5


@pytest.mark.slow
def test_field_rules_agree_with_the_model(record_property: Callable[[str, object], None]) -> None:
    """icplan, the interpreter of the model and ParamValidator accept and refuse the same requests."""
    tally = run(SECONDS)
    record_property("counts", f"field rules against the API model: {tally}")
    assert not tally.disagreements
    assert tally.accepted
    assert tally.refused
