"""Each way in which a plan contradicts itself is refused by the check of it, and told as what it is."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from support.drawn_components import PRICES, SETTINGS, Size, drawn_components
from test_verify_plan import change, sure, written

import icplan
from icplan.verdict.fleet_plan_codec import plan_to_dict
from icplan.verify.fleet_plan import verify_plan
from icplan.verify.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

#: A member and what becomes of it.
Steps = tuple[str | int, ...]

FIGURES, FLEET, BESIDE = "the figures", "the steady fleet", "what it is compared with"
COMPONENTS = "the components"
OTHER = {"InstanceType": "ml.g6.48xlarge", "Instances": 1}


@cache
def _impossible() -> str:
    components = drawn_components(Random(3), Size(3, 4))  # noqa: S311
    plan = icplan.plan(components, prices=PRICES, allocatable=SETTINGS, quotas={"ml.g5.12xlarge": 1} | NONE)
    assert plan.outcome == "impossible"
    return json.dumps(plan_to_dict(plan))


NONE = {"ml.g5.2xlarge": 0, "ml.g6.48xlarge": 0, "ml.m5.2xlarge": 0}
PLANS: dict[str, Callable[[], dict[str, Any]]] = {
    "plain": lambda: json.loads(written(3)),
    "movable": lambda: json.loads(written(3, hold=("rest", "update=movable"))),
    "lost": lambda: json.loads(written(3, hold=("rest", "lost-instance"))),
    "impossible": lambda: json.loads(_impossible()),
    "updates": lambda: sure("updates"),
    "scaling": lambda: sure("scaling"),
}


def refused(plan: dict[str, Any], phase: str) -> set[str]:
    """Why a part of it is refused."""
    return {one.reason for one in verify_plan(plan) if one.phase == phase and one.result is Result.REJECTED}


def altered(named: str, *alterations: tuple[Steps, Any]) -> dict[str, Any]:
    plan = PLANS[named]()
    for steps, to in alterations:
        plan = change(plan, *steps, to=to)
    return plan


STEADY, PEAK = ("Steady",), ("Peak",)


@pytest.mark.parametrize(
    ("named", "alterations", "said"),
    [
        ("plain", [(("Cost",), None)], "a fleet without a cost, or a cost without one"),
        ("plain", [(("Outcome",), "undecided")], "undecided does not go with the fleet"),
        (
            "plain",
            [(("Impossible",), {"Conditions": [], "Components": [], "Limit": "none"})],
            "why is not told",
        ),
        ("impossible", [(("Impossible",), None)], "why is not told"),
        ("plain", [(("Components", 0, "MaxCopies"), 0)], "c0 has more copies than it may have"),
        ("plain", [(("Components", 0, "Batch"), 3)], "c0 is updated in too large batches"),
        ("plain", [(("Components", 0, "RollbackBatch"), 3)], "c0 is updated in too large batches"),
        ("plain", [(("Components", 0, "BatchOfMax"), 3)], "c0 is updated in too large batches"),
        ("plain", [(("Components", 0, "Batch"), 0)], "c0 has no batch"),
        ("plain", [(("Types",), [])], "a type was not compared"),
        ("plain", [(("Cost",), "14.19")], "the cost is another"),
        ("plain", [(("PeakCost",), "28.37")], "the cost is another"),
        ("plain", [(("Bound",), "14.19")], "the bound is above the cost"),
        ("plain", [(("Bound",), "14.17")], "the bound does not meet the cost"),
        ("plain", [(("Outcome",), "within-gap")], "it is further from the bound than the gap"),
        ("impossible", [(PEAK, []), (("PeakCost",), "0")], "a peak of no fleet"),
        (
            "plain",
            [((*PEAK, 0, "Instances"), 1), (("PeakCost",), "7.09")],
            "the peak is below the steady fleet",
        ),
        ("plain", [(("Types", 0, "Limit"), 3)], "the peak is above the limit"),
        ("plain", [(("Within",), "steady")], "the steady fleet alone is to hold everything"),
        ("plain", [(PEAK, []), (("PeakCost",), "0")], "the peak is of other types"),
    ],
)
def test_figures_that_do_not_go_together(named: str, alterations: list[tuple[Steps, Any]], said: str) -> None:
    assert said in refused(altered(named, *alterations), FIGURES)


def first_cut(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, with a count more than its placements have."""
    return {**answer, "Counts": [answer["Counts"][0] + 1, *answer["Counts"][1:]]}


