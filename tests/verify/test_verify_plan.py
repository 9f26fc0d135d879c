"""A plan is re-checked without the solver: what is right is verified, what is altered is refused."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support.drawn_components import KNOWN, PRICES, SETTINGS, Size, drawn_components

import icplan
from icplan.cli.main import main
from icplan.verdict.fleet_plan_codec import plan_to_dict
from icplan.verify.fleet_plan import verify_plan
from icplan.verify.result import Result

if TYPE_CHECKING:
    from pathlib import Path

    from icplan.verdict.fleet_plan import Plan


COMPUTE = ("Components", 0, "Request", "Specification", "ComputeResourceRequirements")
POLICY = ("Components", 0, "DeploymentConfig", "RollingUpdatePolicy")


@cache
def written(seed: int = 3, **settings: Any) -> str:
    """A plan for drawn components, as JSON."""
    components = drawn_components(Random(seed), Size(3, 4))  # noqa: S311
    plan = icplan.plan(components, prices=PRICES, allocatable=SETTINGS, **settings)
    return json.dumps(plan_to_dict(plan))


def results(plan: Any) -> set[Result]:
    """What a check of it finds."""
    return {one.result for one in verify_plan(plan)}


@pytest.mark.parametrize("seed", range(4))
def test_everything_that_a_plan_says_is_verified(seed: int) -> None:
    """The fleet, that none is cheaper, and each update and rollback."""
    assert results(json.loads(written(seed))) == {Result.VERIFIED}


@pytest.mark.parametrize("rounding", ["up", "down"])
@pytest.mark.parametrize("whole", ["all-at-once", "one-by-one"])
def test_batches_are_those_of_what_was_assumed(rounding: str, whole: str) -> None:
    """A share of the copies, and what nobody says of updates: each by the value that the plan tells."""
    (component,) = drawn_components(Random(3), Size(1, 4))  # noqa: S311
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    policy = {"MaximumBatchSize": half, "RollbackMaximumBatchSize": half, "WaitIntervalInSeconds": 60}
    component["Request"]["RuntimeConfig"] = {"CopyCount": 3}
    component["Copies"] = {"Min": 3, "Max": 5}
    component["DeploymentConfig"] = {"RollingUpdatePolicy": policy}
    other = copy.deepcopy(component)
    other["Request"]["InferenceComponentName"] = "other"
    del other["DeploymentConfig"]
    assume = {"batch-rounding": rounding, "update-without-deployment-config": whole}
    made = icplan.plan([component, other], prices=PRICES, allocatable=SETTINGS, assume=assume)
    plan = json.loads(json.dumps(plan_to_dict(made)))
    assert results(plan) == {Result.VERIFIED}
    for number, _ in enumerate(plan["Assumptions"]):
        assert Result.REJECTED in results(change(plan, "Assumptions", number, "Value", to="otherwise"))


#: What the steady fleet must surely hold, and fleets that are raised by it.
SURE = {
    "updates": (6, ("rest", "update", "rollback"), "steady"),
    "scaling": (6, ("rest", "autoscaling", "autoscaling+update"), "steady"),
    "creation": (27, ("rest",), "steady"),
    "an instance": (20, ("rest", "update", "rollback", "autoscaling", "lost-instance"), "steady"),
    "a zone": (6, ("rest", "update", "lost-zone:3"), "peak"),
}


def sure(named: str) -> dict[str, Any]:
    """A plan whose steady fleet holds something however copies lie."""
    seed, hold, within = SURE[named]
    plan: dict[str, Any] = json.loads(written(seed, hold=hold, within=within))
    return plan


@pytest.mark.parametrize("named", SURE)
def test_no_smaller_fleet_surely_holds_it(named: str) -> None:
    """Each has a world that breaks a promise, or cannot hold all even where copies are movable."""
    plan = sure(named)
    assert plan["Smaller"]
    assert any(one["Broken"] for one in plan["Smaller"])
    assert results(plan) == {Result.VERIFIED}


@pytest.mark.parametrize("named", SURE)
def test_each_of_the_worlds_is_needed_as_it_is(named: str) -> None:
    """Without one, something is not shown; one that is altered is refused."""
    plan = sure(named)
    for number, shown in enumerate(plan["Smaller"]):
        place = ("Smaller", number)
        if shown["Broken"]:
            assert Result.UNPROVEN in results(change(plan, *place, "Broken", to=[]))
        for at, one in enumerate(shown["Broken"]):
            world = (*place, "Broken", at)
            assert_refused(change(plan, *world, "World", "Room", to=lambda n: n + 1))
            assert_refused(change(plan, *world, "Instances", to=lambda n: n - 1))
            assert_refused(change(plan, *world, "Growth", to=1))
            assert_refused(change(plan, *world, "Condition", to="lost-type"))
            assert_refused(change(plan, *world, "Premises", "Target", "Copies", to=lambda n: n + 1))
            assert_refused(change(plan, *world, "Premises", "Existing", to=[]))
            if "lost" in one["Condition"]:
                assert_refused(change(plan, *world, "Lost", to=None))
                assert_refused(change(plan, *world, "Lost", to=[]))


def assert_refused(plan: dict[str, Any]) -> None:
    """That a check of it finds something that does not hold, or data that is no plan."""
    try:
        assert Result.REJECTED in results(plan)
    except icplan.InputError:
        return


def test_a_type_of_which_nothing_is_shown_leaves_it_open() -> None:
    """And what an instance may offer at most must be told, since worlds may have it."""
    plan = sure("updates")
    assert Result.UNPROVEN in results(change(plan, "Smaller", to=lambda all_: all_[1:]))
    assert Result.UNPROVEN in results(change(plan, "Smaller", to=[]))
    for number, _ in enumerate(plan["Types"]):
        roomier = change(plan, "Types", number, "CapacityAtMost", 1, to=lambda n: n + 1)
        assert Result.REJECTED in results(roomier) or number != 0


def test_what_passes_with_all_copies_movable_is_verified() -> None:
    """By a placement on as many instances as it takes, and a proof that it takes as many."""
    plan = json.loads(written(3, hold=("rest", "update=movable")))
    assert results(plan) == {Result.VERIFIED}
    numbers = [n for n, one in enumerate(plan["Held"]) if one.get("Movable")]
    assert numbers
    for number in numbers:
        held = ("Held", number)
        assert Result.UNPROVEN in results(change(plan, *held, "Movable", to=None))
        assert Result.REJECTED in results(change(plan, *held, "Instances", to=lambda n: n + 1))
        assert Result.REJECTED in results(change(plan, *held, "Component", to="other"))
        assert Result.REJECTED in results(change(plan, *held, "Movable", "Placements", to=[[]]))


@cache
def too_small_at_its_peak(grown: int) -> Plan:
    """No plan, since the quota has room for the steady fleet and so many more instances."""
    components = drawn_components(Random(3), Size(3, 4))  # noqa: S311
    within = icplan.plan(components, prices=PRICES, allocatable=SETTINGS)
    assert within.steady is not None
    (steady,) = within.steady
    quotas = dict.fromkeys(KNOWN, 0) | {steady.type: steady.instances + grown}
    return icplan.plan(components, prices=PRICES, allocatable=SETTINGS, quotas=quotas)


@pytest.mark.parametrize("grown", [0, 1])
def test_that_the_quota_is_too_small_for_the_peak_is_verified(grown: int) -> None:
    """Of each number of instances: something surely takes more at its peak, or cannot even lie there."""
    plan = too_small_at_its_peak(grown)
    assert plan.outcome == "impossible"
    assert plan.answer is not None
    assert plan.answer.possible
    assert results(json.loads(json.dumps(plan_to_dict(plan)))) == {Result.VERIFIED}


def test_what_cannot_be_is_verified_too() -> None:
    """With the proof that no allowed fleet holds it."""
    quotas = {"ml.g5.2xlarge": 0, "ml.g5.12xlarge": 1, "ml.g6.48xlarge": 0, "ml.m5.2xlarge": 0}
    components = drawn_components(Random(3), Size(3, 4))  # noqa: S311
    plan = icplan.plan(components, prices=PRICES, allocatable=SETTINGS, quotas=quotas)
    assert plan.outcome == "impossible"
    assert plan.answer is not None
    assert results(json.loads(json.dumps(plan_to_dict(plan)))) == {Result.VERIFIED}


def change(plan: dict[str, Any], *steps: str | int, to: Any) -> dict[str, Any]:
    """The plan with one of its members altered."""
    altered = copy.deepcopy(plan)
    inner: Any = altered
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = to(inner[steps[-1]]) if callable(to) else to
    return altered


@pytest.mark.parametrize(
    ("steps", "to"),
    [
        (("Steady", 0, "Instances"), lambda n: n - 1),
        (("Steady", 0, "InstanceType"), "ml.g6.48xlarge"),
        (("Peak", 0, "Instances"), lambda n: n - 1),
        (("Peak", 0, "Instances"), lambda n: n + 1),
        (("Cost",), "0.01"),
        (("Bound",), "0.01"),
        (("Bound",), "1000"),
        (("Outcome",), "impossible"),
        (("Outcome",), "within-gap"),
        (("Components", 0, "Copies"), lambda n: n + 1),
        (("Components", 0, "Batch"), lambda n: n + 1),
        (("Components", 0, "Batch"), 0),
        (("Components", 0, "MaxCopies"), 0),
        (("Components", 0, "RollbackBatch"), 0),
        (("Components", 0, "BatchOfMax"), lambda n: n + 1),
        (("Components", 0, "Rolls"), lambda rolls: not rolls),
        (("Components", 0, "Base"), "other"),
        (("Components", 0, "Request"), {}),
        (("Components", 0, "Request", "InferenceComponentName"), "other"),
        (("Components", 0, "Request", "RuntimeConfig", "CopyCount"), 300),
        (("Components", 0, "Request", "RuntimeConfig", "CopyCount"), "3"),
        (("Components", 0, "Request", "Specification"), []),
        ((*COMPUTE, "MinMemoryRequiredInMb"), lambda n: n + 1),
        ((*COMPUTE, "NumberOfAcceleratorDevicesRequired"), 8),
        ((*COMPUTE, "NumberOfCpuCoresRequired"), 0.7),
        (("Components", 0, "DeploymentConfig"), None),
        (("Components", 0, "DeploymentConfig"), {}),
        ((*POLICY, "MaximumBatchSize", "Value"), lambda n: n + 1),
        ((*POLICY, "MaximumBatchSize", "Value"), "1"),
        ((*POLICY, "MaximumBatchSize"), {"Type": "CAPACITY_PERCENT", "Value": 100}),
        ((*POLICY, "RollbackMaximumBatchSize"), {"Type": "COPY_COUNT", "Value": 1}),
        (("Assumptions",), []),
        (("CpuUnit",), "0"),
        (("CpuUnit",), "-1"),
        (("Dimensions",), ["cpu", "memory", "accelerators", "mig-1g.5gb"]),
        (("Types", 0, "Capacity"), []),
        (("Types", 0, "Capacity"), [150, 131072]),
        (("Types",), []),
        (("Types", 0, "Cost"), "0.01"),
        (("Types", 0, "Capacity", 2), 9),
        (("Promises",), lambda all_: [*all_, {"Condition": "autoscaling", "Level": "movable"}]),
        (("Within",), "steady"),
        (("MaxTypes",), 2),
        (("Problem",), None),
        (("Problem", "Conditions", 0, "Counts", 0), 0),
        (("Problem", "Items", 0, "Name"), "other"),
        (("Problem", "Items", 0, "Demands", 0), [0, 0, 0]),
        (("Answer", "Low"), lambda n: n + 1),
        (("Held", 0, "Phases", 0, "Premises", "Target", "Copies"), 0),
        (("Held", -1, "Phases", 0, "Premises", "Pools", 0, "Count"), lambda n: n + 1),
        (("Held", -1, "Phases", 0, "InstancesNeeded"), lambda n: n + 1),
        (("Held", -1, "Instances"), 10_000),
        (("Held", -1, "Component"), "other"),
        (("Held", -1, "Condition"), "lost-zone:3"),
        (("Held", -1, "Phases", 0, "Premises", "Pools"), lambda pools: pools * 2),
        (("Held", -1, "Condition"), "autoscaling"),
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part, tuple) else "",
)
def test_what_is_altered_is_refused(steps: tuple[str | int, ...], to: Any) -> None:
    """Whatever it is: a figure, a name, a copy of a proof."""
    plan = json.loads(written(3))
    altered = change(plan, *steps, to=to)
    assert altered != plan
    try:
        found = results(altered)
    except icplan.InputError:
        return
    assert Result.REJECTED in found


@pytest.mark.parametrize(
    ("steps", "to"),
    [
        (("Tradeoff", 0, "Steady"), 1),
        (("Tradeoff", 0, "Steady"), None),
        (("Tradeoff", 0, "Cost"), "7.09"),
        (("Tradeoff", 0, "Holds"), "+ its rollback"),
        (("Tradeoff", 1, "Peak"), 2),
        (("Tradeoff", 2, "Peak"), lambda n: n + 1),
        (("Tradeoff", 3, "Peak"), lambda n: n + 1),
        (("Tradeoff", 3), lambda row: {**row, "Steady": 3, "Peak": 3, "Cost": "21.27"}),
        (("Tradeoff",), lambda rows: rows[1:]),
        (("PassedOver", 0, "Cost"), "999"),
        (("PassedOver", 0, "Cost"), None),
        (("PassedOver", 0, "Bound"), "999"),
        (("PassedOver", 0, "Fleet", 0, "Instances"), 2),
        (("PassedOver", 0, "Fleet", 0, "InstanceType"), "ml.unknown"),
        (("PassedOver", 0), lambda one: {**one, "Fleet": [], "Cost": "0"}),
        (("PassedOver",), lambda all_: all_ * 2),
    ],
)
def test_what_is_told_beside_the_fleet_does_not_contradict_it(steps: tuple[str | int, ...], to: Any) -> None:
    """A row with too few instances, another cost, a fleet that is cheaper than the bound."""
    plan = json.loads(written(3))
    found = verify_plan(change(plan, *steps, to=to))
    assert [one.phase for one in found if one.result is Result.REJECTED] == ["what it is compared with"]


def test_what_is_left_out_is_not_verified() -> None:
    """Neither the evidence of a condition, nor the answer."""
    plan = json.loads(written(3))
    assert Result.UNPROVEN in results(change(plan, "Held", to=lambda held: held[1:]))
    assert Result.REJECTED in results(change(plan, "Answer", to=None))


def test_the_command_verifies_a_plan(tmp_path: Path) -> None:
    """And refuses to hold it against what it does not judge."""
    file = tmp_path / "plan.json"
    file.write_text(written(3))
    done = CliRunner().invoke(main, ["verify", str(file)])
    assert done.exit_code == 0
    assert "verified: the steady fleet: optimal" in done.stdout
    last = "beside the plan, told without evidence: Tradeoff, PassedOver"
    assert done.stdout.splitlines()[-1].startswith(last)
    refused = CliRunner().invoke(main, ["verify", str(file), "--require", "fits"])
    assert refused.exit_code == 2
    file.write_text(json.dumps({**json.loads(written(3)), "Cost": "0.01"}))
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 1
    file.write_text('{"IcplanPlan": 2}')
    assert CliRunner().invoke(main, ["verify", str(file)]).exit_code == 2


def test_no_solver_is_loaded(tmp_path: Path) -> None:
    """Nor NumPy, nor OR-Tools."""
    file = tmp_path / "plan.json"
    file.write_text(written(3))
    code = (
        "import json, sys; from icplan.verify.fleet_plan import verify_plan; "
        "verify_plan(json.load(open(sys.argv[1]))); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    loaded = [n for n in done.stdout.split() if n.startswith(("icplan.packing.solver", "numpy", "ortools"))]
    assert not loaded


@pytest.mark.parametrize("condition", ["lost-instance", "lost-zone:3", "autoscaling", "autoscaling+update"])
def test_every_condition_has_evidence(condition: str) -> None:
    """Whether or not a fleet is raised by what it must surely hold."""
    for seed in range(3):
        found = verify_plan(json.loads(written(seed, hold=("rest", condition))))
        assert all(one.result is Result.VERIFIED for one in found if one.phase != "the steady fleet"), found


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ('{"IcplanDiagnosis": 1}', "is IcplanDiagnosis, which is no verdict, plan, headroom or drill"),
        ('{"IcplanPrices": 1}', "is IcplanPrices, which is no verdict, plan, headroom or drill"),
        ("[]", "holds no IcplanVerdict"),
    ],
)
def test_what_can_be_verified_is_told(tmp_path: Path, held: str, told: str) -> None:
    """Of a file that holds nothing of it."""
    file = tmp_path / "file.json"
    file.write_text(held)
    done = CliRunner().invoke(main, ["verify", str(file)])
    assert done.exit_code == 2
    assert told in done.stderr
    for command in ("check", "plan", "headroom", "drill"):
        assert f"icplan {command} --format json" in done.stderr
