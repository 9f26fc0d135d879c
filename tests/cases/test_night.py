"""What an operator reads at night: for each situation the whole report, as somebody read it.

A folder has a ``change.json``, an ``endpoint.json`` and the ``report.txt`` that icplan prints of them; its
last line is the exit code. Delete a report to have it written anew, and read it.
"""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

NIGHT = Path(__file__).parent / "night"
CASES = sorted(path for path in NIGHT.iterdir() if path.is_dir())
#: Columns that no line but a command has more of, and lines past which nobody reads on.
WIDEST, LONGEST = 80, 60


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_the_report_is_as_somebody_read_it(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word, with what the exit code is."""
    monkeypatch.chdir(case)
    done = CliRunner().invoke(main, ["check", "change.json", "--snapshot", "endpoint.json", "--no-config"])
    found = f"{done.stdout}exit {done.exit_code}\n"
    golden = case / "report.txt"
    if not golden.exists():
        golden.write_text(found)
    expected = golden.read_text()
    lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), "as read", "now", lineterm="")
    assert found == expected, "\n" + "\n".join(lines)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_the_report_can_be_read_at_a_glance(case: Path) -> None:
    """It begins with the outcome, is short and narrow, and names the rule that tells more where it fails."""
    text = (case / "report.txt").read_text()
    lines = text.splitlines()
    assert lines[0].split(":")[0].isupper() or "but its rollback" in lines[0]
    assert len(lines) <= LONGEST
    assert not [line for line in lines if len(line) > WIDEST and " " in line.strip()]
    assert lines[-1] == "exit 0" or "icplan explain ICP" in text
