"""Every verdict proves itself, and evidence that was tampered with proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import assume, event, given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, snapshot, update
from support.small_fleets import Case, judged, one_phase_cases, rolling_cases

import icplan
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

cases = one_phase_cases() | rolling_cases()
#: What a phase may be said to be.
JUDGED = [Outcome.DOES_NOT_FIT, Outcome.MAY_NOT_FIT, Outcome.FITS_AFTER_SCALE_OUT, Outcome.FITS]


@given(cases)
def test_every_phase_is_verified(case: Case) -> None:
    """A checker that shares no code with the solver accepts each proof, placement, failing world and course.

    Only a doubt may be without evidence.
    """
    found = verify(to_dict(judged(case)))
    assert found
    unproven = [one for one in found if one.result is not Result.VERIFIED]
    assert {(one.result, one.reason, one.outcome) for one in unproven} <= {
        (Result.UNPROVEN, "no proof is given", Outcome.MAY_NOT_FIT)
    }


@given(cases)
def test_no_more_instances_are_shown_than_a_phase_is_said_to_need(case: Case) -> None:
    """What an earlier step has launched is there, and counts, as long as copies lie on it."""
    (change,) = to_dict(judged(case))["Changes"]
    for phase in change["Phases"]:
        if phase["Kind"] == "place" and phase["InstancesNeeded"] is not None and phase["Placement"]:
            holding = [one for one in phase["Placement"] if one["Running"] or one["Placed"]]
            assert sum(one["Instances"] for one in holding) <= phase["InstancesNeeded"]


@given(cases, st.data(), st.booleans())
def test_another_outcome_is_not_verified(case: Case, data: st.DataObject, whole: bool) -> None:
    """No phase can be given another outcome, whether the change is made to agree with it or not."""
    verdict = to_dict(judged(case))
    (change,) = verdict["Changes"]
    phase = data.draw(st.sampled_from(change["Phases"]))
    event(phase["Kind"])
    claimed = str(data.draw(st.sampled_from([outcome for outcome in JUDGED if outcome != phase["Outcome"]])))
    phase["Outcome"] = claimed
    if whole:
        ahead = (Outcome(one["Outcome"]) for one in change["Phases"] if one["Kind"] != "rollback")
        change["Outcome"] = verdict["Outcome"] = str(Outcome.worst(ahead))
    assert not proven(verdict)


@given(cases, st.data())
def test_a_change_cannot_be_called_otherwise_than_its_phases(case: Case, data: st.DataObject) -> None:
    """The outcome of a change is that of its worst forward phase."""
    verdict = to_dict(judged(case))
    (change,) = verdict["Changes"]
    others = [outcome for outcome in JUDGED if outcome != change["Outcome"]]
    change["Outcome"] = str(data.draw(st.sampled_from(others)))
    assert not proven(verdict)


def proven(verdict: Any) -> bool:
    """Whether every phase is verified."""
    return all(checked.result is Result.VERIFIED for checked in verify(verdict))


@given(cases, st.data())
def test_a_number_of_the_evidence_is_not_idle(case: Case, data: st.DataObject) -> None:
    """A number that carries the claim is noticed when it claims more: copies, bounds, room, the box."""
    verdict = to_dict(judged(case))
    proofs = [phase["Proof"] for phase in verdict["Changes"][0]["Phases"] if phase["Proof"]]
    assume(proofs)
    proof = data.draw(st.sampled_from(proofs))
    tampered = list(_claims(proof))
    assume(tampered)
    holder, key, value = data.draw(st.sampled_from(tampered))
    holder[key] = value
    event(str(key))
    assert not proven(verdict)


def _claims(proof: dict[str, Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Places of a proof (a holder and a key), and values for them that would claim more than is true."""
    if proof["Kind"] == "every-world":
        yield proof, "Need", proof["Need"] + 1
        for part in proof["Parts"]:
            for pair in part["Box"]:
                yield pair, 1, pair[1] + 1
            yield part, "Box", []
        for pair in proof["Box"]:
            yield pair, 0, pair[0] - 1
    if proof["Kind"] == "some-worlds":
        yield proof["Fails"], "Room", proof["Fails"]["Room"] - 1 if proof["Fails"]["Room"] else -1
        yield proof["Fails"], "Room", proof["Need"]
        yield proof, "Need", proof["Need"] + 1
    for layout in (proof.get("Example"), proof.get("Works")):
        for pattern in (layout or {}).get("Placement", ()):
            yield pattern, "Times", pattern["Times"] + 1
            yield pattern["Copies"], -1, pattern["Copies"][-1] + 1
            yield pattern["Copies"], -1, -1


@given(cases, st.data())
def test_missing_evidence_is_not_verified(case: Case, data: st.DataObject) -> None:
    """A part of the proof left out is never taken for proven."""
    verdict = to_dict(judged(case))
    phases = [phase for phase in verdict["Changes"][0]["Phases"] if phase["Proof"]]
    assume(phases)
    phase = data.draw(st.sampled_from(phases))
    names = ("Problem", "Proof", "Parts", "Box", "Fails", "Works", "Need", "Kind")
    parts = [name for name in names if name in phase["Proof"]]
    lost = data.draw(st.sampled_from([*parts, None]))
    if lost is None:
        phase["Proof"] = None
    else:
        del phase["Proof"][lost]
    assert not proven(verdict)


def test_an_instance_that_a_step_launched_counts_in_the_next() -> None:
    """Eleven GPUs are held at the second step: on two instances of four there are no more than eight."""
    taken = snapshot(GPU4, 2, component("chat", 2, 3, 16384), component("embed", 2, 1, 4096), scaling=(1, 4))
    verdict = icplan.check(update("chat", 1), taken)
    (change,) = verdict.changes
    needed = [(one.instances_needed, one.outcome) for one in change.phases if one.kind == "place"]
    assert needed == [(3, Outcome.FITS_AFTER_SCALE_OUT)] * 2
    assert {one.result for one in verify(to_dict(verdict))} == {Result.VERIFIED}
