"""Headroom, drills and plans tell what they take components for that are not in service."""

from __future__ import annotations

import json
from typing import Any

from support.drawn_components import PRICES, SETTINGS
from support.endpoints import GPU4, component, snapshot

import icplan
from icplan.verdict.drill_codec import to_dict
from icplan.verify.drill import verify_drill
from icplan.verify.result import Result


def of_status(name: str, copies: int, status: str, **more: Any) -> dict[str, Any]:
    return component(name, copies, 1, 8192, cpu=2, InferenceComponentStatus=status, **more)


HALF = {"DesiredCopyCount": 2, "CurrentCopyCount": 1}
ENDPOINT = snapshot(
    GPU4,
    4,
    component("chat", 3, 2, 30000, cpu=8),
    of_status("broken", 2, "Failed"),
    of_status("moving", 2, "Updating"),
    of_status("leaving", 1, "Deleting"),
    of_status("coming", 2, "Creating", RuntimeConfig=HALF),
    scaling=(1, 6),
)


def test_headroom_tells_it_of_others_too() -> None:
    """Where one component alone is asked for, the others count, and how they do is told."""
    (fleet,) = icplan.headroom(ENDPOINT, ["chat"]).fleets
    for said in (
        "broken has failed; 2 copies counted as lying there",
        "moving is Updating; it counts with 2 to 4 copies",
        "coming is Creating; it counts with 1 to 2 copies",
        "leaving is being deleted; it counts until it is gone",
    ):
        assert said in fleet.notes
    (own,) = icplan.headroom(ENDPOINT, ["broken"]).components.values()
    assert "has failed; 2 copies of it counted as lying there" in own.notes[0]


def test_a_drill_tells_it() -> None:
    """And what it tells is proven."""
    found = icplan.drill(ENDPOINT, ["instance"])
    for said in (
        "broken has failed: 2 copies counted as running, as described",
        "moving is Updating: it counts with 2 copies surely running, of up to 4",
        "coming is Creating: it counts with 1 copy surely running, of up to 2",
        "leaving is being deleted: none of its copies is counted as running, each may take room",
    ):
        assert said in found.notes
    assert {one.result for one in verify_drill(json.loads(json.dumps(to_dict(found))))} == {Result.VERIFIED}


def test_a_plan_for_an_endpoint_tells_it() -> None:
    """Of each component how many copies it has room for, and which it leaves out."""
    taken = icplan.Snapshot.from_dict({**ENDPOINT, "Region": "us-east-1"})
    found = icplan.plan(taken, prices=PRICES, allocatable=SETTINGS).consolidation
    assert found is not None
    for said in (
        "broken has failed: the plan has room for the 2 copies that it is to have, as described now",
        "moving is Updating: the plan has room for the 2 copies that it is to have, as described now",
        "coming is Creating: the plan has room for the 2 copies that it is to have, as described now",
        "leaving is being deleted: it is left out",
    ):
        assert said in found.notes
    assert not any("chat" in note for note in found.notes)
