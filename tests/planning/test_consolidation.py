"""What an endpoint runs beside what a plan would: the money, the moves, and what SageMaker does by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import attrs
import jsonschema
import pytest
from support.endpoints import GPU4, GPU8, component, pooled, snapshot
from support.plans import compared_plan

import icplan
from icplan.judge.settings import Settings
from icplan.packing.problem import Packing, Status
from icplan.planning.consolidation import MinSavings, consolidation
from icplan.planning.endpoint_components import planned_components
from icplan.report.consolidation_text import consolidation_rows, headline
from icplan.verdict.consolidation import Consolidation, Moves, Worth
from icplan.verdict.fleet_plan import Measure, Plan, TypeCount
from icplan.verdict.fleet_plan_codec import plan_from_dict, plan_schema, plan_to_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

COSTS = {GPU4: 7_090_000, GPU8: 20_360_000}


def plan_of(**steady: int) -> Plan:
    """A plan of so many instances of each type (GPU4, GPU8)."""
    fleet = tuple(TypeCount({"gpu4": GPU4, "gpu8": GPU8}[name], count) for name, count in steady.items())
    cost = sum(COSTS[one.type] * one.instances for one in fleet)
    return attrs.evolve(compared_plan(), steady=fleet, cost=cost, bound=cost)


def found(
    taken: dict[str, Any], plan: Plan, least: str | None = None, costs: Mapping[str, int] = COSTS
) -> Consolidation:
    wanted = None if least is None else MinSavings.of(least)
    return consolidation(icplan.Snapshot.from_dict(taken), plan, costs.get, Settings(), wanted)


def located(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    return [
        {"InferenceComponentName": name, "InstanceId": instance, "InstanceType": GPU4, "Copies": copies}
        for name, instance, copies in rows
    ]


def test_what_is_saved() -> None:
    told = found(snapshot(GPU4, 5, component("chat", 3, 2)), plan_of(gpu4=3))
    assert (told.now, told.needed) == ((TypeCount(GPU4, 5),), (TypeCount(GPU4, 3),))
    assert (told.cost_now, told.savings, told.worth) == (35_450_000, 14_180_000, Worth.WORTH_IT)


@pytest.mark.parametrize(
    ("least", "worth"),
    [
        (None, Worth.WORTH_IT),
        ("40%", Worth.WORTH_IT),
        ("40.01%", Worth.NOT_WORTH_IT),
        ("10351", Worth.WORTH_IT),
        ("10351.5", Worth.NOT_WORTH_IT),
    ],
)
def test_what_is_worth_it(least: str | None, worth: Worth) -> None:
    """A share of what runs, or money a month: 14.18 an hour are 10 351.40."""
    told = found(snapshot(GPU4, 5, component("chat", 3, 2)), plan_of(gpu4=3), least)
    assert told.worth is worth


def test_a_threshold_in_another_measure() -> None:
    """Counts what is counted."""
    plan = attrs.evolve(plan_of(gpu4=3), by=Measure.INSTANCES, cost=3)
    taken = snapshot(GPU4, 5, component("chat", 3, 2))
    for least, worth in (("2", Worth.WORTH_IT), ("3", Worth.NOT_WORTH_IT)):
        assert found(taken, plan, least, {GPU4: 1}).worth is worth


@pytest.mark.parametrize("text", ["", "-1", "10 %", "a lot", "1e9", "%", "1000%%"])
def test_no_threshold(text: str) -> None:
    with pytest.raises(icplan.InputError, match="cannot read the least savings"):
        MinSavings.of(text)


def test_nothing_to_save_and_nothing_known() -> None:
    taken = snapshot(GPU4, 2, component("chat", 3, 2))
    assert found(taken, plan_of(gpu4=2)).worth is Worth.NOTHING_TO_SAVE
    dearer = found(taken, plan_of(gpu4=3))
    assert (dearer.worth, dearer.savings) == (Worth.NOTHING_TO_SAVE, -7_090_000)
    unpriced = found(taken, plan_of(gpu4=1), costs={})
    assert (unpriced.worth, unpriced.savings) == (Worth.NOT_KNOWN, None)
    assert "has no price" in unpriced.notes[0]
    assert found(taken, attrs.evolve(plan_of(gpu4=1), steady=None, cost=None)).worth is Worth.NOT_KNOWN


def test_moves_where_the_arrangement_is_known() -> None:
    """The copies of the instances that hold the fewest, as long as they find room on the others."""
    rows = located(("chat", "i-1", 1), ("rank", "i-1", 1), ("chat", "i-2", 1), ("rank", "i-3", 1))
    parts = (component("chat", 2, 2), component("rank", 2, 1))
    taken = snapshot(GPU4, 3, *parts, CopyLocations=rows)
    assert found(taken, plan_of(gpu4=2)).moves == Moves(1, 1, 4, known=True)
    full = snapshot(
        GPU4, 3, component("chat", 3, 3), CopyLocations=located(*(("chat", f"i-{n}", 1) for n in range(3)))
    )
    assert found(full, plan_of(gpu4=2)).moves == Moves(1, 3, 3, known=True)
    assert found(taken, plan_of(gpu4=3)).moves == Moves(0, 0, 4, known=True)


def test_moves_are_looked_for_within_the_effort() -> None:
    """Where there is none for a search, it is not made: moving all copies is enough all the same."""
    rows = located(("chat", "i-1", 1), ("rank", "i-1", 1), ("chat", "i-2", 2), ("rank", "i-3", 3))
    taken = snapshot(GPU4, 3, component("chat", 3, 1), component("rank", 4, 1), CopyLocations=rows)
    assert found(taken, plan_of(gpu4=2)).moves == Moves(2, 2, 7, known=True)
    with patch("icplan.planning.moves.pack", return_value=Packing(Status.UNDECIDED)) as asked:
        told = consolidation(icplan.Snapshot.from_dict(taken), plan_of(gpu4=2), COSTS.get, Settings(effort=7))
    assert told.moves == Moves(2, 7, 7, known=True)
    assert {call.args[1].effort for call in asked.call_args_list} == {7}


def test_what_holds_few_copies_may_hold_much() -> None:
    """The one copy of vision fills its instance: three copies of others are moved in its place."""
    parts = (component("vision", 1, 4), component("embed", 5, 1))
    rows = located(("vision", "i-1", 1), ("embed", "i-2", 3), ("embed", "i-3", 2))
    taken = snapshot(GPU4, 3, *parts, CopyLocations=rows)
    assert found(taken, plan_of(gpu4=2)).moves == Moves(1, 6, 6, known=True)
    rows = located(("vision", "i-1", 1), ("embed", "i-2", 2), ("embed", "i-3", 2))
    taken = snapshot(GPU4, 3, parts[0], component("embed", 4, 1), CopyLocations=rows)
    assert found(taken, plan_of(gpu4=2)).moves == Moves(1, 2, 5, known=True)


def test_moves_where_it_is_not_known() -> None:
    """From none, since an instance may be idle, to all."""
    taken = snapshot(GPU4, 3, component("chat", 2, 2), component("rank", 2, 1))
    assert found(taken, plan_of(gpu4=2)).moves == Moves(0, 4, 4)
    assert found(taken, plan_of(gpu8=1)).moves == Moves(4, 4, 4, known=True)


def test_of_pools_those_of_the_type_that_goes() -> None:
    chat = component("chat", 3, 2)
    chat["RuntimeConfig"]["PlacementStatus"] = [
        {"InstanceType": GPU4, "CurrentCopyCount": 1},
        {"InstanceType": GPU8, "CurrentCopyCount": 2},
    ]
    told = found(pooled({GPU4: 1, GPU8: 1}, chat), plan_of(gpu8=1))
    assert told.now == (TypeCount(GPU4, 1), TypeCount(GPU8, 1))
    assert told.moves == Moves(1, 3, 3)


@pytest.mark.parametrize(
    ("scaling", "said", "basis"),
    [
        (None, "managed instance scaling is off", "inferred"),
        ({"MinInstanceCount": 5}, "no ScaleInPolicy is set", "inferred"),
        ({"ScaleInPolicy": {"Strategy": "IDLE_RELEASE"}}, "moves no copy", "documented"),
        (
            {"ScaleInPolicy": {"Strategy": "CONSOLIDATION"}},
            "releases up to 1 instance at a time, 20 minutes after",
            "documented",
        ),
        (
            {
                "ScaleInPolicy": {
                    "Strategy": "CONSOLIDATION",
                    "MaximumStepSize": 4,
                    "CooldownInMinutes": 60,
                }
            },
            "releases up to 4 instances at a time, 60 minutes after",
            "documented",
        ),
    ],
)
def test_what_sagemaker_does_by_itself(scaling: dict[str, Any] | None, said: str, basis: str) -> None:
    """Each statement with how it is known."""
    taken = snapshot(GPU4, 5, component("chat", 3, 2))
    if scaling is not None:
        (variant,) = taken["EndpointConfig"]["ProductionVariants"]
        variant["ManagedInstanceScaling"] = {"Status": "ENABLED", "MaxInstanceCount": 9, **scaling}
    (first, *_) = found(taken, plan_of(gpu4=3)).by_itself
    assert said in first.message
    assert first.basis == basis


@pytest.mark.parametrize(
    ("least", "said"),
    [(0, "below the 3 that this plan wants"), (3, None), (4, "MinInstanceCount is 4: no more than 1 can go")],
)
def test_the_minimum_is_held_against_the_plan(least: int, said: str | None) -> None:
    """Idle instances go, so what a plan wants steady must be the minimum."""
    told = found(snapshot(GPU4, 5, component("chat", 3, 2), scaling=(least, 9)), plan_of(gpu4=3))
    judged = [one.message for one in told.by_itself if one.basis == "judged"]
    assert (said in judged[0]) if said else not judged


def test_the_components_of_an_endpoint_are_planned_for() -> None:
    """With the copies that are asked for, what autoscaling may ask for, and how the last update went."""
    policy = {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 60,
        }
    }
    chat = component("chat", 3, 2, LastDeploymentConfig=policy)
    chat["Specification"]["Container"] = {
        "DeployedImage": {"SpecifiedImage": "image", "ResolvedImage": "image@sha256:1"},
        "Environment": {"TOKEN": "REDACTED"},
    }
    gone = component("gone", 1, 1, InferenceComponentStatus="Deleting")
    adapter = component("adapter", 1)
    adapter["Specification"] = {
        "BaseInferenceComponentName": "chat",
        "Container": {"ArtifactUrl": "s3://b/a"},
    }
    targets = [
        {
            "ResourceId": "inference-component/chat",
            "MinCapacity": 1,
            "MaxCapacity": 9,
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
        }
    ]
    taken = icplan.Snapshot.from_dict(snapshot(GPU4, 3, chat, gone, adapter, ScalableTargets=targets))
    planned = planned_components(taken)
    assert [one["Request"]["InferenceComponentName"] for one in planned] == ["chat", "adapter"]
    assert planned[0]["Copies"] == {"Min": 3, "Max": 9}
    assert planned[0]["DeploymentConfig"] == policy
    assert planned[0]["Request"]["Specification"]["Container"] == {"Image": "image"}


def test_no_set_to_plan_for() -> None:
    taken = snapshot(GPU4, 1, component("gone", 1, 1, InferenceComponentStatus="Deleting"))
    with pytest.raises(icplan.InputError, match="no component runs"):
        planned_components(icplan.Snapshot.from_dict(taken))
    two = snapshot(GPU4, 1, component("a", 1, 1), component("b", 1, 1, VariantName="Other"))
    with pytest.raises(
        icplan.InputError, match="are on AllTraffic, Other, and a plan is made for one variant"
    ):
        planned_components(icplan.Snapshot.from_dict(two))


def test_it_is_told_in_text_and_json() -> None:
    taken = snapshot(GPU4, 5, component("chat", 3, 2), TakenAt="2026-11-20T02:11:08Z")
    told = found(taken, plan_of(gpu4=3), "50%")
    plan = attrs.evolve(plan_of(gpu4=3), consolidation=told)
    rows = dict(consolidation_rows(plan))
    assert headline(told) == (
        "CONSOLIDATION of prod, as of 2026-11-20T02:11:08Z: not worth it (--min-savings 50%)"
    )
    assert rows["now"] == "5 x ml.g5.12xlarge, 35.45 $/h, about 25 879 $/month"
    assert rows["needed"] == "3 x ml.g5.12xlarge, 21.27 $/h, about 15 527 $/month"
    assert rows["saves"] == "14.18 $/h, about 10 351 $/month (40 %)"
    assert rows["moves"] == (
        "at least 0 of 3 copies, at most 3; which instance holds which copy is not known"
    )
    written = json.loads(json.dumps(plan_to_dict(plan)))
    jsonschema.Draft202012Validator(plan_schema()).validate(written)
    assert plan_from_dict(written) == plan
    dearer = attrs.evolve(plan, consolidation=attrs.evolve(told, cost_now=20_000_000))
    assert (
        dict(consolidation_rows(dearer))["saves"]
        == "nothing: the plan takes 1.27 $/h, about 927 $/month more"
    )
