"""A deployment judged for every value that its parameters may have: one verdict for each endpoint.

It fits where it fits with all of them, and fails where it fails with all. Else it may not fit, and what it
turns on is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from icplan.inputs.deployment import Aside, Deployment, Parameter
from icplan.judge.declared_endpoint import Judging
from icplan.judge.deployment import judge_deployment
from icplan.judge.fixes_made import fixes_made_in_each
from icplan.verdict.finding import Finding, Severity
from icplan.verdict.gate import BY_VALUE
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from icplan.inputs.deployment import Tried
    from icplan.inputs.per_parameter_value import Reading, Readings
    from icplan.inputs.place import Place
    from icplan.judge.declared_endpoint import JudgedEndpoint
    from icplan.judge.settings import Settings
    from icplan.packing.budget import Budget
    from icplan.snapshot.snapshot import Snapshot
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.verdict import AssumptionUse, Verdict

_FOLLOWS_FAILURE: Final = "ICP407"
_MAX_NAMED: Final = 6


@attrs.frozen
class JudgedFiles:
    """The verdict on each endpoint that files declare, and what they declare, whatever the values."""

    endpoints: list[JudgedEndpoint]
    deployment: Deployment
    all_judged: bool


@attrs.frozen
class _Case:
    """An endpoint with certain values; ``judged`` is None where nothing is done on it."""

    tried: Mapping[str, Tried]
    judged: JudgedEndpoint | None

    @property
    def outcome(self) -> Outcome:
        return self.judged.verdict.outcome if self.judged else Outcome.FITS


def judge_readings(
    readings: Readings, snapshot: Snapshot | None, settings: Settings, budget: Budget | None = None
) -> JudgedFiles:
    """The verdict on each endpoint that anything is done on.

    All values are one question, with one ``budget``; without it there is what the settings allow.
    """
    whole = budget or settings.budget()
    if len(readings.all) == 1:
        (only,) = readings.all
        judged = judge_deployment(only.deployment, snapshot, settings, whole)
        return JudgedFiles(judged, only.deployment, only.deployment.all_judged)

    def judge(reading: Reading) -> dict[_Key, JudgedEndpoint]:
        found = judge_deployment(reading.deployment, snapshot, settings, whole, makes_fixes=False)
        return {_key(one): one for one in found}

    every = [(reading, judge(reading)) for reading in readings.all]
    keys = dict.fromkeys(key for _, by_key in every for key in by_key)
    endpoints, notes = [], []
    for key in keys:
        cases = [_Case(reading.tried, by_key.get(key)) for reading, by_key in every]
        if readings.wide:
            cases += _between(cases, readings, key, judge)
        one, shown = _together(cases, readings, settings)
        each = [case.judged for case in cases if case.judged is not None]
        one = fixes_made_in_each(_with_units_of(cases, one), each, snapshot, Judging(settings, whole))
        endpoints.append(one)
        notes += [shown] if shown else []
    first = readings.all[0].deployment
    told = [note for reading in readings.all for note in reading.deployment.notes]
    deployment = attrs.evolve(
        first, parameters=_parameters(readings.all), notes=(*dict.fromkeys(told), *notes)
    )
    judged_all = all(one.deployment.all_judged for one in readings.all)
    return JudgedFiles(endpoints, deployment, judged_all)


def _with_units_of(cases: Sequence[_Case], shown: JudgedEndpoint) -> JudgedEndpoint:
    """The endpoint with the units of work that all its cases took."""
    units = sum(case.judged.verdict.units or 0 for case in cases if case.judged is not None)
    return attrs.evolve(shown, verdict=attrs.evolve(shown.verdict, units=units))


_Key: TypeAlias = "tuple[str, str | None]"


def _key(judged: JudgedEndpoint) -> _Key:
    """What tells an endpoint from the others, whatever the values: what its file calls it, and that file."""
    call = judged.endpoint.call
    return judged.endpoint.label, call.place("$").file if call else None


def _between(
    cases: Sequence[_Case],
    readings: Readings,
    key: _Key,
    judge: Callable[[Reading], Mapping[_Key, JudgedEndpoint]],
) -> Iterator[_Case]:
    """Cases between those given that tell up to which number of copies it fits."""
    tried = {name for case in cases for name in case.tried}
    fitting = [case for case in cases if case.outcome.fits]
    if tried != readings.wide or len(tried) > 1 or not fitting or len(fitting) == len(cases):
        return
    (name,) = tried
    low = max(int(str(case.tried[name])) for case in fitting)
    high = min((n for c in cases if (n := int(str(c.tried[name]))) > low and c not in fitting), default=low)
    while high - low > 1:
        middle = (low + high) // 2
        reading = readings.at({name: str(middle)})
        case = _Case(reading.tried, judge(reading).get(key))
        yield case
        low, high = (middle, high) if case.outcome.fits else (low, middle)


def _together(
    cases: Sequence[_Case], readings: Readings, settings: Settings
) -> tuple[JudgedEndpoint, str | None]:
    """The verdict on all cases, shown on one of them, and a note that says which."""
    there = [case for case in cases if case.judged is not None]
    failing = [case for case in cases if case.outcome.fails]
    rank = {id(case): case.outcome.rank for case in there}
    if failing and len(failing) == len(cases):
        shown = max(there, key=lambda case: rank[id(case)])
        return _judged_of(shown), _shown_with(shown, "best", cases)
    shown = min(there, key=lambda case: rank[id(case)])
    if not failing:
        return _judged_of(shown), _shown_with(shown, "worst", cases)
    rest = Outcome.worst(case.outcome for case in cases if not case.outcome.fails)
    outcome = Outcome.worst((rest, Outcome.MAY_NOT_FIT))
    return _turning(shown, cases, readings, outcome, settings), None


def _judged_of(case: _Case) -> JudgedEndpoint:
    if case.judged is None:
        raise AssertionError  # only cases with a verdict are shown
    return case.judged


def _shown_with(shown: _Case, which: str, cases: Sequence[_Case]) -> str | None:
    if len({case.outcome for case in cases}) == 1 and not shown.tried:
        return None
    name = _judged_of(shown).endpoint.name
    return Aside(f"{name} is judged for {len(cases)} values; shown is the {which}, with {_told(shown.tried)}")


def _told(tried: Mapping[str, Tried]) -> str:
    return ", ".join(f"{name}={value}" for name, value in tried.items())


def _turning(
    shown: _Case, cases: Sequence[_Case], readings: Readings, outcome: Outcome, settings: Settings
) -> JudgedEndpoint:
    """A verdict that fails with these values alone: what it turns on is said at the first that fails."""
    judged = _judged_of(shown)
    changes: list[ChangeVerdict] = []
    said = BY_VALUE in settings.ignore
    for number, change in enumerate(judged.verdict.changes):
        findings = [_lessened(one, shown.tried) for one in change.findings if one.rule != _FOLLOWS_FAILURE]
        if not change.outcome.fails:
            changes.append(attrs.evolve(change, findings=tuple(findings)))
            continue
        if not said:
            findings.insert(0, _found(cases, judged, number, readings))
            said = True
        changes.append(attrs.evolve(change, outcome=outcome, findings=tuple(findings)))
    verdict = attrs.evolve(judged.verdict, changes=tuple(changes))
    verdict = attrs.evolve(verdict, assumptions=tuple(_turned(verdict, outcome)))
    return attrs.evolve(judged, verdict=verdict)


def _turned(verdict: Verdict, outcome: Outcome) -> Iterator[AssumptionUse]:
    for one in verdict.assumptions:
        kept = {value: other for value, other in one.otherwise.items() if other is not outcome}
        yield attrs.evolve(one, otherwise=kept)


def _lessened(finding: Finding, tried: Mapping[str, Tried]) -> Finding:
    """A finding that holds with these values alone."""
    if finding.severity is not Severity.ERROR:
        return finding
    return attrs.evolve(finding, severity=Severity.WARNING, message=f"with {_told(tried)}: {finding.message}")


def _found(cases: Sequence[_Case], judged: JudgedEndpoint, number: int, readings: Readings) -> Finding:
    message, largest = _what_fits(cases)
    path, place = _where(judged, number, [*cases[0].tried], readings)
    return Finding(
        BY_VALUE,
        Severity.WARNING,
        message,
        path=path,
        file=place.file,
        line=place.line,
        column=place.column,
        largest_that_works=largest,
    )


def _what_fits(cases: Sequence[_Case]) -> tuple[str, int | None]:
    """With which values it fits, and with which it does not; of numbers, the largest that works."""
    fitting = [case for case in cases if case.outcome.fits]
    others = [case for case in cases if not case.outcome.fits]
    names = {name for case in cases for name in case.tried}
    numbers = [_number(case, next(iter(names))) for case in cases] if len(names) == 1 else [None]
    if fitting and None not in numbers:
        (name,) = names
        most = max(_number(case, name) or 0 for case in fitting)
        least = min(_number(case, name) or 0 for case in others)
        if most < least:
            up_to = f"{name} up to {most} fits" if len(fitting) > 1 else f"{name}={most} fits"
            return f"{up_to}; {_listed(others)}", most
    return "; ".join(part for part in (_listed(fitting), _listed(others)) if part), None


def _listed(cases: Sequence[_Case]) -> str:
    """What comes of these cases, those of one outcome together."""
    parts = []
    for outcome in dict.fromkeys(case.outcome for case in cases):
        alike = [_told(case.tried) for case in cases if case.outcome is outcome]
        more = len(alike) - _MAX_NAMED
        named = " or ".join(alike[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"{_VERBS[outcome]} with {named}")
    return "; ".join(parts)


_VERBS: Final = {
    Outcome.FITS: "it fits",
    Outcome.FITS_AFTER_SCALE_OUT: "it fits after scale-out",
    Outcome.MAY_NOT_FIT: "it may not fit",
    Outcome.UNDECIDED: "it is undecided",
    Outcome.DOES_NOT_FIT: "it does not fit",
    Outcome.BLOCKED: "it is blocked",
    Outcome.INVALID: "it is invalid",
}


def _number(case: _Case, name: str) -> int | None:
    text = str(case.tried.get(name))
    return int(text) if text.isascii() and text.isdigit() else None


def _where(
    judged: JudgedEndpoint, number: int, names: Sequence[str], readings: Readings
) -> tuple[str, Place]:
    """Where a parameter is used in the change, else in the fleet; else where the change stands."""
    declared = set()
    for source in readings.sources:
        for name in names:
            mark = source.place((0, "Parameters", name))
            declared |= {(source.file, mark)} if mark else set()
    call, configuration = judged.calls[number], judged.endpoint.configuration
    for one in (call, *([configuration] if configuration else [])):
        for steps, place in one.places.items():
            from_there = {(other.file, (other.line, other.column)) for other in place.related}
            here = (place.file, place.line, place.column) in readings.places
            if steps and (here or from_there & declared):
                return _json_path(steps), place
    return "$", call.place("$")


def _json_path(steps: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in steps)


def _parameters(readings: Sequence[Reading]) -> dict[str, Parameter]:
    """The parameters of all readings; of what was tried, every value."""
    told: dict[str, Parameter] = {}
    for reading in readings:
        told |= {name: one for name, one in reading.deployment.parameters.items() if one.origin != "tried"}
    tried: dict[str, dict[str, None]] = {}
    for reading in readings:
        for name, value in reading.tried.items():
            tried.setdefault(name, {})[str(value)] = None
    return told | {name: Parameter(", ".join(values), "tried") for name, values in tried.items()}
