"""What hangs is called stuck only where nothing can go on; steps, times and advice are told as they are."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, scale, snapshot, update
from support.histories import NAME, moment, rolling, simulator, stamped

import icplan
from icplan.diagnosis.diagnosis import Basis, State
from icplan.testing.simulator import Policy, Refused
from icplan.verdict.gate import ExitCode
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.testing.simulator import Simulator


@st.composite
def hanging(draw: st.DrawFn) -> tuple[Simulator, dict[str, Any], int]:
    """A simulated endpoint, what AWS tells while a component is in motion, and the copies it waits for."""
    instances = draw(st.integers(1, 3))
    most = draw(st.sampled_from([None, instances, instances + 1]))
    accelerators = draw(st.integers(1, 3))
    copies = draw(st.integers(1, instances * (4 // accelerators)))
    made = simulator(instances, [(NAME, copies, accelerators)], most, draw(st.sampled_from(list(Policy))))
    taken = stamped(made.snapshot(), 30, InferenceComponentStatus="Updating")
    (described,) = taken["InferenceComponents"]
    if draw(st.booleans()):
        batch = draw(st.integers(1, copies))
        described["LastDeploymentConfig"] = rolling(batch)
        return made, taken, batch
    wanted = draw(st.integers(1, 3))
    described["RuntimeConfig"]["DesiredCopyCount"] += wanted
    described["InferenceComponentStatus"] = draw(st.sampled_from(["Creating", "Updating"]))
    return made, taken, wanted


@given(hanging())
def test_what_is_stuck_for_want_of_room_finds_none(case: tuple[Simulator, dict[str, Any], int]) -> None:
    """Whatever policy places its copies; and where there is said to be room, every policy finds it."""
    made, taken, waits_for = case
    found = icplan.diagnose(taken, NAME)
    room = any("there is room on the instances that run" in one.message for one in found.causes)
    event(f"{found.state}, room: {room}")
    for policy in Policy:
        world = made.fork(policy)
        try:
            world.place((NAME, 0), waits_for)
            placed = True
        except Refused:
            placed = False
        if found.state is State.STUCK:
            assert not placed
        if found.state is State.GOING:
            assert placed or any("more instance" in one.message for one in found.causes)
        if room:
            assert placed


def hung(**more: Any) -> dict[str, Any]:
    """Three copies of 3 accelerators that are to be replaced one by one; one accelerator is free on each."""
    taken = snapshot(GPU4, 3, component(NAME, 3, 3), scaling=(1, 3))
    config = rolling(1, 1, **more)
    told = {"InferenceComponentStatus": "Updating", "LastDeploymentConfig": config}
    return stamped(taken, 60, **told) | {"TakenAt": moment(105)}


def test_a_hung_update() -> None:
    """The worked example: where it stands, why, what comes, what to do and what not."""
    found = icplan.diagnose(hung(MaximumExecutionTimeoutInSeconds=7200))
    (one,) = found.situations
    assert (one.state, found.exit_code) == (State.STUCK, ExitCode.UNCERTAIN)
    assert one.elapsed_seconds == 50 * 60
    assert one.step is not None
    assert (one.step.first, one.step.last, one.step.of) == (1, 1, 3)
    assert (one.step.old, one.step.new) == ((3, 3), (0, 0))
    assert {cause.rule for cause in one.causes} >= {"ICP305", "ICP501"}
    times_out, rolls_back, nothing = one.next
    assert (times_out.at, times_out.basis) == (moment(55 + 120), Basis.DOCUMENTED)
    assert rolls_back.basis is Basis.INFERRED
    assert nothing.outcome is Outcome.FITS
    raises = next(advice for advice in one.can if "MaxInstanceCount to 4" in advice.message)
    assert raises.basis is Basis.NOT_DOCUMENTED
    assert "aws sagemaker update-endpoint" in raises.commands[1]
    assert any("UPDATE_RC_IN_PROGRESS" in warning.message for warning in one.must_not)


def test_a_time_limit_that_is_over() -> None:
    """By LastDeploymentConfig alone it may be another update's; a verdict makes it sure."""
    late = hung(MaximumExecutionTimeoutInSeconds=600)
    found = icplan.diagnose(late, NAME)
    assert (found.state, found.exit_code) == (State.STUCK, ExitCode.UNCERTAIN)
    before = snapshot(GPU4, 3, component(NAME, 3, 3), scaling=(1, 3))
    change = update(NAME, 1) | {"DeploymentConfig": rolling(1, 1, MaximumExecutionTimeoutInSeconds=600)}
    sure = icplan.diagnose(late, NAME, verdict=icplan.check(change, before))
    assert (sure.state, sure.exit_code) == (State.FAILING, ExitCode.FAILS)
    assert any("has been over for" in cause.message for cause in sure.causes)


