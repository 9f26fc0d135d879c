"""Changes of an endpoint carry phases, premises and proofs like the rest, and anything false is refused."""

from __future__ import annotations

import copy
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from support.endpoints import GPU4, component, create, snapshot
from support.tampering import idle, proven, tampered

import icplan
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
ROLE = "arn:aws:iam::111122223333:role/sagemaker"
RUNS = snapshot(GPU4, 2, component("a", 2, 2, 1000), component("b", 2, 1, 1000), scaling=(1, 4))
CROWDED = snapshot(GPU4, 2, component("a", 3, 2, 1000), component("b", 2, 1, 1000), scaling=(1, 4))


def configuration(instances: int, most: int | None = None) -> Json:
    variant: Json = {"VariantName": "AllTraffic", "InstanceType": GPU4, "InitialInstanceCount": instances}
    if most is not None:
        bounds = {"MinInstanceCount": 1, "MaxInstanceCount": most}
        variant["ManagedInstanceScaling"] = {"Status": "ENABLED", **bounds}
    return {"EndpointConfigName": "next", "ExecutionRoleArn": ROLE, "ProductionVariants": [variant]}


UPDATE = {"EndpointName": "prod", "EndpointConfigName": "next"}


def judged(changes: list[Json], taken: Json | None) -> Json:
    made: Json = json.loads(json.dumps(to_dict(icplan.check(changes, taken))))
    return made


CASES: dict[str, Callable[[], Json]] = {
    "fits": lambda: judged([configuration(3), UPDATE], RUNS),
    "fits-after-scale-out": lambda: judged([configuration(1, most=6), UPDATE], RUNS),
    "may-not-fit": lambda: judged([configuration(2), UPDATE], CROWDED),
    "does-not-fit": lambda: judged([configuration(1), UPDATE], RUNS),
}
#: A part of the ways to change a verdict is tried of each: every so many.
STRIDE = 5
#: Names, where one phase alone shows the outcome; and what says the same.
IDLE = re.compile(r".*\.(Component|Variant): '.*becomes.*|.*\.Launched: left out.*", re.DOTALL)


@pytest.mark.parametrize("outcome", CASES)
def test_every_outcome_is_shown(outcome: str) -> None:
    """A phase for each component that is placed anew, whatever the order; a refusal by one of them."""
    made = CASES[outcome]()
    change = made["Changes"][1]
    assert change["Outcome"] == outcome
    assert {phase["Variant"] for phase in change["Phases"]} == {"AllTraffic"}
    names = [phase["Component"] for phase in change["Phases"]]
    assert names == ["a", "b"] or outcome == "does-not-fit"
    assert {one.result for one in verify(made)} == {Result.VERIFIED}


def test_what_nothing_runs_on_rests() -> None:
    """A notebook's configuration and endpoint place nothing; the components on it are judged after them."""
    made = judged([configuration(1, most=2), UPDATE, create("a", 3, 2)], None)
    assert [[phase["Kind"] for phase in change["Phases"]] for change in made["Changes"]] == [
        ["steady"],
        ["steady"],
        ["place"],
    ]
    assert {one.result for one in verify(made)} == {Result.VERIFIED}


@pytest.mark.parametrize("outcome", CASES)
def test_no_other_outcome_is_shown(outcome: str) -> None:
    """Neither of a phase alone, nor with the change and the set made to agree."""
    made = CASES[outcome]()
    phases = range(len(made["Changes"][1]["Phases"]))
    for number, other, whole in itertools.product(phases, Outcome, (False, True)):
        false = copy.deepcopy(made)
        change = false["Changes"][1]
        if change["Phases"][number]["Outcome"] == other:
            continue
        change["Phases"][number]["Outcome"] = str(other)
        if whole:
            worst = Outcome.worst(Outcome(phase["Outcome"]) for phase in change["Phases"])
            change["Outcome"] = false["Outcome"] = str(worst)
        assert not proven(false), other


@pytest.mark.parametrize("outcome", CASES)
def test_one_thing_changed_is_noticed(outcome: str) -> None:
    """Of the phases, their premises and proofs, but for what the file cannot tell."""
    made = CASES[outcome]()
    tried = 0
    for number, (path, how) in enumerate(tampered(made)):
        if number % STRIDE or ".Phases[]." not in path or idle(path, how) or IDLE.fullmatch(f"{path}: {how}"):
            continue
        tried += 1
        assert not proven(made), f"{path}: {how}"
    assert tried


@pytest.mark.parametrize("outcome", ["fits", "fits-after-scale-out", "may-not-fit"])
def test_no_component_is_left_out(outcome: str) -> None:
    """Neither with its phase, nor with all that the other phases say of it."""
    made = CASES[outcome]()
    change = made["Changes"][1]
    for phase in list(change["Phases"]):
        others = [one for one in change["Phases"] if one is not phase]
        false = copy.deepcopy(made)
        false["Changes"][1]["Phases"] = copy.deepcopy(others)
        assert not proven(false)


def test_without_phases_it_is_without_evidence() -> None:
    """As files were written once."""
    made = CASES["fits"]()
    made["Changes"][1]["Phases"] = []
    assert {one.result for one in verify(made)} == {Result.VERIFIED, Result.UNPROVEN}
