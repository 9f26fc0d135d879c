"""The order of a deployment's changes in which the fewest fail, of those that it may be carried out in.

What does not depend on each other is carried out in no order that anybody tells, so that a change fails for
sure only where it fails in all of them.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from icplan.errors import InputError
from icplan.judge.change_set import MAX_REORDERED, TRIAL, outcomes_of
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.judge.at_once import Together
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget

_DELETE = "DeleteInferenceComponent"


@attrs.frozen
class WorkingOrder:
    """Another order than listed, and which of the changes fail as listed only; by their number there.

    ``every`` tells that all orders that there may be were tried, or need not be.
    """

    order: tuple[int, ...]
    spared: frozenset[int] = frozenset()
    every: bool = True


def working_order(question: Together, settings: Settings, budget: Budget) -> WorkingOrder:
    """An order in which fewer changes fail, and none that does not as they are listed; else as listed."""
    given = tuple(range(len(question.changes)))
    listed = frozenset(n for n in given if question.changes[n].outcome.fails)
    if not any(change.outcome is Outcome.DOES_NOT_FIT for change in question.changes):
        return WorkingOrder(given)
    if budget.exhausted:
        return WorkingOrder(given, every=False)
    trials = budget.share(TRIAL)
    best, left, ended = given, listed, False
    for order in _orders(question, listed):
        ended = trials.exhausted
        if ended or not left:
            break
        failing = _failing(question, order, settings, trials)
        if failing < left:
            best, left = order, failing
    every = not left or (len(given) <= MAX_REORDERED and not ended)
    return WorkingOrder(best, listed - left, every)


def _failing(question: Together, order: Sequence[int], settings: Settings, budget: Budget) -> frozenset[int]:
    """The changes that fail in that order, or of which that is not found out."""
    asked = [question.asked[number] for number in order]
    try:
        outcomes = outcomes_of(asked, question.snapshot, settings, budget, same_answers=True)
    except InputError:
        return frozenset(order)
    pairs = zip(order, outcomes, strict=True)
    return frozenset(n for n, outcome in pairs if outcome.fails or outcome is Outcome.UNDECIDED)


def _orders(question: Together, failing: frozenset[int]) -> Iterator[tuple[int, ...]]:
    """Orders that it may be carried out in: what is likely to help, then all, unless these are too many."""
    given = tuple(range(len(question.changes)))
    likely = (
        _arranged(question, [(_frees(question, n), n not in failing, n) for n in given]),
        _arranged(question, [(_frees(question, n), n in failing, n) for n in given]),
        _arranged(question, [(n not in failing, _frees(question, n), n) for n in given]),
    )
    yield from (order for order in dict.fromkeys(likely) if order != given)
    if len(given) <= MAX_REORDERED:
        yield from (
            order
            for order in itertools.permutations(given)
            if order not in (given, *likely) and _allowed(question, order)
        )


def _frees(question: Together, number: int) -> int:
    """What frees room comes first: deletions, then what leaves fewer copies."""
    change = question.changes[number]
    if question.asked[number].operation == _DELETE:
        return 0
    before, after = change.copies or (0, 0)
    return 1 if after < before else 2


def _arranged(question: Together, ranks: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """All by rank, but none before what it must come after."""
    left, order = sorted(ranks), list[int]()
    while left:
        open_ = {number for *_, number in left}
        ready = next(rank for rank in left if not _earlier(question, rank[-1]) & open_)
        order.append(ready[-1])
        left.remove(ready)
    return tuple(order)


def _earlier(question: Together, number: int) -> set[int]:
    """The changes listed before it that must be done before it begins."""
    one = question.declared[number]
    return {other for other in range(number) if not one.beside(question.declared[other])}


def _allowed(question: Together, order: Sequence[int]) -> bool:
    return all(_earlier(question, number) <= {*order[:at]} for at, number in enumerate(order))