def test_without_a_time_no_end_of_its_limit_is_claimed() -> None:
    """Since when it is under way is not told: it may be over, and old copies on their way back."""
    timeless = hung(MaximumExecutionTimeoutInSeconds=7200)
    for described in timeless["InferenceComponents"]:
        del described["LastModifiedTime"]
    (one,) = icplan.diagnose(timeless).situations
    assert one.elapsed_seconds is None
    assert any("may be over" in cause.message for cause in one.causes)
    assert not any("nothing to place" in comes.message for comes in one.next)
    assert one.step is None or one.step.new != (0, 0)


@given(
    st.integers(1, 8),
    st.sampled_from([("COPY_COUNT", 1), ("COPY_COUNT", 3), ("CAPACITY_PERCENT", 30)]),
    st.integers(0, 300),
    st.sampled_from([1, 4]),
)
def test_waits_that_outlast_the_limit_are_told_as_a_check_tells_them(
    copies: int, batch: tuple[str, int], wait: int, runs: int
) -> None:
    """By a verdict it is sure to fail; by LastDeploymentConfig alone it may be another update's."""
    taken = snapshot(GPU4, 4, component(NAME, copies, 1))
    size = {"Type": batch[0], "Value": batch[1]}
    policy = rolling(1, 1, MaximumExecutionTimeoutInSeconds=600)
    policy["RollingUpdatePolicy"] |= {"WaitIntervalInSeconds": wait, "MaximumBatchSize": size}
    verdict = icplan.check(update(NAME, 1) | {"DeploymentConfig": policy}, taken)
    told = [one.message for one in verdict.findings if one.rule == "ICP137"]
    too_long = any("s in all, more than the 600 s" in one for one in told)
    event(f"too long: {too_long}")
    moving = stamped(taken, 5, InferenceComponentStatus="Updating", LastDeploymentConfig=policy)
    for described in moving["InferenceComponents"]:
        described["RuntimeConfig"]["CurrentCopyCount"] = min(runs, copies)  # some may have been lost
    found = icplan.diagnose(moving, NAME, verdict=verdict)
    assert (found.state is State.FAILING) is too_long
    assert (found.exit_code is ExitCode.FAILS) is too_long
    alone = icplan.diagnose(moving, NAME)
    assert alone.state is not State.FAILING
    if runs >= copies:
        assert any("cannot end in time" in one.message for one in alone.causes) is too_long


def test_a_batch_that_is_there_waits_for_its_copies_to_start() -> None:
    """More copies run than are wanted: the batch has found its room."""
    taken = snapshot(GPU4, 3, component(NAME, 3, 1))
    described = taken["InferenceComponents"][0]
    described["Specification"]["StartupParameters"] = {
        "ModelDataDownloadTimeoutInSeconds": 600,
        "ContainerStartupHealthCheckTimeoutInSeconds": 600,
    }
    described["RuntimeConfig"]["CurrentCopyCount"] = 4
    moving = stamped(taken, 10, InferenceComponentStatus="Updating", LastDeploymentConfig=rolling(1))
    found = icplan.diagnose(moving, NAME)
    assert found.state is State.GOING
    assert found.step is not None
    assert found.step.new[0] == 1
    assert any("20 min to download and to start" in cause.message for cause in found.causes)


