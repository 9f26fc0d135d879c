"""How many copies find room on a fleet: surely, in every world, and at best, all laid out at will."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from icplan.feasibility.evidence import evidence_of, failing_world, layout_of, step_premises
from icplan.feasibility.launches import Launchable, helpful_launches
from icplan.feasibility.packing_model import PackingModel
from icplan.feasibility.step import PackingResult, StepResult, surely_launchable
from icplan.feasibility.worst_case import AlwaysFits, Answer, Counterexample, Undecided, fits_in_every_world
from icplan.packing.problem import MAX_COUNT, Status
from icplan.packing.solver.arrangement.extremes import fewest_slots
from icplan.packing.solver.optimise import most
from icplan.packing.solver.solve import pack
from icplan.planning.effort import portion
from icplan.verdict.evidence import EveryWorld, NoWorld
from icplan.verdict.headroom import Range, Room, RoomEvidence
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.feasibility.question import StepQuestion
    from icplan.packing.budget import Budget
    from icplan.packing.problem import Arrangement, Slots

#: A search that did not settle a question is worth trying again with so many times the work.
WORTHWHILE: Final = 2


@attrs.frozen
class BestRoom:
    """The most copies for which there is room: at least ``low``, in ``layout``, and at most ``high``.

    ``refusals`` prove that one more has none, for each way to launch that may help most.
    """

    low: int
    high: int
    layout: PackingResult | None
    refusals: tuple[PackingResult, ...]


@attrs.frozen
class SureRoom:
    """The copies for which every world has room: at least ``low``, and at most ``high``.

    ``proven`` shows the first; ``world`` one that has no room for more than ``high``.
    """

    low: int
    high: int
    proven: AlwaysFits | None = None
    world: Counterexample | None = None

    def narrowed(self, need: int, answer: Answer) -> SureRoom:
        """The room by what was found of so many copies."""
        if isinstance(answer, AlwaysFits):
            return attrs.evolve(self, low=need, proven=answer)
        if isinstance(answer, Counterexample):
            high = max(self.low, min(need - 1, answer.room))
            return attrs.evolve(self, high=high, world=answer)
        return self


def room_of(
    question: StepQuestion,
    waiting: int = 0,
    at_best: StepQuestion | None = None,
    *,
    enough: int | None = None,
) -> Room:
    """The room for further copies such as the step's, beside what lies there and ``waiting`` like them.

    ``at_best`` is the question for the most favourable world, where that is another. More than ``enough`` are
    not looked for.
    """
    at_best = at_best or question
    if not question.needs_resources:
        endless = Range(MAX_COUNT, None)
        return Room(endless, endless, waiting=waiting)
    launched = surely_launchable(question)
    limit = MAX_COUNT if enough is None else waiting + enough
    best = best_room(_with_portion(at_best, 4, parts=3), limit)
    sure = sure_room(question, launched, best.high)
    low = max(best.low, sure.low)
    evidence = RoomEvidence(
        sure_premises=step_premises(question.fleet, question.step, question.box),
        best_premises=step_premises(at_best.fleet, at_best.step, at_best.box),
        every_world=every_world_of(question, sure),
        failing_world=None
        if sure.world is None
        else failing_world(question.fleet, question.step, sure.world),
        layout=layout_of(best.layout),
        no_world=_no_world(at_best, best),
    )
    return Room(
        sure=beyond(waiting, Range(sure.low, sure.high)),
        best=beyond(waiting, Range(low, best.high)),
        launched=launched,
        waiting=waiting,
        evidence=evidence,
    )


def _with_portion(question: StepQuestion, of: int, *, parts: int = 1) -> StepQuestion:
    """The question with some of so many portions of its work."""
    return attrs.evolve(question, budget=portion(question.budget, of, parts))


def beyond(waiting: int, found: Range) -> Range:
    """What is left of a room once copies that wait have taken theirs."""
    high = None if found.high is None else max(0, found.high - waiting)
    return Range(max(0, found.low - waiting), high)


def with_copies(question: StepQuestion, copies: int) -> StepQuestion:
    """The question for another number of copies."""
    return attrs.evolve(question, step=attrs.evolve(question.step, copies=copies))


def best_room(question: StepQuestion, limit: int = MAX_COUNT) -> BestRoom:
    """The most copies that fit if all could be laid out at will, on the most that instances may offer."""
    ways = [_best_way(question, launched, limit) for launched in _helpful(question)]
    low, high = max(low for _, low, _ in ways), max(high for _, _, high in ways)
    first = next(launched for launched, found, _ in ways if found == low)
    layout = _packed(question, first, low) if low else None
    beyond_counting = high >= limit
    refusals = () if beyond_counting else tuple(_packed(question, one, high + 1) for one, _, _ in ways)
    return BestRoom(low, high, layout, refusals)


def _helpful(question: StepQuestion) -> list[dict[int, int]]:
    """The launches that help most."""
    ranked = sorted(question.usable, key=lambda pool: question.slots[pool][1], reverse=True)
    return helpful_launches(question, Launchable.of(question.fleet, sure=False), MAX_COUNT, ranked)


def _best_way(
    question: StepQuestion, launched: Mapping[int, int], limit: int
) -> tuple[Mapping[int, int], int, int]:
    step = attrs.evolve(question.step, copies=0)
    problem = PackingModel.of(question.fleet, step.existing, launched).problem(step, question.box.best)
    low, high = most(problem, len(problem.kinds) - 1, question.budget, limit=limit)
    return launched, low, high


def _packed(question: StepQuestion, launched: Mapping[int, int], copies: int) -> PackingResult:
    step = attrs.evolve(question.step, copies=copies)
    model = PackingModel.of(question.fleet, step.existing, launched)
    problem = model.problem(step, question.box.best)
    return PackingResult(model, problem, pack(problem, question.budget))


def sure_room(
    question: StepQuestion, launched: int, most_there: int, *, mostly_all: bool = False
) -> SureRoom:
    """The copies that every world takes with so many instances launched, of at most ``most_there``.

    It is asked as a change of so many copies is judged; bounds on the worst arrangement tell which to ask.
    ``mostly_all`` asks for all of them first: that is quickly told where it is so.
    """
    found, open_ = SureRoom(0, most_there), False
    if most_there == 1 or (mostly_all and most_there):
        # Whether there is room for so many is less to find out than for how many there is.
        answer = fits_in_every_world(with_copies(_with_portion(question, 2), most_there), launched)
        found = found.narrowed(most_there, answer)
    tries: list[int] = []
    if found.low < found.high:
        tries, open_ = _likely(_with_portion(question, 8, parts=7), launched)
    while found.low < found.high and (tries or not open_):
        need = tries.pop(0) if tries else (found.low + found.high + 1) // 2
        if found.low < need <= found.high:
            # What a bound on the worst arrangement has told already is proven with the first portion.
            answer = fits_in_every_world(with_copies(_with_portion(question, 1 + len(tries)), need), launched)
            open_ = open_ or isinstance(answer, Undecided)
            found = found.narrowed(need, answer)
    return found


def _likely(question: StepQuestion, launched: int) -> tuple[list[int], bool]:
    """Numbers of copies that bounds on the worst arrangement of what runs now decide, and if one is between.

    A launched instance then adds the room of an empty one.
    """
    model = PackingModel.of(question.fleet, question.step.existing, {})
    slots = _fewest(model.arrangement(question.step, question.box), question.budget)
    more = launched * min((question.slots[pool][0] for pool in question.usable), default=0)
    return [slots.low + more, slots.high + more + 1], slots.low < slots.high


def _fewest(arrangement: Arrangement, budget: Budget) -> Slots:
    """Bounds on the worst arrangement; what did not settle it is not tried again with little more work."""
    question = ("fewest", arrangement)
    slots: Slots | None
    slots, with_units = budget.answers.get(question, (None, 0))
    if slots is None or (slots.low < slots.high and budget.units_left >= WORTHWHILE * with_units):
        units = budget.units_left
        slots = fewest_slots(arrangement, budget=budget)
        budget.answers[question] = slots, units
    return slots


def every_world_of(question: StepQuestion, sure: SureRoom) -> EveryWorld | None:
    """The evidence that every world has room for the copies that are sure."""
    if sure.proven is None:
        return None
    step = attrs.evolve(question.step, copies=sure.low)
    found = evidence_of(question.fleet, StepResult(step, Outcome.FITS, None, sure.proven, None))
    return found if isinstance(found, EveryWorld) else None


def _no_world(question: StepQuestion, best: BestRoom) -> NoWorld | None:
    refused = [one.packing.status is Status.DOES_NOT_FIT for one in best.refusals]
    if not refused or not all(refused):
        return None
    first, *others = best.refusals
    step = attrs.evolve(question.step, copies=best.high + 1)
    judged = StepResult(step, Outcome.DOES_NOT_FIT, None, None, first, tuple(others))
    found = evidence_of(question.fleet, judged)
    return found if isinstance(found, NoWorld) else None
