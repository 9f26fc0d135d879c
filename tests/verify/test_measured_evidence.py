"""What metrics settle is proven with what they tell: whoever changes that has proven nothing."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from support.endpoints import GPU4, component, create, snapshot
from support.reserved_metrics import METRICS, with_metrics
from support.tampering import proven, tampered

import icplan
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

Json = dict[str, Any]
GPUS = METRICS[2:]


def judged(where: list[dict[str, int]], devices: int = 4, copies: int = 1, **more: Any) -> Json:
    """The verdict on new copies, beside two components whose copies lie so; read and written once."""
    there = [sum(held.get(name, 0) for held in where) for name in "ab"]
    taken = snapshot(GPU4, len(where), component("a", there[0], 2), component("b", there[1], 1, 2048))
    told = with_metrics(taken, where, [GPU4] * len(where), **more)
    verdict = icplan.check(create("new", copies, devices), icplan.Snapshot.from_dict(told))
    made: Json = json.loads(json.dumps(to_dict(verdict)))
    assert {one.result for one in verify(made)} == {Result.VERIFIED}
    return made


def by_bounds() -> Json:
    """One instance is empty, as the devices of each tell."""
    return judged([{"a": 1, "b": 2}, {"a": 2}, {}], names=GPUS)


def by_courses() -> Json:
    """None of three instances is empty, as the least that is held tells; by the most one could be."""
    return judged([{"a": 1, "b": 1}, {"b": 1}, {"b": 1}], names=GPUS, all_values=())


def by_refusal() -> Json:
    """No more than two devices are taken on any of twelve instances, so no three are free on one."""
    return judged([{"a": 1}] * 12, devices=3, names=GPUS)


def test_bounds_are_in_the_premises() -> None:
    """Instances are told apart by what was reserved on each, and the question has it as an amount."""
    made = by_bounds()
    (phase,) = made["Changes"][0]["Phases"]
    assert (phase["Outcome"], phase["Proof"]["Kind"]) == ("fits", "every-world")
    assert phase["Premises"]["Measured"] == [2]
    (pool,) = phase["Premises"]["Pools"]
    assert pool["Reserved"] == [{"Instances": 1, "Most": [0]}, {"Instances": 2, "Most": [4]}]
    (part,) = phase["Proof"]["Parts"]
    assert [one["Capacity"][3:] for one in part["Arrangement"]["Bins"]] == [[0], [4]]
    assert "Courses" not in made["Changes"][0] or made["Changes"][0]["Courses"] is None


def test_another_bound_is_refused() -> None:
    """Each figure, left out, altered, doubled or swapped: the problem is another one then."""
    made, tried = by_bounds(), 0
    for path, how in tampered(made):
        if ".Premises.Measured" in path or (".Premises.Pools" in path and ".Reserved" in path):
            tried += 1
            assert not proven(made), f"{path}: {how}"
    assert tried > 5


def test_a_refusal_within_bounds_is_proven_with_them() -> None:
    """The devices that are free would do, were they free together."""
    made = by_refusal()
    (phase,) = made["Changes"][0]["Phases"]
    assert (phase["Outcome"], phase["Proof"]["Kind"]) == ("does-not-fit", "no-world")
    assert [one["Capacity"][3:] for one in phase["Proof"]["Problem"]["Bins"]] == [[2]]
    assert made["Changes"][0]["Findings"][0]["Rule"] == "ICP305"
    tried = 0
    for path, how in tampered(made):
        if ".Premises.Measured" in path or (".Premises.Pools" in path and ".Reserved" in path):
            tried += 1
            assert not proven(made), f"{path}: {how}"
    assert tried > 3


def test_what_every_course_begins_with_is_what_metrics_tell() -> None:
    """Without it, or with wider ends, the courses show another outcome, or speak of other metrics."""
    made = by_courses()
    (phase,) = made["Changes"][0]["Phases"]
    assert (phase["Outcome"], phase["Proof"]["Kind"]) == ("does-not-fit", "every-course")
    start = made["Changes"][0]["Courses"]["Start"]
    assert [one["Dimension"] for one in start["Reserved"]] == [2]
    for alter in (_without, _wider, _of_memory, _of_another_size, _falling):
        false = copy.deepcopy(made)
        alter(false["Changes"][0]["Courses"]["Start"]["Reserved"])
        assert not proven(false), alter.__name__


def _without(reserved: list[Json]) -> None:
    reserved.clear()


def _wider(reserved: list[Json]) -> None:
    reserved[0]["Ranks"] = [[[0, 4]] for _ in reserved[0]["Ranks"]]


def _of_memory(reserved: list[Json]) -> None:
    reserved[0]["Dimension"] = 1


def _of_another_size(reserved: list[Json]) -> None:
    reserved[0]["Ranks"].append(reserved[0]["Ranks"][-1])


def _falling(reserved: list[Json]) -> None:
    reserved[0]["Ranks"].reverse()


@pytest.mark.slow
def test_a_fleet_that_is_too_large_to_try_is_settled_by_its_classes() -> None:
    """Twenty instances, ten of them empty by GPUReservation; of the ends alone nothing follows."""
    where = [{"a": 2}] * 8 + [{"a": 1, "b": 2}] * 2 + [{}] * 10
    made = judged(where, copies=10)
    assert made["Outcome"] == Outcome.FITS
    assert made["Changes"][0]["Phases"][0]["Proof"]["Kind"] == "every-world"
    assert [one["Rule"] for one in made["Changes"][0]["Findings"]] == ["ICP325"]
    assert judged(where, copies=10, all_values=())["Outcome"] == Outcome.MAY_NOT_FIT
