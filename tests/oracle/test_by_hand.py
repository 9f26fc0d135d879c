"""The brute force itself, on cases whose answer can be derived on paper."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest
from truth import Truth, answers

Json: TypeAlias = dict[str, Any]

G5, G6, SMALL, LARGE = "ml.g5.12xlarge", "ml.g6e.12xlarge", "ml.g5.2xlarge", "ml.g5.48xlarge"
MACHINES: Json = {
    G5: {"memory": [1000, 1000], "cpu": ["48", "48"], "accelerators": 4},
    G6: {"memory": [1000, 1000], "cpu": ["48", "48"], "accelerators": 4},
    SMALL: {"memory": [1000, 1000], "cpu": ["8", "8"], "accelerators": 1},
    LARGE: {"memory": [1000, 1000], "cpu": ["192", "192"], "accelerators": 8},
}


def entry(devices: int = 0, memory: int = 128, cores: float = 0) -> Json:
    asked: Json = {"MinMemoryRequiredInMb": memory}
    if devices:
        asked["NumberOfAcceleratorDevicesRequired"] = devices
    if cores:
        asked["NumberOfCpuCoresRequired"] = cores
    return {"ComputeResourceRequirements": asked}


def anywhere(devices: int = 0, memory: int = 128, cores: float = 0) -> Json:
    return {"Specification": entry(devices, memory, cores)}


def on(**devices: int) -> Json:
    """Accelerators on some types alone, which are named as the constants above are."""
    names = {"g5": G5, "g6": G6, "small": SMALL, "large": LARGE}
    return {"Specifications": [{"InstanceType": names[name], **entry(n)} for name, n in devices.items()]}


def component(name: str, copies: int, asked: Json, **more: Any) -> Json:
    return {
        "InferenceComponentName": name,
        "VariantName": more.pop("variant", "v"),
        "InferenceComponentStatus": more.pop("status", "InService"),
        "RuntimeConfig": {
            "CurrentCopyCount": copies,
            "DesiredCopyCount": more.pop("desired", copies),
            **more,
        },
        **asked,
    }


def variant(running: dict[str, int], *, most: int | None = None, desired: int | None = None) -> Json:
    """Both forms of a variant: as configured, and as it is shown."""
    total = sum(running.values())
    pools = [{"InstanceType": name, "CurrentInstanceCount": n} for name, n in running.items()]
    configured: Json = {
        "InstancePools": [{"InstanceType": name, "Priority": n} for n, name in enumerate(running, 1)]
    }
    if most is not None:
        scaling = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": most}
        configured["ManagedInstanceScaling"] = scaling
    shown = {
        "CurrentInstanceCount": total,
        "DesiredInstanceCount": total if desired is None else desired,
        "InstancePools": pools,
    }
    return {"configured": configured, "shown": shown}


def truths(variants: dict[str, Json], components: list[Json], *calls: Json, **more: Any) -> list[Truth]:
    """What the brute force says, which must be the same under all readings."""
    snapshot = {
        "Endpoint": {
            "ProductionVariants": [{"VariantName": name, **one["shown"]} for name, one in variants.items()]
        },
        "EndpointConfig": {
            "ProductionVariants": [
                {"VariantName": name, **one["configured"]} for name, one in variants.items()
            ]
        },
        "InferenceComponents": components,
        **more.pop("snapshot", {}),
    }
    machines = MACHINES | more.pop("machines", {})
    used = {one["InstanceType"] for v in variants.values() for one in v["configured"]["InstancePools"]}
    case = {
        "machines": {name: one for name, one in machines.items() if name in used},
        "snapshot": snapshot,
        "change": list(calls),
    }
    found = list(answers(case).values())
    outcomes = {tuple((one.forward.outcome, one.rollback) for one in reading) for reading in found}
    assert len(outcomes) == 1
    return found[0]


def outcome(variants: dict[str, Json], components: list[Json], *calls: Json, **more: Any) -> str:
    return truths(variants, components, *calls, **more)[-1].forward.outcome


def create(copies: int, asked: Json, *, name: str = "new") -> Json:
    request = {"InferenceComponentName": name, "VariantName": "v", "RuntimeConfig": {"CopyCount": copies}}
    return {"Operation": "CreateInferenceComponent", "Request": request | asked}


def delete(name: str) -> Json:
    return {"Operation": "DeleteInferenceComponent", "Request": {"InferenceComponentName": name}}


def roll(name: str, asked: Json, *, batch: int = 1, back: int = 1) -> Json:
    policy = {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": batch},
        "RollbackMaximumBatchSize": {"Type": "COPY_COUNT", "Value": back},
    }
    request = {"InferenceComponentName": name, "DeploymentConfig": {"RollingUpdatePolicy": policy}}
    return {"Operation": "UpdateInferenceComponent", "Request": request | asked}


@pytest.mark.parametrize(
    ("devices", "expected"), [(2, "fits"), (3, "fits"), (4, "may-not-fit"), (5, "does-not-fit")]
)
def test_free_room_in_all_is_not_room_for_a_copy(devices: int, expected: str) -> None:
    """Two copies of one accelerator lie together (2 and 4 are free) or apart (3 and 3)."""
    there = [component("a", 2, anywhere(1))]
    assert outcome({"v": variant({G5: 2})}, there, create(1, anywhere(devices))) == expected


@pytest.mark.parametrize(
    ("most", "expected"), [(1, "does-not-fit"), (2, "may-not-fit"), (3, "fits-after-scale-out")]
)
def test_the_type_that_is_launched_is_not_known(most: int, expected: str) -> None:
    """Two copies more: one of the large type would hold both, of the small type each holds one."""
    fleet = {"v": variant({G5: 1, LARGE: 0}, most=most)}
    assert outcome(fleet, [component("a", 1, on(g5=4))], create(2, on(g5=4, large=4))) == expected


def test_memory_that_is_not_known_in_full() -> None:
    unsure = {G5: {"memory": [500, 1000], "cpu": ["48", "48"], "accelerators": 4}}
    fleet = {"v": variant({G5: 1})}
    for memory, expected in ((500, "fits"), (501, "may-not-fit"), (1001, "does-not-fit")):
        assert outcome(fleet, [], create(1, anywhere(1, memory)), machines=unsure) == expected
    running = [component("a", 1, anywhere(1, 600))]
    assert outcome(fleet, running, create(1, anywhere(1, 300)), machines=unsure) == "may-not-fit"
    both = [component("a", 2, anywhere(1, 450))]
    assert outcome({"v": variant({G5: 2})}, both, create(2, anywhere(1, 50)), machines=unsure) == "fits"


def test_an_instance_on_its_way_has_a_type() -> None:
    there = [component("a", 1, on(g5=4))]
    full = {"v": variant({G5: 1, G6: 0}, most=2, desired=2)}
    assert outcome(full, there, create(1, on(g6=4))) == "may-not-fit"
    assert outcome(full, there, create(1, on(g5=4, g6=4))) == "fits-after-scale-out"
    assert outcome(full, there, create(2, on(g5=4, g6=4))) == "does-not-fit"
    more = {"v": variant({G5: 1, G6: 0}, most=3, desired=2)}
    assert outcome(more, there, create(1, on(g6=4))) == "fits-after-scale-out"


@pytest.mark.parametrize("most", [None, 1])
def test_an_instance_on_its_way_comes_whatever_the_limits(most: int | None) -> None:
    fleet = {"v": variant({G5: 1}, most=most, desired=2)}
    assert outcome(fleet, [component("a", 1, anywhere(4))], create(1, anywhere(4))) == "fits-after-scale-out"


def test_another_component_launches_what_the_target_cannot_use() -> None:
    there = [component("a", 1, on(g5=4)), component("y", 0, on(g6=4), status="Creating", desired=1)]
    assert outcome({"v": variant({G5: 1, G6: 0}, most=2)}, there, create(1, on(g5=4))) == "may-not-fit"
    enough = {"v": variant({G5: 1, G6: 0}, most=3)}
    assert outcome(enough, there, create(1, on(g5=4))) == "fits-after-scale-out"


@pytest.mark.parametrize(
    ("status", "expected"),
    [("InService", "does-not-fit"), ("Deleting", "may-not-fit"), ("Updating", "may-not-fit")],
)
def test_copies_in_motion_may_leave_or_stay(status: str, expected: str) -> None:
    """y holds 2 of 4, and a copy that is replaced may come back on the other instance."""
    there = [component("y", 1, anywhere(2), status=status), component("a", 1, on(g6=3))]
    fleet = {"v": variant({G5: 1, LARGE: 1, G6: 1})}
    placed = [{"InstanceType": G5, "CurrentCopyCount": 1}]
    there[0]["RuntimeConfig"]["PlacementStatus"] = placed
    assert outcome(fleet, there, create(1, on(g5=4))) == expected


def test_variants_share_a_quota() -> None:
    fleet = {"v": variant({G5: 1}, most=3), "w": variant({G5: 1}, most=3)}
    there = [
        component("a", 1, anywhere(4)),
        component("y", 1, anywhere(4), variant="w", status="Updating"),
    ]
    for quota, expected in ((2, "does-not-fit"), (3, "may-not-fit"), (4, "fits-after-scale-out")):
        limits = {"Quotas": [{"QuotaName": f"{G5} for endpoint usage", "Value": quota}]}
        assert outcome(fleet, there, create(1, anywhere(4)), snapshot=limits) == expected


def test_instances_being_taken_away_hold_their_quota_until_they_are_gone() -> None:
    limits = {"Quotas": [{"QuotaName": f"{G5} for endpoint usage", "Value": 3}]}
    fleet = {"v": variant({G5: 3}, most=5, desired=1)}
    there = [component("a", 1, anywhere(4))]
    assert outcome(fleet, there, create(2, anywhere(4)), snapshot=limits) == "may-not-fit"
    assert outcome(fleet, there, create(3, anywhere(4)), snapshot=limits) == "does-not-fit"


def test_idle_instances_are_taken_away() -> None:
    there = [component("a", 1, on(g5=4, g6=4), PlacementStatus=[{"InstanceType": G6, "CurrentCopyCount": 1}])]
    assert outcome({"v": variant({G5: 1, G6: 1}, desired=1)}, there, create(1, on(g5=4))) == "does-not-fit"


def test_cores_are_added_as_they_are_written() -> None:
    fleet = {"v": variant({SMALL: 1})}
    for copies, cores, expected in ((3, 2.66666, "fits"), (3, 2.66667, "does-not-fit"), (10, 0.8, "fits")):
        assert outcome(fleet, [], create(copies, anywhere(0, 1, cores))) == expected


@pytest.mark.parametrize(("most", "expected"), [(3, "does-not-fit"), (4, "fits-after-scale-out")])
def test_a_batch_needs_room_beside_the_old_copies(most: int, expected: str) -> None:
    """AWS's first worked example: three full instances, one launched for each batch of one."""
    there = [component("a", 3, anywhere(1))]
    assert outcome({"v": variant({SMALL: 3}, most=most)}, there, roll("a", anywhere(1))) == expected


