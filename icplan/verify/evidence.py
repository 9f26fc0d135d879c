"""Whether a phase's evidence proves its outcome."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from icplan.packing.checker.placement import check_arrangement, check_placement
from icplan.packing.checker.proof import proof_holds, slots_hold
from icplan.packing.codec import placement_from_json
from icplan.verdict.verdict import Outcome
from icplan.verify.premises import amounts, launched, placement_rows
from icplan.verify.result import Rejected, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.packing.problem import Arrangement
    from icplan.verify.premises import BinRole, PhaseProblems

_OTHER = "proof of another outcome"
_TOO_LONG = "the proof takes too long to check"
#: Parts that are held against each other: the time grows with the square of their number.
MOST_PARTS = 1000


def check_evidence(outcome: Outcome, phase: Mapping[str, Any], questions: PhaseProblems) -> str | None:
    """Raise `Rejected` unless the phase's proof shows the outcome; say what that leaves unproven."""
    proof, needed = phase["Proof"], phase["InstancesNeeded"]
    match proof["Kind"]:
        case "every-world":
            require(outcome.fits, _OTHER)
            return _every_world(proof, phase, questions, outcome)
        case "no-world":
            require(outcome is Outcome.DOES_NOT_FIT, _OTHER)
            require(phase["Placement"] is None, "a layout is shown of what does not fit")
            return _no_world(proof, needed, questions)
        case "some-worlds":
            require(outcome is Outcome.MAY_NOT_FIT, _OTHER)
            require(proof["Need"] == questions.moment.need, "another number of copies is to be placed")
            high = {pool: _end(questions, pool, 1) for pool in range(len(questions.ground.types))}
            _layout(proof["Works"], phase, questions, [high])
            _fails(proof["Fails"], proof["Need"], needed, questions)
        case other:
            raise Rejected(f"unknown kind of proof {other!r}")
    return None


def _end(questions: PhaseProblems, pool: int, end: int) -> tuple[int, ...]:
    """The low ends (0) or high ends (1) of what a pool's instances may allocate."""
    return tuple(side[end] for side in questions.ground.side(pool))


def _every_world(
    proof: Mapping[str, Any], phase: Mapping[str, Any], questions: PhaseProblems, outcome: Outcome
) -> str | None:
    need, ground, now = proof["Need"], questions.ground, phase["InstancesNow"]
    require(need == questions.moment.need, "another number of copies is to be placed")
    if phase["InstancesNeeded"] is None:
        require(outcome is Outcome.FITS_AFTER_SCALE_OUT, _OTHER)
        return "the number of instances was not found in time"
    extra = phase["InstancesNeeded"] - now
    expected = Outcome.FITS if extra == 0 else Outcome.FITS_AFTER_SCALE_OUT
    require(extra >= 0 and outcome is expected, _OTHER)
    if not proof["Parts"]:
        require(not extra and phase["Placement"] is None, _OTHER)
        nothing = all(demand is not None and not any(demand) for demand in ground.demands)
        require(nothing and proof["Example"] is None, "no world is shown, and a copy needs room")
        return None
    parts = defaultdict(list)
    unproven = None
    for part in proof["Parts"]:
        more, lacking = _part(part, need, extra, questions)
        parts[more].append(part["Box"])
        unproven = unproven or lacking
    for boxes in parts.values():
        if len(boxes) > MOST_PARTS:
            unproven = f"more than {MOST_PARTS} parts are not held against each other"
        else:
            require(_partition(ground.box, boxes), "the parts are not all worlds")
    most = max(sum(n for _, n in choice) for choice in parts)
    require(most == extra or questions.moment.back, "the parts launch other instances than are needed")
    if ground.launchable.alone:
        _all_choices(set(parts), extra)
    ground.launchable.all_thought_of([dict(choice) for choice in parts], questions.own, extra)
    if proof["Example"] is None:
        require(phase["Placement"] is None, "the layout shown is not that of the evidence")
        return unproven or "no layout is shown"
    corners = [{p: _end(questions, p, end) for p in range(len(ground.types))} for end in (0, 1)]
    shown = _layout(proof["Example"], phase, questions, corners)
    require(sum(shown.values()) <= extra, "the layout launches more instances than are needed")
    return unproven


def _part(
    part: Mapping[str, Any], need: int, extra: int, questions: PhaseProblems
) -> tuple[tuple[tuple[int, int], ...], str | None]:
    """Check that in a part of the worlds there is room.

    Gives which instances are launched there, by pool, and what is not proven.
    """
    question, places = questions.arrangement(part["Arrangement"])
    require([place.pool for place in places] == list(part["Pools"]), "a part speaks of other instances")
    require(_matches(part, question, places), "a part speaks of other amounts than its box")
    more = {int(pool): count for pool, count in part["Launched"].items()}
    there = {pool: count for pool, count in more.items() if count}
    require(launched(question.bins, places) == there, "a part launches other instances than it says")
    questions.ground.launchable.may(there, questions.own)
    require(sum(more.values()) <= extra, "a part speaks of other instances than the phase")
    if part["Proof"] is not None:
        bound = part["Proof"]["Bound"]
        require(bound is None or bound >= need, "the bound is below what is needed")
        holds = None if questions.tired else slots_hold(question, part["Proof"])
        require(holds is not False, "the bound does not hold")
        unproven = _tired(questions) if holds is None else None
    else:
        unproven = "decided by a search that gives no proof"
    return tuple(sorted(more.items())), unproven