@pytest.mark.parametrize(
    ("named", "steps", "to", "said"),
    [
        ("plain", ("Problem",), None, "nothing shows that it is the cheapest"),
        ("plain", ("Components", 0, "Name"), "other", "the question is about other components"),
        ("plain", ("Types", 0, "Cost"), "7.08", "the question is about other types"),
        ("plain", ("MaxTypes",), 2, "other types may be mixed"),
        ("plain", ("Problem", "MaxTotal"), 9, "other types may be mixed"),
        (
            "plain",
            ("Problem", "Items", 0, "Demands", 0),
            [1, 1, 1],
            "a copy of c0 takes something else than it requests",
        ),
        ("plain", ("Problem", "Conditions"), [], "the question is about other conditions"),
        ("plain", ("Answer",), first_cut, "the answer does not hold"),
        ("impossible", ("Outcome",), "undecided", "the answer is another"),
        ("plain", STEADY, lambda fleet: [*fleet, OTHER], "the fleet is not allowed"),
        ("plain", (*STEADY, 0, "Instances"), 1, "the answer is another fleet"),
        ("plain", ("Bound",), "14.17", "the bound is below that of the answer"),
    ],
)
def test_a_fleet_that_is_not_the_answer(named: str, steps: Steps, to: Any, said: str) -> None:
    assert said in refused(altered(named, (steps, to)), FLEET)


HELD = ("Held", -1)
PHASE = (*HELD, "Phases", 0)


@pytest.mark.parametrize(
    ("named", "phase", "alterations", "said"),
    [
        ("movable", "update", [((*HELD, "Component"), "other")], "it is not promised"),
        ("movable", "update", [((*HELD, "Movable", "Counts"), [9])], "what is shown does not hold"),
        ("movable", "update", [((*HELD, "Instances"), 4)], "it takes another number"),
        ("movable", "update", [((*PEAK, 0, "Instances"), 2)], "it takes more than the peak"),
        ("movable", "update", [(STEADY, [])], "no fleet is shown"),
        (
            "plain",
            "rollback",
            [(STEADY, lambda fleet: [*fleet, OTHER])],
            "what surely holds is shown of one type",
        ),
        ("plain", "rollback", [((*HELD, "Component"), None)], "of whom is not told"),
        ("plain", "rollback", [((*HELD, "Instances"), None)], "of whom is not told"),
        ("plain", "rollback", [((*PEAK, 0, "Instances"), 3)], "it takes more than the peak"),
        ("plain", "rollback", [((*PHASE, "Outcome"), "does-not-fit")], "it does not fit"),
        ("plain", "rollback", [((*PHASE, "InstancesNeeded"), 3)], "it takes another number"),
        ("plain", "rollback", [((*STEADY, 0, "InstanceType"), "ml.x")], "of another fleet"),
        (
            "plain",
            "rollback",
            [
                ((*PEAK, 0, "Instances"), 5),
                ((*HELD, "Instances"), 5),
                ((*PHASE, "InstancesNow"), 3),
                ((*PHASE, "InstancesNeeded"), 5),
            ],
            "another number of instances runs",
        ),
        (
            "lost",
            "lost-instance",
            [((*HELD, "Instances"), 3), ((*PHASE, "InstancesNow"), 3), ((*PHASE, "InstancesNeeded"), 3)],
            "what is lost is placed again on launched instances",
        ),
        (
            "scaling",
            "autoscaling+update",
            [((*HELD, "Instances"), 13), ((*PHASE, "InstancesNow"), 13), ((*PHASE, "InstancesNeeded"), 13)],
            "fewer instances are launched",
        ),
    ],
)
def test_a_condition_that_is_not_shown(
    named: str, phase: str, alterations: list[tuple[Steps, Any]], said: str
) -> None:
    assert said in refused(altered(named, *alterations), phase)


