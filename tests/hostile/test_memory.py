"""A document of as many values as are taken is read in less than 500 MB."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from processor_time import timed
from support.endpoints import GPU4, component, snapshot

from icplan.documents.limits import MAX_VALUES

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
