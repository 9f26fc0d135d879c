"""Why no allowed fleet holds the conditions: as few conditions and limits as are at odds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from icplan.packing.fleet_problem import Blocked, FleetAnswer
from icplan.packing.fleet_proof import CutsLeaf, FleetTree, RefusalLeaf, Split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from icplan.packing.fleet_problem import FleetProblem

    #: Answers a problem: possible or not, and the proof.
    Solve = Callable[[FleetProblem], FleetAnswer]


def blocked_by(problem: FleetProblem, whole: FleetAnswer, solve: Solve) -> FleetAnswer:
    """The answer of a problem without a fleet, with what is at odds, and a proof of that alone.

    One limit after another is dropped for good if there is still no fleet, then one condition after another.
    """
    blocked = Blocked(
        tuple(range(len(problem.conditions))),
        tuple(t for t, option in enumerate(problem.options) if option.limit is not None),
        problem.max_types is not None,
        problem.max_total is not None,
    )
    best = attrs.evolve(whole, blocked=blocked)
    if best.proof is not None:
        used = tuple(sorted(set(_conditions(best.proof.tree))))
        best = _still(problem, attrs.evolve(blocked, conditions=used), solve) or best
    for drop in _drops(problem):
        fewer = drop(best.blocked or blocked)
        if fewer != best.blocked:
            best = _still(problem, fewer, solve) or best
    return best


def _drops(problem: FleetProblem) -> Iterator[Callable[[Blocked], Blocked]]:
    yield lambda own: attrs.evolve(own, max_types=False)
    yield lambda own: attrs.evolve(own, max_total=False)
    yield from (partial(_without_option, t) for t in range(len(problem.options)))
    yield from (partial(_without_condition, k) for k in range(len(problem.conditions)))


def _without_option(number: int, own: Blocked) -> Blocked:
    return attrs.evolve(own, options=tuple(n for n in own.options if n != number))


def _without_condition(number: int, own: Blocked) -> Blocked:
    return attrs.evolve(own, conditions=tuple(n for n in own.conditions if n != number))


def _still(problem: FleetProblem, blocked: Blocked, solve: Solve) -> FleetAnswer | None:
    """The answer if these alone are at odds."""
    conditions = tuple(problem.conditions[k] for k in blocked.conditions)
    free = tuple(attrs.evolve(option, cost=0) for option in problem.options)
    reduced = attrs.evolve(blocked.reduced(attrs.evolve(problem, options=free)), conditions=conditions)
    answer = solve(reduced)
    if answer.possible or answer.proof is None:
        return None
    proof = attrs.evolve(answer.proof, tree=_renumbered(answer.proof.tree, blocked.conditions))
    return FleetAnswer(0, None, proof=proof, possible=False, blocked=blocked)


def _renumbered(tree: FleetTree, numbers: tuple[int, ...]) -> FleetTree:
    if isinstance(tree, Split):
        return attrs.evolve(
            tree, under=_renumbered(tree.under, numbers), over=_renumbered(tree.over, numbers)
        )
    if isinstance(tree, RefusalLeaf):
        return attrs.evolve(tree, condition=numbers[tree.condition])
    return attrs.evolve(
        tree, uses=tuple(attrs.evolve(use, condition=numbers[use.condition]) for use in tree.uses)
    )


def _conditions(tree: FleetTree) -> Iterator[int]:
    if isinstance(tree, Split):
        yield from _conditions(tree.under)
        yield from _conditions(tree.over)
    elif isinstance(tree, CutsLeaf):
        yield from (use.condition for use in tree.uses)
    else:
        yield tree.condition
