"""Whether evidence proves an outcome: each problem is built again from the premises, and compared."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import attrs

from icplan.packing.certificate import Sense
from icplan.packing.checker.placement import check_arrangement, check_placement
from icplan.packing.checker.proof import proof_holds, slots_hold
from icplan.verdict.evidence import EveryCourse, EveryWorld, Malformed, NoWorld, SomeWorlds
from icplan.verdict.outcome import Outcome
from icplan.verdict.premises import NOWHERE, UNCERTAIN, Where
from icplan.verify.course_moves import TooLong
from icplan.verify.launches import (
    require_best_launches,
    require_every_launch,
    require_launchable,
    written,
)
from icplan.verify.result import NO_PROOF, Rejected, built, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.packing.problem import Arrangement, Kind, Problem
    from icplan.verdict.evidence import Evidence, FailingWorld, Layout, Part, Refusal
    from icplan.verdict.phase import Phase
    from icplan.verdict.premises import Box, Premises
    from icplan.verify.courses import Explored

_OTHER = "proof of another outcome"
_TOO_LONG = "the proof takes too long to check"
_SEARCHED = "decided by a search that gives no proof"
_PREMISES = "a problem is not that of the premises"
#: Parts that are held against each other: the time grows with the square of their number.
MAX_PARTS = 1000


def _no_courses() -> Explored:
    raise Rejected("there are no courses")


@attrs.define
class Effort:
    """Whether proofs are still checked: once one took too long, each of many others could.

    None is past ``until``, by the monotonic clock. ``courses`` tries every course of the change.
    """

    courses: Callable[[], Explored] = attrs.field(default=_no_courses)
    until: float | None = None
    tired: bool = False

    def refuses(self, holds: bool | None, otherwise: str) -> str | None:
        """Raise `Rejected` for what does not hold; what is not known is said."""
        require(holds is not False, otherwise)
        self.tired = self.tired or holds is None
        return _TOO_LONG if holds is None else None

    def refusal(self, refusal: Refusal) -> str | None:
        """Check that not all fits; say what is not proven."""
        if refusal.proof is None:
            return _SEARCHED
        holds = None if self.tired else proof_holds(refusal.problem, refusal.proof, until=self.until)
        return self.refuses(holds, "the proof does not hold")

    def part(self, part: Part) -> str | None:
        """Check that the bound on the room of a part holds; say what is not proven."""
        if part.proof is None:
            return _SEARCHED
        holds = None if self.tired else slots_hold(part.arrangement, part.proof, until=self.until)
        return self.refuses(holds, "the bound does not hold")

    def course(self, phase: Phase) -> tuple[Outcome | None, int] | None:
        """What every course shows of a phase, and the most instances then; ``None`` if it takes too long."""
        if self.tired:
            return None
        try:
            found = self.courses()
        except TooLong:
            self.tired = True
            return None
        if phase.kind == "rollback":
            return found.rollback, max((tally.most for _, tally in found.back), default=0)
        tally = found.steps[(phase.step.number if phase.step else 0) - 1]
        return tally.outcome, tally.most


def check_alone(evidence: Evidence, effort: Effort) -> None:
    """Raise `Rejected` unless proofs and placements hold for the problems they state, whatever these are."""
    match evidence:
        case EveryWorld():
            for part in evidence.parts:
                effort.part(part)
            shown = [evidence.example] if evidence.example else []
        case NoWorld():
            shown = []
            for refusal in evidence.refusals:
                effort.refusal(refusal)
        case EveryCourse():
            shown = [evidence.example] if evidence.example else []
        case SomeWorlds():
            shown = [evidence.works]
            _require_failing(evidence.fails, evidence.need)
    require(all(check_placement(one.problem, one.placement) for one in shown), "the layout is not possible")


def _require_failing(world: FailingWorld, need: int) -> None:
    require(world.room < need, "the failing world has room enough")
    holds = check_arrangement(world.arrangement, world.placement, world.room)
    require(holds, "the failing world is not possible")


def check_rest(phase: Phase) -> None:
    """Raise `Rejected` unless nothing is claimed of a phase but rest. Instances may be on their way."""
    claims = (phase.placement, phase.proof, phase.old, phase.new, phase.step, phase.premises, phase.component)
    runs = phase.instances_needed is not None and phase.instances_needed >= phase.instances_now
    rests = phase.outcome is Outcome.FITS and runs
    require(rests and all(one is None for one in claims), "more than rest is claimed")


def check_needed(phase: Phase) -> None:
    """Raise `Rejected` unless the instances that a phase needs go with its outcome."""
    now, needed, scales = phase.instances_now, phase.instances_needed, Outcome.FITS_AFTER_SCALE_OUT
    enough = needed is None or (needed == now if phase.outcome is Outcome.FITS else needed > now)
    # Of a step that fits if what may be gone comes back, no more is known than of one that fits.
    unsaid = phase.proof is None or isinstance(phase.proof, EveryCourse)
    doubtful = unsaid and phase.outcome is scales and needed == now
    require(enough or doubtful, "the instances needed are those of another outcome")


def check_proof(component: str, phase: Phase, effort: Effort) -> str | None:
    """Raise `Rejected` unless a phase's evidence shows its outcome; say what that leaves unproven."""
    if isinstance(phase.proof, Malformed):
        raise Rejected(f"the evidence is malformed at {phase.proof.path}")
    if phase.proof is None or phase.premises is None:
        return NO_PROOF
    return check_evidence(component, phase, phase.proof, phase.premises, effort)


