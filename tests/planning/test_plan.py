"""The cheapest fleet: held against trying everything, and to the laws that any such answer obeys."""

from __future__ import annotations

from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import packing_brute
from support.drawn_components import PRICES, SETTINGS, Size, drawn_components
from support.examples import share

import icplan
from icplan.planning.components import components_in
from icplan.planning.plan import make_plan
from icplan.planning.prices import Prices
from icplan.planning.settings import PlanSettings, promises_of
from icplan.verdict.fleet_plan import PlanOutcome


def component(name: str, copies: int, devices: int = 1, memory: int = 4000, **more: Any) -> dict[str, Any]:
    """A component as `icplan.plan` takes it; ``most``, ``batch`` and ``again`` are copies."""
    compute: dict[str, Any] = {"MinMemoryRequiredInMb": memory}
    if devices:
        compute["NumberOfAcceleratorDevicesRequired"] = devices
    request = {
        "InferenceComponentName": name,
        "EndpointName": "prod",
        "VariantName": "AllTraffic",
        "Specification": {"ModelName": "v1", "ComputeResourceRequirements": compute},
        "RuntimeConfig": {"CopyCount": copies},
    }
    told: dict[str, Any] = {"Request": request}
    if "most" in more:
        told["Copies"] = {"Max": more["most"]}
    if "batch" in more:
        policy = {"MaximumBatchSize": size(more["batch"]), "WaitIntervalInSeconds": 0}
        if "again" in more:
            policy["RollbackMaximumBatchSize"] = size(more["again"])
        told["DeploymentConfig"] = {"RollingUpdatePolicy": policy}
    return told


def size(copies: int) -> dict[str, Any]:
    """A batch of so many copies."""
    return {"Type": "COPY_COUNT", "Value": copies}


def plan(*components: dict[str, Any], **settings: Any) -> icplan.Plan:
    """The plan by instances of one type with 4 accelerators, unless told otherwise."""
    told = {"by": "instances", "types": ["ml.g5.12xlarge"], **settings}
    return icplan.plan(list(components), **told)


def counts(found: icplan.Plan) -> tuple[int | None, int | None]:
    """The instances that always run, and at most."""
    steady, peak = found.steady, found.peak
    return steady[0].instances if steady else None, peak[0].instances if peak else None


def test_the_fleet_at_rest_is_the_least_that_holds_all() -> None:
    """Three copies of 3 accelerators take one instance each; two of one find room beside them."""
    found = plan(component("a", 3, 3), component("b", 2, 1), hold=["rest"])
    assert counts(found) == (3, 3)
    assert found.outcome is PlanOutcome.OPTIMAL
    assert (found.cost, found.bound) == (3, 3)


def test_an_update_takes_its_batch_beside_the_old_copies() -> None:
    """A batch of one on a full fleet launches one instance; without a policy all copies are new at once."""
    assert counts(plan(component("a", 4, 4, batch=1), hold=["update"])) == (4, 5)
    assert counts(plan(component("a", 4, 4, batch=2), hold=["update"])) == (4, 6)
    assert counts(plan(component("a", 4, 4), hold=["update"])) == (4, 8)


def test_a_rollback_brings_all_old_copies_back_at_once_unless_it_has_a_batch() -> None:
    """As AWS documents it; an update of all copies at once needs no room to go back."""
    assert counts(plan(component("a", 4, 4, batch=1), hold=["rollback"])) == (4, 8)
    assert counts(plan(component("a", 4, 4, batch=1, again=1), hold=["rollback"])) == (4, 5)
    one_by_one = {"rollback-without-batch": "one-by-one"}
    assert counts(plan(component("a", 4, 4, batch=1), hold=["rollback"], assume=one_by_one)) == (4, 5)
    assert counts(plan(component("a", 4, 4), hold=["rollback"])) == (4, 4)


def test_the_worst_arrangement_decides_where_copies_cannot_be_moved() -> None:
    """Four copies of 1 accelerator may lie on four instances: then none has room for one of 4."""
    components = component("big", 1, 4, batch=1), component("small", 4, 1, batch=1, again=1)
    assert counts(plan(*components, hold=["update"])) == (2, 3)
    assert counts(plan(*components, hold=["update=movable"])) == (2, 3)
    assert counts(plan(*components, hold=["update=movable"], within="steady")) == (3, 3)
    assert counts(plan(*components, hold=["update"], within="steady")) == (6, 6)


def test_autoscaling_maxima_run_on_the_steady_fleet() -> None:
    """They last; an update beside them passes."""
    scaled = component("a", 2, 4, most=5, batch=1)
    assert counts(plan(scaled, hold=["rest"])) == (2, 2)
    assert counts(plan(scaled, hold=["autoscaling"])) == (5, 5)
    assert counts(plan(scaled, hold=["autoscaling+update"])) == (5, 6)


