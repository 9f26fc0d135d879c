"""What components in motion on another variant may take of a quota that both share."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.endpoints import GPU4, component, create, snapshot
from support.verdicts import check

from icplan.fleet.other_variants import _full_at_most
from icplan.verdict.outcome import Outcome


def two_variants(instances: int, *second: dict[str, Any]) -> dict[str, Any]:
    """A full first variant, the components of a second one, and a quota that leaves one instance."""
    taken = snapshot(GPU4, 1, component("a", 1, 4), scaling=(1, 4))
    for part in ("Endpoint", "EndpointConfig"):
        (first,) = taken[part]["ProductionVariants"]
        taken[part]["ProductionVariants"].append(first | {"VariantName": "second"})
    counts = {"CurrentInstanceCount": instances, "DesiredInstanceCount": instances}
    taken["Endpoint"]["ProductionVariants"][1] |= counts
    taken["InferenceComponents"] += [one | {"VariantName": "second"} for one in second]
    taken["Quotas"] = [{"QuotaName": f"{GPU4} for endpoint usage", "Value": instances + 2}]
    taken["InstancesInUse"] = {GPU4: instances + 1}
    return taken


def creating(copies: int, accelerators: int) -> dict[str, Any]:
    counts = {"DesiredCopyCount": copies, "CurrentCopyCount": 0}
    return component("y", copies, accelerators, InferenceComponentStatus="Creating", RuntimeConfig=counts)


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        ((1, creating(2, 2)), Outcome.FITS_AFTER_SCALE_OUT),
        ((1, creating(2, 3)), Outcome.MAY_NOT_FIT),
        ((1, creating(1, 2), component("b", 2, 1)), Outcome.FITS_AFTER_SCALE_OUT),
        ((1, creating(1, 2), component("b", 3, 1)), Outcome.MAY_NOT_FIT),
        ((2, creating(1, 4), component("b", 1, 1)), Outcome.FITS_AFTER_SCALE_OUT),
        ((2, creating(1, 4), component("b", 2, 1)), Outcome.MAY_NOT_FIT),
        ((1, component("y", 1, 1, InferenceComponentStatus="Updating")), Outcome.MAY_NOT_FIT),
    ],
    ids=["room", "no room", "beside", "not beside", "empty one", "perhaps both", "updating"],
)
def test_what_surely_finds_room_where_it_is_takes_nothing_of_a_shared_quota(
    second: tuple[Any, ...], outcome: Outcome
) -> None:
    instances, *components = second
    assert check(two_variants(instances, *components), create("new", 1, 4)).outcome is outcome


VECTORS = st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(any)


@given(st.lists(VECTORS, max_size=4), VECTORS, st.integers(1, 3))
def test_no_more_instances_are_full_than_that(
    others: list[tuple[int, int]], demand: tuple[int, int], instances: int
) -> None:
    """Wherever the others lie, so far as an instance of 4 by 4 holds them."""
    taken = [sum(column) for column in zip(demand, *others, strict=True)]
    bound = _full_at_most((4, 4), taken, demand)
    for places in itertools.product(range(instances), repeat=len(others)):
        loads = [[0, 0] for _ in range(instances)]
        for place, (first, second) in zip(places, others, strict=True):
            loads[place][0] += first
            loads[place][1] += second
        if any(max(load) > 4 for load in loads):
            continue
        full = sum(any(d and have + d > 4 for have, d in zip(load, demand, strict=True)) for load in loads)
        assert full <= bound