def check_evidence(
    component: str, phase: Phase, evidence: Evidence, premises: Premises, effort: Effort
) -> str | None:
    """Raise `Rejected` unless the evidence shows the phase's outcome; say what that leaves unproven."""
    need, extra = premises.target.copies, None
    if phase.instances_needed is not None:
        extra = phase.instances_needed - phase.instances_now
    if not isinstance(evidence, NoWorld | EveryCourse):
        require(evidence.need == need, "another number of copies is to be placed")
    match evidence:
        case EveryWorld():
            require(phase.outcome.fits, _OTHER)
            _shown(component, phase, evidence.example, premises)
            if extra is None:
                require(phase.outcome is Outcome.FITS_AFTER_SCALE_OUT, _OTHER)
                return "the number of instances was not found in time"
            expected = Outcome.FITS if extra == 0 else Outcome.FITS_AFTER_SCALE_OUT
            require(extra >= 0 and phase.outcome is expected, _OTHER)
            return _every_world(evidence, premises, extra, effort)
        case NoWorld():
            require(phase.outcome is Outcome.DOES_NOT_FIT, _OTHER)
            require(phase.placement is None, "a layout is shown of what does not fit")
            return no_world_holds(evidence, premises, extra, effort)
        case EveryCourse():
            _shown(component, phase, evidence.example, premises)
            return _every_course(phase, effort)
        case SomeWorlds():
            require(phase.outcome is Outcome.MAY_NOT_FIT, _OTHER)
            _layout(component, phase, evidence.works, premises, (1,))
            failing_world_holds(evidence.fails, need, extra, premises)
            return None


def _shown(component: str, phase: Phase, example: Layout | None, premises: Premises) -> None:
    if example is None:
        require(phase.placement is None, "the layout shown is not that of the evidence")
        return
    require(phase.outcome.fits, _OTHER)
    _layout(component, phase, example, premises, (0, 1))


def _every_course(phase: Phase, effort: Effort) -> str | None:
    found = effort.course(phase)
    if found is None:
        return _TOO_LONG
    outcome, most = found
    require(outcome is phase.outcome, f"every course shows that it {outcome or 'is not come to'}")
    if phase.outcome.fits:
        needed = max(most, phase.instances_now) if phase.outcome is not Outcome.FITS else phase.instances_now
        require(phase.instances_needed == needed, "another number of instances runs in some course")
    return None


