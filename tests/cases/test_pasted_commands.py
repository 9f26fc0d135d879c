"""Every command that a report shows can be pasted: bash reads it, and the program takes its arguments."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from support.pasted_commands import check_command, commands_in, refused_by_bash

from icplan.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

ROOT = Path(__file__).parents[2]
NIGHT = Path(__file__).parent / "night"
CASES = sorted(path for path in NIGHT.iterdir() if path.is_dir())
ASKED = ["check", "change.json", "--snapshot", "endpoint.json", "--no-config"]


def check_all(text: str, folder: Path) -> list[str]:
    commands = commands_in(text)
    assert refused_by_bash(commands) == ""
    for command in commands:
        check_command(command, folder)
    return commands


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_what_a_report_of_the_night_shows_can_be_pasted(case: Path) -> None:
    check_all((case / "report.txt").read_text(), case)


def test_what_the_readme_shows_can_be_pasted() -> None:
    found = check_all((ROOT / "README.md").read_text().partition("## Use it")[0], ROOT)
    assert any("--apply-remedy" in command for command in found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def carried_out(folder: Path, asked: list[str]) -> int:
    """Apply every fix as the report says it; how many commands were looked at."""
    told = json.loads(run(*asked, "--format", "json").stdout)
    looked = 0
    for remedy in (one for change in told["Changes"] for one in change["Remedies"]):
        number, out = str(remedy["Number"]), f"out-{remedy['Number']}.json"
        done = run(*asked, "--apply-remedy", number, "--write", out)
        assert "the change as" not in done.stderr, done.stderr
        looked += len(check_all(done.stderr, folder))
    return looked


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_every_fix_can_be_carried_out_from_the_text(folder: Path, case: Path) -> None:
    """All of them, as they are told in full and as ``--apply-remedy`` prints them."""
    for name in ("change.json", "endpoint.json"):
        shutil.copy(case / name, folder / name)
    verbose = commands_in(run(*ASKED, "--verbose").stdout)
    assert refused_by_bash(verbose) == ""
    carried_out(folder, ASKED)


REQUEST = {
    "InferenceComponentName": "chat",
    "Specification": {
        "Container": {
            "Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/chat:2",
            "Environment": {"HF_TOKEN": "hf_abcdefghijklmnopqrst", "MOTTO": 'it\'s "$HOME" `here`'},
        }
    },
    "DeploymentConfig": {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 60,
        }
    },
}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("update.json", json.dumps(REQUEST)),
        ("update.yaml", json.dumps(REQUEST)),  # which is YAML, too
        ("a set.json", json.dumps([{"Operation": "UpdateInferenceComponent", "Request": REQUEST}])),
        ("envelope.json", json.dumps({"Operation": "UpdateInferenceComponent", "Request": REQUEST})),
        ("change.json", json.dumps(REQUEST)),
        ("config.json", json.dumps(REQUEST)),
    ],
)
def test_a_change_with_an_environment_can_be_pasted_whole(folder: Path, name: str, written: str) -> None:
    """Its values are never shown, and yet each command has them: of the file that they stand in."""
    shutil.copy(ROOT / "examples" / "fragmented" / "endpoint.json", folder / "endpoint.json")
    (folder / name).write_text(written)
    asked = ["check", name, "--snapshot", "endpoint.json", "--no-config"]
    told = run(*asked).stdout
    assert "hf_abc" not in told
    assert f"--write {name}" not in told
    assert carried_out(folder, asked) > 4
