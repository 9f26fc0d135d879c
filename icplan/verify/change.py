"""Whether a change's phases are those it takes, each is proven, and its figures and outcome are theirs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from icplan.verdict.evidence import Malformed
from icplan.verdict.gate import AT_ONCE, BASE_NOT_IN_SERVICE, BY_VALUE, OUT_OF_BOUNDS, RAISED
from icplan.verdict.outcome import Outcome
from icplan.verify.consistency import check_duration, check_phases_agree, check_premises
from icplan.verify.endpoint import check_endpoint
from icplan.verify.evidence import Effort, check_alone, check_needed, check_proof, check_rest
from icplan.verify.findings import GUESS, NAMED, UNSURE, check_findings
from icplan.verify.peak import check_peak
from icplan.verify.phases import expected_phases
from icplan.verify.result import Checked, Rejected, Result, checked, require

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.phase import Phase
    from icplan.verify.courses import CourseChain
    from icplan.verify.phases import ExpectedPhase

#: What is said of a phase that does not tell what it stands on, as files did not that were written once.
NO_PREMISES, NO_STEP = "no premises", "it is not told which step it is"


#: The assumptions on which it hangs which phases there are.
KNOWN = {"update-to-fewer-copies", "update-without-deployment-config"}


def check_change(
    change: ChangeVerdict, assumed: Mapping[str, str], ignored: Collection[str], chain: CourseChain
) -> list[Checked]:
    """The results for one change.

    ``assumed`` has the value of each assumption, ``ignored`` the rules whose findings are left out; ``chain``
    tries every course of it. No proof is checked past the chain's time.
    """
    name, outcome, found = change.inference_component_name, change.outcome, list[Checked]()
    if not name:
        return check_endpoint(change, chain)
    try:
        if not change.phases:
            found.extend(_nothing(change))
        else:
            require(set(assumed) >= KNOWN, "not every assumption is told")
            numbered = all(phase.step or phase.kind == "steady" for phase in change.phases)
            steps = expected_phases(change, assumed) if numbered else ()
            placing, effort = iter(steps), Effort(lambda: chain.explored(change), chain.until)
            for phase in change.phases:
                step = None if phase.kind == "steady" else next(placing, None)
                check = functools.partial(_unproven, name, phase, step, effort)
                found.append(checked(name, phase.name, phase.outcome, check))
            _figures(change)
            ways = [(phase.premises, phase.kind == "rollback") for phase in change.phases]
            check_phases_agree(change, [(one, back) for one, back in ways if one is not None])
            if numbered:
                check_duration(change, assumed)
        chain.agrees(change)
        _outcomes(change)
        check_findings(change, ignored)
    except Rejected as error:
        found.append(Checked(name, "all phases", outcome, Result.REJECTED, str(error)))
    return found


def _nothing(change: ChangeVerdict) -> list[Checked]:
    """Of a change that was not placed."""
    figures = (change.copies, change.instances_now, change.peak_instances, change.final_instances)
    empty = all(one is None for one in (*figures, change.rollback_outcome, change.duration))
    require(empty, "figures are given of what was not placed")
    if change.outcome in (Outcome.INVALID, Outcome.BLOCKED):
        return []
    name, reason = change.inference_component_name, "nothing is placed, nothing is shown"
    return [Checked(name, "no phases", change.outcome, Result.UNPROVEN, reason)]


def _unproven(name: str, phase: Phase, step: ExpectedPhase | None, effort: Effort) -> str | None:
    """Check a phase at which copies are placed, or merely run; say what is not proven."""
    if phase.kind == "steady":
        check_rest(phase)
        return None
    check_needed(phase)
    proof, premises = phase.proof, phase.premises
    if proof is not None and not isinstance(proof, Malformed):
        if premises is None or step is None:
            check_alone(proof, effort)
            return NO_PREMISES if premises is None else NO_STEP
        check_premises(name, phase, premises, step)
    return check_proof(name, phase, effort)


def _figures(change: ChangeVerdict) -> None:
    """The instances of a change are those of its phases."""
    now, final = change.instances_now, change.final_instances
    require(
        all(phase.instances_now == now for phase in change.phases), "its phases begin with other instances"
    )
    ahead = [phase for phase in change.phases if phase.kind != "rollback"]
    peak = change.peak_instances
    check_peak(change, ahead)
    if final is None:
        return
    require(all(phase.outcome.fits for phase in ahead), "an end is told of what may not fit")
    types = {len(phase.premises.pools) for phase in ahead if phase.premises is not None}
    require(types != {1} or (peak is not None and final <= peak), "it ends with more instances than it takes")


_BESIDE_STEPS = {BY_VALUE, AT_ONCE, RAISED, OUT_OF_BOUNDS, BASE_NOT_IN_SERVICE}


def _outcomes(change: ChangeVerdict) -> None:
    """The outcome is that of the worst step ahead, unless the request or the state stops it.

    What stops for what is under way has the outcome of its steps once it has ended.
    """
    phases, rest = change.phases, change.at_rest
    outcome = change.outcome if rest is None or not phases else rest.outcome
    back = Outcome.worst(phase.outcome for phase in phases if phase.kind == "rollback")
    require(change.rollback_outcome in (None, back), f"the worst rollback phase says {back}")
    same = rest is None or not phases or rest.rollback_outcome is change.rollback_outcome
    require(same, "at rest it goes back otherwise than its phases say")
    if outcome is Outcome.INVALID:
        require(not phases, "what is invalid is not placed")
    if outcome in (Outcome.INVALID, Outcome.BLOCKED):
        return
    ahead = Outcome.worst(phase.outcome for phase in phases if phase.kind != "rollback")
    alone = not phases and outcome is Outcome.UNDECIDED
    open_ = {finding.rule for finding in change.findings} & {GUESS, UNSURE, NAMED}
    unsure = outcome in (Outcome.MAY_NOT_FIT, Outcome.UNDECIDED)
    lowered = unsure and (bool(open_) and not ahead.fails)
    # The steps are those with one value of a parameter, with others it does not fail; or what else is under
    # way, or comes of itself, stands in no step.
    lowered = lowered or (unsure and any(finding.rule in _BESIDE_STEPS for finding in change.findings))
    require(outcome is ahead or alone or lowered, f"the worst phase says {ahead}")


def check_sequence(changes: Sequence[ChangeVerdict], ignored: Collection[str]) -> None:
    """Raise `Rejected` unless a component has as many copies as the last change of it leaves.

    A change after one that fails must say so. ``ignored`` are the rules whose findings are left out. What is
    refused now, and judged at rest, comes after all that is before it in the set.
    """
    fails = [False, *(change.outcome.fails for change in changes)]
    there: dict[str, int] = {}
    for failed, change in zip(fails, changes, strict=False):
        said = any(finding.rule == _AFTER_FAILURE for finding in change.findings)
        here = {one.rule for one in change.left_out}
        apart = change.outcome is Outcome.INVALID or change.at_rest is not None
        silent = apart or _AFTER_FAILURE in {*ignored, *here}
        require(said is failed or (failed and silent), "a change follows another than it says")
        if change.copies is None or change.at_rest is not None:
            continue
        name, (before, after) = change.inference_component_name, change.copies
        require(there.get(name, before) == before, f"{name} has other copies than are left of it")
        there[name] = before if change.outcome.fails else after


#: That the change before it fails.
_AFTER_FAILURE = "ICP407"
