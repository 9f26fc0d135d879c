"""Whether a change of the endpoint is shown: all that a variant runs is placed anew, whatever the order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.verdict.evidence import Direction, Malformed, StepNumber, Where
from icplan.verdict.evidence_codec import premises_of_proof
from icplan.verdict.verdict import Outcome, Severity
from icplan.verify.consistency import check_instances
from icplan.verify.evidence import Effort, check_evidence
from icplan.verify.result import Checked, Rejected, Result, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from icplan.verdict.evidence import Premises
    from icplan.verdict.verdict import ChangeVerdict, Phase
    from icplan.verify.courses import CourseChain

NOT_SHOWN = "what an endpoint is to run is told without evidence"
_OTHER = "the phases are not those that the change takes"


def check_endpoint(change: ChangeVerdict, told: Sequence[Any], chain: CourseChain) -> list[Checked]:
    """The results for a change of the endpoint, or of a configuration of it."""
    name, outcome, found = change.subject, change.outcome, list[Checked]()
    effort = Effort(lambda: chain.explored(change), chain.until)
    for phase, proof in zip(change.phases, told, strict=True):
        try:
            unproven = _phase(phase, proof, effort)
        except Rejected as error:
            found.append(Checked(name, phase.name, phase.outcome, Result.REJECTED, str(error)))
        else:
            result = Result.UNPROVEN if unproven else Result.VERIFIED
            found.append(Checked(name, phase.name, phase.outcome, result, unproven or ""))
    try:
        _whole(change)
    except Rejected as error:
        found.append(Checked(name, "all phases", outcome, Result.REJECTED, str(error)))
    if not change.phases and outcome not in (Outcome.INVALID, Outcome.BLOCKED):
        found.append(Checked(name, "no phases", outcome, Result.UNPROVEN, NOT_SHOWN))
    return found


def _phase(phase: Phase, told: Any, effort: Effort) -> str | None:
    now, needed, premises, proof = phase.instances_now, phase.instances_needed, phase.premises, phase.proof
    if phase.kind == "steady":
        claims = (phase.placement, proof, phase.old, phase.new, phase.step, premises, phase.component)
        rests = phase.outcome is Outcome.FITS and needed == now
        require(rests and all(one is None for one in claims), "more than rest is claimed")
        return None
    placed = phase.kind == "place" and phase.step == StepNumber(1, 1, None, Direction.FORWARD)
    require(placed and phase.component is not None and phase.variant is not None, _OTHER)
    enough = needed is None or (needed == now if phase.outcome is Outcome.FITS else needed > now)
    require(enough, "the instances needed are those of another outcome")
    if proof is None or premises is None:
        return "no proof is given"
    if isinstance(proof, Malformed):
        raise Rejected(f"the evidence is malformed at {proof.path}")
    again = premises_of_proof(premises)
    require({member: told.get(member) for member in again} == again, "the proof has other premises")
    check_instances(phase, premises)
    copies = premises.target.copies
    require((phase.old, phase.new) == ((0, 0), (0, copies)), "another number of copies is to be placed")
    # In whatever order: any copies of the others may be there by then. None is kept from a better place.
    where = Where.ANYWHERE if phase.outcome is Outcome.DOES_NOT_FIT else Where.PERHAPS
    for one in premises.existing:
        loose = one.where is Where.PERHAPS and one.coming == one.copies
        there = one.where is where is Where.ANYWHERE and one.component != phase.component and not one.coming
        require((loose or there) and not one.leave, "others lie where they need not")
    return check_evidence(str(phase.component), phase, proof, premises, effort)


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
