"""Changes and snapshots re-created after public material are judged as a careful reader expects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from icplan.cli.main import main
from icplan.verify import verify

CASES = sorted((Path(__file__).parent / "cases" / "public").iterdir())


def run(case: Path, *arguments: str) -> str:
    """What `icplan check` writes about a case."""
    files = (str(case / "change.json"), "--snapshot", str(case / "snapshot.json"))
    done = CliRunner().invoke(main, ["check", *files, *arguments])
    assert done.exit_code in (0, 1, 3), done.output
    return done.stdout


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_public_case(case: Path) -> None:
    """Its outcome is acceptable, it says what it must, and what it proposes is what helps; it is verified."""
    want: dict[str, Any] = json.loads((case / "expected.json").read_text())
    arguments = want.get("arguments", [])
    verdict = json.loads(run(case, "--format", "json", *arguments))
    text = " ".join(run(case, *arguments).split())
    assert verdict["Outcome"] in want["outcomes"], want["why"]
    assert [word for word in want.get("must_say", []) if word not in text] == []
    assert [word for word in want.get("must_not_say", []) if word in text] == []
    rules = {finding["Rule"] for change in verdict["Changes"] for finding in change["Findings"]}
    assert not rules & set(want.get("must_not_rules", []))
    remedies = [remedy for change in verdict["Changes"] for remedy in change["Remedies"]]
    if "first_remedy" in want:
        assert want["first_remedy"] in remedies[0]["Description"]
    if barred := want.get("no_fitting_remedy"):
        assert not [r for r in remedies if barred in r["Description"] and r["Outcome"].startswith("fits")]
    checked = verify(verdict)
    assert [one for one in checked if one.result == "rejected"] == []
