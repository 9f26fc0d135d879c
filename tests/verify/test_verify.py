"""A verdict is held to itself: what follows from other parts of the file must agree with them."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from support.endpoints import GPU4, component, create, pooled, scale, snapshot, update
from support.tampering import idle, proven, tampered

import icplan
from icplan.packing import most_slots
from icplan.packing.certificate import bound_to_json
from icplan.packing.checker.proof import check_slots
from icplan.packing.codec import to_json
from icplan.packing.reader import Node
from icplan.verdict.codec import to_dict
from icplan.verdict.evidence_codec import PREMISES, premises_of_proof
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.smoke

TWO = snapshot(GPU4, 2, component("ic", 2, 3, 30_000), component("other", 1, 1, 4096), scaling=(1, 4))
FIXED = snapshot(GPU4, 2, component("ic", 2, 3, 30_000))
#: Two copies need two GPUs each; where four others lie one by one is not known.
SCATTERED = snapshot(GPU4, 2, component("other", 4, 1, 1000))
LOCATED = TWO | {
    "CopyLocations": [
        {"InferenceComponentName": name, "InstanceId": at, "InstanceType": GPU4, "Copies": 1}
        for name, at in (("ic", "i-1"), ("ic", "i-2"), ("other", "i-1"))
    ]
}
SMALLER = {"NumberOfAcceleratorDevicesRequired": 2, "MinMemoryRequiredInMb": 2000}


def verdict(change: Any, taken: dict[str, Any] = TWO, **options: Any) -> Any:
    """The JSON verdict, as it is read from a file."""
    return json.loads(json.dumps(to_dict(icplan.check(change, icplan.Snapshot.from_dict(taken), **options))))


VERDICTS: dict[str, Callable[[], Any]] = {
    "fits": lambda: verdict(create("new", 1, 1)),
    "fits after scale out": lambda: verdict(scale("ic", 3)),
    "may not fit": lambda: verdict(create("new", 2, 2, 1000), SCATTERED),
    "does not fit": lambda: verdict(scale("ic", 9)),
    "at rest": lambda: verdict(scale("ic", 1)),
    "rolls": lambda: verdict(update("ic", 1, 1)),
    "rolls to another need": lambda: verdict(update("ic", 1, 1, ComputeResourceRequirements=SMALLER)),
    "located": lambda: verdict(update("ic", 1), LOCATED),
    "pools": lambda: verdict(scale("a", 3), pooled({GPU4: 1, "ml.g5.2xlarge": 1}, component("a", 2, 1))),
    "all at once": lambda: verdict(update("ic")),
    "a set": lambda: verdict([scale("ic", 1), create("new", 1, 1)], FIXED),
    "a set that fails": lambda: verdict([scale("ic", 9), create("new", 1, 1)]),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_what_icplan_writes_is_verified(name: str) -> None:
    """Every phase, and nothing else is said."""
    made = VERDICTS[name]()
    found = verify(made)
    assert {checked.result for checked in found} == {Result.VERIFIED}
    assert len(found) == sum(len(change["Phases"]) for change in made["Changes"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["fits", "fits after scale out", "may not fit", "does not fit", "at rest", "a set"]
)
def test_one_thing_changed_is_noticed(name: str) -> None:
    """Any member or entry altered, left out, doubled or swapped, but for what the file cannot tell."""
    made = VERDICTS[name]()
    before = copy.deepcopy(made)
    accepted = [f"{path}: {how}" for path, how in tampered(made) if not idle(path, how) and proven(made)]
    assert not accepted
    assert made == before


NOTHING = {
    "Kind": "every-world",
    "Need": 3,
    "Box": [[1, 2], [1, 2]],
    "Parts": [],
    "Example": None,
}


def fits_without_parts(made: Any, *, more: dict[str, Any]) -> None:
    made["Outcome"] = "fits"
    for change in made["Changes"]:
        change["Outcome"] = "fits"
        for phase in change["Phases"]:
            phase |= {"Outcome": "fits", "InstancesNeeded": phase["InstancesNow"], "Proof": NOTHING | more}


@pytest.mark.parametrize("name", ["does not fit", "fits after scale out", "may not fit", "rolls"])
@pytest.mark.parametrize("need", [[0, 0, 0], [12_000, 30_000, 3], None])
def test_no_parts_prove_nothing_of_copies_that_need_room(name: str, need: list[int] | None) -> None:
    """Neither as they were written once, nor with what a copy takes beside them."""
    made = VERDICTS[name]()
    bare = copy.deepcopy(made)
    fits_without_parts(bare, more={})
    assert Result.REJECTED in {checked.result for checked in verify(bare)}
    fits_without_parts(made, more={"Types": [GPU4], "Holds": [{}], "Demands": [need]})
    assert not proven(made)


@pytest.mark.parametrize(
    "name", ["does not fit", "fits after scale out", "fits", "rolls", "all at once", "may not fit"]
)
def test_rest_does_not_stand_for_what_is_placed(name: str) -> None:
    """One phase of rest in place of all others, and all figures made to agree with it."""
    made = VERDICTS[name]()
    made["Outcome"] = "fits"
    (change,) = made["Changes"]
    now = change["InstancesNow"]
    figures = {"InstancesNow": now, "InstancesNeeded": now}
    nothing = dict.fromkeys(("OldCopies", "NewCopies", "Placement", "Proof"))
    rest = {"Name": "nothing to place", "Kind": "steady", "Outcome": "fits", **figures, **nothing}
    change |= {"Outcome": "fits", "Phases": [rest], "PeakInstances": now, "FinalInstances": now}
    change |= {"Findings": [], "Remedies": [], "Tried": []}
    assert not proven(made)
    change["Duration"] = None
    assert not proven(made)


@pytest.mark.parametrize("name", ["rolls", "rolls to another need", "located"])
def test_a_rollback_cannot_be_left_out(name: str) -> None:
    """Neither its phases, nor its outcome, nor both, nor with every finding of it."""
    made = VERDICTS[name]()
    (change,) = made["Changes"]
    change["Phases"] = [phase for phase in change["Phases"] if phase["Kind"] != "rollback"]
    change["Findings"] = [finding for finding in change["Findings"] if finding["Rule"] != "ICP402"]
    for outcome in (None, *map(str, Outcome)):
        change["RollbackOutcome"] = outcome
        assert not proven(made)
    change["Duration"] = None
    assert not proven(made)


def test_a_step_cannot_be_left_out() -> None:
    """Nor said to be the first that does not fit, so that no rollback begins after it."""
    made = verdict(update("ic", 1, 1), snapshot(GPU4, 4, component("ic", 4, 3, 30_000), scaling=(1, 5)))
    (change,) = made["Changes"]
    assert len([phase for phase in change["Phases"] if phase["Kind"] == "place"]) == 4
    for number in range(4):
        left = copy.deepcopy(made)
        del left["Changes"][0]["Phases"][number]
        assert not proven(left)


def test_known_copies_are_counted_once_in_a_layout() -> None:
    """Where it is known which instance holds what, a layout shows no more copies than run."""
    made = VERDICTS["located"]()
    (change,) = made["Changes"]
    for phase in change["Phases"]:
        old, new = phase["OldCopies"]["Before"], phase["NewCopies"]["Before"]
        running = Counter[str]()
        for row in phase["Placement"]:
            for name, copies in row["Running"].items():
                running[name] += row["Instances"] * copies
        assert running["ic"] <= old + new
        assert running["other"] <= 1


@pytest.mark.parametrize(
    ("change", "taken", "results"),
    [
        ({"InferenceComponentName": "ic"}, TWO, set()),
        (
            scale("ic", 3),
            snapshot(GPU4, 2, component("ic", 2, 3, InferenceComponentStatus="Updating")),
            {Result.VERIFIED},
        ),
    ],
    ids=["invalid", "blocked"],
)
def test_what_is_stopped_needs_no_more_evidence(change: Any, taken: Any, results: set[Result]) -> None:
    """An invalid change has no phases; one that is blocked has those it would have."""
    made = verdict(change, taken)
    assert {checked.result for checked in verify(made)} == results
    made["Outcome"] = made["Changes"][0]["Outcome"] = "fits"
    assert not proven(made)


def test_an_undecided_change_is_without_evidence() -> None:
    """That the time was over proves nothing, and is no contradiction."""
    made = verdict(scale("ic", 3), time_limit=1e-9)
    assert made["Outcome"] == "undecided"
    assert {checked.result for checked in verify(made)} == {Result.UNPROVEN}


@pytest.mark.parametrize("name", ["fits", "may not fit", "does not fit", "rolls"])
def test_a_file_without_premises_is_checked_for_what_it_has(name: str) -> None:
    """As files were written once: what they prove is checked, and said to stand on nothing."""
    made = VERDICTS[name]()
    for change in made["Changes"]:
        for phase in change["Phases"]:
            del phase["Premises"], phase["Step"]
    found = verify(made)
    assert {(checked.result, checked.reason) for checked in found} == {(Result.UNPROVEN, "no premises")}
    proof = made["Changes"][0]["Phases"][0]["Proof"]
    match proof["Kind"]:
        case "every-world":
            proof["Parts"][0]["Arrangement"]["Bins"][0]["Count"] = 0
        case "no-world":
            proof["Problem"]["Bins"][0]["Count"] = 100
        case _:
            proof["Fails"]["Room"] = proof["Need"]
    assert Result.REJECTED in {checked.result for checked in verify(made)}


@pytest.mark.parametrize("name", ["fits", "pools", "does not fit", "rolls"])
@pytest.mark.parametrize("member", ["CpuUnit", "Launchable"])
def test_premises_are_told_once(name: str, member: str) -> None:
    """A proof that says other premises than its phase is refused; so is a phase, than another."""
    made = VERDICTS[name]()
    phase = made["Changes"][0]["Phases"][0]
    proof, premises = phase["Proof"], phase["Premises"]
    if member == "CpuUnit":
        proof[member] = "2"
        assert not proven(made)
        premises[member] = "2"
    else:
        proof[member]["Together"] = [7, 7]
        assert not proven(made)
        premises["Together"] = [7, 7]
    many = len(made["Changes"][0]["Phases"]) > 1
    told = member == "CpuUnit" and bool([one for one in made["Assumptions"] if "cpu" in one["Name"]])
    if many or told:
        assert not proven(made)


def test_every_launch_is_tried_in_what_does_not_fit() -> None:
    """More instances may be launched than a refusal was tried with; of two types, of either."""
    for taken, change in ((TWO, scale("ic", 9)), (pooled({GPU4: 1, "ml.g5.2xlarge": 1}), create("a", 99, 1))):
        made = verdict(change, taken)
        (phase,) = made["Changes"][0]["Phases"]
        assert phase["Proof"]["Kind"] == "no-world"
        launchable = phase["Proof"]["Launchable"]
        for told, premises in zip(launchable["Each"], phase["Premises"]["Pools"], strict=True):
            told[1] = premises["Launchable"][1] = 1000
        launchable["Together"][1] = phase["Premises"]["Together"][1] = 1000
        assert Result.REJECTED in {checked.result for checked in verify(made)}


@pytest.mark.parametrize("name", ["fits after scale out", "does not fit", "may not fit"])
def test_the_most_room_is_no_bound_on_the_least(name: str) -> None:
    """That no arrangement leaves more than so much room shows nothing of what fits."""
    made = VERDICTS[name]()
    made["Outcome"] = "fits"
    for change in made["Changes"]:
        change["Outcome"] = "fits"
        for phase in change["Phases"]:
            premises = PREMISES.read(Node(phase["Premises"]))
            arrangement = premises.arrangement({}, premises.box)
            most = most_slots(arrangement).proof
            assert most is not None
            assert check_slots(arrangement, most)
            part = {"Box": phase["Proof"]["Box"], "Pools": [0], "Launched": {}, "Elsewhere": {}}
            part |= {"Arrangement": to_json(arrangement), "Proof": bound_to_json(most) | {"Bound": 10**6}}
            told = premises_of_proof(premises)
            proof = {"Kind": "every-world", "Need": premises.target.copies, "Parts": [part], "Example": None}
            phase |= {"Outcome": "fits", "InstancesNeeded": phase["InstancesNow"], "Placement": None}
            phase["Proof"] = proof | told
    assert "the bound is below what is needed" in {checked.reason for checked in verify(made)}


def test_a_fault_inside_the_checker_is_no_forged_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes out as the fault that it is."""
    made = VERDICTS["fits"]()

    def fails(*_: Any, **__: Any) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr("icplan.verify.evidence.slots_hold", fails)
    with pytest.raises(KeyError):
        verify(made)


def test_proofs_past_the_time_limit_are_without_evidence() -> None:
    """They are not rejected, and the rest is checked."""
    made = VERDICTS["rolls"]()
    found = verify(made, time_limit=-1)
    assert {(checked.result, checked.reason) for checked in found} == {
        (Result.UNPROVEN, "the proof takes too long to check")
    }


def test_no_role_is_read_out_of_a_name() -> None:
    """What people read may be worded otherwise."""
    made = VERDICTS["rolls"]()
    for number, phase in enumerate(made["Changes"][0]["Phases"]):
        phase["Name"] = f"Schritt {number + 7}"
    assert proven(made)
