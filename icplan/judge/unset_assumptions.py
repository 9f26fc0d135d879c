"""Weaken a verdict that rests on the default of an assumption that nobody set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.assumptions import ASSUMPTIONS, BY_NAME, Assumption, Assumptions
from icplan.feasibility.weaken import Reason, weakened_verdict
from icplan.rules.capacity_reasons import allow_more, not_looked_at
from icplan.values import frozen
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from icplan.judge.state import ChangeResult, Run
    from icplan.packing.budget import Ended
    from icplan.verdict.change_verdict import ChangeVerdict

RULE = "ICP321"
_IN_WORDS = {outcome: str(outcome).replace("-", " ") for outcome in Outcome}


@frozen
class OtherOutcome:
    """An assumption with its value, and what another value, or several, would make of a change."""

    name: str
    value: str
    others: Mapping[str, Outcome]


def turning_guesses(
    run: Run, result: ChangeResult, outcome_under: Callable[[Run], Outcome | None]
) -> list[OtherOutcome]:
    """The assumptions that a result relies on, of which another value gives no such outcome.

    Only what may carry a promise, or a refusal, is left as it is; and what somebody has set. Each is turned
    alone, and together with others only where none turns it alone. ``outcome_under`` judges the change again.
    """
    outcome = result.verdict.outcome
    if not outcome.fails and not outcome.fits:
        return []
    relied = [
        (number, one)
        for number, one in enumerate(ASSUMPTIONS)
        if number >= run.guesses_from
        and one.name in result.relied_on
        and not run.assumptions.given(one.name)
        and not (one.refuses if outcome.fails else one.promises)
    ]
    for last in (True, False):
        found = [
            _turned(run, one, len(ASSUMPTIONS) if last else number + 1, outcome, outcome_under)
            for number, one in relied
        ]
        if turns := [turn for turn in found if turn is not None]:
            return turns
    return []


def _turned(
    run: Run,
    assumption: Assumption,
    guesses_from: int,
    outcome: Outcome,
    outcome_under: Callable[[Run], Outcome | None],
) -> OtherOutcome | None:
    """The other values of an assumption that turn the outcome; those after it may be turned as well."""
    value, *others = assumption.choices
    turns = {}
    for other in others:
        assumptions = Assumptions({**run.assumptions.overrides, assumption.name: other})
        trial = attrs.evolve(run, assumptions=assumptions, explains=False, guesses_from=guesses_from)
        to = outcome_under(trial)
        if to is not None and (to.fails, to.fits) != (outcome.fails, outcome.fits):
            turns[other] = to
    return OtherOutcome(assumption.name, value, turns) if turns else None


def without_guesses(
    verdict: ChangeVerdict, turns: Sequence[OtherOutcome], ended: Ended | None
) -> ChangeVerdict:
    """The verdict with nothing promised or refused that another value of an assumption does not bear out.

    ``ended`` tells why what other values give may not have been looked at.
    """
    known = [turn for turn in turns if any(other is not Outcome.UNDECIDED for other in turn.others.values())]
    said = [_headline(turn, verdict.outcome, ended) for turn in known or turns]
    lower = weakened_verdict(verdict, Reason.GUESS if known else Reason.UNTRIED_GUESS)
    return attrs.evolve(
        lower,
        findings=(*lower.findings, *(Finding(RULE, Severity.WARNING, one) for one in said)),
        turns_on=tuple(turn.name for turn in known or turns),
    )


def _headline(turn: OtherOutcome, outcome: Outcome, ended: Ended | None) -> str:
    if all(other is Outcome.UNDECIDED for other in turn.others.values()):
        return f"{not_looked_at(ended)} what other values of {turn.name} would give; {allow_more(ended)}"
    values = {turn.value: outcome, **turn.others}
    each = "; ".join(f"with {value}: {_IN_WORDS[one]}" for value, one in values.items())
    return (
        f"{BY_NAME[turn.name].why} {each[0].upper()}{each[1:]}. If you know which it is, say so: "
        f"--assume {turn.name}={next(iter(turn.others))}"
    )
