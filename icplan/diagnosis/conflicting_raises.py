"""Where components need one limit raised to different values: each piece of advice names the larger one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icplan.diagnosis.diagnosis import Situation, Statement


def told_apart(situations: tuple[Situation, ...]) -> tuple[Situation, ...]:
    """The situations, each raise of a limit with what another component needs where that is more."""
    most: dict[str, tuple[int, Situation, Statement]] = {}
    for one in situations:
        for advice in one.can:
            raised = advice.raises
            if raised is not None and raised.number > most.get(raised.limit, (0,))[0]:
                most[raised.limit] = (raised.number, one, advice)
    return tuple(
        attrs.evolve(one, can=tuple(_beside(advice, one, most) for advice in one.can)) for one in situations
    )


def _beside(
    advice: Statement, one: Situation, most: Mapping[str, tuple[int, Situation, Statement]]
) -> Statement:
    if advice.raises is None:
        return advice
    number, other, larger = most[advice.raises.limit]
    if number == advice.raises.number or larger.raises is None:
        return advice
    text = f"{advice.message}; that is for {one.name} alone, and {other.name} needs more: {larger.raises.how}"
    return attrs.evolve(advice, message=text)
