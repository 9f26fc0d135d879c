"""The same question gets the same answer, byte for byte, in this process and in others."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from hypothesis import given
from support.small_fleets import (
    Case,
    Change,
    Component,
    Need,
    Type,
    asked,
    judged,
    one_phase_cases,
    request,
    rolling_cases,
    snapshot,
)

import icplan
from icplan.report.formats import render

SCRIPT = """
import sys
sys.path[:0] = {path!r}
import test_determinism
print(test_determinism.answers())
"""


@given(one_phase_cases() | rolling_cases())
def test_twice_the_same(case: Case) -> None:
    """No state is kept between two questions, and nothing depends on time."""
    assert render(judged(case), "json") == render(judged(case), "json")


@given(one_phase_cases() | rolling_cases())
def test_asking_changes_neither_the_request_nor_the_snapshot(case: Case) -> None:
    """What is handed in is as it was."""
    change, answers = request(case), snapshot(case)
    shown = icplan.Snapshot.from_dict(answers)
    before = json.dumps([change, answers, shown.to_dict()])
    asked(case, change, shown)
    assert json.dumps([change, answers, shown.to_dict()]) == before


def test_the_same_in_every_process() -> None:
    """Verdicts do not depend on how a process happens to order sets."""
    first, second = (_asked_in_a_process(seed) for seed in ("0", "4242"))
    assert first == second
    assert len(first.splitlines()) > len(_questions())


def _asked_in_a_process(hash_seed: str) -> str:
    script = SCRIPT.format(path=sys.path)
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.removesuffix("\n")


def answers() -> str:
    """The verdicts of a few questions, in full."""
    return "\n".join(render(judged(case), "json") for case in _questions())


def _questions() -> list[Case]:
    kinds = (
        Type("ml.a", (3500, 4000), (512, 896), 3),
        Type("ml.b", (2000, 2000), (640, 640), 2),
    )
    components = (
        Component("x", {None: Need(256, 250, 1)}, (1, 0, 1)),
        Component("y", {"ml.a": Need(128, 1000), "ml.b": Need(300, 250, 1)}, (1, 1, 0)),
        Component("z", {None: Need(128)}, (0, 1, 1)),
    )
    fleet = Case(kinds, ("ml.a", "ml.a", "ml.b"), components, Change("x", 2), most=5)
    changes = (
        Change("x", 9),
        Change("fresh", 3, {None: Need(256, 0, 2)}),
        Change("y", 2, {"ml.a": Need(384, 1000), "ml.b": Need(384, 250, 1)}),
        Change("x", 4, {None: Need(384, 500, 1)}, batch=1),
        Change("z", 2, {None: Need(512)}, batch=50, percent=True, rollback=1),
    )
    return [
        Case(fleet.types, fleet.instances, fleet.components, change, most, located)
        for change in changes
        for most, located in ((5, False), (4, True))
    ]