@pytest.mark.parametrize("status", ["Creating", "Updating"])
def test_it_takes_longer_than_any_time_out_allows(status: str) -> None:
    taken = snapshot(GPU4, 3, component(NAME, 2, 1))
    taken["InferenceComponents"][0]["RuntimeConfig"]["CurrentCopyCount"] = 1
    moving = stamped(taken, 60, InferenceComponentStatus=status)
    assert icplan.diagnose(moving, NAME).state is State.GOING
    late = {**moving, "TakenAt": moment(60 + 130)}
    found = icplan.diagnose(late, NAME)
    assert found.state is State.STUCK
    assert any("longer than its waits" in cause.message for cause in found.causes)


def test_what_is_under_way_is_not_guessed() -> None:
    """As many copies as are wanted, and no policy: of what kind the write is, nothing tells."""
    moving = stamped(snapshot(GPU4, 3, component(NAME, 2, 1)), 60, InferenceComponentStatus="Updating")
    found = icplan.diagnose(moving, NAME)
    assert (found.state, found.step) == (State.GOING, None)
    assert any("--verdict" in cause.message for cause in found.causes)


@st.composite
def plain_updates(draw: st.DrawFn) -> tuple[Simulator, dict[str, Any], dict[str, Any], bool]:
    """An endpoint before and during an update without a policy, and whether a verdict is given."""
    instances, accelerators = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    most = draw(st.sampled_from([None, instances, instances + 1]))
    copies = draw(st.integers(1, instances * (4 // accelerators)))
    made = simulator(instances, [(NAME, copies, accelerators)], most, draw(st.sampled_from(list(Policy))))
    before = stamped(made.snapshot(), 0)
    return made, before, stamped(before, 30, InferenceComponentStatus="Updating"), draw(st.booleans())


@given(plain_updates())
def test_a_plain_update_is_judged_as_a_check_judges_it(
    case: tuple[Simulator, dict[str, Any], dict[str, Any], bool],
) -> None:
    """With a verdict or without: it goes on where it fits, and no room is left where it does not fit."""
    made, before, moving, given_verdict = case
    verdict = icplan.check(update(NAME), before)
    found = icplan.diagnose(moving, NAME, verdict=verdict if given_verdict else None)
    said = [cause.message for cause in found.causes]
    event(f"{verdict.outcome}, {found.state}")
    assert (found.state is State.GOING) is verdict.fits
    assert any("no room is left" in one for one in said) is (verdict.outcome is Outcome.DOES_NOT_FIT)
    assert (found.state is State.STUCK) is (given_verdict and verdict.outcome is Outcome.DOES_NOT_FIT)
    assert "Updating for 5 min" in str(found)
    if verdict.outcome is Outcome.DOES_NOT_FIT:
        for policy in Policy:
            with pytest.raises(Refused):
                made.fork(policy).place((NAME, 0), 1)


def test_all_at_once_by_a_setting_says_nothing_of_one() -> None:
    """One more copy would fit; all of them would not, and the user knows that all are placed at once."""
    taken = snapshot(GPU4, 2, component(NAME, 3, 1), component("rank", 4, 1))
    moving = stamped(taken, 60, InferenceComponentStatus="Updating")
    at_once = {"update-without-deployment-config": "all-at-once"}
    said = [one.message for one in icplan.diagnose(moving, NAME, assume=at_once).causes]
    assert any(one.endswith("no room is left") for one in said)


@pytest.mark.parametrize(("old", "new"), [(1, 3), (3, 1)])
def test_room_for_copies_of_another_size_is_what_the_verdict_says(old: int, new: int) -> None:
    """Whether the old or the new specification is described is not documented: neither is judged."""
    taken = snapshot(GPU4, 2, component(NAME, 2, old), component("rank", 6 // old, 1))
    need = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": new}
    verdict = icplan.check(update(NAME, 1, ComputeResourceRequirements=need), taken)
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    found = icplan.diagnose(stamped(taken, 5, InferenceComponentStatus="Updating"), NAME, verdict=verdict)
    assert found.state is State.NOT_KNOWN
    assert any("by the verdict" in cause.message and "no room" in cause.message for cause in found.causes)


def test_a_verdict_tells_what_is_under_way() -> None:
    """An update all at once, and a scaling in which nothing is to be placed any more."""
    taken = snapshot(GPU4, 3, component(NAME, 3, 3), scaling=(1, 3))
    moving = stamped(taken, 60, InferenceComponentStatus="Updating")
    found = icplan.diagnose(moving, NAME, verdict=icplan.check(update(NAME), taken))
    assert found.worst.what == "update of chat"
    assert found.state is State.STUCK
    fewer = icplan.diagnose(moving, NAME, verdict=icplan.check(scale(NAME, 2), taken))
    assert (fewer.worst.what, fewer.state) == ("scaling of chat", State.GOING)


def test_a_rollback_of_copies_that_take_something_else() -> None:
    """Then the verdict tells what comes of it."""
    taken = snapshot(GPU4, 2, component(NAME, 2, 1), component("rank", 4, 1))
    need = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 2}
    change = update(NAME, 1, ComputeResourceRequirements=need)
    verdict = icplan.check(change, taken)
    moving = stamped(taken, 5, InferenceComponentStatus="Updating")
    found = icplan.diagnose(moving, NAME, verdict=verdict)
    assert verdict.changes[0].rollback_outcome in {one.outcome for one in found.next}


def test_an_instance_that_ec2_has_yet_to_give() -> None:
    taken = snapshot(GPU4, 1, component(NAME, 2, 4), scaling=(1, 2))
    taken["InferenceComponents"][0]["RuntimeConfig"]["CurrentCopyCount"] = 1
    taken["Endpoint"]["EndpointStatus"] = "Updating"
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 2
    moving = stamped(taken, 60, InferenceComponentStatus="Updating")
    found = icplan.diagnose(moving)
    one, endpoint = found.situations
    assert (one.name, one.state) == (NAME, State.GOING)
    assert any("1 more instance" in cause.message for cause in one.causes)
    assert (endpoint.name, endpoint.state, endpoint.instances_arriving) == (None, State.GOING, 1)


QUOTA = (
    "The account-level service limit 'ml.g5.12xlarge for endpoint usage' is 3 Instances, with current "
    "utilization of 3 Instances and a request delta of 1 Instances."
)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (QUOTA, "'ml.g5.12xlarge for endpoint usage' is 3, of which 3 were in use, and 1 more"),
        ("due to InsufficientInstanceCapacity error", "EC2 had no instance"),
        ("CapacityError: none", "lack of capacity"),
        ("There is not enough hardware resources on the instances for this", "found no room"),
        ("CannotStartContainerError: x", "could not be started"),
        ("something that is new", None),
    ],
)
def test_a_failure_reason_is_quoted_and_read(reason: str, words: str | None) -> None:
    found = icplan.diagnose(hung() | stamped(hung(), 60, FailureReason=reason), NAME)
    assert found.worst.failure_reason == reason
    assert any(reason in cause.message and cause.basis is Basis.SNAPSHOT for cause in found.causes)
    if words is not None:
        assert any(words in cause.message for cause in found.causes)


def test_a_secret_in_a_failure_reason_is_not_shown() -> None:
    token = "hf_abcdefghijklmnopqrstuvwxyz"  # noqa: S105  (a made-up one)
    found = icplan.diagnose(stamped(hung(), 60, FailureReason=f"refused {token}"), NAME)
    assert token not in str(found)


def test_autoscaling_and_alarms() -> None:
    taken = hung()
    taken["ScalableTargets"] = [{"ResourceId": f"inference-component/{NAME}", "MaxCapacity": 4}]
    taken["ScalingActivities"] = [
        {"ResourceId": f"inference-component/{NAME}", "StatusCode": "Failed", "StatusMessage": "no quota"},
        {"ResourceId": "inference-component/other", "StatusCode": "Failed", "StatusMessage": "unseen"},
    ]
    config = taken["InferenceComponents"][0]["LastDeploymentConfig"]
    config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": "errors"}]}
    found = icplan.diagnose(taken, NAME)
    assert any("suspend the scaling" in advice.message for advice in found.can)
    assert any("errors" in following.message for following in found.next)
    said = [cause.message for cause in found.causes]
    assert any("no quota" in one for one in said)
    assert not any("unseen" in one for one in said)


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("InService", State.AT_REST, ExitCode.OK),
        ("Updating", State.GOING, ExitCode.UNCERTAIN),
        ("SystemUpdating", State.GOING, ExitCode.UNCERTAIN),
        ("Creating", State.GOING, ExitCode.UNCERTAIN),
        ("RollingBack", State.FAILING, ExitCode.FAILS),
        ("UpdateRollbackFailed", State.FAILED, ExitCode.FAILS),
        ("Failed", State.FAILED, ExitCode.FAILS),
        ("Deleting", State.GOING, ExitCode.UNCERTAIN),
        ("OutOfService", State.NOT_KNOWN, ExitCode.UNCERTAIN),
        ("SomethingNew", State.NOT_KNOWN, ExitCode.UNCERTAIN),
    ],
)
def test_the_endpoint_itself(status: str, state: State, code: ExitCode) -> None:
    taken = snapshot(GPU4, 1)
    taken["Endpoint"] |= {"EndpointStatus": status, "FailureReason": "why"}
    found = icplan.diagnose(taken)
    assert (found.state, found.exit_code) == (state, code)
    assert found.worst.name is None
    assert found.causes[0].message == 'FailureReason: "why"'


