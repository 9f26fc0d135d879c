"""Weaken a verdict that rests on the default of an assumption that nobody set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.explain.uncertainty import ALLOW_MORE, NO_TIME
from icplan.verdict.verdict import Finding, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from icplan.verdict.verdict import ChangeVerdict

RULE = "ICP321"
_IN_WORDS = {outcome: str(outcome).replace("-", " ") for outcome in Outcome}


@attrs.frozen
class OtherOutcome:
    """An assumption with its value, and what another value, or several, would make of a change."""

    name: str
    value: str
    others: Mapping[str, Outcome]


def without_guesses(verdict: ChangeVerdict, turns: Sequence[OtherOutcome]) -> ChangeVerdict:
    """The verdict with nothing promised or refused that another value of an assumption does not bear out."""
    known = [turn for turn in turns if any(other is not Outcome.UNDECIDED for other in turn.others.values())]
    outcome = Outcome.MAY_NOT_FIT if known else Outcome.UNDECIDED
    said = [_headline(turn, verdict.outcome) for turn in known or turns]
    phases = tuple(
        attrs.evolve(phase, outcome=outcome, placement=None, proof=None)
        if phase.outcome is Outcome.DOES_NOT_FIT and phase.kind != "rollback"
        else phase
        for phase in verdict.phases
    )
    names = tuple(turn.name for turn in known or turns)
    return attrs.evolve(
        verdict,
        outcome=outcome,
        phases=phases,
        final_instances=None,
        findings=(*_downgraded(verdict.findings), *(Finding(RULE, Severity.WARNING, one) for one in said)),
        turns_on=names,
    )


def _headline(turn: OtherOutcome, outcome: Outcome) -> str:
    if all(other is Outcome.UNDECIDED for other in turn.others.values()):
        return f"{NO_TIME} what other values of {turn.name} would give; {ALLOW_MORE}"
    each = "; ".join(f"{value}: {_IN_WORDS[other]}" for value, other in turn.others.items())
    return (
        f"nothing documents {turn.name}, and nobody has set it. {turn.value}: {_IN_WORDS[outcome]}; {each}. "
        f"If you know, --assume {turn.name}={next(iter(turn.others))} says so"
    )


def _downgraded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, none an error: what they say may be so."""
    for finding in findings:
        softens = finding.severity is Severity.ERROR
        yield attrs.evolve(finding, severity=Severity.WARNING) if softens else finding
