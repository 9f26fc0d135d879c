"""Where it is not the arrangement that decides, the report does not say so, nor what would settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, create, pooled, snapshot
from support.verdicts import check, said

from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict

OTHER4 = "ml.g6e.12xlarge"
ARN = "arn:aws:sagemaker:us-east-1:111122223333:training-plan/p1"
ONLY = {"MlReservationArn": ARN, "CapacityReservationPreference": "capacity-reservations-only"}


def doubts(verdict: Verdict) -> set[str]:
    """The rules that say why it is not known whether a change fits."""
    return {one.rule for one in verdict.findings} & {"ICP307", "ICP308", "ICP311", "ICP318", "ICP319"}


def message(verdict: Verdict, rule: str) -> str:
    return " ".join(said(verdict, rule))


def two_variants(status: str, quota: int) -> dict[str, Any]:
    """A full instance of each of two variants, and a component of the other one in motion."""
    taken = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 3))
    for part in ("Endpoint", "EndpointConfig"):
        (first,) = taken[part]["ProductionVariants"]
        taken[part]["ProductionVariants"] = [first, first | {"VariantName": "other"}]
    moving = component("b", 1, 4, VariantName="other", InferenceComponentStatus=status)
    taken["InferenceComponents"].append(moving)
    quotas = [{"QuotaName": f"{GPU4} for endpoint usage", "Value": quota}]
    return taken | {"Quotas": quotas, "InstancesInUse": {GPU4: 2}}


def reserved(**told: Any) -> dict[str, Any]:
    """A full instance, and a reservation of which so much is told."""
    taken = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 3))
    (configured,) = taken["EndpointConfig"]["ProductionVariants"]
    (running,) = taken["Endpoint"]["ProductionVariants"]
    configured["CapacityReservationConfig"] = {k: v for k, v in told.items() if k in ONLY}
    running["CapacityReservationConfig"] = told
    return taken


def test_a_quota_that_another_variant_may_use_up_is_named() -> None:
    verdict = check(two_variants("Updating", 3), create("new", 1, 4))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert doubts(verdict) == {"ICP319"}
    assert "components in motion on other variants may take 1" in message(verdict, "ICP319")
    assert check(two_variants("Updating", 9), create("new", 1, 4)).outcome is Outcome.FITS_AFTER_SCALE_OUT


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (ONLY, "is not told"),
        ({"MlReservationArn": ARN}, "whether others come, too, is not stated"),
        ({"MlReservationArn": ARN, "AvailableInstanceCount": 0}, "whether others come, too"),
        (
            ONLY | {"TotalInstanceCount": 1, "AvailableInstanceCount": 1, "UsedByCurrentEndpoint": 1},
            "1 in all, 1 left, and 1 in use",
        ),
    ],
)
def test_a_reservation_that_may_have_nothing_left_is_named(told: dict[str, Any], word: str) -> None:
    verdict = check(reserved(**told), create("new", 1, 4))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert doubts(verdict) == {"ICP319"}
    assert word in message(verdict, "ICP319")
    assert ARN in message(verdict, "ICP319")


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
def test_no_launch_is_promised_by_figures_of_a_reservation_that_cannot_all_be_right(
    total: int, left: int, used: int
) -> None:
    figures = {"TotalInstanceCount": total, "AvailableInstanceCount": left, "UsedByCurrentEndpoint": used}
    verdict = check(reserved(**ONLY, **figures), create("new", 1, 4))
    if used + left > total:
        assert not verdict.outcome.fits
    elif used == 1:
        assert verdict.outcome is (Outcome.FITS_AFTER_SCALE_OUT if left else Outcome.DOES_NOT_FIT)


def test_own_figures_and_those_of_a_part_are_told_apart() -> None:
    part = [{"Ec2CapacityReservationId": "cr-1", "AvailableInstanceCount": 1}]
    told = ONLY | {"TotalInstanceCount": 1, "AvailableInstanceCount": 0, "Ec2CapacityReservations": part}
    verdict = check(reserved(**told), create("new", 2, 4))
    assert "has 0 of 1 left, and has 1 left in EC2 reservations" in str(verdict.changes[0].fleet)


@pytest.mark.parametrize("status", ["Creating", "Updating"])
def test_a_component_in_motion_is_named_where_it_may_take_the_room(status: str) -> None:
    moving = component("b", 1, 2, InferenceComponentStatus=status)
    moving["RuntimeConfig"]["CurrentCopyCount"] = 0
    taken = snapshot(GPU4, 2, component("a", 1, 4), moving)
    verdict = check(taken, create("new", 1, 4))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert "ICP318" in doubts(verdict)
    assert f"b ({status}) has 0 to" in message(verdict, "ICP318")
    assert "where each copy lies" not in str(verdict)


def test_the_type_of_what_is_on_its_way_is_named() -> None:
    """It has one already, which AWS does not tell."""
    taken = pooled({GPU4: 1, OTHER4: 0}, component("a", 1, 4), scaling=(1, 2))
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = 2
    asked = create("new", 1, 4)
    asked["Specifications"] = [{"InstanceType": OTHER4, **asked.pop("Specification")}]
    verdict = check(taken, asked)
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert doubts(verdict) == {"ICP311"}
    assert "what is on its way is of ml.g6e.12xlarge" in message(verdict, "ICP311")


@pytest.mark.parametrize("types", [(GPU4, GPU8), (GPU8, GPU4)])
def test_the_arrangement_is_named_where_it_decides(types: tuple[str, str]) -> None:
    verdict = check(pooled(dict.fromkeys(types, 1), component("a", 2, 2)), create("new", 1, 7))
    assert doubts(verdict) == {"ICP308"}
    assert "where each copy lies" in message(verdict, "ICP308")


def test_why_it_is_not_known_leads_what_is_noted_of_the_endpoint() -> None:
    taken = two_variants("Updating", 3)
    taken["Endpoint"]["EndpointStatus"] = "Updating"
    text = str(check(taken, create("new", 1, 4)))
    assert text.index("ICP319") < text.index("ICP206")


def test_what_the_snapshot_says_it_lacks_may_hold_room() -> None:
    taken = snapshot(GPU4, 1, component("a", 1, 1))
    taken["Parts"] = {"InferenceComponents": {"Status": "read", "Missing": ["hidden"]}}
    verdict = check(taken, create("new", 1, 1))
    assert verdict.outcome is Outcome.MAY_NOT_FIT
    assert "hidden" in message(verdict, "ICP323")


def failed(name: str, accelerators: int) -> dict[str, Any]:
    """A component that failed before its copy ran."""
    told = component(name, 1, accelerators, InferenceComponentStatus="Failed", FailureReason="no image")
    told["RuntimeConfig"]["CurrentCopyCount"] = 0
    return told


def test_failed_components_are_deleted_together_where_one_is_not_enough() -> None:
    taken = snapshot(GPU4, 1, failed("bad", 2), failed("worse", 2))
    first = check(taken, create("new", 1, 4)).changes[0].remedies[0]
    assert first.description == "delete bad and worse, which have failed, first"
    assert [call["Operation"] for call in first.before] == ["DeleteInferenceComponent"] * 2
    alone = check(taken, create("new", 1, 2)).changes[0].remedies
    assert all("holds up to 1 copy" in one.description for one in alone[:2])


def test_a_failed_component_leads_where_it_is_the_cause() -> None:
    text = str(check(snapshot(GPU4, 1, failed("bad", 4)), create("new", 1, 4)))
    assert text.index("ICP322") < text.index("ICP504")