def test_what_is_lost_is_placed_again_on_what_stays() -> None:
    """One instance of two, a third of six; of types that are all of one, none can be lost."""
    assert counts(plan(component("a", 4, 1), hold=["lost-instance"])) == (2, 2)
    assert counts(plan(component("a", 4, 4), hold=["lost-zone:3=movable"])) == (6, 6)
    assert counts(plan(component("a", 4, 4), hold=["lost-zone:3"])) == (6, 6)
    lost = plan(component("a", 4, 1), hold=["lost-type"], max_types=2)
    assert lost.outcome is PlanOutcome.IMPOSSIBLE
    assert lost.impossible is not None
    assert lost.impossible.conditions == ("lost-type",)


def test_a_quota_holds_for_the_peak() -> None:
    """The steady fleet alone would fit; what the peak takes is named."""
    told = component("a", 4, 4, batch=1)
    assert counts(plan(told, hold=["update"], quotas={"ml.g5.12xlarge": 5})) == (4, 5)
    found = plan(told, hold=["update"], quotas={"ml.g5.12xlarge": 4})
    assert found.outcome is PlanOutcome.IMPOSSIBLE
    assert found.impossible is not None
    assert found.impossible.components == ("a",)
    assert "quota of 4 ml.g5.12xlarge: 5" in found.impossible.limit
    fewer = plan(told, hold=["rest"], quotas={"ml.g5.12xlarge": 3})
    assert fewer.impossible is not None
    assert fewer.impossible.limit == "quota: 3 x ml.g5.12xlarge"


def test_copies_that_take_no_accelerator_lie_where_there_is_memory() -> None:
    """And a copy never lies across instances, however much is free in all."""
    assert counts(plan(component("cpu", 3, 0, 60_000), hold=["rest"])) == (3, 3)
    too_large = plan(component("a", 1, 8), hold=["rest"])
    assert too_large.outcome is PlanOutcome.IMPOSSIBLE
    assert too_large.impossible is not None
    assert "8 accelerators" in too_large.impossible.limit


def test_a_component_may_want_other_amounts_on_another_type() -> None:
    """By its Specifications; a type for which it has none is left out."""
    told = component("a", 4, 1)
    compute = told["Request"].pop("Specification")["ComputeResourceRequirements"]
    told["Request"]["Specifications"] = [
        {"InstanceType": "ml.g5.12xlarge", "ModelName": "v1", "ComputeResourceRequirements": compute},
        {
            "InstanceType": "ml.g6.12xlarge",
            "ModelName": "v1",
            "ComputeResourceRequirements": {**compute, "NumberOfAcceleratorDevicesRequired": 2},
        },
    ]
    found = plan(told, hold=["rest"], types=["ml.g[56].12xlarge", "ml.g6e.12xlarge"])
    assert found.steady is not None
    assert (found.steady[0].type, found.steady[0].instances) == ("ml.g5.12xlarge", 1)
    assert {one.name for one in found.left_out} == {"ml.g6e.12xlarge"}


def test_partitions_follow_the_layout_of_the_configuration() -> None:
    """Two partitions an accelerator, on types that can be cut so; without a layout nothing tells how many."""
    told = component("a", 40, 1)
    asked = told["Request"]["Specification"]["ComputeResourceRequirements"]
    asked["AcceleratorPartitionType"] = "mig-3g.40gb"
    layout = [{"AcceleratorPartitionTypes": ["mig-3g.40gb", "mig-3g.40gb"]}]
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.p5.48xlarge",
        "InitialInstanceCount": 1,
        "AcceleratorPartitionLayouts": layout,
    }
    configuration = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
    found = icplan.plan([configuration, told], by="instances", types=["ml.p5.*", "ml.g5.*"], hold=["rest"])
    assert found.steady is not None
    assert (found.steady[0].type, found.steady[0].instances) == ("ml.p5.48xlarge", 3)
    with pytest.raises(icplan.InputError, match="no layout has it"):
        icplan.plan(told, by="instances")


def test_adapters_take_no_room_and_come_after_their_base() -> None:
    """Without a base among the components it cannot be told where they go."""
    adapter = {
        "InferenceComponentName": "lora",
        "EndpointName": "prod",
        "Specification": {
            "BaseInferenceComponentName": "a",
            "Container": {"ArtifactUrl": "s3://models/lora.tar.gz"},
        },
    }
    found = plan(adapter, component("a", 4, 4), hold=["rest"])
    assert counts(found) == (4, 4)
    assert [one.name for one in found.components] == ["a", "lora"]
    with pytest.raises(icplan.InputError, match="adapter of a, which is not among"):
        plan(adapter, component("b", 1))


