"""The floors: what no import contract can see, and that each contract fails when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import icplan

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("room", ["icplan.verify", "icplan.packing.checker.proof", "icplan.verdict"])
def test_what_checks_a_verdict_loads_no_solver(room: str) -> None:
    """No import contract sees what a package's ``__init__`` loads, so the loaded modules are looked at."""
    code = f"import sys, {room}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stdout.split()
    assert room in loaded
    assert not [n for n in loaded if n.startswith(("icplan.packing.solver", "numpy", "ortools"))]


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("fleet/fleet.py", "from icplan.snapshot.snapshot import Snapshot", "data flows one way"),
        ("packing/checker/proof.py", "from icplan.packing.solver.greedy import Greedy", "its checker"),
        ("feasibility/step.py", "from icplan.snapshot.snapshot import Snapshot", "knows no document"),
        ("feasibility/step.py", "import numpy", "only the solver knows"),
        ("report/text.py", "import boto3", "only the doors to AWS"),
    ],
)
def test_a_broken_floor_is_seen(tmp_path: Path, file: str, line: str, contract: str) -> None:
    """Each kind of arrow that the contracts forbid is reported when it is planted."""
    # Where the tests run on an installed package, there are no sources beside them.
    shutil.copytree(
        Path(str(icplan.__file__)).parent, tmp_path / "icplan", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "icplan" / file
    planted.write_text(f"{planted.read_text()}\n{line}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if " BROKEN" in row]
    assert any(contract in row for row in broken), done.stdout
