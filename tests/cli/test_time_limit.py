"""How long a run may take: what is no such time is refused at once, by every door, in the same words."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from click.testing import CliRunner
from support.endpoints import component, scale, snapshot

import icplan
from icplan.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3))
WORDS = "must be a number of seconds above 0, up to 1000000000"
WRONG = [math.nan, -1, 0, -math.inf, 1e300]


@pytest.mark.parametrize("limit", [*WRONG, "x", [5], True])
def test_in_python(limit: Any) -> None:
    """By `check`, and by `guard` before any call is made."""
    with pytest.raises(icplan.InputError, match=WORDS):
        icplan.check(scale("ic", 1), ENDPOINT, time_limit=limit)
    client = boto3.client("sagemaker", region_name="us-east-1")
    with pytest.raises(icplan.InputError, match=WORDS):
        icplan.guard(client, time_limit=limit)


@pytest.mark.parametrize("limit", [*WRONG, math.inf])
def test_on_the_command_line_and_in_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: float
) -> None:
    """By the option and by the line in icplan.toml, which is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snapshot.json").write_text(json.dumps(ENDPOINT))
    (tmp_path / "change.json").write_text(json.dumps(scale("ic", 1)))
    arguments = ["check", "change.json", "--snapshot", "snapshot.json"]
    for place, more in (("--time-limit", ["--time-limit", str(limit)]), ("icplan.toml: time-limit", [])):
        result = CliRunner().invoke(main, [*arguments, *more])
        assert (result.exit_code, result.stdout) == (2, "")
        assert place in result.stderr
        assert WORDS in result.stderr
        (tmp_path / "icplan.toml").write_text(f"time-limit = {limit}\n")


@pytest.mark.parametrize("limit", [math.inf, 600, 1e9])
def test_what_is_a_time_is_taken(limit: float) -> None:
    """None is none in Python."""
    assert icplan.check(scale("ic", 1), ENDPOINT, time_limit=limit).outcome == "fits"
