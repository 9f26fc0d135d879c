"""The problem of the cheapest fleet as values: what they refuse, what a loss leaves, and their JSON."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from support.packing_strategies import fleet_problems

from icplan.packing import (
    Condition,
    FleetItem,
    FleetOption,
    FleetProblem,
    InstanceLost,
    OptionLost,
    ZoneLost,
)
from icplan.packing.fleet_codec import fleet_problem_from_json, fleet_problem_to_json

PROBLEM = FleetProblem(
    (FleetOption("a", (4, 4), 3), FleetOption("b", (8, 8), 5, 2)),
    (FleetItem("x", ((1, 2), (2, 2))), FleetItem("y", (None, (4, 4)))),
    (Condition("rest", (3, 1)),),
)


def test_what_a_loss_leaves() -> None:
    """One bin, the fullest zone, all of an option; where there is no bin of an option, none is lost."""
    counts = (0, 7)
    assert Condition("rest", (1, 1)).left(counts) == (0, 7)
    assert Condition("one", (1, 1), InstanceLost(1)).left(counts) == (0, 6)
    assert Condition("none", (1, 1), InstanceLost(0)).left(counts) is None
    assert Condition("zone", (1, 1), ZoneLost(3)).left(counts) == (0, 4)
    assert Condition("option", (1, 1), OptionLost(1)).left(counts) == (0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": (FleetOption("a", (4, 4), -1),) * 2},
        {"options": (FleetOption("a", (4, 4), 1, -1),) * 2},
        {"options": (FleetOption("a", (4, 4), 1),)},
        {"options": (FleetOption("a", (4, 4), 1), FleetOption("b", (4,), 1))},
        {"conditions": (Condition("few", (1,)),)},
        {"conditions": (Condition("below", (1, -1)),)},
        {"conditions": (Condition("lost", (1, 1), InstanceLost(2)),)},
        {"conditions": (Condition("zones", (1, 1), ZoneLost(0)),)},
        {"max_types": -1},
        {"max_total": True},
    ],
)
def test_what_is_no_problem_is_refused(wrong: dict[str, Any]) -> None:
    """Numbers below zero, and what does not belong together."""
    with pytest.raises(ValueError, match=r"\w"):
        attrs.evolve(PROBLEM, **wrong)


def test_what_may_be_bought() -> None:
    """Within each option's limit, the number of options and of all bins."""
    assert PROBLEM.allows((9, 2))
    assert not PROBLEM.allows((9, 3))
    assert not attrs.evolve(PROBLEM, max_types=1).allows((1, 1))
    assert not attrs.evolve(PROBLEM, max_total=3).allows((3, 1))
    assert PROBLEM.cost((2, 1)) == 11


@given(fleet_problems())
def test_a_problem_is_read_as_it_is_written(problem: FleetProblem) -> None:
    """With all losses and limits."""
    assert fleet_problem_from_json(fleet_problem_to_json(problem)) == problem
