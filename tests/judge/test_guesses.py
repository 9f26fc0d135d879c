"""What no one documents carries no refusal by its default, and no promise unless its reason says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.endpoints import component, create, scale, snapshot, update

import icplan
from icplan.assumptions import ASSUMPTIONS
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import verify

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict

GPU4 = "ml.g5.12xlarge"


def check(taken: dict[str, Any], *changes: dict[str, Any], **options: Any) -> Verdict:
    verdict = icplan.check(list(changes), icplan.Snapshot.from_dict(taken), **options)
    assert [one for one in verify(to_dict(verdict)) if one.result == "rejected"] == []
    return verdict


@st.composite
def asked(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A small endpoint, with or without a maximum, and one or two changes of it."""
    copies = draw(st.integers(1, 3))
    target = component("a", copies, draw(st.integers(1, 2)))
    target["InferenceComponentStatus"] = draw(st.sampled_from(["InService", "InService", "Failed"]))
    scaling = draw(st.sampled_from([None, (1, 3)]))
    taken = snapshot(GPU4, draw(st.integers(2, 3)), target, component("b", 1, 1), scaling=scaling)
    variant = taken["EndpointConfig"]["ProductionVariants"][0]
    if "ManagedInstanceScaling" in variant and draw(st.booleans()):
        del variant["ManagedInstanceScaling"]["MaxInstanceCount"]
    same = {"InferenceComponentName": "a", "Specification": target["Specification"]}
    around = {"SchedulingConfig": {"PlacementStrategy": "BINPACK"}}
    around_only = {"InferenceComponentName": "a", "Specification": around}
    fewer = update("a", 1) | {"RuntimeConfig": {"CopyCount": max(1, copies - 1)}}
    changes = [update("a"), same, around_only, fewer, scale("a", copies + 3), create("c", 2, 4)]
    return taken, draw(st.lists(st.sampled_from(changes), min_size=1, max_size=2, unique_by=id))


