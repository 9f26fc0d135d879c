"""docs/headroom.md and docs/drill.md show what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = ("docs/headroom.md", "docs/drill.md")


def blocks(kind: str) -> list[tuple[str, str]]:
    """Every block of a kind, with its page."""
    pattern = re.compile(rf"^```{kind}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page, block) for page in PAGES for block in pattern.findall((ROOT / page).read_text())]


@pytest.mark.parametrize(("page", "block"), blocks("console"))
def test_the_page_shows_the_real_output(page: str, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands below a command is what the command prints."""
    monkeypatch.chdir(ROOT)
    command, _, expected = block.partition("\n")
    done = CliRunner().invoke(main, shlex.split(command.removeprefix("$ icplan ")))
    assert done.stdout == expected, page


@pytest.mark.parametrize(("page", "block"), blocks("python"))
def test_the_python_of_the_page_runs(page: str, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(block, page, "exec"), {})  # noqa: S102  (it is the repository's own)
