"""Small things that save a person a detour."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, scale, snapshot
from support.verdicts import check

import icplan
from icplan.cli.main import main
from icplan.rules.registry import RULES

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str, **more: str) -> tuple[str, str, int]:
    done = CliRunner().invoke(main, list(arguments), input=more.get("given"))
    return done.stdout, done.stderr, done.exit_code


def test_a_printed_verdict_is_the_report() -> None:
    """As on the command line, without colour."""
    text = str(check(snapshot(GPU4, 1, component("chat", 1, 3)), scale("chat", 2)))
    assert text.startswith("DOES NOT FIT: scale chat on prod")
    assert "[chat chat chat]" in text
    assert "\x1b" not in text


def test_explain_alone_lists_every_rule() -> None:
    text, _, code = run("explain")
    assert code == 0
    assert all(f"  {rule.id}  " in text and rule.title in text for rule in RULES.values())


def test_a_second_snapshot_is_not_silently_taken() -> None:
    _, said, code = run("check", "change.json", "--snapshot", "a.json", "--snapshot", "b.json")
    assert code == 2
    assert "--snapshot can be given once, not for a.json and b.json" in said


@pytest.mark.parametrize(
    "source",
    ['client.update_inference_component(InferenceComponentName="chat")', "import boto3\nx = {'a': 1}\n"],
)
def test_python_source_is_told_what_to_do_with(source: str, tmp_path: Path) -> None:
    (tmp_path / "endpoint.json").write_text(json.dumps(snapshot(GPU4, 1)))
    (tmp_path / "update.py").write_text(source)
    taken = str(tmp_path / "endpoint.json")
    for file in ("-", str(tmp_path / "update.py")):
        _, said, code = run("check", file, "--snapshot", taken, given=source)
        assert code == 2
        assert "looks like Python source" in said
        assert "icplan.check(request, snapshot)" in said
    with pytest.raises(icplan.InputError, match="looks like Python source"):
        icplan.check(str(tmp_path / "update.py"), taken)
