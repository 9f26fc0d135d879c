"""A verdict that is required: it rests on no facts, assumptions or settings but those that are trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.endpoints import GPU4, component, create, snapshot

from icplan.cli.main import main

TYPES = f'[types."{GPU4}"]\nvcpu = 48\nmemory_mib = 196608\naccelerators = 8\n'
ASSUME = '[assume]\n"allocatable-memory" = "100%"\n'
SEVERAL = {
    # the configuration of the judge, the options of his, the one that is trusted: exit code of verify
    "nothing set": ("", (), None, 0),
    "more accelerators than there are": (TYPES, (), None, 3),
    "the same, trusted": (TYPES, (), TYPES, 0),
    "others than those that are trusted": (TYPES.replace("8", "7"), (), TYPES.replace("8", "6"), 3),
    "an assumption": ("", ("--assume", "allocatable-memory=100%"), None, 3),
    "an assumption that is trusted": ("", ("--assume", "allocatable-memory=100%"), ASSUME, 0),
    "more memory": ("", ("--allocatable", f"{GPU4}.memory=190000..196000"), None, 3),
    "a time limit": ("", ("--time-limit", "50"), None, 0),
}


def judge(config: str, *more: str) -> None:
    """One more GPU is free, of four."""
    Path("settings.toml").write_text(config)
    change = create("new", 1, 1)
    Path("change.json").write_text(json.dumps(change))
    Path("runs.json").write_text(json.dumps(snapshot(GPU4, 1, component("chat", 1, 3))))
    given = ["check", "change.json", "--snapshot", "runs.json", "--format", "json", "-o", "verdict.json"]
    result = CliRunner().invoke(main, [*given, "--config", "settings.toml", *more])
    assert result.exit_code == 0, result.output


def verify(*more: str) -> int:
    given = ["verify", "verdict.json", "--change", "change.json", "--snapshot", "runs.json", *more]
    result = CliRunner().invoke(main, given)
    assert "internal error" not in result.output
    return result.exit_code


@pytest.mark.parametrize("name", SEVERAL)
def test_what_a_verdict_rests_on_is_trusted(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config, options, trusted, code = SEVERAL[name]
    judge(config, *options)
    given: tuple[str, ...] = ()
    if trusted is not None:
        Path("trusted.toml").write_text(trusted)
        given = ("--config", "trusted.toml")
    assert verify("--require", "fits", *given) == code
    assert verify() == 0  # who requires nothing reads for himself what it rests on


def test_facts_that_no_setting_tells_are_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    judge(TYPES)
    verdict = json.loads(Path("verdict.json").read_text())
    verdict["Config"] = {"Files": [], "InForce": []}
    Path("verdict.json").write_text(json.dumps(verdict))
    assert verify("--require", "fits") == 3
    verdict["Judged"]["Icplan"] = "0.0.1"  # which had other facts
    Path("verdict.json").write_text(json.dumps(verdict))
    assert verify("--require", "fits") == 0