def _every_world(evidence: EveryWorld, premises: Premises, extra: int, effort: Effort) -> str | None:
    if not evidence.parts:
        nothing = all(demand is not None and not any(demand) for demand in premises.target.demands)
        require(
            nothing and not extra and evidence.example is None, "no world is shown, and a copy needs room"
        )
        return None
    unproven = parts_are_all_worlds(evidence, premises, extra, effort)
    if evidence.example is None:
        return unproven or "no layout is shown"
    shown = sum(evidence.example.launched.values())
    require(shown <= extra, "the layout launches more instances than are needed")
    return unproven


def parts_are_all_worlds(evidence: EveryWorld, premises: Premises, extra: int, effort: Effort) -> str | None:
    """Raise `Rejected` unless each world is in a part, and each part has room; say what is not proven."""
    boxes, unproven = defaultdict(list), None
    for part in evidence.parts:
        unproven = _part(part, premises, effort) or unproven
        boxes[written(part.launched), written(part.elsewhere)].append(part.box)
    for parts in boxes.values():
        if len(parts) > MAX_PARTS:
            unproven = f"more than {MAX_PARTS} parts are not held against each other"
        else:
            require(_partition(premises.box, parts), "the parts are not all worlds")
    return require_every_launch(premises, extra, set(boxes)) or unproven


def _part(part: Part, premises: Premises, effort: Effort) -> str | None:
    """Check that in a part of the worlds there is room; say what is not proven."""
    require(len(part.box) == len(premises.box), "the parts are not all worlds")
    _arrangement(part.arrangement, premises, part.launched, part.box, part.elsewhere)
    groups = premises.groups(part.launched, part.elsewhere)
    require(part.pools == tuple(group.pool for group in groups), "a part speaks of other instances")
    if part.proof is not None:
        bound, least = part.proof.bound, part.proof.sense is Sense.LEAST
        enough = bound is None or (least and bound >= premises.target.copies)
        require(enough, "the bound is below what is needed")
    return effort.part(part)


def _arrangement(
    question: Arrangement,
    premises: Premises,
    launched: Mapping[int, int],
    box: Box,
    elsewhere: Mapping[int, int],
) -> None:
    """Hold an arrangement question against the one that the premises make."""
    require_launchable(premises, launched)
    for number, copies in elsewhere.items():
        known = number < len(premises.existing) and premises.existing[number].where is Where.PERHAPS
        require(
            known and copies <= premises.existing[number].copies, "copies lie elsewhere that are not there"
        )
    away = sum(count for pool, count in launched.items() if pool not in premises.own)
    require(sum(elsewhere.values()) <= away, "copies lie elsewhere than on what is launched")
    wanted = built(lambda: premises.arrangement(launched, box, elsewhere))
    leaves = question.leaves or (0,) * len(question.lying)
    counted = question.counted or tuple(one.capacity for one in question.bins)
    same = (leaves, counted, question.target) == (wanted.leaves, wanted.counted, wanted.target)
    require(same and _alike(question.bins, wanted.bins) and _kinds(question.lying, wanted.lying), _PREMISES)


def is_problem(problem: Problem, premises: Premises, launched: Mapping[int, int], end: int) -> bool:
    """Whether it is the problem that the premises make of the low (0) or high (1) ends of the amounts."""
    require_launchable(premises, launched)
    corner = tuple((side[end], side[end]) for side in premises.box)
    return _same(problem, built(lambda: premises.problem(launched, corner)))


def _is_refused(refusal: Refusal, premises: Premises) -> bool:
    """Whether it is that problem of the high ends, or the one within what metrics tell."""
    if is_problem(refusal.problem, premises, refusal.launched, 1):
        return True
    corner = tuple((side[1], side[1]) for side in premises.box)
    bounded = built(lambda: premises.bounded_problem(refusal.launched, corner))
    return bool(premises.measured) and _same(refusal.problem, bounded)


