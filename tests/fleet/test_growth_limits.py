"""How far a fleet may grow: the least of what scaling, quotas leave, as a snapshot tells."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, pooled, snapshot

from icplan.assumptions import Assumptions
from icplan.aws.quota_names import ALL_INSTANCES, PER_TYPE
from icplan.catalog.catalog import Catalog
from icplan.fleet.build_fleet import build_fleet
from icplan.fleet.fleet import UNLIMITED, Fleet
from icplan.snapshot.read_endpoint import read_endpoint
from icplan.snapshot.snapshot import Snapshot

COUNT, MOST = st.integers(0, 9), st.integers(0, 12)


def shown(taken: dict[str, Any], **assume: str) -> Fleet:
    return build_fleet(read_endpoint(Snapshot.from_dict(taken)), "AllTraffic", Catalog(), Assumptions(assume))


def quota(name: str, value: int) -> dict[str, Any]:
    return {"QuotaName": name, "Value": value}


@given(COUNT, MOST)
def test_managed_scaling_leaves_what_the_maximum_does(instances: int, most: int) -> None:
    taken = snapshot(GPU4, instances, scaling=(0, max(1, most)))
    assert shown(taken).scale_out_allowance() == max(0, max(1, most) - instances)


@given(COUNT)
def test_without_managed_scaling_none_is_added(instances: int) -> None:
    (limit,) = shown(snapshot(GPU4, instances)).limits
    assert (limit.rule, limit.remaining) == ("ICP504", 0)


@given(COUNT)
def test_without_a_maximum_the_assumption_decides(instances: int) -> None:
    taken = snapshot(GPU4, instances, scaling=(0, 1))
    del taken["EndpointConfig"]["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"]
    assert shown(taken).scale_out_allowance() == 0
    assert shown(taken, **{"growth-without-maximum": "unlimited"}).scale_out_allowance() == UNLIMITED


@given(COUNT, MOST, MOST, st.integers(0, 5))
def test_the_least_of_scaling_and_quotas_counts(
    instances: int, each: int, every: int, elsewhere: int
) -> None:
    """A type's own quota leaves what of it is not in use; the account's what all types leave."""
    taken = snapshot(GPU4, instances, scaling=(0, 20)) | {
        "Quotas": [quota(PER_TYPE.format(GPU4), each), quota(ALL_INSTANCES, every)],
        "InstancesInUse": {GPU4: instances, GPU8: elsewhere},
    }
    left = min(20 - instances, each - instances, every - instances - elsewhere)
    assert shown(taken).scale_out_allowance(GPU4) == max(0, left)


@given(COUNT, MOST)
def test_the_quota_of_another_type_is_no_limit(instances: int, most: int) -> None:
    quotas = [quota(PER_TYPE.format(GPU8), most)]
    taken = snapshot(GPU4, instances, scaling=(0, 20)) | {"Quotas": quotas}
    assert {limit.rule for limit in shown(taken).limits} == {"ICP501"}


@given(st.integers(1, 5), st.integers(0, 5))
def test_what_is_on_its_way_comes_whatever_the_limits_say(instances: int, coming: int) -> None:
    taken = snapshot(GPU4, instances, scaling=(0, instances)) | {
        "Quotas": [quota(PER_TYPE.format(GPU4), 0)],
    }
    taken["Endpoint"]["EndpointStatus"] = "Updating"
    taken["Endpoint"]["ProductionVariants"][0]["DesiredInstanceCount"] = instances + coming
    fleet = shown(taken)
    assert (fleet.arriving, fleet.scale_out_allowance(GPU4)) == (coming, coming)


@given(st.integers(0, 4), st.integers(0, 4), MOST)
def test_each_pool_has_the_quota_of_its_type(few: int, many: int, most: int) -> None:
    taken = pooled({GPU4: few, GPU8: many}, component("ic", 0), scaling=(0, 20))
    taken["Quotas"] = [quota(PER_TYPE.format(GPU8), most)]
    fleet = shown(taken)
    assert fleet.scale_out_allowance(GPU8) == min(20 - few - many, max(0, most - many))
    assert fleet.scale_out_allowance(GPU4) == 20 - few - many