def test_instances_being_taken_away() -> None:
    taken = snapshot(GPU4, 2)
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 1
    found = icplan.diagnose(taken)
    assert found.state is State.GOING
    assert "being taken away" in found.causes[0].message


@given(st.data())
def test_an_odd_description_is_no_traceback(data: st.DataObject) -> None:
    """Members that AWS leaves out, or answers otherwise, only leave less to be told."""
    taken = hung(MaximumExecutionTimeoutInSeconds=7200)
    described = taken["InferenceComponents"][0]
    gone = data.draw(st.sets(st.sampled_from(sorted({*described} - {"InferenceComponentName"}))))
    kept = {name: value for name, value in described.items() if name not in gone}
    kept |= {"LastModifiedTime": data.draw(st.sampled_from([moment(5), 1.0, 1e300, "then", None, -5]))}
    odd = copy.deepcopy(taken) | {"InferenceComponents": [kept]}
    if data.draw(st.booleans()):
        odd.pop("Endpoint")
    try:
        found = icplan.diagnose(odd, NAME)
    except icplan.InputError:
        return
    assume(found.worst.name == NAME)
    assert found.exit_code in ExitCode


def test_what_goes_on_needs_no_fix() -> None:
    """A change with room is followed, not mended."""
    before = stamped(snapshot(GPU4, 2, component(NAME, 2, 3), scaling=(1, 3)), 0)
    going = stamped(before, 60, InferenceComponentStatus="Updating", LastDeploymentConfig=rolling(1, 1))
    (found,) = icplan.diagnose(going, NAME).situations
    assert found.state is State.GOING
    advice = " ".join(one.message for one in found.can)
    assert "icplan wait chat --endpoint prod" in advice
    assert "fixes" not in advice
