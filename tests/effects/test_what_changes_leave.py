"""What a change leaves for the next ones of its set."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import component, create, delete, pooled, scale, snapshot, update

import icplan
from icplan.assumptions import Assumptions
from icplan.judge.state import component_after
from icplan.requests.call import Call
from icplan.requests.merge import merge
from icplan.requests.parse import parse
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.requests.operations import ComponentRequest
    from icplan.verdict.change_verdict import ChangeVerdict

A, B = "ml.g5.12xlarge", "ml.g5.48xlarge"
FITS, SCALES, MAY, NOT = (
    Outcome.FITS,
    Outcome.FITS_AFTER_SCALE_OUT,
    Outcome.MAY_NOT_FIT,
    Outcome.DOES_NOT_FIT,
)
UPDATE, SCALE = "UpdateInferenceComponent", "UpdateInferenceComponentRuntimeConfig"
PARTLY = {"ModelName": "model-2", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}


def changes(taken: dict[str, Any], *asked: dict[str, Any], **assume: str) -> Sequence[ChangeVerdict]:
    values = {name.replace("_", "-"): value for name, value in assume.items()}
    return icplan.check(list(asked), icplan.Snapshot.from_dict(taken), assume=values).changes


def outcomes(taken: dict[str, Any], *asked: dict[str, Any], **assume: str) -> list[Outcome]:
    return [change.outcome for change in changes(taken, *asked, **assume)]


def rules_of(change: ChangeVerdict) -> set[str]:
    return {finding.rule for finding in change.findings}


# -- what the component is ----------------------------------------------------------------------------------


def test_members_that_an_update_leaves_out_are_kept_for_the_changes_after_it() -> None:
    """Under the assumption that SageMaker keeps them; under the other they are gone for both."""
    taken = snapshot(A, 1, component("a", 2, 1))
    partly = {"InferenceComponentName": "a", "Specification": PARTLY}
    assert outcomes(taken, partly, create("b", 1, 4))[1] is NOT
    assert outcomes(taken, partly, create("b", 1, 4), nested_members="replace")[1] is FITS


def compute() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"MinMemoryRequiredInMb": st.integers(128, 4096)},
        optional={
            "NumberOfAcceleratorDevicesRequired": st.integers(1, 4),
            "NumberOfCpuCoresRequired": st.integers(1, 4),
        },
    )


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    """One specification for any type, or one per type."""
    entry = st.fixed_dictionaries(
        {"ModelName": st.sampled_from(("m1", "m2"))}, optional={"ComputeResourceRequirements": compute()}
    )
    if draw(st.booleans()):
        return {"Specification": draw(entry)}
    kinds = draw(st.lists(st.sampled_from((A, B)), min_size=1, unique=True))
    return {"Specifications": [{"InstanceType": kind, **draw(entry)} for kind in kinds]}


@given(entries(), entries(), st.sampled_from(("keep", "replace")))
def test_what_a_change_leaves_is_what_it_was_judged_as(
    was: dict[str, Any], asked: dict[str, Any], nested: str
) -> None:
    """A change that asks for nothing finds the component as the one before it made it."""
    name = {"InferenceComponentName": "a"}
    taken = snapshot(A, 1, {k: v for k, v in component("a", 1).items() if k != "Specification"} | was)
    assumptions = Assumptions({"nested-members": nested})
    request = cast("ComponentRequest", parse(UPDATE, name | asked, "$")[0])
    nothing = cast("ComponentRequest", parse(SCALE, scale("a", 1), "$")[0])
    endpoint = read_endpoint(icplan.Snapshot.from_dict(taken))
    spec = merge(endpoint.component("a"), request, assumptions)
    left = component_after(Call(UPDATE, name | asked), endpoint, spec)
    assert merge(left, nothing, assumptions).requirements == spec.requirements


# -- which instances run ------------------------------------------------------------------------------------


def test_a_type_that_may_have_been_launched_is_not_relied_on() -> None:
    """Either pool may serve the first creation, so whether the second has room is not known."""
    taken = pooled({B: 1, A: 0}, component("a", 1, 8), scaling=(1, 2))
    first, second = changes(taken, create("b", 1, 4), create("d", 1, 4))
    assert first.outcome is SCALES
    assert second.outcome is MAY
    assert "ICP315" in rules_of(second)


def test_a_refusal_is_not_sure_either_where_another_type_may_have_been_launched() -> None:
    """With the type that is likely it fails, with the other it fits."""
    taken = pooled({A: 1, B: 0}, component("a", 1, 4), scaling=(1, 2))
    assert outcomes(taken, create("b", 1, 4), create("d", 1, 4))[1] is MAY


def test_a_launch_that_one_type_alone_can_serve_is_relied_on() -> None:
    """Where the component has a specification for no other type, the type is known."""
    taken = pooled({B: 1, A: 0}, component("a", 1, 8), scaling=(1, 2))
    large = create("b", 1, 4)
    large["Specifications"] = [{"InstanceType": B} | large.pop("Specification")]
    assert outcomes(taken, large, create("d", 1, 4)) == [SCALES, FITS]


def test_copies_placed_on_what_runs_leave_no_doubt() -> None:
    """Nothing is launched, nothing released."""
    taken = pooled({B: 1, A: 1}, scaling=(1, 4))
    assert outcomes(taken, create("b", 1, 4), create("d", 1, 4)) == [FITS, FITS]


def test_an_instance_that_may_have_been_released_is_not_relied_on() -> None:
    """Which instance a deletion empties, and what is launched in its place, is not known."""
    taken = pooled({A: 1, B: 1}, component("a", 1, 8), scaling=(1, 2))
    for frees in (delete("a"), scale("a", 0)):
        second = changes(taken, frees, create("b", 1, 8))[1]
        assert second.outcome is MAY
        assert "ICP315" in rules_of(second)


def test_what_places_nothing_is_sure_whatever_runs() -> None:
    """A deletion after an uncertain change fits."""
    taken = pooled({B: 1, A: 0}, component("a", 1, 8), scaling=(1, 2))
    assert outcomes(taken, create("b", 1, 4), delete("a")) == [SCALES, FITS]


def test_without_managed_scaling_the_instances_stay() -> None:
    """None is launched or released, so several types leave no doubt."""
    taken = pooled({A: 1, B: 1}, component("a", 1, 8))
    assert outcomes(taken, delete("a"), create("b", 1, 8)) == [FITS, FITS]


def test_a_deletion_and_a_scale_in_to_nothing_release_alike() -> None:
    """Two instances are emptied; one may be released, and is launched again for the next change."""
    taken = snapshot(A, 2, component("a", 2, 4), scaling=(1, 3))
    for frees in (delete("a"), scale("a", 0)):
        first, second = changes(taken, frees, create("b", 2, 4))
        assert first.final_instances == 1
        assert second.outcome is SCALES
        assert second.instances_now == second.peak_instances == 2
        assert said_of_instances(second) == [
            (
                "1 to 2 instances may run after the changes before it; judged as if 2 do, "
                "and where fewer do, more are launched"
            )
        ]


def said_of_instances(change: ChangeVerdict) -> list[str]:
    return [finding.message for finding in change.findings if finding.rule == "ICP315"]


def test_what_has_room_on_the_fewest_instances_too_fits_without_a_launch() -> None:
    """One of two instances may be released; the other has room."""
    taken = snapshot(A, 2, component("a", 1, 4), scaling=(1, 3))
    second = changes(taken, delete("a"), create("b", 1, 4))[1]
    assert second.outcome is FITS
    assert said_of_instances(second) == []


def test_an_update_that_may_end_on_more_instances_promises_no_room() -> None:
    """Its copies may lie on one instance or on two, of which none then has four free accelerators."""
    taken = snapshot(A, 1, component("a", 2, 2), scaling=(1, 2))
    first, second = changes(taken, update("a", 1), create("b", 1, 4))
    assert first.final_instances == 1
    assert second.outcome is MAY
    assert "ICP315" in rules_of(second)


@pytest.mark.parametrize("located", [False, True])
def test_an_update_that_may_end_on_fewer_instances_denies_no_room(located: bool) -> None:
    """Two copies on two instances leave room for three, were they not packed on one of them."""
    taken = snapshot(A, 2, component("a", 2, 1), scaling=(1, 3))
    if located:
        taken["CopyLocations"] = [
            {"InferenceComponentName": "a", "InstanceId": f"i-{n}", "InstanceType": A, "Copies": 1}
            for n in range(2)
        ]
    assert outcomes(taken, update("a", 1), create("b", 3, 3)) == [FITS, MAY]


def test_a_launch_that_may_not_have_been_needed_promises_no_room() -> None:
    """Where the first component goes to the free instance or to a new one, the peak is that of the latter."""
    taken = snapshot(A, 2, component("a", 2, 1), scaling=(1, 4))
    first, second = changes(taken, create("b", 1, 4), create("d", 1, 4))
    assert (first.outcome, first.peak_instances) == (SCALES, 3)
    assert (second.outcome, second.instances_now, second.peak_instances) == (SCALES, 3, 4)
    assert said_of_instances(second) == [
        (
            "2 to 3 instances may run after the changes before it; judged as if 3 do, "
            "and where fewer do, more are launched"
        )
    ]


def test_a_launch_that_must_be_is_relied_on() -> None:
    """No way to place the first component does without the second instance, on which the next has room."""
    taken = snapshot(A, 1, component("a", 1, 4), scaling=(1, 4))
    second = changes(taken, create("b", 1, 2), create("d", 1, 2))[1]
    assert (second.outcome, second.instances_now, second.peak_instances) == (FITS, 2, 2)


def test_what_is_still_needed_is_not_thought_to_be_released() -> None:
    """Copies that need an instance each lie on two of them after an update, too."""
    taken = snapshot(A, 2, component("a", 2, 3), component("b", 1, 1), scaling=(1, 2))
    second = changes(taken, delete("b"), create("d", 2, 1))[1]
    assert second.outcome is FITS
    assert said_of_instances(second) == []


def test_what_is_released_may_not_come_back_where_nothing_grows() -> None:
    """Without MaxInstanceCount the fleet is taken not to grow, so only what surely stays is promised."""
    taken = snapshot(A, 2, component("a", 2, 4), scaling=(1, 2))
    del taken["EndpointConfig"]["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"]
    assert outcomes(taken, delete("a"), create("b", 2, 4)) == [FITS, MAY]
    assert outcomes(taken, delete("a"), create("b", 1, 4)) == [FITS, FITS]
    three = (delete("a"), create("b", 3, 4))
    assert outcomes(taken, *three) == [FITS, MAY]  # may it grow, they find room
    assert outcomes(taken, *three, growth_without_maximum="none") == [FITS, NOT]


def test_an_instance_emptied_before_may_be_released_once_another_is_launched() -> None:
    """MinInstanceCount keeps the emptied instance of the one type until one of the other is launched."""
    taken = pooled({A: 0, B: 1}, component("a", 1, 8), scaling=(1, 2))
    small, large = create("b", 1, 4), create("d", 1, 8)
    small["Specifications"] = [{"InstanceType": A} | small.pop("Specification")]
    assert outcomes(taken, delete("a"), large) == [FITS, FITS]
    first, second, third = changes(taken, delete("a"), small, large)
    assert [first.outcome, second.outcome, third.outcome] == [FITS, SCALES, MAY]
    assert "ICP315" in rules_of(third)


def test_what_is_on_its_way_still_comes_after_a_change() -> None:
    """An instance that was asked for before the set is there for its second change."""
    taken = snapshot(A, 1, component("a", 1, 2))
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 2
    assert outcomes(taken, create("b", 1, 2), create("d", 1, 2)) == [FITS, SCALES]
    # It may come before b is placed, and b may go there: then neither instance has room for d.
    assert outcomes(taken, create("b", 1, 2), create("d", 1, 4)) == [FITS, MAY]
    assert outcomes(taken, create("b", 1, 4), create("d", 1, 4)) == [SCALES, NOT]


# -- quotas and reservations --------------------------------------------------------------------------------


def quota(most: int, in_use: int) -> dict[str, Any]:
    return {
        "Quotas": [{"QuotaName": f"{A} for endpoint usage", "Value": float(most)}],
        "InstancesInUse": {A: in_use},
    }


def test_what_one_change_launches_counts_against_the_quota_of_the_next() -> None:
    """Two of three are in use: the first launches the third."""
    taken = snapshot(A, 1, component("a", 1, 4), scaling=(1, 9), **quota(3, 2))
    assert outcomes(taken, create("b", 1, 4), create("d", 1, 4)) == [SCALES, NOT]


def test_what_one_change_releases_can_be_launched_again() -> None:
    """It is in use no more."""
    taken = snapshot(A, 2, component("a", 2, 4), scaling=(1, 9), **quota(3, 3))
    assert outcomes(taken, delete("a"), create("b", 2, 4)) == [FITS, SCALES]


def test_what_one_change_launches_is_taken_off_the_reservation() -> None:
    """One instance is left of it."""
    taken = snapshot(A, 1, component("a", 1, 4), scaling=(1, 9))
    taken["Endpoint"]["ProductionVariants"][0]["CapacityReservationConfig"] = {
        "CapacityReservationPreference": "capacity-reservations-only",
        "TotalInstanceCount": 2,
        "AvailableInstanceCount": 1,
    }
    assert outcomes(taken, create("b", 1, 4), create("d", 1, 4)) == [SCALES, NOT]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # Whether what is shared to it is part of its own is not told: one or two are left.
        (
            {"AvailableInstanceCount": 1, "Ec2CapacityReservations": [{"AvailableInstanceCount": 1}]},
            [SCALES, MAY],
        ),
        (
            {"AvailableInstanceCount": 0, "Ec2CapacityReservations": [{"AvailableInstanceCount": 1}]},
            [SCALES, NOT],
        ),
        (
            {"AvailableInstanceCount": 2, "Ec2CapacityReservations": [{"AvailableInstanceCount": 2}]},
            [SCALES, SCALES, MAY],
        ),
        # Of one it is not told how many are left.
        ({"AvailableInstanceCount": 1, "Ec2CapacityReservations": [{}]}, [SCALES, MAY]),
    ],
)
def test_what_is_launched_is_taken_off_all_that_a_reservation_has(
    told: dict[str, Any], expected: list[Outcome]
) -> None:
    """Its own, and what is shared to it."""
    taken = snapshot(A, 30, component("a", 30, 4), scaling=(1, 39))
    taken["Endpoint"]["ProductionVariants"][0]["CapacityReservationConfig"] = told | {
        "CapacityReservationPreference": "capacity-reservations-only"
    }
    creations = [create(f"b{number}", 1, 4) for number in range(len(expected))]
    assert outcomes(taken, *creations) == expected


def test_no_snapshot_tells_what_was_launched_since() -> None:
    """Only what a change leaves has it."""
    taken = snapshot(A, 1, component("a", 1, 4), scaling=(1, 9))
    taken["Endpoint"]["ProductionVariants"][0]["CapacityReservationConfig"] = {
        "CapacityReservationPreference": "capacity-reservations-only",
        "AvailableInstanceCount": 0,
        "LaunchedSince": -5,
    }
    assert outcomes(taken, create("b", 1, 4)) == [NOT]


def test_what_another_variant_may_release_is_neither_promised_nor_denied() -> None:
    """The copies of one variant may end on one instance, which frees the quota for the other, or on two."""
    taken = snapshot(A, 1, component("a", 1, 4), scaling=(1, 3), **quota(3, 3))
    taken["InferenceComponents"].append(component("b", 2, 1, VariantName="Other"))
    for part in (taken["EndpointConfig"], taken["Endpoint"]):
        other = copy.deepcopy(part["ProductionVariants"][0]) | {"VariantName": "Other"}
        part["ProductionVariants"].append(other)
    taken["Endpoint"]["ProductionVariants"][1] |= {"CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
    assert outcomes(taken, scale("a", 2)) == [NOT]
    assert outcomes(taken, update("b", 1), scale("a", 2)) == [FITS, MAY]
    assert outcomes(taken, update("b", 1), scale("a", 3)) == [FITS, NOT]


# -- what is not there, or was not done ---------------------------------------------------------------------


def test_a_change_of_what_an_earlier_one_deletes_is_invalid() -> None:
    """It is said which change deletes it, and the others are judged."""
    taken = snapshot(A, 1, component("a", 1, 1))
    for then in (scale("a", 2), update("a"), delete("a")):
        _, second, third = changes(taken, delete("a"), then, create("b", 1, 1))
        assert second.outcome is Outcome.INVALID
        assert [f.message for f in second.findings if f.rule == "ICP170"] == [
            "change 1 of this set deletes a"
        ]
        assert third.outcome is FITS


def test_what_is_created_again_can_be_changed() -> None:
    """Deleted, created, scaled."""
    taken = snapshot(A, 1, component("a", 1, 1))
    assert outcomes(taken, delete("a"), create("a", 1, 1), scale("a", 2)) == [FITS, FITS, FITS]


def test_what_was_there_before_a_failing_creation_can_be_changed() -> None:
    """A creation fails where the component exists already; it is there all the same."""
    taken = snapshot(A, 1, component("a", 1, 1))
    assert outcomes(taken, create("a", 1, 1), scale("a", 2)) == [Outcome.INVALID, FITS]


def test_after_a_change_that_fails_it_is_said_how_the_next_is_judged() -> None:
    """Once, on the change that comes next."""
    taken = snapshot(A, 1, component("a", 1, 1))
    first, second, third = changes(taken, scale("a", 9), create("b", 1, 1), create("d", 1, 1))
    assert first.outcome is NOT
    assert [f.message for f in second.findings if f.rule == "ICP407"] == [
        "change 1 fails; this one is judged as if it had not been asked for"
    ]
    assert "ICP407" not in rules_of(first) | rules_of(third)
