"""docs/diagnose.md shows what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main
from icplan.diagnosis.diagnosis import Ended

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "diagnose.md").read_text()


@pytest.mark.parametrize("block", re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
def test_the_page_shows_the_real_output(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands below a command is what the command prints."""
    monkeypatch.chdir(ROOT)
    command, _, expected = block.partition("\n")
    done = CliRunner().invoke(main, shlex.split(command.removeprefix("$ icplan ")))
    assert done.stdout == expected


def test_the_page_names_every_end() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == set(map(str, Ended))