def test_a_type_with_no_more_room_that_is_no_cheaper_is_passed_over() -> None:
    """With the reason; the same room at a lower price wins."""
    prices = {**PRICES, "PerHour": {"ml.g5.12xlarge": "7.09", "ml.g6.12xlarge": "5.752"}}
    found = icplan.plan(component("a", 4, 4), prices=prices, hold=["rest"])
    assert found.steady is not None
    assert found.steady[0].type == "ml.g6.12xlarge"
    (passed,) = found.passed_over
    assert passed.because == "the same room as ml.g6.12xlarge, 23 % dearer"
    assert found.cost == 4 * 5_752_000
    assert found.monthly_cost == 730 * 4 * 5_752_000


def test_a_discount_changes_which_is_cheapest() -> None:
    """A Savings Plan makes the other one cheaper."""
    per_hour = {"ml.g5.12xlarge": "7.09", "ml.g6.12xlarge": "5.752"}
    prices = Prices.from_dict({**PRICES, "PerHour": per_hour}).with_discounts(["ml.g5.*=30"])
    found = icplan.plan(component("a", 4, 4), prices=prices, hold=["rest"])
    assert found.steady is not None
    assert found.steady[0].type == "ml.g5.12xlarge"
    assert found.prices is not None
    assert found.prices.discounts == {"ml.g5.12xlarge": 30}


def test_a_mix_of_types_is_not_promised() -> None:
    """Pools name no counts: what fits best is told, and that it may not hold."""
    prices = {**PRICES, "PerHour": {"ml.g5.2xlarge": "1.515", "ml.g5.12xlarge": "7.09"}}
    components = component("big", 1, 4), component("small", 1, 1)
    found = icplan.plan([*components], prices=prices, hold=["rest"], max_types=2)
    assert found.steady is not None
    assert [(one.type, one.instances) for one in found.steady] == [
        ("ml.g5.12xlarge", 1),
        ("ml.g5.2xlarge", 1),
    ]
    assert found.outcome is PlanOutcome.MAY_NOT_HOLD
    assert found.peak is None
    single = icplan.plan([*components], prices=prices, hold=["rest"])
    assert any(len(one.fleet) == 2 for one in single.passed_over)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hold": ["updates"]}, "no condition 'updates'"),
        ({"hold": ["lost-zone"]}, "needs the number of zones"),
        ({"hold": ["update:3"]}, "has no number of zones"),
        ({"hold": ["update=often"]}, "has no level"),
        ({"hold": "update"}, "must be a list"),
        ({"within": "always"}, "within cannot be 'always'"),
        ({"by": "weight"}, "by cannot be 'weight'"),
        ({"by": "cost"}, "prices are missing"),
        ({"gap": "much"}, "gap cannot be"),
        ({"max_types": 6}, "max_types is from 1 to 5"),
        ({"types": ["ml.x9.*"]}, "no instance type is 'ml.x9.*'"),
        ({"hold": ["update", "update=movable"]}, "update is given twice with different levels"),
        ({"hold": ["rest=movable", "rest"]}, "rest is given twice with different levels"),
        ({"hold": ["lost-zone:3", "lost-zone:2"]}, "lost-zone is given twice with different zones"),
        ({"hold": 5}, "hold: must be a list of texts, not 5"),
        ({"hold": ["lost-type"]}, "lost-type needs --max-types 2 or more"),
        ({"gap": 101}, "the gap cannot be 101"),
        ({"quotas": {"ml.nosuch.x": 3}}, "unknown instance type 'ml.nosuch.x'"),
        ({"allocatable": ["ml.zz.memory=5"]}, "unknown instance type 'ml.zz'"),
        ({"by": "cost", "prices": 5}, "prices must be Prices, a dict or the path of a file, not int"),
    ],
)
def test_what_is_no_setting_is_refused(settings: dict[str, Any], said: str) -> None:
    """In one sentence."""
    with pytest.raises(icplan.InputError, match=said.replace("*", r"\*")):
        plan(component("a", 1), **settings)


