"""Changes that do not wait for the endpoint's update: judged as made before it, too, and it after them.

An endpoint that gets another configuration is updated beside all that does not depend on it. What fits only
on the instances that the update brings is not sure to find them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from icplan.errors import InputError
from icplan.judge.at_once import weakened
from icplan.judge.change_set import outcomes_of
from icplan.judge.declared_change import placed
from icplan.requests.operations import ENDPOINT_OPERATIONS
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import AT_ONCE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from icplan.judge.at_once import Together
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.verdict.change_verdict import ChangeVerdict

_UPDATE: Final = "UpdateEndpoint"


def weakened_beside_the_update(
    question: Together, settings: Settings, budget: Budget
) -> Sequence[ChangeVerdict]:
    """The changes; what may be made before the endpoint's update, and may not fit then, is only possible."""
    doubts = _doubts(question, settings, budget)
    return [
        weakened(change, doubts[number]) if number in doubts else change
        for number, change in enumerate(question.changes)
    ]


def _doubts(question: Together, settings: Settings, budget: Budget) -> Mapping[int, Finding]:
    of_fleet = [n for n, call in enumerate(question.asked) if call.operation in ENDPOINT_OPERATIONS]
    updates = [n for n in of_fleet if question.asked[n].operation == _UPDATE]
    if not updates or any(question.changes[n].outcome is Outcome.INVALID for n in of_fleet):
        return {}
    update = updates[0]
    free = [n for n, call in enumerate(question.declared) if call.beside(question.declared[update])]
    order = [*free, *of_fleet]
    fits = [n for n in (*free, update) if question.changes[n].outcome.fits]
    if not free or not fits:
        return {}
    try:
        asked = [question.asked[n] for n in order]
        outcomes = dict(zip(order, outcomes_of(asked, question.snapshot, settings, budget), strict=True))
    except InputError:
        outcomes = dict.fromkeys(order, Outcome.UNDECIDED)
    return {
        n: placed(_finding(question, n, update, outcomes[n]), question.declared[n])
        for n in fits
        if not outcomes[n].fits
    }


def _finding(question: Together, number: int, update: int, outcome: Outcome) -> Finding:
    if number == update:
        who = "components are changed at the same time, since they do not wait for this"
        room = "for all that runs then"
    else:
        name = question.asked[update].request.get("EndpointName")
        who = f"the update of endpoint {name} is at the same time, since this does not wait for it"
        room = "before that"
    sure = "whether there is room" if outcome is Outcome.UNDECIDED else "there may be no room"
    end = " was not found out" if outcome is Outcome.UNDECIDED else ""
    return Finding(AT_ONCE, Severity.WARNING, f"{who}; {sure} {room}{end}", path="$")
