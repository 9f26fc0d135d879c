"""The least and the most favourable arrangement of what already lies in the bins."""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

import attrs

from icplan.packing.budget import Budget
from icplan.packing.certificate import ProvenBound, Sense
from icplan.packing.problem import Pattern, Slots
from icplan.packing.solver.arrangement.found_before import arrangements_of, keep, slots_left
from icplan.packing.solver.arrangement.idle import WithoutIdleBins
from icplan.packing.solver.arrangement.model import ArrangementModel, arrangement_model
from icplan.packing.solver.branch_and_bound import BranchAndBound, Column, Leaf, Program, SearchResult
from icplan.packing.solver.certificate import slots_proof
from icplan.packing.solver.greedy import finish
from icplan.packing.solver.patterns import every_pattern, units_of
from icplan.packing.solver.presolve import drop_surplus, restore
from icplan.packing.solver.solve import decide
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from icplan.packing.problem import Arrangement
    from icplan.packing.solver.patterns import Filling
    from icplan.packing.solver.presolve import BinFill, ReducedProblem

#: Up to so many patterns of all classes together, all of them are enumerated at once, and up to so many more
#: where columns leave a gap.
MAX_PATTERNS_AT_ONCE = 300
MAX_PATTERNS = 1000


def fewest_slots(
    arrangement: Arrangement, *, enough: int | None = None, budget: Budget | None = None
) -> Slots:
    """The number of target copies that have room in the least favourable arrangement.

    With ``enough``, bounds may stay apart as soon as ``low >= enough`` or ``high < enough``.
    """
    return _extreme(arrangement, 1, enough, budget or Budget())


def surely_has_slots(arrangement: Arrangement, enough: int, budget: Budget) -> bool | None:
    """Whether the least favourable arrangement has so many slots; ``None`` if there is none, or no time.

    An arrangement that was found for other amounts answers that too, where it leaves too few.
    """
    model = _asked(arrangement, budget).model
    for loads in budget.answers.get(_lying(model.core), ()):
        if slots_left(model, loads) < enough:
            return False
    slots = _extreme(arrangement, 1, enough, budget)
    if not slots.possible or budget.exhausted:
        return None
    return slots.low >= enough


def _lying(core: ReducedProblem) -> Hashable:
    """All that the arrangements of what lies depend on."""
    return ("arrangements", core.counts, core.bins, core.free, core.demands)


def most_slots(arrangement: Arrangement, *, enough: int | None = None, budget: Budget | None = None) -> Slots:
    """The number of target copies that have room in the most favourable arrangement."""
    return _extreme(arrangement, -1, enough, budget or Budget())


@frozen
class _Asked:
    """An arrangement that was asked about: its model, and by sign what was found and came of it."""

    model: ArrangementModel
    split: WithoutIdleBins
    answers: dict[int, tuple[SearchResult, Slots]] = attrs.field(factory=dict)


def _asked(arrangement: Arrangement, budget: Budget) -> _Asked:
    """The arrangement with what is known of it; alike steps ask about the same one again and again."""
    key = ("asked", arrangement)
    found: _Asked | None = budget.answers.get(key)
    if found is None:
        budget.charge(200 + 10 * len(arrangement.bins) * len(arrangement.lying))
        model = arrangement_model(arrangement)
        found = budget.answers[key] = _Asked(model, WithoutIdleBins.of(model))
    return found


def _extreme(arrangement: Arrangement, sign: int, enough: int | None, budget: Budget) -> Slots:
    """``sign`` times the least of ``sign`` times slots; what was found before is not looked for again."""
    cutoff = None if enough is None else (enough if sign > 0 else 1 - enough)
    budget.charge(200)
    asked = _asked(arrangement, budget)
    room, split = asked.model, asked.split
    here = None if cutoff is None else cutoff - sign * split.total
    question = ("slots", sign, split.model.question)
    found: SearchResult = budget.answers.get(question, SearchResult(None, None, None))
    if not _decided(found, here):
        found = _best_of(_search(split.model, sign, here, budget), found)
        budget.answers[question] = found
    before, slots = asked.answers.get(sign, (None, None))
    if slots is not None and before is found:
        return slots
    whole = split.restored(found, sign)
    if sign > 0 and whole.loads is not None:
        budget.answers.setdefault(_lying(room.core), {})[whole.loads] = None
    slots = _slots(room, sign, whole)
    asked.answers[sign] = found, slots
    return slots


