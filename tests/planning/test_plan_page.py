"""docs/plan.md shows what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plan.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("console"))
def test_the_page_shows_the_real_output(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands below a command is what the command prints, and what it exits with."""
    monkeypatch.chdir(ROOT)
    command, _, expected = block.partition("\n")
    done = CliRunner().invoke(main, shlex.split(command.removeprefix("$ icplan ")))
    text, _, code = expected.partition("$ echo $?\n")
    assert done.stdout == text
    assert done.exit_code == int(code or 0)


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_of_the_page_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(block, "docs/plan.md", "exec"), {})  # noqa: S102  (it is the repository's own)


def test_every_condition_has_its_row() -> None:
    """As `--hold` names them."""
    from icplan.verdict.fleet_plan import ConditionKind  # noqa: PLC0415

    rows = {
        line.split("`")[1].partition(":")[0]
        for line in PAGE.partition("## What it promises")[2].partition("\n## ")[0].splitlines()
        if line.startswith("| `") and "--hold" not in line
    }
    assert rows == set(map(str, ConditionKind))
