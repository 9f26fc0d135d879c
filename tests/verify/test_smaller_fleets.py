"""What shows that no smaller fleet holds a plan: each way in which it shows nothing is refused by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs
import pytest
from test_verify_plan import sure, too_small_at_its_peak

from icplan.verdict.fleet_plan import Level
from icplan.verdict.fleet_plan_codec import plan_from_dict
from icplan.verify.result import Rejected
from icplan.verify.smaller_fleets import SmallerCheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from icplan.verdict.fleet_plan import Plan
    from icplan.verdict.smaller_fleets import BrokenPromise, SmallerFleets


@cache
def plan_of(named: str) -> Plan:
    return plan_from_dict(sure(named))


def unproven(plan: Plan) -> str | None:
    """What the check leaves open of fleets that cost less than the plan's."""
    assert plan.problem is not None
    there = {one.name: one for one in plan.components}
    return SmallerCheck(plan, [there[one.name] for one in plan.problem.items]).unproven(plan.cost)


def with_smaller(plan: Plan, alter: Callable[[SmallerFleets], SmallerFleets]) -> Plan:
    """The plan with what it shows of each type altered."""
    return attrs.evolve(plan, smaller=tuple(map(alter, plan.smaller)))


def with_broken(plan: Plan, alter: Callable[[BrokenPromise], BrokenPromise]) -> Plan:
    """The plan with each broken promise altered."""
    return with_smaller(
        plan, lambda one: attrs.evolve(one, broken=tuple(alter(broken) for broken in one.broken))
    )


def launched(one: BrokenPromise, number: int) -> BrokenPromise:
    """The world with other launches than it was made of."""
    return attrs.evolve(one, world=attrs.evolve(one.world, launched={0: number}))


def grown(one: BrokenPromise, number: int) -> BrokenPromise:
    """The world said to be one with other launches, in its premises, too."""
    (pool,) = one.premises.pools
    grown_pool = attrs.evolve(pool, launchable=(number, number))
    premises = attrs.evolve(one.premises, pools=(grown_pool,), together=(number, number))
    return attrs.evolve(one, growth=number, premises=premises)


@pytest.mark.parametrize("named", ["updates", "scaling", "creation", "an instance", "a zone"])
def test_what_is_shown_is_accepted(named: str) -> None:
    assert unproven(plan_of(named)) is None


@pytest.mark.parametrize(
    ("named", "alter", "said"),
    [
        (
            "updates",
            lambda plan: with_smaller(plan, lambda one: attrs.evolve(one, movable=None)),
            "nothing is shown of all copies movable",
        ),
        (
            "updates",
            lambda plan: with_smaller(plan, dearer),
            "alone does not hold",
        ),
        (
            "an instance",
            lambda plan: only_movable(plan, "lost-instance"),
            "it is not promised",
        ),
        (
            "an instance",
            lambda plan: with_broken(plan, lambda one: grown(one, 1)),
            "the steady fleet is to hold it",
        ),
        (
            "updates",
            lambda plan: with_broken(plan, lambda one: grown(one, 1)),
            "the steady fleet is to hold it",
        ),
        (
            "updates",
            lambda plan: attrs.evolve(
                plan, types=tuple(attrs.evolve(one, at_most=None) for one in plan.types)
            ),
            "what an instance may offer is not told",
        ),
    ],
)
def test_what_shows_nothing_is_refused(named: str, alter: Callable[[Plan], Plan], said: str) -> None:
    """By that check alone, and not by another that happens to notice."""
    with pytest.raises(Rejected, match=said):
        unproven(alter(plan_of(named)))


def dearer(one: SmallerFleets) -> SmallerFleets:
    """More is said to be needed than the proof shows."""
    assert one.movable is not None
    return attrs.evolve(one, movable=attrs.evolve(one.movable, low=one.movable.low + 1))


def only_movable(plan: Plan, name: str) -> Plan:
    """The plan, as if it promised one thing for movable copies alone: a world shows nothing of that."""
    promises = (attrs.evolve(one, level=Level.MOVABLE) if one.name == name else one for one in plan.promises)
    return attrs.evolve(plan, promises=tuple(promises))


def test_of_a_fleet_that_may_grow_all_launches_are_in_the_world() -> None:
    """A world that fewer were launched in says nothing of the most that there may be."""
    plan = too_small_at_its_peak(1)
    assert any(one.growth for kind in plan.smaller for one in kind.broken)
    assert unproven(plan) is None
    with pytest.raises(Rejected, match="more may be launched"):
        unproven(with_broken(plan, lambda one: launched(grown(one, one.growth - 1), one.growth - 1)))
    with pytest.raises(Rejected, match="the world has other launches"):
        unproven(with_broken(plan, lambda one: launched(one, one.growth + 1)))
