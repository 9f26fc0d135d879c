"""The one place where an outcome is weakened: every reason there is, in one order, and what each drops.

Whether a reason holds is found elsewhere (here for a single step, in `uncertain_fleet`, `doubtful_snapshot`
and `unknown_mix`, and by judging again under other assumptions).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from icplan.feasibility.launches import usable
from icplan.feasibility.worst_case import Undecided
from icplan.rollout.steps import Scope, may_come
from icplan.values import frozen
from icplan.verdict.finding import Severity
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from icplan.assumptions import Assumptions
    from icplan.feasibility.every_step import RolloutResult
    from icplan.feasibility.question import StepQuestion
    from icplan.feasibility.step import StepResult
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding
    from icplan.verdict.phase import Phase


class Reason(enum.Enum):
    """Why less is sure than was decided, in the order in which they are applied."""

    EMPTIED = "an instance that copies have left may be gone, and launched anew as another type"
    NOT_REACHED = "no world is known that comes to this moment of a rollback"
    UNKNOWN_MIX = "how many instances are of which type is not told"
    ARRIVED = "instances that were on their way may have come since, and hold copies that were placed then"
    RELAUNCHED = "fewer instances may run, and as many be launched again"
    FEWER_INSTANCES = "fewer instances may run, and not as many be launched again"
    MORE_GROWTH = "more instances may be launched than it was decided with"
    OTHER_TYPES = "instances of other types may run"
    UNSURE_SNAPSHOT = "it rests on a part of the snapshot that may not apply"
    UNKNOWN_DEMAND = "what a copy reserves is not known"
    OTHER_ORDER = "in another order of changes that nobody keeps to it may be another"
    GUESS = "an assumption that nobody has set gives another outcome with another value"
    UNTRIED_GUESS = "what another value of an assumption that nobody has set gives was not looked at"


class Part(enum.Enum):
    """What is told beside an outcome, and may not hold of a lower one."""

    PROOF = "why a step works in every world, or in none"
    LAYOUT = "a layout in which a step works"
    STEP_INSTANCES = "the instances that a step needs"
    PEAK = "the most instances on the way"
    FINAL = "the instances at the end"
    LIMITS = "which limit is in the way"
    REMEDIES = "what would help"
    CAPACITY_ERRORS = "that a finding of capacity is an error"
    ERRORS = "that any finding is an error"


@frozen
class Weakening:
    """What becomes of a promise and of a refusal (``None``: it stands), and what is dropped then.

    Where it drops ``always``, it does so of what was in doubt before, too.
    """

    promise: Outcome | None
    refusal: Outcome | None
    drops: frozenset[Part]
    always: bool = False

    def of(self, outcome: Outcome) -> Outcome:
        """What becomes of an outcome: it is never made surer."""
        if outcome.fits and self.promise is not None:
            return Outcome.worst([outcome, self.promise])
        return self.refusal if outcome.fails and self.refusal is not None else outcome


_MAY, _SCALES = Outcome.MAY_NOT_FIT, Outcome.FITS_AFTER_SCALE_OUT
_EVIDENCE = frozenset({Part.PROOF, Part.LAYOUT})
_STEP = _EVIDENCE | {Part.STEP_INSTANCES}
_SAID = frozenset({Part.REMEDIES, Part.CAPACITY_ERRORS})
#: How many instances would do, and which limit is in the way, hangs on what is there and on the demand.
_EVERYTHING = _STEP | _SAID | {Part.PEAK, Part.FINAL, Part.LIMITS}
_GUESSED = _EVIDENCE | {Part.FINAL, Part.ERRORS}

#: What each reason makes of an outcome.
WEAKENINGS: Mapping[Reason, Weakening] = {
    Reason.EMPTIED: Weakening(_MAY, _MAY, _STEP),
    Reason.NOT_REACHED: Weakening(None, _MAY, _EVIDENCE),
    Reason.UNKNOWN_MIX: Weakening(_MAY, None, _STEP, always=True),
    Reason.ARRIVED: Weakening(_MAY, None, _STEP | _SAID),
    Reason.RELAUNCHED: Weakening(_SCALES, None, _SAID | {Part.PROOF}),
    Reason.FEWER_INSTANCES: Weakening(_MAY, None, _STEP | _SAID),
    Reason.MORE_GROWTH: Weakening(None, _MAY, _STEP | _SAID),
    Reason.OTHER_TYPES: Weakening(_MAY, _MAY, _STEP | _SAID),
    Reason.UNSURE_SNAPSHOT: Weakening(_MAY, _MAY, _EVERYTHING, always=True),
    Reason.UNKNOWN_DEMAND: Weakening(_MAY, _MAY, _EVERYTHING, always=True),
    Reason.OTHER_ORDER: Weakening(None, _MAY, _EVIDENCE | {Part.CAPACITY_ERRORS}),
    Reason.GUESS: Weakening(_MAY, _MAY, _GUESSED),
    Reason.UNTRIED_GUESS: Weakening(Outcome.UNDECIDED, Outcome.UNDECIDED, _GUESSED),
}


def reported_outcome(decided: Outcome, reasons: Collection[Reason]) -> tuple[Outcome, frozenset[Part]]:
    """What is reported of an outcome, and what is dropped: all that does not hold for one of the reasons."""
    outcome, dropped = decided, frozenset[Part]()
    for reason, weakening in WEAKENINGS.items():
        if reason in reasons:
            outcome = weakening.of(outcome)
            if weakening.always or weakening.of(decided) is not decided:
                dropped |= weakening.drops
    return outcome, dropped


def weakened(judged: StepResult, *reasons: Reason) -> StepResult:
    """The step as these reasons, and those it has already, leave it: whichever came first."""
    if judged.reasons.issuperset(reasons):
        return judged
    decided = judged.decided or judged
    found = judged.reasons.union(reasons)
    outcome, dropped = reported_outcome(decided.outcome, found)
    return attrs.evolve(
        decided,
        outcome=outcome,
        extra_instances=None if Part.STEP_INSTANCES in dropped else decided.extra_instances,
        worst_case=_worst_case(decided) if Part.PROOF in dropped else decided.worst_case,
        other_proofs=() if Part.PROOF in dropped else decided.other_proofs,
        witness=None if Part.LAYOUT in dropped else decided.witness,
        reasons=found,
        decided=decided,
    )


def _worst_case(decided: StepResult) -> Undecided | None:
    """That there is no answer is no proof, and stays."""
    return decided.worst_case if isinstance(decided.worst_case, Undecided) else None


def weakened_all(judged: RolloutResult, *reasons: Reason) -> RolloutResult:
    """The change with every step weakened, and every step of going back."""
    back = judged.rollback
    return attrs.evolve(
        judged,
        steps=tuple(weakened(one, *reasons) for one in judged.steps),
        rollback=None if back is None else tuple(weakened(one, *reasons) for one in back),
    )


def lost(before: RolloutResult, after: RolloutResult) -> frozenset[Part]:
    """What is dropped of a change as a whole where its steps were weakened."""
    fell = after.outcome is not before.outcome
    had, has = before.reasons, after.reasons
    found = (WEAKENINGS[reason] for reason in has - had)
    return frozenset[Part]().union(*(one.drops for one in found if fell or one.always))


def without_parts(verdict: ChangeVerdict, dropped: Collection[Part]) -> ChangeVerdict:
    """The verdict without what may not hold any more."""
    remedies = () if Part.REMEDIES in dropped else verdict.remedies
    return attrs.evolve(
        verdict,
        peak_instances=None if Part.PEAK in dropped else verdict.peak_instances,
        final_instances=None if Part.FINAL in dropped else verdict.final_instances,
        findings=tuple(weakened_findings(verdict.findings, dropped)),
        remedies=remedies,
        tried=() if Part.REMEDIES in dropped else verdict.tried,
    )


def weakened_findings(findings: Iterable[Finding], dropped: Collection[Part]) -> Iterator[Finding]:
    """The findings that still hold, none of them an error that is none any more."""
    for finding in findings:
        if Part.LIMITS in dropped and finding.rule.startswith("ICP5"):
            continue
        capacity = finding.rule.startswith(("ICP3", "ICP4", "ICP5"))
        softens = Part.ERRORS in dropped or (capacity and Part.CAPACITY_ERRORS in dropped)
        error = finding.severity is Severity.ERROR
        yield attrs.evolve(finding, severity=Severity.WARNING) if softens and error else finding


def weakened_verdict(verdict: ChangeVerdict, reason: Reason) -> ChangeVerdict:
    """A verdict that was complete before the reason was found.

    A step that was found to fit shows where copies would lie; that the change goes that way is what is in
    doubt. One that was refused is not, any more.
    """
    outcome, dropped = reported_outcome(verdict.outcome, {reason})
    phases = tuple(
        _weakened_phase(phase, reason) if phase.outcome.fails and phase.kind != "rollback" else phase
        for phase in verdict.phases
    )
    cause = verdict.cause if outcome is Outcome.DOES_NOT_FIT else None
    return attrs.evolve(without_parts(verdict, dropped), outcome=outcome, phases=phases, cause=cause)


def _weakened_phase(phase: Phase, reason: Reason) -> Phase:
    outcome, dropped = reported_outcome(phase.outcome, {reason})
    return attrs.evolve(
        phase,
        outcome=outcome,
        proof=None if Part.PROOF in dropped else phase.proof,
        placement=None if Part.LAYOUT in dropped else phase.placement,
    )


def type_may_change(question: StepQuestion, assumptions: Assumptions) -> bool:
    """Whether, by this step, emptied instances may be gone, and launched anew of a type with other room.

    It relies on the assumption only where it matters: copies have left, instances come and go, and the types
    that may be launched by then differ in how many copies of the step an empty instance takes. Of going back
    nothing hangs on its default.
    """
    step = question.step
    left = step.placed_before or step.kind == "rollback" or any(entry.departed for entry in step.existing)
    if not left or question.fleet.scaling is None or len(_slots_of_emptied(question)) < 2:  # noqa: PLR2004  (they differ)
        return False
    open_ = step.kind == "rollback" and not assumptions.given("emptied-instances")
    return assumptions.use("emptied-instances") == "released" or open_


def unless_emptied(question: StepQuestion, judged: StepResult, assumptions: Assumptions) -> StepResult:
    """The step as far as it is known when emptied instances may be gone: nothing of it is sure.

    What not even an empty instance of any type takes still finds no room.
    """
    if not (judged.outcome.fits or judged.outcome.fails) or not type_may_change(question, assumptions):
        return judged
    if judged.outcome.fails and not any(most for _, most in question.slots):
        return judged
    return weakened(judged, Reason.EMPTIED)


def never_known(question: StepQuestion, assumptions: Assumptions) -> bool:
    """Whether nothing of the step is sure, whatever comes of it on the instances that run now."""
    return any(most for _, most in question.slots) and type_may_change(question, assumptions)


def if_reached(judged: StepResult, forward: tuple[StepResult, ...], known: int) -> StepResult:
    """A refusal stands only from a moment that some world reaches; of others nothing is known for sure.

    That a step works in some world says nothing of one before it, unless that works in all of them. The first
    ``known`` steps are known to be done in some world.
    """
    after = judged.step.after_step
    reached = after <= known or all(one.outcome.fits for one in forward[1:after])
    return judged if reached or not judged.outcome.fails else weakened(judged, Reason.NOT_REACHED)


def _slots_of_emptied(question: StepQuestion) -> set[tuple[int, int]]:
    """How many copies of the step an empty instance takes at least and at most, of each type.

    Types on which no such copy may lie, none that has left and none that may be launched for, do not count:
    none of them is emptied, or launched.
    """
    fleet, step = question.fleet, question.step
    pools = set(range(len(fleet.pools)))
    if not may_come(step.existing):
        moved = (one for one in step.existing if one.departed or one.where is not Scope.RUNNING)
        needs = (step.need, *(one.component.need for one in moved))
        pools = {n for need in needs for n in usable(fleet, need)}
    return {question.slots[n] for n in pools}
