"""On fleets too large for brute force: CP-SAT, and HiGHS in a process of its own, say the same.

OR-Tools and HiGHS cannot share a process: each brings symbols the other trips over.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from icplan.packing import Status, pack
from icplan.packing.checker.placement import check_placement
from icplan.packing.checker.proof import check_proof
from icplan.packing.codec import from_json, to_json

if TYPE_CHECKING:
    from icplan.packing import Problem

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[2] / "benchmarks" / "packing"

#: Seconds per question; a method that runs out of it is no witness.
LIMIT = {"S": 30.0, "M": 0.5}


@pytest.fixture(scope="module")
def fleets() -> list[tuple[str, Problem]]:
    """Small and medium fleets of every family of the benchmark: (size, problem)."""
    program = (
        "import json\nfrom generate import FAMILIES, case\nfrom icplan.packing.codec import to_json\n"
        "for size, seeds in (('S', range(1000, 1003)), ('M', range(1000, 1001))):\n"
        "    for family in FAMILIES:\n"
        "        for seed in seeds:\n"
        "            print(json.dumps([size, to_json(case(family, size, seed).problem)]))\n"
    )
    lines = _run("-c", program, given="")
    return [(size, from_json(data)) for size, data in map(json.loads, lines)]  # type: ignore[misc]


def _run(*arguments: str, given: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{HERE}:{HERE.parents[1]}", "PATH": "/usr/bin:/bin"},
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("method", ["cp-sat-counts", "highs-counts"])
def test_another_solver_says_the_same(method: str, fleets: list[tuple[str, Problem]]) -> None:
    """Small fleets are decided by both, and no answer differs; ours comes with what the checker accepts."""
    asked = [json.dumps({"Problem": to_json(problem), "Limit": LIMIT[size]}) for size, problem in fleets]
    lines = _run(str(HERE / "worker.py"), method, given="\n".join(asked))
    answers = [json.loads(line)["Status"] for line in lines]
    assert len(answers) == len(fleets)
    seen = set()
    for (size, problem), answer in zip(fleets, answers, strict=True):
        packing = pack(problem)
        assert answer == packing.status or (size != "S" and answer == Status.UNDECIDED)
        assert packing.placement is None or check_placement(problem, packing.placement)
        assert packing.proof is None or check_proof(problem, packing.proof)
        assert (packing.placement is None) != (packing.proof is None)
        seen.add((size, answer))
    assert {("S", Status.FITS), ("S", Status.DOES_NOT_FIT)} <= seen
