"""The recipe of docs/snapshot.md makes a snapshot of what the AWS CLI answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.endpoints import GPU4, component, scale, snapshot

import icplan

DOCS = Path(__file__).parents[2] / "docs" / "snapshot.md"
#: Answers as the AWS CLI does, by its operation, from files of the current directory's parent.
AWS = """#!/bin/sh
case "$2" in
describe-inference-component) cat "$ANSWERS/$4.json" ;;
*) cat "$ANSWERS/$2.json" ;;
esac
"""


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_recipe_makes_a_snapshot(tmp_path: Path) -> None:
    """It is read, judged as the answers are, and has no value of an environment variable."""
    parts = component("chat", 2, 1), component("rank", 1, 1)
    secret = {"Container": {"Image": "image", "Environment": {"TOKEN": "hunter2"}}}
    parts[0]["Specification"] |= secret
    taken = snapshot(GPU4, 2, *parts, scaling=(1, 2))
    taken["Endpoint"]["EndpointConfigName"] = "prod-config"
    answers, work = tmp_path / "answers", tmp_path / "work"
    answers.mkdir()
    work.mkdir()
    listed = [{"InferenceComponentName": one["InferenceComponentName"]} for one in parts]
    files = {
        "describe-endpoint": taken["Endpoint"],
        "describe-endpoint-config": taken["EndpointConfig"],
        "list-inference-components": {"InferenceComponents": listed},
        "chat": parts[0],
        "rank": parts[1],
    }
    for name, value in files.items():
        (answers / f"{name}.json").write_text(json.dumps(value))
    (answers / "aws").write_text(AWS)
    (answers / "aws").chmod(0o755)
    recipe = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)[-1]
    path = f"{answers}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["/bin/sh", "-e", "-c", recipe],
        cwd=work,
        env={"PATH": path, "ANSWERS": str(answers)},
        check=True,
        timeout=600,
    )
    made = work / "snapshot.json"
    assert "hunter2" not in made.read_text()
    assert icplan.check(scale("chat", 3), str(made)).outcome == icplan.check(scale("chat", 3), taken).outcome
