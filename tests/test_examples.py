"""Every example in examples/ does what its README shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

ROOT = Path(__file__).parents[1]
READMES = sorted((ROOT / "examples").glob("*/README.md"))
COMMAND = re.compile(r"^\$ icplan (.*)\n((?:.*\n)*?)\$ echo \$\?\n(\d)\n", re.MULTILINE)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_an_example_shows_what_happens(readme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command prints what stands below it, and exits with what it says."""
    monkeypatch.chdir(ROOT)
    commands = COMMAND.findall(readme.read_text())
    assert commands
    for arguments, expected, code in commands:
        done = CliRunner().invoke(main, shlex.split(arguments))
        assert (done.stdout, done.exit_code) == (expected, int(code))


def test_every_example_has_a_readme() -> None:
    """A folder without one would run nowhere; those for pipelines run where pipelines do."""
    folders = {path for path in (ROOT / "examples").iterdir() if path.name != "pipelines"}
    assert {path.parent for path in READMES} == folders
    assert len(READMES) >= 4
