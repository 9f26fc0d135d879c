"""What a command loads: nothing that it does not use, and no more than is said here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.endpoints import component, scale, snapshot

from icplan.cli.main import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fragmented"

#: Runs a command, and prints its exit code, all modules and the number of attrs classes after all it says.
CODE = """
import json, sys
import attr._make
made = []
build = attr._make._ClassBuilder.build_class
attr._make._ClassBuilder.build_class = lambda self: made.append(1) or build(self)
from icplan.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print()
    print(json.dumps([end.code, sorted(sys.modules), len(made)]))
"""

HEAVY = (
    *("ortools", "numpy", "boto3", "botocore", "ruamel.yaml"),
    *("xml", "tomllib", "difflib", "secrets", "shutil"),
)
UNUSED = (
    *("icplan.api", "icplan.diagnosis", "icplan.planning", "icplan.testing", "icplan.verify"),
    *("icplan.aws.read", "icplan.catalog.observations", "icplan.documents.leftover_files"),
    *("icplan.explain.uncertainty", "icplan.feasibility.unknown_mix", "icplan.fleet.reservation_metrics"),
    *("icplan.fleet.type_mix", "icplan.inputs.deployment", "icplan.inputs.folders", "icplan.inputs.source"),
    *("icplan.packing.solver.lp", "icplan.rules.capacity_doubts", "icplan.snapshot.capacity_hash"),
    *("icplan.report.json", "icplan.report.html"),
)
"""What neither a check that fits nor the README's asks for, each with all below it."""
OTHER_COMMANDS = tuple(name for name in COMMANDS if name != "check")

#: As it is. Less is better; more has to be worth the time that it takes.
MODULES_THAT_FIT, CLASSES_THAT_FIT = 215, 250
MODULES_OF_README, CLASSES_OF_README = 241, 313


def loaded(folder: Path, *words: str) -> tuple[int, set[str], int]:
    """The exit code of a command, the modules that it loads, and the attrs classes that are made for it."""
    command = [sys.executable, "-P", "-c", CODE, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    code, modules, classes = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules), classes


def among(modules: set[str], names: Sequence[str]) -> list[str]:
    """The modules that are, or lie below, one of these."""
    return sorted(one for one in modules if any(one == name or one.startswith(f"{name}.") for name in names))


def ours(modules: set[str]) -> int:
    return sum(one.startswith("icplan") for one in modules)


def test_a_check_that_fits_loads_only_what_it_uses(tmp_path: Path) -> None:
    """Nothing heavy, no other command, and no reader, format, reason or solver that is not asked."""
    (tmp_path / "change.json").write_text(json.dumps(scale("ic", 3)))
    taken = snapshot("ml.g5.xlarge", 3, component("ic", 1, 1, 1024), scaling=(1, 3))
    (tmp_path / "snapshot.json").write_text(json.dumps(taken))
    code, modules, classes = loaded(tmp_path, "check", "change.json", "--snapshot", "snapshot.json")
    assert code == 0
    assert not among(modules, (*HEAVY, *UNUSED, *(f"icplan.cli.{name}" for name in OTHER_COMMANDS)))
    assert ours(modules) <= MODULES_THAT_FIT
    assert classes <= CLASSES_THAT_FIT


def test_the_example_of_the_readme_loads_no_more_than_it_did(tmp_path: Path) -> None:
    """A refusal is explained and has remedies; it is written in YAML."""
    change, taken = str(EXAMPLE / "update.yaml"), str(EXAMPLE / "endpoint.json")
    code, modules, classes = loaded(tmp_path, "check", change, "--snapshot", taken)
    assert code == 1
    heavy = [name for name in HEAVY if name != "ruamel.yaml"]
    assert not among(modules, (*heavy, *UNUSED, *(f"icplan.cli.{name}" for name in OTHER_COMMANDS)))
    assert ours(modules) <= MODULES_OF_README
    assert classes <= CLASSES_OF_README


@pytest.mark.parametrize("words", [["--version"], ["explain", "ICP305"], ["catalog", "ml.g5.xlarge"]])
def test_what_judges_nothing_loads_no_judge(tmp_path: Path, words: list[str]) -> None:
    """Nor a solver, nor any of AWS."""
    code, modules, _ = loaded(tmp_path, *words)
    assert code == 0
    unused = ("icplan.judge.change", "icplan.packing.solver", "icplan.feasibility", "icplan.remedies")
    assert not among(modules, (*HEAVY, *unused))
