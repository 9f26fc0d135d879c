"""A document of as many values as are taken is read in less than 500 MB."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from processor_time import timed
from support.endpoints import GPU4, component, snapshot

from icplan.documents.limits import MAX_VALUES
from icplan.inputs.terraform_source import MAX_TEXT

if TYPE_CHECKING:
    from pathlib import Path


def members() -> str:
    """As many members as are taken, in a template that is wrong, so that places are looked for."""
    return '{"Resources":{"A":{' + ",".join(f'"k{n}":0' for n in range(MAX_VALUES - 10)) + "}}}"


@pytest.mark.slow
def test_as_many_members_as_are_taken_need_less_than_500_mb(tmp_path: Path) -> None:
    large, runs = tmp_path / "large.json", tmp_path / "runs.json"
    large.write_text(members())
    runs.write_text(json.dumps(snapshot(GPU4, 2, component("chat", 2, 3))))
    ran = timed("check", "--no-config", "--snapshot", str(runs), str(large), memory=4 << 30)
    assert ran.code == 2
    assert ran.memory < 500_000


COMPONENT = "awscc_sagemaker_inference_component"


@pytest.mark.slow
def test_source_of_one_long_line_needs_less_than_500_mb(tmp_path: Path) -> None:
    """As much of it as is read, in one text that takes part of an escape with each character."""
    runs, plan = tmp_path / "runs.json", tmp_path / "plan.json"
    runs.write_text(json.dumps(snapshot(GPU4, 2, component("chat", 2, 3))))
    members = {"inference_component_name": "new", "endpoint_name": "prod", "variant_name": "AllTraffic"}
    change = {"actions": ["create"], "before": None, "after": members, "after_unknown": {}}
    new = {
        "address": f"{COMPONENT}.new",
        "mode": "managed",
        "type": COMPONENT,
        "name": "new",
        "change": change,
    }
    plan.write_text(json.dumps({"format_version": "1.2", "resource_changes": [new]}))
    block = f'resource "{COMPONENT}" "new" {{\n  a = "'
    for inner in ("x", '\\"', '"'):
        (tmp_path / "main.tf").write_text(block + inner * ((MAX_TEXT - 200) // len(inner)) + "\n}\n")
        given = ("--no-config", "--snapshot", str(runs), "--source", str(tmp_path), str(plan))
        ran = timed("check", *given, memory=4 << 30)
        assert (ran.code, ran.memory < 500_000) == (1, True), inner


@pytest.mark.slow
def test_a_name_of_ten_million_control_characters_needs_less_than_500_mb(tmp_path: Path) -> None:
    update, runs = tmp_path / "update.json", tmp_path / "runs.json"
    name = "\\u0001" * 9_900_000
    update.write_text(f'{{"InferenceComponentName": "{name}", "RuntimeConfig": {{"CopyCount": 1}}}}')
    runs.write_text(json.dumps(snapshot(GPU4, 2, component("chat", 2, 3))))
    ran = timed("check", "--no-config", "--snapshot", str(runs), str(update), memory=4 << 30)
    assert (ran.code, ran.memory < 500_000) == (1, True)
