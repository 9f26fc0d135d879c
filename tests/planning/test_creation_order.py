"""In which order components are created, and how far larger fleets are looked at: all with proof."""

from __future__ import annotations

import itertools
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.drawn_components import PRICES, Size, drawn_components
from support.examples import share

import icplan
from icplan.assumptions import Assumptions
from icplan.packing.budget import Budget
from icplan.planning.candidates import candidates_for
from icplan.planning.components import components_in
from icplan.planning.creation_order import creation_order
from icplan.planning.fleet_question import planned
from icplan.planning.plan import Planner
from icplan.planning.prices import Prices
from icplan.planning.robust_conditions import OneType
from icplan.planning.settings import PlanSettings, promises_of
from icplan.verdict.fleet_plan import PlanOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

GPU4 = "ml.g5.12xlarge"


def component(name: str, copies: int, memory: int, devices: int = 0, cores: int = 0) -> dict[str, Any]:
    compute: dict[str, Any] = {"MinMemoryRequiredInMb": memory}
    if devices:
        compute["NumberOfAcceleratorDevicesRequired"] = devices
    if cores:
        compute["NumberOfCpuCoresRequired"] = cores
    return {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "v1", "ComputeResourceRequirements": compute},
        "RuntimeConfig": {"CopyCount": copies},
    }


#: On two instances of 10 GiB all fits, if the one that takes accelerators comes last.
BULKY_LAST = (
    component("a1", 1, 4096),
    component("a2", 1, 4096),
    component("a3", 2, 4096),
    component("d", 2, 2048, 2),
)
#: Either may come last. If that is `corner`, the others do not surely find room beside each other.
ONE_LAST_MISLEADS = (
    component("corner", 1, 1000, cores=8),
    component("three", 3, 3300, cores=3),
    component("two", 2, 3500, cores=1),
)


def plan(components: Sequence[dict[str, Any]], **settings: Any) -> icplan.Plan:
    told = {"by": "instances", "types": [GPU4], "hold": ["rest"], "allocatable": [f"{GPU4}.memory=10240"]}
    return icplan.plan(list(components), **{**told, **settings})


def instances(found: icplan.Plan) -> tuple[int | None, int | None]:
    steady, peak = found.steady, found.peak
    return steady[0].instances if steady else None, peak[0].instances if peak else None


@pytest.mark.parametrize(
    "settings",
    [
        {"within": "steady"},
        {"within": "peak"},
        {"quotas": {GPU4: 2}},
        {"within": "steady", "quotas": {GPU4: 2}},
    ],
)
def test_the_bulkiest_may_be_created_last(settings: dict[str, Any]) -> None:
    found = plan(BULKY_LAST, **settings)
    assert instances(found) == (2, 2)
    assert found.outcome is PlanOutcome.OPTIMAL
    judged = icplan.check(found.requests(), allocatable=[f"{GPU4}.memory=10240"])
    assert judged.outcome == "fits"


def test_what_may_be_last_is_not_last_where_the_others_then_have_no_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tried first as the last one, it leaves three and two, which have no order without it."""
    monkeypatch.setattr(OneType, "bulk", lambda _, number: Fraction(number))
    allocatable = [f"{GPU4}.memory=10000", f"{GPU4}.cpu=10"]
    found = plan(ONE_LAST_MISLEADS, within="steady", allocatable=allocatable)
    assert instances(found) == (2, 2)
    assert found.components[0].name == "corner"


def test_without_all_orders_nothing_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet is the best found, and none at all is undecided."""
    monkeypatch.setattr("icplan.planning.creation_order.MAX_REFUSED", 0)
    found = plan(BULKY_LAST, within="steady")
    assert found.outcome is PlanOutcome.BEST_FOUND
    assert (found.cost, found.bound, found.exit_code) == (3, 2, 3)
    for within in ("steady", "peak"):
        limited = plan(BULKY_LAST, within=within, quotas={GPU4: 2})
        assert limited.outcome is PlanOutcome.UNDECIDED
        assert limited.exit_code == 2


@pytest.mark.parametrize(("zones", "enough"), [(2, 6), (3, 5)])
def test_a_zone_that_is_lost_takes_its_share_of_a_larger_fleet(zones: int, enough: int) -> None:
    """Two small copies and one of a whole instance, wherever they lie: three instances must be left.

    However small the batches of their updates are, of which a zone that is lost knows nothing.
    """
    one = {"Type": "COPY_COUNT", "Value": 1}
    policy = {"MaximumBatchSize": one, "WaitIntervalInSeconds": 0, "RollbackMaximumBatchSize": one}
    components = [
        {"Request": each, "DeploymentConfig": {"RollingUpdatePolicy": policy}}
        for each in (component("small", 2, 1024, 1), component("big", 1, 1024, 4))
    ]
    found = plan(components, hold=["rest", f"lost-zone:{zones}"])
    assert instances(found) == (enough, enough)
    assert found.outcome is PlanOutcome.OPTIMAL


def one_type(components: list[dict[str, Any]]) -> OneType:
    wanted = components_in(components)
    settings = PlanSettings(promises_of(["rest"]), Prices.from_dict(PRICES), types=(GPU4,))
    recorder = Assumptions().recorder()
    candidates = candidates_for(wanted, settings, recorder)
    told = tuple(planned(one, recorder) for one in wanted.components)
    planner = Planner(wanted, settings, recorder, candidates, told, Budget(effort=10_000_000))
    return planner.one_type(candidates.types[0])


@given(st.integers(0, 10**6), st.integers(1, 4))
@share(2)
def test_an_order_is_found_wherever_there_is_one(seed: int, number: int) -> None:
    """Held against all of them; without one, the fleet grows by no more than the least that is lacking."""
    fleets = one_type(drawn_components(Random(seed), Size(3, 4)))  # noqa: S311  (repeatable is what is wanted)
    found = creation_order(fleets, number)
    assert sorted(found.numbers) == list(range(len(fleets.planned)))
    assert found.found == has_order(fleets, number)
    if found.proven:
        assert not any(has_order(fleets, number + more) for more in range(found.lacking))


def has_order(fleets: OneType, number: int) -> bool:
    every = itertools.permutations(range(len(fleets.planned)))
    return any(
        all(fleets.created(number, one, order[:place]).holds(0) for place, one in enumerate(order))
        for order in every
    )
