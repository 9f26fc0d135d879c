"""The allocatable amounts at which an outcome can change: what some set of copies takes, to the last MiB."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Final

    from icplan.feasibility.question import Question
    from icplan.fleet.fleet import Demand
    from icplan.rollout.steps import Step

MAX_AMOUNTS: Final = 2_000
"""Sums past which the multiples of what all copies take a whole number of are tried instead."""


def critical_amounts(
    question: Question, steps: Iterable[Step], pool: int, dimension: int, low: int, high: int
) -> Sequence[int]:
    """The amounts above ``low``, up to ``high``, in order, that a set of copies may take on an instance.

    Between two of them more can be allocated, but not one copy more has room: a step's outcome is the same.
    """
    needs = {id(need): need for step in steps for need in _needs(step)}.values()
    name = question.fleet.pools[pool].type.name
    demands = (question.fleet.demand(need, name) for need in needs)
    sizes = {demand[dimension] for demand in demands if demand is not None} - {0}
    return sums_between(sizes, low, high)


def sums_between(sizes: Collection[int], low: int, high: int) -> Sequence[int]:
    """What copies of these sizes may take together, above ``low`` and up to ``high``, in order.

    Where they are too many, others are among them.
    """
    if not sizes:
        return ()
    every = _sums(sizes, high)
    return every[bisect_right(every, low) : bisect_right(every, high)]


def _needs(step: Step) -> Iterable[Demand]:
    return (step.need, *(entry.component.need for entry in step.existing))


def _sums(sizes: Collection[int], most: int) -> Sequence[int]:
    """All sums of sizes, each taken any number of times; where they are too many, what contains them all."""
    step = math.gcd(*sizes)
    sums = {0}
    for size in sizes:
        fresh = sums
        while fresh := {each + size for each in fresh if each + size <= most} - sums:
            sums = sums | fresh
            if len(sums) > MAX_AMOUNTS:
                return range(0, most + 1, step)
    return sorted(sums)
