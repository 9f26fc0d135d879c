"""AWS's worked examples of updates and placement, with the order of events and the most instances.

The letters are those under which they were collected: scenarios 1 to 5 of "Enhance deployment guardrails with
inference component rolling updates" (AWS, 2025-03-25), its introduction, and runs that were published.
"""

from __future__ import annotations

from collections import Counter

import attrs
import pytest
from support.emulated import QUICK, World, needs, rolling

from icplan.testing import Policy, Timing

ONE_GPU = "ml.g5.2xlarge"
FOUR_GPUS = "ml.g5.12xlarge"


def test_a_blue_green_needs_a_second_set() -> None:
    """A: ten copies of four GPUs on five full instances; without a rolling policy five more come."""
    world = World.of("ml.p4d.24xlarge", 5, most=10)
    world.create("llama", 10, needs(4))
    world.update("llama")
    world.settle()
    assert (world.fleet.peak, world.component("llama")["Specification"]["ModelName"]) == (10, "m-2")
    tight = World.of("ml.p4d.24xlarge", 5, most=9)
    tight.create("llama", 10, needs(4))
    tight.update("llama")
    tight.settle()
    assert "not enough hardware" in tight.component("llama")["FailureReason"]
    assert tight.component("llama")["Specification"]["ModelName"] == "m-1"


def test_b_one_instance_more_at_a_time() -> None:
    """B, scenario 1: three full instances; launch one, new copy, old copy and its instance away, thrice."""
    world = World.of(ONE_GPU, 3, most=4)
    world.create("llama", 3, needs(1))
    before = len(world.fake.emulator.region().events)
    world.update("llama", rolling(1))
    world.settle()
    events = world.fake.emulator.region().events[before:]
    order = [event.what for event in events]
    round_ = [
        "batch begins",
        "instance launched",
        "copy placed",
        "instance ready",
        "copy runs",
        "copy stopping",
    ]
    once = [*round_, "instance stopping", "batch done"]
    rounds = "\n".join(what for what in order if what not in ("instance gone", "InService"))
    assert rounds == "\n".join(once * 3)
    assert world.fleet.peak == 4
    world.fake.clock.advance("1m")
    assert world.instances() == (3, 3)
    assert world.copies("llama") == (3, 3)


@pytest.mark.parametrize("most", [3, None])
def test_b_without_a_fourth_instance_it_fails(most: int | None) -> None:
    """B': with a maximum of three, or without managed scaling, the update cannot be placed."""
    world = World.of(ONE_GPU, 3, most=most)
    world.create("llama", 3, needs(1))
    world.update("llama", rolling(1))
    world.settle()
    assert "not enough hardware" in world.component("llama")["FailureReason"]
    assert (world.fleet.peak, world.copies("llama")) == (3, (3, 3))


def test_c_freed_room_is_used_by_the_next_batch() -> None:
    """C, scenario 3: two free GPUs suffice for batches of two; the other component is not touched."""
    world = World.of(FOUR_GPUS, 2, policy=Policy.BINPACK)
    world.create("one", 4, needs(1))
    world.create("two", 2, needs(1))
    assert world.layout() == [{"one": 4}, {"two": 2}]
    world.update("one", rolling(2))
    world.settle()
    assert world.fleet.peak == 2
    assert world.layout() == [{"one": 2}, {"two": 2, "one": 2}]
    batches = [event.what for event in world.fake.history("one") if event.what.startswith("batch")]
    assert batches == ["batch begins", "batch done"] * 2


@pytest.mark.parametrize("batch", [2, 1])
def test_d_copies_are_not_consolidated(batch: int) -> None:
    """D and D', scenario 4: a full instance, a second one for the new copies, and so it stays."""
    world = World.of(FOUR_GPUS, 1, most=2)
    world.create("one", 2, needs(1))
    world.create("two", 2, needs(1))
    assert world.instances() == (1, 1)
    world.update("one", rolling(batch))
    world.settle()
    assert (world.fleet.peak, len(world.layout())) == (2, 2)
    if batch == 2:
        assert world.layout() == [{"two": 2}, {"one": 2}]
    alone = World.of(FOUR_GPUS, 1)
    alone.create("one", 2, needs(1))
    alone.create("two", 2, needs(1))
    alone.update("one", rolling(batch))
    alone.settle()
    assert "not enough hardware" in alone.component("one")["FailureReason"]