def test_freed_room_takes_the_next_batch() -> None:
    """AWS's third example: 4 and 2 of 4 are used; the second batch takes what the first has left."""
    there = [component("a", 4, anywhere(1)), component("b", 2, anywhere(1))]
    (found,) = truths({"v": variant({G5: 2})}, there, roll("a", anywhere(1), batch=2))
    assert (found.forward.outcome, found.rollback) == ("fits", "fits")
    (found,) = truths({"v": variant({G5: 2})}, there, roll("a", anywhere(1), batch=2, back=4))
    assert (found.forward.outcome, found.rollback) == ("fits", "does-not-fit")


def test_a_rollback_finds_what_old_copies_have_left_unless_another_takes_it() -> None:
    """Back on the small type; only a component that is still to come can be in the way."""
    fleet = {"v": variant({SMALL: 1, G6: 0}, most=2)}
    there = [component("a", 1, on(small=1))]
    (found,) = truths(fleet, there, roll("a", on(g6=4)))
    assert (found.forward.outcome, found.rollback) == ("fits-after-scale-out", "fits")
    there.append(component("y", 0, on(small=1), status="Creating", desired=1))
    (found,) = truths(fleet, there, roll("a", on(g6=4)))
    assert (found.forward.outcome, found.rollback) == ("may-not-fit", "may-not-fit")


