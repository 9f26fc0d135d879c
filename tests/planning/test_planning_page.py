"""docs/planning.md shows what happens, in its order; its plot is the one that the command draws."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "planning.md").read_text()
PLOT = ROOT / "docs" / "planning.svg"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the examples, to write beside."""
    shutil.copytree(ROOT / "examples" / "plan", tmp_path / "examples" / "plan")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_story_is_what_happens(folder: Path) -> None:
    """What stands below a command is what it prints, and what it exits with."""
    for block in blocks("console"):
        command, _, expected = block.partition("\n")
        done = CliRunner().invoke(main, shlex.split(command.removeprefix("$ icplan ")))
        text, _, code = expected.partition("$ echo $?\n")
        assert done.stdout == text, command
        assert done.exit_code == int(code or 0), done.stderr
    assert (folder / "fleet" / "costs.svg").read_text() == PLOT.read_text()
    assert (folder / "fleet" / "main.tf").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_the_python_of_the_page_runs() -> None:
    for block in blocks("python"):
        exec(compile(block, "docs/planning.md", "exec"), {})  # noqa: S102  (it is the repository's own)