@given(st.integers(0, 10**6), st.sampled_from(("rest", "update", "rollback", "autoscaling", "lost-instance")))
@share(4)
def test_trying_everything_finds_no_cheaper_fleet(seed: int, condition: str) -> None:
    """All copies movable, within the steady fleet: each type and number is tried."""
    components = drawn_components(Random(seed), Size(2, 3))  # noqa: S311
    found = icplan.plan(
        components, prices=PRICES, hold=[f"{condition}=movable"], within="steady", allocatable=SETTINGS
    )
    if found.problem is None:
        assert found.outcome is PlanOutcome.IMPOSSIBLE
        return
    problem = found.problem
    costs = []
    for option, own in enumerate(problem.options):
        for number in range(12):
            fleet = tuple(number if n == option else 0 for n in range(len(problem.options)))
            holds = True
            for one in problem.conditions:
                left = one.left(fleet)
                holds = holds and (left is None or packing_brute.fits(problem.packing(left, one.counts)))
            if holds:
                costs.append(number * own.cost)
                break
    assert found.cost == (min(costs) if costs else None)


@given(st.integers(0, 10**6))
@share(10)
def test_one_more_condition_never_makes_it_cheaper(seed: int) -> None:
    """Nor does a smaller quota, nor one type less; names make no difference."""
    random = Random(seed)  # noqa: S311
    wanted = components_in(drawn_components(random, Size(3, 4)))
    prices = Prices.from_dict(PRICES)
    conditions = ["update", "rollback", "autoscaling", "lost-instance=movable"]
    random.shuffle(conditions)
    less = PlanSettings(promises_of(conditions[:1]), prices)
    more = PlanSettings(promises_of(conditions[:2]), prices)
    before, after = (cost(make_plan(wanted, one)) for one in (less, more))
    assert before <= after
    fewer = attrs.evolve(less, types=("ml.g6*", "ml.m5*"))
    assert before <= cost(make_plan(wanted, fewer))
    limited = attrs.evolve(less, quotas={"ml.g5.12xlarge": 2, "ml.g6.48xlarge": 3})
    assert before <= cost(make_plan(wanted, limited))


def cost(found: icplan.Plan) -> float:
    """What it costs; nothing is dearer than what cannot be."""
    assert found.outcome is not PlanOutcome.UNDECIDED
    return float("inf") if found.cost is None else found.cost


def test_of_as_many_accelerators_the_smaller_host_is_taken() -> None:
    """Both have four: nothing else is weighed."""
    found = plan(
        component("a", 4, 4), by="accelerators", types=["ml.g5.24xlarge", "ml.g5.12xlarge"], hold=["rest"]
    )
    assert found.steady is not None
    assert found.steady[0].type == "ml.g5.12xlarge"
    assert found.cost == 16


def test_names_and_order_make_no_difference() -> None:
    """But for the names."""
    one, other = component("a", 3, 2, batch=1), component("b", 5, 1, batch=2)
    assert counts(plan(one, other)) == counts(plan(other, one))
    renamed = component("zz", 3, 2, batch=1), component("y", 5, 1, batch=2)
    assert counts(plan(*renamed)) == counts(plan(one, other))


def test_the_same_question_takes_the_same_work() -> None:
    """And gets the same answer, whatever the time."""
    first, second = (plan(component("a", 3, 2, batch=1), component("b", 5, 1)) for _ in range(2))
    assert first == second


def test_where_mixes_are_allowed_a_single_type_is_not_called_what_it_may_not_be() -> None:
    """Neither cheapest nor impossible: what a mix surely holds is not asked."""
    components = (component("a", 3, 2, batch=1), component("b", 3, 1, batch=1))
    types = ["ml.g5.12xlarge", "ml.g5.2xlarge"]
    steady = {"hold": ["update"], "within": "steady", "prices": PRICES, "by": "cost", "types": types}
    alone, mixed = (plan(*components, **steady, max_types=n) for n in (1, 2))
    assert alone.outcome is PlanOutcome.OPTIMAL
    assert mixed.bound <= alone.bound
    assert mixed.outcome is not PlanOutcome.OPTIMAL or mixed.cost == mixed.bound == alone.cost
    limits = {"ml.g5.12xlarge": 1, "ml.g5.2xlarge": 1}
    few = (component("a", 4, 1, batch=1),)
    told = [plan(*few, **{**steady, "within": "peak", "quotas": limits}, max_types=n) for n in (1, 2)]
    assert [one.outcome for one in told] == [PlanOutcome.IMPOSSIBLE, PlanOutcome.UNDECIDED]


def test_a_loss_refutes_a_fleet_only_where_it_may_happen() -> None:
    """Of each loss it is told how all that is lost lay on what is gone: together, not each by itself."""
    for seed in range(6):
        components = drawn_components(Random(seed), Size(3, 3))  # noqa: S311
        hold = ("rest", "lost-instance")
        found = icplan.plan(components, prices=PRICES, allocatable=SETTINGS, hold=hold)
        for shown in found.smaller:
            for one in shown.broken:
                lost = one.condition.startswith("lost-")
                assert (one.lost is not None) is lost
