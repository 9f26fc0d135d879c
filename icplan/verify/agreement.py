"""Whether the evidence of a change's phases is of the same instances and the same copies."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from icplan.packing.problem import Vector
    from icplan.verify.questions import PhaseProblems, ProblemContext


def check_phases_agree(asked: Sequence[PhaseProblems], *, same_need: bool) -> None:
    """Raise `Rejected` unless the phases differ in the copies of the changed component alone.

    ``same_need`` tells that its new copies reserve what the old ones do.
    """
    for before, after in itertools.pairwise(asked):
        same = before.ground.types == after.ground.types and before.ground.box == after.ground.box
        same = same and before.ground.unit == after.ground.unit
        require(same, "its phases speak of other instance types or amounts")
        require(
            _others_held(before) == _others_held(after), "its phases speak of other copies that are there"
        )
    taken: list[set[tuple[Vector | None, ...]]] = [set(), set()]
    for questions in asked:
        taken[questions.moment.back].add(questions.ground.demands)
    ahead, back = taken
    require(len(ahead) <= 1 and len(back) <= 1, "what a copy takes differs from phase to phase")
    if same_need:
        back = ahead
    for questions in asked if back else ():
        known = {
            pair
            for demands in (*back, *(ahead if questions.moment.back else ()))
            for pair in enumerate(demands)
        }
        own = {pair for setting in questions.settings for pair in setting.own}
        require(own <= known, "copies that are there take something else")
    settings = [(questions.component, setting) for questions in asked for setting in questions.settings[:1]]
    for (_, one), (_, other) in itertools.pairwise(settings):
        require(_instances(one) == _instances(other), "its phases speak of other instances")
        require(one.offers_agree(other), "its phases speak of instances that offer other things")
    full = [(name, setting) for name, setting in settings if not setting.bare]
    for (name, setting), (_, following) in itertools.pairwise(full):
        same = _others(name, setting) == _others(name, following)
        require(same, "its phases speak of other copies beside them")


def _others_held(questions: PhaseProblems) -> list[dict[str, int]]:
    name = questions.component
    return [{k: n for k, n in holds.items() if k != name} for holds in questions.ground.holds]


def _instances(setting: ProblemContext) -> list[tuple[int | None, int]]:
    return [(pool, count) for pool, count, _ in setting.runs]


def _others(name: str, setting: ProblemContext) -> dict[object, int]:
    return {lies: count for lies, count in setting.copies.items() if lies[0] != name}