@pytest.mark.parametrize("returns", [True, False])
def test_e_capacity_runs_out_in_the_fifth_batch(returns: bool) -> None:
    """E, scenario 5: thirty full instances, batches of four; after four of them EC2 has no more.

    The update rolls back; if capacity is there again that works, else the endpoint is UpdateRollbackFailed.
    """
    world = World.of("ml.g6e.16xlarge", 30, most=34)
    world.create("large", 30, needs(1))
    world.update("large", rolling(4, back=4))
    batches = 0
    while batches < 4:
        world.fake.clock.step()
        batches = world.events("large").count("batch done")
    world.fake.no_capacity("ml.g6e.16xlarge")
    while "rolls back" not in world.events("large"):
        world.fake.clock.step()
    assert world.endpoint()["EndpointStatus"] == "RollingBack"
    if returns:
        world.fake.capacity_returns("ml.g6e.16xlarge")
    world.settle()
    world.fake.clock.advance("5m")  # the last instances that were emptied are given back
    endpoint, component = world.endpoint()["EndpointStatus"], world.component("large")
    assert "InsufficientInstanceCapacity" in component["FailureReason"]
    revisions = Counter(one.revision for one in world.fake.emulator.region().components["large"].copies)
    if returns:
        assert (endpoint, component["InferenceComponentStatus"]) == ("InService", "InService")
        assert set(revisions) == {0}
    else:
        assert endpoint == "UpdateRollbackFailed"
        assert len(revisions) == 2
    assert component["Specification"]["ModelName"] == "m-1"
    assert sum(revisions.values()) == 30


@pytest.mark.parametrize(("devices", "quota"), [(1, 9), (4, 10)])
def test_f_the_quota_that_aws_reckons_is_enough(devices: int, quota: int) -> None:
    """F1, F2: eight full instances of four GPUs, batches of two: a quota of 9, or 10, is enough, not less."""
    for limit in (quota, quota - 1):
        world = World.of(FOUR_GPUS, 8, most=20, quotas={FOUR_GPUS: limit})
        copies = 8 * 4 // devices
        world.create("llama", copies, needs(devices))
        world.update("llama", rolling(2))
        world.settle()
        reason = world.component("llama").get("FailureReason", "")
        assert ("account-level service limit" in reason) is (limit < quota)
        assert world.fleet.peak <= quota


def test_g_and_h_the_measured_update() -> None:
    """G, H: two copies on one-GPU instances; three while it rolls, about half an hour, two at the end."""
    world = World.of("ml.g6e.4xlarge", 1, most=4, timing=Timing())
    world.client.create_inference_component(
        InferenceComponentName="qwen",
        EndpointName="prod",
        VariantName="v",
        Specification={"ModelName": "m-1", "ComputeResourceRequirements": needs(1, 4096)},
        RuntimeConfig={"CopyCount": 2},
    )
    assert (world.instances(), world.endpoint()["EndpointStatus"]) == ((1, 2), "Updating")
    world.settle()
    assert (world.instances(), world.copies("qwen")) == ((2, 2), (2, 2))
    begin = world.fake.clock.now
    world.update("qwen", rolling(1, wait=60, back=1))
    world.fake.clock.advance("15m")
    assert world.instances()[0] == 3
    world.settle()
    assert 25 * 60 <= world.fake.clock.now - begin <= 40 * 60
    assert world.fleet.peak == 3
    world.fake.clock.advance("20m")
    assert world.instances() == (2, 2)


@pytest.mark.parametrize("bad", [True, False])
def test_i_an_alarm_rolls_a_bad_model_back(bad: bool) -> None:
    """I: a 4xx alarm while a batch is watched rolls back to what was; a good model is done."""
    world = World.of(ONE_GPU, 2, most=4)
    world.create("llama", 2, needs(1))
    world.update("llama", rolling(1, wait=120, alarm="4xx"))
    while "copy runs" not in world.events("llama")[-1:] or world.copies("llama")[1] < 3:
        world.fake.clock.step()
    if bad:
        world.fake.set_alarm("4xx")
    world.settle()
    component = world.component("llama")
    assert component["InferenceComponentStatus"] == "InService"
    assert component["Specification"]["ModelName"] == ("m-1" if bad else "m-2")
    assert ("FailureReason" in component) is bad
    assert (world.fleet.peak, world.copies("llama")) == (3, (2, 2))


