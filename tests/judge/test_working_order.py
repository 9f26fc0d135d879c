"""No order of changes that do not depend on each other decides what comes of them: nobody keeps to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from support.endpoints import GPU4, GPU8, component, snapshot
from support.examples import share

import icplan
from icplan.inputs import formats
from icplan.inputs.deployment import Deployment, InputOptions
from icplan.inputs.source import parse_source
from icplan.judge.deployment import judge_deployment
from icplan.judge.settings import Settings
from icplan.verdict.codec import to_dict
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from icplan.verdict.verdict import Verdict

DEVICES = 4
KIND = "awscc_sagemaker_inference_component"
Change = tuple[str, list[str], tuple[int, int], tuple[int, int]]
"""A component, what Terraform does with it, and its copies and devices of a copy, before and after."""


def judged(changes: list[Change], running: dict[str, Any], depends: dict[str, list[str]]) -> Verdict:
    return judged_plan(json.loads(plan(changes, depends)), running)


def judged_plan(document: dict[str, Any], running: dict[str, Any]) -> Verdict:
    there = icplan.Snapshot.from_dict(running)
    source = parse_source(json.dumps(document).encode(), "plan.json")
    read = formats.read([source], InputOptions(snapshot=there.data))
    assert isinstance(read, Deployment)
    (found,) = judge_deployment(read, there, Settings(assume={"unresolved-model": "changed"}))
    return found.verdict


def plan(changes: list[Change], depends: dict[str, list[str]]) -> bytes:
    """A plan of these changes, listed so."""
    listed, done = [], []
    for name, actions, before, after in changes:
        at = {"address": f"{KIND}.{name}", "type": KIND, "name": name}
        sides = {
            "before": None if actions == ["create"] else members(name, "1", *before),
            "after": None if actions == ["delete"] else members(name, "2", *after),
        }
        done.append({**at, "mode": "managed", "change": {"actions": actions, **sides, "after_unknown": {}}})
        waits = [f"{KIND}.{other}" for other in depends.get(name, ())]
        listed.append({**at, "expressions": {}, **({"depends_on": waits} if waits else {})})
    configuration = {"root_module": {"resources": listed}}
    return json.dumps(
        {"format_version": "1.2", "resource_changes": done, "configuration": configuration}
    ).encode()


def members(name: str, version: str, copies: int, devices: int) -> dict[str, Any]:
    compute = {"min_memory_required_in_mb": 1024}
    compute |= {"number_of_accelerator_devices_required": devices} if devices else {}
    return {
        "inference_component_name": name,
        "endpoint_name": "prod",
        "variant_name": "AllTraffic",
        "specification": {
            "model_name": f"{name}-{version}",
            "compute_resource_requirements": compute,
        },
        "runtime_config": {"copy_count": copies},
    }


RECREATED: Change = ("a", ["delete", "create"], (1, 3), (1, 1))
UPDATED: Change = ("b", ["update"], (1, 1), (1, 1))
RUNNING = (component("a", 1, 3), component("b", 1, 1))


def test_what_fits_in_another_order_may_not_fit() -> None:
    """The update of b finds room once a is gone: whether it begins after that, nobody tells."""
    running = snapshot(GPU4, 1, *RUNNING)
    for listed in ([RECREATED, UPDATED], [UPDATED, RECREATED]):
        found = judged(listed, running, {})
        assert found.outcome is Outcome.MAY_NOT_FIT
        of_b = next(one for one in found.changes if one.inference_component_name == "b")
        assert AT_ONCE in {finding.rule for finding in of_b.findings}
        assert all(one.result is Result.VERIFIED for one in verify(to_dict(found)))


def test_what_waits_is_judged_in_its_turn() -> None:
    running = snapshot(GPU4, 1, *RUNNING)
    for listed in ([RECREATED, UPDATED], [UPDATED, RECREATED]):
        assert judged(listed, running, {"b": ["a"]}).outcome is Outcome.FITS
        assert judged(listed, running, {"a": ["b"]}).outcome is Outcome.DOES_NOT_FIT


def test_what_fits_in_no_order_does_not_fit() -> None:
    """Either of two finds the room that is left, and never both."""
    both: list[Change] = [("c", ["create"], (0, 0), (1, 3)), ("d", ["create"], (0, 0), (1, 3))]
    assert judged(both, snapshot(GPU4, 1), {}).outcome is Outcome.DOES_NOT_FIT


def smaller(name: str, before: int, after: int) -> Change:
    return (name, ["update"], (1, before), (1, after))


SMALL: list[Change] = [(f"small{n}", ["create"], (0, 0), (1, 0)) for n in range(5)]
"""Changes that have room whenever they come, and make too many of the others to try every order."""


def test_what_may_fit_in_an_order_that_was_not_tried_is_not_refused() -> None:
    """Two of the updates make room one after the other, and the new component finds it after both."""
    new: Change = ("new", ["create"], (0, 0), (1, 3))
    running = snapshot(GPU8, 1, component("a", 1, 3), component("b", 1, 2), component("rest", 1, 2))
    listed = [new, smaller("a", 3, 2), smaller("b", 2, 1), *SMALL]
    found = judged(listed, running, {})
    assert found.outcome is Outcome.MAY_NOT_FIT
    of_new = next(one for one in found.changes if one.inference_component_name == "new")
    assert any("only the likeliest were tried" in one.message for one in of_new.findings)
    assert not [one for one in verify(to_dict(found)) if one.result is Result.REJECTED]
    in_turn = {"a": ["b"], "new": ["a"]}
    assert judged(listed, running, in_turn).outcome is Outcome.FITS


def test_of_many_changes_what_fits_in_no_order_is_refused() -> None:
    """Where one finds no room whatever the others do, and where all together are too many."""
    large: Change = ("new", ["create"], (0, 0), (1, 4))
    rest = component("rest", 1, 5)
    assert judged([large, *SMALL], snapshot(GPU8, 1, rest), {}).outcome is Outcome.DOES_NOT_FIT
    many: list[Change] = [(f"new{n}", ["create"], (0, 0), (1, 3)) for n in range(6)]
    assert judged(many, snapshot(GPU4, 2), {}).outcome is Outcome.DOES_NOT_FIT


def test_terraform_deletes_beside_the_rest() -> None:
    """What is taken out of the files goes whenever Terraform comes to it: before the rest, or after it."""
    goes: Change = ("a", ["delete"], (1, 3), (0, 0))
    new: Change = ("new", ["create"], (0, 0), (1, 3))
    for listed in ([goes, new], [new, goes]):
        found = judged(listed, snapshot(GPU4, 1, component("a", 1, 3)), {})
        assert found.outcome is Outcome.MAY_NOT_FIT
        assert AT_ONCE in {finding.rule for one in found.changes for finding in one.findings}
        assert judged(listed, snapshot(GPU4, 2, component("a", 1, 3)), {}).outcome is Outcome.FITS


def test_a_replacement_that_is_made_first_goes_beside_the_rest() -> None:
    """With create_before_destroy both are there; what is made besides may come before the old one goes."""
    replaced: Change = ("a", ["create", "delete"], (1, 2), (1, 2))
    new: Change = ("new", ["create"], (0, 0), (1, 2))
    running = snapshot(GPU4, 1, component("a", 1, 2))
    document = json.loads(plan([replaced, new], {}))
    document["resource_changes"][0]["change"]["after"]["inference_component_name"] = "a2"
    assert judged_plan(document, running).outcome is Outcome.MAY_NOT_FIT
    assert judged_plan(document, snapshot(GPU4, 2, component("a", 1, 2))).outcome is Outcome.FITS


@st.composite
def fleets(draw: st.DrawFn) -> tuple[list[Change], list[dict[str, Any]], int]:
    """What runs, and has room, what becomes of it, and on how many instances."""
    sizes = st.tuples(st.integers(1, 2), st.integers(1, 3))
    changes: list[Change] = []
    running, taken = [], [0] * draw(st.integers(1, 3))
    for name in "abc"[: draw(st.integers(2, 3))]:
        actions = draw(st.sampled_from([["create"], ["delete"], ["update"], ["delete", "create"]]))
        before, after = draw(sizes), draw(sizes)
        changes.append((name, actions, before, after))
        if actions != ["create"]:
            running.append(component(name, *before))
            for _ in range(before[0]):
                free = [at for at, devices in enumerate(taken) if devices + before[1] <= DEVICES]
                assume(free)
                taken[free[0]] += before[1]
    return changes, running, len(taken)


@pytest.mark.slow
@share(4)
@given(fleets(), st.randoms(use_true_random=False))
def test_the_order_of_a_plan_decides_nothing(
    drawn: tuple[list[Change], list[dict[str, Any]], int], random: Any
) -> None:
    changes, components, instances = drawn
    running = snapshot(GPU4, instances, *components)
    first = judged(changes, running, {})
    random.shuffle(changes)
    event(f"{first.outcome}")
    assert judged(changes, running, {}).outcome is first.outcome
