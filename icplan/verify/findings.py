"""Findings, their cause and remedies against the outcome and the phases."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from icplan.rules.registry import BY_CONFIGURATION, RULES
from icplan.verdict.evidence import SomeWorlds
from icplan.verdict.finding import Severity
from icplan.verdict.gate import AT_ONCE, BASE_NOT_IN_SERVICE, BY_VALUE, OUT_OF_BOUNDS, RAISED
from icplan.verdict.outcome import Outcome
from icplan.verify.cause import LIMITS, check_cause
from icplan.verify.peak import instances_needed
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Collection

    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding

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


#: That it is not known which instances run, or what a copy reserves; then not all that goes with an outcome
#: is said.
_OTHERS = "ICP315"


#: That another value of an assumption gives another outcome, and that a part of the snapshot does not apply.
GUESS, UNSURE, NAMED = "ICP321", "ICP320", "ICP323"


#: That more instances are wanted than managed scaling allows: another configuration may, and places all anew.
_SCALING = {"ICP501", "ICP504", "ICP507"}


#: That a component has failed: whether that refuses a change is an assumption.
_FAILED = "ICP202"


#: Findings on the request and the state that need none of capacity beside them: whether AWS takes it is open.
_NOT_KNOWN = {OUT_OF_BOUNDS, BASE_NOT_IN_SERVICE}


#: That a deployment is to change a member of a component that no update has.
_IN_PLACE = "ICP408"


_DOUBTS = {
    _OTHERS,
    "ICP310",
    "ICP316",
    "ICP317",
    GUESS,
    UNSURE,
    NAMED,
    BY_VALUE,
    AT_ONCE,
    RAISED,
} | _NOT_KNOWN


def check_findings(change: ChangeVerdict, ignored: Collection[str]) -> None:
    """Raise `Rejected` unless findings and remedies are such as go with the outcome."""
    require(not {one.rule for one in change.findings} & set(ignored), "a rule is ignored and found")
    ignored = frozenset((*ignored, *(one.rule for one in change.left_out)))
    findings = _Findings(change, ignored)
    findings.require_reasons()
    findings.require_none_worse()
    findings.require_steps()
    findings.require_rollback()
    findings.require_severities()
    told = change.at_rest is not None or change.diagnosis
    blocked = change.outcome is Outcome.BLOCKED
    require(not told or blocked, "what is under way is told of what is not blocked")
    _figures(change, ignored)
    check_cause(change, told=not (LIMITS & ignored or findings.are_doubts))
    _helped(change, change.outcome)


@attrs.frozen
class _Findings:
    """The findings of one change, held against its outcome and its phases; some rules are ``ignored``."""

    change: ChangeVerdict
    ignored: frozenset[str]

    @cached_property
    def rules(self) -> frozenset[str]:
        """The rules that are found."""
        return frozenset(one.rule for one in self.change.findings)

    @cached_property
    def known(self) -> frozenset[str]:
        """The rules that are found, or may be, since nothing is said of them."""
        return self.rules | self.ignored

    @property
    def are_doubts(self) -> bool:
        """Whether one may say that less is sure than the phases show."""
        return bool(_DOUBTS & self.known)

    @cached_property
    def ahead(self) -> list[Outcome]:
        """The outcomes of going forward."""
        return [phase.outcome for phase in self.change.phases if phase.kind != "rollback"]

    @cached_property
    def worst(self) -> Outcome:
        """The worst of them."""
        return Outcome.worst(self.ahead)

    @cached_property
    def doubted(self) -> bool:
        """Whether not all need be said that goes with an outcome."""
        return self.worst.fails or self.are_doubts

    def _said(self, rule: str, severity: Severity) -> bool:
        return any(one.rule.startswith(rule) and one.severity is severity for one in self.change.findings)

    def require_reasons(self) -> None:
        """Raise `Rejected` where no finding says why an outcome is no better."""
        # With other values of a parameter it does not fail: what is found with these matters less.
        of_phases = {self.worst} if self.ahead and BY_VALUE not in self.rules else set()
        for each in {self.change.outcome} | of_phases:
            if each in _WHY and not (self.doubted and each.fits):
                require(self._explained(each), f"no finding says why it is {each}")

    def _explained(self, outcome: Outcome) -> bool:
        rule, severity = _WHY[outcome]
        others = {Outcome.MAY_NOT_FIT: _NOT_KNOWN, Outcome.INVALID: {_IN_PLACE}}.get(outcome, set())
        left_out = any(name.startswith(rule) for name in self.ignored)
        return bool(others & self.known) or self._said(rule, severity) or left_out

    def require_none_worse(self) -> None:
        """Raise `Rejected` where a finding says that the outcome is worse than it is."""
        for stops in (Outcome.BLOCKED, Outcome.INVALID):
            if self._said(*_WHY[stops]):
                require(self.change.outcome.rank <= stops.rank, f"a finding says that it is {stops}")
        errors = {one.rule for one in self.change.findings if one.severity is Severity.ERROR} - {_IN_PLACE}
        short = any(name.startswith(("ICP3", "ICP4", "ICP5")) for name in errors)
        require(not short or Outcome.DOES_NOT_FIT in self.ahead, "a finding says that it does not fit")

    def require_steps(self) -> None:
        """Raise `Rejected` unless findings on the steps of a change go with what they come to."""
        ahead, worst = self.ahead, self.worst
        several = len(ahead) > 1 and not worst.fits
        if several and not self.doubted and worst is not Outcome.UNDECIDED:
            require(_STEPS in self.known, "no finding counts the steps")
        require(_STEPS not in self.rules or several, "a finding counts other steps")
        if ahead and "ICP505" in self.rules and not self.doubted:
            require(worst is Outcome.FITS_AFTER_SCALE_OUT, "a finding tells of other instances")

    def require_rollback(self) -> None:
        """Raise `Rejected` unless a finding tells of a rollback that may not fit, and of no other."""
        back = self.change.rollback_outcome
        goes_back = back is None or back.fits
        told = goes_back or self.doubted or _ROLLBACK in self.known
        require(told, "no finding tells of the rollback")
        require(not goes_back or _ROLLBACK not in self.rules, "a finding says that it may not go back")

    def require_severities(self) -> None:
        """Raise `Rejected` where a finding matters otherwise than its rule does."""
        softened = self.worst is not Outcome.DOES_NOT_FIT or self.are_doubts
        for finding in self.change.findings:
            _severe(finding, self.known, softened=softened)


def _severe(finding: Finding, rules: Collection[str], *, softened: bool) -> None:
    """A finding matters as much as its rule; one of capacity less, where it does not decide."""
    require(_RULE.fullmatch(finding.rule), "a finding is by no rule")
    rule, severity = RULES.get(finding.rule), finding.severity
    if rule is None or severity is rule.severity:
        return
    capacity = finding.rule.startswith(("ICP3", "ICP4", "ICP5"))
    step = (rule.severity, severity)
    may = capacity and softened and step == (Severity.ERROR, Severity.WARNING)
    may = may or (finding.rule == _OTHERS and step == (Severity.WARNING, Severity.NOTE))
    may = may or (finding.rule == _FAILED and step == (Severity.ERROR, Severity.WARNING))
    by_another = BY_VALUE in rules or (UNSURE in rules and rule.id in BY_CONFIGURATION)
    may = may or (by_another and step == (Severity.ERROR, Severity.WARNING))
    require(may, f"{finding.rule} is said to matter otherwise than it does")


def _figures(change: ChangeVerdict, ignored: Collection[str]) -> None:
    """Figures of findings that the steps have, too.

    How many instances a new configuration takes, which places all copies anew, no step tells.
    """
    rules = {finding.rule for finding in change.findings}
    ahead = [phase for phase in change.phases if phase.kind != "rollback"]
    if not ahead or _DOUBTS & (rules | set(ignored)):
        return
    worst = min(ahead, key=lambda phase: phase.outcome.rank)
    for finding in change.findings:
        need, have = finding.need, finding.have
        if finding.rule in LIMITS and finding.unit == "instances":
            told = need is not None and have is not None and change.instances_now is not None
            counted = [phase.instances_needed for phase in ahead]
            for_all = max((one for one in counted if one is not None), default=None)
            anew = finding.rule in _SCALING and None not in counted
            same = told and (anew or need == (for_all if None not in counted else worst.instances_needed))
            require(
                same and (change.instances_now or 0) <= (have or 0) < (need or 0),
                "a finding counts other instances",
            )
        if finding.rule == _ROOM and need is not None:
            shown = isinstance(worst.proof, SomeWorlds) and (worst.proof.need, worst.proof.fails.room)
            require((need, have) == shown, "a finding counts other copies")


def _helped(change: ChangeVerdict, outcome: Outcome) -> None:
    """What would work is proposed of what may fail alone, and is better."""
    remedies, tried = change.remedies, change.tried
    back, rest = change.rollback_outcome, change.at_rest
    # What is refused now may be waited for, or is helped once it is at rest: of what comes of it then.
    waits = outcome is Outcome.BLOCKED and all(remedy.kind == "wait" for remedy in remedies)
    later = [remedy.once_at_rest for remedy in remedies]
    if any(later):
        blocked = outcome is Outcome.BLOCKED and rest is not None and all(later)
        require(blocked, "nothing is under way that a remedy waits for")
        outcome = rest.outcome if rest is not None else outcome
    # What fits may fail by what a pipeline asks besides.
    short = outcome is Outcome.FITS_AFTER_SCALE_OUT or (back is not None and not back.fits)
    may = outcome in (Outcome.DOES_NOT_FIT, Outcome.MAY_NOT_FIT) or (outcome.fits and short)
    require(
        may or (waits and not tried) or not (remedies or tried), "nothing needs a remedy, or none can help"
    )
    require(not (remedies and tried), "what was tried is told where something helps")
    for remedy in remedies:
        better = remedy.outcome
        doubtful = outcome is Outcome.DOES_NOT_FIT and better is Outcome.MAY_NOT_FIT
        require(better.fits or doubtful, "a remedy does not help")
        again = not remedy.relaunches or better is Outcome.FITS_AFTER_SCALE_OUT
        require(again, "a remedy launches instances again, and none is launched")
        # What is done first makes it take other instances.
        more = remedy.before or remedy.request_patch or len(remedy.patch) > 1
        for patch in () if more else remedy.patch:
            value, peak = patch.get("value"), instances_needed(change)
            most = value.get("MaxInstanceCount", peak) if isinstance(value, dict) else peak
            # Where what runs is placed anew for it, more may be needed than by the change alone.
            enough = peak is None or (isinstance(most, int) and most >= peak)
            require(enough, "a remedy allows fewer instances than the change takes")
