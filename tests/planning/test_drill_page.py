"""docs/drill.md shows what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "drill.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("console"))
def test_the_page_shows_the_real_output(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands below a command is what the command prints."""
    monkeypatch.chdir(ROOT)
    command, _, expected = block.partition("\n")
    done = CliRunner().invoke(main, shlex.split(command.removeprefix("$ icplan ")))
    assert done.stdout == expected


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_of_the_page_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(block, "docs/drill.md", "exec"), {})  # noqa: S102  (it is the repository's own)
