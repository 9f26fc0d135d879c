"""How a write ended is told right, for every kind of end; where nothing shows it, nothing is guessed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import event, given
from support.endpoints import GPU4, component, snapshot, update
from support.histories import NAME, Replay, moment, replays, stamped

import icplan
from icplan.diagnosis.diagnosis import Ended, State
from icplan.verdict.codec import to_dict
from icplan.verdict.gate import ExitCode

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict

CODES = {
    "done": ExitCode.OK,
    "deleted": ExitCode.OK,
    "rolled-back": ExitCode.FAILS,
    "rollback-failed": ExitCode.FAILS,
    "failed": ExitCode.FAILS,
    "superseded": ExitCode.FAILS,
    "not-known": ExitCode.UNCERTAIN,
}


def verdict_on(replay: Replay) -> Verdict:
    return icplan.check(replay.change, replay.before)


@given(replays())
def test_each_end_is_told_right_by_the_verdict(replay: Replay) -> None:
    """Also where the verdict was written, and read again."""
    verdict = verdict_on(replay)
    event(replay.ended)
    for given_ in (verdict, json.loads(json.dumps(to_dict(verdict)))):
        found = icplan.diagnose(replay.after, NAME, verdict=given_)
        assert found.ended == replay.ended, found.worst
        assert found.exit_code is CODES[replay.ended]


@given(replays())
def test_an_earlier_snapshot_never_tells_a_wrong_end(replay: Replay) -> None:
    """It tells less than the verdict: what came of a write that left all as it was, it may not know."""
    found = icplan.diagnose(replay.after, NAME, before=replay.before)
    event(f"{replay.ended}: {found.ended}")
    if found.ended not in (None, Ended.NOT_KNOWN):
        assert found.ended == replay.ended
    if replay.ended in ("done", "rollback-failed", "deleted"):
        assert found.ended == replay.ended


@given(replays())
def test_a_failure_since_an_earlier_snapshot_is_never_told_as_done(replay: Replay) -> None:
    """Of two writes the one that failed may be the last, whatever the other has left."""
    if replay.ended == "deleted":
        return
    (after,) = (one for one in replay.after["InferenceComponents"] if one["InferenceComponentName"] == NAME)
    two = stamped(replay.after, 90, FailureReason="a new one")
    empty = {**replay.before, "InferenceComponents": []}
    creating = stamped(replay.before, 0, InferenceComponentStatus="Creating")
    for before in (replay.before, empty, creating):
        found = icplan.diagnose(two, NAME, before=before)
        event(f"{after['InferenceComponentStatus']}: {found.ended}")
        assert found.exit_code is not ExitCode.OK
        assert found.ended not in (Ended.DONE, None)


def test_two_writes_of_which_one_failed_are_told_apart() -> None:
    before, after = stamped(simple(), 0), stamped(simple(model="model-2"), 60, FailureReason="no room")
    found = icplan.diagnose(after, NAME, before=before)
    assert (found.state, found.ended, found.exit_code) == (
        State.NOT_KNOWN,
        Ended.NOT_KNOWN,
        ExitCode.UNCERTAIN,
    )
    because = str(found.worst.ended_because)
    assert "another than before" in because
    assert "--verdict" in because
    first = icplan.diagnose(after, NAME, verdict=icplan.check(update(NAME, 1), before))
    assert first.ended is Ended.DONE
    assert "of another write" in first.causes[0].message
    scaled = stamped(simple(copies=3), 60, FailureReason="no room")
    assert icplan.diagnose(scaled, NAME, before=before).ended is Ended.NOT_KNOWN


@given(replays())
def test_the_snapshot_alone_tells_no_wrong_end(replay: Replay) -> None:
    """A status does not tell."""
    if replay.ended == "deleted":
        return
    found = icplan.diagnose(replay.after, NAME)
    assert found.ended in (None, Ended.NOT_KNOWN, replay.ended)
    assert found.exit_code in (ExitCode.OK, ExitCode.UNCERTAIN, CODES[replay.ended])


@given(replays())
def test_what_was_never_sent_was_not_rolled_back(replay: Replay) -> None:
    """The same endpoint, later, with nothing written since."""
    later = {**replay.before, "TakenAt": moment(60)}
    if replay.change["Operation"] == "DeleteInferenceComponent":
        return
    found = icplan.diagnose(later, NAME, verdict=verdict_on(replay))
    assert found.ended is Ended.NOT_KNOWN
    assert "nothing has been written to it since" in str(found.worst.ended_because)


def test_something_else_was_written_since() -> None:
    """Neither as it was nor as was asked for."""
    before = stamped(simple(), 0)
    verdict = icplan.check(update(NAME, 1), before)
    after = stamped(simple(model="model-9"), 60)
    assert icplan.diagnose(after, NAME, verdict=verdict).ended is Ended.SUPERSEDED


def simple(copies: int = 2, model: str = "model-1", **more: Any) -> dict[str, Any]:
    return snapshot(GPU4, 2, component(NAME, copies, 1, **more) | {"Specification": spec(model)})


def spec(model: str) -> dict[str, Any]:
    need = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 1}
    return {"ModelName": model, "ComputeResourceRequirements": need}


def test_copies_that_autoscaling_sets_do_not_hide_that_it_was_done() -> None:
    verdict = icplan.check(update(NAME, 1), stamped(simple(), 0))
    after = stamped(simple(copies=5, model="model-2"), 60)
    found = icplan.diagnose(after, NAME, verdict=verdict)
    assert found.ended is Ended.DONE
    assert "set to 5 since" in str(found.worst.ended_because)


def test_what_aws_adds_to_a_description_is_no_other_write() -> None:
    """A cache where none was asked for, and whole numbers as decimals."""
    verdict = icplan.check(update(NAME, 1), stamped(simple(), 0))
    after = stamped(simple(model="model-2"), 60)
    described = after["InferenceComponents"][0]["Specification"]
    described["DataCacheConfig"] = {"EnableCaching": True}
    described["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] = 1.0
    assert icplan.diagnose(after, NAME, verdict=verdict).ended is Ended.DONE


def test_a_failure_reason_alone_tells_no_end() -> None:
    """AWS leaves it there after a later success."""
    after = stamped(simple(), 60, FailureReason="some reason")
    found = icplan.diagnose(after, NAME)
    assert (found.state, found.ended) == (State.NOT_KNOWN, Ended.NOT_KNOWN)
    assert found.worst.failure_reason == "some reason"
    assert found.exit_code is ExitCode.UNCERTAIN


def test_at_rest_with_nothing_to_tell() -> None:
    found = icplan.diagnose(stamped(simple(), 60), NAME)
    assert (found.state, found.ended, found.exit_code) == (State.AT_REST, None, ExitCode.OK)
    assert "give the verdict on it (--verdict)" in str(found.worst.ended_because)
    whole = icplan.diagnose(stamped(simple(), 60))
    assert [one.name for one in whole.situations] == [None]


@pytest.mark.parametrize("evidence", ["none", "verdict", "before"])
def test_a_failed_component_has_failed(evidence: str) -> None:
    before = stamped(simple(), 0)
    after = stamped(simple(InferenceComponentStatus="Failed", FailureReason="CannotStartContainerError"), 60)
    every: dict[str, dict[str, Any]] = {
        "none": {},
        "verdict": {"verdict": icplan.check(update(NAME, 1), before)},
        "before": {"before": before},
    }
    given_ = every[evidence]
    found = icplan.diagnose(after, NAME, **given_)
    assert (found.state, found.ended, found.exit_code) == (State.FAILED, Ended.FAILED, ExitCode.FAILS)
    assert any("could not be started" in one.message for one in found.causes)
    told = [*found.causes, found.worst.ended_because]
    assert sum("CannotStartContainerError" in str(one) for one in told) == 1


def test_whose_rollback_has_failed_is_not_said_of_every_component() -> None:
    """The endpoint alone tells that one has: of those that nothing shows to have been updated, it is open."""
    taken = snapshot(
        GPU4,
        2,
        component(NAME, 1, 1, FailureReason="no room"),
        component("embed", 1, 1),
    )
    taken["Endpoint"]["EndpointStatus"] = "UpdateRollbackFailed"
    found = {one.name: one for one in icplan.diagnose(taken).situations}
    assert (found[NAME].ended, found["embed"].ended) == (Ended.ROLLBACK_FAILED, Ended.NOT_KNOWN)
    assert any("AWS Support" in one.message for one in found[NAME].can)
    assert found[None].ended is Ended.ROLLBACK_FAILED


def test_a_deletion_that_was_not_asked_for() -> None:
    before = stamped(simple(), 0)
    gone = {**before, "InferenceComponents": [], "TakenAt": moment(60)}
    verdict = icplan.check(update(NAME, 1), before)
    found = icplan.diagnose(gone, NAME, verdict=verdict)
    assert (found.state, found.ended, found.exit_code) == (State.GONE, Ended.DELETED, ExitCode.FAILS)
    under_way = stamped(simple(InferenceComponentStatus="Deleting"), 0)
    asked = icplan.diagnose(gone, NAME, before=under_way)
    assert (asked.ended, asked.exit_code) == (Ended.DELETED, ExitCode.OK)


def test_a_creation_that_left_nothing() -> None:
    empty = {**stamped(simple(), 0), "InferenceComponents": []}
    request = {
        "InferenceComponentName": NAME,
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": spec("model-1"),
        "RuntimeConfig": {"CopyCount": 1},
    }
    verdict = icplan.check(request, empty)
    assert icplan.diagnose(empty, NAME, verdict=verdict).ended is Ended.NOT_KNOWN
    made = icplan.diagnose(stamped(simple(copies=1), 60), NAME, verdict=verdict)
    assert made.ended is Ended.DONE
    assert icplan.diagnose(stamped(simple(copies=1), 60), NAME, before=empty).ended is Ended.DONE


def test_values_of_the_environment_alone_cannot_be_told() -> None:
    """A snapshot holds none."""
    container = {"DeployedImage": {"SpecifiedImage": "i:1"}, "Environment": {"A": "REDACTED"}}
    taken = simple()
    taken["InferenceComponents"][0]["Specification"] = {
        "Container": container,
        "ComputeResourceRequirements": spec("")["ComputeResourceRequirements"],
    }
    request = {
        "InferenceComponentName": NAME,
        "Specification": {"Container": {"Image": "i:1", "Environment": {"A": "other"}}},
    }
    verdict = icplan.check(request, stamped(taken, 0))
    found = icplan.diagnose(stamped(taken, 60), NAME, verdict=verdict)
    assert found.ended is Ended.NOT_KNOWN
    assert "leaves no trace" in str(found.worst.ended_because)


def test_an_update_that_was_under_way_before() -> None:
    """What Describe shows meanwhile is not documented, so that its end is not told by it."""
    moving = stamped(simple(InferenceComponentStatus="Updating"), 0)
    after = stamped(simple(), 60)
    assert icplan.diagnose(after, NAME, before=moving).ended is Ended.NOT_KNOWN
    growing = stamped(simple(InferenceComponentStatus="Updating"), 0)
    growing["InferenceComponents"][0]["RuntimeConfig"]["CurrentCopyCount"] = 1
    assert icplan.diagnose(after, NAME, before=growing).ended is Ended.DONE
    creating = stamped(simple(InferenceComponentStatus="Creating"), 0)
    assert icplan.diagnose(after, NAME, before=creating).ended is Ended.DONE


@pytest.mark.parametrize("evidence", ["none", "verdict", "before"])
def test_what_ec2_had_not_is_not_mended_by_another_check(evidence: str) -> None:
    """Neither the diagnosis nor the check passes over what AWS has said."""
    before = stamped(snapshot(GPU4, 1, component(NAME, 2, 2), scaling=(1, 2)), 0)
    reason = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
    after = stamped(before, 60, FailureReason=reason)
    change = update(NAME, 1)
    verdict = icplan.check(change, before)
    every: dict[str, dict[str, Any]] = {
        "none": {},
        "verdict": {"verdict": verdict},
        "before": {"before": before},
    }
    advice = " ".join(one.message for one in icplan.diagnose(after, NAME, **every[evidence]).can)
    assert "later, or on another instance type" in advice
    assert "capacity reservation" in advice
    assert "what would make it fit" not in advice
    (note,) = (one.message for one in icplan.check(change, after).findings if one.rule == "ICP505")
    assert "a write to chat has failed with InsufficientInstanceCapacity" in note
    assert "has failed" not in next(one.message for one in verdict.findings if one.rule == "ICP505")


def test_several_changes_of_a_set_are_held_against_the_last() -> None:
    before = stamped(simple(), 0)
    scaled = {"InferenceComponentName": NAME, "DesiredRuntimeConfig": {"CopyCount": 3}}
    verdict = icplan.check([update(NAME, 1), scaled], before)
    after = stamped(simple(copies=3, model="model-2"), 60)
    found = icplan.diagnose(after, verdict=verdict)
    assert [(one.name, one.ended) for one in found.situations] == [(NAME, Ended.DONE)]


def test_an_earlier_snapshot_tells_of_what_is_another_now() -> None:
    """Components that are as they were are not listed, unless one is asked about."""
    before = stamped(snapshot(GPU4, 2, component(NAME, 2, 1), component("rank", 1, 1)), 0)
    after = stamped(snapshot(GPU4, 2, component(NAME, 3, 1), component("rank", 1, 1)), 60)
    found = icplan.diagnose(after, before=before)
    assert [(one.name, one.ended) for one in found.situations] == [(NAME, Ended.DONE)]
    same = icplan.diagnose(after, "rank", before=before)
    assert (same.ended, same.exit_code) == (None, ExitCode.OK)


def test_evidence_of_another_endpoint_is_refused() -> None:
    verdict = icplan.check(update(NAME, 1), stamped(simple(), 0))
    other = json.loads(json.dumps(stamped(simple(), 0)).replace('"prod"', '"other"'))
    with pytest.raises(icplan.InputError, match="the verdict is of endpoint 'prod'"):
        icplan.diagnose(other, NAME, verdict=verdict)
    with pytest.raises(icplan.InputError, match="the earlier snapshot is of endpoint"):
        icplan.diagnose(other, NAME, before=stamped(simple(), 0))
    with pytest.raises(icplan.InputError, match="Did you mean chat"):
        icplan.diagnose(stamped(simple(), 0), "chta")
    with pytest.raises(icplan.InputError, match="not both"):
        icplan.diagnose(other, NAME, verdict=verdict, before=other)
    with pytest.raises(icplan.InputError, match="a verdict of version 2; this icplan reads version 1"):
        icplan.diagnose(stamped(simple(), 0), NAME, verdict={"IcplanVerdict": 2})
    with pytest.raises(icplan.InputError, match="no complete verdict"):
        icplan.diagnose(stamped(simple(), 0), NAME, verdict={"IcplanVerdict": 1})


def test_a_situation_is_a_value() -> None:
    found = icplan.diagnose(stamped(simple(), 60), NAME)
    assert attrs.evolve(found) == found


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("There is not enough hardware resources on the instances ...", "what would make it fit"),
        ("The container did not pass the ping health check.", "mend first what the FailureReason tells"),
    ],
)
def test_what_is_advised_goes_by_the_reason(reason: str, advice: str) -> None:
    """More room helps no container that does not start."""
    before = stamped(simple(), 0)
    after = stamped(simple(FailureReason=reason), 60)
    found = icplan.diagnose(after, NAME, verdict=icplan.check(update(NAME, 1), before))
    assert found.ended is Ended.ROLLED_BACK
    assert any(advice in one.message for one in found.can)