def test_j_pools_hold_a_copy_of_their_own_specification() -> None:
    """J, J': a copy takes all GPUs of the type it is on; five need a fifth instance, a sixth finds none."""
    types = ["ml.g6e.48xlarge", "ml.g6.48xlarge", "ml.g5.48xlarge", "ml.g6.12xlarge", "ml.g5.12xlarge"]
    devices = {kind: 4 if "12x" in kind else 8 for kind in types}
    world = World.of(
        types, 4, most=5, capacity=dict.fromkeys(types, 1), timing=attrs.evolve(QUICK, idle_release=300)
    )
    counts = Counter(one.machine.name for one in world.fleet.instances)
    assert counts == Counter(types[:4])
    specifications = [
        {"InstanceType": kind, "ModelName": "m-1", "ComputeResourceRequirements": needs(n)}
        for kind, n in devices.items()
    ]
    world.client.create_inference_component(
        InferenceComponentName="any",
        EndpointName="prod",
        VariantName="v",
        Specifications=specifications,
        RuntimeConfig={"CopyCount": 3},
    )
    world.settle()
    assert sorted(len(one) for one in world.layout()) == [0, 1, 1, 1]
    world.scale("any", 5)
    assert world.instances() == (4, 5)
    world.settle()
    assert world.copies("any") == (5, 5)
    world.scale("any", 6)
    world.settle()
    assert "not enough hardware" in world.component("any")["FailureReason"]
    world.scale("any", 1)
    world.settle()
    world.fake.clock.advance("5m")
    assert world.instances()[1] == 1


def test_k_three_copies_on_one_cpu_instance() -> None:
    """K: one core and 1024 MB each on an ml.c5.xlarge that may not scale."""
    world = World.of("ml.c5.xlarge", 1, most=1)
    world.create("small", 3, needs(0, 1024, 1))
    assert (world.copies("small"), world.layout()) == ((3, 3), [{"small": 3}])


def test_l_copies_are_spread_over_zones() -> None:
    """L: four instances in two zones: one copy each, then two each; another component one copy per zone."""
    zones = {"us-east-1a": 2, "us-east-1b": 2}
    world = World.of(FOUR_GPUS, 4, capacity={FOUR_GPUS: zones})
    balance = {"EnforcementMode": "PERMISSIVE", "MaxImbalance": 1}
    scheduling = {"PlacementStrategy": "SPREAD", "AvailabilityZoneBalance": balance}
    world.create("one", 4, needs(1), SchedulingConfig=scheduling)
    assert [each["one"] for each in world.layout()] == [1, 1, 1, 1]
    world.scale("one", 8)
    world.settle()
    assert [each["one"] for each in world.layout()] == [2, 2, 2, 2]
    world.create("two", 2, needs(1), SchedulingConfig=scheduling)
    where = Counter(one.zone for one in world.fleet.instances if one.holds("two"))
    assert where == Counter({"us-east-1a": 1, "us-east-1b": 1})


@pytest.mark.parametrize(("copies", "fits"), [(8, True), (9, False)])
def test_m_partitions_of_a_type(copies: int, fits: bool) -> None:
    """M: a layout with one partition of a type on each of eight accelerators takes eight copies of it."""
    layout = [{"AcceleratorPartitionTypes": ["mig-3g.20gb", "mig-2g.10gb"]}]
    world = World.of("ml.p4d.24xlarge", 1, variant={"AcceleratorPartitionLayouts": layout})
    world.create("llama", copies, needs(1, AcceleratorPartitionType="mig-3g.20gb"))
    assert world.component("llama")["InferenceComponentStatus"] == ("InService" if fits else "Failed")


def test_n_three_components_share_an_instance() -> None:
    """N: one, two and one GPUs of 4096 MB each on one instance of four, which may grow and need not."""
    world = World.of("ml.g6e.12xlarge", 1, most=2, timing=QUICK)
    for name, devices in (("a", 1), ("b", 2), ("c", 1)):
        world.create(name, 1, needs(devices, 4096))
    assert (world.instances(), world.layout()) == ((1, 1), [{"a": 1, "b": 1, "c": 1}])
