"""Whether an outcome has the findings that go with it, and remedies where there may be some."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from icplan.rules import BY_CONFIGURATION, RULES
from icplan.verdict import Outcome, Severity
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: The rule that says why an outcome is no other, by its first characters, and how much it matters.
_WHY = {
    Outcome.INVALID: ("ICP1", Severity.ERROR),
    Outcome.BLOCKED: ("ICP2", Severity.ERROR),
    Outcome.DOES_NOT_FIT: ("ICP3", Severity.ERROR),
    Outcome.UNDECIDED: ("ICP309", Severity.WARNING),
    Outcome.MAY_NOT_FIT: ("ICP3", Severity.WARNING),
    Outcome.FITS_AFTER_SCALE_OUT: ("ICP505", Severity.NOTE),
}
_RULE = re.compile("ICP[1-6][0-9]{2}")
_ROLLBACK, _STEPS, _ROOM = "ICP402", "ICP401", "ICP308"
_LIMITS = {"ICP501", "ICP502", "ICP503", "ICP504", "ICP507"}
#: That it is not known which instances run, or what a copy reserves; then not all that goes with an outcome
#: is said.
_OTHERS = "ICP315"
#: That another value of an assumption gives another outcome, and that a part of the snapshot does not apply.
GUESS, UNSURE, NAMED = "ICP321", "ICP320", "ICP323"
#: That a component has failed: whether that refuses a change is an assumption.
_FAILED = "ICP202"
_DOUBTS = {_OTHERS, "ICP316", "ICP317", GUESS, UNSURE, NAMED}


def check_findings(change: Mapping[str, Any], ignored: Collection[str]) -> None:
    """Raise `Rejected` unless findings and remedies are such as go with the outcome."""
    found = {(finding["Rule"], Severity(finding["Severity"])) for finding in change["Findings"]}
    rules, outcome = {rule for rule, _ in found}, Outcome(change["Outcome"])
    require(not rules & set(ignored), "a rule is ignored and found")

    def said(rule: str, severity: Severity) -> bool:
        return any(name.startswith(rule) and how is severity for name, how in found)

    def may_be(rule: str, severity: Severity) -> bool:
        return said(rule, severity) or any(name.startswith(rule) for name in ignored)

    ahead = [Outcome(phase["Outcome"]) for phase in change["Phases"] if phase["Kind"] != "rollback"]
    worst = Outcome.worst(ahead)
    doubted = worst.fails or bool(_DOUBTS & (rules | set(ignored)))
    for each in {outcome, Outcome.worst(ahead)} if ahead else {outcome}:
        if each in _WHY and not (doubted and each.fits):
            require(may_be(*_WHY[each]), f"no finding says why it is {each}")
    for stops in (Outcome.BLOCKED, Outcome.INVALID):
        if said(*_WHY[stops]):
            require(outcome.rank <= stops.rank, f"a finding says that it is {stops}")
    short = any(said(rule, Severity.ERROR) for rule in ("ICP3", "ICP4", "ICP5"))
    require(not short or Outcome.DOES_NOT_FIT in ahead, "a finding says that it does not fit")
    if ahead and not worst.fits and not doubted and worst is not Outcome.UNDECIDED and len(ahead) > 1:
        require(_STEPS in rules | set(ignored), "no finding counts the steps")
    require(_STEPS not in rules or (len(ahead) > 1 and not worst.fits), "a finding counts other steps")
    if ahead and "ICP505" in rules and not doubted:
        require(worst is Outcome.FITS_AFTER_SCALE_OUT, "a finding tells of other instances")
    back = change["RollbackOutcome"]
    goes_back = back is None or Outcome(back).fits
    require(goes_back or doubted or _ROLLBACK in rules | set(ignored), "no finding tells of the rollback")
    require(not goes_back or _ROLLBACK not in rules, "a finding says that it may not go back")
    softened = worst is not Outcome.DOES_NOT_FIT or bool(_DOUBTS & (rules | set(ignored)))
    for finding in change["Findings"]:
        _severe(finding, rules | set(ignored), softened=softened)
    _figures(change, ignored)
    _helped(change, outcome)


def _severe(finding: Mapping[str, Any], rules: Collection[str], *, softened: bool) -> None:
    """A finding matters as much as its rule; one of capacity less, where it does not decide."""
    require(_RULE.fullmatch(finding["Rule"]), "a finding is by no rule")
    rule, severity = RULES.get(finding["Rule"]), Severity(finding["Severity"])
    if rule is None or severity is rule.severity:
        return
    capacity = finding["Rule"].startswith(("ICP3", "ICP4", "ICP5"))
    step = (rule.severity, severity)
    may = capacity and softened and step == (Severity.ERROR, Severity.WARNING)
    may = may or (finding["Rule"] == _OTHERS and step == (Severity.WARNING, Severity.NOTE))
    may = may or (finding["Rule"] == _FAILED and step == (Severity.ERROR, Severity.WARNING))
    by_another = UNSURE in rules and rule.id in BY_CONFIGURATION
    may = may or (by_another and step == (Severity.ERROR, Severity.WARNING))
    require(may, f"{finding['Rule']} is said to matter otherwise than it does")


def _figures(change: Mapping[str, Any], ignored: Collection[str]) -> None:
    """Figures of findings that the first of the worst steps has, too."""
    rules = {finding["Rule"] for finding in change["Findings"]}
    ahead = [phase for phase in change["Phases"] if phase["Kind"] != "rollback"]
    if not ahead or _DOUBTS & (rules | set(ignored)):
        return
    worst = min(ahead, key=lambda phase: Outcome(phase["Outcome"]).rank)
    for finding in change["Findings"]:
        need, have = finding["Need"], finding["Have"]
        if finding["Rule"] in _LIMITS and finding["Unit"] == "instances":
            same = need == worst["InstancesNeeded"] and change["InstancesNow"] <= have < need
            require(same, "a finding counts other instances")
        if finding["Rule"] == _ROOM and need is not None:
            proof = worst["Proof"]
            require((need, have) == (proof["Need"], proof["Fails"]["Room"]), "a finding counts other copies")


def _helped(change: Mapping[str, Any], outcome: Outcome) -> None:
    """What would work is proposed of what may fail alone, and is better."""
    remedies, tried = change["Remedies"], change["Tried"]
    back = change["RollbackOutcome"]
    # What fits may fail by what a pipeline asks besides; what is refused now may be waited for.
    short = outcome is Outcome.FITS_AFTER_SCALE_OUT or (back is not None and not Outcome(back).fits)
    waits = outcome is Outcome.BLOCKED and all(remedy["Kind"] == "wait" for remedy in remedies)
    may = outcome in (Outcome.DOES_NOT_FIT, Outcome.MAY_NOT_FIT) or (outcome.fits and short)
    require(
        may or (waits and not tried) or not (remedies or tried), "nothing needs a remedy, or none can help"
    )
    require(not (remedies and tried), "what was tried is told where something helps")
    for remedy in remedies:
        better = Outcome(remedy["Outcome"])
        doubtful = outcome is Outcome.DOES_NOT_FIT and better is Outcome.MAY_NOT_FIT
        require(better.fits or doubtful, "a remedy does not help")
        # What is done first makes it take other instances.
        for patch in () if remedy["Before"] or len(remedy["Patch"]) > 1 else remedy["Patch"]:
            value, peak = patch.get("value"), change["PeakInstances"]
            most = value.get("MaxInstanceCount", peak) if isinstance(value, dict) else peak
            require(peak in (None, most), "a remedy allows other instances than the change takes")