def _same(problem: Problem, wanted: Problem) -> bool:
    return _alike(problem.bins, wanted.bins) and _kinds(problem.kinds, wanted.kinds)


def _alike(bins: Sequence[Any], wanted: Sequence[Any]) -> bool:
    """Whether instances are the same, where nothing used is as good as none used."""
    return [attrs.evolve(one, used=one.used or (0,) * len(one.capacity)) for one in bins] == list(wanted)


def _kinds(kinds: Sequence[Kind], wanted: Sequence[Kind]) -> bool:
    """Whether copies are the same. What they are called begins with their component."""
    called = all(f"{kind.name} ".startswith(f"{one.name} ") for kind, one in zip(kinds, wanted, strict=False))
    return called and [(k.count, k.demands) for k in kinds] == [(k.count, k.demands) for k in wanted]


def _partition(whole: Box, boxes: Sequence[Box]) -> bool:
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


def _points(box: Box) -> int:
    return math.prod(high - low + 1 for low, high in box)


def no_world_holds(evidence: NoWorld, premises: Premises, extra: int | None, effort: Effort) -> str | None:
    """Raise `Rejected` unless the refusals are of any launch that helps most; say what is not proven."""
    unproven = None
    for refusal in evidence.refusals:
        require(_is_refused(refusal, premises), _PREMISES)
        more = max(refusal.launched.values(), default=0)
        require(extra is None or extra > more, "fewer instances than fail are said to do")
        unproven = effort.refusal(refusal) or unproven
    tried = [refusal.launched for refusal in evidence.refusals]
    return require_best_launches(premises, tried) or unproven


def _layout(component: str, phase: Phase, layout: Layout, premises: Premises, ends: Sequence[int]) -> None:
    """Check a layout in which the phase works, on the amounts at one of these ends."""
    require(any(is_problem(layout.problem, premises, layout.launched, end) for end in ends), _PREMISES)
    require(check_placement(layout.problem, layout.placement), "the layout is not possible")
    shown = None if phase.placement is None else list(map(dict, phase.placement))
    same = shown == list(_rows(component, layout, premises))
    require(same, "the layout shown is not that of the evidence")


def _rows(component: str, layout: Layout, premises: Premises) -> Iterator[dict[str, Any]]:
    """A layout as the phase shows it."""
    groups, names = premises.groups(layout.launched), premises.running(apart=True)
    for pattern in layout.placement:
        group, (*running, placed) = groups[pattern.bin], pattern.copies
        held = premises.pinned(group)
        for name, n in zip(names, running, strict=True):
            held[name] += n
        yield {
            "InstanceType": NOWHERE if group.pool is None else premises.pools[group.pool].type,
            "Launched": group.launched,
            "Instances": pattern.times,
            "Running": dict(+held),
            "Placed": {component: placed} if placed else {},
        }


def failing_world_holds(world: FailingWorld, need: int, extra: int | None, premises: Premises) -> None:
    """Raise `Rejected` unless it is a world in which the phase finds no room: one point of the box."""
    point = [low for low, _ in premises.box]
    require_launchable(premises, world.launched)
    for group, has in zip(
        premises.groups(world.launched, world.elsewhere), world.arrangement.bins, strict=False
    ):
        if group.pool is not None:
            point[UNCERTAIN * group.pool : UNCERTAIN * (group.pool + 1)] = has.capacity[:UNCERTAIN]
    within = len(point) == len(premises.box)
    require(
        within and all(low <= n <= high for n, (low, high) in zip(point, premises.box, strict=True)),
        _PREMISES,
    )
    box = tuple((amount, amount) for amount in point)
    _arrangement(world.arrangement, premises, world.launched, box, world.elsewhere)
    more = sum(world.launched.values())
    require(extra is None or extra > more, "fewer instances than fail are said to do")
    _require_failing(world, need)
