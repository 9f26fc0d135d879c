"""The gate: what a pipeline asked to fail on is said where it is what fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner
from support.endpoints import component, create, scale, snapshot, update

from icplan.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

pytestmark = pytest.mark.smoke

ENDPOINT = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3), scaling=(1, 3))
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "verdict.schema.json").read_text())
GROWS, CANNOT_GO_BACK, FAILS, DOUBTFUL = (
    scale("ic", 3),
    update("ic", 1),
    scale("ic", 4),
    create("ic-new", 2, 1, 100_000),
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snapshot.json").write_text(json.dumps(ENDPOINT))


def check(change: Any, *options: str) -> Result:
    Path("change.json").write_text(json.dumps(change))
    return CliRunner().invoke(main, ["check", "change.json", "--snapshot", "snapshot.json", *options])


@pytest.mark.parametrize(
    ("change", "fail_on", "by"),
    [
        (GROWS, ["scale-out"], ["scale-out"]),
        (CANNOT_GO_BACK, ["rollback"], ["rollback"]),
        (CANNOT_GO_BACK, ["scale-out", "rollback"], ["scale-out", "rollback"]),
        ([GROWS, scale("ic", 1)], ["scale-out"], ["scale-out"]),
        (GROWS, ["rollback", "does-not-fit"], []),
        (FAILS, ["scale-out", "rollback"], []),
        (DOUBTFUL, ["scale-out", "rollback", "does-not-fit"], []),
    ],
)
def test_what_fails_by_the_gate_alone_is_said(change: Any, fail_on: list[str], by: list[str]) -> None:
    """In text and in JSON, beside an outcome that says it fits; nothing where the outcome fails by itself."""
    options = [part for choice in fail_on for part in ("--fail-on", choice)]
    text, plain = check(change, *options), check(change, *options, "--format", "json")
    verdict = json.loads(plain.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(verdict)
    assert verdict["FailedOn"] == by
    said = [line for line in text.stdout.splitlines() if line.startswith("fails here: ")]
    assert said == ([f"fails here: --fail-on {', '.join(by)}"] if by else [])
    assert {text.exit_code, plain.exit_code} == ({1} if by or change == FAILS else {0})


def test_a_gate_of_the_settings_is_said_too() -> None:
    """Nobody wrote that option on this command line."""
    Path("icplan.toml").write_text('fail-on = ["scale-out"]')
    assert "fails here: --fail-on scale-out" in check(GROWS).stdout


def test_the_last_line_of_a_set_is_its_outcome() -> None:
    """The gate is named before it."""
    lines = check([GROWS, scale("ic", 1)], "--fail-on", "scale-out").stdout.splitlines()
    assert lines.index("fails here: --fail-on scale-out") < len(lines) - 1
    assert any("all 2 changes" in line for line in lines[-2:])
