"""What is proposed to somebody whose change does not fit, in the situations that are met most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.endpoints import GPU4, component, create, pooled, scale, snapshot, update

import icplan
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.remedy import Remedy


def proposed(taken: dict[str, Any], change: dict[str, Any]) -> dict[str, Remedy]:
    verdict = icplan.check(change, icplan.Snapshot.from_dict(taken))
    assert not verdict.fits
    return {remedy.kind: remedy for remedy in verdict.remedies}


def test_it_is_said_where_the_number_of_instances_is_set() -> None:
    """MaxInstanceCount is a member of the endpoint's configuration, not of the component."""
    taken = snapshot(GPU4, 2, component("ic", 2, 3), scaling=(1, 2))
    remedy = proposed(taken, scale("ic", 3))["raise-max-instance-count"]
    assert remedy.description == "raise MaxInstanceCount to 3"
    assert remedy.how == (
        "in ManagedInstanceScaling of variant AllTraffic: a new endpoint configuration, then update_endpoint"
    )


def test_a_quota_in_the_way_is_named_with_what_it_lacks() -> None:
    """Beside MaxInstanceCount, where that has to be raised as well."""
    quota = {"QuotaName": f"{GPU4} for endpoint usage", "Value": 2.0}
    more = {"Quotas": [quota], "InstancesInUse": {GPU4: 2}}
    taken = snapshot(GPU4, 2, component("ic", 2, 4), scaling=(1, 9), **more)
    remedy = proposed(taken, scale("ic", 4))["raise-quota"]
    assert remedy.description == (
        "raise the quota by 2 (the quota 'ml.g5.12xlarge for endpoint usage' is 2, of which 2 are in use)"
    )
    assert remedy.how == "in Service Quotas"
    assert not remedy.patch
    taken = snapshot(GPU4, 2, component("ic", 2, 4), scaling=(1, 2), **more)
    remedy = proposed(taken, scale("ic", 4))["raise-quota"]
    assert remedy.description.endswith(" and raise MaxInstanceCount to 4")
    assert remedy.patch


def test_more_instances_are_proposed_even_where_memory_leaves_a_doubt() -> None:
    """More memory per copy than an instance surely has: that it may fit is better than that it does not."""
    full = snapshot(GPU4, 1, component("ic", 1, 4), scaling=(1, 1))
    remedies = proposed(full, create("new", 2, 1, 100_000))
    assert remedies["raise-max-instance-count"].description == "raise MaxInstanceCount to 3"
    assert remedies["raise-max-instance-count"].outcome is Outcome.MAY_NOT_FIT


def test_the_instances_named_are_those_of_the_whole_change_and_of_the_fix() -> None:
    """Of every step, not of the first alone; and as many as it takes once a new configuration is deployed."""
    parts = (component("a", 2, 2), component("b", 3, 1), component("c", 1, 1))
    needs = {"NumberOfAcceleratorDevicesRequired": 3, "MinMemoryRequiredInMb": 1024}
    larger = update("a", 1, ComputeResourceRequirements=needs)
    for taken, change in (
        (snapshot(GPU4, 3, *parts, scaling=(1, 3)), larger),
        (snapshot(GPU4, 3, *parts, scaling=(1, 4)), larger),
        (snapshot(GPU4, 2, *parts, scaling=(1, 2)), create("new", 3, 4)),
    ):
        verdict = icplan.check(change, taken)
        (finding,) = [one for one in verdict.findings if one.rule == "ICP501"]
        (raised,) = [one for one in verdict.remedies if one.kind == "raise-max-instance-count"]
        assert raised.description == f"raise MaxInstanceCount to {finding.need}"
        assert str(finding.need) in finding.message
    assert "with copies where they lie, 6 once a new configuration has placed them anew" in finding.message


def test_another_component_gives_up_as_few_copies_as_will_do() -> None:
    """The smallest sacrifice first, with the call that makes it."""
    taken = snapshot(GPU4, 1, component("many", 3, 1), component("one", 1, 1))
    remedy = proposed(taken, create("new", 2, 1))["scale-other-first"]
    assert remedy.description == "scale many down from 3 copies to 1 first"
    (call,) = remedy.before
    assert call["Request"] == {"InferenceComponentName": "many", "DesiredRuntimeConfig": {"CopyCount": 1}}
    assert remedy.outcome is Outcome.FITS


def test_a_failed_component_is_the_first_to_go() -> None:
    """It serves nobody, and holds its room until it is deleted."""
    failed = component("dead", 2, 2, InferenceComponentStatus="Failed")
    remedy = proposed(snapshot(GPU4, 1, failed), create("new", 1, 2))["delete-failed-first"]
    assert remedy.before[0]["Operation"] == "DeleteInferenceComponent"
    assert remedy.outcome is Outcome.FITS


def test_an_update_without_room_for_one_copy_more_makes_its_own_room() -> None:
    """One copy less, then one copy at a time, then as many as before."""
    remedy = proposed(snapshot(GPU4, 3, component("ic", 3, 4)), update("ic"))["scale-down-first"]
    assert remedy.description == (
        "scale ic down from 3 copies to 2, update it one copy at a time, scale it to 3"
    )
    assert [
        call["Request"]["DesiredRuntimeConfig"]["CopyCount"] for call in remedy.before + remedy.after
    ] == [
        2,
        3,
    ]
    assert remedy.outcome is Outcome.FITS


def test_the_only_copy_makes_room_at_the_price_of_an_outage() -> None:
    """What takes the component out of service says so."""
    remedy = proposed(snapshot(GPU4, 1, component("ic", 1, 4)), update("ic"))["scale-down-first"]
    assert remedy.description.endswith("(nothing serves it meanwhile)")


def test_each_resource_of_a_copy_that_is_too_large_can_be_the_one_to_ask_less_of() -> None:
    """The value named is the largest that works, in the unit of its member."""
    taken = snapshot(GPU4, 1)
    devices = proposed(taken, create("new", 1, 8))["fewer-accelerators"]
    assert devices.patch[0]["value"] == 4
    cores = proposed(taken, create("new", 1, 1, cpu=100))["less-cpu"]
    assert cores.patch[0]["path"].endswith("/NumberOfCpuCoresRequired")
    verdict = icplan.check(create("new", 1, 8), icplan.Snapshot.from_dict(taken))
    (finding,) = [f for f in verdict.findings if f.rule == "ICP306"]
    assert finding.path == ("$.Specification.ComputeResourceRequirements.NumberOfAcceleratorDevicesRequired")
    assert (finding.largest_that_works, finding.largest_unit) == (4, "accelerators per copy")


def test_a_new_component_can_keep_to_the_types_that_hold_it() -> None:
    """Where SageMaker might launch an instance too small for it."""
    taken = pooled({GPU4: 1, "ml.g5.2xlarge": 0}, component("ic", 1, 4), scaling=(1, 3))
    remedy = proposed(taken, create("new", 2, 4))["only-types"]
    assert remedy.description == "place it on ml.g5.12xlarge only (Specifications with InstanceType)"
    assert remedy.outcome is Outcome.FITS_AFTER_SCALE_OUT


def test_where_nothing_helps_it_is_said_what_was_tried() -> None:
    """Only what the change has is named."""
    taken = snapshot("ml.c5.xlarge", 1)
    change = create("new", 1, memory=9000)
    change["Specifications"] = [change.pop("Specification") | {"InstanceType": "ml.c5.xlarge"}]
    verdict = icplan.check(change, icplan.Snapshot.from_dict(taken))
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    assert not verdict.remedies
    assert verdict.changes[0].tried == ("more instances",)
