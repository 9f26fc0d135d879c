"""The report model, made from verdicts, the calls behind them and the gate that they meet."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import attrs

from icplan.inputs.place import Place
from icplan.report.model import Answer, Declared, Headline, Report, ReportedChange, ReportedFinding, outcomes
from icplan.verdict.gate import STRICT, Gate
from icplan.verdict.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from icplan.inputs.deployment import DeclaredCall, Deployment
    from icplan.judge.declared_endpoint import JudgedEndpoint
    from icplan.requests.call import Call
    from icplan.verdict.change_verdict import ChangeVerdict
    from icplan.verdict.finding import Finding
    from icplan.verdict.verdict import Verdict


def report_of(verdict: Verdict, gate: Gate | None = None, calls: Sequence[Call] = ()) -> Report:
    """The report of a verdict on requests; ``calls`` tell the lines of its changes."""
    places = [_place_in_request(change, call) for change, call in _beside(verdict, calls)]
    report = _report(verdict, gate or Gate(), places)
    read = (attrs.evolve(one, source=(one.judged.file, one.judged.path)) for one in report.changes)
    return attrs.evolve(report, changes=tuple(read))


def answer_of(
    judged: Sequence[JudgedEndpoint], deployment: Deployment, files: Sequence[str], gate: Gate
) -> Answer:
    """The answer to what the files of a deployment declare."""
    reports = tuple(_declared_report(one, gate) for one in judged)
    declared = Declared(deployment.kind, tuple(files), deployment.parameters, deployment.notes)
    return Answer(reports, declared, (STRICT,) if gate.strict and not reports else ())


def _declared_report(judged: JudgedEndpoint, gate: Gate) -> Report:
    """What is judged as a new endpoint has no snapshot, but for the one made of what is declared."""
    report = _report(judged.verdict, gate, list(_places(judged)))
    headline = attrs.evolve(report.headline, new_endpoint=judged.new)
    return attrs.evolve(report, headline=headline, new=judged.new)


def _beside(verdict: Verdict, calls: Sequence[Call]) -> Iterator[tuple[ChangeVerdict, Call | None]]:
    for number, change in enumerate(verdict.changes):
        yield change, calls[number] if number < len(calls) else None


def _place_in_request(change: ChangeVerdict, call: Call | None) -> Callable[[Finding | None], Place]:
    def place(finding: Finding | None) -> Place:
        if finding is not None and finding.line is not None:
            return Place(finding.file, finding.line, finding.column)
        file = change.file if finding is None else finding.file or change.file
        # Of what is undecided the time is used up: its lines are not looked for.
        looks = call is not None and change.outcome is not Outcome.UNDECIDED
        where = call.locate(call.path) if call is not None and call.locate and looks else None
        line, column = where or (None, None)
        return Place(file, line, column)

    return place


def _places(judged: JudgedEndpoint) -> Iterator[Callable[[Finding | None], Place]]:
    """For each change, where it and its findings stand among the files."""
    configuration = judged.endpoint.configuration

    def place_by(call: DeclaredCall) -> Callable[[Finding | None], Place]:
        def place(finding: Finding | None) -> Place:
            path = finding.path if finding is not None else None
            fleet = path is not None and path.startswith("$.ProductionVariants")
            of = configuration if fleet and configuration is not None else call
            return of.place(path or "$")

        return place

    return (place_by(call) for call in judged.calls)


def _report(verdict: Verdict, gate: Gate, places: Sequence[Callable[[Finding | None], Place]]) -> Report:
    identity = verdict.snapshot
    endpoint = identity.endpoint_name
    fingerprints = _Fingerprints(endpoint)
    changes = tuple(
        _change(number, verdict, place, gate, fingerprints) for number, place in enumerate(places)
    )
    headline = Headline(
        *outcomes(changes),
        endpoint,
        identity.taken_at,
        identity.fingerprint is None,
        identity.account_id,
        identity.region,
    )
    return Report(
        headline,
        changes,
        rests_on=tuple(one for one in verdict.assumptions if one.relied_on),
        ignored={**verdict.ignored, **dict(_left_out(verdict))},
        config=verdict.config,
        verdict=verdict,
        failed_on=gate.failed_on(verdict),
        passed_by=gate.passed_by(verdict),
        fixed=None if gate.baseline is None else gate.baseline.fixed(verdict),
    )


def _left_out(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What is left out of single changes, with the reasons."""
    for change in verdict.changes:
        for one in change.left_out:
            yield (one.shown if one.file else f"{one.rule} of {change.subject}"), one.reason


def _change(
    number: int,
    verdict: Verdict,
    place: Callable[[Finding | None], Place],
    gate: Gate,
    fingerprints: _Fingerprints,
) -> ReportedChange:
    change, endpoint = verdict.changes[number], verdict.snapshot.endpoint_name
    declared = place(None)
    matched = () if gate.baseline is None else gate.baseline.matched(change, endpoint)

    hidden = {id(one) for one in change.hidden}
    reasons = {one.rule: one.reason for one in change.left_out}

    def ignored(finding: Finding) -> str | None:
        here = reasons.get(finding.rule) if id(finding) in hidden else None
        return verdict.ignored.get(finding.rule) or here

    def reported(finding: Finding) -> ReportedFinding:
        return ReportedFinding(
            finding,
            place(finding),
            fingerprints.of(finding, change, declared),
            ignored(finding),
            any(finding is one for one in matched),
        )

    return ReportedChange(
        number + 1,
        len(verdict.changes),
        change,
        declared,
        tuple(map(reported, change.findings)),
        tuple(map(reported, change.hidden)),
        gate.failed_by(change, endpoint),
        gate.baseline is not None and gate.baseline.knows(change, endpoint),
    )


@attrs.define
class _Fingerprints:
    """What tells one finding from another, from run to run: no line and no figure is in it."""

    endpoint: str
    seen: dict[str, int] = attrs.field(factory=dict)

    def of(self, finding: Finding, change: ChangeVerdict, declared: Place) -> str:
        """SHA-256 of the rule, the component and the member; the second of the same is told apart."""
        component = declared.address or change.inference_component_name
        member = (finding.path or "").removeprefix(change.path or "$")
        key = json.dumps([finding.rule, self.endpoint, component, member])
        number = self.seen[key] = self.seen.get(key, 0) + 1
        text = key if number == 1 else f"{key}#{number}"
        return hashlib.sha256(text.encode()).hexdigest()
