"""What the README says is what happens: its Python runs, its console output is the program's own."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main
from icplan.judge.config import Config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples_run(code: str) -> None:
    """Every Python block runs as it stands, its assertions included."""
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  (the README is ours)


@pytest.mark.parametrize("block", blocks("console"))
def test_console_examples_show_the_real_output(block: str) -> None:
    """What stands below a command is what the command prints."""
    command, _, expected = block.partition("\n")
    arguments = shlex.split(command.removeprefix("$ icplan "))
    assert CliRunner().invoke(main, arguments).stdout == expected


def test_the_configuration_example_is_accepted(tmp_path: Path) -> None:
    """The settings the README shows are settings, and all there are."""
    (block,) = blocks("toml")
    (tmp_path / "icplan.toml").write_text(block)
    config = Config.load(str(tmp_path / "icplan.toml"))
    shown = tomllib.loads(block).keys()
    known = {"assume", "allocatable", "observations", "types", "ignore", "fail-on", "time-limit", "effort"}
    known.add("expect-account")
    assert shown == known
    (tmp_path / "observations.json").write_text('{"IcplanObservations": 1, "Observations": []}')
    assert config.catalog().lookup("ml.new.xlarge").vcpu == 4
