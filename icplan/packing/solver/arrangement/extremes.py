"""The least and the most favourable arrangement of what already lies in the bins."""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

import attrs

from icplan.packing.budget import Budget
from icplan.packing.certificate import ProvenBound, Sense
from icplan.packing.problem import Pattern, Slots
from icplan.packing.solver.arrangement.idle import WithoutIdleBins
from icplan.packing.solver.arrangement.model import ArrangementModel, arrangement_model
from icplan.packing.solver.branch_and_bound import BranchAndBound, Column, Program, SearchResult
from icplan.packing.solver.certificate import slots_proof
from icplan.packing.solver.greedy import finish
from icplan.packing.solver.patterns import every_pattern, units_of
from icplan.packing.solver.presolve import restore
from icplan.packing.solver.solve import decide
from icplan.values import frozen

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from icplan.packing.problem import Arrangement
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
        if _cost(model, loads) < enough:
            return False
    slots = _extreme(arrangement, 1, enough, budget)
    if not slots.possible or budget.exhausted:
        return None
    return slots.low >= enough


def _lying(core: ReducedProblem) -> Hashable:
    """All that the arrangements of what lies depend on."""
    return ("arrangements", core.counts, core.bins, core.free, core.demands)


def _cost(model: ArrangementModel, loads: Sequence[BinFill]) -> int:
    """The slots that an arrangement leaves; bins that no load mentions are empty."""
    nothing = (0,) * len(model.core.counts)
    empty = list(model.core.bins)
    total = 0
    for k, times, copies in loads:
        empty[k] -= times
        total += times * model.slots(k, copies)
    return total + sum(n * model.slots(k, nothing) for k, n in enumerate(empty) if n)


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
    """Whether bound and arrangement meet, or the bound alone answers: nothing lies so, or enough has room.

    To look for an arrangement all the same would load NumPy and OR-Tools for the commonest of questions.
    """
    if found.tree is None:
        return False
    bound, cost = found.tree.bound, found.cost
    if bound is None or (cutoff is not None and bound >= cutoff):
        return True
    return cost is not None and (bound >= cost or (cutoff is not None and cost < cutoff))


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

    every = EveryPattern.of(columns) if columns else None
    generation = ArrangementGeneration(room, sign, budget, every)
    generation.start(answer.loads)
    generation.run(cutoff)
    return SearchResult(generation.leaf, generation.best, tuple(generation.loads))


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
    core = room.core
    columns: list[Column] = []
    for k in range(len(core.bins)):
        limit = MAX_PATTERNS - len(columns)
        fillings = every_pattern(core.free[k], core.demands[k], core.counts, limit)
        budget.charge(3 * units_of(fillings, limit))
        if fillings is None:
            return None
        columns += [Column(k, copies, sign * room.slots(k, copies)) for copies, _ in fillings]
    return tuple(columns)


def _split(room: ArrangementModel, placement: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """From staying and leaving copies as kinds of their own to lying copies, of which some leave."""
    half = len(room.problem.kinds) // 2
    split = []
    for p in placement:
        stay, leave = p.copies[:half], p.copies[half:]
        split.append(Pattern(p.bin, p.times, tuple(map(add, stay, leave)), leave))
    return tuple(split)
