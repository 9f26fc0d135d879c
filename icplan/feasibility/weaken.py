"""Every reason that lowers an outcome, in one order, and what each drops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.launches import usable
from icplan.feasibility.worst_case import slots_on_empty
from icplan.rollout.steps import Scope, may_come
from icplan.verdict.verdict import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from icplan.assumptions import Assumptions
    from icplan.feasibility.allocatable_box import AllocatableBox
    from icplan.feasibility.step import StepResult
    from icplan.fleet.fleet import Fleet
    from icplan.rollout.steps import Step
    from icplan.verdict.verdict import ChangeVerdict, Finding, Phase


def downgrade_capacity_errors(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, none of capacity an error."""
    for finding in findings:
        capacity = finding.rule.startswith(("ICP3", "ICP4", "ICP5"))
        softens = capacity and finding.severity is Severity.ERROR
        yield attrs.evolve(finding, severity=Severity.WARNING) if softens else finding


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


def type_may_change(fleet: Fleet, step: Step, box: AllocatableBox, assumptions: Assumptions) -> bool:
    """Whether, by this step, emptied instances may be gone, and launched anew of a type with other room.

    It relies on the assumption only where it matters: copies have left, instances come and go, and the types
    that may be launched by then differ in how many copies of the step an empty instance takes. Of going back
    nothing hangs on its default.
    """
    left = step.placed_before or step.kind == "rollback" or any(entry.departed for entry in step.existing)
    if not left or fleet.scaling is None or len(_slots_per_type(fleet, step, box)) < 2:  # noqa: PLR2004  (they differ)
        return False
    open_ = step.kind == "rollback" and not assumptions.given("emptied-instances")
    return assumptions.use("emptied-instances") == "released" or open_


def released_instances(
    fleet: Fleet, judged: StepResult, box: AllocatableBox, assumptions: Assumptions
) -> StepResult:
    """The step as far as it is known when emptied instances may be gone: nothing of it is sure.

    What not even an empty instance of any type takes still finds no room.
    """
    sure = judged.outcome.fits or judged.outcome is Outcome.DOES_NOT_FIT
    if not sure or not type_may_change(fleet, judged.step, box, assumptions):
        return judged
    if judged.outcome is Outcome.DOES_NOT_FIT and not any(
        most for _, most in _slots_per_type(fleet, judged.step, box)
    ):
        return judged
    return attrs.evolve(
        judged, outcome=Outcome.MAY_NOT_FIT, extra_instances=None, worst_case=None, witness=None
    )


def _slots_per_type(fleet: Fleet, step: Step, box: AllocatableBox) -> set[tuple[int, int]]:
    """How many copies of the step an empty instance takes at least and at most, of each type.

    Types on which no such copy may lie, none that has left and none that may be launched for, do not count:
    none of them is emptied, or launched.
    """
    pools = set(range(len(fleet.pools)))
    if not may_come(step.existing):
        moved = (one for one in step.existing if one.departed or one.where is not Scope.RUNNING)
        needs = (step.need, *(one.component.need for one in moved))
        pools = {n for need in needs for n in usable(fleet, need)}
    return {
        (slots_on_empty(fleet, step, box, n), slots_on_empty(fleet, step, box, n, low=False)) for n in pools
    }
