"""Two brute forces that share no code, at rest: the one of one type or two, and the one of any."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
from hypothesis import assume, event, given
from service import Reading, TooMany
from support import oracle
from support.small_fleets import Case, Type, one_phase_cases, request, rolling_cases, snapshot
from truth import answers

if TYPE_CHECKING:
    from draw import Json
    from truth import Truth


def machine(kind: Type) -> Json:
    return {
        "memory": list(kind.memory),
        "cpu": [str(figure / 1000) for figure in kind.cpu],
        "accelerators": kind.devices,
    }


def here(case: Case) -> Truth:
    """What this brute force says, where a type may be launched in vain: so the other has it."""
    machines = {kind.name: machine(kind) for kind in case.types}
    try:
        found = answers({"machines": machines, "snapshot": snapshot(case), "change": request(case)}, 2000)
    except TooMany:
        assume(condition=False)
    several = len(case.types) > 1 and case.most is not None
    return found[Reading(vain=several)][0]


@given(one_phase_cases() | rolling_cases())
def test_both_say_the_same(case: Case) -> None:
    assume(not any(kind.layout for kind in case.types))
    case = attrs.evolve(case, located=False)
    truth, other = here(case), oracle.truth(case)
    event(other.outcome)
    assert truth.forward.outcome == other.outcome
    back = oracle.rollback_truth(case)
    if back is not None and truth.moments:
        done = [answer for (_, done), answer in truth.moments.items() if done]
        assert any(answer.fails for answer in done) == (back.worst == math.inf)
        assert any(not answer.works for answer in done) == (back.best == math.inf)
