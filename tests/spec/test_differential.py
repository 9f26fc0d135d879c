"""A short run of `differential`, whose command line takes longer ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from differential import run

if TYPE_CHECKING:
    import pytest

SECONDS = 20 if os.environ.get("CI") else 5


def test_field_rules_agree_with_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    """icplan, the interpreter of the model and ParamValidator accept and refuse the same requests."""
    tally = run(SECONDS)
    with capsys.disabled():
        print(f"\ndifferential: {tally}")  # noqa: T201  (the count is what this run is for)
    assert not tally.disagreements
    assert tally.accepted
    assert tally.refused