def _search(room: ArrangementModel, sign: int, cutoff: int | None, budget: Budget) -> SearchResult:
    columns = _columns(room, sign, budget)
    found = SearchResult(None, None, None)
    # Few patterns are quickest without NumPy and OR-Tools; of many, branching is what may be left to do.
    if columns is not None and len(columns) <= MAX_PATTERNS_AT_ONCE:
        found = _by_patterns(room, sign, columns, cutoff, budget)
    if not _decided(found, cutoff):
        found = _best_of(found, _by_columns(room, sign, columns, cutoff, budget))
    if columns is not None and len(columns) > MAX_PATTERNS_AT_ONCE and not _decided(found, cutoff):
        found = _best_of(found, _by_patterns(room, sign, columns, cutoff, budget))
    return found


def _decided(found: SearchResult, cutoff: int | None) -> bool:
    """Whether bound and arrangement meet, or one alone answers: nothing lies so, enough has room, or less.

    To look for an arrangement all the same would load NumPy and OR-Tools for the commonest of questions.
    """
    cost = found.cost
    if cost is not None and cutoff is not None and cost < cutoff:
        return True
    if found.tree is None:
        return False
    bound = found.tree.bound
    if bound is None or (cutoff is not None and bound >= cutoff):
        return True
    return cost is not None and bound >= cost


def _best_of(one: SearchResult, other: SearchResult) -> SearchResult:
    """The better bound and the better arrangement of two outcomes."""
    trees = [o.tree for o in (one, other) if o.tree is not None]
    tree = max(trees, key=lambda t: (t.bound is None, t.bound or 0), default=None)
    known = [o for o in (one, other) if o.cost is not None]
    best = min(known, key=lambda o: o.cost or 0, default=other)
    return SearchResult(tree, best.cost, best.loads)


def _by_patterns(
    room: ArrangementModel, sign: int, columns: tuple[Column, ...], cutoff: int | None, budget: Budget
) -> SearchResult:
    """Exactly, by branch and bound over all patterns."""
    core = room.core
    surplus = tuple(sign < 0 or not stays for stays in room.stays)

    def complete(loads: list[BinFill], bins: list[int], counts: list[int]) -> list[BinFill] | None:
        return finish(core, budget, loads, bins, counts)

    def cost(k: int, copies: tuple[int, ...]) -> int:
        return sign * room.slots(k, copies)

    search = BranchAndBound(Program(core.bins, core.counts, columns, surplus), budget, complete, cost, cutoff)
    root = search.root()
    if root.tree is None or search.pruned(root.tree):
        return root
    found = search.run()
    return attrs.evolve(found, tree=found.tree or root.tree)


def _by_columns(
    room: ArrangementModel,
    sign: int,
    columns: tuple[Column, ...] | None,
    cutoff: int | None,
    budget: Budget,
) -> SearchResult:
    """Bounds by column generation, from any arrangement there is."""
    answer = decide(room.core, budget)
    if answer.loads is None:
        return SearchResult(answer.refutation(), None, None)
    from icplan.packing.solver.arrangement.generation import ArrangementGeneration, EveryPattern  # noqa: PLC0415 - NumPy and OR-Tools cost 0.1 s

    start = by_exchanges(room, sign, answer.loads, cutoff, budget)
    if _decided(start, cutoff) or start.loads is None:
        return start
    every = EveryPattern.of(columns) if columns else None
    generation = ArrangementGeneration(room, sign, budget, every)
    generation.start(start.loads)
    generation.run(cutoff)
    keep(room, budget, generation.loads)
    return SearchResult(generation.leaf, generation.best, tuple(generation.loads))


