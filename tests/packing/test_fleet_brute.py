"""The cheapest fleet: against trying everything, laws of all answers, and what no checker accepts.

As a program, this file counts what came of many problems:

    PYTHONPATH=tests python tests/packing/test_fleet_brute.py [PROBLEMS [SEED]]
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import attrs
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st
from support import packing_brute as brute
from support.packing_strategies import conditions, fleet_problems

from icplan.packing import Condition, FleetItem, FleetOption, FleetProblem, InstanceLost, cheapest_fleet
from icplan.packing.checker.fleet import check_fleet
from icplan.packing.fleet_codec import fleet_answer_from_json, fleet_answer_to_json

if TYPE_CHECKING:
    from icplan.packing import FleetAnswer


def exact(problem: FleetProblem) -> int | None:
    """The least cost, shown to be that; ``None`` where there is shown to be no fleet."""
    answer = cheapest_fleet(problem)
    assert check_fleet(problem, answer)
    assert answer.optimal or not answer.possible
    return answer.high


#: Without a bin nothing can be lost, and with one the item has nowhere to lie.
NOTHING_BOUGHT = FleetProblem(
    (FleetOption("o", (7,), 0),), (FleetItem("i", (None,)),), (Condition("lost", (1,), InstanceLost(0)),)
)


@given(fleet_problems())
@example(NOTHING_BOUGHT)
def test_it_agrees_with_trying_everything(problem: FleetProblem) -> None:
    """The cost, or that there is no fleet; and the answer is proven to a checker, written down or not."""
    answer = cheapest_fleet(problem)
    assert answer.high == brute.cheapest_fleet(problem)
    assert answer.possible is (answer.high is not None)
    assert answer.low == (answer.high or 0)
    assert check_fleet(problem, answer)
    assert fleet_answer_from_json(fleet_answer_to_json(answer)) == answer


@given(fleet_problems(), st.data())
def test_one_more_condition_is_never_cheaper(problem: FleetProblem, data: st.DataObject) -> None:
    """Nor makes it a fleet possible."""
    more = data.draw(conditions(len(problem.options), len(problem.items), 3))
    with_more = attrs.evolve(problem, conditions=(*problem.conditions, more))
    assert not _less(exact(with_more), exact(problem))


@given(fleet_problems(), st.data())
def test_more_that_is_allowed_is_never_dearer(problem: FleetProblem, data: st.DataObject) -> None:
    """A larger limit, of an option, of types or of all bins, or one that was not allowed before."""
    t = data.draw(st.integers(0, len(problem.options) - 1))
    options = list(problem.options)
    options[t] = attrs.evolve(options[t], limit=None if options[t].limit is None else options[t].most + 1)
    roomier = [
        attrs.evolve(problem, options=tuple(options)),
        attrs.evolve(problem, max_types=None),
        attrs.evolve(problem, max_total=None if problem.max_total is None else problem.max_total + 1),
    ]
    options[t] = attrs.evolve(options[t], limit=0)
    without = attrs.evolve(problem, options=tuple(options))
    now = exact(problem)
    assert not any(_less(now, exact(other)) for other in roomier)
    assert not _less(exact(without), now)


@given(fleet_problems(), st.data())
def test_the_order_and_the_names_do_not_matter(problem: FleetProblem, data: st.DataObject) -> None:
    """Of items and of conditions."""
    order = data.draw(st.permutations(range(len(problem.items))))
    asked = data.draw(st.permutations(problem.conditions))
    other = attrs.evolve(
        problem,
        items=tuple(attrs.evolve(problem.items[i], name=f"renamed {i}") for i in order),
        conditions=tuple(attrs.evolve(c, counts=tuple(c.counts[i] for i in order)) for c in asked),
    )
    assert exact(other) == exact(problem)


@given(fleet_problems(), st.data())
def test_no_better_answer_is_accepted(problem: FleetProblem, data: st.DataObject) -> None:
    """A higher bound, a cheaper fleet, or that there is none where there is one, with the same proof."""
    answer = cheapest_fleet(problem)
    assert not any(check_fleet(problem, wrong) for wrong in _wrong(problem, answer))
    if answer.counts is not None:
        t = data.draw(st.integers(0, len(problem.options) - 1))
        fewer = tuple(n - (i == t) for i, n in enumerate(answer.counts))
        cheaper = attrs.evolve(answer, counts=fewer, high=answer.low)
        assert fewer == answer.counts or not check_fleet(problem, cheaper) or problem.options[t].cost == 0


def _wrong(problem: FleetProblem, answer: FleetAnswer) -> list[FleetAnswer]:
    if answer.high is None:
        return [
            attrs.evolve(answer, possible=True),
            attrs.evolve(answer, blocked=None),
            attrs.evolve(answer, proof=None),
            attrs.evolve(answer, high=0, counts=(0,) * len(problem.options)),
        ]
    wrong = [
        attrs.evolve(answer, low=answer.low + 1),
        attrs.evolve(answer, low=answer.low + 1, high=answer.high + 1),
        attrs.evolve(answer, high=answer.high + 1),
        attrs.evolve(answer, placements=None),
        attrs.evolve(answer, possible=False),
    ]
    if answer.low:
        wrong.append(attrs.evolve(answer, proof=None))
    if problem.conditions:
        wrong.append(attrs.evolve(answer, placements=(answer.placements or ())[:-1]))
    return wrong


def _less(cost: int | None, other: int | None) -> bool:
    """Whether one costs less than the other; no fleet costs more than any."""
    return cost is not None and (other is None or cost < other)


def main(problems: int, first: int, at_once: int = 500) -> None:
    """Try many problems, and tell what came of them, in between too."""
    seen: Counter[str] = Counter()

    def tried(problem: FleetProblem) -> None:
        answer, least = cheapest_fleet(problem), brute.cheapest_fleet(problem)
        seen["problems"] += 1
        seen["with a fleet" if least is not None else "without one"] += 1
        same = answer.high == least and answer.possible is (least is not None) and answer.low == (least or 0)
        if not same:
            seen["DIFFERENCES"] += 1
            print(f"tried {least}, found {answer.low}..{answer.high}: {problem}")  # noqa: T201
        if not check_fleet(problem, answer):
            seen["NOT ACCEPTED"] += 1
            print(f"not accepted: {problem}")  # noqa: T201

    number = first
    while seen["problems"] < problems:
        draw = settings(
            max_examples=at_once,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seed(number)(draw(given(fleet_problems())(tried)))()
        number += 1
        counts = ", ".join(f"{count} {name}" for name, count in sorted(seen.items()))
        print(f"seeds {first} to {number - 1}: {counts}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], *("10000", "0")[len(sys.argv) - 1 :])[:2]))
