"""The documents agree with the program: the schema accepts its verdicts, the tables name its rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from endpoints import component, create, scale, snapshot, update

import icplan
from icplan.assumptions import ASSUMPTIONS
from icplan.report.json import to_dict

DOCS = Path(__file__).parent.parent / "docs"
SCHEMA = json.loads((DOCS / "verdict.schema.json").read_text())
ENDPOINT = snapshot("ml.g5.12xlarge", 2, component("ic", 2, 3, 30000), scaling=(1, 3))


@pytest.mark.parametrize(
    "change",
    [
        scale("ic", 3),
        scale("ic", 1),
        scale("ic", 9),
        update("ic", 1),
        create("new", 1, 2),
        create("new", 1, 1, 120_000),
        create("new", 0, 1),
        {"InferenceComponentName": "ic"},
    ],
)
def test_verdicts_follow_the_published_schema(change: dict[str, Any]) -> None:
    """Whatever the outcome, the JSON report is what the schema says, and no member of it is unknown."""
    verdict = icplan.check(change, icplan.Snapshot.from_dict(ENDPOINT))
    jsonschema.Draft202012Validator(SCHEMA).validate(to_dict(verdict))


def test_every_assumption_is_documented() -> None:
    """The table of assumptions has each one's name, default, alternatives and reason."""
    text = (DOCS / "assumptions.md").read_text()
    for assumption in ASSUMPTIONS:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{assumption.name}` |")]
        assert all(f"`{choice}`" in row for choice in assumption.choices)
        assert assumption.basis in row
        assert assumption.why in row