def test_a_rollback_goes_back_to_instances_that_are_still_there() -> None:
    """The third new copy finds none; the two old ones that left have their instances still."""
    fleet = {"v": variant({SMALL: 3, G6: 0}, most=5)}
    there = [component("a", 3, on(small=1))]
    (found,) = truths(fleet, there, roll("a", on(g6=4)))
    assert (found.forward.outcome, found.rollback) == ("does-not-fit", "fits")


def test_later_requests_meet_what_earlier_ones_left() -> None:
    fleet = {"v": variant({G5: 1, G6: 0})}
    there = [component("a", 1, on(g5=3))]
    assert outcome(fleet, there, delete("a"), create(1, on(g5=4))) == "fits"
    grown = {"v": variant({G5: 1, LARGE: 0}, most=2)}
    full = [component("a", 1, on(g5=4))]
    first = create(1, on(g5=4, large=4))
    second = create(1, on(large=4), name="newer")
    assert [one.forward.outcome for one in truths(grown, full, first, second)] == [
        "fits-after-scale-out",
        "may-not-fit",
    ]


def test_an_emptied_instance_may_be_given_back_between_requests() -> None:
    """Then it has to be launched again, or what is launched in the meantime has taken its place."""
    fleet = {"v": variant({G5: 1, LARGE: 1}, most=2)}
    there = [component("a", 1, on(large=4)), component("b", 1, on(g5=4))]
    assert outcome(fleet, there, delete("a"), create(1, on(large=8))) == "fits-after-scale-out"
    settled = {"v": variant({G5: 1, LARGE: 1})}
    assert outcome(settled, there, delete("a"), create(1, on(large=8))) == "fits"
