"""docs/ten-minutes.md is what happens, up to where GitHub would take over; so is what its workflow runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ten-minutes.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ANNOTATIONS = re.findall(r"^```annotations\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0].splitlines()


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **more}


def shell(text: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-c", text],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment(**more),
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The repository at the end of the page, and what each block printed."""
    folder = tmp_path_factory.mktemp("newcomer")
    printed = []
    for number, block in enumerate(BLOCKS):
        done = shell(block, folder / "shop" if number else folder)
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        printed.append(done.stdout)
    return folder / "shop", printed


@pytest.mark.slow
def test_each_step_ends_as_the_page_says(shop: tuple[Path, list[str]]) -> None:
    _, printed = shop
    assert printed[0].startswith("FITS: create search on shop")
    annotated = [line for line in printed[-1].splitlines() if line.startswith("::error")]
    assert [any(line.startswith(one) for line in annotated) for one in ANNOTATIONS] == [True, True]


@pytest.mark.slow
def test_annotations_stand_at_lines_of_the_change(shop: tuple[Path, list[str]]) -> None:
    folder, _ = shop
    lines = (folder / "serving" / "endpoint.yaml").read_text().splitlines()
    numbers = [int(found[1]) for one in ANNOTATIONS if (found := re.search(r"line=(\d+)", one))]
    assert "CopyCount: 3" in lines[numbers[0] - 1]
    assert "MaxInstanceCount: 2" in lines[numbers[1] - 1]


@pytest.mark.slow
def test_the_workflow_runs_that_and_asks_for_no_more(shop: tuple[Path, list[str]], tmp_path: Path) -> None:
    """What the Action runs, with the inputs that the page gives it."""
    folder, _ = shop
    action = YAML(typ="safe").load(ROOT / "action.yml")
    workflow = YAML(typ="safe").load(folder / ".github" / "workflows" / "icplan.yaml")
    given: dict[str, Any] = workflow["jobs"]["capacity"]["steps"][-1]["with"]
    assert workflow["permissions"] == {"contents": "read"}
    assert given.keys() <= action["inputs"].keys()
    step = next(one for one in action["runs"]["steps"] if one.get("id") == "check")
    inputs = {name: given.get(name, one.get("default", "")) for name, one in action["inputs"].items()}
    told = {
        name: inputs[match[1]] if (match := re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)) else ""
        for name, value in step["env"].items()
    }
    binary = tmp_path / "icplan" / "bin"
    binary.mkdir(parents=True)
    (binary / "icplan").symlink_to(Path(sys.executable).with_name("icplan"))
    summary, output = tmp_path / "summary.md", tmp_path / "output"
    runner = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)}
    done = shell(step["run"], folder, **told, **runner)
    assert done.returncode == 1, done.stderr
    assert output.read_text() == "exit-code=1\n"
    assert sum(line.startswith(one) for line in done.stdout.splitlines() for one in ANNOTATIONS) == 2
    assert summary.read_text().startswith("<!-- icplan:shop -->")
    assert (tmp_path / "icplan.md").read_text().startswith("<!-- icplan:shop -->")
