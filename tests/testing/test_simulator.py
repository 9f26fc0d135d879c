"""The simulator itself: AWS's worked examples, its policies, and what may never happen."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import icplan
from icplan.testing.simulator import Machine, Policy, Refused, Simulator

SMALL = Machine("ml.g5.2xlarge", 7000, 24000, accelerators=1)
LARGE = Machine("ml.g5.12xlarge", 44000, 150000, accelerators=4)


def create(name: str, copies: int, devices: int = 1, memory: int = 1024, **more: Any) -> dict[str, Any]:
    compute = {
        "MinMemoryRequiredInMb": memory,
        "NumberOfAcceleratorDevicesRequired": devices,
    } | more
    request = {
        "InferenceComponentName": name,
        "EndpointName": "simulated",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "m-1", "ComputeResourceRequirements": compute},
        "RuntimeConfig": {"CopyCount": copies},
    }
    return {"Operation": "CreateInferenceComponent", "Request": request}


def scale(name: str, copies: int) -> dict[str, Any]:
    request = {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": copies}}
    return {"Operation": "UpdateInferenceComponentRuntimeConfig", "Request": request}


def update(name: str, batch: int | None = None, back: int | None = None, **more: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "InferenceComponentName": name,
        "Specification": {"ModelName": "m-2"},
    } | more
    if batch is not None:
        policy = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": batch}, "WaitIntervalInSeconds": 0}
        if back is not None:
            policy["RollbackMaximumBatchSize"] = {"Type": "COPY_COUNT", "Value": back}
        request["DeploymentConfig"] = {"RollingUpdatePolicy": policy}
    return {"Operation": "UpdateInferenceComponent", "Request": request}


def layout(simulator: Simulator) -> list[dict[str, int]]:
    """Copies by component on each instance."""
    return [{name: instance.holds(name) for name in simulator.components} for instance in simulator.instances]


def test_a_rolling_update_launches_one_instance_at_a_time() -> None:
    """AWS's scenario 1: three full one-GPU instances, batches of one copy, instances given back at once."""
    simulator = Simulator([SMALL], [SMALL.name] * 3, max_instances=4)
    simulator.apply(create("llama", 3))
    done = simulator.apply(update("llama", batch=1), release=True)
    assert done.peak_instances == 4
    assert len(simulator.instances) == 3
    assert simulator.copies("llama") == 3


def test_a_rolling_update_reuses_the_room_of_copies_that_left() -> None:
    """AWS's scenario 3: two free GPUs suffice for batches of two."""
    simulator = Simulator([LARGE], [LARGE.name] * 2, policy=Policy.BINPACK)
    simulator.apply(create("one", 4))
    simulator.apply(create("two", 2))
    assert layout(simulator) == [{"one": 4, "two": 0}, {"one": 0, "two": 2}]
    assert simulator.apply(update("one", batch=2)).peak_instances == 2
    assert simulator.copies("one") == 4


def test_an_update_at_once_needs_the_second_set() -> None:
    """Without a policy all new copies stand beside all old ones: twice the instances."""
    simulator = Simulator([SMALL], [SMALL.name] * 3, max_instances=6)
    simulator.apply(create("llama", 3))
    assert simulator.apply(update("llama")).peak_instances == 6
    assert simulator.release_idle() == 3
    tight = Simulator([SMALL], [SMALL.name] * 3, max_instances=5)
    tight.apply(create("llama", 3))
    with pytest.raises(Refused, match="not enough hardware resources") as refused:
        tight.apply(update("llama"))
    assert refused.value.rolled_back
    assert tight.copies("llama") == 3


def test_a_rollback_that_puts_all_back_at_once_may_fail_where_batches_do_not() -> None:
    """By default the whole old fleet comes back at once, beside all new copies."""
    for back, expected in ((None, False), (1, True)):
        simulator = Simulator([LARGE], [LARGE.name], policy=Policy.EVEN)
        simulator.apply(create("llama", 3))
        change = update("llama", batch=1, back=back)
        if expected:
            assert simulator.apply(change, alarm_after=2).rolled_back
            assert simulator.components["llama"].now[None]["ModelName"] == "m-1"
        else:
            with pytest.raises(Refused) as refused:
                simulator.apply(change, alarm_after=2)
            assert not refused.value.rolled_back
    assert simulator.copies("llama") == 3


def test_what_is_left_out_of_a_specification_keeps_its_value() -> None:
    """An update that names a model alone keeps what a copy reserves; the same again replaces nothing."""
    simulator = Simulator([LARGE], max_instances=1)
    simulator.apply(create("llama", 2, devices=2))
    with pytest.raises(Refused):
        simulator.apply(update("llama"))
    same = update("llama", Specification={"ModelName": "m-1"})
    assert simulator.apply(same).peak_instances == 1


