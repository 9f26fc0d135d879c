"""From AWS's answers to a fleet: which copies and instances are there for sure, and which may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, pooled, snapshot

from icplan.assumptions import Assumptions
from icplan.catalog.catalog import Catalog
from icplan.errors import InputError
from icplan.fleet.build_fleet import build_fleet
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from icplan.fleet.fleet import Component, Fleet

COUNT = st.integers(0, 6)


def shown(taken: dict[str, Any], **assume: str) -> Fleet:
    return build_fleet(read_endpoint(Snapshot.from_dict(taken)), "AllTraffic", Catalog(), Assumptions(assume))


def read(status: str, desired: int, current: int, **assume: str) -> Component:
    described = component("ic", 0, 1, 1024, InferenceComponentStatus=status)
    described["RuntimeConfig"] = {"DesiredCopyCount": desired, "CurrentCopyCount": current}
    (found,) = shown(snapshot(GPU4, 3, described), **assume).components
    return found


@given(st.sampled_from(("InService", "Creating", "Updating", "Deleting", "Failed")), COUNT, COUNT)
def test_copies_are_counted_from_what_surely_runs_to_the_most_there_may_be(
    status: str, desired: int, current: int
) -> None:
    found = read(status, desired, current)
    assert 0 <= found.coming <= found.in_flight
    assert found.copies >= max(desired, current)
    if status == "Deleting":
        assert (found.placed, found.coming) == (0, 0)
    elif status == "Updating":
        most = max(current + desired, 2 * desired)
        assert (found.placed, found.copies) == (min(desired, current), most)
    else:
        assert (found.placed, found.copies) == (min(desired, current), max(desired, current))
        assert found.coming == (0 if status == "Failed" else max(0, desired - current))


@given(COUNT)
def test_whether_a_failed_component_holds_its_copies_is_assumed(copies: int) -> None:
    assert read("Failed", copies, copies).placed == copies
    assert read("Failed", copies, copies, **{"failed-component-holds": "no"}).copies == 0


@given(COUNT, COUNT)
def test_what_runs_and_stays_counts_and_what_is_on_its_way_arrives(current: int, desired: int) -> None:
    taken = snapshot(GPU4, current, scaling=(0, 9))
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = desired
    fleet = shown(taken)
    assert (fleet.instances, fleet.arriving) == (min(current, desired), max(0, desired - current))


def test_an_adapter_reserves_nothing_of_its_own() -> None:
    adapter = component("adapter", 1)
    adapter["Specification"] = {"BaseInferenceComponentName": "base"}
    assert [one.name for one in shown(snapshot(GPU4, 1, component("base", 1, 1), adapter)).components] == [
        "base"
    ]


def test_pools_stand_in_the_order_of_their_priority() -> None:
    taken = pooled({GPU8: 1, GPU4: 2})
    taken["EndpointConfig"]["ProductionVariants"][0]["InstancePools"].reverse()
    assert [(one.type.name, one.instances) for one in shown(taken).pools] == [(GPU8, 1), (GPU4, 2)]


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("VariantName", "other", "is on variant 'other', which the endpoint does not have"),
        ("RuntimeConfig", {}, "has no RuntimeConfig that tells its copies"),
    ],
)
def test_what_contradicts_the_endpoint_is_refused_with_its_place(
    member: str, value: object, message: str
) -> None:
    taken = snapshot(GPU4, 1, component("ic", 1, 1) | {member: value})
    with pytest.raises(InputError, match=re.escape(message)) as refused:
        shown(taken)
    assert "$.InferenceComponents[0]" in str(refused.value)
