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
#: Columns that no line has more of; lines past which nobody reads on, of one refusal and of anything else.
WIDEST, LONGEST_REFUSAL, LONGEST = 80, 34, 46


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
    single = lines[0].startswith("DOES NOT FIT")
    assert len(lines) <= (LONGEST_REFUSAL if single else LONGEST)
    assert not [line for line in lines if len(line) > WIDEST and " " in line.strip()]
    assert lines[-1] == "exit 0" or "icplan explain ICP" in text


def test_the_usual_refusal_is_read_without_scrolling() -> None:
    """Half of all refusals take no more than 27 lines and the exit code, from headline to fixes."""
    told = [(case / "report.txt").read_text() for case in CASES]
    lengths = sorted(len(text.splitlines()) for text in told if text.startswith("DOES NOT FIT"))
    assert lengths[len(lengths) // 2] <= 28, lengths
