"""What findings say: of each component, member and instance type no more and no less than is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.endpoints import GPU4, component, create, pooled, scale, snapshot, update

import icplan

if TYPE_CHECKING:
    from icplan.verdict.finding import Finding

OTHER4 = "ml.g6.12xlarge"
NOT_COUNTED = "what is free on ml.g6.12xlarge does not count, since no specification is for it"


def findings(taken: dict[str, Any], change: dict[str, Any]) -> dict[str, Finding]:
    verdict = icplan.check(change, icplan.Snapshot.from_dict(taken))
    return {finding.rule: finding for finding in verdict.findings}


def pools(*types: str) -> dict[str, Any]:
    """An endpoint with pools that has a component on the first type alone, and a component for some types."""
    running = dict.fromkeys(types, 0) | {types[0]: 1}
    return pooled(running, component("ic", 1, 4), scaling=(1, 3))


def test_only_types_that_a_copy_can_lie_on_are_said_to_be_launched() -> None:
    """A type without an entry in Specifications is no place for a copy."""
    taken = pools(GPU4, "ml.g6.12xlarge", "ml.g5.2xlarge")
    change = create("new", 1)
    entry = change.pop("Specification")
    entry["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] = 4
    change["Specifications"] = [entry | {"InstanceType": name} for name in (GPU4, "ml.g6.12xlarge")]
    message = findings(taken, change)["ICP505"].message
    assert "ml.g5.2xlarge" not in message
    assert "up to 1 instance of ml.g5.12xlarge or ml.g6.12xlarge will be launched" in message


def test_quotas_that_are_not_known_are_said_not_to_be() -> None:
    """A scale-out that a quota may forbid is not promised in silence."""
    taken = snapshot(GPU4, 1, component("ic", 1, 4), scaling=(1, 3))
    assert "the snapshot has no quota for them" in findings(taken, scale("ic", 2))["ICP505"].message
    quota = {"QuotaName": f"{GPU4} for endpoint usage", "Value": 9.0}
    assert "quota" not in findings(taken | {"Quotas": [quota]}, scale("ic", 2))["ICP505"].message


def test_only_types_that_a_copy_can_lie_on_are_said_to_be_too_small() -> None:
    """The same of a copy that no empty instance holds."""
    change = create("new", 1)
    entry = change.pop("Specification")
    entry["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] = 8
    change["Specifications"] = [entry | {"InstanceType": name} for name in (GPU4, "ml.g6.12xlarge")]
    message = findings(pools(GPU4, "ml.g6.12xlarge", "ml.g5.2xlarge"), change)["ICP306"].message
    assert "an empty ml.g5.12xlarge or ml.g6.12xlarge offers at most 4 accelerators" in message


def test_a_rollback_that_does_not_fit_comes_with_a_way_back_that_does() -> None:
    """One copy at a time was judged before it is named; the title holds for what may not fit, too."""
    taken = snapshot(GPU4, 2, component("ic", 2, 3), scaling=(1, 3))
    message = findings(taken, update("ic", 1))["ICP402"].message
    assert "going back does not fit" in message
    assert "takes 4 instances; with RollbackMaximumBatchSize COPY_COUNT 1 it would fit" in message
    assert "ICP402" not in findings(taken, update("ic", 1, 1))


def test_members_left_out_are_named_once() -> None:
    """However many entries of Specifications leave them out."""
    held = component("ic", 1)
    entry = held.pop("Specification")
    entry["ComputeResourceRequirements"] |= {"NumberOfCpuCoresRequired": 1, "MaxMemoryRequiredInMb": 2048}
    types = (GPU4, "ml.g6.12xlarge")
    held["Specifications"] = [entry | {"InstanceType": name} for name in types]
    taken = pools(*types)
    taken["InferenceComponents"] = [held]
    asked = {"ModelName": "model-2", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}
    change = {
        "InferenceComponentName": "ic",
        "Specifications": [asked | {"InstanceType": name} for name in types],
    }
    message = findings(taken, change)["ICP403"].message
    assert message.count("NumberOfCpuCoresRequired") == message.count("MaxMemoryRequiredInMb") == 1


def test_an_adapter_is_said_to_follow_its_base() -> None:
    """Its verdict has no phases, and says why."""
    change = {
        "InferenceComponentName": "adapter",
        "EndpointName": "prod",
        "Specification": {
            "BaseInferenceComponentName": "ic",
            "Container": {"ArtifactUrl": "s3://bucket/adapter.tar.gz"},
        },
    }
    found = findings(snapshot(GPU4, 1, component("ic", 1, 4)), change)
    assert (
        found["ICP605"].message == "adapter is loaded into the copies of ic, and reserves nothing of its own"
    )


def test_a_copy_too_large_for_its_type_comes_with_a_type_that_is_large_enough() -> None:
    """The smallest of the same family that surely holds one, if there is one."""
    assert "is ml.g5.48xlarge" in findings(snapshot(GPU4, 1), create("new", 1, 8))["ICP306"].message
    assert "smallest" not in findings(snapshot(GPU4, 1), create("new", 1, 16))["ICP306"].message


def test_a_shortage_of_memory_names_the_unit_of_its_figures() -> None:
    """Copies are counted where the request cannot ask for less memory."""
    taken = snapshot(GPU4, 1, component("ic", 1, 0, 60_000), scaling=(1, 1))
    finding = findings(taken, scale("ic", 9))["ICP302"]
    assert (finding.unit, finding.largest_unit) == ("MiB", None)


def test_a_step_is_short_of_what_its_own_copies_need() -> None:
    """What the steps before it have placed is neither needed again nor free."""
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 2}
    change = update("a", 1, 1) | {"Specification": {"ComputeResourceRequirements": compute}}
    finding = findings(snapshot(GPU4, 1, component("a", 2, 1)), change)["ICP301"]
    assert finding.message == (
        "step 2 of 2: 1 new copy beside 1 old: needs 2 accelerators; the fleet has 1 accelerator left"
    )


def test_a_component_scaled_down_to_what_is_asked_stays_there() -> None:
    """It is not scaled to the same number again."""
    compute = {"MinMemoryRequiredInMb": 1024, "NumberOfAcceleratorDevicesRequired": 2}
    change = update("a", 1, 1) | {"Specification": {"ComputeResourceRequirements": compute}}
    taken = icplan.Snapshot.from_dict(snapshot(GPU4, 1, component("a", 2, 1)))
    verdict = icplan.check(change | {"RuntimeConfig": {"CopyCount": 1}}, taken)
    (remedy,) = [one for one in verdict.remedies if one.kind == "scale-down-first"]
    assert remedy.description == "scale a down from 2 copies to 1, update it"
    assert not remedy.after


def on_one_type_alone(copies: int, devices: int, free: int) -> dict[str, Any]:
    """Copies on an instance of GPU4 each, the one type they are specified for, and idle ones of the other."""
    held = component("a", copies, devices)
    held["Specifications"] = [{"InstanceType": GPU4} | held.pop("Specification")]
    held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": copies}]
    return pooled({GPU4: copies, OTHER4: free}, held)


def test_room_on_a_type_without_a_specification_is_not_counted() -> None:
    """The idle instance is of a type where no copy may lie, so there is too little room in total."""
    found = findings(on_one_type_alone(1, devices=4, free=1), scale("a", 2))
    assert "ICP305" not in found
    assert found["ICP301"].message == (
        f"place 1 copy: needs 4 accelerators; the instances of {GPU4} have 0 accelerators left; {NOT_COUNTED}"
    )
    assert (found["ICP301"].need, found["ICP301"].have) == (4, 0)


def test_what_lies_on_a_type_without_a_specification_takes_nothing_from_the_others() -> None:
    """A copy that may lie on either type is not taken off the room of the one that counts."""
    taken = on_one_type_alone(3, devices=3, free=1)
    taken["InferenceComponents"].append(component("b", 1, 4))
    found = findings(taken, scale("a", 4))
    assert found["ICP305"].message == (
        "place 1 copy: a copy needs 1024 MiB of memory, 3 accelerators on one instance; free, for example: "
        f"97280 MiB of memory, 1 accelerator on each of 3 x {GPU4}; {NOT_COUNTED}"
    )


def test_a_type_without_a_specification_of_which_none_runs_is_not_mentioned() -> None:
    """Nothing is free on it."""
    message = findings(on_one_type_alone(1, devices=4, free=0), scale("a", 2))["ICP301"].message
    assert message.endswith("0 accelerators left")


@pytest.mark.parametrize(
    ("change", "setting", "enough", "too_little"),
    [
        (create("new", 1, 1, 120_000), "memory=MIB", "120000", "119999"),
        (create("new", 1, 1, cpu=45), "cpu=CORES", "45", "44.9"),
    ],
)
def test_who_knows_what_can_be_allocated_is_told_how_to_say_it(
    change: dict[str, Any], setting: str, enough: str, too_little: str
) -> None:
    """What the message names settles it, either way."""
    taken = snapshot(GPU4, 1)
    message = findings(taken, change)["ICP307"].message
    assert f"--allocatable {GPU4}.{setting} settles it" in message
    assert f"icplan observe {GPU4}" in message
    name = setting.partition("=")[0]
    for figure, outcome in ((enough, "fits"), (too_little, "does-not-fit")):
        known = icplan.check(change, taken, allocatable=[f"{GPU4}.{name}={figure}"])
        assert known.outcome == outcome


def test_what_a_copy_needs_is_told_per_type_where_it_differs() -> None:
    """What it needs of one is not said of the other; of totals the least is."""
    specifications = [
        {"InstanceType": kind, **component("", 0, devices)["Specification"]}
        for kind, devices in ((GPU4, 3), (OTHER4, 2))
    ]
    held = component("a", 2)
    del held["Specification"]
    held["Specifications"] = specifications
    held["RuntimeConfig"]["PlacementStatus"] = [{"InstanceType": GPU4, "CurrentCopyCount": 2}]
    taken = pooled({GPU4: 2, OTHER4: 1}, held, component("b", 1, 3))
    assert findings(taken, scale("a", 3))["ICP305"].message.startswith(
        f"place 1 copy: a copy needs 1024 MiB of memory, 3 accelerators on one {GPU4} or 1024 MiB of memory, "
        f"2 accelerators on one {OTHER4}; free, for example: "
    )
    message = findings(taken, scale("a", 9))["ICP301"].message
    assert message.startswith("place 7 copies: needs at least 14 accelerators; the fleet has ")


def test_copies_that_may_not_be_there_yet_hold_nothing() -> None:
    """Two copies of an update that is under way may lie there or not: what is refused is so without them."""
    moving = component("chat", 2, 3, InferenceComponentStatus="Updating")
    taken = snapshot(GPU4, 2, moving, component("embed", 2, 1), scaling=(1, 2))
    cause = icplan.check(scale("embed", 6), taken).changes[0].cause
    assert cause is not None
    assert "2 copies of chat" in cause.text
    assert "4 copies of chat" not in cause.text
    assert "of the 8 accelerators that are taken" in cause.text or "the rest" in cause.text
