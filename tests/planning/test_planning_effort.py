"""The same units of work give the same headroom, drill and plan, whatever else is otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from random import Random
from typing import Any

import pytest
from support.drawn_components import PRICES, SETTINGS, Size, drawn_components
from support.endpoints import GPU4, component, snapshot

ENDPOINT = snapshot(
    GPU4,
    6,
    component("chat", 5, 2, 41_000, cpu=6),
    component("embed", 7, 0, 14_336, cpu=4),
    component("rerank", 3, 1, 24_000, cpu=5),
    component("vision", 2, 1, 60_000, InferenceComponentStatus="Updating"),
    scaling=(1, 8),
)
PROCESS = """
import json, sys, icplan
from icplan.verdict import drill_codec, fleet_plan_codec, headroom_codec
endpoint, components, prices, allocatable, effort = json.load(sys.stdin)
found = [
    headroom_codec.to_dict(icplan.headroom(endpoint, effort=effort, time_limit=3600)),
    drill_codec.to_dict(icplan.drill(endpoint, effort=effort, time_limit=3600)),
    fleet_plan_codec.plan_to_dict(
        icplan.plan(
            components,
            prices=prices,
            allocatable=allocatable,
            hold=["rest", "update", "rollback", "lost-instance"],
            effort=effort,
            time_limit=3600,
        )
    ),
]
print(json.dumps(found))
"""


def elsewhere(seed: str, effort: int) -> list[dict[str, Any]]:
    """What another process says, with another seed for its hashes."""
    components = drawn_components(Random(1), Size(6, 5))  # noqa: S311
    ran = subprocess.run(
        [sys.executable, "-P", "-c", PROCESS],
        input=json.dumps([ENDPOINT, components, PRICES, SETTINGS, effort]),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("effort", [2_000, 100_000])
def test_the_same_units_give_the_same_answer(effort: int) -> None:
    """Also where they end before everything is found."""
    assert elsewhere("1", effort) == elsewhere("20261128", effort)