@pytest.mark.parametrize(
    ("named", "alterations", "said"),
    [
        ("plain", [(STEADY, lambda fleet: [*fleet, OTHER])], "a trade-off of no fleet, or of several types"),
        ("plain", [((*STEADY, 0, "InstanceType"), "ml.x")], "a type was not compared"),
        ("plain", [(("Tradeoff",), lambda rows: rows[1:])], "the trade-off is of other promises"),
        ("plain", [((*STEADY, 0, "Instances"), 3)], "the trade-off ends with another fleet"),
        ("plain", [((*PEAK, 0, "Instances"), 5)], "the trade-off ends with another peak"),
        ("plain", [(("Tradeoff", 0, "Cost"), "7.09")], "the trade-off, rest: the cost is another"),
        (
            "plain",
            [(("Tradeoff", 0, "Steady"), None), (("Tradeoff", 0, "Cost"), None)],
            "the trade-off, rest: a peak of no fleet",
        ),
        ("plain", [(("Bound",), "1000")], "the trade-off, without scale-out: it is below the bound"),
        (
            "plain",
            [(("Tradeoff", 1, "Peak"), 1)],
            "the trade-off, + update of any one: the peak is below the steady fleet",
        ),
        ("plain", [(("Tradeoff", 3, "Peak"), 5)], "the trade-off, without scale-out: the peak is another"),
        (
            "plain",
            [(("Types", 0, "Limit"), 2)],
            "the trade-off, + update of any one: the peak is above the limit",
        ),
        ("plain", [(("PassedOver", 0, "Cost"), None)], "1 x ml.g6.48xlarge, passed over, has no cost"),
        (
            "plain",
            [(("PassedOver", 0, "Bound"), "999")],
            "1 x ml.g6.48xlarge, passed over: the bound is above the cost",
        ),
        (
            "plain",
            [(("PassedOver", 0, "Cost"), "16.689")],
            "1 x ml.g6.48xlarge, passed over, costs something else",
        ),
        (
            "plain",
            [(("PassedOver", 0, "Fleet", 0, "InstanceType"), "ml.x")],
            "1 x ml.x, passed over, was not compared",
        ),
        (
            "plain",
            [(("PassedOver",), lambda all_: all_ * 2)],
            "1 x ml.g6.48xlarge, passed over, is not cheaper",
        ),
        (
            "plain",
            [(("Tradeoff",), []), (("Bound",), "1000")],
            "1 x ml.g6.48xlarge, passed over, is below the bound",
        ),
        (
            "plain",
            [
                (("Tradeoff",), []),
                (("Bound",), "0"),
                (("PassedOver", 0), {"Fleet": [], "Cost": "0", "Bound": "0", "Because": ""}),
            ],
            "a fleet of nothing was passed over",
        ),
    ],
)
def test_what_contradicts_the_fleet_beside_it(
    named: str, alterations: list[tuple[Steps, Any]], said: str
) -> None:
    assert said in refused(altered(named, *alterations), BESIDE)


def test_a_row_that_holds_each_component_but_not_all() -> None:
    """Of each dimension the copies of all take no more than there is."""
    plan = PLANS["updates"]()
    (steady,) = plan["Steady"]
    number = [one["InstanceType"] for one in plan["Types"]].index(steady["InstanceType"])
    offered, cost = plan["Types"][number]["Capacity"], plan["Types"][number]["Cost"]
    copies = {one["Name"]: one["Copies"] for one in plan["Components"]}
    alone = 0
    for item in plan["Problem"]["Items"]:
        demand = item["Demands"][number]
        each = min(have // need for have, need in zip(offered, demand, strict=True) if need)
        alone = max(alone, -(-copies[item["Name"]] // each))
    row = ("Tradeoff", 0)
    told = str(alone * Decimal(cost))
    said = refused(altered("updates", ((*row, "Steady"), alone), ((*row, "Cost"), told)), BESIDE)
    assert f"{alone} x {steady['InstanceType']} cannot hold rest" in said


@pytest.mark.parametrize(
    ("steps", "to", "said"),
    [
        (("Components",), lambda all_: all_ * 2, "a component is there twice"),
        (("Components", 0, "Base"), "other", "c0 is of another base than its request tells"),
        (("Components", 0, "Request", "InferenceComponentName"), "other", "c0 is requested as another"),
        (("Components", 0, "Request", "RuntimeConfig"), "3", "a request cannot be read"),
        (("Components", 0, "Request", "RuntimeConfig", "CopyCount"), "3", "a request cannot be read"),
        (("Components", 0, "Request", "Specifications"), 7, "a request cannot be read"),
        (("Components", 0, "Request", "Specifications"), ["x"], "a request cannot be read"),
        (
            ("Components", 0, "Request", "RuntimeConfig", "CopyCount"),
            300,
            "c0 is requested with another number of copies",
        ),
        (
            ("Components", 0, "Request", "Specification", "ComputeResourceRequirements"),
            None,
            "c0 is requested without what a copy reserves",
        ),
        (
            ("Components", 0, "Rolls"),
            False,
            "c0 is updated in other batches than its DeploymentConfig tells",
        ),
        (("Components", 0, "DeploymentConfig"), {"RollingUpdatePolicy": 1}, "cannot be read"),
        (("Assumptions",), [], "rollback-without-batch is relied on, and is not told"),
    ],
)
def test_components_that_are_not_those_of_the_requests(steps: Steps, to: Any, said: str) -> None:
    assert any(said in one for one in refused(altered("plain", (steps, to)), COMPONENTS))
