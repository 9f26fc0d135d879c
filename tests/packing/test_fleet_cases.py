"""Plans with real instance types and prices, and public instances: their least cost, proven to a checker.

All of them are in `tests/cases/plan`; `benchmarks/plan.py` runs all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from support.plan_cases import cases, fleet_problem

from icplan.packing import (
    Budget,
    Condition,
    FleetItem,
    FleetOption,
    FleetProblem,
    OptionLost,
    ZoneLost,
    cheapest_fleet,
)
from icplan.packing.checker.fleet import check_fleet, fleet_holds
from icplan.packing.fleet_codec import fleet_answer_to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = {case["Id"]: case for file in ("plans", "vsbpp") for case in cases(file)}

#: Every fifth plan, and public instances that take little, of three options and of seven.
SAMPLE = [*cases("plans")[::5], *cases("vsbpp")[:4], EVERY["HSlin100-3-3"], EVERY["HSconc100-2-4"]]


@pytest.mark.slow
@pytest.mark.parametrize("case", SAMPLE, ids=[case["Id"] for case in SAMPLE])
def test_the_least_cost_is_found_and_proven(case: dict[str, Any]) -> None:
    """With a fleet that holds all, and a proof that no other is cheaper."""
    problem = fleet_problem(case)
    answer = cheapest_fleet(problem)
    assert answer.low == answer.high == case["BestKnown"]
    assert check_fleet(problem, answer)


def test_a_changed_proof_is_refused() -> None:
    """Each number of an answer one less, and each list one shorter: all that still holds is harmless."""
    problem = fleet_problem(EVERY["plan-31-update"])
    written = fleet_answer_to_json(cheapest_fleet(problem))
    assert check_fleet(problem, written)
    accepted = [path for path, data in _changes(written) if check_fleet(problem, data)]
    # A lower bound that is less, hints for the search, and cuts that ask, or are counted, a little less.
    harmless = ("Low", "Multipliers", "Weights", "Times", "Copies", "Scale", "Most")
    assert not [path for path in accepted if not any(word in path for word in harmless)]


def _changes(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for name, value in data.items():
            for at, changed in _changes(value, f"{path}.{name}"):
                yield at, {**data, name: changed}
            yield f"{path}.{name} dropped", {n: v for n, v in data.items() if n != name}
    elif isinstance(data, list):
        for number, value in enumerate(data):
            for at, changed in _changes(value, f"{path}[{number}]"):
                yield at, [*data[:number], changed, *data[number + 1 :]]
        if data:
            yield f"{path} shorter", data[:-1]
    elif type(data) is int:
        yield path, data - 1


PAIR = FleetProblem(
    (FleetOption("small", (4,), 3), FleetOption("large", (9,), 5)),
    (FleetItem("x", ((2,), (2,))), FleetItem("y", (None, (5,)))),
    (Condition("rest", (6, 1)),),
)


def test_what_is_at_odds_is_named() -> None:
    """The conditions and limits without any of which there would be a fleet, and no others."""
    few = attrs.evolve(
        PAIR,
        options=(attrs.evolve(PAIR.options[0], limit=9), attrs.evolve(PAIR.options[1], limit=0)),
        max_types=2,
        max_total=50,
    )
    answer = cheapest_fleet(few)
    assert check_fleet(few, answer)
    blocked = answer.blocked
    assert blocked is not None
    assert (blocked.conditions, blocked.options, blocked.max_types, blocked.max_total) == (
        (0,),
        (1,),
        False,
        False,
    )
    wrong = attrs.evolve(answer, blocked=attrs.evolve(blocked, options=(0,)))
    assert not check_fleet(few, wrong)


def test_a_type_that_cannot_be_had_needs_another() -> None:
    """With one type alone no fleet outlives its loss; y lies in one type only."""
    lost = attrs.evolve(
        PAIR, conditions=(Condition("rest", (6, 1)), Condition("large is lost", (6, 0), OptionLost(1)))
    )
    answer = cheapest_fleet(lost)
    assert answer.counts == (3, 1)
    assert check_fleet(lost, answer)
    one = attrs.evolve(lost, max_types=1)
    answer = cheapest_fleet(one)
    assert check_fleet(one, answer)
    assert answer.blocked is not None
    assert answer.blocked.max_types


def test_a_zone_takes_its_share_of_each_type() -> None:
    """Of three zones the fullest: a third, rounded up."""
    lost = attrs.evolve(PAIR, conditions=(Condition("zone", (6, 1), ZoneLost(3)),))
    answer = cheapest_fleet(lost)
    assert (answer.optimal, answer.high) == (True, 15)
    assert check_fleet(lost, answer)


def test_little_work_leaves_an_interval_and_not_a_claim() -> None:
    """However little: what is claimed is proven; the same work, the same answer."""
    problem = fleet_problem(EVERY["plan-31-update"])
    for effort in (0, 100, 1_000, 10_000, 100_000):
        answer = cheapest_fleet(problem, Budget(effort=effort))
        assert answer.possible
        assert answer.low <= 691960 <= (answer.high or 691960)
        assert check_fleet(problem, answer)
        assert answer == cheapest_fleet(problem, Budget(effort=effort))


def test_a_checker_without_work_says_nothing() -> None:
    """Neither that an answer holds nor that it does not."""
    assert fleet_holds(PAIR, cheapest_fleet(PAIR), work=3) is None
    assert not check_fleet(PAIR, json.loads("{}"))