@settings(max_examples=20, deadline=None)
@given(asked())
def test_a_guess_refuses_nothing_and_promises_only_what_needs_most(
    question: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    """What is refused is refused under every value of what nobody has set; a promise by a guess likewise."""
    taken, changes = question
    verdict = check(taken, changes[0])
    assume(verdict.outcome.fails or verdict.outcome.fits)
    fails = verdict.outcome.fails
    for assumption in ASSUMPTIONS:
        if assumption.refuses if fails else assumption.promises:
            continue
        for value in assumption.choices[1:]:
            turned = check(taken, changes[0], assume={assumption.name: value}).outcome
            assert turned.fails if fails else turned.fits, assumption.name


@settings(max_examples=15, deadline=None)
@given(asked())
def test_sets_say_on_what_they_turn(question: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    """The evidence and the findings of each change agree, whatever turns it, and it names what does."""
    taken, changes = question
    for change in check(taken, *changes).changes:
        turns = [finding for finding in change.findings if finding.rule == "ICP321"]
        assert len(turns) == len(change.turns_on)
        assert not turns or change.outcome in (Outcome.MAY_NOT_FIT, Outcome.UNDECIDED)


def test_a_changed_model_replaces_copies_whatever_is_assumed() -> None:
    """The assumption is about members that need no new container."""
    taken = snapshot(GPU4, 1, component("a", 1, 4))
    around = {"StartupParameters": {"ModelDataDownloadTimeoutInSeconds": 60}}
    for value in ("always", "compute-only"):
        verdict = check(taken, update("a"), assume={"spec-change-replaces-copies": value})
        assert verdict.outcome is Outcome.DOES_NOT_FIT
    request = {"InferenceComponentName": "a", "Specification": around}
    assert check(taken, request).outcome is Outcome.MAY_NOT_FIT
    assert check(taken, request).changes[0].turns_on == ("spec-change-replaces-copies",)


def test_an_equal_specification_is_promised_only_where_it_could_be_placed() -> None:
    taken = snapshot(GPU4, 1, component("a", 4, 1))
    same = {"InferenceComponentName": "a", "Specification": taken["InferenceComponents"][0]["Specification"]}
    assert check(taken, same).changes[0].turns_on == ("equal-specification-replaces-copies",)
    assert check(taken, same, assume={"equal-specification-replaces-copies": "no"}).outcome is Outcome.FITS
    assert check(snapshot(GPU4, 2, component("a", 4, 1)), same).outcome is Outcome.FITS


def test_values_that_a_snapshot_does_not_hold_refuse_nothing() -> None:
    """Whether the environment that is sent is the one that runs cannot be told from a snapshot."""
    held = component("a", 1, 4)
    held["Specification"] = {
        "Container": {"Image": "i", "Environment": {"KEY": "REDACTED"}},
        "ComputeResourceRequirements": held["Specification"]["ComputeResourceRequirements"],
    }
    sent = {"Container": {"Image": "i", "Environment": {"KEY": "value"}}}
    request = {"InferenceComponentName": "a", "Specification": sent}
    assert check(snapshot(GPU4, 1, held), request).changes[0].turns_on == ("redacted-values",)
    sent["Container"]["Image"] = "j"
    assert check(snapshot(GPU4, 1, held), request).outcome is Outcome.DOES_NOT_FIT


@pytest.mark.parametrize("state", ["SystemUpdating", "Creating", "RollingBack", "Deleting"])
def test_a_deletion_is_refused_where_the_endpoint_is(state: str) -> None:
    taken = snapshot(GPU4, 1, component("a", 1, 1))
    taken["Endpoint"]["EndpointStatus"] = state
    deletion = {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": "a"}}
    assert check(taken, deletion).outcome is Outcome.BLOCKED


@pytest.mark.parametrize("name", ["ml.g5.13xlarge", "ml.g5.48xlarge"])
def test_one_specification_for_a_type_that_is_not_there_is_not_promised(name: str) -> None:
    request = create("b", 1, 1)
    request["Specification"]["InstanceType"] = name
    assert check(snapshot(GPU4, 1), request).outcome is Outcome.MAY_NOT_FIT
    request["Specification"]["InstanceType"] = GPU4
    assert check(snapshot(GPU4, 1), request).outcome is Outcome.FITS


def test_what_holds_something_unknown_is_not_promised() -> None:
    """A copy whose component nothing describes, and an adapter without its base."""
    row = {"InferenceComponentName": "ghost", "InstanceId": "i-1", "InstanceType": GPU4, "Copies": 1}
    adapter = component("adapter", 0)
    adapter["Specification"] = {"BaseInferenceComponentName": "gone"}
    for taken in (snapshot(GPU4, 1, CopyLocations=[row]), snapshot(GPU4, 1, adapter)):
        verdict = check(taken, create("b", 1, 1))
        assert verdict.outcome is Outcome.MAY_NOT_FIT
        assert "ICP323" in {finding.rule for finding in verdict.findings}
        assert check(taken, create("b", 1, 5)).outcome is Outcome.DOES_NOT_FIT


def test_a_way_back_that_hangs_on_the_instances_that_are_left_says_so() -> None:
    """The change goes on any of them, and back only on as many as it was judged on."""
    taken = snapshot(GPU4, 2, component("a", 1, 1), component("b", 1, 1), scaling=(1, 2))
    del taken["EndpointConfig"]["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"]
    around = {
        "InferenceComponentName": "a",
        "Specification": {"SchedulingConfig": {"PlacementStrategy": "BINPACK"}},
    }
    _, change = check(taken, around, update("a", 1) | {"RuntimeConfig": {"CopyCount": 1}}).changes
    assert change.outcome is Outcome.FITS
    assert change.rollback_outcome is Outcome.MAY_NOT_FIT
    assert "ICP315" in {finding.rule for finding in change.findings}
