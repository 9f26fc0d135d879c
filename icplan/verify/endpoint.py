"""Whether a change of the endpoint is shown: all that a variant runs is placed anew, whatever the order."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome
from icplan.verdict.premises import Where
from icplan.verdict.step_number import Direction, StepNumber
from icplan.verify.consistency import check_instances
from icplan.verify.evidence import Effort, check_needed, check_proof, check_rest
from icplan.verify.result import Checked, Rejected, Result, checked, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.phase import Phase
    from icplan.verdict.premises import Premises
    from icplan.verify.courses import CourseChain

NOT_SHOWN = "what an endpoint is to run is told without evidence"
_OTHER = "the phases are not those that the change takes"


def check_endpoint(change: ChangeVerdict, chain: CourseChain) -> list[Checked]:
    """The results for a change of the endpoint, or of a configuration of it."""
    name, outcome = change.subject, change.outcome
    effort = Effort(lambda: chain.explored(change), chain.until)
    found = [
        checked(name, one.name, one.outcome, functools.partial(_unproven, one, effort))
        for one in change.phases
    ]
    try:
        _whole(change)
    except Rejected as error:
        found.append(Checked(name, "all phases", outcome, Result.REJECTED, str(error)))
    if not change.phases and outcome not in (Outcome.INVALID, Outcome.BLOCKED):
        found.append(Checked(name, "no phases", outcome, Result.UNPROVEN, NOT_SHOWN))
    return found


def _unproven(phase: Phase, effort: Effort) -> str | None:
    """Check a phase that places a component anew; say what is not proven."""
    if phase.kind == "steady":
        check_rest(phase)
        return None
    placed = phase.kind == "place" and phase.step == StepNumber(1, 1, None, Direction.FORWARD)
    require(placed and phase.component is not None and phase.variant is not None, _OTHER)
    check_needed(phase)
    if phase.premises is not None:
        _placed_anew(phase, phase.premises)
    return check_proof(str(phase.component), phase, effort)


def _placed_anew(phase: Phase, premises: Premises) -> None:
    check_instances(phase, premises)
    copies = premises.target.copies
    require((phase.old, phase.new) == ((0, 0), (0, copies)), "another number of copies is to be placed")
    # In whatever order: any copies of the others may be there by then. None is kept from a better place.
    where = Where.ANYWHERE if phase.outcome is Outcome.DOES_NOT_FIT else Where.PERHAPS
    for one in premises.existing:
        loose = one.where is Where.PERHAPS and one.coming == one.copies
        there = one.where is where is Where.ANYWHERE and one.component != phase.component and not one.coming
        require((loose or there) and not one.leave, "others lie where they need not")


def _whole(change: ChangeVerdict) -> None:
    """The phases place all that each variant runs, and the outcome and the figures are theirs."""
    outcome, phases = change.outcome, change.phases
    require(change.rollback_outcome is None and change.copies is None, "a component is told of")
    if outcome in (Outcome.INVALID, Outcome.BLOCKED):
        require(not phases, "what is stopped is not placed")
        return
    for variant in {phase.variant for phase in phases}:
        _variant([phase for phase in phases if phase.variant == variant])
    if not phases:
        return
    worst = Outcome.worst(phase.outcome for phase in phases)
    said = {finding.severity for finding in change.findings}
    lowered = (
        worst.rank > outcome.rank and not outcome.fits and bool({Severity.WARNING, Severity.ERROR} & said)
    )
    require(outcome is worst or lowered, f"the worst phase says {worst}")
    if worst is Outcome.FITS and change.peak_instances is not None:
        runs = {phase.variant: phase.instances_now for phase in phases}
        require(change.peak_instances == sum(runs.values()), "the peak is not that of its phases")


def _variant(phases: Sequence[Phase]) -> None:
    """What one phase places the others have beside it: each component once, on the same instances."""
    placed = [phase for phase in phases if phase.kind == "place"]
    require(not placed or len(placed) == len(phases), _OTHER)
    require(placed or len(phases) == 1, _OTHER)
    require(len({phase.instances_now for phase in phases}) == 1, "its phases begin with other instances")
    known = [phase.premises for phase in placed if phase.premises is not None]
    ground = [(one.pools, one.cpu_unit, one.arriving, one.together) for one in known]
    require(all(one == ground[0] for one in ground), "its phases speak of other instances or amounts")
    names = [phase.component for phase in placed]
    require(len(set(names)) == len(names), "a component is placed twice")
    runs = {frozenset(_runs(phase, phase.premises)) for phase in placed if phase.premises is not None}
    require(len(runs) <= 1, "its phases speak of other copies beside them")
    if runs and all(phase.outcome is not Outcome.DOES_NOT_FIT for phase in placed):
        require({name for name, _, _ in next(iter(runs))} == set(names), "not all that runs is placed")


def _runs(phase: Phase, premises: Premises) -> Iterator[tuple[str, int, object]]:
    """All that the variant runs, as a phase has it."""
    yield str(phase.component), premises.target.copies, premises.target.demands
    yield from ((one.component, one.copies, one.demands) for one in premises.existing)
