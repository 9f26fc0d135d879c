"""A document of as many values as are taken is read in less than 500 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.endpoints import GPU4, component, snapshot

from icplan.documents.limits import MAX_VALUES

if TYPE_CHECKING:
    from pathlib import Path

_MEASURED = """
import resource, sys
from click.testing import CliRunner
from icplan.cli.main import main
CliRunner().invoke(main, ["check", "--no-config", "--snapshot", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def members() -> str:
    """As many members as are taken, in a template that is wrong, so that places are looked for."""
    return '{"Resources":{"A":{' + ",".join(f'"k{n}":0' for n in range(MAX_VALUES - 10)) + "}}}"


@pytest.mark.slow
def test_as_many_members_as_are_taken_need_less_than_500_mb(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text(members())
    (tmp_path / "runs.json").write_text(json.dumps(snapshot(GPU4, 2, component("chat", 2, 3))))
    command = [
        sys.executable,
        "-P",
        "-c",
        _MEASURED,
        str(tmp_path / "runs.json"),
        str(tmp_path / "large.json"),
    ]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    kilobytes = int(ran.stdout.split()[-1])
    assert kilobytes < 500_000