def _tired(questions: PhaseProblems) -> str:
    """Check no more proofs of the change: each of many could take as long."""
    questions.tired[:] = [_TOO_LONG]
    return _TOO_LONG


def _matches(part: Mapping[str, Any], question: Arrangement, places: Sequence[BinRole]) -> bool:
    """Whether copies may lie as the box's high ends allow, and room is counted against its low ends."""
    counted = question.counted or tuple(bin_.capacity for bin_ in question.bins)
    for place, bin_, low in zip(places, question.bins, counted, strict=True):
        if place.pool is None:
            continue
        sides = part["Box"][2 * place.pool : 2 * place.pool + 2]
        if [[low[0], bin_.capacity[0]], [low[1], bin_.capacity[1]]] != sides:
            return False
        if low[2:] != bin_.capacity[2:]:
            return False
    return True


def _all_choices(chosen: set[tuple[tuple[int, int], ...]], extra: int) -> None:
    """Where there is a choice of types to launch, every one must be there, up to the most of each type."""
    if len(chosen) == 1:
        return
    pools = sorted({pool for choice in chosen for pool, _ in choice})
    found = {tuple(dict(choice).get(pool, 0) for pool in pools) for choice in chosen}
    most = [max(counts) for counts in zip(*found, strict=True)]
    total = min(extra, sum(most))
    ways: set[tuple[int, ...]] = {()}
    for place, cap in enumerate(most):
        behind = sum(most[place + 1 :])
        ways = {
            (*way, n)
            for way in ways
            for n in range(min(cap, total - sum(way)) + 1)
            if sum(way) + n + behind >= total
        }
        require(len(ways) <= len(found), "not every choice of launched types is there")
    require(ways == found, "not every choice of launched types is there")


def _partition(whole: Sequence[Sequence[int]], boxes: Sequence[Sequence[Sequence[int]]]) -> bool:
    """Whether boxes within the whole, no two of which meet, have as many points as the whole."""
    within = all(
        a <= low <= high <= b for box in boxes for (a, b), (low, high) in zip(whole, box, strict=True)
    )
    apart = all(
        any(x[1] < y[0] or y[1] < x[0] for x, y in zip(one, other, strict=True))
        for i, one in enumerate(boxes)
        for other in boxes[:i]
    )
    return within and apart and sum(map(_points, boxes)) == _points(whole)


def _points(box: Sequence[Sequence[int]]) -> int:
    return math.prod(high - low + 1 for low, high in box)


def _no_world(proof: Mapping[str, Any], needed: int | None, questions: PhaseProblems) -> str | None:
    unproven = None
    high = [_end(questions, pool, 1) for pool in range(len(questions.ground.types))]
    for case in (proof, *proof["Others"]):
        problem, places = questions.problem(case["Problem"])
        require(
            all(has == high[pool] for pool, has in amounts(problem.bins, places)),
            "a proof speaks of other amounts than the instances may have",
        )
        questions.ground.launchable.may(launched(problem.bins, places), questions.own)
        more = max(launched(problem.bins, places).values(), default=0)
        require(needed is None or needed > questions.now + more, "fewer instances than fail are said to do")
        if case["Proof"] is None:
            unproven = "decided by a solver that gives no proof"
        else:
            holds = None if questions.tired else proof_holds(problem, case["Proof"])
            require(holds is not False, "the proof does not hold")
            unproven = unproven or (_tired(questions) if holds is None else None)
    return unproven


def _layout(
    layout: Mapping[str, Any],
    phase: Mapping[str, Any],
    questions: PhaseProblems,
    corners: Sequence[Mapping[int, tuple[int, ...]]],
) -> dict[int, int]:
    """Check a layout in which the phase works, on one of these amounts; the instances it launches."""
    problem, places = questions.problem(layout["Problem"])
    placement = placement_from_json(layout["Placement"])
    require(check_placement(problem, placement), "the layout is not possible")
    has = list(amounts(problem.bins, places))
    require(
        any(all(corner[pool] == amount for pool, amount in has) for corner in corners),
        "the layout is on other amounts than the instances may have",
    )
    questions.ground.launchable.may(launched(problem.bins, places), questions.own)
    shown = phase["Placement"]
    same = shown is not None and list(shown) == placement_rows(questions, problem, places, placement)
    require(same, "the layout shown is not that of the evidence")
    return launched(problem.bins, places)


def _fails(world: Mapping[str, Any], need: int, needed: int | None, questions: PhaseProblems) -> None:
    """Check a world in which the phase finds no room."""
    question, places = questions.arrangement(world["Arrangement"])
    points: dict[int, tuple[int, ...]] = {}
    for pool, has in amounts(question.bins, places):
        sides = questions.ground.side(pool)
        within = all(low <= amount <= high for amount, (low, high) in zip(has, sides, strict=True))
        require(within and points.setdefault(pool, has) == has, "the failing world has amounts of its own")
    capacities = tuple(bin_.capacity for bin_ in question.bins)
    require(question.counted in (None, capacities), "the failing world counts room otherwise")
    more = sum(launched(question.bins, places).values())
    require(needed is None or needed > questions.now + more, "fewer instances than fail are said to do")
    room = world["Room"]
    require(room < need, "the failing world has room enough")
    placement = placement_from_json(world["Placement"])
    require(check_arrangement(question, placement, room), "the failing world is not possible")