def by_exchanges(
    room: ArrangementModel, sign: int, loads: Sequence[BinFill], cutoff: int | None, budget: Budget
) -> SearchResult:
    """The best arrangement that exchanges lead to, from those that are known."""
    from icplan.packing.solver.arrangement.exchanges import Exchanges  # noqa: PLC0415 - NumPy costs 0.1 s

    known = [*map(list, arrangements_of(room, budget)), drop_surplus(loads, room.core.counts)]
    best = min(known, key=lambda one: sign * slots_left(room, one))
    tried = ("exchanged", sign, room.question, tuple(best))
    exchanges = None if tried in budget.answers else Exchanges.of(room, sign, budget)
    enough = 0 if sign > 0 else None
    if exchanges is not None:
        best = exchanges.improve(best, enough if cutoff is None else cutoff - 1) or best
        if cutoff is None and not budget.exhausted:
            budget.answers["exchanged", sign, room.question, tuple(best)] = True
    keep(room, budget, best)
    cost = sign * slots_left(room, best)
    core = room.core
    # That there are none at least is true of any arrangement.
    none = Leaf(1, (0,) * len(core.bins), (0,) * len(core.counts), (), 0)
    return SearchResult(none if sign > 0 and cost == 0 else None, cost, tuple(best))


def _slots(room: ArrangementModel, sign: int, found: SearchResult) -> Slots:
    """The outcome in terms of the original."""
    tree = found.tree
    bound = None if tree is None else tree.bound
    proof = None
    if tree is not None:
        proof = ProvenBound(
            slots_proof(room.core, tree, len(room.problem.bins), len(room.problem.kinds), sign),
            _SENSE[sign],
            None if bound is None else sign * bound,
        )
        if bound is None:
            return Slots(0, 0, proof=proof, possible=False)
    placed = None if found.loads is None else _split(room, restore(room.problem, room.core, found.loads))
    nothing = (0,) * len(room.core.counts)
    empty = sum(m * room.slots(k, nothing) for k, m in enumerate(room.core.bins))
    if sign > 0:
        return Slots(max(0, bound or 0), empty if found.cost is None else found.cost, placed, proof)
    return Slots(max(0, -(found.cost or 0)), empty if bound is None else -bound, placed, proof)


_SENSE = {1: Sense.LEAST, -1: Sense.MOST}


def _columns(room: ArrangementModel, sign: int, budget: Budget) -> tuple[Column, ...] | None:
    """All patterns, with what they cost, where they are few."""
    by_class = _fillings(room.core, budget)
    if by_class is None:
        return None
    return tuple(
        Column(k, copies, sign * slots)
        for k, fillings in enumerate(by_class)
        for (copies, _), slots in zip(fillings, room.slots_beside(k, fillings), strict=True)
    )


def _fillings(core: ReducedProblem, budget: Budget) -> tuple[Sequence[Filling], ...] | None:
    """The patterns of each class, whatever the target is; ``None`` where they are many."""
    key = ("patterns", core.counts, core.free, core.demands)
    if key not in budget.answers:
        budget.answers[key] = _every_filling(core, budget)
    found: tuple[Sequence[Filling], ...] | None = budget.answers[key]
    return found


def _every_filling(core: ReducedProblem, budget: Budget) -> tuple[Sequence[Filling], ...] | None:
    found: list[Sequence[Filling]] = []
    for k in range(len(core.bins)):
        limit = MAX_PATTERNS - sum(map(len, found))
        fillings = every_pattern(core.free[k], core.demands[k], core.counts, limit)
        budget.charge(3 * units_of(fillings, limit))
        if fillings is None:
            return None
        found.append(fillings)
    return tuple(found)


def _split(room: ArrangementModel, placement: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """From staying and leaving copies as kinds of their own to lying copies, of which some leave."""
    half = len(room.problem.kinds) // 2
    split = []
    for p in placement:
        stay, leave = p.copies[:half], p.copies[half:]
        split.append(Pattern(p.bin, p.times, tuple(map(add, stay, leave)), leave))
    return tuple(split)
