"""What a release and its workflows rest on is pinned, and no job may do more than it has to."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CONSTRAINTS = (ROOT / "constraints.txt").read_text()


def test_there_are_workflows() -> None:
    """One to test, one to release."""
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """With the version beside it, for who reads it."""
    used = re.findall(r"uses: *(.*)", path.read_text())
    assert used
    for one in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[0-9.]+", one), one


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_may_do_little(path: Path) -> None:
    """Nothing by default; who proves what this is to PyPI does nothing else, and reads no repository."""
    workflow = YAML(typ="safe").load(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        expected = {"id-token": "write"} if name == "publish" else {"contents": "read"}
        assert job["permissions"] == expected
        assert job["timeout-minutes"] <= 90
    assert "secrets." not in path.read_text()
    assert "pull_request_target" not in path.read_text()


def test_constraints_have_every_dependency_by_hash() -> None:
    """Within what pyproject.toml allows."""
    pinned = re.findall(r"^([\w.-]+)==([0-9.]+)", CONSTRAINTS, re.MULTILINE)
    hashed = re.findall(r"^[\w.-]+==[^\n]*\\\n +--hash=sha256:[0-9a-f]{64}\b", CONSTRAINTS, re.MULTILINE)
    assert len(pinned) == len(hashed) > 10
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in project["dependencies"]:
        name, _, least = requirement.partition(">=")
        found = [version for pin, version in pinned if pin == name.replace(".", "-")]
        assert found
        assert all(numbers(version) >= numbers(least) for version in found)


def numbers(version: str) -> list[int]:
    """A version to compare."""
    return [int(part) for part in version.strip(".").split(".")]
