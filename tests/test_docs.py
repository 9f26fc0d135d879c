"""The documents agree with the program: the schema accepts its verdicts, the tables name its rules."""

from __future__ import annotations

import json
import pkgutil
import re
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from support.endpoints import component, create, scale, snapshot, update

import icplan
from icplan.assumptions import ASSUMPTIONS
from icplan.cli.main import COMMANDS, main
from icplan.snapshot.schema import SNAPSHOT
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome

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


def test_an_update_that_replaces_nothing_follows_the_schema() -> None:
    """No copy is to remain, so there is no batch to count."""
    change = update("ic", 1) | {"RuntimeConfig": {"CopyCount": 0}}
    fewer = {"update-to-fewer-copies": "replace-fewer"}
    verdict = to_dict(icplan.check(change, icplan.Snapshot.from_dict(ENDPOINT), assume=fewer))
    assert verdict["Changes"][0]["Duration"]["Update"]["Batches"] == 0
    jsonschema.Draft202012Validator(SCHEMA).validate(verdict)


def test_every_assumption_is_documented() -> None:
    """The table of assumptions has each one's name, default, alternatives and reason."""
    text = (DOCS / "assumptions.md").read_text()
    for assumption in ASSUMPTIONS:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{assumption.name}` |")]
        assert all(f"`{choice}`" in row for choice in assumption.choices)
        assert assumption.basis in row
        assert assumption.why in row


def test_every_name_of_a_module_is_one() -> None:
    """Of icplan's own, and what is in it; files that are named like a module are none."""
    named = {
        (path.name, name)
        for path in (*DOCS.glob("*.md"), DOCS.parent / "README.md")
        for name in re.findall(r"`(icplan(?:\.[a-z]\w*)+)(?=[`(])", path.read_text())
    }
    wrong = [(where, name) for where, name in sorted(named) if name not in FILES and not _is_there(name)]
    assert wrong == []


#: What is named in the documents like a module, and is a file.
FILES = ("icplan.toml", "icplan.yaml", "icplan.sarif", "icplan.xml")


def _is_there(name: str) -> bool:
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_every_part_of_a_snapshot_is_documented() -> None:
    """Each has a row and stands in the example, which does what the text below it says."""
    text = (DOCS / "snapshot.md").read_text()
    (block,) = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    example = json.loads(block)
    assert example.keys() == {"IcplanSnapshot", *SNAPSHOT.known}
    rows = "".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", rows)) == example.keys()
    third, fourth = (icplan.check(scale("chat", copies), example) for copies in (3, 4))
    assert third.outcome is Outcome.FITS_AFTER_SCALE_OUT
    assert fourth.outcome is Outcome.DOES_NOT_FIT
    assert "ICP502" in {finding.rule for finding in fourth.findings}
    assert "ICP502" not in {finding.rule for finding in third.findings}


def test_every_option_has_its_line() -> None:
    """docs/cli.md says of each option what --help says."""
    text = (DOCS / "cli.md").read_text()
    sections = {part.split()[1]: part for part in text.split("\n## ")[1:]}
    assert tuple(sections) == COMMANDS
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        rows = [line for line in sections[name].splitlines() if line.startswith("| `")]
        context = click.Context(command, info_name=name)
        records = [
            record
            for option in command.params
            if isinstance(option, click.Option) and option.name != "help"
            if (record := option.get_help_record(context)) is not None
        ]
        escaped = [[part.replace("|", "\\|").replace("\n", " ") for part in record] for record in records]
        assert rows == [f"| `{option}` | {what} |" for option, what in escaped]


def test_the_pipelines_pin_their_actions_and_ask_for_little() -> None:
    """Each action is a commit, and nothing may write but comments."""
    root = DOCS.parent
    for file in (root / "action.yml", root / "examples" / "pipelines" / "github.yaml"):
        text = file.read_text()
        uses = re.findall(r"uses: (\S+)", text)
        assert uses
        assert all(re.search(r"@([0-9a-f]{40}|COMMIT)$", one) for one in uses)
        assert set(re.findall(r"(\S+): write", text)) <= {"pull-requests"}
    scripts = re.findall(r"run: \|\n((?: {8}.*\n)+)", (root / "action.yml").read_text())
    assert scripts
    assert all("${{" not in script for script in scripts)
