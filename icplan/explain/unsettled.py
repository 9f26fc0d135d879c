"""What is left of a verdict where it is not known what a copy of the component will reserve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.explain.doubted import downgrade_capacity_errors
from icplan.verdict import Outcome

if TYPE_CHECKING:
    from icplan.verdict import ChangeVerdict, Phase


def unknown_demand(verdict: ChangeVerdict, *, places_copies: bool) -> ChangeVerdict:
    """The verdict with nothing promised and nothing refused of what is placed, if anything is.

    ``places`` tells that of a brief verdict, which has no phases.
    """
    if verdict.phases:
        places_copies = any(phase.kind != "steady" for phase in verdict.phases)
    if not places_copies:
        return verdict
    phases = tuple(_unproven(phase) for phase in verdict.phases)
    ahead = [phase.outcome for phase in phases if phase.kind != "rollback"]
    outcome = Outcome.worst(ahead) if ahead else _at_most_may_fit(verdict.outcome)
    back = [phase.outcome for phase in phases if phase.kind == "rollback"]
    return attrs.evolve(
        verdict,
        outcome=outcome,
        phases=phases,
        rollback_outcome=None if verdict.rollback_outcome is None else Outcome.worst(back),
        peak_instances=None,
        final_instances=None,
        # How many instances would do, and which limit is in the way, hangs on what a copy reserves.
        findings=tuple(
            downgrade_capacity_errors(one for one in verdict.findings if not one.rule.startswith("ICP5"))
        ),
        remedies=(),
        tried=(),
    )


def _unproven(phase: Phase) -> Phase:
    if phase.kind == "steady":
        return phase
    outcome = _at_most_may_fit(phase.outcome)
    return attrs.evolve(phase, outcome=outcome, instances_needed=None, placement=None, proof=None)


def _at_most_may_fit(outcome: Outcome) -> Outcome:
    sure = outcome.fits or outcome is Outcome.DOES_NOT_FIT
    return Outcome.MAY_NOT_FIT if sure else outcome
