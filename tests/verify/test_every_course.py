"""What was decided by trying every course of a small fleet is tried again, and anything false is refused."""

from __future__ import annotations

import copy
import functools
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from support.tampering import proven, tampered

import icplan
from icplan.verdict.codec import to_dict
from icplan.verdict.outcome import Outcome
from icplan.verify import Result, verify

pytestmark = pytest.mark.smoke

#: Drawn by tests/oracle/families.py (seed 11), the smallest of each kind of phase that rests on every course.
#: In "rollback fits" the copies on the other variant were made so large that they surely need an instance.
CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "courses.json").read_text())
#: What nobody documents is set, as it was when they were drawn.
ASSUMED = {
    "update-without-deployment-config": "all-at-once",
    "rollback-without-batch": "all-at-once",
    "batch-rounding": "up",
    "update-to-fewer-copies": "replace-all",
    "spec-change-replaces-copies": "always",
    "emptied-instances": "kept",
    "nested-members": "keep",
}
#: A part of the ways to change a verdict is tried of each: every so many.
STRIDE = 9
#: What says the same, or what the rest of the file cannot tell (docs/evidence.md).
IDLE = (
    ("Courses.Start.Limits", ""),
    ("Courses.Start.Least", ""),
    ("Courses.ReleasedBack", "False becomes True"),
    ("Courses.Start.Components[]", "swapped"),
    ("Courses.Start.Pools[].Capacity[]", "swapped"),
)


def judged(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(written(name))
    return made


@functools.cache
def written(name: str) -> str:
    case = CASES[name]
    snapshot = icplan.Snapshot.from_dict(case["Snapshot"])
    verdict = icplan.check(case["Change"], snapshot, allocatable=case["Allocatable"], assume=ASSUMED)
    return json.dumps(to_dict(verdict))


def by_courses(made: dict[str, Any]) -> list[dict[str, Any]]:
    phases = [phase for change in made["Changes"] for phase in change["Phases"]]
    return [phase for phase in phases if (phase["Proof"] or {}).get("Kind") == "every-course"]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_course_is_tried_again(name: str) -> None:
    """Each kind of phase has its case, and none is without evidence."""
    made = judged(name)
    kind, outcome = name.partition(",")[0].split()
    assert (kind, outcome) in {(phase["Kind"], phase["Outcome"]) for phase in by_courses(made)}
    for change in made["Changes"]:
        assert change.get("Courses") is not None or not by_courses({"Changes": [change]})
    unproven = [one for one in verify(made) if one.result is not Result.VERIFIED]
    # Of a step that no course comes to nothing is shown, and nothing is said.
    refused = any(phase["Outcome"] == "does-not-fit" for phase in by_courses(made))
    assert not unproven or refused
    assert {(one.outcome, one.reason) for one in unproven} <= {("may-not-fit", "no proof is given")}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_no_other_outcome_is_shown(name: str) -> None:
    """Neither of the phase alone, nor with the change and the set made to agree."""
    made = judged(name)
    for number, outcome in itertools.product(range(len(by_courses(made))), Outcome):
        for whole in (False, True):
            false = copy.deepcopy(made)
            phase = by_courses(false)[number]
            if phase["Outcome"] == outcome:
                continue
            phase["Outcome"] = str(outcome)
            if whole:
                for change in false["Changes"]:
                    if phase not in change["Phases"]:
                        continue
                    ways = {"rollback": "RollbackOutcome", "place": "Outcome"}
                    like = [one for one in change["Phases"] if one["Kind"] == phase["Kind"]]
                    worst = Outcome.worst(Outcome(one["Outcome"]) for one in like)
                    change[ways[phase["Kind"]]] = str(worst)
                false["Outcome"] = str(Outcome.worst(Outcome(one["Outcome"]) for one in false["Changes"]))
            assert not proven(false), outcome


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_nothing_of_the_courses_is_idle(name: str) -> None:
    """Each member altered, left out, doubled, swapped: what then follows is another outcome, or not told."""
    made = judged(name)
    used = [change for change in made["Changes"] if by_courses({"Changes": [change]})]
    tried = 0
    for number, (path, how) in enumerate(tampered(made)):
        if number % STRIDE or ".Courses" not in path:
            continue
        if any(path.startswith(f"Changes[].{at}") and told in how for at, told in IDLE):
            continue
        tried += 1
        # A change that rests needs no courses of its own; those of the changes after it start from them.
        assert len(used) < len(made["Changes"]) or not proven(made), f"{path}: {how}"
    assert tried


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_evidence_without_courses_shows_nothing(name: str) -> None:
    """They cannot be left out, nor begin where nothing was left, nor be those of another change."""
    made = judged(name)
    for change in made["Changes"]:
        courses = change.pop("Courses", None)
        if courses is not None and by_courses({"Changes": [change]}):
            assert not proven(made)
        if courses is not None:
            change["Courses"] = courses
    if made["Changes"][0].get("Courses"):
        made["Changes"][0]["Courses"]["Start"] = None
        assert not proven(made)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Limits", [{"Pools": [0], "Sure": 10**6, "Most": 10**6}]),
        ("Limits", []),
        ("Idle", 0),
        ("Idle", 2),
        ("Arriving", 2),
        ("Components", []),
        ("CpuUnit", "2"),
    ],
)
def test_a_refusal_is_no_refusal_with_more(member: str, value: object) -> None:
    """More to launch, more on its way, nothing that lies there: the phases say otherwise."""
    made = judged("place does-not-fit")
    for change in made["Changes"]:
        change["Courses"]["Start"][member] = value
    assert Result.REJECTED in {one.result for one in verify(made)}


def test_too_much_to_try_is_without_evidence() -> None:
    """Past the time limit, no course is tried, and nothing is rejected."""
    found = verify(judged("place fits"), time_limit=-1)
    assert {one.result for one in found} == {Result.UNPROVEN}
