"""One step judged: how many instances it needs, in the worst world and in the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.judging.board import Board
from icplan.judging.launches import Launchable, competing, fill, helpful, launched_for_others, usable
from icplan.judging.worlds import Answer, Holds, Unknown, likely_extra, slots_on_empty, surely
from icplan.packing import Packing, Status, pack
from icplan.rollout import Where
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from icplan.fleet.model import Fleet
    from icplan.judging.box import Box
    from icplan.packing import Budget, Problem
    from icplan.rollout import Step


@attrs.frozen
class Packed:
    """A way to lay everything out, or why there is none: the board, the question on it and the answer."""

    board: Board
    problem: Problem
    packing: Packing


@attrs.frozen
class Judged:
    """A step's outcome and the evidence for it.

    ``extra`` is the least number of further instances that suffices in every world, limits aside; ``None``
    when no number does, or none was found in time. ``surely`` answers for the instances that are allowed
    (``None`` where nothing was asked, since the step fails in every world). ``example`` is a layout in which
    the step works, or the proof that there is none; where types may be launched in several ways, ``others``
    are the proofs for all but the first.
    """

    step: Step
    outcome: Outcome
    extra: int | None
    surely: Answer | None
    example: Packed | None
    others: tuple[Packed, ...] = ()


def judge_step(fleet: Fleet, step: Step, box: Box, budget: Budget, *, launched: int = 0) -> Judged:
    """Judge one step of a rollout on what is known of the fleet.

    ``launched`` instances were launched by steps before it.
    """
    judged = decide_step(fleet, step, box, budget, launched=launched)
    if budget.spent and isinstance(judged.surely, Unknown):
        return judged
    if judged.extra is not None:
        # It fits on what runs; a step that takes no room needs no layout to show it.
        takes = _takes_room(fleet, step)
        found = _example(fleet, step, box, judged.extra, budget) if takes else None
        return attrs.evolve(judged, example=found)
    allowed = _usefully_allowed(fleet, step, box, launched)
    if isinstance(judged.surely, Holds):
        extra, least = _least(fleet, step, box, (launched + 1, allowed), budget)
        found = _example(fleet, step, box, extra or allowed, budget)
        return attrs.evolve(judged, extra=extra, surely=least or judged.surely, example=found)
    if budget.spent:
        return judged
    low = launched if judged.outcome is Outcome.DOES_NOT_FIT else allowed + 1
    extra, _ = _least(fleet, step, box, (low, _sufficient(fleet, step, box)), budget, capped=False)
    return attrs.evolve(judged, extra=extra)


def decide_step(fleet: Fleet, step: Step, box: Box, budget: Budget, *, launched: int = 0) -> Judged:
    """Judge one step as `judge_step` does, without looking for the least number of further instances."""
    if not _takes_room(fleet, step):
        return Judged(step, Outcome.FITS, 0, Holds(()), None)
    if budget.spent:
        return Judged(step, Outcome.UNDECIDED, None, Unknown(begun=False), None)
    best, *others = _best(fleet, step, box, budget)
    if best.packing.status is Status.DOES_NOT_FIT:
        return Judged(step, Outcome.DOES_NOT_FIT, None, None, best, tuple(others))
    answer = surely(fleet, step, box, launched, budget)
    if isinstance(answer, Holds):
        outcome = Outcome.FITS_AFTER_SCALE_OUT if launched else Outcome.FITS
        return Judged(step, outcome, launched, answer, None)
    allowed = _usefully_allowed(fleet, step, box, launched)
    if allowed > launched:
        answer = surely(fleet, step, box, allowed, budget)
        if isinstance(answer, Holds):
            return Judged(step, Outcome.FITS_AFTER_SCALE_OUT, None, answer, None)
    if isinstance(answer, Unknown) and answer.nowhere:
        # No world is known that comes to this moment, so neither is anything of it.
        return Judged(step, Outcome.MAY_NOT_FIT, None, answer, best)
    if best.packing.status is Status.UNDECIDED or isinstance(answer, Unknown):
        return Judged(step, Outcome.UNDECIDED, None, answer, None)
    return Judged(step, Outcome.MAY_NOT_FIT, None, answer, best)


def surely_fits(fleet: Fleet, step: Step, box: Box, budget: Budget) -> bool:
    """Whether the step fits in every world, now or after scale-out; false when that is not known."""
    if not _takes_room(fleet, step):
        return True
    allowed = min(_allowed(fleet, step), _sufficient(fleet, step, box, capped=True))
    return isinstance(surely(fleet, step, box, allowed, budget), Holds)


def _least(
    fleet: Fleet, step: Step, box: Box, span: tuple[int, int], budget: Budget, *, capped: bool = True
) -> tuple[int | None, Holds | None]:
    """The least number of further instances in the span that holds in every world, with the evidence."""
    low, high = span
    found = None
    # One bound tells a number that nearly always is the least, so it and the one below it are tried first.
    likely = min(max(likely_extra(fleet, step, box, budget) or high, low), high)
    tries = [likely, likely - 1]
    while low <= high:
        middle = tries.pop(0) if tries else (low + high) // 2
        if not low <= middle <= high:
            continue
        answer = surely(fleet, step, box, middle, budget, capped=capped)
        if isinstance(answer, Holds):
            high, found = middle - 1, (middle, answer)
        else:
            low = middle + 1
            tries = tries if found else [high]
    return found or (None, None)


def _takes_room(fleet: Fleet, step: Step) -> bool:
    demands = [fleet.demand(step.need, pool.type.name) for pool in fleet.pools]
    return any(demand is None or any(demand) for demand in demands)


def _allowed(fleet: Fleet, step: Step) -> int:
    """How many instances may surely be launched, of the types on which the step's or others' copies lie."""
    room = fleet.room(sure=True)
    own = sum(fleet.room(fleet.pools[n].type.name, sure=True) for n in usable(fleet, step.need))
    return min(room, own + competing(fleet, step))


def _usefully_allowed(fleet: Fleet, step: Step, box: Box, launched: int) -> int:
    """How many further instances may be there for the step, as far as more of them can help."""
    allowed, enough = _allowed(fleet, step), _sufficient(fleet, step, box, capped=True)
    if any(entry.where is Where.ANYWHERE for entry in step.beside):
        # What lies there may have had instances launched for it, which help or not.
        enough = max(enough, step.loose)
    return max(launched, min(allowed, enough))


def _sufficient(fleet: Fleet, step: Step, box: Box, *, capped: bool = False) -> int:
    """A number of further instances past which more of them cannot help.

    ``capped`` leaves out the types that may not be launched at all.
    """
    pools = [n for n in usable(fleet, step.need) if not capped or fleet.room(fleet.pools[n].type.name)]
    if fleet.arriving:
        pools = usable(fleet, step.need)
    if not pools or not min(slots_on_empty(fleet, step, box, n, low=False) for n in pools):
        return 0
    each = min(slots_on_empty(fleet, step, box, n) for n in pools)
    return -(-(step.already + step.copies) // max(1, each)) + step.loose + competing(fleet, step)


def _best(fleet: Fleet, step: Step, box: Box, budget: Budget) -> list[Packed]:
    """The most favourable layout, or that there is none, for each way to launch that may help most."""
    tried = []
    for launched in _most_helpful(fleet, step, box):
        packed = _lay_out(fleet, step, box.best, launched, budget)
        if packed.packing.status is not Status.DOES_NOT_FIT:
            return [packed]
        tried.append(packed)
    return tried


def _most_helpful(fleet: Fleet, step: Step, box: Box) -> list[dict[int, int]]:
    """The launches that help most: what fails with each of them fails with any."""
    pools = usable(fleet, step.need)
    ranked = sorted(pools, key=lambda n: slots_on_empty(fleet, step, box, n, low=False), reverse=True)
    useful = step.already + step.copies + step.loose
    return helpful(fleet, step, Launchable.of(fleet, sure=False), useful, ranked)


def _lay_out(fleet: Fleet, step: Step, box: Box, launched: dict[int, int], budget: Budget) -> Packed:
    board = Board.of(fleet, step.beside, launched)
    problem = board.problem(step, box)
    return Packed(board, problem, pack(problem, budget))


def _example(fleet: Fleet, step: Step, box: Box, extra: int, budget: Budget) -> Packed | None:
    """A layout in which the step works; on the least amounts, if what runs can run on them."""
    numbers = [*usable(fleet, step.need), *launched_for_others(fleet, step)]
    caps = {n: max(fleet.arriving, fleet.room(fleet.pools[n].type.name)) for n in numbers}
    for corner in (box.worst, box.best):
        for first in numbers if extra else numbers[:1]:
            order = [first, *(number for number in numbers if number != first)]
            packed = _lay_out(fleet, step, corner, fill(order, caps, extra), budget)
            if packed.packing.status is Status.FITS:
                return packed
    return None
