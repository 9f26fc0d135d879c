"""Changes that were once judged wrongly: each folder has a change, a snapshot, and what may be said of them.

Those of ``wrong`` and ``oracle`` were found by trying everything in small fleets, those of ``public`` are
re-created from public deployments. Of a set of changes the last is spoken of.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from icplan.cli.main import main

HERE = Path(__file__).parent
SETS = "wrong", "public", "oracle"
FOLDERS = sorted(path.parent for name in SETS for path in HERE.glob(f"{name}/*/expected.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_judged_as_it_is(folder: Path, tmp_path: Path) -> None:
    """The outcome is among those that can be, the report says what it must, and the evidence holds."""
    want = json.loads((folder / "expected.json").read_text())
    said = json.loads(_check(folder, want, "--format", "json"))
    change = said["Changes"][-1]
    member = want.get("field") or "Outcome"
    accepted = want.get("acceptable") or want["outcomes"]
    assert (change if member == "RollbackOutcome" else said)[member] in accepted
    text = " ".join(_check(folder, want).split())
    assert not [words for words in want.get("must_say", ()) if words not in text]
    assert not [words for words in want.get("must_not_say", ()) if words in text]
    assert not {finding["Rule"] for finding in change["Findings"]} & set(want.get("must_not_rules", ()))
    if "first_remedy" in want:
        assert want["first_remedy"] in change["Remedies"][0]["Description"]
    barred = want.get("no_fitting_remedy")
    fitting = [one["Description"] for one in change["Remedies"] if one["Outcome"].startswith("fits")]
    assert not [words for words in fitting if barred and barred in words]
    verdict = tmp_path / "verdict.json"
    verdict.write_text(json.dumps(said))
    assert "rejected" not in CliRunner().invoke(main, ["verify", str(verdict)]).output


def _check(folder: Path, want: dict[str, Any], *options: str) -> str:
    files = [str(folder / "change.json"), "--snapshot", str(folder / "snapshot.json")]
    arguments = ["check", *files, *want.get("arguments", ()), *options]
    return CliRunner().invoke(main, arguments).stdout
