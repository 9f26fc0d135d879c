"""Whoever launches an instance uses up the limits: laws of what is on its way and of what others launch."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import component, create, pooled, snapshot

import icplan
from icplan.report.formats import render
from icplan.verdict.outcome import Outcome
from icplan.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

GPU4, OTHER4 = "ml.g5.12xlarge", "ml.g6e.12xlarge"


def _on(kind: str, name: str, copies: int, status: str = "InService") -> dict[str, Any]:
    found = component(name, copies, 4)
    found["Specifications"] = [{**found.pop("Specification"), "InstanceType": kind}]
    found["InferenceComponentStatus"] = status
    if status == "Creating":
        found["RuntimeConfig"]["CurrentCopyCount"] = 0
    return found


def _asks(kind: str, copies: int) -> dict[str, Any]:
    change = create("new", copies, 4)
    change["Specifications"] = [{**change.pop("Specification"), "InstanceType": kind}]
    return change


@given(st.integers(0, 3), st.integers(0, 2), st.integers(1, 3), st.integers(1, 6))
def test_launches_of_others_count(coming: int, creating: int, copies: int, most: int) -> None:
    """Full instances, some on their way, another component being created on a type that is of no use.

    In the best world all that is on its way is of the type that is asked for, and the other comes later; in
    the worst none is, and the other comes first. An instance holds one copy.
    """
    taken = pooled({GPU4: 1, OTHER4: 0}, _on(GPU4, "full", 1), scaling=(1, most))
    if creating:
        taken["InferenceComponents"].append(_on(OTHER4, "other", creating, "Creating"))
    (summary,) = taken["Endpoint"]["ProductionVariants"]
    summary["CurrentInstanceCount"], summary["DesiredInstanceCount"] = 1, 1 + coming
    free = max(0, most - 1 - coming)
    best, worst = coming + free, max(0, free - creating)
    outcome = icplan.check(_asks(GPU4, copies), taken).outcome
    if copies <= worst:
        assert outcome is Outcome.FITS_AFTER_SCALE_OUT
    elif copies > best:
        assert outcome is Outcome.DOES_NOT_FIT
    else:
        assert outcome is Outcome.MAY_NOT_FIT


def test_a_type_that_no_one_launches_proves_nothing() -> None:
    """A promise on instances that no one launches is refused, and one that forgets what others launch."""
    taken = pooled({GPU4: 1, OTHER4: 0}, _on(GPU4, "full", 1), scaling=(1, 3))
    taken["InferenceComponents"].append(_on(OTHER4, "other", 1, "Creating"))
    said = json.loads(render(icplan.check(_asks(GPU4, 1), taken), "json"))
    assert all(checked.result.value != "rejected" for checked in verify(said))
    lost = copy.deepcopy(said)
    (phase,) = lost["Changes"][0]["Phases"]
    parts = phase["Proof"]["Parts"]
    parts[:] = [part for part in parts if list(part["Launched"]) == ["0"]]
    assert any(checked.result.value == "rejected" for checked in verify(lost))
    phase["Proof"]["Launchable"]["Others"] = []
    moved = _replaced(lost, f"{GPU4} (launched)", f"{OTHER4} (launched)")
    assert any(checked.result.value == "rejected" for checked in verify(moved))


def _replaced(data: Any, before: str, after: str) -> Any:
    """The data with a text in place of another, wherever it stands."""
    return json.loads(json.dumps(data).replace(before, after))


@given(st.integers(1, 5), st.decimals("0.25", "2", places=5), st.integers(1, 4))
def test_cores_are_added_exactly(copies: int, cores: Any, whole: int) -> None:
    """Copies fit on an instance just when their cores do, added before anything is rounded."""
    change = create("new", copies)
    asked = change["Specification"]["ComputeResourceRequirements"]
    asked.pop("NumberOfAcceleratorDevicesRequired", None)
    asked["NumberOfCpuCoresRequired"] = float(cores)
    allowed = [f"ml.c5.xlarge.cpu={whole}", "ml.c5.xlarge.memory=8192"]
    outcome = icplan.check(change, snapshot("ml.c5.xlarge", 1), allocatable=allowed).outcome
    memory = copies * asked["MinMemoryRequiredInMb"]
    fits = copies * Fraction(str(float(cores))) <= whole and memory <= 8192
    assert outcome is (Outcome.FITS if fits else Outcome.DOES_NOT_FIT)