def test_policies_place_as_their_names_say() -> None:
    """Evenly, by zone, onto few instances."""
    for policy, expected in ((Policy.EVEN, [1, 1, 1]), (Policy.BINPACK, [3, 0, 0])):
        simulator = Simulator([LARGE], [LARGE.name] * 3, policy=policy)
        simulator.apply(create("llama", 3))
        assert [each["llama"] for each in layout(simulator)] == expected
    spread = Simulator([LARGE], [LARGE.name] * 4, policy=Policy.SPREAD)
    spread.apply(create("llama", 6))
    zones = Counter[str]()
    for instance in spread.instances:
        zones[instance.zone] += instance.holds("llama")
    assert sorted(zones.values()) == [2, 2, 2]


def test_an_adversary_breaks_room_into_pieces() -> None:
    """It leaves by twos where twos were needed, if it can."""
    simulator = Simulator([LARGE], [LARGE.name] * 2)
    simulator.apply(create("llama", 8))
    simulator.apply(create("pair", 0, devices=2))
    evil = simulator.fork(Policy.ADVERSARIAL)
    evil.apply(update("llama", batch=2, Specification={"ModelName": "m-1"}))
    evil.apply(scale("llama", 6))
    assert sorted(each["llama"] for each in layout(evil)) == [2, 4]


def test_partitions_are_taken_by_their_own_kind() -> None:
    """A partition holds one copy of its type, and nothing else does."""
    machine = Machine("ml.p4d.24xlarge", 80000, 600000, 2, ("mig-3g.20gb", "mig-3g.20gb"))
    simulator = Simulator([machine])
    simulator.apply(create("llama", 4, AcceleratorPartitionType="mig-3g.20gb"))
    with pytest.raises(Refused):
        simulator.apply(scale("llama", 5))
    with pytest.raises(Refused):
        simulator.apply(create("other", 1, AcceleratorPartitionType="mig-7g.40gb"))
    assert list(simulator.components) == ["llama"]


def test_an_unknown_operation_is_a_mistake_of_the_caller() -> None:
    """Only changes of inference components are simulated."""
    change = {"Operation": "DeleteEndpoint", "Request": {"InferenceComponentName": "llama"}}
    with pytest.raises(ValueError, match="DeleteEndpoint"):
        Simulator([LARGE]).apply(change)


@st.composite
def changes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few operations on two components."""
    found = [create("one", draw(st.integers(1, 4))), create("two", draw(st.integers(1, 3)), 2)]
    for _ in range(draw(st.integers(0, 5))):
        name = draw(st.sampled_from(("one", "two")))
        if draw(st.booleans()):
            model = {"ModelName": draw(st.sampled_from(("m-1", "m-2")))}
            found.append(update(name, draw(st.none() | st.integers(1, 3)), Specification=model))
        else:
            found.append(scale(name, draw(st.integers(0, 6))))
    return found


@given(changes(), st.sampled_from(list(Policy)), st.integers(0, 2), st.booleans())
def test_nothing_is_ever_overbooked(
    asked: list[dict[str, Any]], policy: Policy, most: int, release: bool
) -> None:
    """Whatever is asked, no instance holds more than it offers, and no more instances run than allowed."""
    simulator = Simulator([LARGE], [LARGE.name] * 2, max_instances=2 + most, policy=policy)
    for change in asked:
        known = change["Request"]["InferenceComponentName"] in simulator.components
        if known == (change["Operation"] == "CreateInferenceComponent"):
            continue
        end = simulator.fork()
        try:
            end.apply(change, release=release)
        except Refused as refused:
            if not refused.rolled_back:
                continue
        simulator = end
        assert len(simulator.instances) <= 2 + most
        devices = {"one": 1, "two": 2}
        for each in layout(simulator):
            assert sum(n * devices[name] for name, n in each.items()) <= 4
        shown = simulator.snapshot(located=True)
        icplan.Snapshot.from_dict(shown)
        located = sum(row["Copies"] for row in shown.get("CopyLocations", []))
        assert located == sum(c["RuntimeConfig"]["CurrentCopyCount"] for c in shown["InferenceComponents"])


@given(changes(), st.sampled_from(list(Policy)), st.integers(0, 99))
def test_the_same_seed_does_the_same(asked: list[dict[str, Any]], policy: Policy, seed: int) -> None:
    """Two simulators with one seed end alike; so does a fork."""
    ends = []
    for _ in range(2):
        simulator = Simulator([LARGE], [LARGE.name] * 2, max_instances=4, policy=policy, seed=seed)
        for change in asked[:2]:
            simulator.apply(change)
        ends.append(simulator.snapshot(located=True))
    assert ends[0] == ends[1]
