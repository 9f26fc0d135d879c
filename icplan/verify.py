"""Re-check a verdict's evidence without the solver: every placement, every proof, and that they suffice.

What is verified is that the evidence proves each phase's outcome for the packing problem it states, and that
the outcomes add up. Whether that problem is what the snapshot and the change amount to is not re-derived.
"""

from __future__ import annotations

import enum
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import attrs

from icplan.errors import InputError, Problem
from icplan.packing.check import check_arrangement, check_placement, check_proof, check_slots
from icplan.packing.encode import from_json, placement_from_json
from icplan.packing.problem import Arrangement
from icplan.packing.problem import Problem as Packing
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VERSION = 1


class Result(enum.StrEnum):
    """What a check found."""

    VERIFIED = "verified"
    UNPROVEN = "without evidence"
    REJECTED = "rejected"


@attrs.frozen
class Checked:
    """The result for one phase of one change, and why it is not verified."""

    component: str
    phase: str
    outcome: str
    result: Result
    reason: str = ""


class _Rejected(Exception):  # noqa: N818  (an answer, not an error)
    """The evidence does not prove the outcome."""


def verify(verdict: Any, file: str | None = None) -> tuple[Checked, ...]:
    """Check every phase of a verdict, given as plain data.

    Raises :class:`InputError` when the data is no verdict of this version. Evidence that is malformed counts
    as rejected.
    """
    if not isinstance(verdict, dict) or "IcplanVerdict" not in verdict:
        hint = "Make one with: icplan check --format json"
        raise InputError(Problem("not a verdict: IcplanVerdict is missing", file=file, hint=hint))
    if verdict["IcplanVerdict"] != VERSION:
        message = f"a verdict of another version; this icplan reads version {VERSION}"
        raise InputError(Problem(message, file=file, path="$.IcplanVerdict"))
    try:
        return (*(checked for change in verdict["Changes"] for checked in _change(change)), *_whole(verdict))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(Problem("not a complete verdict", file=file, path="$.Changes")) from None


def _whole(verdict: Mapping[str, Any]) -> Iterator[Checked]:
    """Whether the verdict's outcome is that of its worst change."""
    outcome = Outcome(verdict["Outcome"])
    if not verdict["Changes"]:
        yield Checked("-", "no changes", outcome, Result.UNPROVEN, "there is nothing to verify")
    worst = Outcome.worst(Outcome(change["Outcome"]) for change in verdict["Changes"])
    if worst is not outcome:
        yield Checked("-", "all changes", outcome, Result.REJECTED, f"the worst change says {worst}")


def _change(change: Mapping[str, Any]) -> Iterator[Checked]:
    name = str(change["InferenceComponentName"])
    outcome = Outcome(change["Outcome"])
    phases = change["Phases"]
    for phase in phases:
        yield _phase(name, phase)
    forward = Outcome.worst(Outcome(p["Outcome"]) for p in phases if p["Kind"] != "rollback")
    stopped = outcome in (Outcome.INVALID, Outcome.BLOCKED)
    if forward is not outcome and not stopped:
        yield Checked(name, "all phases", outcome, Result.REJECTED, f"the worst phase says {forward}")
    back = [Outcome(p["Outcome"]) for p in phases if p["Kind"] == "rollback"]
    claimed = change["RollbackOutcome"]
    if claimed is not None and Outcome(claimed) is not Outcome.worst(back):
        reason = f"the worst rollback phase says {Outcome.worst(back)}"
        yield Checked(name, "rollback", claimed, Result.REJECTED, reason)
    if not phases and not stopped:
        yield Checked(name, "no phases", outcome, Result.UNPROVEN, "nothing is placed, nothing is shown")


