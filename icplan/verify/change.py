"""Whether a change's phases are those it takes, each is proven, and its figures and outcome are theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icplan.verdict.verdict import Outcome
from icplan.verify.consistency import GUESS, NAMED, UNSURE, check_duration, check_findings, check_phases_agree
from icplan.verify.evidence import check_evidence
from icplan.verify.expected_phases import expected_phases
from icplan.verify.premises import PhaseProblems, Premises
from icplan.verify.result import MALFORMED, Checked, Rejected, Result, require

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from icplan.verify.expected_phases import ExpectedPhase

    Data = Mapping[str, Any]

_FIGURES = ("Copies", "InstancesNow", "PeakInstances", "FinalInstances", "RollbackOutcome", "Duration")


def check_change(
    change: Data, assumed: Mapping[str, str], ignored: Collection[str]
) -> tuple[list[Checked], list[PhaseProblems]]:
    """The results for one change, and the problems that its evidence poses.

    ``assumed`` gives the value of each assumption, ``ignored`` the rules whose findings are left out.
    """
    outcome = Outcome(change["Outcome"])
    if change["InferenceComponentName"] is None:
        return _of_the_endpoint(change, outcome), []
    name = str(change["InferenceComponentName"])
    phases, found, asked = change["Phases"], list[Checked](), list[PhaseProblems]()
    try:
        if not phases:
            found.append(Checked(name, "no phases", outcome, *_nothing(change, outcome)))
        else:
            placing = iter(expected_phases(change, assumed))
            for phase in phases:
                moment = None if phase["Kind"] == "steady" else next(placing)
                found.append(_phase(name, phase, moment, asked))
            _figures(change, phases)
            check_phases_agree(
                asked, same_need=change["Operation"] == "UpdateInferenceComponentRuntimeConfig"
            )
            check_duration(change, assumed)
        _outcomes(change, outcome)
        check_findings(change, ignored)
    except Rejected as error:
        found.append(Checked(name, "all phases", outcome, Result.REJECTED, str(error)))
    return [checked for checked in found if checked.phase != "no phases" or checked.reason], asked


def _of_the_endpoint(change: Data, outcome: Outcome) -> list[Checked]:
    """Of a change of the endpoint no evidence is given."""
    name = str(change.get("EndpointName", change.get("EndpointConfigName")))
    if change["Phases"]:
        reason = "a change of the endpoint places no component"
        return [Checked(name, "all phases", outcome, Result.REJECTED, reason)]
    stopped = outcome in (Outcome.INVALID, Outcome.BLOCKED)
    reason = "" if stopped else "what an endpoint is to run is told without evidence"
    return [Checked(name, "no phases", outcome, Result.UNPROVEN, reason)] if reason else []


def _nothing(change: Data, outcome: Outcome) -> tuple[Result, str]:
    """Of a change that was not placed."""
    require(all(change[name] is None for name in _FIGURES), "figures are given of what was not placed")
    stopped = outcome in (Outcome.INVALID, Outcome.BLOCKED)
    return Result.UNPROVEN, "" if stopped else "nothing is placed, nothing is shown"


def _phase(name: str, phase: Data, moment: ExpectedPhase | None, asked: list[PhaseProblems]) -> Checked:
    outcome, label = Outcome(phase["Outcome"]), str(phase["Name"])
    try:
        unproven = None
        if moment is None:
            _check_rest(phase)
        else:
            unproven = _check_placed(name, phase, moment, asked)
    except (Rejected, *MALFORMED) as error:
        reason = str(error) if isinstance(error, Rejected) else "the evidence is malformed"
        return Checked(name, label, outcome, Result.REJECTED, reason)
    return Checked(name, label, outcome, Result.UNPROVEN if unproven else Result.VERIFIED, unproven or "")


def _check_rest(phase: Data) -> None:
    empty = all(phase[member] is None for member in ("Placement", "Proof", "OldCopies", "NewCopies"))
    rests = phase["Outcome"] == Outcome.FITS and phase["InstancesNeeded"] == phase["InstancesNow"]
    require(empty and rests, "more than rest is claimed")


def _check_placed(name: str, phase: Data, moment: ExpectedPhase, asked: list[PhaseProblems]) -> str | None:
    outcome, now, needed = Outcome(phase["Outcome"]), phase["InstancesNow"], phase["InstancesNeeded"]
    enough = needed is None or (needed == now if outcome is Outcome.FITS else needed > now)
    if phase["Proof"] is None:
        # Of a step that fits if what may be gone comes back, no more is known than of one that fits.
        doubtful = outcome is Outcome.FITS_AFTER_SCALE_OUT and needed == now
        require(enough or doubtful, "the instances needed are those of another outcome")
        return "no proof is given"
    require(enough, "the instances needed are those of another outcome")
    relaxed = phase["Proof"]["Kind"] == "no-world"
    tired = asked[0].tired if asked else []
    ground = Premises.of(phase["Proof"])
    questions = PhaseProblems(ground, name, moment, now, relaxed=relaxed, tired=tired)
    asked.append(questions)
    return check_evidence(outcome, phase, questions)


def _figures(change: Data, phases: Sequence[Data]) -> None:
    """The instances of a change are those of its phases."""
    now = change["InstancesNow"]
    require(all(phase["InstancesNow"] == now for phase in phases), "its phases begin with other instances")
    ahead = [phase for phase in phases if phase["Kind"] != "rollback"]
    needed = [phase["InstancesNeeded"] for phase in ahead]
    peak = None if None in needed else max(needed)
    require(change["PeakInstances"] == peak, "the peak is not that of its phases")
    final = change["FinalInstances"]
    if final is None:
        return
    require(all(Outcome(phase["Outcome"]).fits for phase in ahead), "an end is told of what may not fit")
    types = {len(phase["Proof"].get("Types", ())) for phase in ahead if phase["Proof"] is not None}
    require(final >= 0 and (types != {1} or final <= peak), "it ends with more instances than it takes")


def _outcomes(change: Data, outcome: Outcome) -> None:
    """The outcome is that of the worst step ahead, unless the request or the state stops it."""
    phases = change["Phases"]
    back = [Outcome(phase["Outcome"]) for phase in phases if phase["Kind"] == "rollback"]
    claimed = change["RollbackOutcome"]
    same = claimed is None or Outcome(claimed) is Outcome.worst(back)
    require(same, f"the worst rollback phase says {Outcome.worst(back)}")
    if outcome is Outcome.INVALID:
        require(not phases, "what is invalid is not placed")
    if outcome in (Outcome.INVALID, Outcome.BLOCKED):
        return
    ahead = Outcome.worst(Outcome(phase["Outcome"]) for phase in phases if phase["Kind"] != "rollback")
    alone = not phases and outcome is Outcome.UNDECIDED
    open_ = {finding["Rule"] for finding in change["Findings"]} & {GUESS, UNSURE, NAMED}
    lowered = bool(open_) and outcome in (Outcome.MAY_NOT_FIT, Outcome.UNDECIDED) and not ahead.fails
    require(outcome is ahead or alone or lowered, f"the worst phase says {ahead}")
