"""What AWS would have told before a change and after it, replayed by the simulator, with its true end."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from icplan.testing.simulator import Machine, Policy, Refused, Simulator
from icplan.testing.simulator.simulated_fleet import HARDWARE
from support.endpoints import GPU4

if TYPE_CHECKING:
    from collections.abc import Sequence

START = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
NAME = "chat"


def stamped(taken: dict[str, Any], minutes: int, **members: Any) -> dict[str, Any]:
    """The snapshot as taken then, its component last modified five minutes before, with more members."""
    done = copy.deepcopy(taken)
    done["TakenAt"] = moment(minutes)
    told = {"LastModifiedTime": moment(minutes - 5)} | members
    components = done["InferenceComponents"]
    done["InferenceComponents"] = [
        one | told if one["InferenceComponentName"] == NAME else one for one in components
    ]
    return done


def moment(minutes: int) -> str:
    """So many minutes after the beginning."""
    return (START + dt.timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


@attrs.frozen
class Replay:
    """A change, what was told before it and after it, and how it ended."""

    before: dict[str, Any]
    change: dict[str, Any]
    after: dict[str, Any]
    ended: str


def simulator(
    instances: int, copies: Sequence[tuple[str, int, int]], most: int | None, policy: Policy = Policy.EVEN
) -> Simulator:
    """An endpoint of GPU4 instances with components: name, copies, accelerators of each."""
    made = Simulator(
        [Machine(GPU4, 40_000, 98_304, 4)], [GPU4] * instances, max_instances=most, policy=policy
    )
    for name, count, accelerators in copies:
        made.apply({"Operation": "CreateInferenceComponent", "Request": creation(name, count, accelerators)})
    return made


def creation(name: str, copies: int, accelerators: int, model: str = "m-1") -> dict[str, Any]:
    """A request that creates a component on a simulated endpoint."""
    need = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": accelerators}
    return {
        "InferenceComponentName": name,
        "EndpointName": "simulated",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": model, "ComputeResourceRequirements": need},
        "RuntimeConfig": {"CopyCount": copies},
    }


def rolling(batch: int, rollback: int | None = None, **more: Any) -> dict[str, Any]:
    """A DeploymentConfig."""
    policy: dict[str, Any] = {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": batch},
        "WaitIntervalInSeconds": 60,
    }
    if rollback is not None:
        policy["RollbackMaximumBatchSize"] = {"Type": "COPY_COUNT", "Value": rollback}
    return {"RollingUpdatePolicy": policy | more}


@st.composite
def replays(draw: st.DrawFn) -> Replay:
    """A write to the component, carried out; what does not work ends as the simulator ends it."""
    instances = draw(st.integers(1, 3))
    most = draw(st.sampled_from([None, instances, instances + 1]))
    policy = draw(st.sampled_from(list(Policy)))
    made = _endpoint(draw, instances, most, policy)
    reason = draw(st.booleans())
    old_reason = draw(st.sampled_from([None, "an earlier failure"]))
    earlier = {} if old_reason is None else {"FailureReason": old_reason}
    before = stamped(made.snapshot(), 0, **earlier)
    change = draw(changes(made.copies(NAME)))
    alarm = draw(st.sampled_from([None, None, 0, 1]))
    ended = "done"
    try:
        done = made.apply(change, alarm_after=alarm)
        ended = "rolled-back" if done.rolled_back else "done"
    except Refused as refused:
        ended = "rolled-back" if refused.rolled_back else "rollback-failed"
    request = change["Request"]
    if change["Operation"] == "DeleteInferenceComponent":
        return Replay(before, change, stamped(made.snapshot(), 90), "deleted")
    shown: dict[str, Any] = dict(earlier)
    if "DeploymentConfig" in request:
        shown["LastDeploymentConfig"] = request["DeploymentConfig"]
    if ended != "done" and reason:
        shown["FailureReason"] = HARDWARE
    after = stamped(made.snapshot(), 90, **shown)
    if ended == "rollback-failed":
        after["Endpoint"]["EndpointStatus"] = "UpdateRollbackFailed"
    return Replay(before, change, after, ended)


def _endpoint(draw: st.DrawFn, instances: int, most: int | None, policy: Policy) -> Simulator:
    accelerators = draw(st.integers(1, 3))
    per_instance = 4 // accelerators
    copies = draw(st.integers(1, max(1, instances * per_instance)))
    made = simulator(instances, [(NAME, copies, accelerators)], most, policy)
    if draw(st.booleans()):
        try:
            made.apply({"Operation": "CreateInferenceComponent", "Request": creation("rank", 1, 1)})
        except Refused:
            made.components.pop("rank", None)
    return made


def changes(copies: int) -> st.SearchStrategy[dict[str, Any]]:
    """A new model all at once or in batches, another number of copies, or a deletion."""
    model = {"InferenceComponentName": NAME, "Specification": {"ModelName": "m-2"}}
    batches = [{"DeploymentConfig": rolling(1)}, {"DeploymentConfig": rolling(1, 1)}, {}]
    updates = st.sampled_from(batches).map(
        lambda more: {"Operation": "UpdateInferenceComponent", "Request": model | more}
    )
    counts = st.sampled_from([n for n in range(6) if n != copies]).map(
        lambda n: {
            "Operation": "UpdateInferenceComponentRuntimeConfig",
            "Request": {"InferenceComponentName": NAME, "DesiredRuntimeConfig": {"CopyCount": n}},
        }
    )
    gone = st.just({"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": NAME}})
    return updates | updates | counts | gone