def _phase(name: str, phase: Mapping[str, Any]) -> Checked:
    outcome, proof = Outcome(phase["Outcome"]), phase["Proof"]
    label = str(phase["Name"])
    if phase["Kind"] == "steady":
        empty = all(phase[member] is None for member in ("Placement", "Proof", "OldCopies", "NewCopies"))
        rests = outcome is Outcome.FITS and phase["InstancesNeeded"] == phase["InstancesNow"]
        result = Result.VERIFIED if empty and rests else Result.REJECTED
        return Checked(name, label, outcome, result, "" if empty and rests else "more than rest is claimed")
    if not isinstance(proof, dict):
        return Checked(name, label, outcome, Result.UNPROVEN, "no proof is given")
    try:
        unproven = _proves(outcome, proof, phase)
    except (_Rejected, KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        reason = str(error) if isinstance(error, _Rejected) else "the evidence is malformed"
        return Checked(name, label, outcome, Result.REJECTED, reason)
    if unproven:
        return Checked(name, label, outcome, Result.UNPROVEN, unproven)
    return Checked(name, label, outcome, Result.VERIFIED)


def _proves(outcome: Outcome, proof: Mapping[str, Any], phase: Mapping[str, Any]) -> str | None:
    """Raise unless the proof shows the outcome; what it leaves unproven, if anything."""
    match proof["Kind"]:
        case "every-world":
            extra = phase["InstancesNeeded"] - phase["InstancesNow"]
            expected = Outcome.FITS if extra == 0 else Outcome.FITS_AFTER_SCALE_OUT
            _require(extra >= 0 and outcome is expected, "proof of another outcome")
            return _every_world(proof, phase["InstancesNow"], extra)
        case "no-world":
            _require(outcome is Outcome.DOES_NOT_FIT, "proof of another outcome")
            cases = [proof, *proof.get("Others", [])]
            if any(case["Proof"] is None for case in cases):
                return "decided by a solver that gives no proof"
            for case in cases:
                _require(check_proof(_packing(case["Problem"]), case["Proof"]), "the proof does not hold")
        case "some-worlds":
            _require(outcome is Outcome.MAY_NOT_FIT, "proof of another outcome")
            _example(proof["Works"], proof["Need"])
            _fails(proof["Fails"], proof["Need"])
        case other:
            raise _Rejected(f"unknown kind of proof {other!r}")
    return None


def _every_world(proof: Mapping[str, Any], now: int, extra: int) -> str | None:
    need, whole = proof["Need"], proof["Box"]
    parts = defaultdict(list)
    unproven = None
    for part in proof["Parts"]:
        arrangement = _arrangement(part["Arrangement"])
        _require(_matches(part, arrangement), "a part speaks of other amounts than its box")
        launched = sum(part["Launched"].values())
        bins = sum(
            b.count for pool, b in zip(part["Pools"], arrangement.bins, strict=True) if pool is not None
        )
        _require(
            launched <= extra and bins == now + launched, "a part speaks of other instances than the phase"
        )
        if part["Proof"] is None:
            unproven = "decided by a search that gives no proof"
        else:
            bound = part["Proof"]["Bound"]
            _require(bound is None or bound >= need, "the bound is below what is needed")
            _require(check_slots(arrangement, part["Proof"]), "the bound does not hold")
        parts[tuple(sorted(part["Launched"].items()))].append(part["Box"])
    # A copy that reserves nothing needs no room, so there is nothing to prove of it.
    for boxes in parts.values():
        _require(_covers(whole, boxes), "the parts are not all worlds")
    if proof["Example"] is not None:
        _example(proof["Example"], need)
    return unproven


def _matches(part: Mapping[str, Any], arrangement: Arrangement) -> bool:
    """Whether copies may lie as the box's high ends allow, and room is counted against its low ends."""
    counted = arrangement.counted or tuple(bin_.capacity for bin_ in arrangement.bins)
    for pool, bin_, low in zip(part["Pools"], arrangement.bins, counted, strict=True):
        if pool is None:
            continue
        sides = part["Box"][2 * pool : 2 * pool + 2]
        if [[low[0], bin_.capacity[0]], [low[1], bin_.capacity[1]]] != sides:
            return False
    return True


def _covers(whole: Sequence[Sequence[int]], boxes: Sequence[Sequence[Sequence[int]]]) -> bool:
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


def _example(layout: Mapping[str, Any], need: int) -> None:
    problem = _packing(layout["Problem"])
    _require(problem.kinds[-1].count == need, "the layout places another number of copies")
    _require(check_placement(problem, placement_from_json(layout["Placement"])), "the layout is not possible")


def _fails(world: Mapping[str, Any], need: int) -> None:
    arrangement, room = _arrangement(world["Arrangement"]), world["Room"]
    _require(room < need, "the failing world has room enough")
    placement = placement_from_json(world["Placement"])
    _require(check_arrangement(arrangement, placement, room), "the failing world is not possible")


def _packing(data: Mapping[str, Any]) -> Packing:
    problem = from_json(data)
    if not isinstance(problem, Packing):
        raise _Rejected("not a packing problem")
    return problem


def _arrangement(data: Mapping[str, Any]) -> Arrangement:
    arrangement = from_json(data)
    if not isinstance(arrangement, Arrangement):
        raise _Rejected("not an arrangement")
    return arrangement


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _Rejected(otherwise)
