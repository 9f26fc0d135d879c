"""The fleets that were not chosen, each with the reason."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import attrs

from icplan.packing.solver.fleet.cheapest import cheapest_fleet
from icplan.planning.candidates import candidates_for
from icplan.planning.fleet_question import fleet_problem
from icplan.planning.scarcest import least_by_volume, needed_and_each
from icplan.verdict.fleet_plan import PassedOver, TypeCount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icplan.planning.candidates import Candidate
    from icplan.planning.one_type_fleet import SizedFleet, Sizing
    from icplan.planning.plan import Planner

_SHARE: Final = 0.3
"""Of what is left, what a look at two types may take."""


def passed_over(planner: Planner, chosen: SizedFleet | None) -> tuple[PassedOver, ...]:
    """Fleets of other types, the cheapest first, then what two types could do at best.

    Without a choice of one type, those of each type alone are passed over.
    """
    found = list(_of_other_types(planner, chosen))
    found.sort(key=lambda one: (one.cost is None, one.cost or one.low, [each.type for each in one.fleet]))
    if chosen is not None and planner.settings.max_types == 1 and not planner.settings.steady_is_sure:
        found += _of_two(planner, chosen)
    return tuple(found)


def _of_other_types(planner: Planner, chosen: SizedFleet | None) -> Iterator[PassedOver]:
    own = None if chosen is None else chosen.type.candidate.name
    for sizing in planner.sizings:
        if sizing.type.candidate.name != own:
            yield _alone(planner, sizing, chosen)
    for candidate, better in planner.candidates.passed:
        yield _beaten(planner, candidate, better)


def _alone(planner: Planner, sizing: Sizing, chosen: SizedFleet | None) -> PassedOver:
    candidate, answer = sizing.type.candidate, sizing.movable
    if answer.counts is None:
        because = _too_few(candidate) if not answer.possible else "not found in time"
        return PassedOver((TypeCount(candidate.name, 0),), None, answer.low, because)
    count = answer.counts[0]
    if candidate.name in planner.sized:
        sized = planner.sized[candidate.name]
        if sized is None:
            within = "" if candidate.limit is None else f" within its quota of {candidate.limit}"
            because = f"no number of them was found{within} that surely holds it"
            return PassedOver((TypeCount(candidate.name, 0),), None, answer.low, because)
        count = sized.steady
    because = _why_dearer(planner, candidate, count, chosen)
    return PassedOver((TypeCount(candidate.name, count),), count * candidate.cost, answer.low, because)


def _too_few(candidate: Candidate) -> str:
    if candidate.limit is None:
        return "no number of them holds the promises"
    return f"its quota of {candidate.limit} does not suffice"


def _why_dearer(planner: Planner, candidate: Candidate, count: int, chosen: SizedFleet | None) -> str:
    fleet = planner.candidates.fleet
    copies = [one.copies for _, one in planner.taking]
    binds = needed_and_each(fleet, candidate, copies)
    if chosen is None:
        return binds
    cost = count * candidate.cost
    if cost <= chosen.cost:
        return "holds it with all copies movable, not surely" if cost < chosen.cost else "as dear"
    more = _percent(cost, chosen.cost)
    if count == chosen.steady:
        return f"as many, {more} dearer"
    if count < chosen.steady:
        return f"fewer, but {more} dearer"
    if count > least_by_volume(candidate, copies):
        return f"{more} dearer; copies do not fill it ({binds})"
    return f"{more} dearer; {binds}"


def _beaten(planner: Planner, candidate: Candidate, better: str) -> PassedOver:
    """A type that another one beats whatever it is to hold."""
    other = planner.candidates.of(better)
    same = other.room_like(candidate)
    dearer = candidate.cost > other.cost
    room = f"the same room as {better}" if same else f"no more room than {better}"
    price = f", {_percent(candidate.cost, other.cost)} dearer" if dearer else ", no cheaper"
    return PassedOver((TypeCount(candidate.name, 0),), None, 0, f"{room}{price}")


def _of_two(planner: Planner, chosen: SizedFleet) -> Iterator[PassedOver]:
    told = [one for _, one in planner.taking]
    # Types on which not every component can lie are of use beside another.
    types = candidates_for(
        planner.wanted, attrs.evolve(planner.settings, max_types=2), planner.recorder
    ).types
    problem = fleet_problem(types, told, planner.settings, max_types=2)
    answer = cheapest_fleet(problem, planner.budget.share(_SHARE))
    if answer.counts is None or answer.high is None or answer.high >= chosen.cost:
        return
    pairs = zip(types, answer.counts, strict=True)
    fleet = tuple(TypeCount(one.name, n) for one, n in pairs if n)
    cheaper = _percent(2 * chosen.cost - answer.high, chosen.cost)
    because = f"2 types at best: {cheaper} cheaper, were it told how many of each run"
    yield PassedOver(fleet, answer.high, answer.low, because)


def _percent(more: int, than: int) -> str:
    """By how much one is more than another: ``23 %``, ``0.6 %``."""
    share = Fraction(more - than, than) * 100 if than else Fraction(0)
    return f"{float(share):.1f} %" if share < 10 else f"{round(share)} %"  # noqa: PLR2004  (a digit more)
