"""Hold a verdict's findings, duration and assumptions against its phases."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from icplan.assumptions import BY_NAME
from icplan.rules.registry import BY_CONFIGURATION, RULES
from icplan.verdict.verdict import Outcome, Severity
from icplan.verify.result import require

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from icplan.packing.problem import Vector
    from icplan.verify.premises import PhaseProblems, Premises, ProblemContext


def check_phases_agree(asked: Sequence[PhaseProblems], *, same_need: bool) -> None:
    """Raise `Rejected` unless the phases differ in the copies of the changed component alone.

    ``same_need`` tells that its new copies reserve what the old ones do.
    """
    for before, after in itertools.pairwise(asked):
        same = before.ground.types == after.ground.types and before.ground.box == after.ground.box
        same = same and before.ground.unit == after.ground.unit
        require(same, "its phases speak of other instance types or amounts")
        require(
            _others_held(before) == _others_held(after), "its phases speak of other copies that are there"
        )
    taken: list[set[tuple[Vector | None, ...]]] = [set(), set()]
    for questions in asked:
        taken[questions.moment.back].add(questions.ground.demands)
    ahead, back = taken
    require(len(ahead) <= 1 and len(back) <= 1, "what a copy takes differs from phase to phase")
    if same_need:
        back = ahead
    for questions in asked if back else ():
        known = {
            pair
            for demands in (*back, *(ahead if questions.moment.back else ()))
            for pair in enumerate(demands)
        }
        own = {pair for setting in questions.settings for pair in setting.own}
        require(own <= known, "copies that are there take something else")
    settings = [(questions.component, setting) for questions in asked for setting in questions.settings[:1]]
    for (_, one), (_, other) in itertools.pairwise(settings):
        require(_instances(one) == _instances(other), "its phases speak of other instances")
        require(one.offers_agree(other), "its phases speak of instances that offer other things")
    full = [(name, setting) for name, setting in settings if not setting.bare]
    for (name, setting), (_, following) in itertools.pairwise(full):
        same = _others(name, setting) == _others(name, following)
        require(same, "its phases speak of other copies beside them")


def _others_held(questions: PhaseProblems) -> list[dict[str, int]]:
    name = questions.component
    return [{k: n for k, n in holds.items() if k != name} for holds in questions.ground.holds]


def _instances(setting: ProblemContext) -> list[tuple[int | None, int]]:
    return [(pool, count) for pool, count, _ in setting.runs]


def _others(name: str, setting: ProblemContext) -> dict[object, int]:
    return {lies: count for lies, count in setting.copies.items() if lies[0] != name}


_AMOUNT = re.compile(r"(?P<type>.+): (?P<low>[\d.]+) to (?P<high>[\d.]+) (?P<unit>cores|MiB)")


#: Names of amounts, in the order of a vector, with their units and how many of those make one.
_AMOUNTS = (("allocatable-cpu", "cores", 1000), ("allocatable-memory", "MiB", 1))


#: The finding that it is not told how many instances are of which type; then no amount is assumed.
_UNCOUNTED = "ICP316"


def check_assumptions(verdict: Mapping[str, Any], asked: Sequence[Sequence[PhaseProblems]]) -> None:
    """Raise `Rejected` unless assumptions are named once, turn the outcome, and are those of the evidence.

    ``asked`` has the problems of each change.
    """
    outcome, assumptions = Outcome(verdict["Outcome"]), verdict["Assumptions"]
    amounts = {name for name, _, _ in _AMOUNTS}
    names = Counter((one["Name"], one["Value"].rpartition(":")[0]) for one in assumptions)
    require(all(count == 1 for count in names.values()), "an assumption is named twice")
    for one in assumptions:
        turned = [Outcome(other) for other in one["Otherwise"].values()]
        require(outcome not in turned, "an assumption is said to turn the outcome into what it is")
        require(one["Value"] not in one["Otherwise"], "an assumption is said to turn itself")
        known = BY_NAME.get(one["Name"])
        if known is not None and not known.share:
            require(
                {one["Value"], *one["Otherwise"]} <= set(known.choices), "an assumption has no such value"
            )
            require(one["Basis"] == known.basis, "an assumption rests on something else")
        require(one["ReliedOn"] or not (turned or one["Threshold"]), "what is not relied on turns nothing")
        alone = one["Name"] in amounts and len(verdict["Changes"]) == 1
        require(alone or one["Threshold"] is None, "a threshold is told of what has none")
    told = {(one["Name"], *_amount(one["Value"])) for one in assumptions if one["Name"] in amounts}
    shown = [set(_known(questions[0].ground)) for questions in asked if questions]
    if len(asked) == 1 and shown:
        uncounted = any(f["Rule"] == _UNCOUNTED for f in verdict["Changes"][0]["Findings"])
        require(
            told == shown[0] or (uncounted and not told), "the amounts assumed are not those of the evidence"
        )
    elif len(shown) == sum(bool(change["Phases"]) for change in verdict["Changes"]):
        require(told <= set().union(*shown), "the amounts assumed are not those of the evidence")


def _amount(value: str) -> tuple[str, Fraction, Fraction, str]:
    match = _AMOUNT.fullmatch(value)
    if match is None:
        raise ValueError(value)
    return match["type"], Fraction(match["low"]), Fraction(match["high"]), match["unit"]


def _known(ground: Premises) -> Iterator[tuple[str, str, Fraction, Fraction, str]]:
    for pool, kind in enumerate(ground.types):
        for (name, unit, parts), (low, high) in zip(_AMOUNTS, ground.side(pool), strict=True):
            each = ground.unit if unit == "cores" else 1
            yield name, kind, Fraction(round(low * each), parts), Fraction(round(high * each), parts), unit


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


_OTHER = "the duration is not that of its batches"


def check_duration(change: Mapping[str, Any], assumed: Mapping[str, str]) -> None:
    """Raise `Rejected` unless the duration, or that there is none, follows from the phases."""
    duration, phases, before = change["Duration"], change["Phases"], change["Copies"]["Before"]
    steps = [phase for phase in phases if phase["Name"].startswith("step ")]
    if duration is None:
        single = all(p["NewCopies"]["After"] - p["NewCopies"]["Before"] == 1 for p in steps)
        alone = assumed["update-without-deployment-config"] == "one-by-one" and single
        require(alone or not steps, "a rolling update has no duration")
        return
    update, back = duration["Update"], duration["Rollback"]
    require(change["RollbackOutcome"] is not None, "what does not roll has a duration")
    require(steps or phases[0]["Kind"] == "steady", "what does not roll has a duration")
    require(update["Batches"] == len(steps), _OTHER)
    for name in ("WaitSeconds", "StartLimitSeconds"):
        for pace in (update, back):
            require(pace[name] >= 0 and not pace[name] % max(1, pace["Batches"]), _OTHER)
    if steps:
        wait = update["WaitSeconds"] * back["Batches"] == back["WaitSeconds"] * update["Batches"]
        require(wait, "the batches of a rollback wait otherwise than those of the update")
    first = [
        p["OldCopies"]["After"] for p in phases if p["Kind"] == "rollback" and not p["OldCopies"]["Before"]
    ]
    batches = {-(-before // copies) for copies in first}
    require(0 < back["Batches"] <= before and batches <= {back["Batches"]}, _OTHER)
